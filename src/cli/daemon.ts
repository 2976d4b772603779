/** `runtimes daemon`: starts, stops and asks after the host that outlives a terminal. */

import { spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { closest } from '../base/spelling.ts';
import { fault } from '../faults/make.ts';
import { connectToHost, isRun, whoRuns } from '../host/control-socket.ts';
import { daemonLogFile, daemonPid, isRunning, provenDaemonPid, runDaemon } from '../host/daemon.ts';
import { readConfig } from '../host/home.ts';
import { inWords as inWordsOf } from '../host/who-runs.ts';
import { limitScript, limitStatus } from '../host/limits.ts';
import type { Snapshot } from '../protocol/api.ts';
import { Present } from '../protocol/supervisor/present.ts';
import { inWords } from './check.ts';
import { configFiles } from './config-files.ts';
import { failed, misuse, misused, refuse } from './host.ts';

export interface DaemonStartOptions {
  readonly services: readonly string[];
  readonly files: readonly string[];
  readonly frontDoor?: { readonly host: string; readonly port: number };
  /** Though another host runs the folder. */
  readonly anyway: boolean;
  /** Whether a saved config file has an effect. */
  readonly reload: boolean;
}

/** As the LSB has it for a daemon that does not run. */
const notRunning = 3;

export async function startDaemon({
  services,
  files,
  frontDoor,
  anyway,
  reload,
}: DaemonStartOptions): Promise<number> {
  const folder = process.cwd();
  const found = configFiles(folder, files);
  if (found === undefined) return misused;
  const other = await whoRuns(folder);
  const running = other === undefined ? undefined : await provenDaemonPid(folder);
  if (running !== undefined) {
    process.stderr.write(`The daemon runs already, with pid ${running}.\n`);
    return failed;
  }
  if (other !== undefined && !anyway) return refuse(folder, other);
  const config = readConfig(folder, found);
  for (const problem of config.problems) process.stderr.write(`${inWords(problem, folder)}\n`);
  if (config.services.length === 0) return misused;
  const known = config.services.map(({ name }) => name);
  const unknown = services.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const suggestion = closest(unknown, known);
    return misuse(fault('no-such-service', { name: unknown, suggestion }).message);
  }

  const words = [
    ...[process.execPath, process.argv[1] ?? '', 'daemon', 'run'],
    ...found.flatMap((file) => ['--file', file]),
    ...(anyway ? ['--anyway'] : []),
    ...(reload ? [] : ['--no-reload']),
    ...(frontDoor === undefined ? [] : ['--front-door', `${bracketed(frontDoor.host)}:${frontDoor.port}`]),
    ...(services.length === 0 ? [] : ['--', ...services]),
  ];
  const [program = '', ...args] =
    config.supervisor === undefined || process.platform === 'win32'
      ? words
      : ['/bin/sh', '-c', limitScript(config.supervisor), ...words];
  const log = daemonLogFile(folder);
  mkdirSync(dirname(log), { recursive: true, mode: 0o700 });
  const output = openSync(log, 'a', 0o600);
  const from = statSync(log).size;
  // A session of its own, so that neither a closed terminal nor its Ctrl-C reaches it.
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', output, output],
    cwd: folder,
    windowsHide: true,
  });
  closeSync(output);
  const exited = new Promise<number>((resolve) => {
    child.once('error', () => resolve(failed));
    child.once('exit', (code) => resolve(code ?? failed));
  });
  const outcome = await comeUp(folder, child.pid, exited);
  if (outcome !== 'up') {
    process.stderr.write(readFileSync(log).subarray(from).toString('utf8'));
    process.stderr.write('The daemon has not come up.\n');
    return outcome === misused || outcome === limitStatus ? misused : failed;
  }
  child.unref();
  process.stdout.write(`The daemon runs, with pid ${child.pid ?? 0}. What goes wrong is in ${log}.\n`);
  await tellAddresses(folder);
  return 0;
}

/** Where everything is, once its doors are open: before anything starts, all of them are. */
async function tellAddresses(folder: string): Promise<void> {
  const client = await connectToHost(folder);
  if (client === undefined) return;
  const present = new Present(client.api);
  const isSettled = ({ services, faults = [] }: Snapshot): boolean =>
    faults.length > 0 ||
    services.some(
      ({ url, instances }) => url !== undefined || instances.some(({ state }) => state !== 'STOPPED'),
    );
  try {
    const snapshot = await Promise.race([
      present.until(() =>
        present.snapshot !== undefined && isSettled(present.snapshot) ? present.snapshot : undefined,
      ),
      client.closed.then(() => undefined),
      // Nothing starts by itself there.
      patience().then(() => present.snapshot),
    ]);
    if (snapshot?.frontDoor !== undefined) process.stdout.write(`Everything is at ${snapshot.frontDoor}\n`);
    for (const { name, url } of snapshot?.services ?? [])
      if (url !== undefined) process.stdout.write(`${name} is at ${url}\n`);
  } finally {
    present.dispose();
    client.dispose();
  }
}

function patience(): Promise<void> {
  return new Promise((resolve) => void setTimeout(resolve, patientMs).unref());
}
const patientMs = 2000;

/** It has come up once it answers at the folder's socket: nothing else can be waited for from outside. */
async function comeUp(
  folder: string,
  pid: number | undefined,
  exited: Promise<number>,
): Promise<'up' | number> {
  for (;;) {
    if (daemonPid(folder) === pid && (await isRun(folder))) return 'up';
    const code = await Promise.race([exited, moment()]);
    if (code !== undefined) return code;
  }
}

function moment(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), lookMs));
}
const lookMs = 20;

/** Resolves when everything is stopped and the daemon is gone. */
export async function stopDaemon(): Promise<number> {
  const folder = process.cwd();
  const pid = await provenDaemonPid(folder);
  if (pid === undefined) {
    process.stdout.write('The daemon does not run.\n');
    return 0;
  }
  process.kill(pid, 'SIGTERM');
  // No child of ours, so nobody tells when it is gone.
  while (isRunning(pid)) await moment();
  process.stdout.write('The daemon has stopped.\n');
  return 0;
}

export async function daemonStatus(): Promise<number> {
  const folder = process.cwd();
  const pid = await provenDaemonPid(folder);
  if (pid !== undefined) {
    process.stdout.write(`The daemon runs, with pid ${pid}.\n`);
    await tellAddresses(folder);
    return 0;
  }
  const other = await whoRuns(folder);
  const who = other === 'unknown' ? 'Another host' : other === undefined ? '' : inWordsOf(other);
  process.stdout.write(`The daemon does not run.${who === '' ? '' : ` ${who} runs this folder.`}\n`);
  return notRunning;
}

/** What the daemon itself is run as. */
export function runAsDaemon({
  services,
  files,
  frontDoor,
  anyway,
  reload,
}: DaemonStartOptions): Promise<number> {
  return runDaemon({
    folder: process.cwd(),
    files,
    services,
    anyway,
    reload,
    ...(frontDoor === undefined ? {} : { frontDoor }),
    log: (line) => void process.stderr.write(`${new Date().toISOString()} ${line}\n`),
  });
}

function bracketed(host: string): string {
  return host.includes(':') ? `[${host}]` : host;
}
