// Prints the next number with each SIGUSR2, the even ones on stdout and the odd ones on stderr; "ready" before them.
let number = 0;
process.on('SIGUSR2', () => {
  (number % 2 === 0 ? process.stdout : process.stderr).write(`${number}\n`);
  number += 1;
});
setInterval(() => {}, 1000);
process.stdout.write('ready\n');
