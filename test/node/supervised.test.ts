/** Supervised processes that are real: what they live through, and what is told of it (spec 6.2 to 6.5). */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import { Instance } from '../../src/core/instance.ts';
import type { StateName } from '../../src/core/model.ts';
import { SocketClaims } from '../../src/core/process/socket-claims.ts';
import { Journal } from '../../src/core/supervisor/journal.ts';
import { createOutside } from '../../src/node/outside.ts';
import { Memory, programOf, programService } from '../core/process/solo.ts';
import { env, folderFor, living, until } from './support.ts';

const skip = process.platform === 'win32' ? 'signals and groups are not what they are there' : false;

/** Instances of one service in the real world; all their children end with the test. */
class Family {
  readonly instances: readonly Instance[];
  readonly folder: string;
  readonly supervision: Memory;
  readonly claims: SocketClaims;
  readonly said: string[] = [];
  /** What each state was entered at. */
  readonly entered: { readonly to: StateName; readonly at: number }[] = [];

  private constructor(t: TestContext, folder: string, spec: ServiceSpec, count: number) {
    this.folder = folder;
    const outside = createOutside();
    t.after(() => outside.close());
    const journal = new Journal({
      clock: outside.clock,
      level: () => 'info',
      file: () => undefined,
      append: () => undefined,
    });
    journal.onLine((line) => this.said.push(line.slice(24).trimEnd()));
    this.supervision = new Memory({ clock: outside.clock, journal, identifier: () => 'supervisor' });
    this.claims = new SocketClaims(outside.sharedSockets, (text) => journal.say('info', text));
    this.instances = Array.from(
      { length: count },
      (_, index) =>
        new Instance(spec, index, {
          outside,
          inherited: env,
          windows: false,
          urls: () => ({}),
          logsOf: (instance) => ({
            stdout: { path: join(folder, `${instance}.out`), maxBytes: 0, backups: 0 },
            stderr: { path: join(folder, `${instance}.err`), maxBytes: 0, backups: 0 },
          }),
          socketOf: (service, socket) => this.claims.claim(service, socket),
          supervision: this.supervision,
          transition: (_instance, _from, to) => this.entered.push({ to, at: performance.now() }),
          portKnown: () => undefined,
          faulted: () => undefined,
          changed: () => undefined,
        }),
    );
  }

  static async of(
    t: TestContext,
    command: readonly string[],
    part: Partial<ServiceSpec> = {},
    program: Parameters<typeof programOf>[0] = {},
    count = 1,
  ): Promise<Family> {
    const folder = await folderFor(t);
    const process = { command, cwd: folder, ...program.process };
    return new Family(t, folder, programService(part, programOf({ ...program, process })), count);
  }

  get only(): Instance {
    return this.instances[0] ?? assert.fail('there is no instance');
  }

  async in(state: StateName, instance = this.only): Promise<void> {
    await until(`${instance.name} to be ${state}`, () => instance.stateName === state);
  }

  /** All it has printed, as far as it is kept. */
  output(instance = this.only): string {
    return instance.log
      .tail(100)
      .map(({ text }) => text)
      .join('\n');
  }

  /** Waits until it has printed this. */
  async prints(text: string, instance = this.only): Promise<void> {
    await until(`"${text}"`, () => this.output(instance).includes(text));
  }
}

const shell = (script: string): readonly string[] => ['/bin/sh', '-c', script];

test(
  'a process starts, stays up, is stopped, and the journal reads as Supervisor’s (SV-9, SV-28)',
  { skip },
  async (t) => {
    const family = await Family.of(t, ['/bin/sleep', '1000'], { startMs: 100 });
    family.only.start(false);
    await family.in('RUNNING');
    const { pid } = family.only;
    assert.deepEqual(await living([pid ?? 0]), [pid]);
    await family.only.stop();
    assert.deepEqual(family.said, [
      `INFO spawned: 'cat' with pid ${pid}`,
      'INFO success: cat entered RUNNING state, process has stayed up for > than 0.1 seconds (startsecs)',
      'INFO waiting for cat to stop',
      'WARN stopped: cat (terminated by SIGTERM)',
    ]);
    assert.deepEqual(await living([pid ?? 0]), []);
  },
);

