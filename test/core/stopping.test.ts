import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import { programSpec } from '../support/program.ts';
import { Stage } from '../support/stage.ts';

const all = { kind: 'all' } as const;
const term = { signal: 'SIGTERM' } as const;

describe('an ordered kill', () => {
  it('is no crash of those that were up or on their way up', async () => {
    const up = { name: 'up', restart: 'never' } as const;
    const stage = await new Stage([up]).up();
    stage.world.openPorts.clear();
    stage.config = stage.configOf([up, { name: 'late', restart: 'never' }]);
    await stage.runtime.reload();
    await stage.runtime.start({ kind: 'service', service: 'late' });
    await stage.world.pass(5);
    assert.equal(stage.states, 'up.0 RUNNING, late.0 STARTING');
    stage.runtime.killAll();
    for (const child of stage.world.children) child.end({ signal: 'SIGKILL' });
    await stage.world.settle();
    assert.deepEqual(
      stage.events.filter(({ event }) => event === 'fault'),
      [],
    );
    assert.equal(stage.view('late.0').fault, undefined);
  });

  it('at the end of a shutdown’s time is none either', async () => {
    const stage = await new Stage([programSpec({ name: 'cat' })]).up();
    const over = stage.runtime.shutdown(1000);
    await stage.world.pass(1001);
    stage.world.child.end({ signal: 'SIGKILL' });
    await stage.world.pass(1001);
    await over;
    assert.deepEqual(
      stage.events.filter(({ event }) => event === 'fault'),
      [],
    );
  });
});

