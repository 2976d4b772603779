/** What reading the config of a folder does, which happens before anybody has said that it can be trusted. */

import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, symlink, truncate, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { promisify } from 'node:util';
import { readAccounts } from '../../src/host/accounts.ts';
import { findGroup, findUser } from '../../src/node/users.ts';
import { program } from '../node/support.ts';
import { workspace } from '../support/cli.ts';

const run = promisify(execFile);
const onUnix = { skip: process.platform === 'win32' };

interface Read {
  readonly said: readonly string[];
  readonly services: readonly string[];
}

/** Fails when it takes longer than any config should. */
async function read(folder: string, environment: Readonly<Record<string, string>> = {}): Promise<Read> {
  const [node, ...args] = program('reads-a-config.ts');
  const env = { ...process.env, ...environment };
  const { stdout } = await run(node, args, { cwd: folder, env, timeout: 20_000, killSignal: 'SIGKILL' });
  return JSON.parse(stdout) as Read;
}

/** What is said of the line in which these files include others. */
async function onLine3(folder: string): Promise<readonly string[]> {
  return (await read(folder)).said.filter((each) => each.startsWith('3 '));
}

/** Programs that look users up, replaced by ones that tell that they were run. */
async function lookups(test: TestContext): Promise<{ readonly path: string; readonly mark: string }> {
  const path = await workspace(test, {});
  const mark = join(path, 'was-run');
  for (const name of ['getent', 'id', 'dscl']) {
    await writeFile(join(path, name), `#!/bin/sh\necho "$0 $*" >> '${mark}'\n`);
    await chmod(join(path, name), 0o755);
  }
  return { path: `${path}:${process.env['PATH'] ?? ''}`, mark };
}

describe('a folder’s config', onUnix, () => {
  it('is read without running anything, whatever it names', async (test) => {
    const { path, mark } = await lookups(test);
    const folder = await workspace(test, {
      'supervisord.conf': `
[supervisord]
logfile=~-sx/evil/s.log
[unix_http_server]
file=%(here)s/s.sock
chown=-sx/evil:-sx/evil
[program:a]
command=a
user=-sx/evil
[program:b]
command=b
user=nobody-of-that-name
stdout_logfile=~nobody-of-that-name/b.log
[fcgi-program:c]
command=c
socket=unix:///tmp/c.sock
socket_owner=-sx/evil
`,
    });
    const { said } = await read(folder, { PATH: path });
    assert.equal(existsSync(mark), false);
    assert.ok(said.some((each) => each.startsWith('9 error supervisord-error: Invalid user name -sx/evil')));
    assert.ok(said.some((each) => each.includes('Invalid sockchown value -sx/evil:-sx/evil')));
    assert.ok(said.some((each) => each.includes('Invalid socket_owner value -sx/evil')));
  });

  it('is read at once, whatever it includes', async (test) => {
    const folder = await workspace(test, {
      'supervisord.conf':
        '[supervisord]\n[include]\nfiles=/dev/zero pipe.conf large.conf good.conf\n[program:a]\ncommand=a\n',
      'good.conf': '[program:good]\ncommand=good\n',
      'large.conf': '',
    });
    execFileSync('mkfifo', [join(folder, 'pipe.conf')]);
    await truncate(join(folder, 'large.conf'), 1024 ** 3);
    const { said, services } = await read(folder);
    const inFolder = (name: string): string => `Cannot read ${join(folder, name)}`;
    assert.deepEqual(said, [
      '3 error file-unreadable: Cannot read /dev/zero: it is no regular file.',
      `3 error file-unreadable: ${inFolder('pipe.conf')}: it is no regular file.`,
      `3 error file-unreadable: ${inFolder('large.conf')}: it is larger than 1 MiB.`,
    ]);
    assert.deepEqual(services.toSorted(), ['a', 'good']);
  });

  it('is read at once, whatever its patterns match', async (test) => {
    const name = 'a'.repeat(120);
    const folder = await workspace(test, {
      'supervisord.conf': `[supervisord]\n[include]\nfiles=${'*a'.repeat(30)}b\n`,
      [name]: '',
    });
    assert.match(
      (await onLine3(folder))[0] ?? '',
      /^3 warning supervisord-warning: No file matches via include/,
    );
    await writeFile(
      join(folder, 'supervisord.conf'),
      '[supervisord]\n[include]\nfiles=/*/*/*/*/*/*/*/*.conf\n',
    );
    const [wide] = await onLine3(folder);
    assert.match(wide ?? '', /^3 error supervisord-error: Too many files match via include/);
  });

  it('takes no more of what it includes than anybody writes', async (test) => {
    const folder = await workspace(test, {
      'supervisord.conf': '[supervisord]\n[include]\nfiles=many/*\n',
      'few.conf': '[supervisord]\n[include]\nfiles=large/*\n',
    });
    await mkdir(join(folder, 'many'));
    for (let index = 0; index < 1_001; index += 1)
      await symlink('../few.conf', join(folder, 'many', String(index)));
    assert.match((await onLine3(folder))[0] ?? '', /^3 error .* Too many files match/);
    await mkdir(join(folder, 'large'));
    for (let index = 0; index < 9; index += 1)
      await writeFile(join(folder, 'large', String(index)), `; ${'x'.repeat(1_000_000)}\n`);
    await writeFile(join(folder, 'supervisord.conf'), '[supervisord]\n[include]\nfiles=large/*\n');
    assert.deepEqual(await onLine3(folder), [
      `3 error file-unreadable: Cannot read ${join(folder, 'large/4')}: what is included before it is all that is taken.`,
    ]);
  });

  it('is read at once, whatever stands in its own place or in that of an environment file', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml':
        'services:\n  a:\n    command: a\n    envFile: [/dev/zero, pipe.env, nowhere.env, .]\n',
    });
    execFileSync('mkfifo', [join(folder, 'pipe.env')]);
    assert.deepEqual((await read(folder)).said, [
      '4 error file-unreadable: Cannot read /dev/zero: it is no regular file.',
      '4 error file-unreadable: Cannot read pipe.env: it is no regular file.',
      '4 error file-unreadable: Cannot read nowhere.env: there is no such file.',
      '4 error file-unreadable: Cannot read .: it is a folder.',
    ]);
    const other = await workspace(test, {});
    execFileSync('mkfifo', [join(other, 'runtimes.yaml')]);
    assert.match((await read(other)).said[0] ?? '', /^1 error file-unreadable: .*: it is no regular file\.$/);
    const endless = await workspace(test, {});
    await symlink('/dev/zero', join(endless, 'supervisord.conf'));
    assert.match(
      (await read(endless)).said[0] ?? '',
      /^1 error file-unreadable: .*: it is no regular file\.$/,
    );
  });
});

