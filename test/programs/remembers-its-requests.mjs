// An application that tells afterwards what it was asked. Answers on PORT: /heads with all requests it has had so far, as
// JSON, /hold (and what HOLD names) when somebody asks /release, /pid and everything else with its process id.
import { createServer } from 'node:http';

const heads = [];
const held = [];

const server = createServer((request, response) => {
  heads.push({ method: request.method, url: request.url, headers: request.headers });
  const { pathname } = new URL(request.url, 'http://here');
  if (pathname === '/heads') response.end(JSON.stringify(heads));
  else if (pathname === '/hold' || pathname === process.env.HOLD) held.push(response);
  else {
    if (pathname === '/release') for (const each of held.splice(0)) each.end(String(process.pid));
    response.end(String(process.pid));
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
