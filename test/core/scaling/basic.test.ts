/** Basic scaling, spec 3.10. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { answered, basic, Crew, type Part, scalingRead, slowAnswer } from './crew.ts';

const three: Part = { scaling: basic(3), requests: { concurrency: 1 } };
const reference: Part = { ...three, profile: 'appengine' };

describe('basic scaling', () => {
  it('starts nothing by itself: all instances are there, and sleep', async () => {
    const crew = await new Crew(three, 3).begin();
    assert.equal(crew.states, 'web.0 STOPPED, web.1 STOPPED, web.2 STOPPED');
    assert.ok(crew.instances.every((each) => crew.way.isAsleep(each)));
    assert.equal(crew.world.children.length, 0);
  });

  it('starts the first that does not run for a request that finds nobody, and none when all do (IN-41)', async () => {
    const crew = await new Crew(three, 3).begin();
    const waiting = [crew.waits()];
    assert.deepEqual(crew.orders, ['start web.0']);
    assert.equal(crew.way.isAsleep(crew.at(0)), false);
    waiting.push(crew.waits(), crew.waits(), crew.waits());
    assert.deepEqual(crew.orders, ['start web.0', 'start web.1', 'start web.2']);
    await crew.up();
    assert.deepEqual(
      waiting.map(({ outcome }) => (outcome?.kind === 'taken' ? outcome.instance.name : 'waits')),
      ['web.0', 'web.1', 'web.2', 'waits'],
    );
  });

  it('takes one that is free, else starts one and waits for it, else waits, else gives up (IN-42)', async () => {
    const crew = await new Crew({ ...reference, scaling: basic(2) }, 2).begin();
    const first = crew.waits();
    await crew.up();
    first.taken.done(answered);
    assert.equal(crew.taken().instance.name, 'web.0');
    const second = crew.waits();
    assert.deepEqual(crew.orders, ['start web.0', 'start web.1']);
    await crew.up();
    assert.equal(second.taken.instance.name, 'web.1');
    const third = crew.waits();
    await crew.world.pass(5_000);
    second.taken.done(answered);
    await crew.world.settle();
    assert.equal(third.taken.instance.name, 'web.1');
    const fourth = crew.waits();
    await crew.world.pass(10_000);
    assert.equal(fourth.answer.status, 503);
    assert.match(fourth.answer.body, /503 - This request has timed out\./);
    assert.deepEqual(crew.orders, ['start web.0', 'start web.1']);
  });

  it('starts no more than those who wait need', async () => {
    const crew = await new Crew({ ...three, requests: { concurrency: 8 } }, 3).begin();
    const page = Array.from({ length: 8 }, () => crew.waits());
    assert.deepEqual(crew.orders, ['start web.0']);
    const ninth = crew.waits();
    assert.deepEqual(crew.orders, ['start web.0', 'start web.1']);
    await crew.up();
    assert.ok([...page, ninth].every(({ outcome }) => outcome?.kind === 'taken'));
  });

  it('starts the instance that is asked for by its number; gives up on it after ten seconds (IN-43)', async () => {
    const crew = await new Crew(reference, 3).begin();
    const start = slowAnswer();
    crew.world.answers = () => start.promise;
    const one = crew.waits({ directed: 2 });
    const other = crew.waits({ directed: 2 });
    assert.deepEqual(crew.orders, ['start web.2'], 'it is on its way already for the second one');
    await crew.up();
    start.come();
    await crew.world.settle();
    assert.equal(one.taken.instance.name, 'web.2');
    assert.equal(other.outcome, undefined);
    await crew.world.pass(10_000);
    assert.equal(other.answer.status, 503);
    assert.equal(other.answer.body, '');
    assert.deepEqual(crew.take({ directed: 3 }), { kind: 'nobody' });
  });

  it('ends an instance that nobody wanted for longer than its time, gracefully, and starts it again (IN-44)', async () => {
    const crew = await new Crew({ ...reference, scaling: basic(2, 60_000) }, 2).begin();
    const request = crew.waits();
    await crew.up();
    const child = crew.child(0);
    await crew.world.pass(120_000);
    assert.deepEqual(child.signals, [], 'it has a request');
    request.taken.done(answered);
    await crew.world.pass(60_000);
    assert.equal(crew.at(0).stateName, 'RUNNING');
    await crew.world.pass(1_500);
    assert.match(crew.asked.at(-1) ?? '', /^GET \/_ah\/stop at/);
    assert.deepEqual(crew.orders, ['start web.0', 'stop web.0'], 'who does not run is not stopped');
    assert.deepEqual(child.signals, ['TERM']);
    const next = crew.waits();
    assert.equal(crew.orders.at(-1), 'start web.0', 'as soon as it may');
    child.end({ code: 0 });
    await crew.up();
    assert.equal(next.taken.instance.name, 'web.0');
  });

  it('sleeps only while nothing that runs depends on it', async () => {
    const crew = await new Crew({ ...three, scaling: basic(1, 1_000) }).begin();
    const request = crew.waits();
    await crew.up();
    request.taken.done(answered);
    crew.isNeeded = true;
    await crew.world.pass(10_000);
    assert.equal(crew.at(0).stateName, 'RUNNING');
    crew.isNeeded = false;
    await crew.world.pass(1_000);
    assert.equal(crew.at(0).stateName, 'STOPPING');
  });

  it('restarts those that run when a file changes, and wakes nobody (IN-45)', async () => {
    const crew = await new Crew(three, 3).begin();
    crew.waits();
    await crew.up();
    assert.equal(crew.way.filesChanged(), undefined, 'all that run');
    const old = crew.child(0);
    for (const each of crew.instances) if (!each.isAtRest) each.restart();
    await crew.world.pass(1_100);
    old.end({ code: 0 });
    await crew.up();
    assert.equal(crew.states, 'web.0 RUNNING, web.1 STOPPED, web.2 STOPPED');
    assert.ok(crew.way.isAsleep(crew.at(1)));
  });

  it('has one limit, that of its definition, and takes times as App Engine writes them (IN-46)', () => {
    assert.deepEqual(scalingRead('{ kind: basic }'), { kind: 'basic', maxInstances: 1, idleMs: 900_000 });
    assert.deepEqual(scalingRead('{ kind: basic, idleTimeout: 15m }'), {
      kind: 'basic',
      maxInstances: 1,
      idleMs: 900_000,
    });
    assert.deepEqual(scalingRead('{ kind: basic, maxInstances: 4, idleTimeout: 10s }'), {
      kind: 'basic',
      maxInstances: 4,
      idleMs: 10_000,
    });
  });

  it('tells whoever waits when the start comes to nothing, and tries again for the next request', async () => {
    const crew = await new Crew(three, 2).begin();
    crew.world.spawnFailure = { reason: 'there is no such program', way: '' };
    const first = crew.waits();
    await crew.world.pass(1);
    assert.deepEqual(first.outcome, { kind: 'nobody' });
    assert.equal(crew.world.children.length, 0);
    assert.deepEqual(crew.orders, ['start web.0'], 'another one would fail as well');
    await crew.world.pass(30_000);
    assert.equal(crew.at(0).stateName, 'FATAL');
    crew.world.spawnFailure = undefined;
    const second = crew.waits();
    await crew.up();
    assert.equal(second.taken.instance.name, 'web.0');
  });

  it('answers 404 once it is stopped, and starts nothing for a request then', async () => {
    const crew = await new Crew(reference, 3).begin();
    const waiting = crew.waits();
    crew.way.end();
    await crew.world.settle();
    assert.equal(waiting.answer.status, 404);
    await crew.end();
    const outcome = await crew.take();
    assert.ok(outcome.kind === 'refused' && outcome.answer.status === 404);
    assert.deepEqual(crew.orders, ['start web.0']);
    assert.ok(crew.instances.every((each) => !crew.way.isAsleep(each)));
  });
});
