import { createServer } from 'node:http';
import { parseArgs } from 'node:util';

const { values } = parseArgs({ options: { name: { type: 'string' }, port: { type: 'string' } } });

// What it is told besides comes on its standard input.
let told = '';
for await (const chunk of process.stdin) told += chunk;

const server = createServer(({ url }, response) => {
  const { pathname } = new URL(url, 'http://localhost');
  if (pathname.endsWith('/env')) {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify({ ...process.env, told }));
  } else {
    response.end(pathname === '/ready' ? 'ready\n' : `tools ${values.name}: ${process.env.TOOLS}\n`);
  }
});
server.listen(Number(values.port), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
