// One Node library as a reverse proxy: `serve.mjs NAME UPSTREAM_PORT`. Each is set up as its own page recommends for
// speed: a keep-alive agent where there is one to give. Says `listening PORT`.

import { Agent, createServer } from 'node:http';

const [name, port] = process.argv.slice(2);
const target = `http://127.0.0.1:${port}`;
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 256 });

const peers = {
  async 'http-proxy-3'() {
    const { default: library } = await import('http-proxy-3');
    return around(library.createProxyServer({ target, agent, ws: true }));
  },
  async httpxy() {
    const { createProxyServer } = await import('httpxy');
    return around(createProxyServer({ target, agent, ws: true }));
  },
  async 'fast-proxy'() {
    const { default: fastProxy } = await import('fast-proxy');
    const { proxy } = fastProxy({ base: target });
    return listen(createServer((request, response) => proxy(request, response, request.url, {})));
  },
  async '@fastify/http-proxy'() {
    const { default: fastify } = await import('fastify');
    const { default: proxy } = await import('@fastify/http-proxy');
    const app = fastify({ bodyLimit: 64 * 1024 * 1024 });
    await app.register(proxy, { upstream: target, websocket: true });
    await app.listen({ host: '127.0.0.1', port: 0 });
    return app.server.address().port;
  },
};

function around(proxy) {
  // Without a listener, a client that leaves would end the whole program.
  proxy.on('error', (_error, _request, response) => response.destroy?.());
  const server = createServer((request, response) => void proxy.web(request, response, { target, agent }));
  // No keep-alive agent for upgrades: their connections never come back.
  server.on(
    'upgrade',
    (request, socket, head) => void proxy.ws(request, socket, { target, agent: undefined }, head),
  );
  return listen(server);
}

async function listen(server) {
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  return server.address().port;
}

console.log(`listening ${await peers[name]()}`);
