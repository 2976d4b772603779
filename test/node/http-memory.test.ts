/** A connection to an instance reads into the same memory again and again, but never over what somebody still holds. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { test, type TestContext } from 'node:test';
import { type Home, InstanceConnection, type Receiver } from '../../src/node/http/instance-connection.ts';
import { usual } from '../../src/node/http/limits.ts';
import { Output } from '../../src/node/http/output.ts';
import { Sweep } from '../../src/node/http/sweep.ts';
import { gate, gullible } from './http-support.ts';

const options = { timeout: 30_000 };

/** Somebody who keeps the pieces of a response, and may say so. */
function keeper(holdsPieces: boolean) {
  const pieces: Buffer[] = [];
  const over = gate();
  const receiver: Receiver = {
    holdsPieces,
    connected: () => undefined,
    informed: () => undefined,
    responded: () => undefined,
    responsePiece: (piece) => pieces.push(piece),
    responseTurn: () => undefined,
    responseOver: () => over.open(),
    switched: () => undefined,
    instanceTakesMore: () => undefined,
    lost: () => assert.fail('the connection is lost'),
    ranOut: () => undefined,
  };
  return { receiver, pieces, over: over.opened };
}

/** Asks twice over one connection; what the first one kept, as it is afterwards. */
async function askTwice(t: TestContext, holdsPieces: boolean): Promise<string> {
  let asked = 0;
  const port = await gullible(t, (socket) => {
    socket.on('data', () => {
      asked += 1;
      socket.write(`HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n${String(asked).repeat(1000)}`);
    });
  });
  const home: Home = {
    limits: usual,
    sweep: new Sweep(),
    keep: () => true,
    forget: (each) => home.sweep.forget(each),
  };
  const connection = new InstanceConnection('127.0.0.1', port, home);
  t.after(() => connection.destroy());
  const first = keeper(holdsPieces);
  for (const { receiver, over } of [first, keeper(false)]) {
    connection.begin(receiver, { method: 'GET', upgrade: [] });
    connection.send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
    connection.requestIsOver = true;
    connection.flush();
    await over;
  }
  return Buffer.concat(first.pieces).toString();
}

test('what somebody holds stays, while the connection reads on', options, async (t) => {
  assert.equal(await askTwice(t, true), '1'.repeat(1000));
});

test(
  'what nobody holds is read over: there is one piece of memory for each connection',
  options,
  async (t) => {
    assert.equal(await askTwice(t, false), '2'.repeat(1000));
  },
);

test('an output holds its pieces until the system has taken them', options, async (t) => {
  const port = await gullible(t, (socket) => socket.pause());
  const socket = connect({ host: '127.0.0.1', port });
  t.after(() => socket.destroy());
  await once(socket, 'connect');
  const output = new Output(socket);
  output.add('small');
  assert.equal(output.holdsPieces, true);
  assert.equal(output.flush(), true);
  assert.equal(output.holdsPieces, false);
  // The system's own buffers take some megabytes while nobody reads.
  let takesMore = true;
  for (let turn = 0; turn < 2_000 && takesMore; turn += 1) {
    output.add(Buffer.alloc(64 * 1024));
    takesMore = output.flush();
  }
  assert.equal(takesMore, false);
  assert.equal(output.holdsPieces, true);
});
