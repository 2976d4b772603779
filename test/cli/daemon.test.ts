import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, watch } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';
import { SignalQueue } from '../../src/host/signal-queue.ts';
import { Cli, workspace } from '../support/cli.ts';
import { commandIn, conf, daemonPid, isAlive, withDaemon } from './control-support.ts';

const text = (folder: string, file: string): string =>
  existsSync(join(folder, file)) ? readFileSync(join(folder, file), 'utf8') : '';

/** Where the command line keeps it for this folder, with the state folder of the tests. */
function daemonPidFileIn(folder: string): string {
  const key = createHash('sha256').update(folder).digest('hex').slice(0, 16);
  return join(folder, '.state/local-runtimes', key, 'daemon.pid');
}

/** Waits until something holds, looking again whenever a file of the folder changes. */
async function until(folder: string, holds: () => boolean): Promise<void> {
  let wake = (): void => undefined;
  const watcher = watch(folder, () => wake());
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => (wake = resolve));
      if (holds()) return;
      await changed;
    }
  } finally {
    watcher.close();
  }
}

describe('runtimes daemon', () => {
  it('runs on in a session of its own, is found by commands, and stops everything when told', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    const runtimes = withDaemon(test, folder);
    const started = await runtimes('daemon', 'start');
    assert.equal(started.code, 0, started.stderr);
    const pid = daemonPid(folder) ?? 0;
    assert.match(started.stdout, new RegExp(`^The daemon runs, with pid ${pid}\\.`));
    // Session and terminal: the fourth and fifth number behind the name.
    const [, , , session, terminal] =
      readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
    assert.deepEqual([session, terminal], [String(pid), '0']);
    assert.equal((await runtimes('daemon', 'status')).code, 0);
    assert.match((await runtimes('ps', 'stay')).stdout, /^stay\.0 +RUNNING/);
    const again = await runtimes('daemon', 'start');
    assert.equal(again.code, 1);
    assert.match(again.stderr, new RegExp(`runs already, with pid ${pid}`));
    const child = Number(text(folder, 'starts'));
    assert.ok(isAlive(child));
    assert.equal((await runtimes('daemon', 'stop')).code, 0);
    assert.deepEqual([isAlive(pid), isAlive(child)], [false, false]);
    assert.equal((await runtimes('daemon', 'status')).code, 3);
    assert.equal((await runtimes('daemon', 'stop')).code, 0);
  });

  it('runs beside another host only when told to, and leaves its pid file alone (SV-96)', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    const up = new Cli(test, folder, ['up', '--json']);
    await up.event('ready');
    const runtimes = withDaemon(test, folder);
    assert.equal((await runtimes('daemon', 'start')).code, 1);
    assert.match(
      (await runtimes('daemon', 'status')).stdout,
      /^The daemon does not run\. "runtimes up", pid/,
    );
    assert.equal((await runtimes('daemon', 'start', '--anyway')).code, 0);
    assert.equal(text(folder, 'main.pid'), `${up.process.pid}\n`);
    assert.equal((await runtimes('daemon', 'stop')).code, 0);
    assert.equal(text(folder, 'main.pid'), `${up.process.pid}\n`);
    up.process.kill('SIGTERM');
    await up.finished;
    assert.equal(existsSync(join(folder, 'main.pid')), false);
  });

  it('is not taken for a stranger whose number an old pid file names', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    // Not `withDaemon`, which ends whatever the pid file names.
    const runtimes = commandIn(test, folder);
    const stranger = spawn('/bin/sleep', ['1000'], { stdio: 'ignore' });
    test.after(() => stranger.kill('SIGKILL'));
    const pidFile = daemonPidFileIn(folder);
    for (const [command, code] of [
      ['stop', 0],
      ['status', 3],
    ] as const) {
      mkdirSync(dirname(pidFile), { recursive: true });
      await writeFile(pidFile, `${stranger.pid}\n`);
      const finished = await runtimes('daemon', command);
      assert.equal(finished.stdout, 'The daemon does not run.\n');
      assert.equal(finished.code, code);
      assert.equal(existsSync(pidFile), false);
    }
    assert.deepEqual([stranger.exitCode, stranger.signalCode], [null, null]);
    assert.ok(isAlive(stranger.pid ?? 0));
  });

  it('starts only the services that are named', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    const runtimes = withDaemon(test, folder);
    await runtimes('daemon', 'start', 'idle');
    assert.match((await runtimes('ps', 'idle', 'stay')).stdout, /^idle\.0 +RUNNING.*\nstay\.0 +STOPPED/);
  });

  it('ends with 2 and the reason when the config cannot run', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': 'services: {}\n' });
    const runtimes = withDaemon(test, folder);
    assert.equal((await runtimes('daemon', 'start')).code, 2);
    const other = await workspace(test, { 'supervisord.conf': conf });
    const unknown = await withDaemon(test, other)('daemon', 'start', 'nothing');
    assert.equal(unknown.code, 2);
    assert.match(unknown.stderr, /There is no service or instance "nothing"/);
    assert.equal(daemonPid(other), undefined);
  });

  it('tells its pid in the file that the config names, and takes away only what it wrote (SV-96)', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    const runtimes = withDaemon(test, folder);
    await runtimes('daemon', 'start');
    assert.equal(text(folder, 'main.pid'), `${daemonPid(folder)}\n`);
    await runtimes('daemon', 'stop');
    assert.equal(existsSync(join(folder, 'main.pid')), false);
    await runtimes('daemon', 'start');
    await writeFile(join(folder, 'main.pid'), '1\n');
    await runtimes('daemon', 'stop');
    assert.equal(text(folder, 'main.pid'), '1\n');
  });

  it('runs without a pid file when it cannot be written, and says so in the main log (SV-96)', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    mkdirSync(join(folder, 'main.pid'));
    const runtimes = withDaemon(test, folder);
    assert.equal((await runtimes('daemon', 'start')).code, 0);
    await until(folder, () => text(folder, 'main.log').includes('CRIT could not write pidfile'));
    await runtimes('daemon', 'stop');
    assert.ok(existsSync(join(folder, 'main.pid')));
  });

  it('tells where everything is when it has started, and whenever it is asked', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'frontDoor: { port: 0 }\nservices:\n  web:\n    command: node web.mjs\n',
      'web.mjs':
        "import { createServer } from 'node:http';\ncreateServer((_, response) => response.end('ok')).listen(process.env.PORT, '127.0.0.1');\n",
    });
    const runtimes = withDaemon(test, folder);
    for (const command of ['start', 'status']) {
      const { stdout } = await runtimes('daemon', command);
      const url = /^web is at (http:\S+)$/m.exec(stdout)?.[1] ?? stdout;
      assert.equal((JSON.parse((await runtimes('ps', '--json')).stdout) as { url?: string }).url, url);
    }
    await runtimes('daemon', 'stop');
  });

  it('has a saved config file have an effect, and says so in its log', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    const runtimes = withDaemon(test, folder);
    const { stdout } = await runtimes('daemon', 'start');
    const log = /is in (.*daemon\.log)\.$/m.exec(stdout)?.[1] ?? '';
    await writeFile(
      join(folder, 'supervisord.conf'),
      conf.replace('exec /bin/sleep 1000', 'exec /bin/sleep 999'),
    );
    await until(dirname(log), () => readFileSync(log, 'utf8').includes('supervisord.conf has changed'));
    await until(folder, () => text(folder, 'starts').split('\n').length === 3);
  });

  it('restarts at HUP with the file read again, opens logs again at USR2, and ends at TERM (SV-93)', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': conf });
    const runtimes = withDaemon(test, folder);
    await runtimes('daemon', 'start', '--no-reload');
    const pid = daemonPid(folder) ?? 0;
    const starts = (): number => text(folder, 'starts').split('\n').length - 1;
    await until(folder, () => starts() === 1);
    await writeFile(
      join(folder, 'supervisord.conf'),
      `${conf}[program:late]\ncommand=/bin/sh -c 'echo here > late; exec /bin/sleep 1000'\nstartsecs=0\n`,
    );
    process.kill(pid, 'SIGHUP');
    await until(folder, () => starts() === 2 && text(folder, 'late') === 'here\n');
    assert.match(text(folder, 'main.log'), /WARN received SIGHUP indicating restart request/);
    renameSync(join(folder, 'main.log'), join(folder, 'moved.log'));
    process.kill(pid, 'SIGUSR2');
    await until(
      folder,
      () => text(folder, 'main.log') !== '' || text(folder, 'moved.log').includes('SIGUSR2'),
    );
    assert.equal((await runtimes('restart', 'late')).code, 0);
    await until(folder, () => /spawned: 'late'/.test(text(folder, 'main.log')));
    process.kill(pid, 'SIGTERM');
    while (isAlive(pid)) await runtimes('daemon', 'status');
    assert.match(text(folder, 'main.log'), /WARN received SIGTERM indicating exit request/);
  });

  for (const signal of ['SIGINT', 'SIGQUIT'] as const)
    it(`ends at ${signal} as well, and hears HUP no more while it does (SV-93)`, async (test) => {
      const stubborn = `${conf}[program:slow]
command=/bin/sh -c "trap ':' TERM; echo up > slow; while :; do sleep 0.1; done"
startsecs=0
stopwaitsecs=1
`;
      const folder = await workspace(test, { 'supervisord.conf': stubborn });
      const runtimes = withDaemon(test, folder);
      await runtimes('daemon', 'start');
      const pid = daemonPid(folder) ?? 0;
      await until(folder, () => text(folder, 'slow') === 'up\n');
      process.kill(pid, signal);
      await until(folder, () => text(folder, 'main.log').includes(`received ${signal}`));
      process.kill(pid, 'SIGHUP');
      while (isAlive(pid)) await runtimes('daemon', 'status');
      assert.match(text(folder, 'main.log'), /ignored SIGHUP indicating restart request/);
      assert.equal(text(folder, 'starts').trim().split('\n').length, 1);
    });

  it('has the limits that the config asks for, and its children have them too (SV-97)', async (test) => {
    const limited = `${conf.replace('minfds=0', 'minfds=900')}[program:told]
command=/bin/sh -c 'ulimit -S -n > limit; exec /bin/sleep 1000'
startsecs=0
`;
    const folder = await workspace(test, { 'supervisord.conf': limited });
    const runtimes = withDaemon(test, folder);
    assert.equal((await runtimes('daemon', 'start')).code, 0);
    await until(folder, () => text(folder, 'limit') !== '');
    assert.ok(Number(text(folder, 'limit')) >= 900);
    assert.match(readFileSync(`/proc/${daemonPid(folder)}/limits`, 'utf8'), /Max open files +\d+/);
  });

  it('is refused with an explanation when a limit cannot be raised (SV-97)', async (test) => {
    for (const [key, what] of [
      ['minfds', 'open files'],
      ['minprocs', 'processes'],
    ] as const) {
      const folder = await workspace(test, {
        'supervisord.conf': conf.replace(`${key}=0`, `${key}=2000000000`),
      });
      const runtimes = withDaemon(test, folder);
      const { code, stderr } = await runtimes('daemon', 'start');
      // Where there is no limit at all, none is too low.
      if (key === 'minprocs' && code === 0) continue;
      assert.equal(code, 2);
      assert.match(stderr, new RegExp(`asks for at least 2000000000 ${what} \\("${key}"\\)`));
      assert.equal(daemonPid(folder), undefined);
    }
  });
});

describe('signals to a supervisor', () => {
  it('are handled one at a time and in order, and those that wait already are not queued again (SV-93)', async () => {
    const handled: string[] = [];
    let open = (): void => undefined;
    let over = (): void => undefined;
    const done = new Promise<void>((resolve) => (over = resolve));
    const gate = new Promise<void>((resolve) => (open = resolve));
    const queue = new SignalQueue(async (name) => {
      handled.push(name);
      await gate;
      if (name === 'last') over();
    });
    for (const name of ['HUP', 'USR2', 'TERM', 'USR2', 'HUP', 'TERM', 'HUP']) queue.add(name);
    assert.deepEqual(handled, ['HUP']);
    queue.add('last');
    open();
    await done;
    assert.deepEqual(handled, ['HUP', 'USR2', 'TERM', 'HUP', 'last']);
  });
});
