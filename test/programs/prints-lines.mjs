// Prints line1 to lineN on stderr, the last without a newline.
const lines = Array.from({ length: Number(process.argv[2]) }, (_, index) => `line${index + 1}`);
process.stderr.write(lines.join('\n'));
