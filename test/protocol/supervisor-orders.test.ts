import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { faults, resultOf, Tool } from './support.ts';

describe('starting through Supervisor’s interface', () => {
  it('answers true once the process is RUNNING, and at once when it is not to wait (SV-83)', async () => {
    const tool = new Tool([{ name: 'web' }, { name: 'job' }]);
    const answered: string[] = [];
    void tool.call('startProcess', 'web').then(() => answered.push('web'));
    void tool.call('startProcess', 'job', false).then(() => answered.push('job'));
    await tool.stage.world.pass(999);
    assert.deepEqual([answered, tool.states()], [['job'], ['web.0 STARTING', 'job.0 STARTING']]);
    await tool.stage.world.pass(2);
    assert.deepEqual(
      [answered, tool.states()],
      [
        ['job', 'web'],
        ['web.0 RUNNING', 'job.0 RUNNING'],
      ],
    );
  });

  it('succeeds in the same breath with startsecs 0 (SV-83)', async () => {
    const tool = new Tool([{ name: 'web', startMs: 0 }]);
    assert.equal(await tool.within(0, 'startProcess', 'web'), true);
  });

  it('refuses a missing command with NO_FILE and any other that cannot be run with NOT_EXECUTABLE, and starts nothing (SV-83)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    const { world } = tool.stage;
    world.examination = { reason: "can't find command '/bin/serve'", way: '', cause: 'not-found' };
    await faults(tool.call('startProcess', 'web'), 20, "NO_FILE: can't find command '/bin/serve'");
    world.examination = { reason: "command at '/bin/serve' is a directory", way: '', cause: 'is-directory' };
    await faults(
      tool.call('startProcess', 'web'),
      21,
      "NOT_EXECUTABLE: command at '/bin/serve' is a directory",
    );
    assert.equal(world.children.length, 0);
  });

  it('refuses what runs, and what waits to be tried again, with ALREADY_STARTED (SV-83)', async () => {
    const tool = new Tool([{ name: 'web', restart: 'always' }]);
    await tool.within(1_001, 'startProcess', 'web');
    await faults(tool.call('startProcess', 'web'), 60, 'ALREADY_STARTED: web');
    tool.stage.world.child.end({ code: 0 });
    await tool.stage.world.pass(0);
    tool.stage.world.child.end({ code: 1 });
    await tool.stage.world.pass(0);
    assert.deepEqual(tool.states(), ['web.0 BACKOFF']);
    await faults(tool.call('startProcess', 'web'), 60, 'ALREADY_STARTED: web');
  });

  it('refuses what is in an unknown state with FAILED (SV-83)', async () => {
    const tool = await new Tool([{ name: 'web' }]).started();
    tool.stage.world.child.refusesSignals = true;
    await tool.within(0, 'stopProcess', 'web').catch(() => undefined);
    assert.deepEqual(tool.states(), ['web.0 UNKNOWN']);
    await faults(tool.call('startProcess', 'web'), 30, 'FAILED: web is in an unknown process state');
  });

  it('tells a failed spawn and a quick end as SPAWN_ERROR, whether or not it waits (SV-83)', async () => {
    const tool = new Tool([{ name: 'web' }, { name: 'job' }]);
    const { world } = tool.stage;
    const waiting = tool.call('startProcess', 'web');
    waiting.catch(() => undefined);
    await world.pass(10);
    world.child.end({ code: 0 });
    await world.pass(0);
    await faults(waiting, 50, 'SPAWN_ERROR: web');
    world.spawnFailure = { reason: 'too many open files', way: '', cause: 'too-many-files' };
    await faults(tool.within(0, 'startProcess', 'job', false), 50, 'SPAWN_ERROR: job');
  });

  it('tells a process that is stopped while somebody waits for it as ABNORMAL_TERMINATION (SV-83)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    const waiting = tool.call('startProcess', 'web');
    waiting.catch(() => undefined);
    await tool.stage.world.pass(10);
    void tool.obey().call('stopProcess', 'web');
    await tool.stage.world.pass(0);
    await faults(waiting, 40, 'ABNORMAL_TERMINATION: web');
  });

  it('takes group:* and group: for the whole group, x for x:x, and knows nothing else by that name (SV-83, SV-95)', async () => {
    const tool = new Tool([{ name: 'web', instances: 2, program: { group: 'shop' } }, { name: 'db' }]);
    assert.deepEqual(await tool.within(1_001, 'startProcess', 'shop:*'), [
      resultOf('shop', 'web_0'),
      resultOf('shop', 'web_1'),
    ]);
    assert.deepEqual(await tool.call('startProcess', 'shop:'), []);
    assert.equal(await tool.within(1_001, 'startProcess', 'db:db'), true);
    for (const name of ['web', 'shop', 'shop:web', 'shop:web_0:x', 'other:*', ''])
      await faults(tool.call('startProcess', name), 10, `BAD_NAME: ${name}`);
  });

  it('starts groups and their processes in order of priority, leaves out what runs, and goes on after a failure (SV-85)', async () => {
    const tool = new Tool([
      { name: 'late', priority: 5, program: { groupPriority: 20 } },
      { name: 'b', priority: 2, program: { group: 'zero', groupPriority: 10 } },
      { name: 'a', priority: 3, program: { group: 'zero', groupPriority: 10 } },
      { name: 'c', priority: 1, program: { group: 'zero', groupPriority: 10 } },
    ]);
    await tool.within(1_001, 'startProcess', 'zero:c');
    const { world } = tool.stage;
    const answer = tool.call('startAllProcesses');
    await world.pass(10);
    const started = world.children.slice(1).map(({ plan }) => plan.env['SUPERVISOR_PROCESS_NAME']);
    assert.deepEqual(started, ['b', 'a', 'late']);
    world.children[2]?.end({ code: 1 });
    await world.pass(1_001);
    assert.deepEqual(await answer, [
      resultOf('zero', 'b'),
      resultOf('zero', 'a', 50, 'SPAWN_ERROR: zero:a'),
      resultOf('late', 'late'),
    ]);
  });
});

