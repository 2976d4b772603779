/** How exchanges end that do not end well: instances that fail, clients that leave, heads nobody should believe. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createDoors } from '../../src/node/http/doors.ts';
import { Exchange } from '../../src/node/http/exchange.ts';
import type { Decision } from '../../src/core/outside.ts';
import { gate, gullible, instance, Log, openDoor, RawClient } from './http-support.ts';

const options = { timeout: 60_000 };
const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

// ------------------------------------------------------------------------------------------------ instances

test('a refused connection is told as unreachable, and its answer is sent', options, async (t) => {
  // A port that was free a moment ago and is closed: the door's own, once the door is shut.
  const closed = await createDoors().open({ host: '127.0.0.1', port: 0, decide: () => never() });
  await closed.close();
  const { url, failures, done, requests } = await openDoor(t, closed.port, {
    failed: () => ({ status: 503, headers: [['Retry-After', '1']], body: 'not there' }),
  });
  const response = await fetch(url);
  assert.deepEqual(
    [
      response.status,
      response.headers.get('retry-after'),
      response.headers.get('content-length'),
      await response.text(),
    ],
    [503, '1', '9', 'not there'],
  );
  assert.deepEqual(failures, [{ kind: 'unreachable', reason: 'the connection was refused', refused: true }]);
  assert.equal((await requests.length(1))[0]?.status, 503);
  assert.deepEqual(done.items, ['api.0']);
});

function never(): Decision {
  throw new Error('nobody asks here');
}

test('what is not HTTP is told as a bad response, in words', options, async (t) => {
  const answers: [string, string][] = [
    ['SMTP 220 hello\r\n\r\n', 'does not begin with HTTP/1.1'],
    ['HTTP/1.1 200 OK\r\nContent-Length: x\r\n\r\n', 'Content-Length is no number'],
    ['HTTP/1.1 200 OK\r\nBad Name: 1\r\n\r\n', 'Whitespace stands in or after the name of a header'],
    ['HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab', 'more than one Content-Length'],
    [
      'HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      'both a Content-Length and a Transfer-Encoding',
    ],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n', 'transfer coding'],
    ['HTTP/1.1 099 Early\r\nContent-Length: 0\r\n\r\n', 'status code'],
    ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n', 'switched protocols'],
    ['HTTP/1.1 200 OK\r\nContent-Le', 'ended before its head did'],
    [`HTTP/1.1 200 OK\r\nX: ${'x'.repeat(70_000)}\r\n\r\n`, 'longer than 65536 bytes'],
  ];
  const told: [boolean, string, string | undefined][] = [];
  for (const [answer, expected] of answers) {
    const port = await gullible(t, (socket) => {
      socket.once('data', () => socket.end(answer));
    });
    const { url, failures } = await openDoor(t, port);
    const text = await (await fetch(url)).text();
    const [failure] = failures;
    told.push([failure?.reason.includes(expected) === true, `${text}: ${expected}`, failure?.reason]);
  }
  assert.deepEqual(
    told.filter(([fits, text]) => !fits || !text.startsWith('bad-response')),
    [],
  );
});

test('an instance that closes without a word is unreachable, and is not asked twice', options, async (t) => {
  let asked = 0;
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      asked += 1;
      socket.end();
    });
  });
  const { url, failures } = await openDoor(t, port);
  assert.equal((await fetch(url)).status, 503);
  assert.deepEqual(
    [asked, failures],
    [1, [{ kind: 'unreachable', reason: 'the connection was closed before an answer came', refused: false }]],
  );
});

/** An instance that, on its first connection, answers the first request and cuts the second one off. */
async function forgetful(t: TestContext, lastWords = '') {
  const seen = new Log<string>();
  let connections = 0;
  const port = await gullible(t, (socket) => {
    connections += 1;
    const first = connections === 1;
    let requests = 0;
    socket.on('data', (chunk) => {
      requests += 1;
      seen.push(`${connections}: ${chunk.toString().split(' ')[0]}`);
      if (first && requests > 1) socket.end(lastWords);
      else socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok');
    });
  });
  return { port, seen };
}

