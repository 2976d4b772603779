/**
 * A request for which there was no connection has been seen by nobody, for whatever reason there was none: it goes to
 * another instance, whatever its method. And a connection that takes its time is none that has failed.
 */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer as createTcpServer, getDefaultAutoSelectFamilyAttemptTimeout } from 'node:net';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import type { Forward, Timeouts } from '../../src/core/outside.ts';
import { echo, instance, openDoor, type Opened } from './http-support.ts';
import { program } from './support.ts';

const options = { timeout: 60_000 };

/** What is asked in these tests: one that may be sent twice, and one that must not. */
const requests = [{ method: 'GET' }, { method: 'POST', body: 'x'.repeat(100_000) }] as const;

interface Way {
  readonly ports: readonly number[];
  readonly host?: string;
  readonly timeouts?: Timeouts;
  /** Called when the request is on its way to the first of them. */
  readonly sent?: () => void;
}

/** A door to instances each of which is asked when the one before it could not be. */
function door(t: TestContext, { ports, host = '127.0.0.1', timeouts, sent }: Way): Promise<Opened> {
  return openDoor(t, ports[0] ?? 0, {
    host,
    decide: (_head, forward) => {
      const first = forward();
      if (first.kind !== 'forward') return first;
      const at = (position: number): Forward => ({
        ...first,
        ...(timeouts === undefined ? {} : { timeouts }),
        instance: `api.${position}`,
        port: ports[position] ?? 0,
        elsewhere: () => (position + 1 < ports.length ? at(position + 1) : undefined),
      });
      sent?.();
      return at(0);
    },
  });
}

/** Keeps this process from looking at its sockets for longer than Node gives one address of several. */
function heldUp(): void {
  const ms = 2 * getDefaultAutoSelectFamilyAttemptTimeout();
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

/** An instance that is there and takes no connection any more. */
async function full(t: TestContext): Promise<{ readonly port: number; readonly kill: () => void }> {
  const [command, ...args] = program('takes-nobody.mjs');
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = (await once(createInterface({ input: child.stdout }), 'line')) as [string];
  const port = Number(line);
  for (let place = 0; place < 2; place += 1) {
    const socket = connect({ port, host: '127.0.0.1' });
    t.after(() => socket.destroy());
    socket.on('error', () => undefined);
    await once(socket, 'connect');
  }
  return { port, kill: () => void child.kill('SIGKILL') };
}

test(
  'an instance that is there is not taken for one that is not, because this process was held up as it connected',
  options,
  async (t) => {
    const port = await instance(t, echo);
    for (const request of requests) {
      // What is decided now is sent in this turn; what becomes of it is looked at in the next one.
      const { url, failures } = await door(t, {
        ports: [port],
        host: 'localhost',
        sent: () => void setImmediate(heldUp),
      });
      const { status } = await fetch(url, request);
      assert.deepEqual([status, failures], [200, []], request.method);
    }
  },
);

test(
  'one that dies while a connection to it hangs has seen nothing, and another has the request',
  options,
  async (t) => {
    const other = await instance(t, echo);
    for (const request of requests) {
      const { port, kill } = await full(t);
      const { url, failures } = await door(t, { ports: [port, other], host: 'localhost', sent: kill });
      const { status } = await fetch(url, request);
      assert.deepEqual([status, failures], [200, []], request.method);
    }
  },
);

test(
  'one that takes no connection in time has seen nothing, and another has the request',
  options,
  async (t) => {
    const { port } = await full(t);
    const other = await instance(t, echo);
    const timeouts = { connectMs: 300, responseMs: 0, silenceMs: 0 };
    for (const request of requests) {
      const { url, failures } = await door(t, { ports: [port, other], timeouts });
      const { status } = await fetch(url, request);
      assert.deepEqual([status, failures], [200, []], request.method);
    }
    const alone = await door(t, { ports: [port], timeouts });
    assert.equal((await fetch(alone.url)).status, 503);
    assert.deepEqual(alone.failures, [{ kind: 'timed-out', reason: 'no connection within 300 ms' }]);
  },
);

/** A listener that stops to listen when a connection stands in its queue, which is reset by that. */
async function leaving(t: TestContext): Promise<{ readonly port: number; readonly leave: () => void }> {
  let taken = 0;
  const server = createTcpServer(() => (taken += 1));
  t.after(() => server.close());
  t.after(() => assert.equal(taken, 0, 'a connection was taken'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  // After the sockets of this turn, before those of the next one.
  return { port: address.port, leave: () => void setImmediate(() => server.close()) };
}

test(
  'a connection that stood in the queue of one that died was none, and another has the request',
  options,
  async (t) => {
    const other = await instance(t, echo);
    for (const request of requests) {
      const { port, leave } = await leaving(t);
      const { url, failures } = await door(t, { ports: [port, other], sent: leave });
      const { status } = await fetch(url, request);
      assert.deepEqual([status, failures], [200, []], request.method);
    }
  },
);

test('such a one is not the one time that a request may be repeated', options, async (t) => {
  const { port, leave } = await leaving(t);
  const dropping = createTcpServer((socket) => socket.destroy());
  t.after(() => dropping.close());
  await new Promise<void>((resolve) => dropping.listen(0, '127.0.0.1', resolve));
  const address = dropping.address();
  if (address === null || typeof address === 'string') throw new Error('not listening');
  const other = await instance(t, echo);
  const ports = [port, address.port, other];
  const { url, failures } = await door(t, { ports, sent: leave });
  assert.deepEqual([(await fetch(url)).status, failures], [200, []]);
});
