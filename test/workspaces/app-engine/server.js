import { createServer } from 'node:http';

const pages = ['/greeter/', '/counter/', '/news/', '/clock/', '/bell/', '/tools/'];

const server = createServer((request, response) => {
  const { pathname } = new URL(request.url, 'http://localhost');
  if (pathname === '/env') {
    response.setHeader('Content-Type', 'application/json');
    response.end(JSON.stringify(process.env));
  } else if (pathname.startsWith('/admin')) {
    response.end(`default has let ${request.headers['x-appengine-user-email'] ?? 'nobody'} in\n`);
  } else if (pathname.startsWith('/_ah/')) {
    response.end('ready\n');
  } else {
    response.setHeader('Content-Type', 'text/html; charset=utf-8');
    const links = [...pages, '/static/site.css', '/admin'].map((page) => `<li><a href="${page}">${page}</a>`);
    response.end(
      `<link rel="stylesheet" href="/static/site.css"><h1>default: ${process.env.GREETING}</h1><ul>${links.join('')}</ul>\n`,
    );
  }
});
server.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
