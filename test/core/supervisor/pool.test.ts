import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';

import { disposable } from '../../../src/base/disposable.ts';
import { eventTypes, type SupervisorEvent, subscribedBy } from '../../../src/core/supervisor/events.ts';
import type { JournalLevel } from '../../../src/core/supervisor/journal.ts';
import { type Parcel, Pool, type PoolListener, type PoolOptions } from '../../../src/core/supervisor/pool.ts';
import { World } from '../../support/world.ts';

class Listener implements PoolListener {
  readonly process: string;
  readonly got: string[] = [];
  parcel: Parcel | undefined;
  isReady = false;
  pipe: 'whole' | 'broken' | 'mad' = 'whole';

  constructor(process: string) {
    this.process = process;
  }

  isFree(): boolean {
    return this.isReady;
  }

  send(bytes: Uint8Array): boolean {
    if (this.pipe === 'mad') throw new Error('no such thing as a pipe');
    if (this.pipe === 'whole') this.got.push(Buffer.from(bytes).toString());
    return this.pipe === 'whole';
  }

  busy(parcel: Parcel): void {
    this.parcel = parcel;
    this.isReady = false;
  }
}

class Bench {
  readonly world = new World();
  readonly said: string[] = [];
  readonly listeners: readonly Listener[];
  readonly pool: Pool;
  readonly failures: unknown[] = [];
  #serial = 10;

  constructor(listeners: readonly string[], bufferSize = 3, more: Partial<PoolOptions> = {}) {
    this.listeners = listeners.map((name) => new Listener(name));
    this.pool = new Pool({
      name: 'ears',
      clock: this.world.clock,
      identifier: () => 'supervisor',
      say: (level: JournalLevel, text) => this.said.push(`${level}: ${text}`),
      listeners: () => this.listeners,
      failed: (error) => this.failures.push(error),
      ...more,
    });
    this.pool.subscribe(subscribedBy(eventTypes), bufferSize);
  }

  /** The first listener. */
  get one(): Listener {
    return this.nth(0);
  }

  nth(index: number): Listener {
    const found = this.listeners[index];
    if (found === undefined) throw new Error('There is no such listener.');
    return found;
  }

