/**
 * Requests that another instance gets instead, by the status of an answer that nobody has seen (spec 5.7): whole, once
 * more and no oftener, and never when their body could not be kept.
 */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { test, type TestContext } from 'node:test';
import type { Answer, Forward } from '../../src/core/outside.ts';
import {
  bodyOf,
  echo,
  gate,
  gullible,
  instance,
  Log,
  openDoor,
  type Opened,
  RawClient,
} from './http-support.ts';
import { settled, until } from './support.ts';

const options = { timeout: 60_000 };

interface Arranged extends Opened {
  /** `api.0 503` for each time it was asked. */
  readonly asked: Log<string>;
  /** `api.0` as often as it was let go. */
  readonly let: Log<string>;
}

type Verdict = ReturnType<NonNullable<Forward['again']>>;

interface Arrangement {
  /** Ports of `api.0`, `api.1` and so on. */
  readonly ports: readonly number[];
  readonly keepBody?: number;
  /** What becomes of a request that this one has answered so; by default the next one gets it, for 503. */
  readonly verdict?: (status: number, next: Forward | undefined) => Verdict;
  readonly more?: Partial<Forward>;
}

async function arranged(
  t: TestContext,
  { ports, keepBody, verdict, more = {} }: Arrangement,
): Promise<Arranged> {
  const asked = new Log<string>();
  const letGo = new Log<string>();
  const opened = await openDoor(t, 0, {
    decide: (_head, forward) => {
      const plain = forward();
      if (plain.kind !== 'forward') return plain;
      const at = (index: number): Forward | undefined => {
        const port = ports[index];
        if (port === undefined) return undefined;
        const name = `api.${index}`;
        return {
          ...plain,
          ...more,
          instance: name,
          port,
          ...(keepBody === undefined ? {} : { keepBody }),
          done: () => letGo.push(name),
          again: (status) => {
            asked.push(`${name} ${status}`);
            if (verdict !== undefined) return verdict(status, at(index + 1));
            return status === 503 ? at(index + 1) : undefined;
          },
        };
      };
      return at(0) ?? plain;
    },
  });
  return { ...opened, asked, let: letGo };
}

/** An instance that says it is busy, once it has all of the request. */
function busy(t: TestContext, size = 5): Promise<number> {
  return instance(t, (request, response) => {
    request.resume();
    request.once('end', () => {
      response.statusCode = 503;
      response.end('x'.repeat(size));
    });
  });
}

test('the next instance gets the request with all of its body, in either framing', options, async (t) => {
  const ports = [await busy(t), await busy(t), await instance(t, echo)];
  const { url, door, asked, let: letGo, requests } = await arranged(t, { ports, keepBody: 2_000_000 });
  const body = Buffer.alloc(1_000_000, 'abcdefg').toString();
  const response = await fetch(`${url}/a?b`, { method: 'POST', body });
  const seen = (await response.json()) as { method: string; target: string; body: string };
  assert.deepEqual([seen.method, seen.target, seen.body === body], ['POST', '/a?b', true]);
  assert.deepEqual(asked.items, ['api.0 503', 'api.1 503', 'api.2 200']);
  assert.deepEqual(await letGo.length(3), ['api.0', 'api.1', 'api.2']);
  assert.deepEqual((await requests.length(1))[0], {
    service: 'api',
    instance: 'api.2',
    method: 'POST',
    path: '/a',
    status: 200,
  });
  const client = new RawClient(t, door.port);
  client.send('PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n');
  client.send('5\r\nhello\r\n6\r\n world\r\n0\r\nX-Sum: 1\r\n\r\n');
  assert.match(await client.until('"body":"hello world"'), /^HTTP\/1\.1 200 /u);
  assert.equal((await fetch(url)).status, 200);
});

test('trailers are repeated as well', options, async (t) => {
  const trailers = gate<NodeJS.Dict<string>>();
  const ports = [
    await busy(t),
    await instance(t, (request, response) => {
      request.resume();
      request.once('end', () => {
        trailers.open(request.trailers);
        response.end();
      });
    }),
  ];
  const { door } = await arranged(t, { ports, keepBody: 100 });
  const client = new RawClient(t, door.port);
  client.send('PUT / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n');
  client.send('5\r\nhello\r\n0\r\nX-Sum: 1\r\n\r\n');
  assert.equal((await trailers.opened)['x-sum'], '1');
});

