import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { programOf, programService, Solo } from './solo.ts';

const socket = {
  url: 'unix:///run/php.sock',
  at: { kind: 'unix', path: '/run/php.sock', mode: 0o700 },
} as const;

describe('a start', () => {
  it('stores its state, says who was spawned, and goes up after startsecs (SV-9, SV-14, SV-18)', async () => {
    const solo = await new Solo().started(1001);
    assert.deepEqual(solo.supervision.heard, [
      'STOPPED -> STARTING',
      "INFO spawned: 'cat' with pid 101",
      'born 101',
      'STARTING -> RUNNING',
      'INFO success: cat entered RUNNING state, process has stayed up for > than 1 seconds (startsecs)',
    ]);
    assert.deepEqual(
      solo.supervision.notes.map(({ to, seen }) => to === seen),
      [true, true],
    );
    assert.equal(solo.instance.view().spawnError, undefined);
  });

  it('of what runs warns and does nothing (SV-6)', async () => {
    const solo = await new Solo().started(1001);
    solo.instance.start(false);
    await solo.world.settle();
    assert.equal(solo.said.at(-1), "WARN process 'cat' already running");
    assert.deepEqual([solo.world.children.length, solo.instance.pid], [1, 101]);
  });

  it('of a command that cannot be parsed fails with that text, each time (SV-3)', async () => {
    const unrunnable = `can't parse command 'foo "bar': No closing quotation`;
    const solo = new Solo(
      programService({ startRetries: 1 }, programOf({ process: { command: [], unrunnable } })),
    );
    await solo.started(1002);
    assert.deepEqual(solo.said, [
      `INFO spawnerr: ${unrunnable}`,
      `INFO spawnerr: ${unrunnable}`,
      'INFO gave up: cat entered FATAL state, too many start retries too quickly',
    ]);
    assert.equal(solo.instance.view().spawnError, unrunnable);
    assert.equal((await solo.instance.examine())?.reason, unrunnable);
    assert.equal(solo.world.children.length, 0);
  });

  it('that cannot be spawned sets the text before it goes to BACKOFF, and tells both changes (SV-7)', async () => {
    const solo = new Solo();
    solo.world.spawnFailure = { reason: 'no more files', way: 'Close some.', cause: 'too-many-files' };
    await solo.started();
    assert.deepEqual(solo.supervision.heard, [
      'STOPPED -> STARTING',
      "INFO spawnerr: too many open files to spawn 'cat'",
      'STARTING -> BACKOFF',
    ]);
    assert.equal(solo.instance.view().spawnError, "too many open files to spawn 'cat'");
    assert.equal(solo.instance.view().stoppedAt, undefined);
  });

  it('can be examined beforehand, in the same words and without a change (SV-4, SV-5)', async () => {
    const solo = new Solo();
    solo.world.examination = { reason: 'a folder', way: 'x', cause: 'is-directory', path: '/bin/cat' };
    assert.deepEqual(await solo.instance.examine(), {
      reason: "command at '/bin/cat' is a directory",
      way: 'x',
      cause: 'is-directory',
      path: '/bin/cat',
    });
    assert.deepEqual(solo.supervision.heard, []);
  });

  it('clears what the last one left behind in texts', async () => {
    const solo = new Solo(programService({ restart: 'never' }));
    solo.world.spawnFailure = { reason: 'gone', way: 'x', cause: 'not-found' };
    await solo.started();
    solo.world.spawnFailure = undefined;
    await solo.world.pass(1001);
    assert.equal(solo.instance.view().spawnError, undefined);
  });
});

describe('a new process', () => {
  it('is STOPPED with nothing counted, timed or known (SV-2)', () => {
    const { instance } = new Solo();
    const { name, index, service, process, group, state, since: _since, ...rest } = instance.view();
    assert.deepEqual(
      { name, index, service, process, group, state },
      { name: 'cat.0', index: 0, service: 'cat', process: 'cat', group: 'cat', state: 'STOPPED' },
    );
    assert.deepEqual(rest, {});
    assert.deepEqual(instance.state, { kind: 'stopped' });
  });
});

