/** The log files of real children: which bytes reach them, and what is done to them meanwhile. */

import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import test, { type TestContext } from 'node:test';
import type { Child, LogPlan, SpawnPlan, Stream } from '../../src/core/outside.ts';
import { LogFiles } from '../../src/node/log-files.ts';
import { intakeOfStream } from '../../src/node/intake.ts';
import { ChildOutput } from '../../src/node/output.ts';
import type { RealSpawner } from '../../src/node/spawner.ts';
import { folderFor, spawnerFor, started, until } from './support.ts';

const skip = process.platform === 'win32' ? 'the children are shells' : false;
const shell = (script: string): SpawnPlan['argv'] => ['/bin/sh', '-c', script];

interface Setting {
  readonly folder: string;
  readonly spawner: RealSpawner;
  plan(name: string, more?: Partial<LogPlan>): LogPlan;
  text(name: string): Promise<string | undefined>;
}

async function setting(t: TestContext): Promise<Setting> {
  const folder = await folderFor(t);
  const spawner = spawnerFor(t);
  return {
    folder,
    spawner,
    plan: (name, more = {}) => ({ path: join(folder, name), maxBytes: 0, backups: 0, ...more }),
    async text(name) {
      const read = await spawner.logs.read(join(folder, name), 0, 1_000_000);
      return read === undefined ? undefined : Buffer.from(read.bytes).toString();
    },
  };
}

/** A child that says what it reads. */
async function parrot(
  { spawner }: Setting,
  logs: NonNullable<SpawnPlan['logs']>,
  more: Partial<SpawnPlan> = {},
): Promise<{ child: Child; says: (text: string) => Promise<void> }> {
  const child = await started(spawner, ['cat'], { openStdin: true, logs, ...more });
  return {
    child,
    async says(text) {
      const before = child.output.bytes;
      child.write(Buffer.from(text));
      await until('it is said', () => child.output.bytes === before + Buffer.byteLength(text));
    },
  };
}

test('the files of a program that prints nothing are there from its start', { skip }, async (t) => {
  const at = await setting(t);
  await started(at.spawner, ['sleep', '60'], { logs: { stdout: at.plan('out'), stderr: at.plan('err') } });
  await until('both are there', () => readdirSync(at.folder).length === 2);
});

test('each stream has a file of its own, with the bytes as they came (SV-56)', { skip }, async (t) => {
  const at = await setting(t);
  const script = String.raw`printf 'out \033[31mred\r\n\377'; printf 'err\n' >&2`;
  const child = await started(at.spawner, shell(script), {
    logs: { stdout: at.plan('out'), stderr: at.plan('err') },
  });
  await child.exited;
  await at.spawner.close();
  assert.deepEqual(
    await readFile(join(at.folder, 'out')),
    Buffer.from('out \u001b[31mred\r\n\xff', 'latin1'),
  );
  assert.equal(await at.text('err'), 'err\n');
});

test(
  'colours are taken out of the log and of the events, and stay for who reads lines (SV-56)',
  { skip },
  async (t) => {
    const at = await setting(t);
    const seen: string[] = [];
    const { child, says } = await parrot(at, { stdout: at.plan('out') }, { stripAnsi: true });
    child.output.onBytes((stream, bytes) => seen.push(`${stream} ${Buffer.from(bytes).toString()}`));
    await says('a \u001b[1;3');
    await says('1mred\u001b');
    await says('[0m b\u001b[K\n');
    assert.equal(await at.text('out'), 'a red b\n');
    assert.equal(seen.join('').replaceAll('stdout ', ''), 'a red b\n');
    assert.equal(child.output.tail()[0]?.text, 'a \u001b[1;31mred\u001b[0m b\u001b[K');
  },
);

test('an escape that begins nothing reaches the log when the stream ends (SV-56)', { skip }, async (t) => {
  const at = await setting(t);
  const child = await started(at.spawner, shell(String.raw`printf 'end\033'`), {
    logs: { stdout: at.plan('out') },
    stripAnsi: true,
  });
  await child.exited;
  assert.equal(await at.text('out'), 'end\u001b');
});