  accept(text: string): void {
    this.pool.accept(eventOf(text), this.#serial);
    this.#serial += 1;
  }

  /** The listener has done with its event and wants another. */
  wants(listener = this.one): string | undefined {
    const before = listener.got.length;
    listener.isReady = true;
    this.pool.dispatch();
    return listener.got.slice(before).map(payloadOf)[0];
  }
}

function eventOf(text: string): SupervisorEvent {
  return { name: 'REMOTE_COMMUNICATION', payload: Buffer.from(text) };
}

const payloadOf = (envelope: string): string => envelope.slice(envelope.indexOf('\n') + 1);

function parcelOf(listener: Listener): Parcel {
  if (listener.parcel === undefined) throw new Error('It has no event.');
  return listener.parcel;
}

suite('A pool of listeners', () => {
  test('sends an envelope whose length counts bytes (SV-70)', () => {
    const bench = new Bench(['ear_0']);
    bench.accept('grüße €');
    bench.wants();
    assert.deepEqual(bench.one.got, [
      'ver:3.0 server:supervisor serial:10 pool:ears poolserial:0 eventname:REMOTE_COMMUNICATION len:11\ngrüße €',
    ]);
    assert.deepEqual(bench.said, ['debug: event 10 sent to listener ear_0']);
  });

  test('counts its own events from 0, whatever their serials among all are (SV-71)', () => {
    const bench = new Bench(['ear_0']);
    for (const text of ['a', 'b']) bench.accept(text);
    bench.wants();
    bench.wants();
    assert.deepEqual(
      bench.one.got.map((each) => /serial:\d+ .*poolserial:\d+/.exec(each)?.[0]),
      ['serial:10 pool:ears poolserial:0', 'serial:11 pool:ears poolserial:1'],
    );
  });

  test('sends a rejected event again with both its serials (SV-71, SV-73)', () => {
    const bench = new Bench(['ear_0']);
    bench.accept('a');
    bench.wants();
    bench.accept('b');
    bench.pool.takeBack(parcelOf(bench.one), 'rejected');
    assert.equal(bench.wants(), 'a');
    assert.equal(bench.one.got[0], bench.one.got[1]);
    assert.ok(bench.said.includes('debug: rebuffering event 10 for pool ears (buf size=1, max=3)'));
  });

  test('keeps events in order while no listener is free (SV-77)', () => {
    const bench = new Bench(['ear_0']);
    for (const text of ['a', 'b', 'c']) bench.accept(text);
    assert.deepEqual(bench.one.got, []);
    assert.deepEqual(
      [bench.wants(), bench.wants(), bench.wants(), bench.wants()],
      ['a', 'b', 'c', undefined],
    );
  });

  test('sends several events to as many free listeners, one each', () => {
    const bench = new Bench(['ear_0', 'ear_1']);
    for (const text of ['a', 'b', 'c']) bench.accept(text);
    for (const listener of bench.listeners) listener.isReady = true;
    bench.pool.dispatch();
    assert.deepEqual(
      bench.listeners.map(({ got }) => got.map(payloadOf)),
      [['a'], ['b']],
    );
  });

  test('discards the oldest event when too many wait, and says so (SV-75)', () => {
    const bench = new Bench(['ear_0']);
    for (const text of ['a', 'b', 'c', 'd']) bench.accept(text);
    assert.deepEqual(bench.said, ['error: pool ears event buffer overflowed, discarding event 10']);
    assert.deepEqual([bench.wants(), bench.wants(), bench.wants()], ['b', 'c', 'd']);
  });

  test('replaces the head when a rejected event comes back to a full buffer (SV-75)', () => {
    const bench = new Bench(['ear_0']);
    bench.accept('rejected');
    bench.wants();
    for (const text of ['a', 'b', 'c']) bench.accept(text);
    bench.pool.takeBack(parcelOf(bench.one), 'rejected');
    assert.deepEqual(
      bench.said.filter((each) => each.startsWith('error')),
      ['error: pool ears event buffer overflowed, discarding event 11'],
    );
    assert.deepEqual([bench.wants(), bench.wants(), bench.wants()], ['rejected', 'b', 'c']);
  });

  test('tries another listener when a pipe is broken, and leaves the first as it is (SV-76)', () => {
    const bench = new Bench(['ear_0', 'ear_1']);
    bench.one.pipe = 'broken';
    for (const listener of bench.listeners) listener.isReady = true;
    bench.accept('a');
    assert.deepEqual(bench.nth(1).got.map(payloadOf), ['a']);
    assert.equal(bench.one.isReady, true);
    assert.deepEqual(bench.said, [
      'debug: epipe occurred while sending event 10 to listener ear_0, listener state unchanged',
      'debug: event 10 sent to listener ear_1',
    ]);
  });

  test('keeps the event when every pipe is broken (SV-76, SV-77)', () => {
    const bench = new Bench(['ear_0']);
    bench.one.pipe = 'broken';
    bench.one.isReady = true;
    for (const text of ['a', 'b']) bench.accept(text);
    assert.deepEqual(bench.pool.waiting, [10, 11]);
    bench.one.pipe = 'whole';
    assert.equal(bench.wants(), 'a');
  });

  test('hands on what else goes wrong while sending (SV-76)', () => {
    const bench = new Bench(['ear_0']);
    bench.one.pipe = 'mad';
    bench.one.isReady = true;
    assert.throws(() => bench.accept('a'), /no such thing as a pipe/);
    bench.one.pipe = 'whole';
    bench.accept('b');
    assert.deepEqual(bench.one.got.map(payloadOf), ['b']);
  });

  test('waits between dispatches when it is throttled, and resumes by itself (SV-78)', async () => {
    const bench = new Bench(['ear_0'], 3, { throttleMs: 100 });
    bench.one.isReady = true;
    bench.accept('a');
    bench.accept('b');
    assert.equal(bench.wants(), undefined);
    await bench.world.pass(99);
    assert.deepEqual(bench.one.got.map(payloadOf), ['a']);
    await bench.world.pass(1);
    assert.deepEqual(bench.one.got.map(payloadOf), ['a', 'b']);
    assert.equal(bench.world.clock.nextDue(), undefined);
  });

  test('does not wait for a time the clock has gone back from (SV-78)', () => {
    let now = 5000;
    const waits: number[] = [];
    const clock = {
      now: () => now,
      after: (ms: number) => {
        waits.push(ms);
        return disposable(() => undefined);
      },
    };
    const bench = new Bench(['ear_0'], 3, { throttleMs: 100, clock });
    bench.one.isReady = true;
    bench.accept('a');
    now = 1000;
    bench.accept('b');
    assert.equal(bench.wants(), undefined);
    assert.deepEqual(waits, [100]);
    now = 1100;
    assert.equal(bench.wants(), 'b');
  });

  test('hands on what goes wrong after waiting, too (SV-76, SV-78)', async () => {
    const bench = new Bench(['ear_0'], 3, { throttleMs: 100 });
    bench.one.isReady = true;
    bench.accept('a');
    bench.accept('b');
    bench.wants();
    bench.one.pipe = 'mad';
    await bench.world.pass(100);
    assert.match(String(bench.failures), /no such thing as a pipe/);
  });

  test('sends an event that is rejected over and over at longer and longer intervals', async () => {
    const bench = new Bench(['ear_0']);
    bench.accept('a');
    const sentAt: number[] = [];
    for (let turn = 0; turn < 12; turn += 1) {
      bench.one.isReady = true;
      bench.pool.dispatch();
      while (bench.one.got.length === turn) await bench.world.pass(1);
      sentAt.push(bench.world.clock.now());
      bench.pool.takeBack(parcelOf(bench.one), 'rejected');
    }
    const gaps = sentAt.slice(1).map((at, index) => at - (sentAt[index] ?? 0));
    assert.deepEqual(gaps, [0, 10, 20, 40, 80, 160, 320, 640, 1000, 1000, 1000]);
  });

  test('loses no event but those it says it discards, whatever its listeners do (SV-71, SV-74, SV-75, SV-77)', () => {
    const acts = fc.array(
      fc.tuple(
        fc.constantFrom('accept', 'free', 'done', 'reject', 'die', 'break', 'mend', 'wait'),
        fc.nat({ max: 2 }),
      ),
      { maxLength: 80 },
    );
    fc.assert(
      fc.property(acts, fc.integer({ min: 1, max: 4 }), (all, bufferSize) => {
        let now = 0;
        const clock = { now: () => now, after: () => disposable(() => undefined) };
        const bench = new Bench(['ear_0', 'ear_1', 'ear_2'], bufferSize, { clock });
        let accepted = 0;
        let done = 0;
        const comesBack = (listener: Listener, why: 'rejected' | 'lost'): void => {
          const { parcel } = listener;
          listener.parcel = undefined;
          if (parcel !== undefined) bench.pool.takeBack(parcel, why);
        };
        for (const [act, index] of all) {
          const listener = bench.nth(index);
          if (act === 'accept') {
            bench.accept(`event ${accepted}`);
            accepted += 1;
          }
          if (act === 'free' && listener.parcel === undefined) listener.isReady = true;
          if (act === 'done' && listener.parcel !== undefined) {
            listener.parcel = undefined;
            done += 1;
          }
          if (act === 'reject') comesBack(listener, 'rejected');
          if (act === 'die') {
            listener.isReady = false;
            comesBack(listener, 'lost');
          }
          if (act === 'break') listener.pipe = 'broken';
          if (act === 'mend') listener.pipe = 'whole';
          if (act === 'wait') now += 2000;
          bench.pool.dispatch();

          const held = bench.listeners.filter(({ parcel }) => parcel !== undefined).length;
          const discarded = bench.said.filter((each) => each.includes('discarding')).length;
          assert.ok(bench.pool.waiting.length <= bufferSize);
          assert.equal(new Set(bench.pool.waiting).size, bench.pool.waiting.length);
          assert.equal(accepted, done + discarded + held + bench.pool.waiting.length);
        }
      }),
    );
  });

  test('is deaf once it is removed (SV-79)', () => {
    const bench = new Bench(['ear_0']);
    bench.accept('a');
    bench.pool.dispose();
    assert.deepEqual(
      [...subscribedBy(['EVENT'])].filter((event) => bench.pool.wants(event)),
      [],
    );
    assert.equal(bench.wants(), undefined);
    assert.deepEqual(bench.pool.waiting, []);
  });
});
