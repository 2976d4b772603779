import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { FaultError, problem } from '../../src/faults/make.ts';
import { programSpec } from '../support/program.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';

const all = { kind: 'all' } as const;
const withCode = (code: string) => (error: unknown) =>
  error instanceof FaultError && error.fault.code === code;
const [cat, dog, cow] = [
  programSpec({ name: 'cat' }),
  programSpec({ name: 'dog' }),
  programSpec({ name: 'cow' }),
];
const louder = programSpec({ name: 'dog' }, { startRetries: 9 });

describe('a reload of a program with another number of processes', () => {
  const web = (names: readonly string[], command = 'serve') => {
    const spec = programSpec({ name: 'web', processes: names });
    const [first, ...others] = (spec.program?.processes ?? []).map((each) =>
      each.name === 'web_1' ? { ...each, command: [command] } : each,
    );
    if (spec.program === undefined || first === undefined) throw new Error('It is a program.');
    return { ...spec, program: { ...spec.program, processes: [first, ...others] } as const };
  };
  const names = ['web_0', 'web_1', 'web_2', 'web_3'];

  for (const [from, to] of [
    [4, 2],
    [2, 4],
  ] as const) {
    it(`from ${from} to ${to} leaves those alone that stay, and is a changed group (SV-91)`, async () => {
      const stage = await new Stage([web(names.slice(0, from))]).up();
      stage.config = stage.configOf([web(names.slice(0, to))]);
      assert.deepEqual((await stage.runtime.compare()).changed, ['web']);
      await stage.runtime.reload();
      await stage.world.pass(5);
      const [first, second, third, fourth] = stage.world.children.map(({ signals }) => signals);
      assert.deepEqual([first, second], [[], []]);
      assert.deepEqual([third, fourth], from === 4 ? [['TERM'], ['TERM']] : [[], []]);
      assert.equal(stage.world.children.length, 4);
    });
  }

  it('starts those again of which something has changed', async () => {
    const stage = await new Stage([web(names.slice(0, 3))]).up();
    stage.config = stage.configOf([web(names.slice(0, 2), 'serve-well')]);
    await stage.runtime.reload();
    await stage.world.pass(5);
    assert.deepEqual(
      stage.world.children.map(({ signals }) => signals),
      [[], ['TERM'], ['TERM']],
    );
  });
});

describe('a file that is compared', () => {
  it('tells what it adds, changes and takes away, and changes nothing (SV-90)', async () => {
    const stage = await new Stage([cat, dog]).up();
    stage.config = stage.configOf([louder, cow]);
    assert.deepEqual(await stage.runtime.compare(), { added: ['cow'], changed: ['dog'], removed: ['cat'] });
    assert.deepEqual([stage.states, stage.world.children.length], ['cat.0 RUNNING, dog.0 RUNNING', 2]);
    assert.deepEqual(
      (await stage.runtime.configured()).map(({ group, inUse }) => [group, inUse]),
      [
        ['cow', false],
        ['dog', true],
      ],
    );
  });

  it('is refused with its first error, and nothing changes (SV-90)', async () => {
    const stage = await new Stage([cat]).up();
    stage.config = stage.configOf([dog], {
      problems: [problem('yaml-syntax', specOf({}).source, { reason: 'File contains no section headers.' })],
    });
    await assert.rejects(stage.runtime.compare(), withCode('cannot-reread'));
    await assert.rejects(stage.runtime.compare(), /File contains no section headers\./);
    await assert.rejects(stage.runtime.addGroup('dog'), withCode('no-such-group'));
    assert.equal(stage.states, 'cat.0 RUNNING');
  });

  it('is no other one for a number of instances that a person asked for (SV-91)', async () => {
    const stage = new Stage([{}]);
    await stage.runtime.scale('api', 3);
    assert.deepEqual(await stage.runtime.compare(), { added: [], changed: [], removed: [] });
  });
});