describe('an exit', () => {
  it('comes after the last output and the farewell, and before the change of state (SV-37, SV-38)', async () => {
    const solo = await new Solo(programService({ restart: 'never' })).started(1001);
    solo.supervision.heard.length = 0;
    solo.world.child.output.onBytes(() => solo.supervision.heard.push('bytes'));
    solo.world.child.output.emit('bye');
    await solo.ends({ code: 0 });
    assert.deepEqual(solo.supervision.heard, [
      'bytes',
      'gone 101 in RUNNING',
      'RUNNING -> EXITED',
      'INFO exited: cat (exit status 0; expected)',
    ]);
  });

  for (const { exit, level, text, expected, spawnError } of [
    {
      exit: { code: 0 },
      level: 'INFO',
      text: 'exit status 0; expected',
      expected: true,
      spawnError: undefined,
    },
    {
      exit: { code: 1 },
      level: 'WARN',
      text: 'exit status 1; not expected',
      expected: false,
      spawnError: 'Bad exit code 1',
    },
    {
      exit: { signal: 'SIGSEGV' },
      level: 'WARN',
      text: 'terminated by SIGSEGV; not expected',
      expected: false,
      spawnError: 'Bad exit code -1',
    },
  ]) {
    it(`by ${JSON.stringify(exit)} is "${text}" (SV-20, SV-21)`, async () => {
      const solo = await new Solo(programService({ restart: 'never' })).started(1001);
      await solo.ends(exit);
      assert.equal(solo.said.at(-1), `${level} exited: cat (${text})`);
      const { to, note } = solo.supervision.notes.at(-1) ?? assert.fail();
      assert.deepEqual([to, note.pid, note.expected], ['EXITED', 101, expected]);
      assert.equal(solo.instance.view().spawnError, spawnError);
    });
  }

  it('within startsecs is a failed start, whatever its status (SV-17)', async () => {
    const solo = await new Solo().started(999);
    await solo.ends({ code: 0 });
    assert.equal(solo.said.at(-1), 'WARN exited: cat (exit status 0; not expected)');
    const view = solo.instance.view();
    assert.deepEqual(
      [view.state, view.spawnError],
      ['BACKOFF', 'Exited too quickly (process log may have details)'],
    );
  });

  it('after startsecs but before a tick passes through RUNNING without a success (SV-19)', async () => {
    const solo = await new Solo(programService({ restart: 'never' })).started(1000);
    await solo.ends({ code: 0 });
    assert.deepEqual(solo.moves.slice(1), ['STARTING -> RUNNING', 'RUNNING -> EXITED']);
    assert.equal(
      solo.said.some((line) => line.includes('success')),
      false,
    );
  });

  it('is seen even when what is left of its group takes no signals from us', async () => {
    const solo = await new Solo(programService({ restart: 'never' })).started(1001);
    solo.world.child.refusesSignals = true;
    await solo.ends({ code: 0 });
    assert.equal(solo.instance.stateName, 'EXITED');
    await solo.world.pass(100);
    assert.equal(solo.world.child.swept, true);
  });

  it('tells when it started and stopped', async () => {
    const solo = await new Solo(programService({ restart: 'never' })).started(1500);
    const begun = solo.world.clock.wall() - 1500;
    await solo.ends({ code: 0 });
    const { startedAt, stoppedAt } = solo.instance.view();
    assert.deepEqual([startedAt, stoppedAt], [begun, begun + 1500]);
  });
});

