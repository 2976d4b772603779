import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import type { ProgramSpec, ServiceSpec, StreamSpec } from '../../../src/config/spec.ts';
import type { StateName } from '../../../src/core/model.ts';
import type { InputOutcome } from '../../../src/core/outside.ts';
import { Journal, type JournalLevel } from '../../../src/core/supervisor/journal.ts';
import { type Supervised, Supervision } from '../../../src/core/supervisor/supervision.ts';
import { specOf } from '../../support/spec.ts';
import { FakeChild, World } from '../../support/world.ts';

const silent: StreamSpec = { log: { kind: 'none' }, captureBytes: 0, events: false };

interface ProgramOptions {
  readonly stdout?: Partial<StreamSpec>;
  readonly stderr?: Partial<StreamSpec>;
  readonly program?: Partial<ProgramSpec>;
  /** What it subscribes to: it is a listener. */
  readonly events?: readonly string[];
  readonly bufferSize?: number;
  readonly processes?: number;
}

function programOf(name: string, options: ProgramOptions): ServiceSpec {
  const count = options.processes ?? 1;
  const processes = Array.from({ length: count }, (_, index) => ({
    name: count === 1 ? name : `${name}_${index}`,
    command: ['x'],
    cwd: '/w',
    env: {},
    stdout: { ...silent, ...options.stdout },
    stderr: { ...silent, ...options.stderr },
  }));
  const [first, ...others] = processes;
  assert.ok(first);
  return specOf({
    name,
    program: {
      kind: options.events === undefined ? 'program' : 'eventlistener',
      processes: [first, ...others],
      group: name,
      groupPriority: options.events === undefined ? 999 : -1,
      stopAsGroup: false,
      killAsGroup: false,
      redirectStderr: false,
      stripAnsi: false,
      ...(options.events === undefined
        ? {}
        : { listener: { events: options.events, bufferSize: options.bufferSize ?? 10 } }),
      ...options.program,
    },
  });
}

class Actor implements Supervised {
  readonly name: string;
  readonly process: string;
  readonly group: string;
  readonly spec: ServiceSpec;
  stateName: StateName = 'STOPPED';
  child: FakeChild | undefined;
  readonly #stage: Stage;

  constructor(stage: Stage, spec: ServiceSpec, index: number) {
    this.#stage = stage;
    this.spec = spec;
    this.name = `${spec.name}.${index}`;
    this.process = spec.program?.processes[index]?.name ?? spec.name;
    this.group = spec.program?.group ?? spec.name;
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  write(bytes: Uint8Array): InputOutcome {
    return this.child?.write(bytes) ?? 'none';
  }

  to(state: StateName, note = {}): void {
    const from = this.stateName;
    this.stateName = state;
    this.#stage.supervision.moved(this, from, state, note);
  }

  up(): FakeChild {
    this.to('STARTING', { attempt: 0 });
    this.child = this.#stage.bear();
    this.#stage.supervision.born(this, this.child);
    this.to('RUNNING');
    return this.child;
  }

  gone(): void {
    this.#stage.supervision.gone(this);
    this.child = undefined;
  }

  says(text: string): void {
    assert.ok(this.child);
    this.child.output.emit(text);
  }
}

class Stage {
  readonly world = new World();
  readonly lines: string[] = [];
  readonly supervision: Supervision;
  readonly #services: { readonly spec: ServiceSpec; readonly instances: readonly Actor[] }[];
  #pid = 500;

  constructor(programs: Readonly<Record<string, ProgramOptions>>, level: JournalLevel = 'info') {
    const journal = new Journal({
      clock: this.world.clock,
      level: () => level,
      file: () => undefined,
      append: () => undefined,
    });
    journal.onLine((line) => this.lines.push(line.slice(24).trimEnd()));
    this.supervision = new Supervision({ clock: this.world.clock, journal, identifier: () => 'me' });
    this.#services = Object.entries(programs).map(([name, options]) => {
      const spec = programOf(name, options);
      const instances = (spec.program?.processes ?? []).map((_, index) => new Actor(this, spec, index));
      return { spec, instances };
    });
    this.supervision.arrange(this.#services);
  }

  actor(service: string, index = 0): Actor {
    const found = this.#services.find(({ spec }) => spec.name === service)?.instances[index];
    assert.ok(found, `${service} is not on the stage`);
    return found;
  }

