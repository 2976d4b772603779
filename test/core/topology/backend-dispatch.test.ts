import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import type { Answer } from '../../../src/core/outside.ts';
import type { Outcome, Taken, Wish } from '../../../src/core/scaling/dispatch.ts';
import { backend, Crew, failFast } from './crew.ts';

const wish: Wish = { type: 'normal', without: [], path: '/' };

/** A backend whose instances run; those that are named have been started by their start request, too. */
async function running(spec: ServiceSpec, ...started: readonly number[]): Promise<Crew> {
  const crew = new Crew([spec]);
  crew.answer(500);
  const names = crew.instances.map(({ name }) => name);
  await crew.start(...names);
  for (const index of started) {
    const taken = at(await crew.dispatch(spec.name).take({ ...wish, directed: index, path: '/_ah/start' }));
    taken.done({ status: 200, failed: false });
  }
  return crew;
}

function at(outcome: Outcome): Taken {
  if (outcome.kind !== 'taken') throw new Error(`Nobody took it: ${JSON.stringify(outcome)}`);
  return outcome;
}

function refused(outcome: Outcome): Answer {
  if (outcome.kind !== 'refused') throw new Error(`It was not refused: ${outcome.kind}`);
  return outcome.answer;
}

/** At once; a promise would be one too many. */
function now(outcome: Outcome | Promise<Outcome>): Outcome {
  if (outcome instanceof Promise) throw new Error('It has to wait.');
  return outcome;
}

describe('an instance of a backend', () => {
  it('answers 403 with the exact reason before it was started, and serves the start request (MP-14)', async () => {
    const crew = await running(backend('worker', 1));
    const dispatch = crew.dispatch('worker');
    const { status, reason } = refused(now(dispatch.take(wish)));
    assert.deepEqual([status, reason], [403, 'Waiting for start request to finish.']);
    assert.equal(dispatch.outOfService(crew.instance('worker.0')), 'GET /_ah/start is not answered yet');
    const start = at(now(dispatch.take({ ...wish, path: '/_ah/start' })));
    start.done({ status: 404, failed: false });
    assert.equal(at(now(dispatch.take(wish))).instance.name, 'worker.0');
    assert.equal(dispatch.outOfService(crew.instance('worker.0')), undefined);
  });

  it('answers 503 `Busy.` for itself while it has a request, where it fails fast (MP-16)', async () => {
    const crew = await running(failFast('worker'), 0);
    const dispatch = crew.dispatch('worker');
    const directed = { ...wish, directed: 0 };
    const first = at(now(dispatch.take(directed)));
    assert.equal(dispatch.busy(first.instance), 1);
    const { status, reason, body } = refused(now(dispatch.take(directed)));
    assert.deepEqual([status, reason, body], [503, 'Busy.', 'Busy.']);
    first.done({ failed: true });
    assert.equal(now(dispatch.take(directed)).kind, 'taken');
  });

  it('lets the next one wait for its turn where it does not (MP-17, MP-18)', async () => {
    const crew = await running(backend('worker', 1), 0);
    const dispatch = crew.dispatch('worker');
    const first = at(now(dispatch.take(wish)));
    const order: string[] = [];
    for (const name of ['second', 'third'])
      void Promise.resolve(dispatch.take(wish)).then((outcome) => {
        order.push(name);
        at(outcome).done({ failed: false, status: 200 });
      });
    await crew.world.settle();
    assert.deepEqual([order, dispatch.waiting], [[], 2]);
    first.done({ failed: true });
    await crew.world.settle();
    assert.deepEqual([order, dispatch.waiting], [['second', 'third'], 0]);
  });

  it('is free for others when a request has become one that lasts', async () => {
    const crew = await running(backend('worker', 1), 0);
    const socket = at(now(crew.dispatch('worker').take(wish)));
    socket.lasting();
    assert.equal(now(crew.dispatch('worker').take(wish)).kind, 'taken');
  });
});

