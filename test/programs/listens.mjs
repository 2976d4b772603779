// Listens on the host it is given, on a port of its own choice, and prints the port.
import { createServer } from 'node:net';
const server = createServer((socket) => socket.end()).listen(0, process.argv[2], () =>
  console.log(server.address().port),
);