  bear(): FakeChild {
    this.#pid += 1;
    return new FakeChild({ argv: ['x'], cwd: '/w', env: {}, openStdin: true }, this.#pid);
  }

  redefine(service: string, options: ProgramOptions): void {
    const spec = programOf(service, options);
    this.supervision.arrange(
      this.#services.map((each) => (each.spec.name === service ? { ...each, spec } : each)),
    );
  }

  without(service: string): void {
    this.supervision.arrange(this.#services.filter(({ spec }) => spec.name !== service));
  }

  /** What a listener was sent since the last look; headers as `name serial/poolserial`. */
  sent(listener: Actor): readonly string[] {
    const text = listener.child?.written.splice(0).map((bytes) => Buffer.from(bytes).toString()) ?? [];
    return text.map((each) => {
      const [head = '', ...payload] = each.split('\n');
      const [, serial, pool, event] =
        /serial:(\d+) pool:\S+ poolserial:(\d+) eventname:(\S+)/.exec(head) ?? [];
      return `${event} ${serial}/${pool} ${payload.join('\n')}`;
    });
  }

  /** What a willing listener is sent until nothing more waits. */
  drained(listener: Actor): readonly string[] {
    const all: string[] = [];
    for (let got = this.sent(listener); got.length > 0; got = this.sent(listener)) {
      all.push(...got);
      listener.says('RESULT 2\nOKREADY\n');
    }
    return all;
  }
}

suite('Supervision', () => {
  test('tells a listener of each change of state, with the right facts in the right order (SV-67)', () => {
    const stage = new Stage({ ear: { events: ['PROCESS_STATE'], bufferSize: 50 }, web: {} });
    const [ear, web] = [stage.actor('ear'), stage.actor('web')];
    web.to('STARTING', { attempt: 0 });
    web.to('BACKOFF', { attempt: 1 });
    web.to('STARTING', { attempt: 1 });
    web.to('RUNNING', { pid: 7 });
    web.to('EXITED', { pid: 7, expected: false });
    web.to('FATAL');
    web.to('STOPPED');
    ear.up();
    ear.says('READY\n');
    assert.deepEqual(stage.drained(ear), [
      'PROCESS_STATE_STARTING 0/0 processname:web groupname:web from_state:STOPPED tries:0',
      'PROCESS_STATE_BACKOFF 1/1 processname:web groupname:web from_state:STARTING tries:1',
      'PROCESS_STATE_STARTING 2/2 processname:web groupname:web from_state:BACKOFF tries:1',
      'PROCESS_STATE_RUNNING 3/3 processname:web groupname:web from_state:STARTING pid:7',
      'PROCESS_STATE_EXITED 4/4 processname:web groupname:web from_state:RUNNING expected:0 pid:7',
      'PROCESS_STATE_FATAL 5/5 processname:web groupname:web from_state:EXITED',
      'PROCESS_STATE_STOPPED 6/6 processname:web groupname:web from_state:FATAL pid:0',
      'PROCESS_STATE_STARTING 7/7 processname:ear groupname:ear from_state:STOPPED tries:0',
      'PROCESS_STATE_RUNNING 8/8 processname:ear groupname:ear from_state:STARTING pid:501',
    ]);
  });

  test('freezes what an event tells when it is made (SV-67)', () => {
    const stage = new Stage({ ear: { events: ['PROCESS_STATE_RUNNING'] }, web: {} });
    const [ear, web] = [stage.actor('ear'), stage.actor('web')];
    web.up();
    web.gone();
    ear.up();
    ear.says('READY\n');
    assert.match(stage.sent(ear)[0] ?? '', /from_state:STARTING pid:501$/);
  });

  test('sends nothing that nobody has subscribed to, and counts only what is sent (SV-68)', () => {
    const stage = new Stage({ ear: { events: ['PROCESS_GROUP'] }, other: { events: ['TICK_60'] }, web: {} });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    stage.actor('web').up();
    stage.supervision.remote('x', 'y');
    stage.supervision.groupAdded('web');
    assert.deepEqual(stage.drained(ear), ['PROCESS_GROUP_ADDED 0/0 groupname:web\n']);
  });

  test('gives an event one serial among all and one in each pool (SV-71)', () => {
    const stage = new Stage({ one: { events: ['EVENT'] }, two: { events: ['REMOTE_COMMUNICATION'] } });
    const [one, two] = [stage.actor('one'), stage.actor('two')];
    stage.supervision.groupAdded('a');
    stage.supervision.remote('t', 'd');
    for (const ear of [one, two]) {
      ear.child = stage.bear();
      stage.supervision.born(ear, ear.child);
      ear.stateName = 'RUNNING';
      ear.says('READY\n');
    }
    assert.deepEqual(stage.drained(one), [
      'PROCESS_GROUP_ADDED 0/0 groupname:a\n',
      'REMOTE_COMMUNICATION 1/1 type:t\nd',
    ]);
    assert.deepEqual(stage.drained(two), ['REMOTE_COMMUNICATION 1/0 type:t\nd']);
  });

  test('tells of the supervisor itself, of stopping once', () => {
    const stage = new Stage({ ear: { events: ['SUPERVISOR_STATE_CHANGE', 'PROCESS_GROUP_REMOVED'] } });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    stage.supervision.runningBegun();
    stage.supervision.stoppingBegun();
    stage.supervision.stoppingBegun();
    stage.supervision.groupRemoved('web');
    assert.deepEqual(stage.drained(ear), [
      'SUPERVISOR_STATE_CHANGE_RUNNING 0/0 ',
      'SUPERVISOR_STATE_CHANGE_STOPPING 1/1 ',
      'PROCESS_GROUP_REMOVED 2/2 groupname:web\n',
    ]);
  });

  test('sends nothing to a listener that is READY before it is RUNNING, and then all', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'] } });
    const ear = stage.actor('ear');
    ear.to('STARTING');
    ear.child = stage.bear();
    stage.supervision.born(ear, ear.child);
    ear.says('READY\n');
    stage.supervision.remote('t', 'd');
    assert.deepEqual(stage.sent(ear), []);
    ear.to('RUNNING');
    assert.deepEqual(stage.sent(ear), ['REMOTE_COMMUNICATION 0/0 type:t\nd']);
  });

  test('gives a rejected event to the next that is free, and says so (SV-73)', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'], processes: 2 } }, 'debug');
    const [one, two] = [stage.actor('ear', 0), stage.actor('ear', 1)];
    one.up();
    two.up();
    one.says('READY\n');
    stage.supervision.remote('t', 'd');
    two.says('READY\n');
    stage.lines.length = 0;
    one.says('RESULT 4\nFAIL');
    assert.deepEqual(stage.sent(two), ['REMOTE_COMMUNICATION 0/0 type:t\nd']);
    assert.deepEqual(stage.lines, [
      "DEBG 'ear_0' stdout output:\nRESULT 4\nFAIL",
      'WARN ear_0: event was rejected',
      'DEBG ear_0: BUSY -> ACKNOWLEDGED',
      'DEBG rebuffering event 0 for pool ear (buf size=0, max=10)',
      'DEBG event 0 sent to listener ear_1',
    ]);
  });

  test('says what a listener that keeps to the protocol does, at debug level (SV-72)', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'] } }, 'debug');
    const ear = stage.actor('ear');
    ear.up();
    stage.supervision.remote('t', 'd');
    ear.says('READY\n');
    ear.says('RESULT 2\nOK');
    assert.deepEqual(
      stage.lines.filter((line) => !line.includes('output:')),
      [
        'DEBG ear: ACKNOWLEDGED -> READY',
        'DEBG event 0 sent to listener ear',
        'DEBG ear: event was processed',
        'DEBG ear: BUSY -> ACKNOWLEDGED',
      ],
    );
  });

