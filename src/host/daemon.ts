/**
 * A host of its own process, which outlives the terminal that started it.
 *
 * Its parent has given it a session of its own, null streams and limits; it keeps the pid file, hears signals as
 * supervisord does, and ends when it is told to.
 */

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { watchConfig } from './config-watch.ts';
import { whoRuns } from './control-socket.ts';
import { isDaemonOf } from './daemon-process.ts';
import { createHome, type Home } from './home.ts';
import { readPid, type RemovePidFile, writePidFile } from './pid-file.ts';
import { SignalQueue } from './signal-queue.ts';
import { storageOf } from './storage.ts';

export interface DaemonOptions {
  readonly folder: string;
  readonly files: readonly string[];
  /** Services to start; without any, all that start by themselves. */
  readonly services: readonly string[];
  readonly frontDoor?: { readonly host: string; readonly port: number };
  /** Though another host runs the folder, which then has the control socket. */
  readonly anyway?: boolean;
  /** Whether a saved config file has an effect. */
  readonly reload?: boolean;
  /** Takes a line for the daemon's own log. */
  readonly log: (line: string) => void;
}

/** Where the daemon of a folder tells its process id, whatever the config says. */
function daemonPidFile(folder: string): string {
  return join(storageOf(folder), 'daemon.pid');
}

/** Where it writes what goes wrong. */
export function daemonLogFile(folder: string): string {
  return join(storageOf(folder), 'daemon.log');
}

/**
 * What the pid file of a folder's daemon tells, or undefined when there is no process of ours with that number. It may
 * be a stranger's by now: `provenDaemonPid` asks.
 */
export function daemonPid(folder: string): number | undefined {
  const pid = readPid(daemonPidFile(folder));
  return pid !== undefined && isRunning(pid) ? pid : undefined;
}

/**
 * The process id of a folder's daemon, by which it may be ended; undefined when there is none alive. It is believed of
 * the host that answers at the folder's socket, and else of what was started as a daemon. A file that names anything
 * else was left behind, and is taken away.
 */
export async function provenDaemonPid(folder: string): Promise<number | undefined> {
  const path = daemonPidFile(folder);
  const pid = readPid(path);
  if (pid === undefined) return undefined;
  if (isRunning(pid)) {
    const who = await whoRuns(folder);
    if (typeof who === 'object' && who.kind === 'daemon' && who.pid === pid) return pid;
    // One beside another host has no socket, nor has one that is about to end.
    if (isDaemonOf(pid, folder)) return pid;
  }
  if (readPid(path) === pid) rmSync(path, { force: true });
  return undefined;
}

/** Whether there is a process of ours with this id. */
export function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // It has died without a word.
    return false;
  }
}

/** Runs until it is told to end. Gives the exit code: 0, or 2 for a config that cannot run. */
export async function runDaemon(options: DaemonOptions): Promise<number> {
  const { folder, log } = options;
  mkdirSync(storageOf(folder), { recursive: true, mode: 0o700 });
  const home = createHome({
    folder,
    storage: storageOf(folder),
    trusted: true,
    files: options.files,
    control: true,
    kind: 'daemon',
    ...(options.frontDoor === undefined ? {} : { frontDoor: options.frontDoor }),
  });
  const pidFiles: RemovePidFile[] = [];
  try {
    const taken = await home.control;
    if (taken !== undefined) {
      log(`Cannot be reached: ${taken}.`);
      if (options.anyway !== true) return 1;
    }
    pidFiles.push(...writePidFiles(home, folder, log, taken === undefined));
    return await run(home, options);
  } finally {
    await home.close();
    await home.outside.close();
    for (const remove of pidFiles) remove();
  }
}

async function run(home: Home, { folder, services, log, reload }: DaemonOptions): Promise<number> {
  home.runtime.subscribe((message) => {
    if (message.kind === 'event' && message.event.event === 'fault')
      log(`${message.event.code}: ${message.event.message}`);
  });
  obeySignals(home);
  try {
    const targets = services.map((service) => ({ kind: 'service', service }) as const);
    await home.api.start(targets.length === 0 ? { kind: 'all' } : { kind: 'several', targets });
  } catch (error) {
    log(error instanceof Error ? error.message : String(error));
    await home.api.shutdown(patientMs);
    return 2;
  }
  const watching = reload === false ? undefined : watchConfig(home, folder, log);
  await home.ended;
  watching?.dispose();
  return 0;
}

/** As long as every service asks for to stop, and no longer than a timer can count. */
const patientMs = 2_000_000_000;

/** TERM, INT and QUIT shut down, HUP restarts with the config read again, USR2 opens the logs again (SV-93). */
function obeySignals(home: Home): void {
  const { journal } = home.runtime;
  let over = false;
  const queue = new SignalQueue(async (name) => {
    if (name === 'SIGUSR2') {
      journal.say('info', `received ${name} indicating log reopen request`);
      await home.api.reopenLogs();
    } else if (name === 'SIGHUP') {
      if (over) {
        journal.say('info', `ignored ${name} indicating restart request (shutdown in progress)`);
        return;
      }
      journal.say('warn', `received ${name} indicating restart request`);
      await home.restart();
    } else {
      journal.say('warn', `received ${name} indicating exit request`);
      if (over) return;
      over = true;
      // What comes meanwhile is still heard, and finds that it is over.
      void home.api.shutdown(patientMs);
    }
  });
  const names = process.platform === 'win32' ? shutdownSignals : [...shutdownSignals, ...otherSignals];
  for (const name of names) process.on(name, () => queue.add(name));
}

const shutdownSignals = ['SIGTERM', 'SIGINT', 'SIGQUIT'] as const;
const otherSignals = ['SIGHUP', 'SIGUSR2'] as const;

/** Its own, and the one that a `supervisord.conf` asks for (SV-96). */
function* writePidFiles(
  home: Home,
  folder: string,
  log: (line: string) => void,
  isAlone: boolean,
): Iterable<RemovePidFile> {
  yield writePidFile(
    daemonPidFile(folder),
    (reason) => log(`Cannot write the pid file: ${reason}.`),
    isAlone,
  );
  const path = home.runtime.config.supervisor?.pidFile;
  if (path === undefined) return;
  yield writePidFile(path, () => home.runtime.journal.say('critical', `could not write pidfile ${path}`));
}