describe('stopping through Supervisor’s interface', () => {
  it('answers when the process is gone, or at once when it is not to wait (SV-84)', async () => {
    const tool = await new Tool([{ name: 'web' }, { name: 'job' }]).started();
    const answered: string[] = [];
    void tool.call('stopProcess', 'web').then(() => answered.push('web'));
    void tool.call('stopProcess', 'job', false).then(() => answered.push('job'));
    await tool.stage.world.pass(0);
    assert.deepEqual([answered, tool.states()], [['job'], ['web.0 STOPPING', 'job.0 STOPPING']]);
    tool.stage.world.children[1]?.end({ signal: 'SIGTERM' });
    await tool.stage.world.pass(0);
    assert.deepEqual(
      [answered, tool.states()],
      [
        ['job', 'web'],
        ['web.0 STOPPED', 'job.0 STOPPING'],
      ],
    );
  });

  it('refuses what does not run with NOT_RUNNING (SV-84)', async () => {
    const tool = await new Tool([{ name: 'web' }]).started();
    void tool.call('stopProcess', 'web', false);
    await tool.stage.world.pass(0);
    await faults(tool.call('stopProcess', 'web'), 70, 'NOT_RUNNING: web');
    await faults(tool.call('stopProcess', 'other'), 10, 'BAD_NAME: other');
  });

  it('tells a signal that the system refuses as FAILED, with the reason (SV-84)', async () => {
    const tool = await new Tool([{ name: 'web' }]).started();
    tool.stage.world.child.refusesSignals = true;
    await assert.rejects(tool.within(0, 'stopProcess', 'web'), /^RpcFault: FAILED: .*not permitted/s);
  });

  it('stops all of a group, each of them, and gives a result for each that ran (SV-84, SV-85)', async () => {
    const tool = await new Tool([{ name: 'web', instances: 3 }, { name: 'db' }]).started();
    await tool.obey().within(0, 'stopProcess', 'web:web_1');
    assert.deepEqual(await tool.within(0, 'stopProcess', 'web:*'), [
      resultOf('web', 'web_0'),
      resultOf('web', 'web_2'),
    ]);
    assert.deepEqual(await tool.within(0, 'stopAllProcesses'), [resultOf('db', 'db')]);
    assert.deepEqual(await tool.call('stopAllProcesses'), []);
    await faults(tool.call('stopProcessGroup', 'other'), 10, 'BAD_NAME: other');
  });

  it('goes on after one that cannot be stopped (SV-85)', async () => {
    const tool = (await new Tool([{ name: 'a' }, { name: 'b' }]).started()).obey();
    const [first] = tool.stage.world.children;
    if (first !== undefined) first.refusesSignals = true;
    const results = (await tool.within(0, 'stopAllProcesses')) as readonly { name: string; status: number }[];
    assert.deepEqual(
      results.map(({ name, status }) => [name, status]),
      [
        ['a', 30],
        ['b', 80],
      ],
    );
  });
});

describe('signalling through Supervisor’s interface', () => {
  it('takes names with and without SIG, in any case, and numbers, and changes no state', async () => {
    const tool = await new Tool([{ name: 'web' }]).started();
    for (const name of ['HUP', 'sighup', ' hup ', '1', 1])
      assert.equal(await tool.call('signalProcess', 'web', name), true);
    assert.deepEqual(tool.stage.world.child.signals, ['HUP', 'HUP', 'HUP', 'HUP', 'HUP']);
    assert.deepEqual(tool.states(), ['web.0 RUNNING']);
  });

  it('refuses a bad signal, a bad name and what has no process', async () => {
    const tool = new Tool([{ name: 'web' }]);
    await faults(tool.call('signalProcess', 'web', 'FOO'), 11, 'BAD_SIGNAL: FOO');
    await faults(tool.call('signalProcess', 'web', '4711'), 11, 'BAD_SIGNAL: 4711');
    await faults(tool.call('signalProcess', 'web', 'HUP'), 70, 'NOT_RUNNING: web');
    await faults(tool.call('signalProcess', 'other', 'HUP'), 10, 'BAD_NAME: other');
  });

  it('gives one result for each process that can be signalled (SV-85)', async () => {
    const tool = new Tool([{ name: 'web', instances: 2 }, { name: 'db' }]);
    await tool.within(1_001, 'startProcess', 'web:web_1');
    assert.deepEqual(await tool.call('signalProcessGroup', 'web', 'HUP'), [resultOf('web', 'web_1')]);
    assert.deepEqual(await tool.call('signalAllProcesses', 'FOO'), [
      resultOf('web', 'web_1', 11, 'BAD_SIGNAL: FOO'),
    ]);
  });
});