describe('failed starts', () => {
  it('count up, wait longer each time, and end in FATAL with nothing counted (SV-14, SV-15)', async () => {
    const solo = new Solo();
    const born: number[] = [];
    solo.onTransition = (to) => {
      if (to === 'STARTING') born.push(solo.world.clock.now());
    };
    await solo.started();
    for (let life = 1; life <= 4; life += 1) {
      await solo.ends({ code: 1 });
      await solo.world.pass(life * 1000 + 1);
    }
    assert.equal(solo.world.children.length, 4);
    const gaps = born.slice(1).map((at, index) => at - (born[index] ?? 0));
    assert.deepEqual(gaps, [1001, 2001, 3001]);
    assert.deepEqual(
      solo.supervision.notes.map(({ to, note }) => [to, note.attempt]),
      [
        ['STARTING', 0],
        ['BACKOFF', 1],
        ['STARTING', 1],
        ['BACKOFF', 2],
        ['STARTING', 2],
        ['BACKOFF', 3],
        ['STARTING', 3],
        ['BACKOFF', 4],
        ['FATAL', undefined],
      ],
    );
    assert.deepEqual(solo.said.slice(-2), [
      'WARN exited: cat (exit status 1; not expected)',
      'INFO gave up: cat entered FATAL state, too many start retries too quickly',
    ]);
    solo.instance.start(false);
    await solo.world.settle();
    assert.equal(solo.supervision.notes.at(-1)?.note.attempt, 0);
  });

  it('with startretries 0 end after one (SV-16)', async () => {
    const solo = await new Solo(programService({ startRetries: 0 })).started();
    await solo.ends({ code: 1 });
    assert.deepEqual(solo.moves, ['STOPPED -> STARTING', 'STARTING -> BACKOFF', 'BACKOFF -> FATAL']);
    await solo.world.pass(60_000);
    assert.equal(solo.world.children.length, 1);
  });

  it('stay counted over a stop (SV-29)', async () => {
    const solo = await new Solo().started();
    await solo.ends({ code: 1 });
    await solo.instance.stop();
    assert.deepEqual(solo.moves.at(-1), 'BACKOFF -> STOPPED');
    assert.equal(solo.world.child.signals.filter((name) => name !== 'KILL').length, 0);
    assert.equal(solo.said.at(-1), 'DEBG Attempted to kill cat, which is in BACKOFF state.');
    await solo.started();
    assert.equal(solo.supervision.notes.at(-1)?.note.attempt, 1);
  });

  it('of a service of our own file are counted anew after a stop', async () => {
    const { program: _program, ...spec } = programService();
    const solo = await new Solo(spec).started();
    await solo.ends({ code: 1 });
    await solo.instance.stop();
    await solo.started();
    assert.equal(solo.supervision.notes.at(-1)?.note.attempt, 0);
  });

  it('are given up when the whole group is stopped, without a word (SV-40)', async () => {
    const solo = await new Solo().started();
    await solo.ends({ code: 1 });
    const lines = solo.said.length;
    await solo.instance.givingUp().cleared;
    assert.equal(solo.moves.at(-1), 'BACKOFF -> FATAL');
    assert.equal(solo.said.length, lines);
    await solo.world.pass(60_000);
    assert.equal(solo.world.children.length, 1);
  });
});

describe('a process at rest', () => {
  it('stays so until somebody starts it (SV-24)', async () => {
    const solo = await new Solo(programService({ restart: 'always' })).started(1001);
    const stopping = solo.instance.stop();
    await solo.ends({ signal: 'SIGTERM' });
    await stopping;
    await solo.world.pass(3_600_000);
    assert.equal(solo.instance.stateName, 'STOPPED');
    await solo.started();
    assert.equal(solo.instance.stateName, 'STARTING');
  });
});

