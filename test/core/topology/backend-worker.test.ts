import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { BackendWorker, isStarted, startPath, type Turn } from '../../../src/core/topology/backend-worker.ts';
import { World } from '../../support/world.ts';

const patient = { failFast: false, atOnce: 1 };

/** A worker, what became of each request in the order in which that was known, and the ends of those under way. */
class Shift {
  readonly world = new World();
  readonly worker: BackendWorker;
  readonly told: string[] = [];
  readonly #ends = new Map<string, (status?: number) => void>();

  constructor(rules = patient) {
    this.worker = new BackendWorker(rules);
  }

  async ask(name: string, path = '/'): Promise<this> {
    const turn = this.worker.take(path);
    const note = (it: Turn): void => {
      this.told.push(`${name} ${it.kind}`);
      if (it.kind === 'now') this.#ends.set(name, it.end);
    };
    if (turn instanceof Promise) void turn.then(note);
    else note(turn);
    await this.world.settle();
    return this;
  }

  async end(name: string, status?: number): Promise<this> {
    this.#ends.get(name)?.(status);
    await this.world.settle();
    return this;
  }

  async started(): Promise<this> {
    await this.ask('start', startPath);
    await this.end('start', 200);
    this.told.length = 0;
    return this;
  }
}

describe('the worker of an instance', () => {
  it('serves nothing but the start request until that was answered well (MP-14)', async () => {
    const shift = new Shift();
    await shift.ask('a');
    await shift.ask('start', startPath);
    await shift.end('start', 500);
    await shift.ask('b');
    await shift.ask('again', startPath);
    await shift.end('again', 299);
    await shift.ask('c');
    assert.deepEqual(shift.told, ['a not started', 'start now', 'b not started', 'again now', 'c now']);
  });

  it('serves those who wait as soon as more are handled at once', async () => {
    const shift = await new Shift().started();
    for (const name of ['a', 'b', 'c', 'd']) await shift.ask(name);
    shift.worker.rules = { failFast: false, atOnce: 3 };
    await shift.end('nobody');
    assert.deepEqual(shift.told, ['a now', 'b now', 'c now']);
    await shift.end('b', 200);
    assert.deepEqual(shift.told, ['a now', 'b now', 'c now', 'd now']);
  });

  it('takes 200 to 299 and 404 for an answer that says so (MP-12, MP-15)', () => {
    const good = [199, 200, 204, 299, 300, 302, 403, 404, 405, 500, 503, undefined].filter(isStarted);
    assert.deepEqual(good, [200, 204, 299, 404]);
  });

  it('has requests one after the other, in the order in which they came (MP-16, MP-17)', async () => {
    const shift = await new Shift().started();
    for (const name of ['a', 'b', 'c']) await shift.ask(name);
    assert.deepEqual([shift.told, shift.worker.active, shift.worker.waiting], [['a now'], 1, 2]);
    await shift.end('a', 200);
    assert.deepEqual(shift.told, ['a now', 'b now']);
    await shift.end('b', 200);
    assert.deepEqual(shift.told, ['a now', 'b now', 'c now']);
    await shift.end('c', 200);
    assert.deepEqual([shift.worker.active, shift.worker.waiting], [0, 0]);
  });

  it('goes on after a request that came to nothing, and counts each end once (MP-18)', async () => {
    const shift = await new Shift().started();
    for (const name of ['a', 'b', 'c']) await shift.ask(name);
    await shift.end('a');
    await shift.end('a');
    assert.deepEqual(shift.told, ['a now', 'b now']);
  });

  it('turns requests away while it has one, where it fails fast (MP-16)', async () => {
    const shift = await new Shift({ ...patient, failFast: true }).started();
    await shift.ask('a');
    await shift.ask('b');
    await shift.end('a', 200);
    await shift.ask('c');
    assert.deepEqual(shift.told, ['a now', 'b busy', 'c now']);
  });

  it('has as many at once as it is told to', async () => {
    const shift = await new Shift({ ...patient, atOnce: 2 }).started();
    for (const name of ['a', 'b', 'c']) await shift.ask(name);
    assert.deepEqual(shift.told, ['a now', 'b now']);
    await shift.end('b', 200);
    assert.deepEqual(shift.told, ['a now', 'b now', 'c now']);
  });

  it('serves who has waited for the start request, and refuses those if it failed', async () => {
    const shift = new Shift();
    await shift.ask('start', startPath);
    await shift.ask('a');
    await shift.end('start', 500);
    await shift.ask('again', startPath);
    await shift.ask('b');
    await shift.end('again', 200);
    assert.deepEqual(shift.told, ['start now', 'a not started', 'again now', 'b now']);
  });

  it('sends away who waits when its instance ends, and begins with a start request again', async () => {
    const shift = await new Shift().started();
    await shift.ask('a');
    await shift.ask('b');
    shift.worker.ended();
    await shift.world.settle();
    await shift.ask('c');
    // What ends of the last life makes no room in this one.
    await shift.ask('start', startPath);
    await shift.end('a', 200);
    await shift.ask('d');
    assert.deepEqual(shift.told, ['a now', 'b gone', 'c not started', 'start now']);
    assert.equal(shift.worker.waiting, 1);
  });
});
