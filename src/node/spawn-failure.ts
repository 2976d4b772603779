/** Says why a command could not be run at all, and what to do about it (spec 6.3). */

import { accessSync, constants, statSync } from 'node:fs';
import { isAbsolute, resolve } from 'node:path';
import type { SpawnFailure, SpawnFailureCause, SpawnPlan } from '../core/outside.ts';
import { codeOf, reasonOf } from './error-words.ts';
import {
  type Command,
  findProgram,
  type Found,
  firstProgram,
  hasFolder,
  interpreterOf,
  pathOf,
} from './find-program.ts';

const wayOfCode: Readonly<Record<string, string>> = {
  E2BIG: 'Shorten the arguments and the environment.',
  EAGAIN: 'Stop some programs, or raise the limit on processes (ulimit -u).',
  EMFILE: 'Raise the limit on open files (ulimit -n), or run fewer instances.',
  ENFILE: 'Close some programs: this machine has no more open files to give.',
  ENOMEM: 'Close some programs: this machine is out of memory.',
};

const causeOfCode: Readonly<Record<string, SpawnFailureCause>> = {
  EMFILE: 'too-many-files',
  EAGAIN: 'too-many-processes',
};

/** What the system said is short ("ENOENT" for three different mistakes), so we look for ourselves. */
export function explainSpawnFailure(error: unknown, plan: SpawnPlan): SpawnFailure {
  const code = codeOf(error);
  const errno = code === undefined ? {} : { errno: code };
  return { ...explained(error, code ?? '', plan), ...errno };
}

function explained(error: unknown, code: string, plan: SpawnPlan): SpawnFailure {
  const way = wayOfCode[code];
  const cause = causeOfCode[code];
  if (way !== undefined) {
    const reason = code === 'E2BIG' ? 'the command line is too long' : reasonOf(error);
    return { reason, way, ...(cause === undefined ? {} : { cause }) };
  }
  return (
    folderFailure(plan.cwd) ??
    programFailure(plan, code) ?? {
      reason: reasonOf(error),
      way: 'Try the command in a terminal, in the same folder.',
    }
  );
}

/** What Supervisor looks at before it starts a program (spec 6.3): the file, and not its folder. */
export function examineCommand(command: Command): SpawnFailure | undefined {
  const found = firstProgram(command);
  return found === undefined ? notFound(command) : uselessProgram(found);
}

function folderFailure(cwd: string): SpawnFailure | undefined {
  const way = 'Create the folder, or change "cwd".';
  const cause = 'no-directory';
  try {
    if (!statSync(cwd).isDirectory()) return { reason: `its folder ${cwd} is not a folder`, way, cause };
    accessSync(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { reason: `its folder ${cwd} does not exist`, way, cause };
    return { reason: `its folder ${cwd} cannot be entered: ${reasonOf(error)}`, way, cause };
  }
}

function programFailure(command: Command, code: string): SpawnFailure | undefined {
  const found = findProgram(command);
  if (found === undefined) return notFound(command);
  const { path } = found;
  const useless = uselessProgram(found);
  if (useless !== undefined) return useless;
  if (code === 'ENOENT') return interpreterFailure(path);
  if (code === 'EACCES' || code === 'EPERM') return notPermitted(path);
  if (code === 'ENOEXEC') {
    return {
      reason: `${path} is not a program that this machine can run`,
      way: 'Begin a script with a "#!" line.',
      path,
    };
  }
  return undefined;
}

function uselessProgram({ path, directory, executable, marked }: Found): SpawnFailure | undefined {
  if (directory) {
    const reason = `the command ${path} is a directory`;
    return { reason, way: 'Name the program inside it.', cause: 'is-directory', path };
  }
  if (executable) return undefined;
  if (marked) return notPermitted(path);
  const reason = `the command ${path} is not executable`;
  return { reason, way: `Make it executable: chmod +x ${path}`, cause: 'not-executable', path };
}

function notPermitted(path: string): SpawnFailure {
  return {
    reason: `you may not run ${path}`,
    way: 'Check the permissions of the file and of the folders above it.',
    cause: 'no-permission',
    path,
  };
}

function notFound(command: Command): SpawnFailure {
  const [program] = command.argv;
  const cause = 'not-found';
  if (hasFolder(program)) {
    const path = isAbsolute(program) ? program : resolve(command.cwd, program);
    const way = 'Check its path; a relative one starts at "cwd".';
    return { reason: `cannot find the command ${path}`, way, cause };
  }
  return {
    reason: `cannot find the command "${program}"`,
    way: `Install it, or give its full path. It was looked for along PATH: ${pathOf(command)}`,
    cause,
  };
}

/** A script is there, but what its first line names is not; the system says "no such file" of the script. */
function interpreterFailure(path: string): SpawnFailure | undefined {
  const interpreter = interpreterOf(path);
  if (interpreter === undefined) return undefined;
  const missing = interpreter.replace('\r', '\\r');
  return {
    reason: `${path} asks to be run by ${missing}, which does not exist`,
    way: 'Install that program, or correct the first line of the script.',
    path,
  };
}