describe('a stop', () => {
  it('signals, is reported at once and every two seconds, and ends with the process (SV-28, SV-36)', async () => {
    const solo = await new Solo().started(1001);
    const from = solo.supervision.heard.length;
    const stopping = solo.instance.stop();
    await solo.world.pass(4500);
    await solo.ends({ code: 3 });
    await stopping;
    assert.deepEqual(solo.supervision.heard.slice(from), [
      'RUNNING -> STOPPING',
      'DEBG killing cat (pid 101) with signal SIGTERM',
      'INFO waiting for cat to stop',
      'INFO waiting for cat to stop',
      'INFO waiting for cat to stop',
      'gone 101 in STOPPING',
      'STOPPING -> STOPPED',
      'WARN stopped: cat (exit status 3)',
    ]);
    assert.equal(solo.supervision.notes.at(-1)?.note.pid, 101);
    await solo.world.pass(10_000);
    assert.equal(solo.said.at(-1), 'WARN stopped: cat (exit status 3)');
  });

  it('of an expected status is no more than information', async () => {
    const solo = await new Solo().started(1001);
    void solo.instance.stop();
    await solo.ends({ code: 0 });
    assert.equal(solo.said.at(-1), 'INFO stopped: cat (exit status 0)');
  });

  it('of what does not run changes nothing, and says so at debug level (SV-30)', async () => {
    const solo = new Solo();
    await solo.instance.stop();
    assert.deepEqual(solo.supervision.heard, [
      "DEBG attempted to kill cat with sig SIGTERM but it wasn't running",
    ]);
  });

  it('not heeded is followed by a SIGKILL once per stopwaitsecs, with a warning each (SV-31)', async () => {
    const solo = await new Solo(programService({ stopMs: 3000 })).started(1001);
    void solo.instance.stop();
    await solo.world.pass(2999);
    assert.deepEqual(solo.world.child.signals, ['TERM']);
    await solo.world.pass(1);
    assert.deepEqual(solo.world.child.signals, ['TERM', 'KILL']);
    await solo.world.pass(3000);
    assert.deepEqual(solo.world.child.signals, ['TERM', 'KILL', 'KILL']);
    const kills = solo.said.filter((line) => line.startsWith('WARN'));
    assert.deepEqual(kills, [
      "WARN killing 'cat' (101) with SIGKILL",
      "WARN killing 'cat' (101) with SIGKILL",
    ]);
    assert.equal(solo.moves.filter((move) => move.endsWith('STOPPING')).length, 1);
  });

  for (const { stopAsGroup, killAsGroup, targets } of [
    { stopAsGroup: false, killAsGroup: false, targets: ['process', 'process'] },
    { stopAsGroup: false, killAsGroup: true, targets: ['process', 'group'] },
    { stopAsGroup: true, killAsGroup: true, targets: ['group', 'group'] },
  ]) {
    it(`with stopasgroup ${stopAsGroup} and killasgroup ${killAsGroup} is for the ${targets.join(', then the ')} (SV-32)`, async () => {
      const solo = new Solo(programService({ stopMs: 1000 }, programOf({ stopAsGroup, killAsGroup })));
      await solo.started(1001);
      solo.instance.signal('HUP');
      void solo.instance.stop();
      await solo.world.pass(1000);
      const [stop, kill] = targets;
      assert.deepEqual(solo.world.child.signalled, [
        { name: 'HUP', to: 'process' },
        { name: 'TERM', to: stop },
        { name: 'KILL', to: kill },
      ]);
    });
  }

  it('of a service of our own file is for its whole group (SV-32)', async () => {
    const { program: _program, ...spec } = programService({ stopMs: 1000 });
    const solo = await new Solo(spec).started(1001);
    void solo.instance.stop();
    await solo.world.pass(1000);
    assert.deepEqual(
      solo.world.child.signalled.map(({ to }) => to),
      ['group', 'group'],
    );
  });

  it('that finds nobody to signal goes on STOPPING until the exit is seen (SV-33)', async () => {
    const solo = await new Solo().started(1001);
    solo.world.child.isGroupEmpty = true;
    const stopping = solo.instance.stop();
    assert.equal(solo.instance.stateName, 'STOPPING');
    await solo.ends({ code: 0 });
    await stopping;
    assert.equal(solo.instance.stateName, 'STOPPED');
  });

  it('that meets another error leaves UNKNOWN with the pid, tells both changes, and says why (SV-34)', async () => {
    const solo = await new Solo().started(1001);
    solo.world.child.refusesSignals = true;
    const from = solo.supervision.heard.length;
    await solo.instance.stop();
    assert.deepEqual([solo.instance.stateName, solo.instance.pid], ['UNKNOWN', 101]);
    assert.deepEqual(solo.moves.slice(2), ['RUNNING -> STOPPING', 'STOPPING -> UNKNOWN']);
    assert.equal(
      solo.supervision.heard.slice(from).find((each) => each.startsWith('CRIT')),
      'CRIT unknown problem killing cat (101):not permitted',
    );
    // Mended: where Supervisor trips over its own assertion, the end is seen.
    solo.world.child.refusesSignals = false;
    await solo.ends({ code: 0 });
    assert.equal(solo.instance.stateName, 'EXITED');
  });
});

