/** Files that lie in a folder or above it, and places in their texts. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { Look } from '../recipe.ts';

/** A folder and those above it, up to the root. */
export function upwards(folder: string): readonly string[] {
  const folders = [resolvePath(folder, '.')];
  for (;;) {
    const last = folders.at(-1) ?? '';
    const above = folderOf(last);
    if (above === last) return folders;
    folders.push(above);
  }
}

/** A folder and those above it that belong to the workspace folder; the folder alone where it lies elsewhere. */
export function upwardsWithin(folder: string, workspace: string): readonly string[] {
  const all = upwards(folder);
  const last = all.indexOf(resolvePath(workspace, '.'));
  return last === -1 ? all.slice(0, 1) : all.slice(0, last + 1);
}

export interface NearbyText {
  readonly path: string;
  readonly text: string;
}

/** The text of the nearest file of this name. */
export async function nearestText(
  look: Look,
  folders: readonly string[],
  name: string,
): Promise<NearbyText | undefined> {
  for (const folder of folders) {
    const path = resolvePath(folder, name);
    const text = await look.text(path);
    if (text !== undefined) return { path, text };
  }
  return undefined;
}

/** Whether a path is a folder or lies below it. */
export function isBelow(path: string, folder: string): boolean {
  return upwards(path).includes(resolvePath(folder, '.'));
}

/** A path as it reads from a folder, where it lies below that. */
export function asSeenFrom(folder: string, path: string): string {
  const whole = resolvePath(folder, '.');
  return isBelow(path, whole) && path.length > whole.length
    ? path.slice(whole.length).replace(/^[\\/]/, '')
    : path;
}

/** A command that is to be run in a folder, as it is typed in the workspace folder. */
export function typedIn(folder: string, look: Pick<Look, 'folder'>, command: string): string {
  const whole = resolvePath(folder, '.');
  return whole === resolvePath(look.folder, '.')
    ? command
    : `cd ${asSeenFrom(look.folder, whole)} && ${command}`;
}

/** Where an offset in a text is. */
export function placeAt({ path, text }: NearbyText, offset: number) {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { file: path, line, column: offset - before.lastIndexOf('\n') };
}

/** The line that names a version, as `.nvmrc` has it: the only one that is no comment. Of several, any may be used. */
export function firstWord(nearby: NearbyText): { readonly word: string; readonly at: number } | undefined {
  const [match, other] = nearby.text.matchAll(/^[ \t]*([^#\s][^\s#]*)/gm);
  if (match?.[1] === undefined || other !== undefined) return undefined;
  return { word: match[1], at: match.index + match[0].length - match[1].length };
}

/** The version that a `.tool-versions` names for a tool; of several, any may be used. */
export function toolVersion(
  nearby: NearbyText,
  tools: readonly string[],
): { readonly word: string; readonly at: number } | undefined {
  const names = tools.join('|');
  const match = new RegExp(`^([ \\t]*(?:${names})[ \\t]+)([^\\s#]+)[ \\t\\r]*(?:#.*)?$`, 'm').exec(
    nearby.text,
  );
  if (match?.[1] === undefined || match[2] === undefined) return undefined;
  return { word: match[2], at: match.index + match[1].length };
}

/** A JSON file's object; undefined where it is none. */
export function readObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isObject(value) ? value : undefined;
  } catch {
    // Half-written while its editor saves: what it says is not known.
    return undefined;
  }
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