test(
  'a process that ignores its stop signal is killed after stopwaitsecs, not earlier (SV-31)',
  { skip },
  async (t) => {
    const script = 'trap "" TERM; echo ready; while :; do sleep 0.02; done';
    const family = await Family.of(t, shell(script), { startMs: 0, stopMs: 300 });
    family.only.start(false);
    await family.prints('ready');
    const { pid } = family.only;
    const from = performance.now();
    await family.only.stop();
    assert.ok(performance.now() - from >= 300);
    assert.deepEqual(family.said.slice(-2), [
      `WARN killing 'cat' (${pid}) with SIGKILL`,
      'WARN stopped: cat (terminated by SIGKILL)',
    ]);
  },
);

for (const { stopAsGroup, heard } of [
  { stopAsGroup: false, heard: false },
  { stopAsGroup: true, heard: true },
]) {
  test(
    `with stopasgroup ${stopAsGroup} a grandchild ${heard ? 'hears' : 'does not hear'} of the stop, and is not left behind (SV-32)`,
    { skip },
    async (t) => {
      const grandchild = 'trap "echo grandchild heard" TERM; echo ready $$; while :; do sleep 0.02; done';
      // The child itself takes its time, so that the grandchild could answer.
      const script = `trap 'sleep 0.3; exit 0' TERM; sh -c '${grandchild}' & while :; do sleep 0.02; done`;
      const family = await Family.of(
        t,
        shell(script),
        { startMs: 0 },
        { stopAsGroup, killAsGroup: stopAsGroup },
      );
      family.only.start(false);
      await family.prints('ready');
      await family.only.stop();
      assert.equal(family.output().includes('grandchild heard'), heard);
      const pid = Number(/ready (\d+)/.exec(family.output())?.[1]);
      assert.deepEqual(await living([pid]), []);
    },
  );
}

test('a plain signal is for the process alone, and changes no state (SV-32, SV-35)', { skip }, async (t) => {
  const grandchild = 'trap "echo grandchild heard" HUP; echo ready; while :; do sleep 0.02; done';
  const script = `trap 'echo child heard' HUP; sh -c '${grandchild}' & while :; do sleep 0.02; done`;
  const family = await Family.of(t, shell(script), { startMs: 0 }, { stopAsGroup: true, killAsGroup: true });
  family.only.start(false);
  await family.prints('ready');
  await family.in('RUNNING');
  assert.equal(family.only.signal('HUP'), undefined);
  await family.prints('child heard');
  assert.equal(family.only.stateName, 'RUNNING');
  await family.only.stop();
  assert.equal(family.output().includes('grandchild heard'), false);
});

test(
  'a program that fails at once is tried again after more than a second, then given up (SV-15)',
  { skip },
  async (t) => {
    const family = await Family.of(t, shell('exit 1'), { startRetries: 1 });
    family.only.start(false);
    await family.in('FATAL');
    const [first = 0, second = 0, ...more] = family.entered.flatMap(({ to, at }) =>
      to === 'STARTING' ? [at] : [],
    );
    assert.deepEqual(more, []);
    assert.ok(second - first > 1000 && second - first < 2500, `${second - first} ms`);
    assert.deepEqual(family.said.slice(-2), [
      'WARN exited: cat (exit status 1; not expected)',
      'INFO gave up: cat entered FATAL state, too many start retries too quickly',
    ]);
  },
);

test('a death by a signal shows its name (SV-21)', { skip }, async (t) => {
  const family = await Family.of(t, shell('sleep 0.2; kill -USR1 $$'), { startMs: 50, restart: 'never' });
  family.only.start(false);
  await family.in('EXITED');
  assert.equal(family.said.at(-1), 'WARN exited: cat (terminated by SIGUSR1; not expected)');
  assert.equal(family.only.view().spawnError, 'Bad exit code -1');
});