test(
  'what stands between the tokens reaches neither log nor lines nor events (SV-58)',
  { skip },
  async (t) => {
    const at = await setting(t);
    const captured: string[] = [];
    const passed: string[] = [];
    const { child, says } = await parrot(at, { stdout: at.plan('out') }, { capture: { stdout: 1_000 } });
    child.output.onCaptured((stream, bytes) => captured.push(`${stream} ${Buffer.from(bytes).toString()}`));
    child.output.onBytes((_, bytes) => passed.push(Buffer.from(bytes).toString()));
    await says('before <!--XSUPER');
    await says('VISOR:BEGIN-->inner\ntext<!--XSUPERVISOR:E');
    await says('ND-->after\n');
    assert.deepEqual(captured, ['stdout inner\ntext']);
    assert.equal(passed.join(''), 'before after\n');
    assert.equal(await at.text('out'), 'before after\n');
    assert.deepEqual(child.output.tail(), [{ stream: 'stdout', text: 'before after' }]);
  },
);

test('without a capture size the tokens are output like any other (SV-58)', { skip }, async (t) => {
  const at = await setting(t);
  const text = '<!--XSUPERVISOR:BEGIN-->x<!--XSUPERVISOR:END-->\n';
  const { says } = await parrot(at, { stdout: at.plan('out') }, { capture: { stdout: 0, stderr: 100 } });
  await says(text);
  assert.equal(await at.text('out'), text);
});

test('a capture that nobody ended is text when the stream ends (SV-58)', { skip }, async (t) => {
  const at = await setting(t);
  const child = await started(at.spawner, shell(`printf 'a<!--XSUPERVISOR:BEGIN-->b'`), {
    logs: { stdout: at.plan('out') },
    capture: { stdout: 100 },
  });
  await child.exited;
  assert.equal(await at.text('out'), 'ab');
});

test('a channel that fails closes, and the other goes on (SV-61)', async (t) => {
  const folder = await folderFor(t);
  const files = new LogFiles(() => undefined);
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  const handle = (name: Stream): ReturnType<LogFiles['open']> =>
    files.open({ path: join(folder, name), maxBytes: 0, backups: 0 });
  const output = new ChildOutput({
    stdout: intakeOfStream(streams.stdout),
    stderr: intakeOfStream(streams.stderr),
    logs: { stdout: handle('stdout'), stderr: handle('stderr') },
  });
  streams.stdout.write('one\n');
  await until('it is read', () => output.bytes === 4);
  streams.stdout.destroy(new Error('a device error'));
  await until('that is known', () => streams.stdout.closed);
  streams.stderr.write('two\n');
  await until('it is read', () => output.bytes === 8);
  let ended = false;
  void output.closed.then(() => (ended = true));
  streams.stderr.end('three\n');
  await until('both have ended', () => ended);
  await files.close();
  assert.deepEqual(
    [await readFile(join(folder, 'stdout'), 'utf8'), await readFile(join(folder, 'stderr'), 'utf8')],
    ['one\n', 'two\nthree\n'],
  );
});

test(
  'a stream that its child has closed is over, while the child and its other stream live (SV-60)',
  { skip },
  async (t) => {
    const at = await setting(t);
    const child = await started(at.spawner, shell('echo out; exec 1>&-; cat >&2'), {
      openStdin: true,
      logs: { stdout: at.plan('out'), stderr: at.plan('err') },
    });
    assert.equal(await child.output.firstLine(), 'out\n');
    child.write(Buffer.from('err\n'));
    await until('the other speaks', () => child.output.tail(1, 'stderr').length === 1);
    assert.equal(await at.text('err'), 'err\n');
  },
);

test('a log that cannot be written leaves that of the other stream alone (SV-61)', { skip }, async (t) => {
  const at = await setting(t);
  await writeFile(join(at.folder, 'plain'), '');
  const failures: string[] = [];
  const spawner = spawnerFor(t, { onLogFailure: (path) => failures.push(path) });
  const child = await started(spawner, shell('echo out; echo err >&2'), {
    logs: { stdout: at.plan('plain/out'), stderr: at.plan('err') },
  });
  await child.exited;
  await spawner.close();
  assert.equal(await at.text('err'), 'err\n');
  assert.deepEqual(failures, [join(at.folder, 'plain', 'out')]);
});

