// Serves HTTP on $PORT and says "got ID" of each request before it answers, in a way that survives a SIGKILL.
// `/slow?ms=300` takes its time. Signals end it at once: whoever stops it has to look after its requests.
import { writeSync } from 'node:fs';
import { createServer } from 'node:http';

const server = createServer((request, response) => {
  const url = new URL(request.url, 'http://here');
  const id = request.headers['x-id'];
  if (id !== undefined) writeSync(1, `got ${id}\n`);
  setTimeout(
    () => response.end(`${process.pid} ${request.method} ${url.pathname}`),
    Number(url.searchParams.get('ms') ?? 0),
  );
});
server.keepAliveTimeout = 60_000;
server.listen(Number(process.env.PORT), '127.0.0.1');