describe('the balancer of a backend', () => {
  it('gives each request to the first instance that takes it, without rotation (MP-19)', async () => {
    const crew = await running(failFast('worker', { instances: 3 }), 0, 1, 2);
    const take = (): Taken => at(now(crew.dispatch('worker').take(wish)));
    const [a, b] = [take(), take()];
    a.done({ status: 200, failed: false });
    const [c, d] = [take(), take()];
    assert.deepEqual(
      [a, b, c, d].map(({ instance }) => instance.name),
      ['worker.0', 'worker.1', 'worker.0', 'worker.2'],
    );
    assert.equal(a.port, crew.instance('worker.0').address?.port);
  });

  it('lets requests wait for the first instance where none fails fast, however idle the others are', async () => {
    const crew = await running(backend('worker', 1, { instances: 2 }), 0, 1);
    const first = at(now(crew.dispatch('worker').take(wish)));
    const second = Promise.resolve(crew.dispatch('worker').take(wish));
    first.done({ status: 200, failed: false });
    assert.equal(at(await second).instance.name, 'worker.0');
  });

  it('goes on to the next instance on an answer with 503, with the body kept, and lets every other answer through (MP-19)', async () => {
    const crew = await running(backend('worker', 1, { instances: 2 }), 0, 1);
    const dispatch = crew.dispatch('worker');
    const first = at(now(dispatch.take(wish)));
    assert.equal((first.keepBody ?? 0) > 0, true);
    for (const status of [200, 404, 403, 500, 502]) assert.equal(first.again?.(status), undefined);
    const second = at(now(first.again?.(503) ?? { kind: 'nobody' }));
    assert.deepEqual([second.instance.name, dispatch.busy(first.instance)], ['worker.1', 0]);
    const last = refused(now(second.again?.(503) ?? { kind: 'nobody' }));
    assert.deepEqual([last.status, last.reason], [503, 'Busy']);
  });

  it('waits for the next one if that has a request already', async () => {
    const crew = await running(backend('worker', 1, { instances: 2 }), 0, 1);
    const dispatch = crew.dispatch('worker');
    const other = at(now(dispatch.take({ ...wish, directed: 1 })));
    const first = at(now(dispatch.take(wish)));
    const again = Promise.resolve(first.again?.(503) ?? { kind: 'nobody' as const });
    await crew.world.settle();
    other.done({ status: 200, failed: false });
    assert.equal(at(await again).instance.name, 'worker.1');
  });

  it('answers 503 `Busy` when all are busy (MP-20)', async () => {
    const crew = await running(failFast('worker', { instances: 2 }), 0, 1);
    const dispatch = crew.dispatch('worker');
    now(dispatch.take(wish));
    now(dispatch.take(wish));
    const { status, reason, body } = refused(now(dispatch.take(wish)));
    assert.deepEqual([status, reason, body], [503, 'Busy', 'Busy']);
  });

  it('takes the 403 of an instance that is not started for an answer like any other', async () => {
    const crew = await running(failFast('worker', { instances: 2 }), 1);
    assert.equal(refused(now(crew.dispatch('worker').take(wish))).status, 403);
  });

  it('answers 500 with the text of a protocol error, and asks nobody else (MP-21)', async () => {
    const crew = await running(backend('worker', 1, { instances: 2 }), 0, 1);
    const taken = at(now(crew.dispatch('worker').take(wish)));
    const answer = taken.failed?.({ kind: 'bad-response', reason: 'HTTP/9.9 what\nis this' });
    assert.deepEqual(
      [answer?.status, answer?.reason, answer?.body],
      [500, 'HTTP/9.9 what is this', 'HTTP/9.9 what\nis this'],
    );
    const broken = { kind: 'unreachable', reason: 'it broke off', refused: false } as const;
    assert.equal(taken.failed?.(broken)?.status, 500);
    assert.equal(taken.failed?.({ ...broken, refused: true }), undefined);
    // Whoever asks one instance by its name is not behind the balancer.
    const directed = at(now(crew.dispatch('worker').take({ ...wish, directed: 1 })));
    assert.deepEqual(['failed' in directed, 'again' in directed], [false, false]);
  });

  it('passes over instances that refuse or do not run, and says 503 when none is left (MP-22)', async () => {
    const crew = await running(backend('worker', 1, { instances: 3 }), 0, 1, 2);
    const dispatch = crew.dispatch('worker');
    void crew.instance('worker.1').stop();
    await crew.world.settle();
    const next = at(now(dispatch.take({ ...wish, without: ['worker.0'] })));
    assert.equal(next.instance.name, 'worker.2');
    const none = refused(now(dispatch.take({ ...wish, without: ['worker.0', 'worker.2'] })));
    assert.deepEqual([none.status, none.reason], [503, 'Busy']);
  });

  it('leaves it to the front door to say why, when none of them runs', async () => {
    const crew = new Crew([backend('worker', 1, { instances: 2 })]);
    assert.deepEqual(now(crew.dispatch('worker').take(wish)), { kind: 'nobody' });
    assert.deepEqual(now(crew.dispatch('worker').take({ ...wish, directed: 7 })), { kind: 'nobody' });
  });

  it('sends who waits for an instance that ends to the next one', async () => {
    const crew = await running(backend('worker', 1, { instances: 2 }), 0, 1);
    const dispatch = crew.dispatch('worker');
    at(now(dispatch.take(wish)));
    const waiting = Promise.resolve(dispatch.take(wish));
    crew.childAt(crew.instance('worker.0').address?.port ?? 0).end({ signal: 'SIGKILL' });
    await crew.world.settle();
    assert.equal(at(await waiting).instance.name, 'worker.1');
  });

  it('counts what an instance still has while that is being stopped, and gives it no more', async () => {
    const crew = await running(backend('worker', 1, { instances: 2 }), 0, 1);
    const dispatch = crew.dispatch('worker');
    const instance = crew.instance('worker.0');
    const last = at(now(dispatch.take(wish)));
    const waiting = Promise.resolve(dispatch.take(wish));
    void instance.stop();
    await crew.world.settle();
    assert.deepEqual([instance.stateName, dispatch.busy(instance)], ['STOPPING', 1]);
    assert.equal(at(await waiting).instance.name, 'worker.1');
    last.done({ status: 200, failed: false });
    assert.equal(dispatch.busy(instance), 0);
  });

  it('that is over has nobody', async () => {
    const crew = await running(backend('worker', 1), 0);
    crew.dispatch('worker').dispose();
    assert.deepEqual(now(crew.dispatch('worker').take(wish)), { kind: 'nobody' });
  });
});