describe('a group', () => {
  it('is added from the file last compared, starts what autostarts, and is told of (SV-92)', async () => {
    const stage = await new Stage([cat]).up();
    const quiet = programSpec({ name: 'quiet', group: 'new' }, { autostart: false });
    stage.config = stage.configOf([programSpec({ name: 'loud', group: 'new' }), quiet, cat]);
    await stage.runtime.compare();
    await stage.runtime.addGroup('new');
    await stage.world.pass(5);
    assert.equal(stage.states, 'loud.0 RUNNING, quiet.0 STOPPED, cat.0 RUNNING');
    assert.deepEqual(await stage.runtime.compare(), { added: [], changed: [], removed: [] });
    await assert.rejects(stage.runtime.addGroup('new'), withCode('already-added'));
    await assert.rejects(stage.runtime.addGroup('nwe'), withCode('no-such-group'));
  });

  it('is removed once nothing of it is left to stop (SV-92)', async () => {
    const stage = await new Stage([cat, dog]).up();
    await assert.rejects(stage.runtime.removeGroup('cat'), withCode('still-running'));
    await assert.rejects(stage.runtime.removeGroup('cow'), withCode('no-such-group'));
    const stopping = stage.runtime.stop({ kind: 'group', group: 'cat' });
    await assert.rejects(stage.runtime.removeGroup('cat'), /cat\.0 is not stopped/);
    stage.world.children[0]?.end({ signal: 'SIGTERM' });
    await stopping;
    await stage.runtime.removeGroup('cat');
    assert.equal(stage.states, 'dog.0 RUNNING');
    assert.deepEqual(await stage.runtime.compare(), { added: ['cat'], changed: [], removed: [] });
  });

  it('that changed is stopped, removed and added anew, as the update of Supervisor’s client does (SV-92)', async () => {
    const stage = await new Stage([cat, dog]).up();
    stage.config = stage.configOf([cat, louder]);
    await stage.runtime.compare();
    const stopping = stage.runtime.stop({ kind: 'group', group: 'dog' });
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopping;
    await stage.runtime.removeGroup('dog');
    await stage.runtime.addGroup('dog');
    await stage.world.pass(5);
    assert.deepEqual([stage.states, stage.world.children.length], ['cat.0 RUNNING, dog.0 RUNNING', 3]);
    assert.deepEqual(await stage.runtime.compare(), { added: [], changed: [], removed: [] });
  });

  it('that takes over a program of another one stops the old process before it starts the new one', async () => {
    const pair = ['cat_0', 'cat_1'];
    const stage = await new Stage([programSpec({ name: 'cat', processes: pair }), dog]).up();
    const [first, second, third] = stage.world.children;
    stage.config = stage.configOf([programSpec({ name: 'cat', group: 'pets' }), dog]);
    assert.deepEqual(await stage.runtime.compare(), { added: ['pets'], changed: [], removed: ['cat'] });
    await stage.runtime.addGroup('pets');
    await stage.world.pass(100);
    assert.deepEqual(
      [first, second, third].map((child) => child?.signals),
      [['TERM'], ['TERM'], []],
    );
    assert.deepEqual([stage.states, stage.world.children.length], ['cat.0 STARTING, dog.0 RUNNING', 3]);
    first?.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.deepEqual([stage.states, stage.world.children.length], ['cat.0 RUNNING, dog.0 RUNNING', 4]);
    assert.deepEqual([stage.view('cat.0').group, stage.view('cat.0').pid], ['pets', stage.world.child.pid]);
    assert.deepEqual(await stage.runtime.compare(), { added: [], changed: [], removed: [] });
    await assert.rejects(stage.runtime.removeGroup('cat'), withCode('no-such-group'));
    // Whoever shuts down waits for what is on its way out, too.
    let over = false;
    const ending = stage.runtime.stopInOrder().then(() => {
      over = true;
    });
    for (const child of [third, stage.world.child]) child?.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    for (const child of stage.world.children.slice(2)) child.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.equal(over, false);
    second?.end({ signal: 'SIGTERM' });
    await ending;
  });

  it('that takes over the only program of another one is told of as that one goes (SV-92)', async () => {
    const listener = programSpec(
      {
        name: 'ears',
        kind: 'eventlistener',
        groupPriority: -1,
        program: { listener: { events: ['PROCESS_GROUP'], bufferSize: 10 } },
      },
      { priority: -1 },
    );
    const stage = new Stage([listener, cat]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    const [ears, old] = stage.world.children;
    const answer = async (): Promise<void> => {
      ears?.output.emit('READY\n', 'stdout');
      await stage.world.pass(5);
      ears?.output.emit('RESULT 2\nOK', 'stdout');
      await stage.world.pass(5);
    };
    for (let told = 0; told < 2; told += 1) await answer();
    stage.config = stage.configOf([listener, programSpec({ name: 'cat', group: 'pets' })]);
    await stage.runtime.compare();
    await stage.runtime.addGroup('pets');
    for (let told = 0; told < 2; told += 1) await answer();
    old?.end({ signal: 'SIGTERM' });
    assert.deepEqual(ears?.stdin.match(/(?<=eventname:)PROCESS_GROUP\S+|(?<=groupname:)\S+/g), [
      'PROCESS_GROUP_ADDED',
      'ears',
      'PROCESS_GROUP_ADDED',
      'cat',
      'PROCESS_GROUP_REMOVED',
      'cat',
      'PROCESS_GROUP_ADDED',
      'pets',
    ]);
    await stage.world.pass(5);
    assert.equal(stage.states, 'ears.0 RUNNING, cat.0 RUNNING');
  });

  it('is an event to listeners when it comes and when it goes (SV-92)', async () => {
    const listener = programSpec(
      {
        name: 'ears',
        kind: 'eventlistener',
        groupPriority: -1,
        program: { listener: { events: ['PROCESS_GROUP'], bufferSize: 10 } },
      },
      { priority: -1 },
    );
    const stage = new Stage([listener]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    const ears = stage.world.child;
    const heard = async (): Promise<string> => {
      ears.output.emit('READY\n', 'stdout');
      await stage.world.pass(5);
      ears.output.emit('RESULT 2\nOK', 'stdout');
      await stage.world.pass(5);
      return ears.stdin;
    };
    assert.match(await heard(), /eventname:PROCESS_GROUP_ADDED len:15\ngroupname:ears\n$/);
    stage.config = stage.configOf([listener, cat]);
    await stage.runtime.compare();
    await stage.runtime.addGroup('cat');
    assert.match(await heard(), /eventname:PROCESS_GROUP_ADDED len:14\ngroupname:cat\n$/);
    const stopping = stage.runtime.stop({ kind: 'group', group: 'cat' });
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopping;
    await stage.runtime.removeGroup('cat');
    assert.match(await heard(), /eventname:PROCESS_GROUP_REMOVED len:14\ngroupname:cat\n$/);
  });
});

describe('groups in the snapshot', () => {
  it('follow the file, in order of priority', async () => {
    const api = { name: 'api', group: 'back', priority: 5 };
    const stage = new Stage([{ name: 'web' }, api, { name: 'db', group: 'back', priority: 3 }]);
    assert.deepEqual(
      stage.runtime.snapshot().groups.map(({ name, services }) => [name, services]),
      [['back', ['db', 'api']]],
    );
    stage.config = stage.configOf([{ name: 'web' }]);
    await stage.runtime.reload();
    assert.deepEqual(stage.runtime.snapshot().groups, []);
  });

  it('and several targets at once are each started and stopped once, in order', async () => {
    const stage = new Stage([
      { name: 'web', env: { SERVICE: 'web' } },
      { name: 'api', group: 'back', priority: 5, env: { SERVICE: 'api' } },
      { name: 'db', group: 'back', priority: 3, env: { SERVICE: 'db' } },
      { name: 'other' },
    ]);
    await stage.runtime.start({
      kind: 'several',
      targets: [
        { kind: 'service', service: 'web' },
        { kind: 'group', group: 'back' },
        { kind: 'instance', instance: 'api.0' },
      ],
    });
    await stage.world.pass(5);
    assert.deepEqual(
      stage.world.children.map(({ plan }) => plan.env['SERVICE']),
      ['db', 'api', 'web'],
    );
    await assert.rejects(stage.runtime.start({ kind: 'group', group: 'bakc' }), /There is no group "bakc"/);
  });
});