test('a body that is too long to keep has its first answer as the only one', options, async (t) => {
  let second = 0;
  const ports = [await busy(t), await instance(t, () => (second += 1))];
  const { url, asked } = await arranged(t, { ports, keepBody: 1_000 });
  const response = await fetch(url, { method: 'POST', body: 'x'.repeat(1_001) });
  assert.deepEqual([response.status, await response.text()], [503, 'xxxxx']);
  assert.deepEqual([second, asked.items], [0, []]);
});

test('without a place for it, a body goes to one instance only', options, async (t) => {
  const ports = [await busy(t), await instance(t, echo)];
  const { url, asked } = await arranged(t, { ports });
  assert.equal((await fetch(url, { method: 'POST', body: 'x' })).status, 503);
  assert.deepEqual(asked.items, []);
  assert.equal((await fetch(url)).status, 200);
});

test(
  'an answer that came before all of the body leaves the rest of it to the next instance',
  options,
  async (t) => {
    const hasty = await gullible(t, (socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy'));
    });
    const { door, asked } = await arranged(t, { ports: [hasty, await instance(t, echo)], keepBody: 100 });
    const client = new RawClient(t, door.port);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nfirst');
    await asked.length(1);
    client.send('-last');
    await client.until('"body":"first-last"');
  },
);

test('an answer in place of it is sent, and the instance let go once', options, async (t) => {
  const instead: Answer = { status: 503, headers: [['X-A', '1']], body: 'Busy' };
  const ports = [await busy(t)];
  const { url, let: letGo, requests } = await arranged(t, { ports, verdict: () => instead });
  const response = await fetch(url);
  assert.deepEqual([response.status, response.headers.get('x-a'), await response.text()], [503, '1', 'Busy']);
  assert.deepEqual([(await requests.length(1))[0]?.instance, letGo.items], ['api.0', ['api.0']]);
});

test('what is decided later holds the answer back until then, whole or broken', options, async (t) => {
  const answers = [
    ['HTTP/1.1 503 Busy\r\nContent-Length: 4\r\n\r\nbusy', 'busy'],
    ['HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n', 'busy'],
    ['HTTP/1.1 503 Busy\r\nContent-Length: 8\r\n\r\nbusy', 'busy'],
    ['HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n', ''],
  ] as const;
  for (const [said, body] of answers) {
    const port = await gullible(t, (socket) => {
      socket.once('data', () => socket.end(said));
    });
    const decided = gate();
    const {
      door,
      asked,
      let: letGo,
    } = await arranged(t, {
      ports: [port],
      verdict: () => decided.opened.then(() => undefined),
    });
    const client = new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    await asked.length(1);
    assert.equal(client.received, '');
    decided.open();
    assert.match(await client.rest(), new RegExp(`^HTTP/1\\.1 503 Busy\r\n.*${body}`, 'su'));
    assert.deepEqual(await letGo.length(1), ['api.0']);
  }
});

test(
  'another instance that is decided on later gets the request, and the first answer nobody',
  options,
  async (t) => {
    const decided = gate();
    const ports = [await busy(t, 1_000_000), await instance(t, echo)];
    const { door, asked } = await arranged(t, {
      ports,
      keepBody: 100,
      verdict: (status, next) => (status === 503 ? decided.opened.then(() => next) : undefined),
    });
    const client = new RawClient(t, door.port);
    client.send('POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nhello');
    await asked.length(1);
    decided.open();
    assert.match(await client.until('"body":"hello"'), /^HTTP\/1\.1 200 OK\r\n(?!.*xxx)/su);
  },
);

test('a decision that fails is answered as a mistake of ours', options, async (t) => {
  const verdicts: (() => Verdict)[] = [
    () => {
      throw new Error('no idea');
    },
    () => Promise.reject(new Error('no idea')),
  ];
  for (const verdict of verdicts) {
    const { url } = await arranged(t, { ports: [await busy(t)], verdict });
    const response = await fetch(url);
    assert.equal(response.status, 500);
    assert.match(await response.text(), /made a mistake: no idea/u);
  }
});

test('a client that leaves while it is decided lets both instances go', options, async (t) => {
  const decided = gate();
  let second = 0;
  const ports = [await busy(t), await instance(t, () => (second += 1))];
  const {
    door,
    asked,
    let: letGo,
  } = await arranged(t, {
    ports,
    verdict: (_status, next) => decided.opened.then(() => next),
  });
  const client = new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await asked.length(1);
  client.socket.destroy();
  await letGo.length(1);
  decided.open();
  assert.deepEqual(await letGo.length(2), ['api.0', 'api.1']);
  assert.equal(second, 0);
});

