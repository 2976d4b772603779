/** Reads which files are in a zip, which is all that tests ask of one. */

const endOfDirectory = 0x06054b50;
const entryOfDirectory = 0x02014b50;

/** The names in a zip's central directory. Throws when it has none. */
export function filesInZip(zip: Buffer): string[] {
  const end = zip.lastIndexOf(Buffer.from(Uint32Array.of(endOfDirectory).buffer));
  if (end < 0) throw new Error('This is not a zip: it has no central directory.');
  const count = zip.readUInt16LE(end + 10);
  let at = zip.readUInt32LE(end + 16);
  return Array.from({ length: count }, () => {
    if (zip.readUInt32LE(at) !== entryOfDirectory) throw new Error(`The zip's directory is broken at ${at}.`);
    const [name, extra, comment] = [28, 30, 32].map((offset) => zip.readUInt16LE(at + offset)) as [
      number,
      number,
      number,
    ];
    const text = zip.toString('utf8', at + 46, at + 46 + name);
    at += 46 + name + extra + comment;
    return text;
  });
}
