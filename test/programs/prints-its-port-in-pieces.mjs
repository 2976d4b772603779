// Prints a port in pieces that arrive apart, and more after it; a character of the next line is cut in two.
const euro = Buffer.from('€');
for (const piece of ['30', '000', '\nafter ', euro.subarray(0, 2), euro.subarray(2), '\r', '\nend']) {
  process.stdout.write(piece);
  await new Promise((resolve) => setTimeout(resolve, 20));
}