test('an instance that refuses in its turn is passed by, as at first', options, async (t) => {
  const closed = await openDoor(t, 1);
  await closed.door.close();
  const fresh = await instance(t, echo);
  const ports = [await busy(t), closed.door.port];
  const opened = await arranged(t, {
    ports,
    keepBody: 100,
    verdict: (status, next) =>
      next === undefined || status !== 503
        ? undefined
        : { ...next, elsewhere: () => ({ ...next, instance: 'api.2', port: fresh }) },
  });
  const response = await fetch(opened.url, { method: 'POST', body: 'hello' });
  assert.equal(((await response.json()) as { body: string }).body, 'hello');
});

test('the answer that nobody wants is read to its end, and its connection used again', options, async (t) => {
  const connections = new Set<unknown>();
  const whole = new Log<boolean>();
  const first = await instance(t, (request: IncomingMessage, response: ServerResponse) => {
    connections.add(request.socket);
    response.statusCode = 503;
    response.end('x'.repeat(3_000_000));
    void once(response, 'close').then(() => whole.push(response.writableFinished));
  });
  const { url } = await arranged(t, { ports: [first, await instance(t, echo)] });
  for (let turn = 1; turn <= 3; turn += 1) {
    assert.equal((await fetch(url)).status, 200);
    await whole.length(turn);
  }
  assert.deepEqual([whole.items, connections.size], [[true, true, true], 1]);
});

test('one that goes on for ever is cut off', options, async (t) => {
  const cut = gate();
  const first = await gullible(t, (socket) => {
    socket.once('data', () => {
      const more = (): void => {
        while (socket.writable && socket.write('1\r\nx\r\n'.repeat(10_000)));
      };
      socket.write('HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n');
      socket.on('drain', more);
      socket.on('close', () => cut.open());
      more();
    });
  });
  const { url } = await arranged(t, { ports: [first, await instance(t, echo)] });
  assert.equal((await fetch(url)).status, 200);
  await cut.opened;
});

test('what the next instance answers may be collected, and it alone', options, async (t) => {
  const collected: string[] = [];
  const ports = [await busy(t), await instance(t, (request, response) => void answer(request, response))];
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    response.end(`got ${await bodyOf(request)}`);
  };
  const { url } = await arranged(t, {
    ports,
    keepBody: 100,
    more: {
      collect: {
        limit: 100,
        finish: ({ status, body }) => {
          collected.push(`${status} ${String(body)}`);
          return { status, headers: [], body: 'made' };
        },
      },
    },
  });
  assert.equal(await (await fetch(url, { method: 'POST', body: 'hello' })).text(), 'made');
  assert.deepEqual(collected, ['200 got hello']);
});

test('a client that sends on while it is decided is held back, not lost', options, async (t) => {
  const decided = gate();
  const hasty = await gullible(t, (socket) => {
    socket.once('data', () => socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n'));
  });
  const size = 30_000_000;
  let read = 0;
  const second = await instance(t, (request, response) => {
    request.on('data', (chunk: Buffer) => (read += chunk.length));
    request.once('end', () => response.end('all'));
  });
  const { door, asked } = await arranged(t, {
    ports: [hasty, second],
    keepBody: 1_000,
    verdict: (status, next) => (status === 503 ? decided.opened.then(() => next) : undefined),
  });
  const client = new RawClient(t, door.port);
  client.send(`POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${size}\r\n\r\n`);
  await asked.length(1);
  client.send('x'.repeat(size));
  await settled(() => client.socket.bytesWritten - client.socket.writableLength);
  decided.open();
  await client.until('all');
  assert.equal(read, size);
  await until('it is all told', () => asked.items.length === 1 || asked.items.length === 2);
});

test('an answer that is held back is not read on', options, async (t) => {
  const decided = gate();
  const written = gate<() => number>();
  const chunk = Buffer.alloc(1_000_000);
  const port = await gullible(t, (socket) => {
    socket.once('data', () => {
      const fill = (): void => {
        while (socket.writable && socket.write(chunk));
      };
      socket.write('HTTP/1.1 503 Busy\r\nContent-Length: 1000000000\r\n\r\n');
      socket.on('drain', fill);
      fill();
      written.open(() => socket.bytesWritten - socket.writableLength);
    });
  });
  const { door, asked } = await arranged(t, {
    ports: [port],
    verdict: () => decided.opened.then(() => undefined),
  });
  const client = new RawClient(t, door.port).send('GET / HTTP/1.1\r\nHost: a\r\n\r\n');
  await asked.length(1);
  const count = await settled(await written.opened);
  assert.ok(count < 30_000_000, `${count} bytes were taken`);
  decided.open();
  await client.until('503 Busy');
  client.socket.destroy();
});
