/**
 * Where the program of a command is, and whether it could be run. Runs nothing.
 *
 * All at once and without waiting: these are some microseconds each, and a start would wait for every turn of the
 * thread pool.
 */

import { accessSync, closeSync, constants, openSync, readSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { SpawnPlan } from '../core/outside.ts';
import { codeOf } from './error-words.ts';

export type Command = Pick<SpawnPlan, 'argv' | 'cwd' | 'env'>;

export interface Found {
  readonly path: string;
  readonly directory: boolean;
  /** By us. */
  readonly executable: boolean;
  /** By somebody. */
  readonly marked: boolean;
}

/** Where programs are looked for when the environment has no PATH. */
const defaultPath = '/bin:/usr/bin:/usr/local/bin';

/** What would be run. As `execvp` does: what cannot be run is remembered, and the search goes on. */
export function findProgram(command: Command): Found | undefined {
  let best: Found | undefined;
  for (const path of placesOf(command)) {
    const found = look(path);
    if (found?.executable === true && !found.directory) return found;
    best ??= found;
  }
  return best;
}

/** As Supervisor looks: the first that is there, whether or not it can be run (spec 6.3). */
export function firstProgram(command: Command): Found | undefined {
  for (const path of placesOf(command)) {
    const found = look(path);
    if (found !== undefined) return found;
  }
  return undefined;
}

/**
 * The first program of these names, at all of them in each folder, that can be run.
 *
 * @param platform Windows finds `go.exe` where `go` is asked for, and takes every file for one that can be run.
 */
export function firstRunnable(
  names: readonly string[],
  folders: readonly string[],
  platform: NodeJS.Platform = process.platform,
  extensions: string = process.env['PATHEXT'] ?? '.COM;.EXE;.BAT;.CMD',
): string | undefined {
  const files = platform === 'win32' ? names.flatMap((name) => withExtensions(name, extensions)) : names;
  for (const folder of folders) {
    for (const name of files) {
      const path = join(folder, name);
      const found = look(path);
      if (found?.executable === true && !found.directory) return path;
    }
  }
  return undefined;
}

function withExtensions(name: string, extensions: string): readonly string[] {
  const known = extensions.toLowerCase().split(';').filter(Boolean);
  const hasOne = known.some((extension) => name.toLowerCase().endsWith(extension));
  return hasOne ? [name] : known.map((extension) => `${name}${extension}`);
}

/** Why the system would not run an executable file, by the system's name; undefined: it would, as far as can be seen. */
export function unrunnable(path: string): 'ENOENT' | 'ENOEXEC' | undefined {
  const start = startOf(path);
  // Not for us to read, which does not mean that it cannot be run.
  if (start === undefined) return undefined;
  const isProgram = magics.some((magic) => start.subarray(0, magic.length).equals(Buffer.from(magic)));
  if (isProgram) return undefined;
  const interpreter = interpreterIn(start);
  if (interpreter === undefined) {
    // Text is a program to nobody; other bytes may be one to some loader that the system was told of.
    return process.platform === 'linux' && !start.includes(0) ? 'ENOEXEC' : undefined;
  }
  const [program = ''] = interpreter.split(/[ \t]/u);
  return look(program) === undefined ? 'ENOENT' : undefined;
}

/** What programs of Linux begin with. */
const magics = [[0x7f, 0x45, 0x4c, 0x46]];

/** What the first line of a script asks to be run by. */
export function interpreterOf(path: string): string | undefined {
  const start = startOf(path);
  return start === undefined ? undefined : interpreterIn(start);
}

function interpreterIn(start: Buffer): string | undefined {
  const [line] = start.toString('utf8').split('\n');
  return line?.startsWith('#!') === true ? line.slice(2).trim() : undefined;
}

function startOf(path: string): Buffer | undefined {
  try {
    // Opening a FIFO would wait for its other end.
    if (!statSync(path).isFile()) return undefined;
    const file = openSync(path, 'r');
    try {
      const buffer = Buffer.alloc(256);
      return buffer.subarray(0, readSync(file, buffer, 0, buffer.length, 0));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    if (codeOf(error) === undefined) throw error;
    return undefined;
  }
}

function placesOf(command: Command): readonly string[] {
  const [program] = command.argv;
  if (hasFolder(program)) return [resolve(command.cwd, program)];
  return pathOf(command)
    .split(process.platform === 'win32' ? ';' : ':')
    .map((folder) => join(folder || '.', program));
}

function look(path: string): Found | undefined {
  try {
    const stats = statSync(path);
    return {
      path,
      directory: stats.isDirectory(),
      executable: mayRun(path),
      marked: (stats.mode & 0o111) !== 0,
    };
  } catch (error) {
    // A folder of PATH that is missing or closed to us does not hold the command for us.
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'ELOOP', 'ENAMETOOLONG'].includes(codeOf(error) ?? ''))
      return undefined;
    throw error;
  }
}

function mayRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EACCES') return false;
    throw error;
  }
}

export function pathOf(command: Command): string {
  return command.env['PATH'] ?? command.env['Path'] ?? defaultPath;
}

export function hasFolder(program: string): boolean {
  return program.includes('/') || (process.platform === 'win32' && program.includes('\\'));
}
