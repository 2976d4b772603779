/** Answers that are read whole before the client gets a word of what is made of them, as the reference does it. */

import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import type { Answer, Decision, Forward, Received, SentHead } from '../../src/core/outside.ts';
import type { Limits } from '../../src/node/http/limits.ts';
import { echo, gate, gullible, instance, Log, openDoor, type Opened, RawClient } from './http-support.ts';
import { readTogether } from './hygiene-readers.ts';
import { upstream } from './hygiene-support.ts';
import { settled } from './support.ts';

const options = { timeout: 60_000 };
const get = 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n';

interface Collecting extends Opened {
  readonly received: Log<Received>;
}

interface Making {
  readonly limit?: number;
  readonly send?: SentHead;
  readonly more?: Partial<Forward>;
  readonly finish?: (received: Received) => Answer | Promise<Answer>;
  readonly limits?: Partial<Limits>;
}

/** A door that makes `{status} {length} bytes` of an answer. */
async function collecting(t: TestContext, port: number, making: Making = {}): Promise<Collecting> {
  const received = new Log<Received>();
  const { limit = 1_000_000, send, more = {}, finish, limits = {} } = making;
  const opened = await openDoor(t, port, {
    limits,
    decide: (_head, forward): Decision => {
      const plain = forward();
      if (plain.kind !== 'forward') return plain;
      return {
        ...plain,
        ...more,
        ...(send === undefined ? {} : { send }),
        ownConnection: true,
        collect: {
          limit,
          finish: (response) => {
            received.push(response);
            if (finish !== undefined) return finish(response);
            const body = `${response.status} ${response.length} bytes`;
            return { status: 203, headers: [['X-Made', '1']], body };
          },
        },
      };
    },
    failed: (failure) => ({ status: 500, headers: [], body: `${failure.kind}: ${failure.reason}` }),
  });
  return { ...opened, received };
}

function says(t: TestContext, ...pieces: readonly string[]): Promise<number> {
  return gullible(t, (socket) => {
    socket.once('data', () => {
      for (const piece of pieces) socket.write(piece, 'latin1');
      socket.end();
    });
  });
}

test(
  'what is made of the whole answer goes to the client, and nothing of the answer itself',
  options,
  async (t) => {
    const port = await instance(t, (_request, response) => {
      response.setHeader('X-Own', 'a');
      response.appendHeader('X-Own', 'b');
      response.write('first ');
      response.end('second');
    });
    const { door, received, requests, done } = await collecting(t, port);
    const client = new RawClient(t, door.port).send(get);
    assert.match(
      await client.until('200 12 bytes'),
      /^HTTP\/1\.1 203 Non-Authoritative Information\r\nX-Made: 1\r\nContent-Length: 12\r\nDate: [^\r]+\r\nConnection: keep-alive\r\n/u,
    );
    const [response] = received.items;
    assert.deepEqual(
      [response?.status, response?.reason, response?.length, response?.broken, String(response?.body)],
      [200, 'OK', 12, false, 'first second'],
    );
    // As they were sent, those of its connection too.
    assert.deepEqual(
      response?.headers.filter(([name]) => /^(?:x-own|transfer-encoding)$/iu.test(name)),
      [
        ['X-Own', 'a'],
        ['X-Own', 'b'],
        ['Transfer-Encoding', 'chunked'],
      ],
    );
    assert.equal((await requests.length(1))[0]?.status, 203);
    assert.deepEqual(done.items, ['api.0']);
  },
);

test('so many bytes are kept, and the others counted (HP-27)', options, async (t) => {
  const port = await instance(t, (_request, response) => response.end('x'.repeat(3_000_000)));
  const { url, received } = await collecting(t, port, { limit: 100 });
  assert.equal(await (await fetch(url)).text(), '200 3000000 bytes');
  assert.deepEqual([received.items[0]?.body.length, received.items[0]?.length], [100, 3_000_000]);
});

test('the head that is sent is the one that was given, framed by us (HP-1, HP-3)', options, async (t) => {
  const { port, connections } = await upstream(t);
  const send: SentHead = {
    method: 'POST',
    target: '/get%20request?key=value',
    headers: [
      ['HOST', 'localhost'],
      ['COOKIE', 'a=1'],
      ['CONTENT-LENGTH', '999'],
      ['Transfer-Encoding', 'gzip'],
      ['Connection', 'keep-alive, Cookie'],
      ['X-APPENGINE-USER-ID', ''],
    ],
  };
  const { door } = await collecting(t, port, { send });
  const bodies = [
    ['Content-Length: 5\r\n\r\nhello', 'Content-Length: 5\r\nConnection: close\r\n\r\nhello'],
    ['Content-Length: 0\r\n\r\n', 'Content-Length: 0\r\nConnection: close\r\n\r\n'],
    ['\r\n', 'Content-Length: 0\r\nConnection: close\r\n\r\n'],
  ] as const;
  for (const [index, [sent, expected]] of bodies.entries()) {
    const client = new RawClient(t, door.port).send(`PUT /x HTTP/1.1\r\nHost: a\r\nX-Y: 1\r\n${sent}`);
    await client.until('200 ');
    const { bytes } = (await connections.length(index + 1))[index] ?? { bytes: '' };
    assert.equal(
      bytes,
      `POST /get%20request?key=value HTTP/1.1\r\nHOST: localhost\r\nCOOKIE: a=1\r\nX-APPENGINE-USER-ID: \r\n${expected}`,
    );
    assert.ok(!('odd' in (await readTogether(bytes))));
  }
});

