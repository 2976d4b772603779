/**
 * What happens between the birth of a child and its program, for which Node has no means: another user, a file mode
 * mask (SV-10). A few lines of shell do it, and only for those who ask.
 *
 * What fails there is told by the child itself, in Supervisor's words, and it exits with 127 (SV-11).
 */

import { accessSync, constants, statSync } from 'node:fs';
import type { SpawnPlan } from '../core/outside.ts';
import { codeOf } from './error-words.ts';
import { findProgram, unrunnable } from './find-program.ts';
import { findUser, type User } from './users.ts';

/** How a child is really started. */
export interface Launch {
  readonly argv: readonly [string, ...string[]];
  readonly cwd: string;
  /** Node changes the user by itself, without the groups; for machines without `setpriv`. */
  readonly user?: User;
}

const shell = '/bin/sh';
/** The exit status of a child whose program could not be run. */
const notSpawned = 127;

/** Called with the mask, the folder, why that could not be entered, the program's file, and the command. */
const script = `
fail() {
  printf '%s\\n' "supervisor: $1" 'supervisor: child process was not spawned' >&2
  exit ${notSpawned}
}
if [ -n "$2" ]; then
  CDPATH= cd -P -- "$2" 2>/dev/null || fail "couldn't chdir to $2: $3"
  unset OLDPWD
fi
[ -z "$1" ] || umask "$1"
[ -z "$4" ] || [ -x "$4" ] || fail "couldn't exec $6: EACCES"
[ -z "$5" ] || exec 2>&1
shift 5
exec "$@"
`;

/** A child that only says why it is none. */
function lastWords(text: string): Launch {
  const say = `printf '%s\\n' "supervisor: $1" 'supervisor: child process was not spawned' >&2; exit ${notSpawned}`;
  return { argv: [shell, '-c', say, 'sh', text], cwd: '/' };
}

export function couldNotExecute(plan: Pick<SpawnPlan, 'argv'>, errno: string): Launch {
  return lastWords(`couldn't exec ${plan.argv[0]}: ${errno}`);
}

/** @param joinsStreams Whether its stderr is to become its stdout, which could not be done with its pipes. */
export async function launchOf(plan: SpawnPlan, joinsStreams: boolean): Promise<Launch> {
  const { argv, cwd, user: wanted, umask, asSupervisor = false } = plan;
  const needsShell = wanted !== undefined || umask !== undefined || joinsStreams;
  if ((!needsShell && !asSupervisor) || process.platform === 'win32') return { argv, cwd };
  const user = wanted === undefined ? undefined : await userToBecome(wanted);
  if (typeof user === 'string') return lastWords(`couldn't setuid to ${wanted}: ${user}`);
  const folderError = entering(cwd);
  // Another user may not be allowed to where we are; that is found out by the child.
  if (folderError !== undefined && asSupervisor && user === undefined)
    return lastWords(`couldn't chdir to ${cwd}: ${folderError}`);
  const program = findProgram(plan);
  // The system says it, and it is no child at all.
  if (program === undefined || program.directory || !program.executable) return { argv, cwd };
  // Node, and any shell, would take what is no program for a script.
  const errno = asSupervisor || user !== undefined ? unrunnable(program.path) : undefined;
  if (errno !== undefined) return couldNotExecute(plan, errno);
  if (!needsShell) return { argv, cwd };
  const mask = umask === undefined ? '' : umask.toString(8).padStart(3, '0');
  const folder = user === undefined ? '' : cwd;
  const inner: Launch['argv'] = [
    shell,
    '-c',
    script,
    'sh',
    mask,
    folder,
    folderError ?? 'EACCES',
    user === undefined ? '' : program.path,
    joinsStreams ? 'joined' : '',
    ...argv,
  ];
  if (user === undefined) return { argv: inner, cwd };
  const become = setpriv(user);
  return become === undefined
    ? { argv: inner, cwd: '/', user }
    : { argv: [become[0], ...become.slice(1), ...inner], cwd: '/' };
}

/** Undefined when we are that user already; a text says why it cannot be (spec 6.3). */
async function userToBecome(wanted: string): Promise<User | string | undefined> {
  const user = await findUser(wanted);
  if (user === undefined)
    return /^-?\d+$/u.test(wanted) ? `Can't find uid ${wanted}` : `Can't find username '${wanted}'`;
  const own = process.getuid?.();
  if (own === user.uid) return undefined;
  return own === 0 ? user : "Can't drop privilege as nonroot user";
}

/** The system's name for why a folder cannot be entered by us. */
function entering(cwd: string): string | undefined {
  try {
    if (!statSync(cwd).isDirectory()) return 'ENOTDIR';
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    return codeOf(error) ?? 'ENOENT';
  }
}

/** With all the groups of the user, its own first. */
function setpriv({ uid, gid }: User): readonly [string, ...string[]] | undefined {
  for (const path of ['/usr/bin/setpriv', '/bin/setpriv']) {
    try {
      accessSync(path, constants.X_OK);
      return [path, `--reuid=${uid}`, `--regid=${gid}`, '--init-groups', '--'];
    } catch {
      // Perhaps at the next place.
    }
  }
  return undefined;
}
