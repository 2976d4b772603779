import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { problem } from '../../src/faults/make.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';
import { programOf, programService } from './process/solo.ts';

const all = { kind: 'all' } as const;

describe('a start', () => {
  it('opens the doors, spawns, and is RUNNING once the port answers', async () => {
    const stage = await new Stage([{}]).up();
    const view = stage.view();
    assert.deepEqual(
      [view.state, view.port, view.pid],
      ['RUNNING', Number(stage.world.child.plan.env['PORT']), 101],
    );
    assert.deepEqual(
      stage.events.map((event) => event.event),
      ['listening', 'listening', 'state', 'port', 'state', 'ready'],
    );
    assert.deepEqual(stage.moves(), ['STOPPED -> STARTING', 'STARTING -> RUNNING']);
  });

  it('twice at once spawns one child (RP-27, RP-28)', async () => {
    const stage = new Stage([{}]);
    await Promise.all([stage.runtime.start(all), stage.runtime.start(all)]);
    await stage.world.settle();
    await stage.runtime.start({ kind: 'instance', instance: 'api.0' });
    assert.equal(stage.world.children.length, 1);
  });

  it('of everything leaves out what does not autostart; by name it starts', async () => {
    const stage = new Stage([{ autostart: false }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    assert.equal(stage.world.children.length, 0);
    await stage.runtime.start({ kind: 'service', service: 'api' });
    await stage.world.settle();
    assert.equal(stage.world.children.length, 1);
  });

  it('in an untrusted workspace is refused with the way out; trust makes it possible', async () => {
    const stage = new Stage([{}], false);
    await assert.rejects(stage.runtime.start(all), /not trusted/);
    assert.equal(stage.world.children.length, 0);
    assert.deepEqual(stage.world.doorsOpened, []);
    await stage.runtime.trust();
    await stage.up();
    assert.equal(stage.view().state, 'RUNNING');
  });

  it('of something unknown names what was meant', async () => {
    const stage = new Stage([{ name: 'web' }]);
    await assert.rejects(
      stage.runtime.start({ kind: 'service', service: 'wbe' }),
      /no service or instance "wbe"/,
    );
  });

  it('of low priorities comes first', async () => {
    const stage = new Stage([{ name: 'late' }, { name: 'early', priority: 1, command: ['first'] }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    assert.deepEqual(
      stage.world.children.map(({ plan }) => plan.argv[0]),
      ['first', 'serve'],
    );
  });
});

describe('a child that dies', () => {
  it('while starting is tried again, then FATAL with its last words at its place (RP-40)', async () => {
    const stage = new Stage([{ startRetries: 1 }]);
    await stage.runtime.start(all);
    for (let life = 0; life < 2; life += 1) {
      await stage.world.settle();
      stage.world.child.output.print('Error: no settings\n    at go (/w/api.js:4:9)');
      stage.world.child.end({ code: 1 });
      await stage.world.pass(life === 0 ? 1002 : 1);
    }
    const view = stage.view();
    const port = stage.world.child.plan.env['PORT'];
    assert.equal(view.state, 'FATAL');
    assert.equal(
      view.reason,
      'gave up after 2 starts: exited with code 1 before it was ready: Error: no settings',
    );
    assert.deepEqual(view.exit, { code: 1, expected: false });
    assert.deepEqual(view.fault, {
      code: 'instance-died',
      severity: 'error',
      message: 'api.0 exited with code 1 before it was ready: Error: no settings.',
      hint: 'Its last words are in its stderr; its log has the rest.',
      service: 'api',
      instance: 'api.0',
      evidence: 'Error: no settings\n    at go (/w/api.js:4:9)',
      evidenceFrom: { stream: 'stderr', file: '/logs/api.0.log' },
      sentence: `Cannot connect to the instance on localhost:${port}`,
      places: [specOf({}).keys['command'], { file: '/w/api.js', line: 4, column: 9 }],
    });
    assert.deepEqual(stage.moves(), [
      'STOPPED -> STARTING',
      'STARTING -> BACKOFF',
      'BACKOFF -> STARTING',
      'STARTING -> BACKOFF',
      'BACKOFF -> FATAL',
    ]);
  });

  for (const [title, redirectStderr] of [
    ['with its stderr redirected', true],
    ['that printed to stdout alone', false],
  ] as const) {
    it(`${title} is diagnosed by what it printed there`, async () => {
      const program = programOf({ redirectStderr });
      const stage = await new Stage([
        programService({ startMs: 0, startRetries: 0, restart: 'never' }, program),
      ]).up();
      stage.world.child.output.print('Error: no settings\n    at go (/w/api.js:4:9)', 'stdout');
      stage.world.child.end({ code: 1 });
      await stage.world.settle();
      const { fault } = stage.view('cat.0');
      assert.equal(fault?.hint, 'Its last words are in its output; its log has the rest.');
      assert.match(fault.message, /Error: no settings\.$/);
      assert.equal(fault.evidence, 'Error: no settings\n    at go (/w/api.js:4:9)');
      assert.deepEqual(fault.evidenceFrom, { stream: 'stdout' });
      assert.deepEqual(fault.places[1], { file: '/w/api.js', line: 4, column: 9 });
    });
  }

  it('with code 0 before it listened is told how to say that it listens on nothing (RP-30)', async () => {
    const stage = new Stage([{ startRetries: 0 }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.output.print('warning: nothing to do');
    stage.world.child.end({ code: 0 });
    await stage.world.pass(1);
    const { reason, fault } = stage.view();
    assert.match(reason ?? '', /: exited with code 0 before it was ready/);
    assert.equal(
      fault?.hint,
      'It ended by itself with code 0 before it listened. If it listens on nothing, write "handshake: none".',
    );
    assert.match(fault.sentence ?? '', /^Cannot connect to the instance on localhost:\d+$/);
  });

  it('points with its last words to the log file that has them', async () => {
    const log = (path: string) =>
      ({ log: { kind: 'file', path, maxBytes: 0, backups: 0 }, captureBytes: 0, events: false }) as const;
    const program = programOf({ process: { stdout: log('/logs/out'), stderr: log('/logs/err') } });
    const stage = await new Stage([programService({ startMs: 0, restart: 'never' }, program)]).up();
    stage.world.child.output.print('working', 'stdout');
    stage.world.child.output.print('oops', 'stderr');
    stage.world.child.end({ code: 1 });
    await stage.world.settle();
    assert.deepEqual(stage.view('cat.0').fault?.evidenceFrom, { stream: 'stderr', file: '/logs/err' });
  });

  it('while RUNNING is started again on its port at once; the crash stays to be read as a warning (RP-43)', async () => {
    const stage = await new Stage([{}]).up();
    const { port } = stage.view();
    stage.world.child.output.print('TypeError: x');
    stage.world.child.end({ signal: 'SIGKILL' });
    await stage.world.pass(5);
    assert.equal(stage.world.children.length, 2);
    const view = stage.view();
    assert.deepEqual(
      [view.state, view.port, view.fault?.code, view.fault?.severity],
      ['RUNNING', port, 'instance-died', 'warning'],
    );
    await stage.runtime.restart({ kind: 'instance', instance: 'api.0' });
    assert.equal(stage.view().fault, undefined);
  });

  it('is cleared away with all it left: before the next one is born when its group lives on, else soon after', async () => {
    const stage = await new Stage([{}]).up();
    const first = stage.world.child;
    first.end({ code: 3 });
    await stage.world.settle();
    assert.deepEqual([first.signals, first.swept], [['KILL'], true]);
    await stage.world.pass(5);
    const second = stage.world.child;
    second.isGroupEmpty = true;
    stage.world.openPorts.clear();
    second.end({ code: 3 });
    await stage.world.pass(50);
    assert.deepEqual([stage.world.children.length, second.swept], [3, false]);
    await stage.world.pass(60);
    assert.equal(second.swept, true);
  });

  it('at once but as expected, where no time is asked for, is EXITED without a fault', async () => {
    const stage = new Stage([{ handshake: 'none', restart: 'never' }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.end({ code: 0 });
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.view().fault], ['EXITED', undefined]);
    assert.deepEqual(stage.moves(), ['STOPPED -> STARTING', 'STARTING -> RUNNING', 'RUNNING -> EXITED']);
  });

  it('with an expected code and nothing to restart is EXITED, without a fault', async () => {
    const stage = await new Stage([{}]).up();
    stage.world.child.end({ code: 0 });
    await stage.world.pass(5);
    const view = stage.view();
    assert.deepEqual([view.state, view.reason, view.fault], ['EXITED', 'exited with code 0', undefined]);
  });
});

describe('a child without a usable port', () => {
  it('is put down and FATAL, with the reference’s sentence at its handshake (RP-5, RP-10)', async () => {
    const handshake = { ...specOf({}).source, line: 9 };
    const stage = new Stage([{ handshake: 'stdout', keys: { handshake } }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.output.tellPort('hello 30001\n');
    await stage.world.pass(50);
    // Its last words may come after the line, so it has a moment for them (RP-36).
    stage.world.child.output.print('cannot bind');
    assert.deepEqual(stage.world.child.signals, []);
    await stage.world.pass(51);
    assert.deepEqual(stage.world.child.signals, ['TERM']);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    const { state, reason, fault } = stage.view();
    assert.deepEqual([state, reason], ['FATAL', `bad runtime process port ['hello 30001\\n']`]);
    assert.deepEqual(
      [fault?.code, fault?.sentence, fault?.evidence, fault?.places],
      ['bad-port', reason, 'cannot bind', [handshake]],
    );
    assert.deepEqual(stage.moves(), ['STOPPED -> STARTING', 'STARTING -> BACKOFF', 'BACKOFF -> FATAL']);
  });

  it('is told so also when it ends by itself meanwhile, and is not tried again (RP-42)', async () => {
    const stage = new Stage([{ handshake: 'stdout' }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.output.tellPort('oops');
    await stage.world.pass(5);
    stage.world.child.output.print('no configuration');
    stage.world.child.end({ code: 1 });
    await stage.world.pass(5);
    const { state, fault } = stage.view();
    assert.deepEqual([state, fault?.code, fault?.evidence], ['FATAL', 'bad-port', 'no configuration']);
    await stage.world.pass(10_000);
    assert.equal(stage.world.children.length, 1);
  });

  it('gets a clean slate from the next start', async () => {
    const stage = new Stage([{ handshake: 'stdout' }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.output.tellPort('oops');
    await stage.world.pass(5);
    stage.world.child.end({ code: 0 });
    await stage.world.pass(5);
    await stage.runtime.start(all);
    await stage.world.settle();
    assert.deepEqual([stage.view().state, stage.view().fault], ['STARTING', undefined]);
  });
});

describe('a port', () => {
  it('that was only hinted at is not shown before it was found', async () => {
    const stage = new Stage([{ handshake: 'discover' }]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.view().port], ['STARTING', undefined]);
    stage.world.listeners = [{ host: '127.0.0.1', port: 5173, pid: 101 }];
    stage.world.openPorts.add(5173);
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.view().port], ['RUNNING', 5173]);
  });

  it('that is fixed and taken is a failed start that names the owner, and is tried again', async () => {
    const stage = new Stage([{ port: 8080 }]);
    stage.world.openPorts.add(8080);
    stage.world.owner = { pid: 9, command: 'node vite' };
    await stage.runtime.start(all);
    await stage.world.settle();
    const { state, fault } = stage.view();
    assert.equal(state, 'BACKOFF');
    assert.equal(fault?.message, 'api.0 wants port 8080, but node vite (pid 9) is using it.');
    stage.world.openPorts.clear();
    await stage.world.pass(1002);
    assert.equal(stage.world.child.plan.env['PORT'], '8080');
  });

  it('answered by a stranger is no port of ours: the child is stopped, the stranger named', async () => {
    const stage = new Stage([{}]);
    stage.world.owner = { pid: 9, command: 'node vite' };
    await stage.up();
    const { state, fault } = stage.view();
    assert.equal(state, 'STOPPING');
    assert.match(
      fault?.message ?? '',
      /is answered by node vite \(pid 9\), which is not one of its processes/,
    );
    stage.world.child.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.equal(stage.view().state, 'FATAL');
  });
});

describe('a command that cannot be run', () => {
  it('says why and what to do, at its place', async () => {
    const stage = new Stage([{ startRetries: 0 }]);
    stage.world.spawnFailure = { reason: "can't find command 'serve'", way: 'Install it.' };
    await stage.runtime.start(all);
    await stage.world.pass(1);
    const { state, fault } = stage.view();
    assert.deepEqual(
      [state, fault?.code, fault?.message, fault?.hint],
      ['FATAL', 'cannot-spawn', `"api" cannot be started: can't find command 'serve'.`, 'Install it.'],
    );
  });
});

describe('a stop', () => {
  it('is over when the child is gone and cleared away', async () => {
    const stage = await new Stage([{ stopSignal: 'INT' }]).up();
    let over = false;
    const stopping = stage.runtime.stop(all).then(() => {
      over = true;
    });
    await stage.world.pass(5);
    assert.deepEqual([stage.world.child.signals, over, stage.view().state], [['INT'], false, 'STOPPING']);
    stage.world.child.end({ signal: 'SIGINT' });
    await stopping;
    await stage.world.settle();
    assert.deepEqual([stage.view().state, stage.world.child.swept], ['STOPPED', true]);
  });

  it('works while STARTING and in BACKOFF', async () => {
    const stage = new Stage([{}]);
    await stage.runtime.start(all);
    await stage.world.settle();
    const stopping = stage.runtime.stop(all);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopping;
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.end({ code: 1 });
    await stage.world.settle();
    assert.equal(stage.view().state, 'BACKOFF');
    await stage.runtime.stop(all);
    await stage.world.pass(5000);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['STOPPED', 2]);
  });

  it('of something that does not run is no error (RP-38, RP-39 mended)', async () => {
    const stage = new Stage([{}]);
    await stage.runtime.stop(all);
    assert.deepEqual(stage.moves(), []);
  });

  it('at shutdown kills after the grace, whatever the service asks for (RP-37)', async () => {
    const stage = await new Stage([{ stopMs: 60_000 }]).up();
    let over = false;
    const ending = stage.runtime.shutdown(1500).then(() => {
      over = true;
    });
    await stage.world.pass(1499);
    assert.deepEqual([stage.world.child.signals, over], [['TERM'], false]);
    await stage.world.pass(2);
    assert.deepEqual(stage.world.child.signals, ['TERM', 'KILL']);
    stage.world.child.end({ signal: 'SIGKILL' });
    await ending;
  });
});

describe('a changed file', () => {
  it('leaves the unchanged running, restarts the changed, stops the removed, adds the new', async () => {
    const stage = await new Stage([{ name: 'same' }, { name: 'other' }, { name: 'gone' }]).up();
    const [same, other, gone] = stage.world.children;
    stage.config = stage.configOf([
      { name: 'same', source: { file: '/w/runtimes.yaml', line: 7, column: 1, endLine: 7, endColumn: 5 } },
      { name: 'other', env: { A: 'b' } },
      { name: 'new' },
    ]);
    await stage.runtime.reload();
    assert.deepEqual([same?.signals, other?.signals, gone?.signals], [[], ['TERM'], ['TERM']]);
    other?.end({ signal: 'SIGTERM' });
    gone?.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.deepEqual(stage.names(), ['same.0', 'other.0', 'new.0']);
    assert.deepEqual([stage.view('same.0').state, stage.view('new.0').state], ['RUNNING', 'STOPPED']);
    assert.equal(stage.world.child.plan.env['A'], 'b');
  });

  it('adds and takes away instances without touching the others', async () => {
    const stage = await new Stage([{}]).up();
    stage.config = stage.configOf([{ instances: 3 }]);
    await stage.runtime.reload();
    await stage.world.pass(5);
    assert.equal(stage.world.children.length, 3);
    assert.deepEqual(stage.world.children[0]?.signals, []);
    stage.config = stage.configOf([{ instances: 1 }]);
    await stage.runtime.reload();
    assert.deepEqual(
      stage.world.children.map((child) => child.signals),
      [[], ['TERM'], ['TERM']],
    );
  });

  it('with errors takes no running service away', async () => {
    const stage = await new Stage([{}]).up();
    const at = specOf({}).source;
    stage.config = {
      ...stage.configOf([]),
      problems: [problem('yaml-syntax', at, { reason: 'half typed' })],
    };
    await stage.runtime.reload();
    assert.deepEqual([stage.names(), stage.world.child.signals], [['api.0'], []]);
  });

  it('with errors leaves every service in its place', async () => {
    const names = ['store', 'shop', 'docs'];
    const stage = await new Stage(names.map((name) => ({ name }))).up();
    const at = specOf({}).source;
    const half = stage.configOf([{ name: 'store' }, { name: 'docs' }]);
    const order = (): readonly string[] => stage.runtime.snapshot().services.map(({ name }) => name);
    stage.config = { ...half, problems: [problem('yaml-syntax', at, { reason: 'half typed' })] };
    await stage.runtime.reload();
    assert.deepEqual(order(), names);
    stage.config = { ...stage.configOf([]), problems: [problem('yaml-syntax', at, { reason: 'worse' })] };
    await stage.runtime.reload();
    assert.deepEqual(order(), names);
  });
});

describe('orders that cross', () => {
  it('start and stop at once: the later one counts', async () => {
    const stage = new Stage([{}]);
    const starting = stage.runtime.start(all);
    await stage.runtime.stop(all);
    await starting;
    await stage.world.pass(100);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['STOPPED', 0]);
  });

  it('a stop that a start overtakes does not wait for ever', async () => {
    const stage = await new Stage([{}]).up();
    const stopping = stage.runtime.stop(all);
    await stage.runtime.start(all);
    await stopping;
    stage.world.child.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.equal(stage.view().state, 'RUNNING');
  });

  it('a restart during the shutdown is refused, and the shutdown ends', async () => {
    const stage = await new Stage([{}]).up();
    const ending = stage.runtime.shutdown(1500);
    await assert.rejects(stage.runtime.restart(all), /shut down/);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    await ending;
    assert.equal(stage.view().state, 'STOPPED');
  });

  it('a shutdown does not wait for a child that takes no signals', async () => {
    const stage = await new Stage([{}]).up();
    stage.world.child.refusesSignals = true;
    let over = false;
    void stage.runtime.shutdown(1500).then(() => {
      over = true;
    });
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, over], ['UNKNOWN', true]);
  });

  it('a service that is removed and comes back waits for its former self, which is heard no more', async () => {
    const stage = await new Stage([{}]).up();
    const first = stage.world.child;
    stage.config = stage.configOf([{ name: 'other' }]);
    await stage.runtime.reload();
    stage.config = stage.configOf([{}]);
    await stage.runtime.reload();
    const told = stage.moves().length;
    await stage.runtime.start(all);
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['STARTING', 1]);
    first.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    stage.open();
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.world.children.length], ['RUNNING', 2]);
    assert.deepEqual(stage.moves().slice(told), ['STOPPED -> STARTING', 'STARTING -> RUNNING']);
  });

  it('stop all ends the last to start first, and waits for each tier', async () => {
    const stage = await new Stage([{ name: 'db', priority: 1 }, { name: 'web' }]).up();
    const [db, web] = stage.world.children;
    const stopping = stage.runtime.stop(all);
    await stage.world.pass(5);
    assert.deepEqual([db?.signals, web?.signals], [[], ['TERM']]);
    web?.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    assert.deepEqual(db?.signals, ['TERM']);
    db?.end({ signal: 'SIGTERM' });
    await stopping;
  });
});

describe('a file that is empty for a moment', () => {
  it('takes nothing away; one that stays empty does', async () => {
    const stage = await new Stage([{}]).up();
    const full = stage.config;
    stage.config = stage.configOf([]);
    const reloading = stage.runtime.reload();
    await stage.world.pass(100);
    stage.config = full;
    await stage.world.pass(300);
    await reloading;
    assert.deepEqual([stage.names(), stage.world.child.signals], [['api.0'], []]);
    stage.config = stage.configOf([]);
    const again = stage.runtime.reload();
    await stage.world.pass(400);
    await again;
    assert.deepEqual([stage.names(), stage.world.child.signals], [[], ['TERM']]);
  });
});

describe('a log', () => {
  it('is followed over restarts, in batches a reader can take, with a count of what was left out', async () => {
    const stage = await new Stage([{}]).up();
    stage.world.child.output.print('before');
    const batches: { lines: number; skipped: number; last: string | undefined }[] = [];
    stage.runtime.subscribe((message) => {
      if (message.kind !== 'log') return;
      const { lines, skipped } = message.batch;
      batches.push({ lines: lines.length, skipped, last: lines.at(-1)?.text });
    });
    const tail = await stage.runtime.follow('api.0', 100);
    assert.deepEqual(tail.lines, [{ stream: 'stderr', text: 'before' }]);
    stage.world.child.output.print(Array.from({ length: 1000 }, (_, index) => `line ${index}`).join('\n'));
    await stage.world.pass(60);
    stage.world.child.end({ code: 1 });
    await stage.world.pass(10);
    stage.world.child.output.print('again');
    await stage.world.pass(60);
    assert.deepEqual(batches, [
      { lines: 250, skipped: 750, last: 'line 999' },
      { lines: 1, skipped: 0, last: 'again' },
    ]);
    await stage.runtime.unfollow('api.0');
    stage.world.child.output.print('unheard');
    await stage.world.pass(60);
    assert.equal(batches.length, 2);
  });
});
