// An old server from before $PORT was common. It prints its port for whoever started it, but greets first.

import { createServer } from 'node:http';

const host = '127.0.0.1';
const greets = !process.argv.includes('--no-banner');

const server = createServer((request, response) => {
  console.error(`${request.method} ${request.url}`);
  const who = { service: 'legacy', pid: process.pid, port: server.address().port };
  response.writeHead(200, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(who)}\n`);
});

if (greets) console.log('Legacy service 1.0 starting');
console.error('reading the old settings');

server.listen(Number(process.env.PORT ?? 0), host, () => {
  console.log(server.address().port);
  console.error('ready');
});

process.on('SIGTERM', () => {
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
