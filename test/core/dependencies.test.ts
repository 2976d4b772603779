import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';

const all = { kind: 'all' } as const;
const one = (service: string) => ({ kind: 'service', service }) as const;

/** A service that its child can be found by. */
const named = (name: string, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  name,
  env: { SERVICE: name },
  ...more,
});
/** A job that does its work and ends. */
const job = (name: string, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> =>
  named(name, { handshake: 'none', restart: 'never', ...more });
/** The port of a service's child is open from now on. */
async function up(stage: Stage, service: string): Promise<void> {
  stage.world.openPorts.add(Number(stage.child(service).plan.env['PORT']));
  await stage.world.pass(5);
}

const waits = (stage: Stage, name = 'api.0'): readonly string[] =>
  (stage.view(name).waitingFor ?? []).map(({ service, reason }) => `${service} (${reason})`);
const readies = (stage: Stage): number => stage.events.filter(({ event }) => event === 'ready').length;

describe('a start of what depends on others', () => {
  it('waits until they are ready, and says what for; the state stays', async () => {
    const stage = new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(all);
    await stage.world.settle();
    assert.equal(stage.states, 'api.0 STOPPED, db.0 STARTING');
    assert.deepEqual(stage.view().waitingFor, [
      { service: 'db', condition: 'ready', reason: 'STARTING', stuck: false },
    ]);
    assert.equal(stage.runtime.isIdle, false);
    await up(stage, 'db');
    assert.equal(stage.states, 'api.0 STARTING, db.0 RUNNING');
    assert.deepEqual([stage.view().waitingFor, readies(stage)], [undefined, 0]);
    await up(stage, 'api');
    assert.deepEqual([stage.states, readies(stage)], ['api.0 RUNNING, db.0 RUNNING', 1]);
  });

  it('starts what is needed and leaves the rest alone', async () => {
    const stage = new Stage([
      named('api', { dependsOn: { db: 'ready' } }),
      named('db', { autostart: false, dependsOn: { vault: 'started' } }),
      named('vault', { autostart: false }),
      named('other'),
    ]);
    await stage.runtime.start(one('api'));
    await stage.world.pass(1);
    assert.equal(stage.states, 'api.0 STOPPED, db.0 STARTING, vault.0 STARTING, other.0 STOPPED');
  });

  it('can only wait, or start at once without what it needs', async () => {
    const stage = new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(one('api'), { needs: 'wait' });
    await stage.world.settle();
    assert.deepEqual([stage.states, waits(stage)], ['api.0 STOPPED, db.0 STOPPED', ['db (STOPPED)']]);
    await stage.runtime.start(one('api'), { needs: 'ignore' });
    await stage.world.settle();
    assert.equal(stage.states, 'api.0 STARTING, db.0 STOPPED');
    assert.deepEqual([stage.view().waitingFor, stage.view().fault], [undefined, undefined]);
  });

  it('waits for a job that ends as expected, and does not run it again when it has', async () => {
    const stage = new Stage([named('api', { dependsOn: { migrate: 'exited' } }), job('migrate')]);
    await stage.runtime.start(all);
    await stage.world.pass(2);
    assert.deepEqual([stage.view('migrate.0').state, waits(stage)], ['RUNNING', ['migrate (still running)']]);
    stage.child('migrate').end({ code: 0 });
    await stage.world.pass(5);
    await up(stage, 'api');
    assert.deepEqual([stage.states, readies(stage)], ['api.0 RUNNING, migrate.0 EXITED', 1]);
    assert.equal(stage.service('migrate').oneShot, true);
    const stopping = stage.runtime.stop(one('api'));
    stage.child('api').end({ signal: 'SIGTERM' });
    await stopping;
    await stage.runtime.start(one('api'));
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 RUNNING, migrate.0 EXITED');
  });

  it('of everything runs a job again, and what waits for it waits for this time', async () => {
    const stage = new Stage([
      named('api', { dependsOn: { migrate: 'exited' } }),
      job('migrate', { dependsOn: { db: 'ready' } }),
      named('db'),
    ]);
    await stage.runtime.start(all);
    await stage.world.pass(1);
    await up(stage, 'db');
    stage.child('migrate').end({ code: 0 });
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 STARTING, migrate.0 EXITED, db.0 RUNNING');
    const stopping = stage.runtime.stop(all);
    stage.child('api').end({ code: 0 });
    await stage.world.pass(5);
    stage.child('db').end({ code: 0 });
    await stopping;
    stage.world.openPorts.clear();
    await stage.runtime.start(all);
    await stage.world.pass(2);
    assert.equal(stage.states, 'api.0 STOPPED, migrate.0 EXITED, db.0 STARTING');
    assert.deepEqual(waits(stage), ['migrate (waiting for db)']);
  });

  it('starts anew only those instances that have not done their work', async () => {
    const stage = new Stage([
      named('api', { dependsOn: { migrate: 'exited' }, autostart: false }),
      job('migrate', { instances: 2 }),
    ]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    const [first, second] = stage.world.children;
    first?.end({ code: 0 });
    second?.end({ code: 1 });
    await stage.world.pass(5);
    await stage.runtime.start(one('api'));
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 STOPPED, migrate.0 EXITED, migrate.1 RUNNING');
    assert.deepEqual(waits(stage), ['migrate (migrate.1 still running)']);
  });

  it('is not ready because of an earlier life', async () => {
    const stage = new Stage([job('migrate', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(all);
    await stage.world.pass(1);
    await up(stage, 'db');
    stage.child('migrate').end({ code: 0 });
    const stopping = stage.runtime.stop(one('db'));
    stage.child('db').end({ signal: 'SIGTERM' });
    await stopping;
    const before = readies(stage);
    await stage.runtime.start(one('migrate'), { needs: 'wait' });
    await stage.world.pass(5);
    assert.equal(stage.states, 'migrate.0 EXITED, db.0 STOPPED');
    assert.equal(readies(stage), before);
  });

  it('that is called off starts nothing later', async () => {
    const stage = new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(all);
    await stage.world.settle();
    await stage.runtime.stop(one('api'));
    await up(stage, 'db');
    assert.equal(stage.states, 'api.0 STOPPED, db.0 RUNNING');
    assert.equal(stage.view().waitingFor, undefined);
  });
});

describe('a dependency that will not come by itself', () => {
  it('is a fault at its place that says what was waited for; what waits is idle (SV-24)', async () => {
    const dependsOn = { ...specOf({}).source, line: 9 };
    const stage = new Stage([
      named('api', { dependsOn: { db: 'ready' }, keys: { dependsOn } }),
      named('db', { startRetries: 0 }),
    ]);
    await stage.runtime.start(all);
    await stage.world.settle();
    assert.equal(stage.view().fault, undefined);
    stage.child('db').end({ code: 1 });
    await stage.world.pass(5);
    assert.equal(stage.view('db.0').state, 'FATAL');
    const { fault } = stage.view();
    assert.deepEqual(
      [fault?.code, fault?.severity, fault?.message, fault?.places],
      ['dependency-failed', 'error', '"api" cannot start: it is waiting for db (FATAL).', [dependsOn]],
    );
    assert.match(
      fault?.hint ?? '',
      /^Mend what is wrong with "db", then start it again, .*; or start "api" anyway/,
    );
    assert.equal(
      stage.events.filter((each) => each.event === 'fault' && each.code === fault?.code).length,
      1,
    );
    assert.equal(stage.runtime.isIdle, true);
  });

  it('is no fault any more once somebody starts it, and what waited goes on', async () => {
    const stage = new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(one('api'), { needs: 'wait' });
    await stage.world.settle();
    assert.deepEqual([stage.view().fault?.code, stage.runtime.isIdle], ['dependency-failed', true]);
    await stage.runtime.start(one('db'));
    await stage.world.settle();
    assert.deepEqual([stage.view().fault, stage.runtime.isIdle], [undefined, false]);
    assert.deepEqual(waits(stage), ['db (STARTING)']);
    await up(stage, 'db');
    assert.equal(stage.states, 'api.0 STARTING, db.0 RUNNING');
  });

  it('because a person stopped it, is told too', async () => {
    const stage = new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(all);
    await stage.world.settle();
    const stopping = stage.runtime.stop(one('db'));
    await stage.world.settle();
    assert.deepEqual(waits(stage), ['db (STOPPING)']);
    stage.child('db').end({ signal: 'SIGTERM' });
    await stopping;
    await stage.world.settle();
    assert.deepEqual([waits(stage), stage.view().fault?.code], [['db (STOPPED)'], 'dependency-failed']);
  });

  it('may be a job that failed', async () => {
    const stage = new Stage([named('api', { dependsOn: { migrate: 'exited' } }), job('migrate')]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    stage.child('migrate').end({ code: 3 });
    await stage.world.pass(5);
    assert.deepEqual(waits(stage), ['migrate (failed, exited with code 3)']);
    assert.equal(stage.runtime.isIdle, true);
  });
});

describe('instances that wait in vain', () => {
  it('have one story, which tells of the failed job and not of the end that we asked for', async () => {
    const needs = { dependsOn: { migrate: 'exited' }, instances: 2 } as const;
    const stage = new Stage([named('api', needs), job('migrate')]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    stage.child('migrate').end({ code: 0 });
    await stage.world.pass(5);
    stage.open();
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING, migrate.0 EXITED');
    const lives = stage.world.children.filter(({ plan }) => plan.env['SERVICE'] === 'api');
    const restarting = stage.runtime.restart(all);
    await stage.world.pass(5);
    for (const child of lives) child.end({ signal: 'SIGTERM' });
    await restarting;
    await stage.world.pass(5);
    stage.child('migrate').end({ code: 1 });
    await stage.world.pass(5);
    const views = [stage.view('api.0'), stage.view('api.1')];
    assert.deepEqual(
      views.map(({ state, exit, fault }) => [state, exit, fault?.message]),
      Array.from({ length: 2 }, () => [
        'STOPPED',
        undefined,
        '"api" cannot start: it is waiting for migrate (failed, exited with code 1).',
      ]),
    );
    const told = stage.events.filter((each) => each.event === 'fault' && each.code === 'dependency-failed');
    assert.equal(told.length, 1);
  });

  it('bring the failed job again with their next start, once', async () => {
    const stage = new Stage([named('api', { dependsOn: { migrate: 'exited' } }), job('migrate')]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    stage.child('migrate').end({ code: 1 });
    await stage.world.pass(5);
    assert.equal(stage.world.children.length, 1);
    await stage.runtime.start(one('api'));
    await stage.world.pass(5);
    assert.equal(stage.view('migrate.0').state, 'RUNNING');
    stage.child('migrate').end({ code: 1 });
    await stage.world.pass(5000);
    assert.deepEqual([stage.world.children.length, stage.view('migrate.0').state], [2, 'EXITED']);
  });
});

describe('services that depend on each other', () => {
  it('stop before what they depend on, and a stop of one is a stop of one', async () => {
    const stage = await new Stage([named('db'), named('api', { dependsOn: { db: 'started' } })]).up();
    stage.open();
    await stage.world.pass(5);
    assert.equal(stage.states, 'db.0 RUNNING, api.0 RUNNING');
    const stopping = stage.runtime.stop(all);
    await stage.world.pass(5);
    assert.deepEqual([stage.child('db').signals, stage.child('api').signals], [[], ['TERM']]);
    stage.child('api').end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    stage.child('db').end({ signal: 'SIGTERM' });
    await stopping;
    await stage.runtime.start(all);
    await stage.world.pass(5);
    stage.open();
    await stage.world.pass(5);
    const stoppingDb = stage.runtime.stop(one('db'));
    stage.child('db').end({ signal: 'SIGTERM' });
    await stoppingDb;
    assert.equal(stage.states, 'db.0 STOPPED, api.0 RUNNING');
  });

  it('are not restarted when what they depend on restarts by itself', async () => {
    const stage = await new Stage([named('db'), named('api', { dependsOn: { db: 'started' } })]).up();
    stage.open();
    await stage.world.pass(5);
    stage.child('db').end({ code: 1 });
    await stage.world.pass(5);
    assert.equal(stage.world.children.length, 3);
    assert.deepEqual(stage.child('api').signals, []);
  });

  it('that do not start with everything are restarted with everything only while they run', async () => {
    const stage = new Stage([named('api'), named('tool', { autostart: false })]);
    await stage.runtime.restart(all);
    await stage.world.pass(1);
    assert.equal(stage.states, 'api.0 STARTING, tool.0 STOPPED');
    await stage.runtime.start(one('tool'));
    await stage.world.pass(1);
    const tool = stage.child('tool');
    await stage.runtime.restart(all);
    assert.deepEqual(tool.signals, ['TERM']);
  });

  it('are restarted together in order: what depends on another waits until that is back', async () => {
    const stage = await new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]).up();
    stage.open();
    await stage.world.pass(5);
    const [db, api] = [stage.child('db'), stage.child('api')];
    await stage.runtime.restart(all);
    await stage.world.settle();
    assert.deepEqual([db.signals, api.signals], [['TERM'], ['TERM']]);
    stage.world.openPorts.clear();
    api.end({ signal: 'SIGTERM' });
    db.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.deepEqual([stage.states, waits(stage)], ['api.0 STOPPED, db.0 STARTING', ['db (STARTING)']]);
    await up(stage, 'db');
    await up(stage, 'api');
    assert.equal(stage.states, 'api.0 RUNNING, db.0 RUNNING');
  });
});

describe('a changed file', () => {
  it('leaves a start waiting, under the new conditions', async () => {
    const stage = new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.config = stage.configOf([
      named('api', { dependsOn: { db: 'exited' }, env: { SERVICE: 'api', NEW: 'x' } }),
      named('db'),
    ]);
    await stage.runtime.reload();
    await up(stage, 'db');
    assert.deepEqual([stage.view().state, waits(stage)], ['STOPPED', ['db (still running)']]);
    stage.config = stage.configOf([named('api', { env: { SERVICE: 'api', NEW: 'x' } }), named('db')]);
    await stage.runtime.reload();
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 STARTING, db.0 RUNNING');
    assert.equal(stage.child('api').plan.env['NEW'], 'x');
  });

  it('tries again what could not be started, where its definition is another one now', async () => {
    const stage = new Stage([named('api', { startRetries: 0 }), named('web', { startRetries: 0 })]);
    stage.world.spawnFailure = { reason: 'there is no such program', way: '' };
    await stage.runtime.start(all);
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 FATAL, web.0 FATAL');
    stage.world.spawnFailure = undefined;
    stage.config = stage.configOf([
      named('api', { startRetries: 0, command: ['other'] }),
      named('web', { startRetries: 0 }),
    ]);
    await stage.runtime.reload();
    await stage.world.settle();
    await up(stage, 'api');
    assert.equal(stage.states, 'api.0 RUNNING, web.0 FATAL');
    assert.equal(stage.view().fault, undefined);
  });

  it('does not try again what a person has stopped since', async () => {
    const stage = new Stage([named('api', { startRetries: 0 })]);
    stage.world.spawnFailure = { reason: 'there is no such program', way: '' };
    await stage.runtime.start(all);
    await stage.world.pass(5);
    await stage.runtime.stop(all);
    stage.world.spawnFailure = undefined;
    stage.config = stage.configOf([named('api', { startRetries: 0, command: ['other'] })]);
    await stage.runtime.reload();
    await stage.world.pass(5);
    assert.deepEqual([stage.states, stage.world.children.length], ['api.0 FATAL', 0]);
  });

  it('calls a start off whose service is gone, and one more instance waits like the others', async () => {
    const stage = new Stage([named('api', { dependsOn: { db: 'ready' } }), named('db')]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.config = stage.configOf([named('api', { dependsOn: { db: 'ready' }, instances: 2 }), named('db')]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.deepEqual(waits(stage, 'api.1'), ['db (STARTING)']);
    stage.config = stage.configOf([named('db')]);
    await stage.runtime.reload();
    await up(stage, 'db');
    assert.deepEqual([stage.states, stage.world.children.length], ['db.0 RUNNING', 1]);
  });
});