describe('a plain signal', () => {
  it('is sent and changes no state (SV-35)', async () => {
    const solo = await new Solo().started(1001);
    assert.equal(solo.instance.signal('USR1'), undefined);
    assert.deepEqual(solo.world.child.signals, ['USR1']);
    assert.equal(solo.instance.stateName, 'RUNNING');
    assert.equal(solo.said.at(-1), 'DEBG sending cat (pid 101) sig SIGUSR1');
  });

  it('to what does not run gives Supervisor’s words (SV-35)', () => {
    const solo = new Solo();
    const text = "attempted to send cat sig SIGHUP but it wasn't running";
    assert.equal(solo.instance.signal('HUP'), text);
    assert.deepEqual(solo.said, [`DEBG ${text}`]);
  });

  it('in a state that takes none is refused (SV-35)', async () => {
    const solo = await new Solo().started(1001);
    solo.world.child.refusesSignals = true;
    await solo.instance.stop();
    assert.equal(
      solo.instance.signal('HUP'),
      'Assertion failed for cat: UNKNOWN not in RUNNING STARTING STOPPING',
    );
  });

  it('that fails leaves UNKNOWN (SV-34)', async () => {
    const solo = await new Solo().started(1001);
    solo.world.child.refusesSignals = true;
    assert.match(solo.instance.signal('HUP') ?? '', /^unknown problem sending sig cat \(101\):/);
    assert.deepEqual(solo.moves.at(-1), 'RUNNING -> UNKNOWN');
  });
});

describe('input', () => {
  it('reaches what runs, and nothing that is not there, is being stopped, or has closed it (SV-66, SV-89)', async () => {
    const solo = new Solo();
    const bytes = new TextEncoder().encode('grüße');
    assert.equal(solo.instance.write(bytes), 'none');
    assert.equal(solo.said.at(-1), 'DEBG Process already closed');
    await solo.started(1001);
    assert.equal(solo.instance.write(bytes), 'written');
    assert.equal(solo.world.child.stdin, 'grüße');
    solo.world.child.hasClosedStdin = true;
    assert.equal(solo.instance.write(bytes), 'closed');
    assert.equal(solo.said.at(-1), "DEBG Process' stdin channel is closed");
    void solo.instance.stop();
    assert.equal(solo.instance.write(bytes), 'none');
    assert.equal(solo.said.at(-1), 'DEBG Process already closed');
  });

  it('to a process that has none says so (SV-66)', async () => {
    const { program: _program, ...spec } = programService();
    const solo = await new Solo(spec).started(1001);
    assert.equal(solo.instance.write(new Uint8Array([1])), 'none');
    assert.equal(solo.said.at(-1), 'DEBG Process has no stdin channel');
  });
});

describe('while everything is being stopped', () => {
  it('nothing restarts by itself (SV-22)', async () => {
    const solo = await new Solo(programService({ restart: 'always' })).started(1001);
    solo.instance.takeNoStart();
    await solo.ends({ code: 0 });
    await solo.world.pass(60_000);
    assert.deepEqual([solo.instance.stateName, solo.world.children.length], ['EXITED', 1]);
  });

  it('nothing is tried again, though it is still promoted and given up (SV-22)', async () => {
    const retried = await new Solo().started();
    await retried.ends({ code: 1 });
    retried.instance.takeNoStart();
    await retried.world.pass(60_000);
    assert.deepEqual([retried.instance.stateName, retried.world.children.length], ['BACKOFF', 1]);
    const rising = await new Solo().started();
    rising.instance.takeNoStart();
    await rising.world.pass(1001);
    assert.equal(rising.instance.stateName, 'RUNNING');
    const hopeless = await new Solo(programService({ startRetries: 0 })).started();
    hopeless.instance.takeNoStart();
    await hopeless.ends({ code: 1 });
    assert.equal(hopeless.instance.stateName, 'FATAL');
  });

  it('a restart under way ends with the stop', async () => {
    const solo = await new Solo().started(1001);
    solo.instance.restart();
    solo.instance.takeNoStart();
    await solo.ends({ code: 0 });
    assert.deepEqual([solo.instance.stateName, solo.world.children.length], ['STOPPED', 1]);
  });
});

