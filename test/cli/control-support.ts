/** `runtimes` commands against whatever runs a folder; no daemon survives its test. */

import { readFileSync } from 'node:fs';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Cli, type Finished } from '../support/cli.ts';

export type Command = (...args: readonly string[]) => Promise<Finished>;

/** Runs a command in a folder to its end. */
export function commandIn(
  test: TestContext,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Command {
  return (...args) => new Cli(test, folder, args, env).finished;
}

/** The same, where a daemon may have been started: what is left of it at the end is killed. */
export function withDaemon(
  test: TestContext,
  folder: string,
  env: Readonly<Record<string, string>> = {},
): Command {
  const begun = new Set<number>();
  // The folder, with the pid file in it, may be gone by then: what came before this in a test is cleared away first.
  test.after(() => {
    for (const pid of begun) if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  const command = commandIn(test, folder, env);
  return async (...args) => {
    const finished = await command(...args);
    const pid = daemonPid(folder);
    if (pid !== undefined) begun.add(pid);
    return finished;
  };
}

export function daemonPid(folder: string): number | undefined {
  const [file] = globSync(join(folder, '.state/local-runtimes/*/daemon.pid'));
  return file === undefined ? undefined : Number(readFileSync(file, 'utf8'));
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Programs that say what becomes of them in files of the folder. */
export const conf = `[supervisord]
logfile=%(here)s/main.log
pidfile=%(here)s/main.pid
childlogdir=%(here)s
minfds=0
minprocs=0
[program:stay]
command=/bin/sh -c 'echo "$$" >> starts; exec /bin/sleep 1000'
startsecs=0
[program:echo]
command=/bin/cat
startsecs=0
[program:idle]
command=/bin/sleep 1000
autostart=false
startsecs=0
[program:missing]
command=/nonexistent/prog
autostart=false
startretries=0
[program:pair]
command=/bin/sleep 1000
process_name=%(program_name)s_%(process_num)d
numprocs=2
startsecs=0
`;
