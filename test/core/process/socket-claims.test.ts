import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SocketSpec } from '../../../src/config/spec.ts';
import type { SharedSocket } from '../../../src/core/outside.ts';
import { SocketClaims } from '../../../src/core/process/socket-claims.ts';

const spec: SocketSpec = {
  url: 'tcp://127.0.0.1:9000',
  at: { kind: 'tcp', host: '127.0.0.1', port: 9000 },
};

/** Opens sockets of which there can only be one at a time, as at a real address. */
class Addresses {
  opened = 0;
  closed = 0;
  failure: Error | undefined;
  isOpen = false;

  async open({ url }: SocketSpec): Promise<SharedSocket> {
    await Promise.resolve();
    if (this.failure !== undefined) throw this.failure;
    if (this.isOpen) throw new Error('address in use');
    this.isOpen = true;
    this.opened += 1;
    return {
      url,
      close: async () => {
        await Promise.resolve();
        this.isOpen = false;
        this.closed += 1;
      },
    };
  }
}

describe('a shared socket', () => {
  it('is created once, shared, and closed when the last lets go of it (SV-80)', async () => {
    const said: string[] = [];
    const addresses = new Addresses();
    const claims = new SocketClaims(addresses, (text) => said.push(text));
    const [one, two] = await Promise.all([claims.claim('php', spec), claims.claim('php', spec)]);
    assert.equal(one.socket, two.socket);
    assert.deepEqual([addresses.opened, claims.claims(spec.url)], [1, 2]);
    await one.release();
    assert.equal(addresses.closed, 0);
    await two.release();
    assert.equal(addresses.closed, 1);
    assert.deepEqual(said, [`Creating socket ${spec.url}`, `Closing socket ${spec.url}`]);
  });

  it('is created again on demand, once the last one is closed (SV-80)', async () => {
    const addresses = new Addresses();
    const claims = new SocketClaims(addresses, () => undefined);
    const first = await claims.claim('php', spec);
    const closing = first.release();
    // The address is not free yet, and the next process does not wait for us to say so.
    const second = await claims.claim('php', spec);
    await closing;
    assert.notEqual(first.socket, second.socket);
    assert.deepEqual([addresses.opened, addresses.closed, addresses.isOpen], [2, 1, true]);
  });

  it('let go of twice is let go of once: nobody counts below zero (SV-80)', async () => {
    const addresses = new Addresses();
    const claims = new SocketClaims(addresses, () => undefined);
    const [one, two] = await Promise.all([claims.claim('php', spec), claims.claim('php', spec)]);
    await one.release();
    await one.release();
    assert.deepEqual([claims.claims(spec.url), addresses.closed], [1, 0]);
    await two.release();
    await two.release();
    assert.deepEqual([claims.claims(spec.url), addresses.closed], [0, 1]);
  });

  it('that cannot be created says why to all who want it, and is tried anew by the next (SV-80)', async () => {
    const addresses = new Addresses();
    addresses.failure = new Error('address in use');
    const claims = new SocketClaims(addresses, () => undefined);
    const both = await Promise.allSettled([claims.claim('php', spec), claims.claim('php', spec)]);
    assert.deepEqual(
      both.map(({ status }) => status),
      ['rejected', 'rejected'],
    );
    await assert.rejects(claims.claim('php', spec), /address in use/);
    assert.equal(claims.claims(spec.url), 0);
    addresses.failure = undefined;
    await claims.claim('php', spec);
    assert.equal(addresses.opened, 1);
  });

  it('is one service’s alone: for another one, the address is in use (SV-80)', async () => {
    const addresses = new Addresses();
    const claims = new SocketClaims(addresses, () => undefined);
    const first = await claims.claim('php', spec);
    await assert.rejects(claims.claim('other', spec), /address already in use/);
    await assert.rejects(claims.attempt('other', spec), /address already in use/);
    assert.deepEqual([addresses.opened, claims.claims(spec.url)], [1, 1]);
    await first.release();
    const second = await claims.claim('other', spec);
    await assert.rejects(claims.claim('php', spec), /address already in use/);
    await second.release();
  });

  it('that is defined otherwise now is made anew once all have let go of the one before', async () => {
    const addresses = new Addresses();
    const claims = new SocketClaims(addresses, () => undefined);
    const [one, two] = await Promise.all([claims.claim('php', spec), claims.claim('php', spec)]);
    const next = claims.claim('php', { ...spec, backlog: 5 });
    await one.release();
    await new Promise((resolve) => setImmediate(resolve));
    assert.deepEqual([addresses.opened, addresses.closed], [1, 0]);
    await two.release();
    const { socket } = await next;
    assert.notEqual(socket, one.socket);
    assert.deepEqual([addresses.opened, addresses.closed, claims.claims(spec.url)], [2, 1, 1]);
  });

  it('is not waited for by a start that is of an older definition than it', { timeout: 2_000 }, async () => {
    const addresses = new Addresses();
    const claims = new SocketClaims(addresses, () => undefined);
    const newer = { ...spec, backlog: 5 };
    const one = await claims.claim('php', newer);
    await assert.rejects(
      claims.claim('php', spec, () => false),
      /its definition has changed/,
    );
    assert.deepEqual([addresses.opened, claims.claims(spec.url)], [1, 1]);
    const two = await claims.claim('php', newer);
    assert.equal(two.socket, one.socket);
  });

  it(
    'is not waited for any longer once a newer one than is waited for is there',
    { timeout: 2_000 },
    async () => {
      const addresses = new Addresses();
      const claims = new SocketClaims(addresses, () => undefined);
      const first = await claims.claim('php', spec);
      let isCurrent = true;
      const waits = claims.claim('php', { ...spec, backlog: 5 }, () => isCurrent);
      const released = first.release();
      isCurrent = false;
      const newest = claims.claim('php', { ...spec, backlog: 6 });
      await assert.rejects(waits, /its definition has changed/);
      await released;
      await newest;
      assert.equal(claims.claims(spec.url), 1);
    },
  );

  it('is tried by creating it and closing it again, and left alone where it is held (SV-80)', async () => {
    const said: string[] = [];
    const addresses = new Addresses();
    const claims = new SocketClaims(addresses, (text) => said.push(text));
    await claims.attempt('php', spec);
    assert.deepEqual([addresses.opened, addresses.closed, claims.claims(spec.url)], [1, 1, 0]);
    assert.deepEqual(said, [`Creating socket ${spec.url}`, `Closing socket ${spec.url}`]);
    await claims.claim('php', spec);
    await claims.attempt('php', { ...spec, backlog: 5 });
    assert.deepEqual([addresses.opened, addresses.closed, claims.claims(spec.url)], [2, 1, 1]);
  });
});
