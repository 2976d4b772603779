import { createServer } from 'node:http';

const server = createServer((_request, response) => {
  response.end(`Hello from Node.js ${process.versions.node}\n`);
});

server.listen(process.env.PORT, '127.0.0.1', () => console.error('web is ready'));
