// Each time it is sent a path, listens there if it can and answers "ok" or what stands against it; at "leave" it
// closes and leaves the file behind, as one does that is killed, and answers "left".
import { createServer, type Server } from 'node:net';
import { listenAtPath } from '../../src/host/unix-socket.ts';

let server: Server | undefined;
const answer = (text: string): void => void process.send?.(text);
process.on('message', (message: string) => {
  if (message === 'leave') {
    if (server?.listening === true) server.close(() => answer('left'));
    else answer('left');
    return;
  }
  server = createServer();
  listenAtPath(server, { path: message, mode: 0o700 }).then(
    () => answer('ok'),
    (error: unknown) => answer(error instanceof Error ? error.name : String(error)),
  );
});
answer('ready');
