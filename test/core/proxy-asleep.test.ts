/** Services that start with a request and stop when nobody wants them any more. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ServiceSpec } from '../../src/config/spec.ts';
import { Stage } from '../support/stage.ts';
import { answerOf, forwarded, settled } from '../support/decisions.ts';

const all = { kind: 'all' } as const;
const service = (name: string) => ({ kind: 'service', service: name }) as const;

const api = (requests: Partial<RequestSpec>, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  ...more,
  requests: { ...usualRequests, ...requests },
});
const onRequest = api({ startOnRequest: true });

/** Everything was started, and whatever was spawned for it is up. */
async function started(...specs: Partial<ServiceSpec>[]): Promise<Stage> {
  return new Stage(specs).up();
}

/** What was spawned meanwhile comes up. */
async function comeUp(stage: Stage): Promise<void> {
  await stage.world.settle();
  stage.open();
  await stage.world.pass(50);
}

/** Ends every child that was signalled. */
async function goDown(stage: Stage): Promise<void> {
  await stage.world.settle();
  for (const child of stage.world.children) if (child.signals.length > 0) child.end({ code: 0 });
  await stage.world.settle();
}

describe('a service that starts with a request', () => {
  it('is left asleep by a start of everything, with its door open', async () => {
    const stage = await started(onRequest, { name: 'web' });
    assert.equal(stage.states, 'api.0 STOPPED, web.0 RUNNING');
    assert.deepEqual([stage.view().asleep, stage.view('web.0').asleep], [true, undefined]);
    assert.equal(stage.service('api').onRequest, true);
    assert.match(stage.service('api').url ?? '', /^http:/);
    assert.equal(stage.runtime.isIdle, false);
    const list = answerOf(await stage.ask({}));
    assert.match(list.body, /^api  STOPPED .*  starts with a request$/m);
    assert.ok(stage.events.some(({ event }) => event === 'ready'));
  });

  it('is started by a request, which is served once it is ready, and so is whoever came meanwhile', async () => {
    const stage = await started(onRequest);
    const requests = [settled(stage.ask({}, 'api')), settled(stage.ask({ method: 'POST' }, 'api'))];
    await stage.world.pass(5000);
    assert.equal(stage.view().state, 'STARTING');
    assert.deepEqual(
      requests.map((each) => each()),
      [undefined, undefined],
    );
    assert.equal(stage.world.children.length, 1);
    await comeUp(stage);
    assert.deepEqual(
      requests.map((each) => forwarded(each()).instance),
      ['api.0', 'api.0'],
    );
    assert.equal(stage.view().asleep, undefined);
  });

  it('brings what it depends on, asleep as well, and waits for it', async () => {
    const stage = await started({ ...onRequest, name: 'db' }, { ...onRequest, dependsOn: { db: 'ready' } });
    assert.equal(stage.states, 'db.0 STOPPED, api.0 STOPPED');
    const request = settled(stage.ask({}, 'api'));
    await stage.world.settle();
    assert.equal(stage.states, 'db.0 STARTING, api.0 STOPPED');
    await comeUp(stage);
    await comeUp(stage);
    assert.equal(stage.states, 'db.0 RUNNING, api.0 RUNNING');
    assert.equal(forwarded(request()).instance, 'api.0');
  });

  for (const [kind, sleeper] of Object.entries({
    startOnRequest: onRequest,
    basic: { scaling: { kind: 'basic', maxInstances: 1, idleMs: 60_000 } } satisfies Partial<ServiceSpec>,
  }))
    it(`that comes with a saved file is woken by requests where everything was started (${kind})`, async () => {
      const stage = await started({ name: 'web' });
      stage.config = stage.configOf([{ name: 'web' }, sleeper, { name: 'plain' }]);
      await stage.runtime.reload();
      await stage.world.pass(10);
      assert.equal(stage.states, 'web.0 RUNNING, api.0 STOPPED, plain.0 STOPPED');
      assert.equal(stage.view().asleep, true);
      const request = settled(stage.ask({}, 'api'));
      await comeUp(stage);
      assert.equal(forwarded(request()).instance, 'api.0');
    });

  it('that comes with a saved file is not woken where nobody has started everything, or has stopped it', async () => {
    const stage = new Stage([{ name: 'web' }, { name: 'job' }]);
    await stage.runtime.start(service('web'));
    await comeUp(stage);
    stage.config = stage.configOf([onRequest, { name: 'web' }]);
    await stage.runtime.reload();
    assert.equal(stage.view().asleep, undefined);
    await stage.runtime.start(all);
    await comeUp(stage);
    const stopping = stage.runtime.stop(all);
    await goDown(stage);
    await stopping;
    stage.config = stage.configOf([{ name: 'late', ...onRequest }, { name: 'web' }]);
    await stage.runtime.reload();
    assert.equal(stage.view('late.0').asleep, undefined);
  });

  it('is started for another that needs it', async () => {
    const stage = await started({ ...onRequest, name: 'db' }, { name: 'api', dependsOn: { db: 'ready' } });
    await comeUp(stage);
    assert.equal(stage.states, 'db.0 RUNNING, api.0 RUNNING');
  });

  it('starts all its instances at once', async () => {
    const stage = await started(api({ startOnRequest: true }, { instances: 3 }));
    const request = settled(stage.ask({}, 'api'));
    await comeUp(stage);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING, api.2 RUNNING');
    assert.equal(request()?.kind, 'forward');
  });

  it('that could not be started is shown as such, and not tried again by each request', async () => {
    const stage = await started(api({ startOnRequest: true }, { startRetries: 0, startMs: 1000 }));
    const request = settled(stage.ask({}, 'api'));
    await stage.world.settle();
    stage.world.child.end({ code: 3 });
    await stage.world.pass(200);
    assert.equal(stage.view().state, 'FATAL');
    assert.match(answerOf(request()).body, /could not be started/);
    const before = stage.world.children.length;
    assert.match(answerOf(await stage.ask({}, 'api')).body, /could not be started/);
    assert.equal(stage.world.children.length, before);
  });

  it('is answered with its state when it takes longer than a request may wait', async () => {
    const stage = await started(api({ startOnRequest: true, queueMs: 3000 }));
    const request = settled(stage.ask({}, 'api'));
    await stage.world.pass(3001);
    const { status, body } = answerOf(request());
    assert.equal(status, 503);
    assert.match(body, /^api is starting \(STARTING\)/);
  });

  it('stays down once a person has stopped it, and sleeps again after a start of everything', async () => {
    const stage = await started(onRequest);
    void stage.runtime.stop(service('api'));
    await stage.world.settle();
    assert.equal(stage.view().asleep, undefined);
    assert.match(answerOf(await stage.ask({}, 'api')).body, /^api is stopped \(STOPPED\)/);
    assert.equal(stage.world.children.length, 0);
    assert.equal(stage.runtime.isIdle, true);
    await stage.runtime.start(all);
    await stage.world.settle();
    assert.deepEqual([stage.view().state, stage.view().asleep], ['STOPPED', true]);
  });

  it('of which a person has stopped one instance starts the others alone', async () => {
    const stage = await started(api({ startOnRequest: true }, { instances: 2 }));
    void stage.runtime.stop({ kind: 'instance', instance: 'api.1' });
    await stage.world.settle();
    assert.deepEqual([stage.view('api.0').asleep, stage.view('api.1').asleep], [true, undefined]);
    const request = settled(stage.ask({}, 'api'));
    await comeUp(stage);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 STOPPED');
    assert.equal(forwarded(request()).instance, 'api.0');
  });

  it('that nobody has started, nor everything with it, is not started by a request', async () => {
    const stage = await started({ ...onRequest, autostart: false }, { name: 'web' });
    assert.equal(stage.view().asleep, undefined);
    assert.match(answerOf(await stage.ask({}, 'api')).body, /^api is not started/);
    assert.equal(stage.world.children.length, 1);
  });

  it('is started by a person who names it', async () => {
    const stage = await started(onRequest);
    await stage.runtime.start(service('api'));
    await comeUp(stage);
    assert.equal(stage.view().state, 'RUNNING');
  });

  it('waits in vain for what a person has stopped, and says so', async () => {
    const stage = await started({ name: 'db' }, { ...onRequest, dependsOn: { db: 'ready' } });
    void stage.runtime.stop(service('db'));
    await goDown(stage);
    const { body } = answerOf(await stage.ask({}, 'api'));
    assert.match(body, /^api is waiting for db \(STOPPED\)/);
    assert.equal(stage.states, 'db.0 STOPPED, api.0 STOPPED');
  });

  it('one instance of which is named starts that one', async () => {
    const stage = await started(api({ startOnRequest: true }, { instances: 3 }));
    const request = settled(stage.ask({ headers: [['Host', 'api.1.localhost']] }, 'api'));
    await comeUp(stage);
    assert.equal(stage.states, 'api.0 STOPPED, api.1 RUNNING, api.2 STOPPED');
    assert.equal(forwarded(request()).instance, 'api.1');
  });

  it('goes down with everything, and nothing is started by a late request', async () => {
    const stage = await started(onRequest);
    const request = settled(stage.ask({}, 'api'));
    await stage.world.settle();
    const over = stage.runtime.shutdown(1000);
    await goDown(stage);
    await over;
    assert.equal(answerOf(request()).status, 503);
    const before = stage.world.children.length;
    assert.equal(answerOf(await stage.ask({}, 'api')).status, 503);
    assert.equal(stage.world.children.length, before);
  });
});

