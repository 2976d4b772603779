/** What a config asks of the machine, beside what Python says of the same machine. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { homedir, tmpdir, userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { promisify } from 'node:util';
import { realMachine } from '../../src/host/machine.ts';
import { supervisorPython } from '../support/supervisor.ts';

const run = promisify(execFile);
const globbing =
  'import glob, json, os, sys; print(json.dumps([[p for p in glob.glob(x) if os.path.isfile(p)] for x in sys.argv[1:]]))';

describe('the machine', () => {
  it('finds the files that Python finds (SV-50)', async (test) => {
    const folder = await mkdtemp(join(tmpdir(), 'runtimes-glob-'));
    test.after(() => rm(folder, { recursive: true, force: true }));
    const names = [
      ...['a.conf', 'b.conf', 'c.ini', '10.conf', '.hidden.conf', 'a+b.conf', 'A.conf', '[x].conf', 'ü.conf'],
      ...[
        'd/one.conf',
        'd/two.conf',
        'd/deep/three.conf',
        'e/one.conf',
        '.h/one.conf',
        'a.conf~',
        '-.conf',
        '!.conf',
      ],
    ];
    for (const name of names) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), '');
    }
    await mkdir(join(folder, 'folder.conf'));
    await symlink('a.conf', join(folder, 'link.conf'));
    await symlink('nowhere', join(folder, 'broken.conf'));
    await symlink('d', join(folder, 'linked'));
    const patterns = [
      ...[
        '*.conf',
        '?.conf',
        '*',
        '.*',
        '.h*',
        'a.conf',
        'none.conf',
        '*/one.conf',
        '*/*.conf',
        '**/*.conf',
        'd/**',
      ],
      ...[
        '[ab].conf',
        '[!ab].conf',
        '[a-c].*',
        '[]x].conf',
        '[[]x].conf',
        '[x.conf',
        '[!]a].conf',
        '[^a].conf',
      ],
      ...[
        'a+b.conf',
        '[z-a].conf',
        '*.{conf,ini}',
        'a.*',
        '[-].conf',
        '[a-].conf',
        '[\\]a].conf',
        '*/',
        'l*/one.conf',
      ],
    ].map((pattern) => join(folder, '.').concat('/', pattern));
    const { stdout } = await run(supervisorPython(), ['-c', globbing, ...patterns]);
    const theirs = JSON.parse(stdout) as readonly (readonly string[])[];
    const machine = realMachine();
    assert.deepEqual(
      patterns.map((pattern) => [pattern, machine.glob(pattern)?.toSorted()]),
      patterns.map((pattern, index) => [pattern, theirs[index]?.toSorted()]),
    );
  });

  it('knows its users, their homes and its folders (SV-43)', () => {
    const machine = realMachine();
    const { username, uid, homedir: home } = userInfo();
    assert.deepEqual(
      [username, String(uid), 'root', '0', 'nobody-of-that-name', '987654', ''].map((name) =>
        machine.hasUser(name),
      ),
      [true, true, true, true, false, false, false],
    );
    assert.deepEqual([machine.hasUserGroup('root'), machine.hasUserGroup('no-such-group')], [true, false]);
    assert.equal(machine.homeOf(username), home);
    assert.equal(machine.homeOf(), homedir());
    assert.equal(machine.homeOf('nobody-of-that-name'), undefined);
    assert.deepEqual(
      [tmpdir(), process.execPath, '/no/such', `${process.execPath}/below`].map((path) =>
        machine.isFolder(path),
      ),
      [true, false, false, false],
    );
  });

  it('knows how much it can give (SV-97)', { skip: process.platform !== 'linux' }, async () => {
    const { stdout } = await run('sh', ['-c', 'ulimit -Hn; ulimit -Hu 2>/dev/null || echo unlimited']);
    const [files, processes] = stdout
      .trim()
      .split('\n')
      .map((each) => (each === 'unlimited' ? undefined : Number(each)));
    assert.equal(realMachine().limits?.files, files);
    if (processes !== undefined) assert.equal(realMachine().limits?.processes, processes);
  });
});