describe('a shutdown in order', () => {
  it('stops groups one after another from the highest priority, each wholly before the next (SV-41)', async () => {
    const stage = await new Stage([
      programSpec({ name: 'low', groupPriority: 1 }, { priority: 1 }),
      programSpec({ name: 'high', processes: ['high_0', 'high_1'], groupPriority: 5 }, { priority: 5 }),
    ]).up();
    const [low, first, second] = stage.world.children;
    let over = false;
    const ending = stage.runtime.stopInOrder().then(() => {
      over = true;
    });
    await stage.world.pass(1);
    assert.deepEqual(
      [low, first, second].map((child) => child?.signals),
      [[], ['TERM'], ['TERM']],
    );
    first?.end(term);
    await stage.world.pass(5);
    assert.deepEqual(low?.signals, []);
    second?.end(term);
    await stage.world.pass(5);
    assert.deepEqual([low?.signals, over], [['TERM'], false]);
    low?.end(term);
    await ending;
    assert.equal(stage.states, 'low.0 STOPPED, high.0 STOPPED, high.1 STOPPED');
  });

  it('tells the processes of a group in descending priority (SV-40)', async () => {
    const stage = await new Stage([
      programSpec({ name: 'a', group: 'g', groupPriority: 1 }, { priority: 1 }),
      programSpec({ name: 'b', group: 'g', groupPriority: 1 }, { priority: 2 }),
      programSpec({ name: 'c', group: 'g', groupPriority: 1 }, { priority: 3 }),
    ]).up();
    const ending = stage.runtime.stopInOrder();
    await stage.world.settle();
    const stopping = stage.events.flatMap((event) =>
      event.event === 'state' && event.to === 'STOPPING' ? [event.instance] : [],
    );
    assert.deepEqual(stopping, ['c.0', 'b.0', 'a.0']);
    for (const child of stage.world.children) child.end(term);
    await ending;
  });

  it('gives up what was about to be tried again: BACKOFF becomes FATAL (SV-40)', async () => {
    const stage = new Stage([programSpec({ name: 'cat' }, { startMs: 1000 })]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    stage.world.child.end({ code: 1 });
    await stage.world.pass(5);
    assert.equal(stage.view('cat.0').state, 'BACKOFF');
    await stage.runtime.stopInOrder();
    assert.equal(stage.view('cat.0').state, 'FATAL');
    await stage.world.pass(5000);
    assert.equal(stage.world.children.length, 1);
  });

  it('but an order to stop the group leaves it STOPPED (SV-29)', async () => {
    const stage = new Stage([programSpec({ name: 'cat' }, { startMs: 1000 })]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    stage.world.child.end({ code: 1 });
    await stage.world.pass(5);
    await stage.runtime.stop({ kind: 'group', group: 'cat' });
    assert.equal(stage.view('cat.0').state, 'STOPPED');
  });

  it('starts event listeners first and stops them last (SV-42)', async () => {
    const ears = programSpec(
      {
        name: 'ears',
        kind: 'eventlistener',
        groupPriority: -1,
        program: { listener: { events: ['EVENT'], bufferSize: 10 } },
      },
      { priority: -1 },
    );
    const stage = await new Stage([programSpec({ name: 'web' }), ears]).up();
    const [listener, web] = stage.world.children;
    assert.deepEqual(
      stage.events.flatMap((event) =>
        event.event === 'state' && event.to === 'STARTING' ? [event.instance] : [],
      ),
      ['ears.0', 'web.0'],
    );
    const ending = stage.runtime.stopInOrder();
    await stage.world.pass(1);
    assert.deepEqual([listener?.signals, web?.signals], [[], ['TERM']]);
    web?.end(term);
    // It has a moment for what it was not told yet, and no longer: this one never says that it is ready.
    await stage.world.pass(400);
    assert.deepEqual(listener?.signals, []);
    await stage.world.pass(110);
    assert.deepEqual(listener?.signals, ['TERM']);
    listener?.end(term);
    await ending;
  });

  it('is told to event listeners once, as the beginning was', async () => {
    const ears = programSpec(
      {
        name: 'ears',
        kind: 'eventlistener',
        groupPriority: -1,
        program: { listener: { events: ['SUPERVISOR_STATE_CHANGE'], bufferSize: 10 } },
      },
      { priority: -1 },
    );
    const stage = await new Stage([ears, programSpec({ name: 'web' })]).up();
    await stage.runtime.start(all);
    const [listener, web] = stage.world.children;
    listener?.output.emit('READY\n', 'stdout');
    await stage.world.pass(1);
    const heard = (): readonly string[] => listener?.stdin.match(/(?<=eventname:)\S+/g) ?? [];
    assert.deepEqual(heard(), ['SUPERVISOR_STATE_CHANGE_RUNNING']);
    listener?.output.emit('RESULT 2\nOKREADY\n', 'stdout');
    const ending = stage.runtime.stopInOrder();
    const again = stage.runtime.shutdown(60_000);
    await stage.world.pass(1);
    listener?.output.emit('RESULT 2\nOKREADY\n', 'stdout');
    await stage.world.pass(1);
    assert.deepEqual(heard(), ['SUPERVISOR_STATE_CHANGE_RUNNING', 'SUPERVISOR_STATE_CHANGE_STOPPING']);
    web?.end(term);
    listener?.end(term);
    await stage.world.pass(60_000);
    await Promise.all([ending, again]);
  });

  it('tells the journal every three seconds who is still there (SV-41)', async () => {
    const stage = await new Stage([
      programSpec({ name: 'a' }),
      programSpec({ name: 'b', processes: ['b_0', 'b_1'] }),
    ]).up();
    const ending = stage.runtime.stopInOrder();
    const waiting = (): readonly string[] => stage.journal.filter((line) => line.endsWith(' to die'));
    await stage.world.pass(2999);
    assert.deepEqual(waiting(), ['waiting for a, b_0, b_1 to die']);
    stage.world.children[1]?.end(term);
    await stage.world.pass(2);
    assert.deepEqual(waiting().slice(1), ['waiting for a, b_1 to die']);
    for (const child of stage.world.children) child.end(term);
    await stage.world.pass(5);
    await ending;
    await stage.world.pass(10_000);
    assert.equal(waiting().length, 2);
  });

  it('restarts nothing any more, and does not start what a crash would (SV-22)', async () => {
    const stage = await new Stage([
      programSpec({ name: 'low', groupPriority: 1 }, { priority: 1, restart: 'always' }),
      programSpec({ name: 'high' }),
    ]).up();
    const [low, high] = stage.world.children;
    const ending = stage.runtime.stopInOrder();
    low?.end({ code: 1 });
    await stage.world.pass(50);
    assert.deepEqual([stage.view('low.0').state, stage.world.children.length], ['EXITED', 2]);
    high?.end(term);
    await ending;
  });

  it('skips what a later start has brought back, where only a stop was ordered', async () => {
    const stage = await new Stage([{ name: 'db', priority: 1 }, { name: 'web' }]).up();
    const [db, web] = stage.world.children;
    const stopping = stage.runtime.stop(all);
    await stage.world.pass(1);
    await stage.runtime.start({ kind: 'service', service: 'db' });
    web?.end(term);
    await stopping;
    assert.deepEqual([db?.signals, stage.states], [[], 'db.0 RUNNING, web.0 STOPPED']);
  });
});

/** `api` is asked to stop and takes its time; `db`, whose turn comes after it, runs still. */
async function stoppingAll(
  db: Partial<ServiceSpec>,
): Promise<{ readonly stage: Stage; readonly isOver: () => boolean }> {
  const stage = await new Stage([
    { name: 'db', env: { SERVICE: 'db' }, ...db },
    { name: 'api', env: { SERVICE: 'api' }, dependsOn: { db: 'started' } },
  ]).up();
  let over = false;
  void stage.runtime.stop(all).then(() => {
    over = true;
  });
  await stage.world.settle();
  assert.equal(stage.states, 'db.0 RUNNING, api.0 STOPPING');
  return { stage, isOver: () => over };
}

/** The children end one after another, as they are told to, and nothing comes after them. */
async function endsStopped(stage: Stage, isOver: () => boolean): Promise<void> {
  assert.deepEqual([stage.child('db').signals, isOver()], [[], false]);
  stage.child('api').end(term);
  await stage.world.pass(5);
  assert.deepEqual([stage.child('db').signals, isOver()], [['TERM'], false]);
  stage.child('db').end(term);
  stage.open();
  await stage.world.pass(30_000);
  assert.deepEqual(
    [isOver(), stage.states, stage.world.children.length],
    [true, 'db.0 STOPPED, api.0 STOPPED', 2],
  );
}

describe('what a person is stopping', () => {
  it('is not brought back by its health check while it waits for its turn', async () => {
    const health = { http: '/health', intervalMs: 1000, timeoutMs: 5000, failures: 1 };
    const { stage, isOver } = await stoppingAll({ health });
    stage.world.status = () => 500;
    await stage.world.pass(2500);
    assert.equal(stage.view('db.0').health, 'unhealthy');
    assert.equal(stage.view('db.0').fault?.hint, 'It is not restarted, since it is to be stopped.');
    await endsStopped(stage, isOver);
  });

  it('is not brought back by a restart for its health that was waited for', async () => {
    const health = { http: '/health', intervalMs: 1000, timeoutMs: 500, failures: 1 };
    const stage = await new Stage([{ health }]).up();
    stage.world.status = () => 500;
    await stage.world.pass(1000);
    stage.world.status = () => 200;
    stage.world.child.end(term);
    await stage.world.pass(100);
    stage.world.status = () => 500;
    await stage.world.pass(1000);
    assert.equal(stage.view().health, 'unhealthy');
    const stopping = stage.runtime.stop(all);
    await stage.world.pass(5000);
    assert.deepEqual(stage.world.child.signals, ['TERM']);
    stage.world.child.end(term);
    await stopping;
    await stage.world.pass(30_000);
    assert.deepEqual([stage.states, stage.world.children.length], ['api.0 STOPPED', 2]);
  });

  it('is not brought back by a file that changes while it waits for its turn', async () => {
    const { stage, isOver } = await stoppingAll({
      watch: { paths: ['src/**'], ignore: [], debounceMs: 200, cascade: true },
    });
    stage.world.watcher.change('/w/src/a.js');
    await stage.world.pass(300);
    assert.deepEqual(
      stage.journal.filter((line) => line.startsWith('restarting')),
      [],
    );
    await endsStopped(stage, isOver);
  });

  it('is not brought back by a changed definition while it waits for its turn', async () => {
    const { stage, isOver } = await stoppingAll({});
    stage.config = stage.configOf([
      { name: 'db', env: { SERVICE: 'db', MORE: '1' } },
      { name: 'api', env: { SERVICE: 'api', MORE: '1' }, dependsOn: { db: 'started' } },
    ]);
    await stage.runtime.reload();
    await stage.world.pass(5);
    await endsStopped(stage, isOver);
  });

  for (const [what, happen] of [
    ['a file that changes', async (stage: Stage) => stage.world.watcher.change('/w/src/a.js')],
    [
      'a changed definition',
      async (stage: Stage) => {
        stage.config = stage.configOf([{ command: ['other'], instances: 2 }]);
        await stage.runtime.reload();
      },
    ],
  ] as const) {
    it(`is not brought back by ${what} while it is STOPPING`, async () => {
      const stage = await new Stage([
        { watch: { paths: ['src/**'], ignore: [], debounceMs: 200, cascade: false } },
      ]).up();
      let over = false;
      void stage.runtime.stop(all).then(() => {
        over = true;
      });
      await stage.world.settle();
      await happen(stage);
      await stage.world.pass(300);
      assert.deepEqual([stage.view().state, over], ['STOPPING', false]);
      stage.world.child.end(term);
      await stage.world.pass(30_000);
      assert.deepEqual([stage.view().state, stage.world.children.length, over], ['STOPPED', 1, true]);
    });
  }

  it('is waited for, also when the file takes it away meanwhile', async () => {
    const stage = await new Stage([{}, { name: 'other' }]).up();
    let over = false;
    void stage.runtime.stop({ kind: 'service', service: 'api' }).then(() => {
      over = true;
    });
    await stage.world.settle();
    stage.config = stage.configOf([{ name: 'other' }]);
    await stage.runtime.reload();
    await stage.world.pass(100);
    assert.equal(over, false);
    stage.world.children[0]?.end(term);
    await stage.world.pass(5);
    assert.equal(over, true);
  });

  it('takes a start as the later word', async () => {
    const stage = await new Stage([{}]).up();
    const stopping = stage.runtime.stop(all);
    await stage.world.settle();
    await stage.runtime.start(all);
    await stopping;
    stage.world.child.end(term);
    await stage.world.pass(5);
    stage.open();
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['RUNNING', 2]);
  });

  it('stays down when it is at rest already and its files change', async () => {
    const stage = await new Stage([
      {
        startRetries: 0,
        watch: { paths: ['src/**'], ignore: [], debounceMs: 200, cascade: false },
      },
    ]).up();
    stage.world.spawnFailure = { reason: 'it is gone', way: 'Bring it back.' };
    stage.world.child.end({ code: 1 });
    await stage.world.pass(5);
    assert.equal(stage.view().state, 'FATAL');
    await stage.runtime.stop(all);
    await stage.world.settle();
    stage.world.spawnFailure = undefined;
    stage.world.watcher.change('/w/src/a.js');
    await stage.world.pass(300);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['FATAL', 1]);
  });
});