test('a head that cannot be sent as it is reaches nobody', options, async (t) => {
  const { port, connections } = await upstream(t);
  const heads: SentHead[] = [
    { method: 'GET', target: '/', headers: [['X', 'a\r\nY: b']] },
    { method: 'GET', target: '/', headers: [['X\r\nY', 'a']] },
    { method: 'GET', target: '/', headers: [['X', 'a\u010db']] },
    { method: 'GET', target: '/a b', headers: [] },
    { method: 'GET', target: '/a\r\nX: b', headers: [] },
    { method: 'GET /x HTTP/1.1\r\nX:', target: '/', headers: [] },
  ];
  for (const send of heads) {
    const { url } = await collecting(t, port, { send });
    assert.match(await (await fetch(url)).text(), /^unreachable: .* cannot be sent$/u);
  }
  assert.equal(connections.items.length, 0);
});

test(
  'the connection is closed in every path, also if the instance would keep it (HP-22)',
  options,
  async (t) => {
    const closed = new Log<string>();
    const said = new Map([
      ['/whole', 'HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok'],
      ['/broken', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\nzz\r\n'],
      ['/bad', 'SMTP hello\r\n\r\n'],
      ['/throws', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n'],
    ]);
    const port = await gullible(t, (socket) => {
      socket.once('data', (chunk) => {
        const path = chunk.toString().split(' ')[1] ?? '';
        socket.once('close', () => closed.push(path));
        socket.write(said.get(path) ?? '');
      });
      socket.on('end', () => socket.end());
    });
    const { url } = await collecting(t, port, {
      // So long that no idle connection is closed for its age.
      limits: { instanceIdleMs: 600_000 },
      finish: ({ length }) => {
        if (length === 0) throw new Error('no idea');
        return { status: 200, headers: [], body: 'made' };
      },
    });
    const bodies: string[] = [];
    for (const path of said.keys()) bodies.push(await (await fetch(url + path)).text());
    assert.deepEqual((await closed.length(4)).toSorted(), [...said.keys()].toSorted());
    assert.deepEqual(bodies.slice(0, 2), ['made', 'made']);
    assert.match(bodies[2] ?? '', /^bad-response: /u);
    assert.match(bodies[3] ?? '', /made a mistake: no idea/u);
  },
);

test('a body that breaks off is told as broken, with what came of it (HP-19)', options, async (t) => {
  const answers = [
    ['HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'],
    ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', '4\r\nhalf\r\nzz\r\n'],
  ];
  for (const pieces of answers) {
    const { url, received, failures } = await collecting(t, await says(t, ...pieces));
    assert.equal(await (await fetch(url)).text(), '200 4 bytes');
    assert.deepEqual(
      [received.items[0]?.broken, String(received.items[0]?.body), failures.length],
      [true, 'half', 0],
    );
  }
});

test('an answer that ends before its head does is told with how far it got (HP-18)', options, async (t) => {
  for (const said of ['', 'HTTP/1.1 200', 'HTTP/1.1 200 OK\r\nX: 1\r\n']) {
    const { url } = await collecting(t, await says(t, said));
    const response = await fetch(url);
    assert.deepEqual(
      [response.status, await response.text()],
      [500, `bad-response: IncompleteRead(${said.length} bytes read)`],
    );
  }
});

test(
  'a refused connection and a reset one are told as the system does (HP-20, HP-21)',
  options,
  async (t) => {
    const dropping = await gullible(t, (socket) => {
      socket.once('data', () => socket.resetAndDestroy());
    });
    const closed = await openDoor(t, 1);
    await closed.door.close();
    const told = [
      { kind: 'unreachable', reason: 'the connection was closed before an answer came', refused: false },
      { kind: 'unreachable', reason: 'the connection was refused', refused: true },
    ];
    for (const [index, port] of [dropping, closed.door.port].entries()) {
      const { url, failures } = await collecting(t, port);
      assert.equal((await fetch(url)).status, 500);
      assert.deepEqual(failures, [told[index]]);
    }
  },
);

test(
  'what has no body gets none, and HEAD is told the length it leaves out (HP-28, HP-29)',
  options,
  async (t) => {
    const port = await instance(t, echo);
    for (const status of [204, 304]) {
      const { door } = await collecting(t, port, {
        finish: () => ({ status, headers: [['Content-Length', '5']], body: 'hello' }),
      });
      const answer = await new RawClient(t, door.port)
        .send(get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
        .rest();
      assert.match(answer, new RegExp(`^HTTP/1\\.1 ${status} .*\r\n\r\n$`, 'su'));
      assert.doesNotMatch(answer, /content-length|transfer-encoding/iu);
    }
    const lengths: (string | undefined)[] = [];
    for (const headers of [[['content-length', '1234']], [], [['Content-Length', 'x']]] as const) {
      const { door } = await collecting(t, port, { finish: () => ({ status: 200, headers, body: '' }) });
      const client = new RawClient(t, door.port);
      client.send('HEAD / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      const answer = await client.rest();
      assert.ok(answer.endsWith('\r\n\r\n'));
      lengths.push(/content-length: (.*)\r/iu.exec(answer)?.[1]);
    }
    assert.deepEqual(lengths, ['1234', undefined, undefined]);
  },
);

test('an answer may be bytes, or take its time', options, async (t) => {
  const bytes = Uint8Array.from({ length: 256 }, (_, index) => index);
  const made = gate();
  const { url } = await collecting(t, await instance(t, echo), {
    finish: async () => {
      await made.opened;
      return { status: 200, headers: [], body: '', bytes };
    },
  });
  const response = fetch(url);
  made.open();
  assert.deepEqual(new Uint8Array(await (await response).arrayBuffer()), bytes);
});

test(
  'an answer that cannot be sent becomes a mistake of ours and not somebody’s header',
  options,
  async (t) => {
    const answers: Answer[] = [
      { status: 302, headers: [['Location', '/a\r\nSet-Cookie: evil=1']], body: '' },
      { status: 302, headers: [['Location', '/a\u560d\u560aSet-Cookie: evil=1']], body: '' },
      { status: 200, headers: [['X: 1\r\nSet-Cookie', 'evil=1']], body: '' },
      { status: 100, headers: [], body: '' },
      { status: 20, headers: [], body: '' },
    ];
    for (const answer of answers) {
      const { door } = await collecting(t, await instance(t, echo), { finish: () => answer });
      const client = new RawClient(t, door.port);
      const text = await client.send(get.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')).rest();
      assert.match(text, /^HTTP\/1\.1 500 Internal Server Error\r\n/u);
      assert.doesNotMatch(text, /^set-cookie/imu);
    }
  },
);

test(
  'a client that leaves takes the exchange with it, and its answer is made up for nobody',
  options,
  async (t) => {
    const left = gate();
    const begun = gate();
    const port = await instance(t, (_request, response) => {
      response.write('first');
      begun.open();
      response.on('close', () => left.open());
    });
    const { door, received, done } = await collecting(t, port);
    const client = new RawClient(t, door.port).send(get);
    await begun.opened;
    client.socket.destroy();
    await left.opened;
    await done.length(1);
    assert.equal(received.items.length, 0);
  },
);

test('its body is asked for as the instance asks, and hints are kept back', options, async (t) => {
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n');
      socket.once('data', () => socket.end('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'));
    });
  });
  const { door } = await collecting(t, port);
  const client = new RawClient(t, door.port);
  client.send('POST / HTTP/1.1\r\nHost: localhost\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n');
  assert.equal(await client.until('\r\n\r\n'), 'HTTP/1.1 100 Continue\r\n\r\n');
  assert.match(await client.send('body').until('200 2 bytes'), /^HTTP\/1\.1 203 /u);
});

test('headers that are to be added stand on what is made', options, async (t) => {
  const { url } = await collecting(t, await instance(t, echo), {
    more: { addHeaders: [['Set-Cookie', 'instance=api.0']] },
  });
  assert.equal((await fetch(url)).headers.get('set-cookie'), 'instance=api.0');
});

test(
  'an upgrade is not asked of the instance, and what it sends in its place is collected',
  options,
  async (t) => {
    const { port, connections } = await upstream(t);
    const { door } = await collecting(t, port, {
      send: {
        method: 'GET',
        target: '/',
        headers: [
          ['HOST', 'a'],
          ['UPGRADE', 'websocket'],
        ],
      },
    });
    const client = new RawClient(t, door.port);
    client.send('GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n');
    await client.until('200 12 bytes');
    assert.doesNotMatch(connections.items[0]?.bytes ?? '', /upgrade/iu);
  },
);

test('answers beyond their limit cost no memory', options, async (t) => {
  const size = 200_000_000;
  const port = await instance(t, (_request, response) => {
    let left = size;
    const chunk = Buffer.alloc(1_000_000);
    const more = (): void => {
      while (left > 0) {
        left -= chunk.length;
        if (!response.write(chunk)) {
          response.once('drain', more);
          return;
        }
      }
      response.end();
    };
    more();
  });
  const { url } = await collecting(t, port, { limit: 1_000 });
  const before = process.memoryUsage().arrayBuffers;
  let most = 0;
  const watching = setInterval(() => (most = Math.max(most, process.memoryUsage().arrayBuffers)), 5);
  t.after(() => clearInterval(watching));
  assert.equal(await (await fetch(url)).text(), `200 ${size} bytes`);
  await settled(() => Math.round(process.memoryUsage().arrayBuffers / 1e6));
  assert.ok(most - before < 100_000_000, `${most - before} bytes at the most`);
});
