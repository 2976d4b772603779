/** One listening socket for several real children (spec 6.12). */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { connect, createServer, type NetConnectOpts } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { Child, SharedSockets } from '../../src/core/outside.ts';
import { createSharedSockets, type RealSharedSockets } from '../../src/node/shared-sockets.ts';
import { descriptors, folderFor, living, spawnerFor, started, until } from './support.ts';

type SocketSpec = Parameters<SharedSockets['open']>[0];

const skip = process.platform === 'win32' ? 'there are no descriptors to share' : false;
const rootOnly = process.getuid?.() === 0 ? false : 'only root can give a socket away';
const accepts = ['python3', fileURLToPath(new URL('../programs/accepts.py', import.meta.url))] as const;

function socketsFor(t: TestContext): RealSharedSockets {
  const sockets = createSharedSockets();
  t.after(() => sockets.close());
  return sockets;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const tcp = (port: number, more: Partial<SocketSpec> = {}): SocketSpec => ({
  url: `tcp://127.0.0.1:${port}`,
  at: { kind: 'tcp', host: '127.0.0.1', port },
  ...more,
});

const unix = (path: string, more: { owner?: string; mode?: number } = {}): SocketSpec => ({
  url: `unix://${path}`,
  at: { kind: 'unix', path, mode: 0o700, ...more },
});

/** Connects, and gives what is answered. Rejects when nobody listens. */
async function ask(where: NetConnectOpts): Promise<string> {
  const socket = connect(where);
  let text = '';
  for await (const part of socket.setEncoding('utf8')) text += String(part);
  return text;
}

function threads(): number {
  return readdirSync('/proc/self/task').length;
}

test('on Windows there is none, and that is told instead of a child started without', async () => {
  await assert.rejects(
    createSharedSockets('win32').open(tcp(await freePort())),
    /^Error: on Windows no program can be handed a listening socket$/,
  );
});

test(
  'three children share the connections of one socket, and we take none (SV-80, SV-81)',
  { skip },
  async (t) => {
    const port = await freePort();
    const sockets = socketsFor(t);
    const socket = await sockets.open(tcp(port));
    const spawner = spawnerFor(t);
    // Nobody accepts yet, so it waits instead of being refused or taken.
    const early = ask({ host: '127.0.0.1', port });
    const children = await Promise.all(
      Array.from({ length: 3 }, () => started(spawner, accepts, { socket })),
    );
    await Promise.all(children.map((child) => child.output.firstLine()));
    const answers = new Map<string, number>();
    answers.set(await early, 1);
    await until('each of them has answered', async () => {
      const some = await Promise.all(Array.from({ length: 20 }, () => ask({ host: '127.0.0.1', port })));
      for (const pid of some) answers.set(pid, (answers.get(pid) ?? 0) + 1);
      return answers.size >= 3;
    });
    assert.deepEqual([...answers.keys()].toSorted(), children.map(({ pid }) => String(pid)).toSorted());
  },
);

test('a socket outlives its children, and ends with its last release (SV-80)', { skip }, async (t) => {
  const path = join(await folderFor(t), 'it.sock');
  const sockets = socketsFor(t);
  const spawner = spawnerFor(t);
  const socket = await sockets.open(unix(path));
  const first = await started(spawner, accepts, { socket });
  await first.output.firstLine();
  assert.equal(await ask({ path }), String(first.pid));
  first.signal('KILL');
  await first.exited;
  const waiting = ask({ path });
  const second = await started(spawner, accepts, { socket });
  assert.equal(await waiting, String(second.pid));
  await second.sweep();
  await socket.close();
  assert.equal(existsSync(path), false);
  await assert.rejects(ask({ path }));
  const again = await sockets.open(unix(path));
  const third = await started(spawner, accepts, { socket: again });
  assert.equal(await ask({ path }), String(third.pid));
});

test(
  'a unix socket has the mode that was asked for, and takes the place of an old file (SV-80)',
  { skip },
  async (t) => {
    const folder = await folderFor(t);
    const path = join(folder, 'it.sock');
    await writeFile(path, 'left behind');
    const sockets = socketsFor(t);
    const socket = await sockets.open(unix(path, { mode: 0o640 }));
    const { mode } = statSync(path);
    assert.deepEqual([(mode & 0o777).toString(8), statSync(path).isSocket()], ['640', true]);
    await socket.close();
    const plain = await sockets.open(unix(path));
    assert.equal((statSync(path).mode & 0o777).toString(8), '700');
    await plain.close();
  },
);

test(
  'a unix socket is given to its owner, with or without a group (SV-80)',
  { skip: rootOnly },
  async (t) => {
    const path = join(await folderFor(t), 'it.sock');
    const sockets = socketsFor(t);
    const idOf = (file: string, name: string): number =>
      Number(new RegExp(`^${name}:[^:]*:(\\d+)`, 'mu').exec(readFileSync(file, 'utf8'))?.[1]);
    const owned = await sockets.open(unix(path, { owner: 'nobody' }));
    const nobody = idOf('/etc/passwd', 'nobody');
    assert.equal(statSync(path).uid, nobody);
    await owned.close();
    const grouped = await sockets.open(unix(path, { owner: 'nobody:daemon' }));
    assert.deepEqual([statSync(path).uid, statSync(path).gid], [nobody, idOf('/etc/group', 'daemon')]);
    await grouped.close();
    await assert.rejects(
      sockets.open(unix(path, { owner: 'no-such-user' })),
      /there is no user "no-such-user"/u,
    );
    await assert.rejects(sockets.open(unix(path, { owner: 'nobody:none' })), /there is no group "none"/u);
    assert.equal(existsSync(path), false);
  },
);

test(
  'an address that is taken and paths that cannot be reject in the words of the system (SV-80)',
  { skip },
  async (t) => {
    const folder = await folderFor(t);
    const sockets = socketsFor(t);
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const address = taken.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await mkdir(join(folder, 'folder'));
    const reason = async (spec: SocketSpec): Promise<string> =>
      sockets.open(spec).then(
        () => 'open',
        (error: unknown) => (error instanceof Error ? error.message : String(error)),
      );
    assert.deepEqual(
      {
        taken: await reason(tcp(port)),
        notOurs: await reason({ ...tcp(1), at: { kind: 'tcp', host: '192.0.2.1', port: 1 } }),
        noFolder: await reason(unix(join(folder, 'none', 'it.sock'))),
        isFolder: await reason(unix(join(folder, 'folder'))),
      },
      {
        taken: 'address already in use',
        notOurs: 'address not available',
        noFolder: 'no such file or directory',
        isFolder: 'illegal operation on a directory',
      },
    );
  },
);

test(
  'opening and closing leaves neither a thread nor a descriptor (SV-80)',
  { skip: skip || process.platform !== 'linux' },
  async (t) => {
    const path = join(await folderFor(t), 'it.sock');
    const sockets = socketsFor(t);
    await (await sockets.open(unix(path))).close();
    const before = [threads(), descriptors()];
    for (let count = 0; count < 10; count += 1) {
      const socket = await sockets.open(unix(path));
      assert.ok(threads() > (before[0] ?? 0));
      await socket.close();
    }
    await assert.rejects(sockets.open(unix('/no/such/folder/it.sock')));
    await until(
      'the threads are gone',
      () => threads() <= (before[0] ?? 0) && descriptors() <= (before[1] ?? 0),
    );
  },
);

test(
  'a released socket is given to nobody, and a failed spawn leaves it as it was (SV-81)',
  { skip },
  async (t) => {
    const port = await freePort();
    const sockets = socketsFor(t);
    const spawner = spawnerFor(t);
    const socket = await sockets.open(tcp(port));
    const failed = await spawner.spawn({ argv: ['/no/such/program'], cwd: '/', env: {}, socket });
    assert.ok('reason' in failed);
    const child = await started(spawner, accepts, { socket });
    assert.equal(await ask({ host: '127.0.0.1', port }), String(child.pid));
    await child.sweep();
    await socket.close();
    await socket.close();
    const late = await spawner.spawn({ argv: accepts, cwd: '/', env: {}, socket });
    assert.ok('reason' in late && late.reason.includes('is not open'));
    // The address can be used again at once.
    const again = await sockets.open(tcp(port));
    await again.close();
  },
);

test(
  'a child that is another user may accept from a socket that it could not have opened (SV-81)',
  { skip: rootOnly },
  async (t) => {
    const folder = await folderFor(t);
    await chmod(folder, 0o700);
    const path = join(folder, 'it.sock');
    const socket = await socketsFor(t).open(unix(path));
    const argv = ['/usr/bin/python3', '-c', readFileSync(accepts[1], 'utf8')] as const;
    const child: Child = await started(spawnerFor(t), argv, { socket, user: 'nobody', cwd: '/' });
    await child.output.firstLine();
    assert.equal(await ask({ path }), String(child.pid));
    assert.deepEqual(await living([child.pid]), [child.pid]);
  },
);

test('a socket file at which somebody living listens stays theirs', { skip }, async (t) => {
  const path = join(await folderFor(t), 'app.sock');
  const other = createServer((socket) => {
    // Whoever only looks whether we live leaves without a word.
    socket.on('error', () => undefined);
    socket.end('theirs');
  }).listen(path);
  t.after(() => other.close());
  await once(other, 'listening');
  await assert.rejects(socketsFor(t).open(unix(path)), {
    message: 'address already in use',
    code: 'EADDRINUSE',
  });
  assert.equal(await ask({ path }), 'theirs');
});