describe('a shutdown within a time', () => {
  it('goes in order for half of it, then tells everybody, then kills', async () => {
    const stage = await new Stage([
      { name: 'db', priority: 1 },
      { name: 'api', priority: 2 },
      { name: 'web', priority: 3 },
    ]).up();
    const [db, api, web] = stage.world.children;
    const signals = (): unknown => [db, api, web].map((child) => child?.signals.join(' '));
    const ending = stage.runtime.shutdown(1500);
    await stage.world.pass(10);
    assert.deepEqual(signals(), ['', '', 'TERM']);
    web?.end(term);
    await stage.world.pass(10);
    assert.deepEqual(signals(), ['', 'TERM', 'TERM KILL']);
    await stage.world.pass(750);
    assert.deepEqual(signals(), ['TERM', 'TERM', 'TERM KILL']);
    db?.end(term);
    await stage.world.pass(750);
    // What is gone is left alone; the first KILL is the sweep of what it may have left.
    assert.deepEqual(signals(), ['TERM KILL', 'TERM KILL', 'TERM KILL']);
    api?.end({ signal: 'SIGKILL' });
    await ending;
    assert.deepEqual(
      stage.journal.filter((line) => line.endsWith(' to die')),
      ['waiting for db, api, web to die'],
    );
    assert.equal(stage.world.clock.nextDue(), undefined);
  });
});
