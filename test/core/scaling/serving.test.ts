/** One run of an instance and its requests: spec 3.1 to 3.6 as a table of statements. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isServing, refusals, Serving, type ServingOptions } from '../../../src/core/scaling/serving.ts';
import { gracefully } from '../../../src/core/scaling/stopping.ts';
import { Waiters } from '../../../src/core/scaling/waiters.ts';
import { World } from '../../support/world.ts';

class Desk {
  readonly world = new World();
  readonly woken: number[] = [];
  ends = 0;
  readonly serving: Serving;

  constructor(part: Partial<ServingOptions> = {}) {
    this.serving = new Serving({
      id: '0',
      concurrency: 5,
      backgroundThreads: 0,
      expectsReady: false,
      clock: this.world.clock,
      wake: (count) => this.woken.push(count),
      end: () => {
        this.ends += 1;
      },
      ...part,
    });
  }

  get now(): number {
    return this.world.clock.now();
  }

  started(): this {
    this.serving.started();
    return this;
  }

  /** A request that takes so long. */
  async handle(ms: number): Promise<void> {
    const since = this.now;
    assert.equal(this.serving.take('normal'), undefined);
    await this.world.pass(ms);
    this.serving.done('normal', since);
  }
}

describe('one run of an instance', () => {
  it('begins without a request, with all its room, and takes none before its ready request (IN-1)', () => {
    const { serving } = new Desk({ expectsReady: true }).started();
    assert.equal(serving.total, 0);
    assert.equal(serving.remaining, 5);
    assert.equal(serving.canAccept, false);
    assert.equal(serving.isHandlingReady, true);
    assert.equal(serving.idleMs, 0);
    assert.equal(serving.latencyMs, 0);
    assert.equal(serving.perSecond, 0);
    assert.equal(String(serving), '<Instance 0: 0/5, total: 0 [handling ready request]>');
  });

  it('has its room back after a request, and one of those who wait is woken (IN-2)', async () => {
    const desk = new Desk().started();
    const { serving } = desk;
    await desk.world.pass(70_000);
    await desk.handle(500);
    assert.equal(serving.total, 1);
    assert.equal(serving.remaining, 5);
    assert.deepEqual(desk.woken, [1]);
    assert.equal(serving.perSecond, 1 / 60);
    assert.equal(serving.latencyMs, 500);
    await desk.world.pass(61_000);
    assert.equal(serving.perSecond, 0);
    await desk.handle(20);
    assert.equal(serving.latencyMs, 20, 'only the new one is left');
  });

  it('takes its ready request alone while it expects it, and then wakes as many as it has room for (IN-3)', () => {
    const desk = new Desk({ expectsReady: true }).started();
    assert.equal(desk.serving.take('normal'), refusals.awaitsReady);
    assert.equal(desk.serving.take('ready'), undefined);
    assert.equal(desk.serving.outstanding, 1);
    desk.serving.done('ready', desk.now);
    assert.deepEqual(desk.woken, [5]);
    assert.equal(desk.serving.isHandlingReady, false);
    assert.equal(desk.serving.take('normal'), undefined);
  });

  it('gives a background thread back when its request is over, which takes no room of others (IN-4)', () => {
    const { serving, woken, now } = new Desk({ concurrency: 1, backgroundThreads: 2 }).started();
    assert.equal(serving.reserveBackground(), undefined);
    assert.equal(serving.take('background'), undefined);
    assert.equal(serving.remaining, 1);
    assert.equal(serving.remainingBackground, 1);
    assert.equal(serving.idleMs, 0);
    serving.done('background', now);
    assert.equal(serving.remainingBackground, 2);
    assert.equal(serving.total, 1);
    assert.deepEqual(woken, []);
  });

  it('ends when its shutdown request is over and nobody else is there, and wakes everybody (IN-5)', () => {
    const desk = new Desk().started();
    desk.serving.quit({ expectShutdown: true });
    assert.equal(desk.serving.hasQuit, true);
    assert.equal(desk.serving.take('shutdown'), undefined);
    assert.equal(desk.ends, 0);
    desk.serving.done('shutdown', desk.now);
    assert.equal(desk.serving.isOver, true);
    assert.equal(desk.ends, 1);
    assert.deepEqual(desk.woken, [Number.POSITIVE_INFINITY]);
  });

  it('goes on with a request that it has when its shutdown request is over, and is not idle (IN-6)', async () => {
    const desk = new Desk().started();
    desk.serving.take('normal');
    desk.serving.quit({ expectShutdown: true });
    desk.serving.take('shutdown');
    await desk.world.pass(500);
    desk.serving.done('shutdown', 0);
    assert.equal(desk.serving.isOver, false);
    assert.equal(String(desk.serving), '<Instance 0: 1/5, total: 2 [quitting]>');
    assert.equal(desk.serving.idleMs, 0);
    assert.equal(desk.ends, 0);
  });

  it('refuses in the words of the reference: before the start, when full, while quitting and after (IN-7)', () => {
    const fresh = new Desk().serving;
    assert.equal(fresh.take('normal'), 'Instance has not started');
    assert.equal(fresh.take('background'), 'Instance has not started');
    assert.equal(String(fresh), '<Instance 0: 0/5, total: 0 [not started]>');

    const { serving, now } = new Desk({ concurrency: 1 }).started();
    serving.take('normal');
    assert.equal(serving.take('normal'), 'Instance has no additional capacity');
    assert.equal(serving.take('background'), undefined, 'it needs none of that room');
    serving.quit({ allowAsync: true });
    assert.equal(serving.take('normal'), 'Instance is shutting down');
    assert.equal(serving.take('shutdown'), undefined);
    serving.done('normal', now);
    serving.quit({ force: true });
    assert.equal(serving.take('normal'), 'Instance has been quit');
    assert.equal(serving.take('shutdown'), 'Instance has been quit');

    const waiting = new Desk({ expectsReady: true }).started().serving;
    assert.equal(waiting.take('normal'), 'Instance is waiting for ready request');
  });

  it('reserves background threads while it can, also before it is ready and while it quits (IN-8)', () => {
    const fresh = new Desk({ backgroundThreads: 1 }).serving;
    assert.equal(fresh.reserveBackground(), 'Instance has not started');
    assert.equal(fresh.background, 0);

    const unready = new Desk({ backgroundThreads: 1, expectsReady: true }).started().serving;
    assert.equal(unready.reserveBackground(), undefined);

    const { serving } = new Desk({ backgroundThreads: 2 }).started();
    serving.take('normal');
    serving.quit({ allowAsync: true });
    assert.equal(serving.reserveBackground(), undefined);
    assert.equal(serving.reserveBackground(), undefined);
    assert.equal(serving.reserveBackground(), 'Instance has no additional background thread capacity');
    assert.equal(serving.background, 2);
    serving.quit({ force: true });
    assert.equal(serving.reserveBackground(), 'Instance has been quit');
    assert.equal(serving.background, 2);
  });

  it('is told to go at once when it was quit while it started, and counts as never started (IN-10)', () => {
    const desk = new Desk();
    desk.serving.quit();
    assert.equal(desk.serving.started(), false);
    assert.equal(desk.ends, 1);
    assert.equal(desk.serving.canAccept, false);
    assert.equal(desk.serving.isStarted, false);
  });

  it('takes nothing while it is unwell, and wakes those who wait once it is well again (IN-12)', () => {
    const { serving, woken } = new Desk().started();
    serving.setHealthy(false);
    assert.equal(serving.canAccept, false);
    assert.deepEqual(woken, []);
    serving.setHealthy(true);
    assert.equal(serving.canAccept, true);
    assert.deepEqual(woken, [5]);
  });

  it('quits at once when idle; busy it refuses, puts it off, or is forced, as it is told (IN-13)', () => {
    const idle = new Desk().started();
    assert.equal(idle.serving.quit(), undefined);
    assert.equal(idle.ends, 1);

    const busy = (): Desk => {
      const desk = new Desk().started();
      desk.serving.take('normal');
      return desk;
    };
    const refusing = busy();
    assert.equal(refusing.serving.quit(), 'cannot quit serving instance');
    assert.equal(refusing.serving.quit(), isServing);
    assert.equal(refusing.serving.hasQuit, false);
    for (const allowAsync of [false, true]) {
      const forced = busy();
      assert.equal(forced.serving.quit({ force: true, allowAsync }), undefined);
      assert.equal(forced.serving.isOver, true);
      assert.equal(forced.ends, 1);
    }
    const later = busy();
    assert.equal(later.serving.quit({ allowAsync: true }), undefined);
    assert.equal(String(later.serving), '<Instance 0: 1/5, total: 1 [quitting]>');
    assert.equal(later.ends, 0);

    const expecting = busy();
    assert.equal(expecting.serving.quit({ expectShutdown: true, force: true }), undefined);
    assert.equal(expecting.serving.isOver, false);
    assert.equal(expecting.serving.hasQuit, true);
    assert.equal(expecting.serving.quit(), isServing);
    assert.equal(expecting.ends, 0);
  });

  it('ends a quit that was put off with the last request or background thread (IN-14)', () => {
    const desk = new Desk({ backgroundThreads: 1 }).started();
    desk.serving.take('normal');
    desk.serving.reserveBackground();
    desk.serving.take('background');
    desk.serving.quit({ allowAsync: true });
    desk.serving.done('normal', 0);
    assert.equal(desk.serving.isOver, false);
    desk.serving.done('background', 0);
    assert.equal(desk.serving.isOver, true);
    assert.equal(desk.ends, 1);
  });

  it('touches no child when it is quit before its start (IN-15)', () => {
    const desk = new Desk();
    assert.equal(desk.serving.quit({ force: true }), undefined);
    assert.equal(desk.ends, 0);
    assert.equal(desk.serving.hasQuit, true);
  });

  it('tells latency and rate of what began within the last minute (IN-16)', async () => {
    const desk = new Desk().started();
    await desk.handle(1000);
    await desk.handle(2000);
    assert.equal(desk.serving.latencyMs, 1500);
    await desk.world.pass(58_000);
    assert.equal(desk.serving.latencyMs, 2000, 'the first began more than a minute ago');
    await desk.world.pass(60_000);
    for (let count = 0; count < 120; count += 1) await desk.handle(1);
    assert.equal(desk.serving.perSecond, 2);
    await desk.handle(70_000);
    assert.equal(desk.serving.perSecond, 0, 'that one began too long ago as well');
  });

  it('waits for nobody whose exchange lasts when it is to end', () => {
    const desk = new Desk().started();
    desk.serving.take('normal');
    desk.serving.quit({ allowAsync: true });
    assert.equal(desk.ends, 0);
    desk.serving.lasts();
    assert.equal(desk.ends, 1);
    desk.serving.done('normal', 0, true);
    assert.equal(desk.serving.outstanding, 0);
    assert.equal(desk.serving.busy, 0);
  });

  it('has room for another request beside an exchange that lasts, and is not idle while there is one', async () => {
    const { serving, woken, world } = new Desk({ concurrency: 1 }).started();
    serving.take('normal');
    serving.lasts();
    assert.deepEqual(woken, [1]);
    assert.equal(serving.take('normal'), undefined);
    assert.equal(serving.take('normal'), refusals.full);
    serving.done('normal', 0);
    await world.pass(5_000);
    assert.equal(serving.idleMs, 0);
    serving.done('normal', 0, true);
    assert.equal(serving.remaining, 1);
    await world.pass(5_000);
    assert.equal(serving.idleMs, 5_000);
  });
});

