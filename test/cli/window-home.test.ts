import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { chown, mkdir, rm, writeFile } from 'node:fs/promises';
import { type AddressInfo, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { connectToHost, isRun } from '../../src/host/control-socket.ts';
import { realFolder, storageOf } from '../../src/host/storage.ts';
import { WindowHome } from '../../src/host/window-home.ts';
import type { RuntimeApi, Snapshot } from '../../src/protocol/api.ts';
import { applyMessage } from '../../src/protocol/snapshot.ts';
import { Cli, workspace } from '../support/cli.ts';

interface Window {
  readonly api: RuntimeApi;
  shown(): Snapshot | undefined;
  readonly until: (what: string, holds: (shown: Snapshot) => boolean) => Promise<void>;
}

/** A folder whose hosts find each other as those of one user do. */
async function stage(test: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await workspace(test, files);
  process.env['XDG_STATE_HOME'] = join(folder, '.state');
  return folder;
}

function windowOn(test: TestContext, folder: string): Window {
  const { api } = new WindowHome({
    folder,
    storage: join(folder, '.window'),
    trusted: true,
    print: () => undefined,
  });
  test.after(() => api.shutdown(500));
  let shown: Snapshot | undefined;
  const waiting = new Set<() => void>();
  api.subscribe((message) => {
    if (message.kind === 'snapshot') shown = message.snapshot;
    else if (shown !== undefined) shown = applyMessage(shown, message);
    for (const each of waiting) each();
  });
  return {
    api,
    shown: () => shown,
    until: (what, holds) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          if (shown === undefined || !holds(shown)) return;
          waiting.delete(look);
          clearTimeout(limit);
          resolve();
        };
        const limit = setTimeout(() => reject(new Error(`${what}: ${JSON.stringify(shown)}`)), 15_000);
        waiting.add(look);
        look();
      }),
  };
}

