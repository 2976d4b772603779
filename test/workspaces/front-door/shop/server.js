// The shop: a page that counts its visitors with the API server, an admin's page, and slow reports.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';

const { API_HOST = '127.0.0.1', API_PORT, PORT, BACKEND_ID, INSTANCE_ID } = process.env;
const who = BACKEND_ID === undefined ? `shop (pid ${process.pid})` : `${BACKEND_ID} ${INSTANCE_ID}`;

const pages = {
  '/_ah/start': () => 'started\n',
  '/_ah/stop': () => 'stopping\n',
  '/_ah/warmup': () => 'warm\n',
  '/admin': (request) => `Hello ${request.headers['x-appengine-user-email']}.\n`,
  '/reports/sales': async () => {
    await pause(2000);
    return `Nobody bought anything, says ${who}.\n`;
  },
  // With this header the front door shows the page of the error handler instead of what we say.
  '/broken': (_request, response) => {
    response.statusCode = 500;
    response.setHeader('X-Appengine-Error-Code', '1');
    return 'a stack trace that no customer should see\n';
  },
  '/': async () => {
    const answer = await fetch(`http://${API_HOST}:${API_PORT}/count/visitors`);
    const { sum } = await answer.json();
    return `<!doctype html><link rel="stylesheet" href="/static/shop.css"><h1>The shop</h1><p>You are visitor number ${sum}, served by ${who}.</p>`;
  },
};

const server = createServer(async (request, response) => {
  const { pathname } = new URL(request.url, 'http://shop');
  const page = pages[pathname];
  try {
    if (page === undefined) response.writeHead(404).end('There is no such page.\n');
    else response.end(await page(request, response));
  } catch (error) {
    console.error(error);
    if (!response.headersSent) response.writeHead(500);
    response.end('Something went wrong.\n');
  }
});

server.listen(Number(PORT), '127.0.0.1', () => console.log(`${who} listens`));
