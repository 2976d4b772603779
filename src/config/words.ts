/**
 * Commands: from what a person typed to the words that are run.
 *
 * Words are split as a POSIX shell would (`shlex`) and variables are put in afterwards, so that a value with blanks
 * or quotes stays one word, whatever is in it. Quotes do not protect a `${NAME}`; `$$` does.
 */

import { split } from 'shlex';
import { type Expanded, expandParts, type Lookup, type Part, partsOf } from './expand.ts';

export interface Words {
  readonly words: readonly string[];
  readonly unset: readonly string[];
  readonly strange?: string;
  /** Why the text cannot be split. */
  readonly unsplit?: string;
}

/** Marks the place of a variable while splitting. No command can hold it: an argument ends at a NUL. */
const mark = '\0';

export function splitCommand(text: string, lookup: Lookup): Words {
  if (text.includes(mark)) return { words: [], unset: [], unsplit: 'it contains a NUL character' };
  const parts = partsOf(text);
  const marked = parts
    .map((part, index) => (part.kind === 'text' ? part.text : `${mark}${index}${mark}`))
    .join('');
  let split_: readonly string[];
  try {
    split_ = split(marked);
  } catch {
    // The one thing it throws for is a text that ends in the middle.
    return {
      words: [],
      unset: [],
      unsplit: marked.endsWith('\\')
        ? 'a backslash at its end stands before nothing'
        : 'a quote in it is not closed',
    };
  }
  return collect(split_.map((word) => expandParts(unmarked(word, parts), lookup)));
}

/** Words that are already split: only their variables are put in. */
export function expandWords(words: readonly string[], lookup: Lookup): Words {
  if (words.some((word) => word.includes(mark)))
    return { words: [], unset: [], unsplit: 'it contains a NUL character' };
  return collect(words.map((word) => expandParts(partsOf(word), lookup)));
}

/**
 * A text for a shell. What we know is put in; a variable we do not know, and every `${…}` in a form of the shell's own,
 * is left to the shell, in which it may be set while it runs.
 */
export function expandShellText(text: string, lookup: Lookup): Words {
  if (text.includes(mark)) return { words: [], unset: [], unsplit: 'it contains a NUL character' };
  const parts = partsOf(text).map((part): Part => {
    if (part.kind === 'strange') return { kind: 'text', text: part.source };
    if (part.kind === 'variable' && part.otherwise === undefined && lookup(part.name) === undefined)
      return { kind: 'text', text: part.source };
    return part;
  });
  return collect([expandParts(parts, lookup)]);
}

function collect(words: readonly Expanded[]): Words {
  const strange = words.find((word) => word.strange !== undefined)?.strange;
  return {
    words: words.map((word) => word.text),
    unset: [...new Set(words.flatMap((word) => word.unset))],
    ...(strange === undefined ? {} : { strange }),
  };
}

function unmarked(word: string, parts: readonly Part[]): readonly Part[] {
  return word.split(mark).flatMap((piece, index): readonly Part[] => {
    // Marks come in pairs, so every second piece is the number of a part.
    if (index % 2 === 0) return piece === '' ? [] : [{ kind: 'text', text: piece }];
    const part = parts[Number(piece)];
    return part === undefined ? [] : [part];
  });
}
