import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Outcome } from '../../src/core/model.ts';
import { FaultError } from '../../src/faults/make.ts';
import { programSpec } from '../support/program.ts';
import { Stage } from '../support/stage.ts';

const all = { kind: 'all' } as const;
const instance = (name: string) => ({ kind: 'instance', instance: name }) as const;
/** `web.0 bad-signal`, or the instance alone where it is done. */
const told = (outcomes: readonly Outcome[]): readonly string[] =>
  outcomes.map((each) => [each.instance, each.fault?.code].filter(Boolean).join(' '));
const withCode = (code: string) => (error: unknown) =>
  error instanceof FaultError && error.fault.code === code;

describe('a signal', () => {
  it('goes to the first process alone and changes no state', async () => {
    const stage = await new Stage([{}]).up();
    assert.deepEqual(told(await stage.runtime.signal(instance('api.0'), 'SIGHUP')), ['api.0']);
    assert.deepEqual(stage.world.child.signalled, [{ name: 'HUP', to: 'process' }]);
    assert.equal(stage.view().state, 'RUNNING');
  });

  it('may be named in every way there is, and an unknown one is refused for all', async () => {
    const stage = await new Stage([{}]).up();
    for (const name of ['usr1', 'SIGUSR1', '10']) await stage.runtime.signal(all, name);
    assert.deepEqual(stage.world.child.signals, ['USR1', 'USR1', 'USR1']);
    await assert.rejects(stage.runtime.signal(all, 'NOPE'), withCode('bad-signal'));
  });

  it('to several gives one outcome for each that has a process, in order, and goes on after a failure (SV-85)', async () => {
    const stage = new Stage([
      programSpec({ name: 'web', processes: ['web_0', 'web_1'] }),
      programSpec({ name: 'first' }, { priority: 1 }),
      programSpec({ name: 'down' }, { autostart: false }),
    ]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    const [, web] = stage.world.children;
    assert.ok(web !== undefined);
    web.refusesSignals = true;
    assert.deepEqual(told(await stage.runtime.signal(all, 'USR2')), [
      'first.0',
      'web.0 order-failed',
      'web.1',
    ]);
    assert.deepEqual(told(await stage.runtime.signal(instance('down.0'), 'USR2')), ['down.0 not-running']);
    const group = await stage.runtime.signal({ kind: 'group', group: 'web' }, 'USR2');
    assert.deepEqual(told(group), ['web.1']);
  });
});

describe('input', () => {
  it('reaches the child’s stdin as UTF-8 (SV-89)', async () => {
    const stage = new Stage([programSpec({ name: 'cat' })]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    await stage.runtime.sendInput('cat.0', 'mïaou\n');
    assert.equal(stage.world.child.stdin, 'mïaou\n');
  });

  it('is refused where nothing runs, is being stopped, has no open stdin, or is not there (SV-89)', async () => {
    const stage = new Stage([programSpec({ name: 'cat' }), { name: 'api' }]);
    await assert.rejects(stage.runtime.sendInput('dog.0', 'x'), withCode('no-such-service'));
    await assert.rejects(stage.runtime.sendInput('cat.0', 'x'), withCode('not-running'));
    await stage.up();
    await assert.rejects(stage.runtime.sendInput('api.0', 'x'), withCode('no-input'));
    const cat = stage.world.children[0];
    assert.ok(cat !== undefined);
    cat.hasClosedStdin = true;
    await assert.rejects(stage.runtime.sendInput('cat.0', 'x'), /has closed its standard input/);
    void stage.runtime.stop(instance('cat.0'));
    await assert.rejects(stage.runtime.sendInput('cat.0', 'x'), withCode('not-running'));
  });
});

describe('an examination of a command', () => {
  it('tells why it could not be run, and runs nothing', async () => {
    const stage = new Stage([programSpec({ name: 'cat' })]);
    assert.equal(await stage.runtime.examine('cat.0'), undefined);
    stage.world.examination = {
      reason: `can't find command 'serve'`,
      way: 'Install it.',
      cause: 'not-found',
    };
    const found = await stage.runtime.examine('cat.0');
    assert.deepEqual([found?.cause, found?.reason], ['not-found', `can't find command 'serve'`]);
    assert.equal(stage.world.children.length, 0);
  });
});

describe('a log', () => {
  const read = async (stage: Stage, offset: number, length: number, more = {}): Promise<unknown> => {
    const piece = await stage.runtime.readLog({ instance: 'api.0', offset, length, ...more });
    return piece === undefined ? undefined : [piece.text, piece.from, piece.to, piece.size];
  };

  it('is read from anywhere, to its end or so far (SV-87)', async () => {
    const stage = await new Stage([{}]).up();
    assert.equal(await read(stage, 0, 0), undefined);
    stage.world.child.output.print('0123456789', 'stdout');
    assert.deepEqual(await read(stage, 0, 0), ['0123456789\n', 0, 11, 11]);
    assert.deepEqual(await read(stage, 3, 4), ['3456', 3, 7, 11]);
    assert.deepEqual(await read(stage, -4, 0), ['789\n', 7, 11, 11]);
    assert.deepEqual(await read(stage, -100, 0), ['0123456789\n', 0, 11, 11]);
    assert.deepEqual(await read(stage, 50, 0), ['', 50, 50, 11]);
  });

  it('is refused in parts that make no sense, and when it cannot be read (SV-87)', async () => {
    const stage = await new Stage([{}]).up();
    for (const [offset, length] of [
      [-1, 1],
      [0, -1],
      [0.5, 0],
    ] as const)
      await assert.rejects(read(stage, offset, length), withCode('bad-range'));
    stage.world.logs.unreadable.set('/logs/api.0.log', 'permission denied');
    await assert.rejects(read(stage, 0, 0), withCode('log-unreadable'));
  });

  it('comes in pieces that end between characters, and never in the midst of one', async () => {
    const stage = await new Stage([{}]).up();
    // A mark of byte order, characters of one to four bytes, and one of which the rest is not written yet.
    let bytes = Buffer.from('\uFEFFaïb€c😀d\uFEFFü').subarray(0, -1);
    stage.world.logs.read = (_path, offset, length) =>
      Promise.resolve({ bytes: bytes.subarray(offset, offset + length), size: bytes.length });
    const whole = '\uFEFFaïb€c😀d\uFEFF';
    assert.deepEqual(await read(stage, 0, 0), [whole, 0, bytes.length - 1, bytes.length]);
    for (let length = 1; length < 8; length += 1) {
      let text = '';
      for (let at = 0; ;) {
        const piece = await stage.runtime.readLog({ instance: 'api.0', offset: at, length });
        assert.ok(piece !== undefined);
        if (piece.to === at) break;
        text += piece.text;
        at = piece.to;
      }
      assert.equal(text, whole, `in pieces of ${length}`);
    }
    const at = bytes.length - 1;
    bytes = Buffer.concat([bytes, Buffer.from([0xbc])]);
    assert.deepEqual(await read(stage, at, 0), ['ü', at, at + 2, at + 2]);
    // What is no beginning of anything, or is not gone on with, is passed on as broken.
    bytes = Buffer.from([0x61, 0xff]);
    assert.deepEqual(await read(stage, 0, 0), ['a\uFFFD', 0, 2, 2]);
    bytes = Buffer.from([0xe9, 0x0a]);
    assert.deepEqual(await read(stage, 0, 0), ['\uFFFD\n', 0, 2, 2]);
    assert.deepEqual(await read(stage, 0, 1), ['\uFFFD\n', 0, 2, 2]);
  });

  it('has two files for a program, and one that is not written is told as such', async () => {
    const none = { log: { kind: 'none' }, captureBytes: 0, events: false } as const;
    const stage = new Stage([programSpec({ name: 'cat', process: { stderr: none } })]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    const { logFile, errorLogFile } = stage.view('cat.0');
    assert.match(logFile ?? '', /^\/logs\/cat-stdout---supervisor-\w+\.log$/);
    assert.equal(errorLogFile, undefined);
    stage.world.child.output.print('out', 'stdout');
    assert.deepEqual(await read(stage, 0, 0, { instance: 'cat.0' }), ['out\n', 0, 4, 4]);
    await assert.rejects(read(stage, 0, 0, { instance: 'cat.0', stream: 'stderr' }), withCode('no-log'));
  });

  it('without an instance is the main log', async () => {
    const stage = await new Stage([programSpec({ name: 'cat' })]).up();
    const piece = await stage.runtime.readLog({ offset: 0, length: 0 });
    assert.match(piece?.text ?? '', /INFO spawned: 'cat' with pid 101\n/);
  });

  it('is emptied for everything that is meant, also after one that cannot be (SV-88)', async () => {
    const stage = await new Stage([{ name: 'api' }, { name: 'web' }, { name: 'db' }]).up();
    stage.world.logs.unreadable.set('/logs/api.0.log', 'permission denied');
    assert.deepEqual(told(await stage.runtime.clearLogs(all)), ['api.0 log-unreadable', 'web.0', 'db.0']);
    assert.deepEqual(stage.world.logs.cleared, ['/logs/web.0.log', '/logs/db.0.log']);
    assert.deepEqual(await stage.runtime.clearLogs('main'), []);
    assert.deepEqual(stage.world.logs.cleared.at(-1), '/logs/main.log');
    await stage.runtime.reopenLogs();
    assert.equal(stage.world.logs.reopened, 1);
  });

  it('of a program that no config names is cleared away at the first start, those of others are not (SV-63)', async () => {
    const source = { file: '/w/supervisord.conf', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const supervisor = {
      identifier: 'sup',
      logLevel: 'info',
      childLogDir: '/children',
      noCleanup: false,
      minFds: 1024,
      minProcs: 200,
      servers: [],
      source,
    } as const;
    const names = [
      'cat-stdout---sup-tag1.log',
      'cat-stdout---sup-Xy_9z.log',
      'cat-stderr---sup-abc.log.10',
      'cat-stderr---other-abc.log',
      'cat-stdout---sup-abc.txt',
      'notes.log',
    ];
    const fill = (stage: Stage): void => {
      for (const name of names) stage.world.logs.texts.set(`/children/${name}`, 'old');
    };
    const kept = new Stage([programSpec({ name: 'cat' })], true, {
      supervisor: { ...supervisor, noCleanup: true },
    });
    fill(kept);
    await kept.up();
    assert.equal([...kept.world.logs.texts.keys()].filter((path) => path.startsWith('/children')).length, 6);
    const stage = new Stage([programSpec({ name: 'cat' })], true, { supervisor });
    fill(stage);
    assert.equal(stage.view('cat.0').logFile, '/children/cat-stdout---sup-tag1.log');
    await stage.up();
    assert.deepEqual(
      [...stage.world.logs.texts.keys()].filter((path) => path.startsWith('/children')).toSorted(),
      ['/children/cat-stderr---other-abc.log', '/children/cat-stdout---sup-abc.txt', '/children/notes.log'],
    );
  });
});

describe('the number of instances of a service', () => {
  it('grows and shrinks while it runs, and stays over a reload until the file says another one', async () => {
    const stage = await new Stage([{}]).up();
    await stage.runtime.scale('api', 3);
    await stage.world.pass(5);
    stage.open();
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING, api.2 RUNNING');
    await stage.runtime.reload();
    assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING, api.2 RUNNING');
    await stage.runtime.scale('api', 2);
    assert.deepEqual(
      [stage.states, stage.world.children.map((child) => child.signals)],
      ['api.0 RUNNING, api.1 RUNNING', [[], [], ['TERM']]],
    );
    stage.config = stage.configOf([{ instances: 1, env: {} }]);
    await stage.runtime.reload();
    assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING');
    stage.config = stage.configOf([{ instances: 4 }]);
    await stage.runtime.reload();
    assert.deepEqual(stage.names(), ['api.0', 'api.1', 'api.2', 'api.3']);
  });

  it('of a service that is down starts nothing', async () => {
    const stage = new Stage([{}]);
    await stage.runtime.scale('api', 2);
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 STOPPED, api.1 STOPPED');
  });

  it('is refused where the file decides, or makes no sense', async () => {
    const stage = new Stage([programSpec({ name: 'cat' }), { name: 'api', port: 3000 }, { name: 'web' }]);
    await assert.rejects(stage.runtime.scale('cat', 2), /its "numprocs" says how many processes it has/);
    await assert.rejects(stage.runtime.scale('api', 2), /its fixed port 3000 cannot serve more than one/);
    for (const count of [0, 1.5, 1001])
      await assert.rejects(stage.runtime.scale('web', count), withCode('cannot-scale'));
    await assert.rejects(stage.runtime.scale('wbe', 2), /There is no service or instance "wbe"/);
  });
});

describe('while everything is being stopped', () => {
  it('every order is refused (SV-82)', async () => {
    const stage = await new Stage([{}]).up();
    const ending = stage.runtime.stopInOrder();
    const { runtime } = stage;
    const orders: readonly (() => Promise<unknown>)[] = [
      () => runtime.start(all),
      () => runtime.restart(all),
      () => runtime.signal(all, 'HUP'),
      () => runtime.sendInput('api.0', 'x'),
      () => runtime.scale('api', 2),
      () => runtime.compare(),
      () => runtime.addGroup('api'),
      () => runtime.removeGroup('api'),
      () => runtime.sendEvent('type', 'data'),
    ];
    for (const order of orders) await assert.rejects(order(), withCode('shutting-down'));
    stage.world.child.end({ signal: 'SIGTERM' });
    await ending;
  });
});

describe('while the folder is not trusted', () => {
  const untrusted = (): Stage =>
    new Stage([programSpec({ name: 'cat' })], false, {
      supervisor: {
        identifier: 'sup',
        logFile: { path: '/home/me/.profile', maxBytes: 0, backups: 0 },
        logLevel: 'debug',
        noCleanup: false,
        minFds: 1,
        minProcs: 1,
        servers: [],
        source: { file: '/w/supervisord.conf', line: 1, column: 1, endLine: 1, endColumn: 2 },
      },
    });

  it('every order that acts on processes or files is refused', async () => {
    const { runtime, world } = untrusted();
    const orders: readonly (() => Promise<unknown>)[] = [
      () => runtime.start(all),
      () => runtime.restart(all),
      () => runtime.examine('cat.0'),
      () => runtime.signal(all, 'HUP'),
      () => runtime.sendInput('cat.0', 'x'),
      () => runtime.scale('cat', 2),
      () => runtime.clearLogs('main'),
      () => runtime.clearLogs(all),
      () => runtime.reopenLogs(),
      () => runtime.addGroup('cat'),
      () => runtime.removeGroup('cat'),
      () => runtime.sendEvent('type', 'data'),
    ];
    for (const order of orders) await assert.rejects(order(), withCode('untrusted'));
    assert.deepEqual([world.logs.cleared, world.logs.reopened], [[], 0]);
    assert.equal(runtime.snapshot().services.length, 1);
  });

  it('nothing is written where it says, and what there was to tell is written once it is', async () => {
    const stage = untrusted();
    await stage.runtime.stop(all);
    await stage.runtime.reload();
    for (let count = 0; count < 2_000; count += 1) stage.runtime.journal.say('info', `line ${count}`);
    assert.deepEqual([...stage.world.logs.texts], []);
    await stage.runtime.trust();
    const text = (): readonly string[] =>
      (stage.world.logs.texts.get('/home/me/.profile') ?? '').trimEnd().split('\n');
    assert.equal(text().length, 1_000);
    assert.match(text().at(-1) ?? '', /INFO line 1999$/);
    stage.runtime.journal.say('info', 'at last');
    assert.match(text().at(-1) ?? '', /INFO at last$/);
  });
});
