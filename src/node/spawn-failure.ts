/** Says why a command could not be run at all, and what to do about it (spec 6.3). */

import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { isAbsolute, join, resolve } from 'node:path';
import type { SpawnFailure, SpawnPlan } from '../core/outside.ts';
import { codeOf, reasonOf } from './error-words.ts';

/** Where programs are looked for when the environment has no PATH. */
const defaultPath = '/bin:/usr/bin';

const wayOfCode: Readonly<Record<string, string>> = {
  E2BIG: 'Shorten the arguments and the environment.',
  EAGAIN: 'Stop some programs, or raise the limit on processes (ulimit -u).',
  EMFILE: 'Raise the limit on open files (ulimit -n), or run fewer instances.',
  ENFILE: 'Close some programs: this machine has no more open files to give.',
  ENOMEM: 'Close some programs: this machine is out of memory.',
};

/** What the system said is short ("ENOENT" for three different mistakes), so we look for ourselves. */
export async function explainSpawnFailure(error: unknown, plan: SpawnPlan): Promise<SpawnFailure> {
  const code = codeOf(error) ?? '';
  const way = wayOfCode[code];
  if (way !== undefined)
    return { reason: code === 'E2BIG' ? 'the command line is too long' : reasonOf(error), way };
  return (
    (await folderFailure(plan.cwd)) ??
    (await programFailure(plan, code)) ?? {
      reason: reasonOf(error),
      way: 'Try the command in a terminal, in the same folder.',
    }
  );
}

async function folderFailure(cwd: string): Promise<SpawnFailure | undefined> {
  const way = 'Create the folder, or change "cwd".';
  try {
    if (!(await stat(cwd)).isDirectory()) return { reason: `its folder ${cwd} is not a folder`, way };
    await access(cwd, constants.X_OK);
    return undefined;
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { reason: `its folder ${cwd} does not exist`, way };
    return { reason: `its folder ${cwd} cannot be entered: ${reasonOf(error)}`, way };
  }
}

async function programFailure(plan: SpawnPlan, code: string): Promise<SpawnFailure | undefined> {
  const [program] = plan.argv;
  const found = await find(program, plan);
  if (found === undefined) return notFound(program, plan);
  const { path, directory, executable } = found;
  if (directory) return { reason: `the command ${path} is a directory`, way: 'Name the program inside it.' };
  if (!executable) {
    return { reason: `the command ${path} is not executable`, way: `Make it executable: chmod +x ${path}` };
  }
  if (code === 'ENOENT') return interpreterFailure(path);
  if (code === 'EACCES' || code === 'EPERM') {
    return {
      reason: `you may not run ${path}`,
      way: 'Check the permissions of the file and of the folders above it.',
    };
  }
  if (code === 'ENOEXEC') {
    return {
      reason: `${path} is not a program that this machine can run`,
      way: 'Begin a script with a "#!" line.',
    };
  }
  return undefined;
}

function notFound(program: string, plan: SpawnPlan): SpawnFailure {
  if (hasFolder(program)) {
    const path = isAbsolute(program) ? program : resolve(plan.cwd, program);
    return {
      reason: `cannot find the command ${path}`,
      way: 'Check its path; a relative one starts at "cwd".',
    };
  }
  return {
    reason: `cannot find the command "${program}"`,
    way: `Install it, or give its full path. It was looked for along PATH: ${pathOf(plan)}`,
  };
}

/** A script is there, but what its first line names is not; the system says "no such file" of the script. */
async function interpreterFailure(path: string): Promise<SpawnFailure | undefined> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0);
    const [line] = buffer.toString('utf8', 0, bytesRead).split('\n');
    const interpreter = line?.startsWith('#!') === true ? line.slice(2).trim() : undefined;
    if (interpreter === undefined) return undefined;
    const missing = interpreter.replace('\r', '\\r');
    return {
      reason: `${path} asks to be run by ${missing}, which does not exist`,
      way: 'Install that program, or correct the first line of the script.',
    };
  } finally {
    await file.close();
  }
}

interface Found {
  readonly path: string;
  readonly directory: boolean;
  readonly executable: boolean;
}

async function find(program: string, plan: SpawnPlan): Promise<Found | undefined> {
  const places = hasFolder(program)
    ? [resolve(plan.cwd, program)]
    : pathOf(plan)
        .split(process.platform === 'win32' ? ';' : ':')
        .map((folder) => join(folder || '.', program));
  let best: Found | undefined;
  for (const path of places) {
    const found = await look(path);
    // As `execvp` does: what cannot be run is remembered, and the search goes on.
    if (found?.executable === true && !found.directory) return found;
    best ??= found;
  }
  return best;
}

async function look(path: string): Promise<Found | undefined> {
  try {
    const directory = (await stat(path)).isDirectory();
    return { path, directory, executable: await mayRun(path) };
  } catch (error) {
    // A folder of PATH that is missing or closed to us does not hold the command for us.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'].includes(codeOf(error) ?? ''))
      return undefined;
    throw error;
  }
}

async function mayRun(path: string): Promise<boolean> {
  try {
    await access(path, constants.X_OK);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EACCES') return false;
    throw error;
  }
}

function pathOf(plan: SpawnPlan): string {
  return plan.env['PATH'] ?? plan.env['Path'] ?? defaultPath;
}

function hasFolder(program: string): boolean {
  return program.includes('/') || (process.platform === 'win32' && program.includes('\\'));
}
