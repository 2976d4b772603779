import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';

const all = { kind: 'all' } as const;
const watch = (part: Partial<NonNullable<ServiceSpec['watch']>> = {}): Pick<ServiceSpec, 'watch'> => ({
  watch: { paths: ['src/**'], ignore: [], debounceMs: 200, cascade: false, ...part },
});
const named = (name: string, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  name,
  env: { SERVICE: name },
  ...more,
});

describe('a service that watches files', () => {
  it('is watched from its start to its stop', async () => {
    const stage = new Stage([watch({ ignore: ['src/made/**'] })]);
    const { watcher } = stage.world;
    assert.equal(watcher.watches.length, 0);
    await stage.up();
    const [watched] = watcher.watches;
    assert.deepEqual([watcher.watches.length, watched?.root, watched?.paths], [1, '/w', ['src/**']]);
    for (const glob of ['**/.git/**', '**/node_modules/**', 'src/made/**'])
      assert.ok(watched?.ignore.includes(glob), glob);
    const stopping = stage.runtime.stop(all);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopping;
    await stage.world.settle();
    assert.equal(watcher.watches.length, 0);
  });

  it('restarts once nothing has changed for a while, and goes on being watched', async () => {
    const stage = await new Stage([watch(), { name: 'web', dependsOn: { api: 'started' } }]).up();
    stage.open();
    await stage.world.pass(5);
    const [first, web] = stage.world.children;
    assert.ok(first !== undefined);
    stage.world.watcher.change('/w/src/a.js');
    await stage.world.pass(150);
    stage.world.watcher.change('/w/src/b.js');
    await stage.world.pass(150);
    assert.deepEqual(first.signals, []);
    await stage.world.pass(60);
    assert.deepEqual(first.signals, ['TERM']);
    first.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['RUNNING', 3]);
    assert.deepEqual(web?.signals, []);
    assert.equal(stage.world.watcher.watches.length, 1);
    assert.ok(stage.journal.includes('restarting api: /w/src/b.js has changed'));
    const stopping = stage.events.find((event) => event.event === 'state' && event.to === 'STOPPING');
    assert.equal(stopping?.event === 'state' ? stopping.reason : undefined, '/w/src/b.js has changed');
    assert.equal(stage.events.filter(({ event }) => event === 'ready').length, 1);
  });

  it('that crashed for good is started again by a change', async () => {
    const stage = new Stage([{ ...watch(), startRetries: 0 }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.end({ code: 1 });
    await stage.world.pass(5);
    assert.equal(stage.view().state, 'FATAL');
    stage.world.watcher.change('/w/src/a.js');
    await stage.world.pass(201);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['STARTING', 2]);
  });

  it('restarts what depends on it, over all steps and in order, where it cascades', async () => {
    const stage = await new Stage([
      named('web', { dependsOn: { api: 'ready' } }),
      named('api', { dependsOn: { lib: 'ready' } }),
      named('lib', watch({ cascade: true })),
      named('idle', { dependsOn: { lib: 'ready' }, autostart: false }),
      named('other'),
    ]).up();
    for (let round = 0; round < 3; round += 1) {
      stage.open();
      await stage.world.pass(5);
    }
    assert.equal(
      stage.states,
      'web.0 RUNNING, api.0 RUNNING, lib.0 RUNNING, idle.0 STOPPED, other.0 RUNNING',
    );
    stage.world.openPorts.clear();
    stage.world.watcher.change('/w/src/a.js');
    await stage.world.pass(201);
    for (const name of ['web', 'api', 'lib']) {
      assert.deepEqual(stage.child(name).signals, ['TERM'], name);
      stage.child(name).end({ signal: 'SIGTERM' });
    }
    await stage.world.pass(5);
    assert.deepEqual(stage.child('other').signals, []);
    assert.equal(
      stage.states,
      'web.0 STOPPED, api.0 STOPPED, lib.0 STARTING, idle.0 STOPPED, other.0 RUNNING',
    );
    for (const name of ['lib', 'api', 'web']) {
      stage.world.openPorts.add(Number(stage.child(name).plan.env['PORT']));
      await stage.world.pass(5);
    }
    assert.equal(
      stage.states,
      'web.0 RUNNING, api.0 RUNNING, lib.0 RUNNING, idle.0 STOPPED, other.0 RUNNING',
    );
  });

  const logFile = (path: string): Pick<ServiceSpec, 'logFile'> => ({
    logFile: { path, maxBytes: 1, backups: 1 },
  });
  const restarts = (stage: Stage): readonly string[] =>
    stage.journal.filter((line) => line.startsWith('restarting'));

  it('is not restarted by its own logs, nor by those of others, with what rotation makes of them', async () => {
    const stage = await new Stage([
      named('api', { ...watch({ paths: ['**', '../logs/**'] }), ...logFile('/w/logs/api [1].log') }),
      named('db', { ...logFile('/logs/db.log') }),
      named('job', { ...logFile('/w/more/../job.log') }),
    ]).up();
    const [watched] = stage.world.watcher.watches;
    for (const path of [
      '/w/logs/api [1].log',
      '/w/logs/api [1].log.1',
      '/w/job.log',
      '/w/job.log.12',
      '/logs/db.log',
      '/logs/db.log.1',
      '/logs/main.log',
      '/w/../logs/main.log.1',
    ])
      watched?.changed(path);
    await stage.world.pass(300);
    assert.deepEqual(restarts(stage), []);
    watched?.changed('/w/job.login');
    await stage.world.pass(300);
    assert.deepEqual(restarts(stage), ['restarting api: /w/job.login has changed']);
  });

  it('is not restarted by a log file that it has only now, nor by the last words in the one before', async () => {
    const stage = await new Stage([{ ...watch({ paths: ['**'] }), ...logFile('/w/old.log') }]).up();
    stage.config = stage.configOf([{ ...watch({ paths: ['**'] }), ...logFile('/w/new.log') }]);
    await stage.runtime.reload();
    stage.world.watcher.change('/w/old.log');
    stage.world.child.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    stage.open();
    await stage.world.pass(5);
    assert.equal(stage.view().state, 'RUNNING');
    stage.world.watcher.change('/w/new.log');
    await stage.world.pass(1000);
    assert.deepEqual([restarts(stage), stage.world.children.length], [[], 2]);
  });

  it('tells at its place when its files cannot be watched', async () => {
    const at = { ...specOf({}).source, line: 9 };
    const stage = await new Stage([{ ...watch(), keys: { watch: at } }]).up();
    stage.world.watcher.fail('too many files');
    const [fault] = stage.service('api').faults;
    assert.deepEqual(
      [fault?.code, fault?.severity, fault?.message, fault?.places],
      [
        'cannot-watch',
        'warning',
        'The files of "api" cannot be watched, so it is not restarted when they change: too many files.',
        [at],
      ],
    );
    assert.equal(stage.events.filter(({ event }) => event === 'fault').length, 1);
  });

  it('is watched in another way as soon as the file says so, without a restart', async () => {
    const stage = await new Stage([watch()]).up();
    stage.config = stage.configOf([watch({ paths: ['lib/**'] })]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.deepEqual(
      stage.world.watcher.watches.map(({ paths }) => paths),
      [['lib/**']],
    );
    assert.equal(stage.world.children.length, 1);
    stage.config = stage.configOf([{}]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.equal(stage.world.watcher.watches.length, 0);
    stage.config = stage.configOf([watch()]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.equal(stage.world.watcher.watches.length, 1);
    stage.config = stage.configOf([{ name: 'other' }]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.equal(stage.world.watcher.watches.length, 0);
  });

  it('is not brought back by a change just before its stop', async () => {
    const stage = await new Stage([watch({ debounceMs: 50 })]).up();
    stage.world.watcher.change('/w/src/a.js');
    const stopping = stage.runtime.stop(all);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopping;
    await stage.world.pass(1000);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['STOPPED', 1]);
    assert.deepEqual(
      stage.journal.filter((line) => line.startsWith('restarting')),
      [],
    );
  });

  it('is watched no more once everything ends', async () => {
    const stage = await new Stage([watch()]).up();
    stage.world.watcher.change('/w/src/a.js');
    const ending = stage.runtime.shutdown(1500);
    assert.equal(stage.world.watcher.watches.length, 0);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stage.world.pass(1000);
    await ending;
    assert.deepEqual([stage.world.watcher.watches.length, stage.world.children.length], [0, 1]);
  });
});