describe('an order that comes while a change of state is told', () => {
  it('is carried out after it, and not lost', async () => {
    const solo = await new Solo(programService({ restart: 'always' })).started(1001);
    let stopping: Promise<void> | undefined;
    solo.onTransition = (to) => {
      if (to === 'EXITED') stopping = solo.instance.stop();
    };
    await solo.ends({ code: 0 });
    assert.equal(solo.world.children.length, 1);
    await stopping;
    assert.equal(solo.instance.stateName, 'STOPPED');
  });
});

describe('a listener that fails', () => {
  it('keeps no child from being born, and no stop from its SIGKILL', async () => {
    const solo = new Solo(programService({ stopMs: 1000 }));
    solo.onTransition = (to) => {
      throw new Error(to);
    };
    assert.throws(() => solo.instance.start(false), /STARTING/);
    await solo.world.settle();
    assert.equal(solo.instance.pid, 101);
    await assert.rejects(solo.instance.stop(), /STOPPING/);
    await solo.world.pass(1000);
    assert.deepEqual(solo.world.child.signals, ['TERM', 'KILL']);
  });

  it('keeps neither a birth nor an end from being seen, and is told as a fault of ours', async () => {
    const solo = new Solo(programService({ restart: 'never' }));
    solo.supervision.born = () => assert.fail('born');
    solo.supervision.gone = () => assert.fail('gone');
    await solo.started(1001);
    assert.deepEqual([solo.instance.stateName, solo.instance.pid], ['RUNNING', 101]);
    await solo.ends({ code: 0 });
    assert.deepEqual([solo.instance.stateName, solo.world.children.length], ['EXITED', 1]);
    assert.deepEqual(
      solo.faults.map(({ code }) => code),
      ['internal', 'internal'],
    );
  });
});

describe('the socket of a FastCGI group', () => {
  const spec = programService({}, programOf({ kind: 'fcgi-program', socket }));

  it('becomes the child’s, and is let go of at its end (SV-81)', async () => {
    const solo = await new Solo(spec).started(1001);
    assert.equal(solo.world.child.plan.socket?.url, socket.url);
    assert.equal(solo.claims.claims(socket.url), 1);
    void solo.instance.stop();
    await solo.ends({ code: 0 });
    assert.equal(solo.claims.claims(socket.url), 0);
  });

  it('is let go of when the spawn fails, and taken anew at the next try (SV-81)', async () => {
    const solo = new Solo(spec);
    solo.world.spawnFailure = { reason: 'gone', way: 'x', cause: 'not-found' };
    await solo.started();
    assert.equal(solo.claims.claims(socket.url), 0);
    solo.world.spawnFailure = undefined;
    await solo.world.pass(1001);
    assert.equal(solo.claims.claims(socket.url), 1);
  });

  it('is let go of when a stop comes before the birth (SV-81)', async () => {
    const solo = new Solo(spec);
    solo.instance.start(false);
    await solo.instance.stop();
    assert.deepEqual(
      [solo.instance.stateName, solo.claims.claims(socket.url), solo.world.children.length],
      ['STOPPED', 0, 0],
    );
  });

  it('that cannot be made is a failed start with the reason', async () => {
    const solo = new Solo(spec);
    solo.world.sharedSockets.failure = 'address in use';
    await solo.started();
    assert.equal(
      solo.instance.view().spawnError,
      `Could not create FastCGI socket ${socket.url}: address in use`,
    );
    assert.equal(solo.instance.stateName, 'BACKOFF');
  });
});