describe('waiting for an instance', () => {
  class Queue extends Desk {
    readonly waiters = new Waiters<'free' | 'gone'>(this.world.clock);
    result: string | undefined = 'waits';

    constructor(part: Partial<ServingOptions> = {}) {
      super({ wake: (count) => this.waiters.wake(count), ...part });
    }

    wait(ms: number): void {
      void this.waiters
        .wait({
          lane: 0,
          until: this.now + ms,
          attempt: () => (this.serving.isFree ? 'free' : this.serving.hasQuit ? 'gone' : undefined),
        })
        .then((result) => {
          this.result = result;
        });
    }
  }

  it('ends at once with room, also when time is over; without, at the deadline, or when it quits (IN-9)', async () => {
    const free = new Queue();
    free.started();
    free.wait(-5);
    await free.world.settle();
    assert.equal(free.result, 'free');

    const unready = new Queue({ expectsReady: true });
    unready.started();
    unready.wait(300);
    await unready.world.pass(299);
    assert.equal(unready.result, 'waits');
    await unready.world.pass(1);
    assert.equal(unready.result, undefined);
    assert.equal(unready.waiters.size, 0);

    const full = new Queue({ concurrency: 1 });
    full.started();
    full.serving.take('normal');
    full.wait(300);
    await full.world.pass(300);
    assert.equal(full.result, undefined);

    const quits = new Queue({ concurrency: 1 });
    quits.started();
    quits.serving.take('normal');
    quits.wait(300);
    await quits.world.pass(10);
    quits.serving.quit({ force: true });
    await quits.world.settle();
    assert.equal(quits.result, 'gone');
    assert.equal(quits.now, 10);
  });

  it('serves in the order of arrival, each with what was freed', async () => {
    const { waiters } = new Queue();
    let free = 0;
    const served: number[] = [];
    for (const each of [1, 2, 3])
      void waiters
        .wait({
          lane: 'any',
          until: Number.POSITIVE_INFINITY,
          attempt: () => {
            if (free === 0) return undefined;
            free -= 1;
            return 'free';
          },
        })
        .then(() => served.push(each));
    free = 2;
    waiters.wake(1);
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(served, [1]);
    waiters.wake(5);
    await Promise.resolve();
    await Promise.resolve();
    assert.deepEqual(served, [1, 2]);
    assert.equal(waiters.size, 1);
  });
});

describe('a graceful end', () => {
  it('leaves what remains of half a minute after the stop request, and is forced then (IN-32)', async () => {
    const { world, serving } = new Desk().started();
    serving.take('normal');
    const asks: number[] = [];
    let isDone = false;
    void gracefully({
      serving,
      clock: world.clock,
      ms: 30_000,
      ask: (ms) => {
        asks.push(ms);
        return new Promise((resolve) => void world.clock.after(10_000, resolve));
      },
      over: new Promise(() => undefined),
    }).then(() => {
      isDone = true;
    });
    await world.pass(10_000);
    assert.deepEqual(asks, [30_000]);
    assert.equal(serving.isOver, false);
    await world.pass(19_999);
    assert.equal(isDone, false);
    await world.pass(1);
    assert.equal(isDone, true);
    assert.equal(serving.isOver, true, 'the request that it still had does not hold it any more');
  });
});