describe('a service that stops when idle', () => {
  const idle = api({ idleMs: 10_000 });

  it('is stopped once it had no request for so long, sleeps, and wakes with the next one', async () => {
    const stage = await started(idle);
    assert.equal(stage.view().state, 'RUNNING');
    await stage.world.pass(9000);
    const request = forwarded(await stage.ask({}, 'api'));
    await stage.world.pass(15_000);
    assert.equal(stage.view().state, 'RUNNING', 'it has a request');
    request.done();
    await stage.world.pass(9999);
    assert.equal(stage.view().state, 'RUNNING');
    await stage.world.pass(2);
    assert.equal(stage.view().state, 'STOPPING');
    await goDown(stage);
    assert.deepEqual([stage.view().state, stage.view().asleep], ['STOPPED', true]);
    const next = settled(stage.ask({}, 'api'));
    await comeUp(stage);
    assert.equal(forwarded(next()).instance, 'api.0');
  });

  it('counts an open WebSocket as somebody who wants it', async () => {
    const stage = await started(idle);
    const socket = forwarded(await stage.ask({}, 'api'));
    socket.lasting?.();
    await stage.world.pass(60_000);
    assert.equal(stage.view().state, 'RUNNING');
    socket.done();
    await stage.world.pass(10_001);
    assert.equal(stage.view().state, 'STOPPING');
  });

  it('stays while something runs that depends on it', async () => {
    const stage = await started({ ...idle, name: 'db' }, { name: 'api', dependsOn: { db: 'ready' } });
    await comeUp(stage);
    await stage.world.pass(60_000);
    assert.equal(stage.view('db.0').state, 'RUNNING');
    void stage.runtime.stop(service('api'));
    await goDown(stage);
    await stage.world.pass(20_001);
    assert.equal(stage.view('db.0').state, 'STOPPING');
  });

  it('is started again for a request that comes while it stops', async () => {
    const stage = await started(idle);
    await stage.world.pass(10_001);
    assert.equal(stage.view().state, 'STOPPING');
    const request = settled(stage.ask({}, 'api'));
    await goDown(stage);
    await comeUp(stage);
    assert.equal(stage.world.children.length, 2);
    assert.equal(forwarded(request()).instance, 'api.0');
  });

  it('does not wake after a person’s stop', async () => {
    const stage = await started(idle);
    await stage.world.pass(10_001);
    await goDown(stage);
    void stage.runtime.stop(service('api'));
    await stage.world.settle();
    assert.match(answerOf(await stage.ask({}, 'api')).body, /^api is stopped/);
    assert.equal(stage.world.children.length, 1);
  });

  it('keeps those of its instances that are wanted', async () => {
    const stage = await started(api({ idleMs: 10_000 }, { instances: 2, balance: 'first-free' }));
    await stage.world.pass(5000);
    forwarded(await stage.ask({}, 'api')).done();
    await stage.world.pass(5001);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 STOPPING');
    await goDown(stage);
    assert.deepEqual([stage.view('api.1').asleep, stage.view('api.0').asleep], [true, undefined]);
  });

  it('wakes one more where those that are awake have no room', async () => {
    const stage = await started(
      api({ idleMs: 10_000, concurrency: 1 }, { instances: 3, balance: 'first-free' }),
    );
    const held = forwarded(await stage.ask({}, 'api'));
    await stage.world.pass(10_001);
    await goDown(stage);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 STOPPED, api.2 STOPPED');
    stage.world.openPorts.clear();
    const waiting = [settled(stage.ask({}, 'api')), settled(stage.ask({}, 'api'))];
    await stage.world.settle();
    assert.equal(stage.states, 'api.0 RUNNING, api.1 STARTING, api.2 STOPPED');
    await comeUp(stage);
    assert.deepEqual(
      waiting.map((each) => each()?.kind),
      ['forward', undefined],
    );
    held.done();
    await stage.world.settle();
    assert.equal(forwarded(waiting[1]?.()).instance, 'api.0');
  });
});