for (const { number, command, text } of [
  { number: 'SV-3', command: [' '], text: 'command is empty' },
  { number: 'SV-4', command: ['no-such-program'], text: "can't find command 'no-such-program'" },
  { number: 'SV-4', command: ['/no/such'], text: "can't find command '/no/such'" },
  { number: 'SV-5', command: ['/tmp'], text: "command at '/tmp' is a directory" },
  { number: 'SV-5', command: ['/etc/passwd'], text: "command at '/etc/passwd' is not executable" },
]) {
  test(
    `"${text}" is what a start of ${JSON.stringify(command)} says, and a look beforehand (${number})`,
    { skip },
    async (t) => {
      const family = await Family.of(t, command, { startRetries: 0 });
      assert.equal((await family.only.examine())?.reason, text);
      family.only.start(false);
      await family.in('FATAL');
      assert.deepEqual(family.said, [
        `INFO spawnerr: ${text}`,
        'INFO gave up: cat entered FATAL state, too many start retries too quickly',
      ]);
      assert.equal(family.only.view().spawnError, text);
    },
  );
}

test('all that a process has printed is told before its end (SV-37)', { skip }, async (t) => {
  const script =
    'i=0; while [ $i -lt 2000 ]; do echo 0123456789012345678901234567890123456789; i=$((i+1)); done';
  const family = await Family.of(t, shell(script), { startMs: 0, restart: 'never' });
  let bytes = 0;
  let atGone = -1;
  const { supervision } = family;
  supervision.born = (_instance, child) => {
    child.output.onBytes((_stream, piece) => {
      bytes += piece.length;
    });
  };
  supervision.gone = () => {
    atGone = bytes;
  };
  family.only.start(false);
  await family.in('EXITED');
  assert.equal(atGone, 2000 * 41);
});

test('the environment tells a process who it is (SV-12)', { skip }, async (t) => {
  const family = await Family.of(
    t,
    shell('env | grep ^SUPERVISOR | sort; echo over'),
    { startMs: 0, restart: 'never' },
    {
      group: 'pets',
      serverUrl: 'unix:///run/s.sock',
      process: { name: 'cat_01', env: { SUPERVISOR_GROUP_NAME: 'mine' } },
    },
  );
  family.only.start(false);
  await family.in('EXITED');
  assert.deepEqual(family.output().split('\n'), [
    'SUPERVISOR_ENABLED=1',
    'SUPERVISOR_GROUP_NAME=mine',
    'SUPERVISOR_PROCESS_NAME=cat_01',
    'SUPERVISOR_SERVER_URL=unix:///run/s.sock',
    'over',
  ]);
});

test('what is written to a process arrives on its stdin (SV-89)', { skip }, async (t) => {
  const family = await Family.of(t, ['/bin/cat'], { startMs: 0 });
  family.only.start(false);
  await family.in('RUNNING');
  assert.equal(family.only.write(new TextEncoder().encode('grüße\n')), 'written');
  await family.prints('grüße');
});

test(
  'processes of one group share a socket as descriptor 0, which is closed with the last (SV-80, SV-81)',
  { skip },
  async (t) => {
    const path = join(await folderFor(t), 'shared.sock');
    const socket = { url: `unix://${path}`, at: { kind: 'unix', path, mode: 0o700 } } as const;
    const family = await Family.of(
      t,
      shell('echo "it is $(readlink /proc/self/fd/0)"; exec sleep 1000'),
      { startMs: 0 },
      { kind: 'fcgi-program', socket },
      2,
    );
    for (const instance of family.instances) instance.start(false);
    for (const instance of family.instances) await family.prints('it is', instance);
    const [one, two] = family.instances.map((instance) => family.output(instance));
    assert.match(one ?? '', /it is socket:\[\d+\]/);
    assert.equal(one, two);
    assert.equal(await accepts(path), true);
    await family.instances[0]?.stop();
    assert.equal(await accepts(path), true);
    await family.instances[1]?.stop();
    assert.equal(await accepts(path), false);
    assert.deepEqual(
      family.said.filter((line) => line.includes('socket')),
      [`INFO Creating socket ${socket.url}`, `INFO Closing socket ${socket.url}`],
    );
  },
);

function accepts(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const client = connect(path);
    client.once('connect', () => {
      client.destroy();
      resolve(true);
    });
    client.once('error', () => resolve(false));
  });
}
