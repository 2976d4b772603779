/** Doors in front of FastCGI programs: the real php-cgi on a shared socket, and one that says what a test wants. */

import { mkdir, writeFile } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Child, Decision, FastCgiRequest, Forward, RequestHead } from '../../src/core/outside.ts';
import { planFastCgi } from '../../src/core/proxy/fastcgi.ts';
import { createFiles } from '../../src/node/files.ts';
import type { Limits } from '../../src/node/http/limits.ts';
import { createSharedSockets } from '../../src/node/shared-sockets.ts';
import { createProcessTable } from '../../src/node/processes.ts';
import { createSockets } from '../../src/node/sockets.ts';
import { phpCgi } from '../support/php.ts';
import { type Arrangement, gullible, Log, openDoor, type Opened } from './http-support.ts';
import { env, folderFor, spawnerFor, started } from './support.ts';

export type At = FastCgiRequest['at'];

export interface FastCgiDoor extends Opened {
  /** What programs said on their error stream. */
  readonly words: Log<string>;
}

export interface FastCgiArrangement extends Pick<Arrangement, 'limits' | 'failed'> {
  /** What else the decision says. */
  readonly more?: Partial<Forward>;
}

/** A door to whatever speaks FastCGI there, with the folder as its document root. */
export async function fastCgiDoor(
  t: TestContext,
  at: At,
  root: string,
  { more = {}, ...arrangement }: FastCgiArrangement = {},
): Promise<FastCgiDoor> {
  const words = new Log<string>();
  const files = createFiles();
  const decide = async (head: RequestHead, forward: () => Decision): Promise<Decision> => {
    const plan = await planFastCgi(
      head,
      { command: ['php-cgi'], cwd: root },
      { door: { host: '127.0.0.1', port: 8080 }, look: (path) => files.kind(path) },
    );
    const decision = forward();
    if (plan.kind === 'answer') return plan;
    if (plan.kind !== 'params' || decision.kind !== 'forward') return decision;
    const fastcgi = { at, params: plan.params, said: (line: string) => words.push(line) };
    return { ...decision, ...more, fastcgi };
  };
  return { ...(await openDoor(t, 0, { ...arrangement, decide })), words };
}

/** A folder with these scripts. */
export async function site(t: TestContext, scripts: Readonly<Record<string, string>>): Promise<string> {
  const root = await folderFor(t);
  for (const [path, text] of Object.entries(scripts)) {
    await mkdir(dirname(join(root, path)), { recursive: true });
    await writeFile(join(root, path), path.endsWith('.php') ? `<?php ${text}` : text);
  }
  return root;
}

export interface Php extends FastCgiDoor {
  readonly root: string;
  readonly at: At;
  readonly children: readonly Child[];
}

export interface PhpOptions {
  readonly kind?: At['kind'];
  readonly children?: number;
  readonly limits?: Partial<Limits>;
  readonly settings?: readonly string[];
}

/** A door to php-cgi, whose processes share one socket as the instances of a service do. */
export async function php(
  t: TestContext,
  scripts: Readonly<Record<string, string>>,
  { kind = 'unix', children = 1, limits = {}, settings = [] }: PhpOptions = {},
): Promise<Php> {
  const root = await site(t, scripts);
  const sockets = createSharedSockets();
  const spawner = spawnerFor(t);
  t.after(() => sockets.close());
  const at = kind === 'unix' ? { kind, path: join(root, 'php.sock') } : await freeAddress();
  const url = at.kind === 'unix' ? `unix://${at.path}` : `tcp://127.0.0.1:${at.port}`;
  const socket = await sockets.open({ url, at: at.kind === 'unix' ? { ...at, mode: 0o700 } : at });
  const options = ['display_errors=0', 'log_errors=1', 'error_log=', 'output_buffering=0', ...settings];
  const argv = [await phpCgi(), '-n', ...options.flatMap((each) => ['-d', each])] as const;
  const processes = await Promise.all(
    Array.from({ length: children }, () => started(spawner, argv, { cwd: root, env, socket })),
  );
  return { ...(await fastCgiDoor(t, at, root, { limits })), root, at, children: processes };
}

async function freeAddress(): Promise<At & { readonly kind: 'tcp' }> {
  const port = await createSockets(createProcessTable()).freePort();
  return { kind: 'tcp', host: '127.0.0.1', port };
}

// ------------------------------------------------------------------------------------- a program by hand

/** One record as a program sends it. */
export function record(type: 'stdout' | 'stderr' | 'end', content: string, padding = 0): Buffer {
  const number = { end: 3, stdout: 6, stderr: 7 }[type];
  const { length } = content;
  return Buffer.concat([
    Buffer.from([1, number, 0, 1, length >> 8, length & 0xff, padding, 0]),
    Buffer.from(content, 'latin1'),
    Buffer.alloc(padding),
  ]);
}

/** The end of an answer, and how the request was dealt with. */
export function ended(status = 0, ending = 0): Buffer {
  return record('end', String.fromCodePoint(0, 0, 0, status, ending, 0, 0, 0));
}

export interface Program {
  readonly at: At;
  /** Everything that was received on each connection, in order. */
  readonly received: Log<Received>;
}

export interface Received {
  readonly socket: Socket;
  bytes: Buffer;
}

/** A program that answers once the request has ended, by whatever it is told to. */
export async function program(t: TestContext, answer: (socket: Socket) => void): Promise<Program> {
  const received = new Log<Received>();
  const port = await gullible(t, (socket) => {
    const entry = { socket, bytes: Buffer.alloc(0) };
    received.push(entry);
    socket.on('data', (chunk) => {
      entry.bytes = Buffer.concat([entry.bytes, chunk]);
      // The end of the body: an empty record of stdin.
      if (entry.bytes.subarray(-8).equals(Buffer.from([1, 5, 0, 1, 0, 0, 0, 0]))) answer(socket);
    });
  });
  return { at: { kind: 'tcp', host: '127.0.0.1', port }, received };
}
