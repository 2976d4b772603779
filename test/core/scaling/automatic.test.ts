/** Automatic scaling, spec 3.8: how many instances there are, and which has a request. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InternalRequest } from '../../../src/core/appengine/front.ts';
import { byLoad, type Choosable, firstFree, requiredCount, split } from '../../../src/core/scaling/choose.ts';
import { Load } from '../../../src/core/scaling/load.ts';
import { answered, automatic, Crew, type Part, refusedConnection, scalingRead, slowAnswer } from './crew.ts';

const one: Part = { scaling: automatic(), requests: { concurrency: 1 } };
const reference: Part = { ...one, profile: 'appengine' };

describe('the choice among instances', () => {
  const of = (outstanding: number, room: number, canAccept = true): Choosable => ({
    outstanding,
    remaining: room,
    canAccept,
  });
  const [idle, some, busy, full, away] = [of(0, 5), of(2, 3), of(4, 1), of(5, 0), of(1, 4, false)];

  it('needs as many as the peak of the last minute divided by what one can do, rounded down unless told otherwise (IN-25)', () => {
    assert.deepEqual(
      [45, 44, 4, 0].map((peak) => requiredCount(peak, 5, 'down')),
      [9, 8, 0, 0],
    );
    assert.deepEqual(
      [45, 44, 4, 0].map((peak) => requiredCount(peak, 5, 'up')),
      [9, 9, 1, 0],
    );
  });

  it('remembers the most that were under way at once, for a minute (IN-25)', () => {
    const load = new Load();
    assert.equal(load.peak(0), 0);
    for (const at of [0, 100, 200]) load.begin(at);
    load.end();
    load.end();
    assert.equal(load.outstanding, 1);
    load.begin(30_000);
    assert.equal(load.peak(60_000), 3);
    assert.equal(load.peak(62_000), 2);
    assert.equal(load.peak(91_500), 0);
  });

  it('remembers less than a minute of them where it is asked to, and what is under way in any case', () => {
    const load = new Load();
    for (const at of [0, 100, 200]) load.begin(at);
    assert.equal(load.peakWithin(3_000, 300), 3);
    load.end();
    load.end();
    assert.equal(load.peakWithin(3_000, 3_500), 3);
    assert.equal(load.peakWithin(3_000, 4_500), 1);
    assert.equal(load.peakWithin(30_000, 4_500), 3);
    load.end();
    assert.equal(load.peakWithin(3_000, 4_600), 0);
    load.begin(4_700);
    assert.equal(load.peakWithin(3_000, 4_700), 1);
  });

  it('calls the busiest that accept requests needed, and all others not, those that accept none too (IN-26)', () => {
    assert.deepEqual(split([idle, away, busy, some, full], 2), {
      required: [full, busy],
      others: [some, idle, away],
    });
    assert.deepEqual(split([idle, away], 3), { required: [idle], others: [away] });
    assert.deepEqual(split([idle, away], 0), { required: [], others: [idle, away] });
  });

  it('takes the least busy that is needed, then the busiest that is not and has room, then none (IN-27)', () => {
    assert.equal(byLoad([idle, busy, some], 2), some);
    assert.equal(byLoad([idle, busy], 2), idle);
    assert.equal(byLoad([idle, full, some], 1), some);
    assert.equal(byLoad([idle, some, busy], 0), busy);
    assert.equal(byLoad([full, away, idle], 1), idle);
    assert.equal(byLoad([full, away], 1), undefined);
    assert.equal(byLoad([away], 1), undefined);
    assert.equal(byLoad([], 0), undefined);
  });

  it('of manual and basic scaling is the first in order with room (IN-35)', () => {
    assert.equal(firstFree([full, away, busy, idle]), busy);
    assert.equal(firstFree([full, away]), undefined);
  });
});

describe('automatic scaling', () => {
  it('has the defaults of the reference where nothing or `automatic` is said, and reads both kinds of times (IN-18)', () => {
    const usual = { kind: 'automatic', minPendingMs: 100, maxPendingMs: 500, minIdle: 1, maxIdle: 1000 };
    for (const written of [
      '{ kind: automatic, maxInstances: 3 }',
      '{ kind: automatic, maxInstances: 3, minPending: automatic, maxPending: automatic, minIdle: automatic, maxIdle: automatic }',
    ])
      assert.deepEqual(scalingRead(written), { ...usual, maxInstances: 3, rounding: 'down' });
    assert.deepEqual(
      scalingRead(
        '{ kind: automatic, maxInstances: 3, minPending: 1234ms, maxPending: 5.67s, minIdle: 3, maxIdle: 20 }',
      ),
      {
        kind: 'automatic',
        minPendingMs: 1234,
        maxPendingMs: 5670,
        minIdle: 3,
        maxIdle: 20,
        maxInstances: 3,
        rounding: 'down',
      },
    );
  });

  it('gives each run an instance id of 36 hexadecimal digits of its own (IN-19)', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ minIdle: 2 }) }).begin();
    const ids = crew.instances.map((each) => crew.way.idOf(each));
    for (const id of ids) assert.match(id, /^[a-f0-9]{36}$/);
    assert.notEqual(ids[0], ids[1]);
    const old = crew.child(0);
    crew.at(0).restart();
    await crew.world.settle();
    old.end({ code: 0 });
    await crew.up();
    assert.notEqual(crew.way.idOf(crew.at(0)), ids[0]);
  });

  it('warms up what is to spare with /_ah/warmup where the application asks for it, and nobody else (IN-20)', async () => {
    const warm: Part = {
      ...reference,
      scaling: automatic({ minIdle: 1 }),
      appengine: { inboundServices: ['warmup'] },
    };
    const made: InternalRequest[] = [];
    const crew = new Crew(warm, 1, {
      internalRequest: (request) => {
        made.push(request);
        return { id: 'x', head: { method: 'GET', target: '/_ah/warmup', headers: [] }, end: () => undefined };
      },
    });
    const answer = slowAnswer();
    crew.world.answers = () => answer.promise;
    await crew.begin();
    assert.deepEqual(made, [{ kind: 'warmup' }]);
    const request = crew.waits();
    assert.equal(crew.way.outOfService(crew.at(0)), 'its ready request is not answered yet');
    answer.come();
    await crew.world.settle();
    assert.equal(request.taken.instance.name, 'web.0');
    // For a request there is no time to warm up.
    const next = crew.waits();
    await crew.world.pass(150);
    await crew.up();
    assert.equal(next.taken.instance.name, 'web.1');
    assert.equal(made.length, 1);

    const cold = await new Crew({ ...warm, appengine: { inboundServices: [] } }).begin();
    assert.deepEqual(cold.asked, []);
    assert.equal(cold.taken().instance.name, 'web.0');
  });

  it('counts an instance whose start failed no longer, shows why, and tries it again after a while (IN-21)', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ maxInstances: 1 }), startRetries: 0 }).begin();
    crew.world.spawnFailure = { reason: 'there is no such program', way: '' };
    const first = crew.waits();
    await crew.world.pass(1);
    assert.deepEqual(first.outcome, { kind: 'nobody' });
    assert.equal(crew.at(0).stateName, 'FATAL');
    assert.notEqual(crew.at(0).fault, undefined);
    assert.deepEqual(await crew.take(), { kind: 'nobody' }, 'not again at once');
    assert.deepEqual(crew.orders, ['start web.0']);
    crew.world.spawnFailure = undefined;
    await crew.world.pass(10_000);
    const later = crew.waits();
    await crew.up();
    assert.equal(later.taken.instance.name, 'web.0');
  });

  it('never starts an instance whose child cannot be run, and says so once (IN-11)', async () => {
    const crew = await new Crew({ ...one, startRetries: 0 }).begin();
    crew.world.spawnFailure = { reason: 'there is no such program', way: '' };
    crew.waits();
    await crew.world.pass(5_000);
    assert.equal(crew.at(0).stateName, 'FATAL');
    assert.equal(crew.faults.length, 1);
    assert.match(crew.faults[0]?.message ?? '', /there is no such program/);
    assert.deepEqual(crew.take({ without: ['web.9'] }), { kind: 'nobody' });
  });

  it('adds none at the maximum; requests wait for room then, however long (IN-22, IN-31)', async () => {
    const crew = await new Crew({
      ...reference,
      scaling: automatic({ minIdle: 1, maxInstances: 2 }),
    }).begin();
    const first = crew.taken();
    const second = crew.waits();
    await crew.world.pass(100);
    await crew.up();
    assert.equal(second.taken.instance.name, 'web.1');
    const third = crew.waits();
    await crew.world.pass(300_000);
    assert.equal(third.outcome, undefined);
    assert.equal(crew.instances.length, 2);
    first.done(answered);
    await crew.world.settle();
    assert.equal(third.taken.instance.name, 'web.0');
  });

  it('adds an instance when nobody was free for a tenth of a second, and looks again each fifth after that (IN-23)', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ minIdle: 1, maxInstances: 3 }) }).begin();
    crew.taken();
    crew.addFails = undefined;
    const second = crew.waits();
    await crew.world.pass(99);
    assert.equal(crew.instances.length, 1);
    await crew.world.pass(1);
    assert.equal(crew.instances.length, 2);
    const third = crew.waits();
    await crew.world.pass(100);
    assert.equal(crew.instances.length, 3, 'the one on its way has room for one alone');
    const fourth = crew.waits();
    await crew.world.pass(100);
    await crew.up();
    assert.deepEqual(
      [second, third].map((each) => each.taken.instance.name),
      ['web.1', 'web.2'],
    );
    crew.spec = { ...crew.spec, scaling: automatic({ maxInstances: 4 }) };
    assert.equal(crew.instances.length, 3);
    await crew.world.pass(200);
    assert.equal(crew.instances.length, 4, 'there may be one more now');
    await crew.up();
    assert.equal(fourth.taken.instance.name, 'web.3');
  });

  it('starts at once where nobody is there and nobody is on the way', async () => {
    const crew = await new Crew(one).begin();
    assert.ok(crew.way.isAsleep(crew.at(0)));
    const request = crew.waits();
    assert.deepEqual(crew.orders, ['start web.0']);
    await crew.up();
    assert.equal(request.taken.instance.name, 'web.0');
    assert.deepEqual(crew.asked, []);
  });

  it('gives a request that an instance did not take to another, and counts it once in its load (IN-24)', async () => {
    const crew = await new Crew({
      ...one,
      scaling: automatic({ minIdle: 2, rounding: 'up', maxIdle: 1 }),
    }).begin();
    const first = crew.taken();
    assert.equal(first.instance.name, 'web.0');
    first.done(refusedConnection);
    const again = crew.taken({ without: ['web.0'] });
    assert.equal(again.instance.name, 'web.1');
    again.done(answered);
    // A peak of two would mean that both are needed, and one would be added to spare.
    crew.spec = { ...crew.spec, scaling: automatic({ minIdle: 1, rounding: 'up' }) };
    await crew.world.pass(1_000);
    assert.equal(crew.instances.length, 2);
  });

  it('gives a request that names an instance which did not take it to nobody else, nor to that one again', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ minIdle: 2 }) }).begin();
    crew.taken({ directed: 1 }).done(refusedConnection);
    assert.deepEqual(crew.take({ directed: 1, without: ['web.1'] }), { kind: 'nobody' });
  });

  it('keeps as many to spare as it is told, one more each second, with a warm-up (IN-28)', async () => {
    const crew = await new Crew({
      ...reference,
      scaling: automatic({ minIdle: 1, rounding: 'up' }),
      appengine: { inboundServices: ['warmup'] },
    }).begin();
    crew.taken();
    assert.equal(crew.instances.length, 1);
    await crew.world.pass(1_000);
    await crew.up();
    assert.equal(crew.instances.length, 2);
    assert.match(crew.asked.at(-1) ?? '', /^GET \/_ah\/warmup/);
    await crew.world.pass(5_000);
    assert.equal(crew.instances.length, 2, 'the second one is to spare');
  });

  it('quits one of those that are too many, and the next not before a minute is over (IN-28)', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ minIdle: 4 }) }).begin();
    assert.equal(crew.instances.length, 4);
    crew.spec = { ...crew.spec, scaling: automatic({ maxIdle: 1 }) };
    // The last one has become busy: the one before it goes.
    const busy = crew.taken({ prefer: 'web.3' });
    await crew.world.pass(1_000);
    assert.deepEqual(crew.removed, ['web.2']);
    busy.done(answered);
    await crew.world.pass(60_000);
    assert.deepEqual(crew.removed, ['web.2']);
    await crew.world.pass(1_000);
    assert.deepEqual(crew.removed, ['web.2', 'web.3']);
    await crew.world.pass(100_000);
    assert.deepEqual(crew.removed, ['web.2', 'web.3', 'web.1'], 'nobody is needed, and one is to spare');
  });

  it('stops those that had no request for as long as "stopWhenIdle" says, down to what is to spare', async () => {
    const idleMs = 3_000;
    const crew = await new Crew({
      ...one,
      scaling: automatic({ minIdle: 0 }),
      requests: { concurrency: 1, idleMs },
    }).begin();
    const first = crew.waits();
    await crew.up();
    const second = crew.waits();
    await crew.world.pass(100);
    await crew.up();
    first.taken.done(answered);
    await crew.world.pass(5_000);
    assert.deepEqual(crew.removed, ['web.0'], 'the other one still has a request');
    second.taken.done(answered);
    await crew.world.pass(5_000);
    for (const child of crew.world.children) child.end({ code: 0 });
    await crew.world.settle();
    assert.deepEqual(crew.removed, ['web.0'], 'the last one stays, asleep, to be seen');
    assert.equal(crew.states, 'web.1 STOPPED');
    assert.ok(crew.way.isAsleep(crew.at(1)));
    const third = crew.waits();
    await crew.up();
    assert.equal(third.taken.instance.name, 'web.1');
  });

  for (const rounding of ['up', 'down'] as const)
    it(`leaves stopped what "stopWhenIdle" stopped, until requests need it, rounding ${rounding}`, async () => {
      const crew = await new Crew({
        ...one,
        scaling: automatic({ minIdle: 1, maxInstances: 4, rounding }),
        requests: { concurrency: 1, idleMs: 6_000 },
      }).begin();
      const first = crew.taken();
      const others = [crew.waits(), crew.waits()];
      await crew.world.pass(300);
      await crew.up();
      await crew.world.pass(1_000);
      await crew.up();
      const busy = crew.instances.length;
      assert.equal(busy, 4, 'three are needed, and one is to spare');
      await crew.world.pass(5_000);
      for (const taken of [first, ...others.map((each) => each.taken)]) taken.done(answered);
      for (let seconds = 0; seconds < 90; seconds += 1) {
        await crew.world.pass(1_000);
        for (const child of crew.world.children) if (child.signals.includes('TERM')) child.end({ code: 0 });
        await crew.up();
      }
      assert.equal(crew.orders.filter((order) => order.startsWith('start')).length, busy - 1);
      assert.equal(crew.removed.length, 3);
      assert.equal(crew.instances.length, 1);
    });

  it('keeps what requests that follow one another need, and one to spare, without starting any anew', async () => {
    const crew = await new Crew({
      ...one,
      scaling: automatic({ minIdle: 1, maxInstances: 4, rounding: 'up' }),
      requests: { concurrency: 1, idleMs: 3_000 },
    }).begin();
    for (let seconds = 0; seconds < 60; seconds += 1) {
      const taken = crew.taken();
      await crew.world.pass(500);
      taken.done(answered);
      await crew.world.pass(500);
      await crew.up();
    }
    assert.deepEqual(crew.removed, []);
    assert.deepEqual(crew.orders, ['add web.1', 'start web.1']);
  });

  it('counts requests that last longer than "stopWhenIdle" for as long as they are under way', async () => {
    const crew = await new Crew({
      ...one,
      scaling: automatic({ minIdle: 1, maxInstances: 4, rounding: 'up' }),
      requests: { concurrency: 1, idleMs: 3_000 },
    }).begin();
    crew.taken();
    for (let seconds = 0; seconds < 30; seconds += 1) {
      await crew.world.pass(1_000);
      await crew.up();
    }
    assert.deepEqual(crew.removed, []);
    assert.equal(crew.instances.length, 2, 'the other one is to spare');
  });

  it('tells at its end how many there have been at once, and takes nothing any more (IN-29, IN-31)', async () => {
    const crew = await new Crew({ ...reference, scaling: automatic({ minIdle: 3 }) }).begin();
    const taken = crew.taken();
    await crew.end();
    assert.deepEqual(crew.said, ['info web: 3 instances at once were the most there have been']);
    assert.ok(crew.world.children.every(({ signals }) => signals.includes('TERM')));
    taken.done(answered);
    const outcome = await crew.take();
    assert.ok(outcome.kind === 'refused');
    assert.equal(outcome.answer.status, 404);
    assert.equal(outcome.answer.body, '');
  });

  it('answers 404 to those who wait when it ends (IN-31)', async () => {
    const crew = await new Crew({
      ...reference,
      scaling: automatic({ maxInstances: 1, minIdle: 1 }),
    }).begin();
    crew.taken();
    const waiting = crew.waits();
    crew.way.end();
    await crew.world.settle();
    assert.equal(waiting.answer.status, 404);
  });

  it('goes on with everything when adjusting fails, tells a person, and adjusts again (IN-30)', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ minIdle: 1, rounding: 'up' }) }).begin();
    const request = crew.taken();
    crew.addFails = new Error('no port is left');
    await crew.world.pass(1_000);
    assert.deepEqual(crew.said, ['warn web: the number of instances stays as it is: no port is left']);
    request.done(answered);
    assert.equal(crew.taken().instance.name, 'web.0');
    crew.addFails = undefined;
    await crew.world.pass(1_000);
    assert.equal(crew.instances.length, 2);
  });

  it('counts an exchange that lasts neither as load nor as something in the way of others', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ minIdle: 1, rounding: 'up' }) }).begin();
    const socket = crew.taken();
    socket.lasting();
    crew.taken().done(answered);
    await crew.world.pass(500);
    assert.equal(crew.instances.length, 1);
    assert.equal(crew.way.busy(crew.at(0)), 0);
    socket.done(answered);
    assert.equal(crew.way.busy(crew.at(0)), 0);
  });

  it('counts each request down once, whatever became of it', async () => {
    const crew = await new Crew({ ...one, scaling: automatic({ minIdle: 2, rounding: 'up' }) }).begin();
    const socket = crew.taken();
    socket.lasting();
    socket.done(answered);
    for (const without of [['web.0', 'web.1']])
      for (let count = 0; count < 5; count += 1) assert.deepEqual(crew.take({ without }), { kind: 'nobody' });
    crew.taken();
    crew.taken();
    for (let seconds = 0; seconds < 5; seconds += 1) {
      await crew.world.pass(1_000);
      await crew.up();
    }
    assert.equal(crew.instances.length, 4, 'two are needed, and two are to spare');
  });

  it('adds nobody while those on their way have room for all who wait', async () => {
    const crew = await new Crew({ ...one, requests: { concurrency: 2 } }).begin();
    const two = [crew.waits(), crew.waits()];
    await crew.world.pass(1_000);
    assert.equal(crew.instances.length, 1);
    const third = crew.waits();
    await crew.world.pass(100);
    assert.equal(crew.instances.length, 2);
    await crew.up();
    assert.ok([...two, third].every(({ outcome }) => outcome?.kind === 'taken'));
  });

  it('keeps a service without an instance to spare asleep until the first request wants it', async () => {
    const crew = await new Crew(one).begin();
    await crew.world.pass(10_000);
    assert.equal(crew.states, 'web.0 STOPPED');
  });
});
