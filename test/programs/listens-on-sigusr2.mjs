// Listens nowhere until it gets SIGUSR2, then on a port of its own choice, which it prints.
import { createServer } from 'node:net';
process.on('SIGUSR2', () => {
  const server = createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
});
setInterval(() => {}, 1000);
console.log('ready');