test(
  'a pooled connection that dies before a byte came back costs an idempotent request nothing',
  options,
  async (t) => {
    const { port, seen } = await forgetful(t);
    const { door, failures } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send(get);
    await client.until('ok');
    client.send(get);
    assert.match(await client.until('ok'), /200 OK/u);
    assert.deepEqual([seen.items, failures], [['1: GET', '1: GET', '2: GET'], []]);
  },
);

test('what may have been acted on is never sent twice', options, async (t) => {
  const line = 'Host: localhost\r\n';
  const once: [string, string, string][] = [
    [`POST / HTTP/1.1\r\n${line}Content-Length: 1\r\n\r\nx`, '', 'unreachable'],
    [`POST / HTTP/1.1\r\n${line}\r\n`, '', 'unreachable'],
    [`PUT / HTTP/1.1\r\n${line}Content-Length: 1\r\n\r\nx`, '', 'unreachable'],
    [get, 'HTTP/1.1 20', 'bad-response'],
  ];
  for (const [request, lastWords, told] of once) {
    const { port, seen } = await forgetful(t, lastWords);
    const { door, failures } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send(get);
    await client.until('ok');
    client.send(request);
    assert.match(await client.until(told), /503 Service Unavailable/u);
    assert.deepEqual([seen.items.length, failures.length], [2, 1]);
  }
});

test(
  'an instance that is cut off in the middle of a body cuts off the client too, in either framing',
  options,
  async (t) => {
    for (const head of ['Content-Length: 100', 'Transfer-Encoding: chunked']) {
      const port = await gullible(t, (socket) => {
        socket.once('data', () => {
          socket.write(`HTTP/1.1 200 OK\r\n${head}\r\n\r\n4\r\nhalf\r\n`, () => socket.destroy());
        });
      });
      const { door, done, requests } = await openDoor(t, port);
      const client = new RawClient(t, door.port).send(get);
      await client.until('half');
      assert.notEqual(await client.ended.then(() => client.received), '0\r\n\r\n');
      assert.ok(!client.received.includes('0\r\n\r\n'), 'a cut body ends as if it were whole');
      assert.equal((await requests.length(1))[0]?.status, 200);
      assert.deepEqual(done.items, ['api.0']);
    }
  },
);

test('a mistake in deciding is answered as one', options, async (t) => {
  const { url } = await openDoor(t, 1, {
    decide: () => {
      throw new Error('lost the map');
    },
  });
  const response = await fetch(url);
  assert.equal(response.status, 500);
  assert.match(await response.text(), /Local Runtimes made a mistake: lost the map/u);
});

test('a mistake in excusing an instance is answered as one', options, async (t) => {
  const port = await gullible(t, (socket) => socket.destroy());
  const { url } = await openDoor(t, port, { failed: () => Promise.reject(new Error('no words')) });
  assert.match(await (await fetch(url)).text(), /made a mistake: no words/u);
});

// -------------------------------------------------------------------------------------------------- clients

test(
  'a client that leaves while its response streams takes the request to the instance with it',
  options,
  async (t) => {
    const left = gate();
    const port = await instance(t, (_request, response) => {
      response.write('first');
      response.on('close', () => left.open());
    });
    const { door, requests, done } = await openDoor(t, port);
    const client = new RawClient(t, door.port).send(get);
    await client.until('first');
    client.socket.destroy();
    await left.opened;
    assert.equal((await requests.length(1))[0]?.status, 200);
    assert.deepEqual(done.items, ['api.0']);
  },
);

test(
  'a client that leaves in the middle of its upload takes the request to the instance with it',
  options,
  async (t) => {
    const begun = gate();
    const left = gate<boolean>();
    const port = await instance(t, (request) => {
      request.once('data', () => begun.open());
      request.on('error', () => undefined);
      request.on('close', () => left.open(request.complete));
    });
    const { door, requests, done } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    client.send('POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\npart');
    await begun.opened;
    client.socket.destroy();
    assert.equal(await left.opened, false);
    assert.equal((await requests.length(1))[0]?.status, 499);
    assert.deepEqual(done.items, ['api.0']);
  },
);