describe('users and groups', onUnix, () => {
  const passwd = 'ann:x:7:7::/home/ann:/bin/sh\n';
  const etc = (test: TestContext, sources: string): Promise<string> =>
    workspace(test, {
      passwd,
      group: 'us:x:8:\n',
      'nsswitch.conf': `passwd: ${sources}\ngroup: ${sources}\n`,
    });

  it('that are in no table are not there, unless a directory service could know them', async (test) => {
    const plain = readAccounts(await etc(test, 'files [NOTFOUND=return]'));
    assert.deepEqual(
      ['ann', '7', 'bob', '-sx/evil', 'a/b', ''].map((name) => plain.has('passwd', name)),
      [true, true, false, false, false, false],
    );
    assert.deepEqual([plain.has('group', 'us'), plain.has('group', 'them')], [true, false]);
    assert.equal(plain.homeOf('ann'), '/home/ann');
    const wide = readAccounts(await etc(test, 'files ldap'));
    assert.deepEqual(
      ['ann', 'bob', 'bob@corp.example', 'CORP\\bob', '-sx/evil', 'a/b', ''].map((name) =>
        wide.has('passwd', name),
      ),
      [true, undefined, undefined, undefined, false, false, false],
    );
    assert.equal(wide.has('group', 'them'), undefined);
    // The person who reads it is there, wherever they are kept.
    assert.equal(wide.has('passwd', userInfo().username), true);
  });

  it('are asked of the system’s programs when they are needed, and never with a text that is no name', async (test) => {
    const { path, mark } = await lookups(test);
    const before = process.env['PATH'] ?? '';
    test.after(() => {
      process.env['PATH'] = before;
    });
    process.env['PATH'] = path;
    for (const name of ['-sx/evil', '--version', 'a/b', 'a b', ''])
      assert.deepEqual([await findUser(name), await findGroup(name)], [undefined, undefined], name);
    assert.equal(existsSync(mark), false);
    await findGroup('them');
    assert.equal(existsSync(mark), true);
  });
});
