// A small web server that says who answered. Try /, /events and /crash.

import { createServer } from 'node:http';
import { page } from './page.js';

const host = '127.0.0.1';
const service = 'web';
let port = Number(process.env.PORT ?? 0);
let requests = 0;

/** Answers one request. A good line for a breakpoint. */
function handleRequest(request, response) {
  requests += 1;
  const { pathname } = new URL(request.url, 'http://web');
  console.error(`${request.method} ${pathname} (request ${requests})`);

  if (pathname === '/events') return sendEvents(request, response);
  if (pathname === '/crash') throw new Error('Somebody asked for /crash');

  const who = { service, pid: process.pid, port, requests, greeting: process.env.GREETING ?? 'Hello' };
  const wantsPage = (request.headers.accept ?? '').includes('text/html');
  response.writeHead(200, {
    'content-type': wantsPage ? 'text/html; charset=utf-8' : 'application/json',
    'cache-control': 'no-store',
  });
  response.end(wantsPage ? page(who) : `${JSON.stringify(who)}\n`);
}

/** Server-sent events: one at once, then one a second for as long as somebody listens. */
function sendEvents(request, response) {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  let count = 0;
  const send = () => {
    count += 1;
    response.write(`data: ${JSON.stringify({ service, pid: process.pid, port, count })}\n\n`);
  };
  send();
  const timer = setInterval(send, 1000);
  request.on('close', () => clearInterval(timer));
}

const server = createServer(handleRequest);

server.listen(port, host, () => {
  port = server.address().port;
  console.error(`web listens on http://${host}:${port}`);
});

process.on('SIGTERM', () => {
  console.error('web says goodbye');
  server.close(() => process.exit(0));
  server.closeAllConnections();
});