  test('sends nothing more to a listener that broke the protocol, and uses others (SV-74)', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'], processes: 2 } });
    const [one, two] = [stage.actor('ear', 0), stage.actor('ear', 1)];
    one.up();
    two.up();
    one.says('READY\n');
    stage.supervision.remote('t', 'first');
    assert.equal(stage.sent(one).length, 1);
    one.says('RESULT many\n');
    one.says('READY\n');
    stage.supervision.remote('t', 'second');
    two.says('READY\n');
    assert.deepEqual(stage.drained(two), [
      'REMOTE_COMMUNICATION 0/0 type:t\nfirst',
      'REMOTE_COMMUNICATION 1/1 type:t\nsecond',
    ]);
    assert.deepEqual(stage.sent(one), []);
    assert.deepEqual(stage.lines, [
      "WARN ear_0: bad result line: 'RESULT many'",
      'WARN ear_0: has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol',
    ]);
  });

  test('begins anew with the next child of a listener that was UNKNOWN (SV-74)', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'] } });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('hello, world\n');
    ear.gone();
    ear.to('EXITED');
    ear.up();
    ear.says('READY\n');
    stage.supervision.remote('t', 'd');
    assert.deepEqual(stage.sent(ear), ['REMOTE_COMMUNICATION 0/0 type:t\nd']);
  });

  test('keeps the event of a listener that dies over it for the next (SV-38)', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'] } });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    stage.supervision.remote('t', 'one');
    stage.supervision.remote('t', 'two');
    ear.says('RESULT 1000\nhalf an answer');
    ear.gone();
    ear.to('EXITED');
    ear.up();
    ear.says('READY\n');
    assert.deepEqual(stage.drained(ear), [
      'REMOTE_COMMUNICATION 0/0 type:t\none',
      'REMOTE_COMMUNICATION 1/1 type:t\ntwo',
    ]);
  });

  test('hears nothing of a child that is gone', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'] } });
    const ear = stage.actor('ear');
    const old = ear.up();
    ear.gone();
    old.output.emit('garbage, garbage\n');
    assert.deepEqual(stage.lines, []);
  });

  test('tells the processes of other rooms nothing of what goes wrong with a listener (SV-76)', () => {
    const stage = new Stage({ ear: { events: ['PROCESS_STATE'] }, web: {} });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    stage.drained(ear);
    ear.write = () => {
      throw new Error('out of ink');
    };
    stage.actor('web').up();
    assert.match(stage.lines[0] ?? '', /^CRIT uncaptured exception while sending events: Error: out of ink/);
  });

  test('makes PROCESS_LOG events only of streams that have them enabled (SV-57)', () => {
    const stage = new Stage({
      ear: { events: ['PROCESS_LOG'] },
      out: { stdout: { events: true } },
      err: { stderr: { events: true } },
      none: {},
    });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    for (const name of ['out', 'err', 'none']) {
      const { output } = stage.actor(name).up();
      output.emit(`${name} on stdout\n`, 'stdout');
      output.emit(`${name} on stderr\n`, 'stderr');
    }
    assert.deepEqual(stage.drained(ear), [
      'PROCESS_LOG_STDOUT 0/0 processname:out groupname:out pid:502 channel:stdout\nout on stdout\n',
      'PROCESS_LOG_STDERR 1/1 processname:err groupname:err pid:503 channel:stderr\nerr on stderr\n',
    ]);
  });

  test("never makes a PROCESS_LOG event of a listener's stdout (SV-57)", () => {
    const stage = new Stage({
      ear: { events: ['PROCESS_LOG'], stdout: { events: true }, stderr: { events: true } },
    });
    const ear = stage.actor('ear');
    ear.up().output.emit('a word aside\n', 'stderr');
    ear.says('READY\n');
    assert.deepEqual(stage.drained(ear), [
      'PROCESS_LOG_STDERR 0/0 processname:ear groupname:ear pid:501 channel:stderr\na word aside\n',
    ]);
  });

  test('takes colours out of what a child says to us where they are taken out of its log (SV-56, SV-58)', () => {
    const stage = new Stage({
      ear: { events: ['PROCESS_COMMUNICATION'] },
      plain: { stdout: { captureBytes: 100 }, program: { stripAnsi: true } },
      coloured: { stdout: { captureBytes: 100 } },
    });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    for (const name of ['plain', 'coloured']) stage.actor(name).up().output.capture('\u001b[31mred\u001b[0m');
    assert.deepEqual(
      stage.drained(ear).map((each) => each.split('\n')[1]),
      ['red', '\u001b[31mred\u001b[0m'],
    );
  });

  test('follows what a listener subscribes to and how much may wait, when the config changes', () => {
    const stage = new Stage({ ear: { events: ['PROCESS_GROUP'], bufferSize: 5 } });
    const ear = stage.actor('ear');
    stage.supervision.groupAdded('a');
    stage.redefine('ear', { events: ['REMOTE_COMMUNICATION'], bufferSize: 2 });
    stage.supervision.groupAdded('b');
    for (const data of ['one', 'two']) stage.supervision.remote('t', data);
    assert.deepEqual(stage.lines, ['ERRO pool ear event buffer overflowed, discarding event 0']);
    ear.up();
    ear.says('READY\n');
    assert.deepEqual(stage.drained(ear), [
      'REMOTE_COMMUNICATION 1/1 type:t\none',
      'REMOTE_COMMUNICATION 2/2 type:t\ntwo',
    ]);
  });

  test('makes an event of what a child says to us, and of the same as output (SV-58)', () => {
    const stage = new Stage(
      {
        ear: { events: ['PROCESS_COMMUNICATION', 'PROCESS_LOG'] },
        web: { stdout: { captureBytes: 100, events: true }, stderr: { captureBytes: 100 } },
      },
      'debug',
    );
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    const { output } = stage.actor('web').up();
    output.capture('to you', 'stdout');
    output.capture('and you', 'stderr');
    assert.deepEqual(stage.drained(ear), [
      'PROCESS_LOG_STDOUT 0/0 processname:web groupname:web pid:502 channel:stdout\nto you',
      'PROCESS_COMMUNICATION_STDOUT 1/1 processname:web groupname:web pid:502\nto you',
      'PROCESS_COMMUNICATION_STDERR 2/2 processname:web groupname:web pid:502\nand you',
    ]);
    assert.ok(stage.lines.includes("DEBG 'web' stdout emitted a comm event"));
  });

  test('hears no captures where capture is off (SV-58)', () => {
    const stage = new Stage({ ear: { events: ['EVENT'] }, web: {} });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    const { output } = stage.actor('web').up();
    stage.drained(ear);
    output.capture('nothing', 'stdout');
    assert.deepEqual(stage.sent(ear), []);
  });

  test('notes output in the journal at debug level only', () => {
    for (const [level, lines] of [
      ['debug', ["DEBG 'web' stdout output:\nhello", "DEBG 'web' stderr output:\noh"]],
      ['info', []],
    ] as const) {
      const stage = new Stage({ web: {} }, level);
      const { output } = stage.actor('web').up();
      output.emit('hello\n', 'stdout');
      output.emit('oh\n', 'stderr');
      assert.deepEqual(stage.lines, lines);
    }
  });

  test('ticks while somebody has subscribed, and not a moment longer (SV-69, SV-79)', async () => {
    const stage = new Stage({ ear: { events: ['TICK_5'] } });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    await stage.world.pass(5000);
    assert.deepEqual(stage.drained(ear), ['TICK_5 0/0 when:1700000005']);
    stage.without('ear');
    assert.equal(stage.world.clock.nextDue(), undefined);
  });

  test('sends nothing to a pool that was removed, even for its own end (SV-79)', () => {
    const stage = new Stage({ ear: { events: ['EVENT'] }, other: { events: ['REMOTE_COMMUNICATION'] } });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    stage.sent(ear);
    stage.without('ear');
    ear.says('RESULT 2\nOKREADY\n');
    stage.supervision.remote('t', 'd');
    assert.deepEqual(stage.sent(ear), []);
    ear.gone();
    ear.to('STOPPED');
  });

  test('has no timer left of a pool that was removed while it waited (SV-79)', () => {
    const stage = new Stage({ ear: { events: ['REMOTE_COMMUNICATION'] } });
    const ear = stage.actor('ear');
    ear.up();
    ear.says('READY\n');
    stage.supervision.remote('t', 'd');
    ear.says('RESULT 4\nFAILREADY\n');
    ear.says('RESULT 4\nFAILREADY\n');
    assert.notEqual(stage.world.clock.nextDue(), undefined);
    stage.without('ear');
    assert.equal(stage.world.clock.nextDue(), undefined);
  });

  test('has no timer and no listener left once it is disposed', () => {
    const stage = new Stage({ ear: { events: ['EVENT'] } });
    const ear = stage.actor('ear');
    const child = ear.up();
    ear.says('READY\n');
    stage.sent(ear);
    stage.supervision.dispose();
    assert.equal(stage.world.clock.nextDue(), undefined);
    child.output.emit('garbage\n');
    stage.supervision.remote('t', 'd');
    assert.deepEqual(stage.sent(ear), []);
    assert.deepEqual(stage.lines, []);
  });
});
