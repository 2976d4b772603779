/**
 * The sections of a `supervisord.conf` and of all it includes, laid over each other (spec 6.8).
 *
 * The last value of an option counts, wherever it stands; each knows its own file, so that `%(here)s` can mean that
 * file's folder. Files are asked of whoever reads.
 */

import { folderOf, isAbsolutePath, resolvePath } from '../../../base/path.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { anyMachine, type ConfigFile, type LoadInput } from '../../input.ts';
import type { At } from '../../tree.ts';
import { expand, type Names } from './expand.ts';
import { type IniEntry, readIni } from './ini.ts';

export interface Section {
  readonly name: string;
  /** Where its name stands first; the section is of that file. */
  readonly at: At;
  readonly entries: ReadonlyMap<string, IniEntry>;
}

export interface Sections {
  /** In the order in which they first stand. */
  readonly all: ReadonlyMap<string, Section>;
  /** What stands under `[DEFAULT]`, and so in every section that does not say otherwise. */
  readonly shared: ReadonlySet<IniEntry>;
  /** The file itself, then what it includes. */
  readonly files: readonly string[];
}

/** So many files, and so much text of them all: far more than anybody's programs need, and read in a moment. */
const mostFiles = 1_000;
const mostIncluded = 4 * 1024 ** 2;

export function readSections(
  main: ConfigFile,
  input: LoadInput,
  names: Names,
  problems: Problem[],
): Sections {
  const all = new Map<string, { name: string; at: At; entries: Map<string, IniEntry> }>();
  const files: string[] = [];
  const add = ({ path, text }: ConfigFile): void => {
    const read = readIni(path, text);
    if (!files.includes(path)) problems.push(...read.problems);
    if (!files.includes(path)) files.push(path);
    for (const { name, at, entries } of read.sections) {
      const known = all.get(name) ?? { name, at, entries: new Map<string, IniEntry>() };
      all.set(name, known);
      for (const entry of entries) known.entries.set(entry.name, entry);
      if (name === 'include' && path !== main.path) {
        const reason = 'only the main file includes others, so this has no effect';
        problems.push(problem('supervisord-differs', at, { key: '[include]', reason }));
      }
    }
  };
  add(main);
  const include = all.get('include');
  if (include !== undefined) {
    const at = include.entries.get('files')?.at ?? include.at;
    let left = mostIncluded;
    for (const path of included(include, main, input, names, problems)) {
      const text = input.readFile(path);
      if (typeof text !== 'string') {
        const { reason } = text ?? { reason: 'it may not be read' };
        problems.push(problem('file-unreadable', at, { file: path, reason }));
      } else if (text.length > left) {
        const reason = 'what is included before it is all that is taken';
        problems.push(problem('file-unreadable', at, { file: path, reason }));
        break;
      } else {
        left -= text.length;
        add({ path, text });
      }
    }
  }
  const defaults = all.get('DEFAULT');
  all.delete('DEFAULT');
  for (const section of all.values())
    for (const [name, entry] of defaults?.entries ?? [])
      if (!section.entries.has(name)) section.entries.set(name, entry);
  return { all, files, shared: new Set(defaults?.entries.values()) };
}

function included(
  { entries, at }: Section,
  main: ConfigFile,
  input: LoadInput,
  names: Names,
  problems: Problem[],
): readonly string[] {
  const files = entries.get('files');
  if (files === undefined) {
    const text = '.ini file has [include] section, but no files setting';
    problems.push(problem('supervisord-error', at, { text }));
    return [];
  }
  const expanded = expand(files, names, 'include.files');
  if ('wrong' in expanded) {
    problems.push(problem('supervisord-error', files.at, { text: expanded.wrong, hint: expanded.hint }));
    return [];
  }
  const base = folderOf(main.path);
  const all: string[] = [];
  for (const pattern of expanded.text.split(/\s+/)) {
    if (pattern === '') continue;
    const whole = isAbsolutePath(pattern) ? pattern : `${base}/${pattern}`;
    const found = (input.machine ?? anyMachine).glob(resolvePath(base, pattern));
    if (found === undefined || all.length + found.length > mostFiles) {
      const text = `Too many files match via include "${whole}"`;
      const hint = 'Name a folder that has nothing but these files.';
      problems.push(problem('supervisord-error', files.at, { text, hint }));
      break;
    }
    if (found.length === 0) {
      const text = `No file matches via include "${whole}"`;
      problems.push(problem('supervisord-warning', files.at, { text }));
    }
    all.push(...found.toSorted());
  }
  return all;
}
