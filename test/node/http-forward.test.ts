/** How requests and responses pass through a door: bytes, heads, streams. Real sockets on both sides. */

import assert from 'node:assert/strict';
import { request as send, type IncomingMessage } from 'node:http';
import { test } from 'node:test';
import { bodyOf, echo, gate, gullible, instance, Log, openDoor, RawClient } from './http-support.ts';

const options = { timeout: 60_000 };

/** A gullible instance that records what it gets and answers each request the same. */
async function recorder(t: Parameters<typeof gullible>[0], answer: string) {
  const seen = new Log<string>();
  const port = await gullible(t, (socket) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk.toString('latin1');
      if (!text.includes('\r\n\r\n')) return;
      seen.push(text);
      text = '';
      socket.write(answer, 'latin1');
    });
  });
  return { port, seen };
}

test('a request reaches the instance byte for byte, but for what belongs to each hop', options, async (t) => {
  const { port, seen } = await recorder(t, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send(
    'GET /a%20b/../c;d?q=%zz|{} HTTP/1.1\r\nhOsT: web.localhost\r\nX-Two: 1\r\nCookie: a=\xe9\r\n' +
      'x-two: 2\r\nConnection: keep-alive, X-Hop\r\nX-Hop: no\r\nKeep-Alive: 9\r\n\r\n',
  );
  await client.until('\r\n\r\n');
  assert.equal(
    seen.items[0],
    'GET /a%20b/../c;d?q=%zz|{} HTTP/1.1\r\nhOsT: web.localhost\r\nX-Two: 1\r\nCookie: a=\xe9\r\nx-two: 2\r\n' +
      'X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: http\r\nX-Forwarded-Host: web.localhost\r\n' +
      'Connection: keep-alive\r\n\r\n',
  );
});

test('a response comes back with order, case, repetition, reason and own date', options, async (t) => {
  const { port } = await recorder(
    t,
    'HTTP/1.1 209 Odd \xe9 Reason\r\nSet-Cookie: a=1\r\nDATE: yesterday\r\nX-a: \xe9\r\nset-cookie: b=2\r\n' +
      'Connection: X-Hop\r\nX-Hop: no\r\nContent-Length: 2\r\n\r\nhi',
  );
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.equal(
    await client.until('hi'),
    'HTTP/1.1 209 Odd \xe9 Reason\r\nSet-Cookie: a=1\r\nDATE: yesterday\r\nX-a: \xe9\r\nset-cookie: b=2\r\n' +
      'Content-Length: 2\r\nConnection: keep-alive\r\nKeep-Alive: timeout=65\r\n\r\nhi',
  );
});

test(
  'a response without a date gets one, as every recipient with a clock must see to',
  options,
  async (t) => {
    const { port } = await recorder(t, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    assert.match(await client.until('\r\n\r\n'), /^Date: .* GMT\r$/mu);
  },
);

test('methods without a body announce none, and those that have an empty one say so', options, async (t) => {
  const { port, seen } = await recorder(t, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
  const { door } = await openDoor(t, port);
  for (const method of ['GET', 'DELETE', 'OPTIONS', 'POST', 'PATCH', 'PROPFIND']) {
    const client = new RawClient(t, door.port).send(`${method} / HTTP/1.1\r\nHost: localhost\r\n\r\n`);
    await client.until('\r\n\r\n');
  }
  assert.deepEqual(
    seen.items.map((text) => [text.split(' ')[0], /content-length|transfer-encoding/iu.exec(text)?.[0]]),
    [
      ['GET', undefined],
      ['DELETE', undefined],
      ['OPTIONS', undefined],
      ['POST', 'Content-Length'],
      ['PATCH', 'Content-Length'],
      ['PROPFIND', 'Content-Length'],
    ],
  );
});

test('a request is reported once, after its response, and its instance is free again', options, async (t) => {
  const port = await instance(t, echo);
  const { url, requests, done } = await openDoor(t, port);
  const response = await fetch(`${url}/path?query`, { method: 'POST', body: 'x' });
  await response.text();
  assert.deepEqual(await requests.length(1), [
    { service: 'api', instance: 'api.0', method: 'POST', path: '/path', status: 200 },
  ]);
  assert.deepEqual(done.items, ['api.0']);
});

test('connections to the client and to the instance are used again', options, async (t) => {
  let connections = 0;
  const port = await instance(t, echo, (server) => server.on('connection', () => (connections += 1)));
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  for (let index = 0; index < 5; index += 1) {
    client.send(`POST /${index} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\n\r\n${index}`);
    await client.until(`"body":"${index}"}`);
  }
  assert.equal(connections, 1);
});

test('pipelined requests are answered in their order, one after the other', options, async (t) => {
  const slow = gate();
  const asked = new Log<string>();
  const port = await instance(t, (request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/1') void slow.opened.then(() => response.end(`one after ${asked.items.join()};`));
    else response.end('two');
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send('GET /1 HTTP/1.1\r\nHost: localhost\r\n\r\nGET /2 HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await asked.length(1);
  slow.open();
  assert.match(await client.until('two'), /one after \/1;[^]*two$/u);
});

test('the first piece of a response arrives before the second one is sent', options, async (t) => {
  const second = gate();
  const port = await instance(t, (_request, response) => {
    response.write('first;');
    void second.opened.then(() => response.end('second'));
  });
  const { url } = await openDoor(t, port);
  const reader = (await fetch(url)).body!.pipeThrough(new TextDecoderStream()).getReader();
  assert.equal((await reader.read()).value, 'first;');
  second.open();
  assert.equal((await reader.read()).value, 'second');
});

test('an event stream delivers its head and each event while it is open', options, async (t) => {
  const events = [gate(), gate(), gate()] as const;
  const port = await instance(t, (_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.flushHeaders();
    events.forEach((event, index) => void event.opened.then(() => response.write(`data: ${index}\n\n`)));
  });
  const { url } = await openDoor(t, port);
  // The head arrives although no event has been sent.
  const response = await fetch(url);
  assert.equal(response.headers.get('content-type'), 'text/event-stream');
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  for (const [index, event] of events.entries()) {
    event.open();
    assert.equal((await reader.read()).value, `data: ${index}\n\n`);
  }
  await reader.cancel();
});

test('the first piece of a request arrives before the second one is sent', options, async (t) => {
  const pieces = new Log<string>();
  const port = await instance(t, (request, response) => {
    request.on('data', (chunk: Buffer) => pieces.push(chunk.toString()));
    request.on('end', () => response.end());
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nfirst\r\n');
  assert.deepEqual(await pieces.length(1), ['first']);
  client.send('6\r\nsecond\r\n0\r\n\r\n');
  await client.until('\r\n\r\n');
  assert.deepEqual(pieces.items, ['first', 'second']);
});

test('an instance may answer to the head of a request before any of its body', options, async (t) => {
  const port = await instance(t, (_request, response) => response.end('enough'));
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
  await client.until('enough');
});

test(
  'an instance may answer while the request is still being sent, in both directions at once',
  options,
  async (t) => {
    const port = await instance(t, (request, response) => void request.pipe(response));
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nping\r\n');
    await client.until('ping');
    client.send('4\r\npong\r\n0\r\n\r\n');
    await client.until('pong');
    await client.until('0\r\n\r\n');
  },
);

test('trailers pass in both directions', options, async (t) => {
  const port = await instance(t, (request, response) => {
    request.resume().on('end', () => {
      response.writeHead(200, { Trailer: 'X-Sum' });
      response.write('body');
      response.addTrailers({ 'X-Sum': [request.headers['te'], ...request.rawTrailers].join(' ') });
      response.end();
    });
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send(
    'POST / HTTP/1.1\r\nHost: localhost\r\nTE: trailers\r\nConnection: TE\r\nTrailer: X-Mine\r\n' +
      'Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX-Mine: 7\r\n\r\n',
  );
  const head = await client.until('\r\n\r\n');
  assert.match(head, /^Trailer: X-Sum\r$/mu);
  assert.match(await client.until('\r\n\r\n'), /0\r\nX-Sum: trailers X-Mine 7\r\n\r\n$/u);
});

test('100 Continue comes from the instance, and only then the body is sent', options, async (t) => {
  const asked = gate();
  const port = await instance(t, echo, (server) => {
    server.on('checkContinue', (request, response) => {
      void asked.opened.then(() => response.writeContinue()).then(() => echo(request, response));
    });
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send('PUT / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
  asked.open();
  assert.equal(await client.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
  client.send('body');
  assert.match(await client.until('"body":"body"}'), /^HTTP\/1\.1 200 OK\r\n/u);
});

test('an instance that refuses an expected body says so, and the connection ends', options, async (t) => {
  const port = await instance(t, echo, (server) => {
    server.on('checkContinue', (_request, response) => {
      response.writeHead(413, { 'Content-Length': 2 });
      response.end('no');
    });
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send('PUT / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
  const answer = await client.rest();
  assert.match(answer, /^HTTP\/1\.1 413 Payload Too Large\r\n[^]*Connection: close\r\n[^]*no$/u);
});

test('hints that come ahead of a response are passed on', options, async (t) => {
  const port = await instance(t, (_request, response) => {
    response.writeEarlyHints({ link: '</a.css>; rel=preload; as=style' });
    response.end('done');
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
  assert.match(
    await client.until('done'),
    /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/a\.css>[^]*HTTP\/1\.1 200 OK/u,
  );
});

test('HEAD keeps the length and has no body; 204 and 304 have none either', options, async (t) => {
  const port = await instance(t, (request, response) => {
    if (request.url === '/head') response.writeHead(200, { 'Content-Length': 12 });
    if (request.url === '/204') response.writeHead(204);
    if (request.url === '/304') response.writeHead(304, { ETag: '"x"', 'Content-Length': 12 });
    response.end();
  });
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  const next = (method: string, path: string): Promise<string> =>
    client.send(`${method} ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`).until('\r\n\r\n');
  assert.match(await next('HEAD', '/head'), /200 OK\r\nContent-Length: 12\r\n/u);
  assert.doesNotMatch(await next('GET', '/204'), /Content-Length|Transfer-Encoding/u);
  assert.match(await next('GET', '/304'), /304 Not Modified\r\nETag: "x"\r\nContent-Length: 12\r\n/u);
  // Had any of them brought a body, this one would not begin with its own head.
  assert.match(await next('HEAD', '/head'), /^HTTP\/1\.1 200 OK/u);
});

test(
  'an HTTP/1.0 client gets a body that ends with the connection, and the instance a Host',
  options,
  async (t) => {
    const port = await instance(t, (request, response) => {
      response.write(`${request.headers.host};`);
      response.end('end');
    });
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send('GET / HTTP/1.0\r\n\r\n');
    const answer = await client.rest();
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/u);
    assert.doesNotMatch(answer, /Transfer-Encoding/u);
    assert.ok(answer.endsWith(`\r\n\r\n127.0.0.1:${port};end`));
  },
);

test('an HTTP/1.0 instance whose body ends with its connection is passed on whole', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.once('data', () => socket.end('HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nall of it'));
  });
  const { url } = await openDoor(t, port);
  assert.equal(await (await fetch(url)).text(), 'all of it');
});

test(
  'an absolute target reaches the instance as a path, with its own authority as Host',
  options,
  async (t) => {
    const { port, seen } = await recorder(t, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n');
    const { door, heads } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    client.send('GET http://other.test:81/a?b HTTP/1.1\r\nX: 1\r\nHost: Other.test:81\r\n\r\n');
    await client.until('\r\n\r\n');
    assert.equal(heads[0]?.target, '/a?b');
    assert.match(
      seen.items[0] ?? '',
      /^GET \/a\?b HTTP\/1\.1\r\nHost: other\.test:81\r\n(?![^]*Host: Other)/u,
    );
  },
);

test('OPTIONS for the whole server passes', options, async (t) => {
  const port = await instance(t, echo);
  const { door } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send('OPTIONS * HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await client.until('"target":"*"');
});

test('an instance on IPv6 or by name is reached as well', options, async (t) => {
  const port = await instance(t, echo);
  const { url } = await openDoor(t, port, { host: 'localhost' });
  assert.equal((await fetch(url)).status, 200);
});

test('compressed bodies stay compressed', options, async (t) => {
  const bytes = Buffer.from('1f8b0800000000000003cb48cdc9c9070086a6103605000000', 'hex');
  const port = await instance(t, (request, response) => {
    response.writeHead(200, { 'Content-Encoding': 'gzip', 'X-Asked': request.headers['accept-encoding'] });
    response.end(bytes);
  });
  const { door } = await openDoor(t, port);
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    send({ port: door.port, host: '127.0.0.1', headers: { 'Accept-Encoding': 'gzip' } }, resolve)
      .on('error', reject)
      .end();
  });
  assert.equal(await bodyOf(response), bytes.toString('latin1'));
  assert.equal(response.headers['x-asked'], 'gzip');
});
