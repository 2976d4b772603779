/** Runs one `supervisord.conf` twice at the same time, by the real supervisord and by us, each in a folder of its own. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

import { found, recorded, type Recorded, supervisord } from './supervisor.ts';

/** What is run, and until when. The file and the programs have `%(here)s/notes` and `%(here)s/logs` to write to. */
export interface Play {
  /** The text of the file. Its main log is `%(here)s/main.log`, its identifier `twin`. */
  readonly conf: string;
  readonly programs: Readonly<Record<string, string>>;
  /** Whether all that is to happen in this folder has happened. Asked whenever a note or a log has changed. */
  isOver(folder: string): boolean;
}

/** What was to be seen of one run. */
export interface Seen {
  /** What a recording listener of this name has noted. */
  events(listener: string): readonly Recorded[];
  readonly journal: readonly string[];
  /** The logs by their names, where what AUTO makes up is a star. */
  readonly logs: ReadonlyMap<string, string>;
}

export interface Twins {
  readonly theirs: Seen;
  readonly ours: Seen;
}

const bundle = resolve(import.meta.dirname, '../../dist/cli.js');

export async function playTwice(play: Play): Promise<Twins> {
  const folder = await mkdtemp(join(tmpdir(), 'runtimes-twins-'));
  const file = 'supervisord.conf';
  try {
    const [theirs, ours] = await Promise.all([
      played(play, join(folder, 'theirs'), [supervisord(), '-n', '-c', file]),
      played(play, join(folder, 'ours'), [process.execPath, bundle, 'up', '--file', file, '--json']),
    ]);
    return { theirs, ours };
  } finally {
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Runs until everything has happened, ends it with SIGTERM, and collects what it left. */
async function played(play: Play, folder: string, command: readonly string[]): Promise<Seen> {
  const [notes, logs] = [join(folder, 'notes'), join(folder, 'logs')];
  for (const each of [notes, logs]) mkdirSync(each, { recursive: true });
  const files = { 'supervisord.conf': play.conf, ...play.programs };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: folder,
    env: { ...process.env, XDG_STATE_HOME: join(folder, '.state'), FROM_HOST: 'host' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let printed = '';
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => (printed += text));
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const early = ended.then(() => assert.fail(`${program} ended by itself:\n${printed}`));
  early.catch(() => undefined);
  try {
    await Promise.race([early, found([notes, logs], () => (play.isOver(folder) ? true : undefined))]);
  } finally {
    child.kill('SIGTERM');
    await ended;
  }
  const events = new Map(readdirSync(notes).map((name) => [name, recorded(join(notes, name))] as const));
  return {
    events: (listener) => events.get(`${listener}.jsonl`) ?? [],
    journal: readFileSync(join(folder, 'main.log'), 'utf8').trimEnd().split('\n'),
    logs: logsOf(folder),
  };
}

function logsOf(folder: string): ReadonlyMap<string, string> {
  const logs = join(folder, 'logs');
  const named = readdirSync(logs).map((name): [string, string] => [
    // What AUTO makes up is the only thing that differs between any two runs.
    name.replace(/(---twin-)[^.]+(\.log)$/, '$1*$2'),
    readFileSync(join(logs, name), 'utf8').replaceAll(folder, '<here>'),
  ]);
  return new Map(named.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