test(
  'a child that writes on while its log is rotated loses no line and tears none (SV-62)',
  { skip },
  async (t) => {
    const at = await setting(t);
    const child = await started(
      at.spawner,
      shell('i=0; while [ $i -lt 20000 ]; do i=$((i+1)); echo "line $i"; done'),
      {
        logs: { stdout: at.plan('out', { maxBytes: 20_000, backups: 20 }) },
      },
    );
    await child.exited;
    await at.spawner.close();
    const names = (await readdir(at.folder)).toSorted(
      (a, b) => Number(b.split('.')[1] ?? 0) - Number(a.split('.')[1] ?? 0),
    );
    const parts = await Promise.all(names.map((name) => readFile(join(at.folder, name), 'utf8')));
    assert.ok(names.length > 5, names.join());
    assert.ok(parts.every((part) => part === '' || part.endsWith('\n')));
    const expected = Array.from({ length: 20_000 }, (_, index) => `line ${index + 1}\n`).join('');
    assert.equal(parts.join(''), expected);
  },
);

test(
  'backups that are missing, and a log that somebody took away, are no trouble (SV-62)',
  { skip },
  async (t) => {
    const at = await setting(t);
    const { says } = await parrot(at, { stdout: at.plan('out', { maxBytes: 10, backups: 3 }) });
    await says('first 1234\n');
    assert.equal(await at.text('out'), '');
    assert.equal(await at.text('out.1'), 'first 1234\n');
    await says('second 123\n');
    assert.equal(await at.text('out'), '');
    await rm(join(at.folder, 'out.1'));
    await says('third\n');
    assert.equal(await at.text('out'), 'third\n');
    await rm(join(at.folder, 'out'));
    await says('and on\n');
    await says('fourth\n');
    assert.equal(await at.text('out'), 'fourth\n');
    assert.deepEqual((await readdir(at.folder)).toSorted(), ['out', 'out.3']);
  },
);

test('a log whose folder was in the way works again once it is opened anew (SV-93)', { skip }, async (t) => {
  const at = await setting(t);
  await writeFile(join(at.folder, 'place'), '');
  const { says } = await parrot(at, { stdout: at.plan('place/out') });
  await says('lost\n');
  await until('that is known', () =>
    at.text('place/out').then(
      () => false,
      () => true,
    ),
  );
  await assert.rejects(at.spawner.logs.reopen());
  await rm(join(at.folder, 'place'));
  await at.spawner.logs.reopen();
  await says('kept\n');
  assert.equal(await at.text('place/out'), 'kept\n');
});

test('a line without end is cut in the log, rather than growing for ever (SV-62)', async (t) => {
  const folder = await folderFor(t);
  const files = new LogFiles(() => undefined);
  const handle = files.open({ path: join(folder, 'a'), maxBytes: 1_000, backups: 100 });
  for (let count = 0; count < 20; count += 1) handle.write(Buffer.alloc(65_536, 'x'));
  handle.release();
  await files.close();
  const sizes = await Promise.all(
    (await readdir(folder)).map(async (name) => (await stat(join(folder, name))).size),
  );
  assert.equal(
    sizes.reduce((sum, size) => sum + size, 0),
    20 * 65_536,
  );
  assert.ok(Math.max(...sizes) <= 1_000 + 131_072 + 65_536, String(Math.max(...sizes)));
});

test('a log is cleared while a child writes to it, and goes on from nothing (SV-88)', { skip }, async (t) => {
  const at = await setting(t);
  const { says } = await parrot(at, { stdout: at.plan('out') });
  await says('old\n');
  assert.equal(await at.text('out'), 'old\n');
  await says('not even written\n');
  await at.spawner.logs.clear(join(at.folder, 'out'));
  assert.equal(await readFile(join(at.folder, 'out'), 'utf8'), '');
  await says('new\n');
  assert.equal(await at.text('out'), 'new\n');
});