/** A port that was free just now. */
async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilNobodyRuns(folder: string): Promise<void> {
  while (await isRun(folder)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function stateOf(shown: Snapshot | undefined): string | undefined {
  return shown?.services[0]?.instances[0]?.state;
}

const sleeper = (seconds: number): string =>
  `services:\n  a:\n    command: sleep ${seconds}\n    handshake: none\n    startSeconds: 0\n`;

async function listening(test: TestContext, path: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  await mkdir(join(path, '..'), { recursive: true });
  await new Promise<void>((resolve) => server.listen(path, resolve));
  test.after(async () => {
    await new Promise((resolve) => server.close(resolve));
    await rm(path, { force: true });
  });
  return server;
}

/**
 * That something is not closed can only be seen once it would have been: a window lets go a second after the last thing
 * has ended, which it begins to count before whoever asks here hears of that end. The rest is for closing.
 */
const longerThanARest = (): Promise<void> => pause(1500);

describe('the host of a window', () => {
  it('closes its door and servers when nothing runs any more, and joins a host that comes then', async (test) => {
    const port = await freePort();
    const folder = await stage(test, {
      'runtimes.yaml': `frontDoor:\n  port: ${port}\nservices:\n  a:\n    command: node web.mjs\n`,
      'web.mjs':
        "import { createServer } from 'node:http';\ncreateServer((_, answer) => answer.end('a')).listen(process.env.PORT, '127.0.0.1');\n",
    });
    const window = windowOn(test, folder);
    await window.api.start({ kind: 'all' });
    await window.until('a runs', (shown) => stateOf(shown) === 'RUNNING');
    assert.ok((await fetch(`http://127.0.0.1:${port}/`)).status > 0);
    await window.api.stop({ kind: 'all' });
    await untilNobodyRuns(folder);
    await assert.rejects(fetch(`http://127.0.0.1:${port}/`));
    assert.equal(window.shown()?.frontDoor, undefined);

    const up = new Cli(test, folder, ['up', '--json']);
    await up.event('ready');
    assert.ok((await fetch(`http://127.0.0.1:${port}/`)).status > 0);
    await window.until('it is joined', ({ runBy }) => runBy !== undefined);
    assert.equal(stateOf(window.shown()), 'RUNNING');
    up.process.kill('SIGINT');
    await up.finished;
    await window.until('it is left', ({ runBy }) => runBy === undefined);
    await window.api.start({ kind: 'all' });
    await window.until('a runs here', (shown) => stateOf(shown) === 'RUNNING');
  });

  it('keeps the servers for Supervisor’s tools, with everything stopped too, until it is closed', async (test) => {
    const folder = await stage(test, {
      'supervisord.conf':
        '[unix_http_server]\nfile=%(here)s/s.sock\n[supervisord]\nlogfile=%(here)s/main.log\n[program:a]\ncommand=/bin/sleep 1000\nstartsecs=0\n',
    });
    const window = windowOn(test, folder);
    await window.api.start({ kind: 'all' });
    await window.until('a runs', (shown) => stateOf(shown) === 'RUNNING');
    await window.api.stop({ kind: 'all' });
    await longerThanARest();
    assert.ok(existsSync(join(folder, 's.sock')));
    await window.api.start({ kind: 'all' });
    await window.until('a runs again', (shown) => stateOf(shown) === 'RUNNING');
    await window.api.shutdown(1000);
    assert.equal(existsSync(join(folder, 's.sock')), false);
  });

  it('keeps its door while something has ended by itself, so that a browser can be told why', async (test) => {
    const port = await freePort();
    const folder = await stage(test, {
      'runtimes.yaml': `frontDoor:\n  port: ${port}\nservices:\n  a:\n    command: node -e "process.exit(3)"\n    startRetries: 0\n`,
    });
    const window = windowOn(test, folder);
    await window.api.start({ kind: 'all' });
    await window.until('a is FATAL', (shown) => stateOf(shown) === 'FATAL');
    await longerThanARest();
    const answer = await fetch(`http://127.0.0.1:${port}/`);
    assert.equal(answer.status, 503);
    assert.match(await answer.text(), /exited with code 3/);
  });

  it('waits for no host that was suspended, starts nothing beside it, and joins it once it answers', async (test) => {
    const folder = await stage(test, { 'runtimes.yaml': sleeper(1000) });
    const up = new Cli(test, folder, ['up', '--json']);
    await up.event('ready');
    up.process.kill('SIGSTOP');
    const window = windowOn(test, folder);
    await window.until('something is shown', (shown) => stateOf(shown) === 'STOPPED');
    assert.deepEqual(window.shown()?.runBy, { kind: 'other' });
    await assert.rejects(window.api.start({ kind: 'all' }), /does not answer/);
    assert.equal(stateOf(window.shown()), 'STOPPED');
    up.process.kill('SIGCONT');
    await window.until('it is joined', (shown) => stateOf(shown) === 'RUNNING');
  });

  it('has a joined host read nothing again, and starts what is asked for itself when that was just killed', async (test) => {
    const folder = await stage(test, { 'runtimes.yaml': sleeper(1000) });
    const up = new Cli(test, folder, ['up', '--json', '--no-reload']);
    await up.event('ready');
    const window = windowOn(test, folder);
    await window.until('it is joined', ({ runBy }) => runBy !== undefined);
    await writeFile(join(folder, 'runtimes.yaml'), sleeper(1001).replace('  a:', '  b:'));
    await window.api.reload();
    assert.equal(window.shown()?.services[0]?.name, 'a');
    up.process.kill('SIGKILL');
    await window.api.start({ kind: 'all' });
    await window.until(
      'b runs here',
      (shown) => shown.services[0]?.name === 'b' && stateOf(shown) === 'RUNNING',
    );
    assert.equal(window.shown()?.runBy, undefined);
    assert.ok(await isRun(folder));
  });

  it('starts nothing while somebody has the folder who is no host', async (test) => {
    const folder = await stage(test, { 'runtimes.yaml': sleeper(1000) });
    await listening(test, join(storageOf(realFolder(folder)), 'control.sock'));
    const window = windowOn(test, folder);
    await assert.rejects(window.api.start({ kind: 'all' }), /coming or going/);
    assert.equal(stateOf(window.shown()), 'STOPPED');
  });

  it('starts nothing and holds nothing when it is closed in the middle of an order', async (test) => {
    const folder = await stage(test, { 'runtimes.yaml': sleeper(1000) });
    const window = windowOn(test, folder);
    const ordered = assert.rejects(window.api.start({ kind: 'all' }), /closing/);
    await window.api.shutdown(500);
    await ordered;
    assert.equal(await isRun(folder), false);
  });

  it(
    'joins nobody else’s socket in the temporary folder',
    { skip: process.getuid?.() !== 0 && 'only root can give a socket to somebody else' },
    async (test) => {
      const folder = await stage(test, {});
      process.env['XDG_STATE_HOME'] = join(folder, 'x'.repeat(90));
      const key = createHash('sha256')
        .update(storageOf(realFolder(folder)))
        .digest('hex')
        .slice(0, 24);
      const path = join(tmpdir(), `local-runtimes-${key}.sock`);
      await listening(test, path);
      const ours = await connectToHost(folder);
      assert.ok(ours !== undefined);
      ours.dispose();
      await chown(path, 65534, 65534);
      assert.equal(await connectToHost(folder), undefined);
    },
  );

  it('stands in the list of all that runs on the machine while it runs something, and no longer', async (test) => {
    const folder = await stage(test, {
      'runtimes.yaml': 'services: { job: { command: sleep 1000, handshake: none, startSeconds: 0 } }\n',
    });
    const { api, until } = windowOn(test, folder);
    assert.deepEqual(await api.neighbours(), [], 'it only shows the folder');
    await api.start({ kind: 'all' });
    await until('it runs', ({ services }) => services[0]?.instances[0]?.state === 'RUNNING');
    const told = await api.neighbours();
    assert.deepEqual(
      told.map(({ folder: from, kind, pid, self, services }) => ({
        from,
        kind,
        pid,
        self,
        names: services.map(({ name }) => name),
      })),
      [{ from: realFolder(folder), kind: 'window', pid: process.pid, self: true, names: ['job'] }],
    );
    await api.stop({ kind: 'all' });
    await untilNobodyRuns(folder);
    assert.deepEqual(await api.neighbours(), []);
  });
});