test(
  'a client that leaves before its instance is chosen is forgotten, and the instance freed',
  options,
  async (t) => {
    const deciding = gate();
    const decided = gate();
    let asked = 0;
    const port = await instance(t, (_request, response) => {
      asked += 1;
      response.end();
    });
    const { door, requests, done } = await openDoor(t, port, {
      decide: async (_head, forward) => {
        deciding.open();
        await decided.opened;
        return forward();
      },
    });
    const client = new RawClient(t, door.port).send(get);
    await deciding.opened;
    client.socket.destroy();
    await requests.length(1);
    decided.open();
    await done.length(1);
    assert.deepEqual(
      [asked, done.items, requests.items],
      [0, ['api.0'], [{ method: 'GET', path: '/', status: 499 }]],
    );
  },
);

test('an answer that comes before the upload is through can be read', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig'));
  });
  const { door, done } = await openDoor(t, port);
  const size = 8 * 1024 * 1024;
  const client = new RawClient(t, door.port);
  client.send(`POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${size}\r\n\r\n`);
  client.send('x'.repeat(size));
  assert.match(await client.until('big'), /413 Too Large/u);
  await done.length(1);
  // The rest of the upload was taken in: the connection is good for another request.
  client.send('GET /again HTTP/1.1\r\nHost: localhost\r\n\r\n');
  await client.until('big');
});

// ---------------------------------------------------------------------------------------------------- heads