test('a log that nobody writes to is cleared, too, and one that is not there is no error (SV-88)', async (t) => {
  const at = await setting(t);
  await writeFile(join(at.folder, 'a'), 'old');
  await at.spawner.logs.clear(join(at.folder, 'a'));
  await at.spawner.logs.clear(join(at.folder, 'b'));
  assert.deepEqual([await at.text('a'), await at.text('b')], ['', undefined]);
});

test('a log that cannot be deleted rejects, and is written on (SV-88)', { skip }, async (t) => {
  const at = await setting(t);
  await mkdir(join(at.folder, 'folder'));
  await assert.rejects(at.spawner.logs.clear(join(at.folder, 'folder')));
});

test('logs that were moved away are begun again by their names (SV-93)', { skip }, async (t) => {
  const at = await setting(t);
  const { says } = await parrot(at, { stdout: at.plan('out'), stderr: at.plan('err') });
  await says('old\n');
  at.spawner.logs.append(at.plan('main'), 'main old\n');
  assert.deepEqual([await at.text('out'), await at.text('main')], ['old\n', 'main old\n']);
  await rename(join(at.folder, 'out'), join(at.folder, 'out.moved'));
  await rename(join(at.folder, 'main'), join(at.folder, 'main.moved'));
  await says('between\n');
  await at.spawner.logs.reopen();
  await says('new\n');
  at.spawner.logs.append(at.plan('main'), 'main new\n');
  assert.deepEqual(
    [await at.text('out.moved'), await at.text('out'), await at.text('main.moved'), await at.text('main')],
    ['old\nbetween\n', 'new\n', 'main old\n', 'main new\n'],
  );
});

test('what was printed before somebody asks can be read, from any place on', { skip }, async (t) => {
  const at = await setting(t);
  const { child, says } = await parrot(at, { stdout: at.plan('out') });
  await says('0123456789');
  const part = async (offset: number, length: number): Promise<unknown> => {
    const read = await at.spawner.logs.read(join(at.folder, 'out'), offset, length);
    return [Buffer.from(read?.bytes ?? []).toString(), read?.size];
  };
  assert.deepEqual(
    [await part(0, 4), await part(8, 100), await part(10, 5), await part(50, 5), await part(3, 0)],
    [
      ['0123', 10],
      ['89', 10],
      ['', 10],
      ['', 10],
      ['', 10],
    ],
  );
  assert.equal(await at.spawner.logs.read(join(at.folder, 'none'), 0, 1), undefined);
  await assert.rejects(at.spawner.logs.read(at.folder, 0, 1));
  child.signal('KILL');
});

test('the main log rotates like any other, and is complete when we close (SV-62)', async (t) => {
  const at = await setting(t);
  const plan = at.plan('main', { maxBytes: 20, backups: 1 });
  for (const number of [1, 2, 3, 4]) at.spawner.logs.append(plan, `line ${number} .........\n`);
  await at.spawner.close();
  assert.deepEqual(
    [await at.text('main.1'), await at.text('main')],
    ['line 3 .........\nline 4 .........\n', ''],
  );
});

test('old logs are swept by name, others stay, and what cannot be deleted is told (SV-63)', async (t) => {
  const at = await setting(t);
  for (const name of ['web-stdout---us-1.log', 'web-stdout---us-1.log.1', 'web-stdout---them-1.log', 'other'])
    await writeFile(join(at.folder, name), '');
  await mkdir(join(at.folder, 'api-stderr---us-2.log'));
  const failures = await at.spawner.logs.sweep(at.folder, (name) => name.includes('---us-'));
  assert.equal(failures.length, 1);
  assert.match(failures.join(), /api-stderr---us-2\.log: /u);
  assert.deepEqual((await readdir(at.folder)).toSorted(), [
    'api-stderr---us-2.log',
    'other',
    'web-stdout---them-1.log',
  ]);
  assert.deepEqual(await at.spawner.logs.sweep(join(at.folder, 'none'), () => true), []);
  const closed = join(at.folder, 'other');
  await chmod(closed, 0o000);
  assert.equal((await at.spawner.logs.sweep(closed, () => true)).length, 1);
});
