// An application that can be run as an API server, an app or a backend. Answers on PORT:
// /_ah/start with the next of START (statuses with commas; the last one stays), /env with its environment, /hold when
// somebody asks /release of it directly, /503 with 503 where INSTANCE_ID is 0, /garbage with no HTTP, /deaf by listening no more, /quit by ending
// (unless STAYS is set), and everything else with what it was sent. Prints a line for each request.
import { createServer } from 'node:http';

const starts = (process.env.START ?? '200').split(',').map(Number);
const held = [];
const who = `${process.env.BACKEND_ID ?? 'app'}.${process.env.INSTANCE_ID ?? '0'}`;

const answers = {
  '/_ah/start': (_request, response) =>
    response.writeHead(starts.length > 1 ? starts.shift() : starts[0]).end(),
  '/env': (_request, response) => response.end(JSON.stringify(process.env)),
  '/hold': (_request, response) => held.push(response),
  '/release': (_request, response) => {
    for (const each of held.splice(0)) each.end('released');
    response.end();
  },
  '/503': (request, response) => {
    if (process.env.INSTANCE_ID === '0') response.writeHead(503).end('not me');
    else echo(request, response);
  },
  '/deaf': (_request, response) => {
    response.end(() => server.closeAllConnections());
    server.close();
    // It lives on.
    setInterval(() => undefined, 60_000);
  },
  '/garbage': (request) => request.socket.end('what is this\r\n\r\n'),
  '/quit': (_request, response) => {
    response.end();
    if (process.env.STAYS === undefined) process.exit(0);
  },
};

function echo(request, response) {
  const body = [];
  request.on('data', (piece) => body.push(piece));
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/plain', 'X-Who': who, 'x-Odd-CASE': 'kept  as it is' });
    response.end(`${who} ${request.method} ${request.headers['x-mark'] ?? ''} ${Buffer.concat(body)}`);
  });
}

const server = createServer((request, response) => {
  console.log(`${request.method} ${request.url}`);
  (answers[request.url] ?? echo)(request, response);
});
server.listen(Number(process.env.PORT), 'localhost');
