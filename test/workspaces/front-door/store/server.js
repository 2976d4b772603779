// An API server: counters that other services share. GET /count/NAME adds one and answers with the sum; GET /quit ends it.
import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { port: { type: 'string', default: '8090' } } });
const counters = new Map();

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://store');
  if (pathname === '/quit') {
    response.end('Good night.\n', () => server.close());
    server.closeIdleConnections();
    return;
  }
  const name = /^\/count\/(\w+)$/.exec(pathname)?.[1];
  if (name === undefined) {
    response.writeHead(404).end('There is /count/NAME, and /quit.\n');
    return;
  }
  const sum = (counters.get(name) ?? 0) + 1;
  counters.set(name, sum);
  response.setHeader('Content-Type', 'application/json');
  response.end(JSON.stringify({ name, sum }));
});

server.listen(Number(values.port), '127.0.0.1', () => console.log(`counting at ${values.port}`));
