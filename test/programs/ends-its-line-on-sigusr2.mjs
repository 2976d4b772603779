// Prints the beginning of a line, and the rest of it with another line once it gets SIGUSR2; then ends.
process.on('SIGUSR2', () => process.stdout.write('gun\nnext\n', () => process.exit()));
setInterval(() => {}, 1000);
process.stdout.write('be');
