/**
 * Paths in a `supervisord.conf`, which are relative to where supervisord works: its `directory`, else where it was
 * started. For us that is the workspace folder.
 */

import { resolvePath } from '../../../base/path.ts';
import type { Machine } from '../../input.ts';

export interface Paths {
  readonly machine: Machine;
  /** A path that a program names, made absolute. */
  ofProgram(path: string): string;
  /** A path of the supervisor's own, which it settles before it goes to its `directory`. */
  ofSupervisor(path: string): string;
}

/** `directory` is that of the section `[supervisord]`, as it is written there. */
export function pathsFrom(workspace: string, directory: string | undefined, machine: Machine): Paths {
  const from =
    (folder: string) =>
    (path: string): string =>
      resolvePath(folder, withHome(path, machine));
  const base = directory === undefined ? workspace : from(workspace)(directory);
  return { machine, ofProgram: from(base), ofSupervisor: from(workspace) };
}

/** `~` and `~user` at the beginning of a path. One that nobody has is left as it is. */
export function withHome(path: string, machine: Machine): string {
  const [lead, user] = /^~([^/\\]*)(?=[/\\]|$)/.exec(path) ?? [];
  if (lead === undefined) return path;
  const home = user === '' ? machine.homeOf() : machine.homeOf(user);
  return home === undefined ? path : home + path.slice(lead.length);
}
