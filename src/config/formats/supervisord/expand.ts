/** `%(name)s` in the values of a `supervisord.conf` (spec 6.8): which names there are, and what Supervisor says of others. */

import { folderOf } from '../../../base/path.ts';
import { closest } from '../../../base/spelling.ts';
import { BadFormat, format, UnknownName } from '../python/percent.ts';
import { repr } from '../python/repr.ts';
import type { IniEntry } from './ini.ts';

/** Names and what they stand for. A map will do; there are many processes with most names in common, though. */
export interface Names {
  get(name: string): string | number | undefined;
  keys(): Iterable<string>;
}

/** The names of both, where one is in both the second's. */
export function over(beneath: Names, own: Names): Names {
  return {
    get: (name) => own.get(name) ?? beneath.get(name),
    keys: () => new Set([...beneath.keys(), ...own.keys()]),
  };
}

export type Expansion =
  | { readonly text: string }
  /** In Supervisor's words. */
  | { readonly wrong: string; readonly hint?: string | undefined };

/** The names that an environment gives: `ENV_HOME` … */
export function environmentNames(environment: Readonly<Record<string, string | undefined>>): Names {
  return new Map(
    Object.entries(environment).flatMap(([name, value]) =>
      value === undefined ? [] : [[`ENV_${name}`, value] as const],
    ),
  );
}

/** `option` is what Supervisor calls the value in its messages: `program:web.command`, `environment` … */
export function expand(entry: IniEntry, names: Names, option: string): Expansion {
  if (!entry.value.includes('%')) return { text: entry.value };
  return expandText(entry.value, withHere(entry, names), option);
}

/**
 * Supervisor expands some values twice. A percent sign in them has to be written `%%%%` there; here `%%` will do as
 * well, since a text that cannot be expanded again is left as it is.
 */
export function expandTwice(entry: IniEntry, names: Names, option: string): Expansion {
  if (!entry.value.includes('%')) return { text: entry.value };
  const known = withHere(entry, names);
  const once = expandText(entry.value, known, option);
  if ('wrong' in once) return once;
  const twice = expandText(once.text, known, option);
  return 'wrong' in twice ? once : twice;
}

function withHere(entry: IniEntry, names: Names): Names {
  return over(names, new Map([['here', folderOf(entry.at.file)]]));
}

function expandText(text: string, names: Names, option: string): Expansion {
  if (!text.includes('%')) return { text };
  try {
    return { text: format(text, names) };
  } catch (error) {
    if (error instanceof UnknownName) {
      const available = [...names.keys()].toSorted();
      const nearest = closest(error.key, available);
      return {
        wrong: `Format string ${repr(text)} for ${repr(option)} contains names (${repr(error.key)}) which cannot be expanded. Available names: ${available.join(', ')}`,
        hint: nearest === undefined ? undefined : `The nearest of them is ${nearest}.`,
      };
    }
    if (error instanceof BadFormat) {
      return {
        wrong: `Format string ${repr(text)} for ${repr(option)} is badly formatted: ${error.message}`,
        hint: 'Write %% for a percent sign.',
      };
    }
    throw error;
  }
}
