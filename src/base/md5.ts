/**
 * MD5 of bytes (RFC 1321), for ids that others have made of it for ever. It protects nothing: two texts with one MD5
 * are easily made.
 */

const turns = [7, 12, 17, 22, 5, 9, 14, 20, 4, 11, 16, 23, 6, 10, 15, 21] as const;
const constants = Int32Array.from({ length: 64 }, (_, at) =>
  Math.floor(Math.abs(Math.sin(at + 1)) * 2 ** 32),
);

/** The 16 bytes. */
export function md5(message: Uint8Array): Uint8Array {
  const words = padded(message);
  const state = Int32Array.of(0x67452301, 0xefcdab89 | 0, 0x98badcfe | 0, 0x10325476);
  for (let block = 0; block < words.length; block += 16) {
    let [a = 0, b = 0, c = 0, d = 0] = state;
    for (let step = 0; step < 64; step += 1) {
      const round = step >> 4;
      const [mixed, word] = mix(round, step, b, c, d);
      const sum = (a + mixed + (constants[step] ?? 0) + (words[block + word] ?? 0)) | 0;
      const turn = turns[round * 4 + (step & 3)] ?? 0;
      [a, d, c, b] = [d, c, b, (b + ((sum << turn) | (sum >>> (32 - turn)))) | 0];
    }
    for (const [at, value] of [a, b, c, d].entries()) state[at] = ((state[at] ?? 0) + value) | 0;
  }
  const digest = new DataView(new ArrayBuffer(16));
  for (const [at, value] of state.entries()) digest.setInt32(at * 4, value, true);
  return new Uint8Array(digest.buffer);
}

/** The round's function of the other three words, and which word of the block it takes. */
function mix(round: number, step: number, b: number, c: number, d: number): readonly [number, number] {
  switch (round) {
    case 0:
      return [(b & c) | (~b & d), step];
    case 1:
      return [(d & b) | (~d & c), (5 * step + 1) % 16];
    case 2:
      return [b ^ c ^ d, (3 * step + 5) % 16];
    default:
      return [c ^ (b | ~d), (7 * step) % 16];
  }
}

/** In words of four bytes: the message, a one, noughts, and its length in bits. */
function padded(message: Uint8Array): Int32Array {
  const blocks = ((message.length + 8) >> 6) + 1;
  const view = new DataView(new ArrayBuffer(blocks * 64));
  for (const [at, byte] of message.entries()) view.setUint8(at, byte);
  view.setUint8(message.length, 0x80);
  view.setUint32(view.byteLength - 8, (message.length * 8) >>> 0, true);
  view.setUint32(view.byteLength - 4, Math.floor(message.length / 2 ** 29), true);
  return Int32Array.from({ length: blocks * 16 }, (_, at) => view.getInt32(at * 4, true));
}
