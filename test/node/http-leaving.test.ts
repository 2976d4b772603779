import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Client, Decision } from '../../src/core/outside.ts';
import { createDoors } from '../../src/node/http/doors.ts';
import { gate, instance, Log, RawClient } from './http-support.ts';

it('a client that leaves while it is decided where its request goes is told of, and its request is sent nowhere', async (t) => {
  const asked = new Log<string>();
  const port = await instance(t, (request, response) => {
    asked.push(request.url ?? '');
    response.end('here');
  });
  const done = new Log<string>();
  const forward: Decision = {
    kind: 'forward',
    service: 'api',
    instance: 'api.0',
    host: '127.0.0.1',
    port,
    done: () => done.push('api.0'),
    failed: () => Promise.resolve({ status: 503, headers: [], body: '' }),
  };
  const waits = new Log<Client>();
  const decided = gate<Decision>();
  const left = gate();
  const door = await createDoors().open({
    host: '127.0.0.1',
    port: 0,
    decide: (head, client) => {
      if (head.method === 'GET' || client === undefined) return forward;
      client.whenLeft = () => left.open();
      waits.push(client);
      return decided.opened;
    },
  });
  t.after(() => door.close());
  const leaver = new RawClient(t, door.port);
  leaver.send('POST /gone HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\n\r\nbody');
  const [client] = await waits.length(1);
  assert.equal(client?.hasLeft, false);
  leaver.socket.destroy();
  await left.opened;
  assert.equal(client?.hasLeft, true);
  decided.open(forward);
  // Whoever has counted it for the instance is told that it is over all the same.
  await done.length(1);
  const stayer = new RawClient(t, door.port);
  stayer.send('GET /stays HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  assert.match(await stayer.rest(), /here$/);
  assert.deepEqual(asked.items, ['/stays']);
});