test(
  'heads that could be read in two ways are refused before anything reaches an instance',
  options,
  async (t) => {
    let asked = 0;
    const port = await gullible(t, () => (asked += 1));
    const { door } = await openDoor(t, port);
    const line = 'POST / HTTP/1.1\r\nHost: localhost\r\n';
    const refused: [string, number][] = [
      // Which of the two lengths counts decides what is taken for the next request (smuggling, CL.TE and TE.CL).
      [`${line}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`, 400],
      [`${line}Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n`, 400],
      [`${line}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400],
      [`${line}Content-Length: 1, 2\r\n\r\nab`, 400],
      [`${line}Content-Length: +1\r\n\r\na`, 400],
      [`${line}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`, 501],
      [`${line}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
      [`${line}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`, 501],
      [`${line}Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n`, 400],
      [`${line}X: a\r\n Transfer-Encoding: chunked\r\n\r\n`, 400],
      [`${line}X: a\nTransfer-Encoding: chunked\r\n\r\n`, 400],
      [`${line}Host: evil.example\r\n\r\n`, 400],
      ['GET / HTTP/1.1\r\n\r\n', 400],
      // The guard and the routes would go by the one name, the instance by the other.
      ['GET http://evil.example/ HTTP/1.1\r\nHost: localhost\r\n\r\n', 400],
      ['GET / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
      ['nonsense\r\n\r\n', 400],
      ['GET / HTTP/2.0\r\nHost: localhost\r\n\r\n', 505],
      ['CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n', 405],
      [`GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(200_000)}\r\n\r\n`, 431],
    ];
    const outcome: [string, number][] = [];
    for (const [text] of refused) {
      const answer = await new RawClient(t, door.port).send(text).rest();
      outcome.push([text, Number(answer.split(' ')[1])]);
    }
    assert.deepEqual(outcome, refused);
    assert.equal(asked, 0);
  },
);

test(
  'a head longer than Node itself takes passes: cookies of every port of localhost come along',
  options,
  async (t) => {
    const port = await gullible(t, (socket) => {
      let length = 0;
      socket.on('data', (chunk) => {
        length += chunk.length;
        if (chunk.toString('latin1').endsWith('\r\n\r\n')) {
          socket.end(`HTTP/1.1 200 OK\r\nX-Length: ${length > 60_000}\r\nX: ${'y'.repeat(60_000)}\r\n\r\n`);
        }
      });
    });
    const { door } = await openDoor(t, port);
    const client = new RawClient(t, door.port);
    client.send(`GET / HTTP/1.1\r\nHost: localhost\r\nCookie: ${'x'.repeat(60_000)}\r\n\r\n`);
    assert.match(await client.until('\r\n\r\n'), /200 OK\r\nX-Length: true\r\nX: y{60000}\r\n/u);
  },
);

test('a client that never finishes its head is sent away', options, async (t) => {
  const { door } = await openDoor(t, 1, { limits: { headMs: 100 } });
  const answer = await new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: loc').rest();
  assert.match(answer, /^HTTP\/1\.1 408 Request Timeout\r\n/u);
});

test('nonsense after a request does not end up inside the response to it', options, async (t) => {
  const port = await instance(t, (_request, response) => response.write('first'));
  const { door, done } = await openDoor(t, port);
  const client = new RawClient(t, door.port).send(get);
  await client.until('first');
  client.send('nonsense\r\n\r\n');
  assert.doesNotMatch(await client.rest(), /HTTP/u);
  await done.length(1);
});

test('a body that turns out to be malformed ends the exchange on both sides', options, async (t) => {
  const begun = gate();
  const left = gate();
  const port = await instance(t, (request) => {
    request.once('data', () => begun.open());
    request.on('error', () => undefined);
    request.on('close', () => left.open());
  });
  const { door, done } = await openDoor(t, port);
  const client = new RawClient(t, door.port);
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n');
  await begun.opened;
  client.send('zz\r\n');
  assert.match(await client.rest(), /^HTTP\/1\.1 400 Bad Request\r\n/u);
  await left.opened;
  await done.length(1);
});

// ---------------------------------------------------------------------------------------------------- doors

test('an answer of ours has its length and a date; HEAD leaves its body out', options, async (t) => {
  const { door, requests } = await openDoor(t, 1, {
    decide: () => ({
      kind: 'answer',
      service: 'api',
      answer: { status: 503, headers: [['X-A', '1']], body: 'é' },
    }),
  });
  const client = new RawClient(t, door.port).send('HEAD /x HTTP/1.1\r\nHost: localhost\r\n\r\n');
  const head = await client.until('\r\n\r\n');
  assert.match(head, /^HTTP\/1\.1 503 Service Unavailable\r\nX-A: 1\r\nContent-Length: 2\r\nDate: /u);
  assert.match(await client.send(get).until('\xc3\xa9'), /^HTTP\/1\.1 503/u);
  assert.deepEqual(await requests.length(2), [
    { service: 'api', method: 'HEAD', path: '/x', status: 503 },
    { service: 'api', method: 'GET', path: '/', status: 503 },
  ]);
});

test('a taken port is told by its code', options, async (t) => {
  const { door } = await openDoor(t, 1);
  const again = createDoors().open({ host: '127.0.0.1', port: door.port, decide: never });
  await assert.rejects(again, { code: 'EADDRINUSE' });
});

test('closing a door ends idle connections, streams and upgrades, and frees the port', options, async (t) => {
  const closed = new Log<string>();
  const port = await instance(
    t,
    (request, response) => {
      if (request.url === '/stream') {
        response.write('begun');
        response.on('close', () => closed.push('stream'));
      } else response.end('idle');
    },
    (server) => {
      server.on('upgrade', (_request, socket) => {
        socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\nhello');
        socket.on('error', () => undefined);
        socket.on('end', () => {
          closed.push('upgrade');
          socket.end();
        });
        socket.resume();
      });
    },
  );
  const { door, done } = await openDoor(t, port);
  const [idle, stream, upgraded, silent] = [
    new RawClient(t, door.port),
    new RawClient(t, door.port),
    new RawClient(t, door.port),
    new RawClient(t, door.port),
  ];
  await idle.send(get).until('idle');
  await stream.send('GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n').until('begun');
  await upgraded
    .send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n')
    .until('hello');
  await Promise.all([door.close(), door.close()]);
  await Promise.all([idle, stream, upgraded, silent].map(({ ended }) => ended));
  await closed.length(2);
  assert.deepEqual(closed.items.toSorted(), ['stream', 'upgrade']);
  assert.equal((await done.length(3)).length, 3);
  const again = await createDoors().open({ host: '127.0.0.1', port: door.port, decide: never });
  await again.close();
});

test('an exchange that ends twice is told of once, and frees its instance once', async () => {
  const told: string[] = [];
  const decision: Decision = {
    kind: 'forward',
    service: 'api',
    instance: 'api.0',
    host: '127.0.0.1',
    port: 1,
    done: () => told.push('done'),
    failed: () => Promise.reject(new Error('nobody asks here')),
  };
  const head = { method: 'GET', target: '/a?b', version: '1.1', headers: [], remote: '', upgrade: false };
  const exchange = new Exchange(head, {
    decide: () => decision,
    onRequest: ({ path, status }) => told.push(`${path} ${status}`),
  });
  await exchange.decide();
  exchange.answered(204);
  exchange.report();
  exchange.end();
  exchange.end();
  assert.deepEqual(told, ['/a 204', 'done']);
});
