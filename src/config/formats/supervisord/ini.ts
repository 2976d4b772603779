/**
 * The text of a `supervisord.conf` as sections whose keys and values know their places.
 *
 * Reads as Supervisor's parser does (Python's `RawConfigParser` with `;` and `#` for comments within lines, spec 6.8).
 * Where that gives up on a file, this tells the line and goes on. Knows no section and no option.
 */

import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { placeIn } from '../../parse.ts';
import type { At } from '../../tree.ts';
import { repr } from '../python/repr.ts';

export interface IniEntry {
  /** In lower case: options know no case. */
  readonly name: string;
  readonly key: At;
  /** Lines are joined by newlines, each without the blanks around it. */
  readonly value: string;
  readonly at: At;
  /** A comment that stood within a line took the rest of it. */
  readonly cut: boolean;
}

export interface IniSection {
  readonly name: string;
  /** Where its name stands. */
  readonly at: At;
  /** In order, repetitions included. */
  readonly entries: readonly IniEntry[];
}

export interface IniFile {
  readonly sections: readonly IniSection[];
  readonly problems: readonly Problem[];
}

interface OpenEntry {
  readonly name: string;
  readonly key: readonly [number, number];
  readonly parts: string[];
  readonly start: number;
  end: number;
  cut: boolean;
}

interface OpenSection {
  readonly name: string;
  readonly span: readonly [number, number];
  readonly entries: OpenEntry[];
}

export function readIni(file: string, text: string): IniFile {
  const place = placeIn(file, text);
  const problems: Problem[] = [];
  const sections: OpenSection[] = [];
  let entry: OpenEntry | undefined;
  let indent = 0;
  let offset = 0;
  let headless = false;
  const complain = (reason: string, start: number, end: number): void => {
    problems.push(problem('supervisord-error', place(start, end), { text: reason }));
  };
  for (const [index, line] of text.split('\n').entries()) {
    const start = offset;
    offset += line.length + 1;
    const comment = commentStart(line);
    const content = line.slice(0, comment).trim();
    if (content === '') {
      // A blank line belongs to the value it stands in, a comment does not.
      if (comment === undefined) entry?.parts.push('');
      continue;
    }
    const depth = line.length - line.trimStart().length;
    const from = start + depth;
    const to = from + content.length;
    if (entry !== undefined && depth > indent) {
      entry.parts.push(content);
      entry.end = to;
      entry.cut ||= comment !== undefined;
      continue;
    }
    indent = depth;
    const [, header] = /^\[([^\n]+)\]/.exec(content) ?? [];
    if (header !== undefined) {
      sections.push({ name: header, span: [from + 1, from + 1 + header.length], entries: [] });
      entry = undefined;
      continue;
    }
    const section = sections.at(-1);
    if (section === undefined) {
      if (!headless)
        complain(
          `File contains no section headers. file: ${repr(file)}, line: ${index + 1} ${repr(line)}`,
          from,
          to,
        );
      headless = true;
      continue;
    }
    const delimiter = content.search(/[=:]/);
    const name = content.slice(0, Math.max(delimiter, 0)).trimEnd();
    if (name === '') {
      const number = String(index + 1).padStart(2);
      complain(`Source contains parsing errors: ${repr(file)} [line ${number}]: ${repr(line)}`, from, to);
      continue;
    }
    const value = content.slice(delimiter + 1).trimStart();
    entry = {
      name: name.toLowerCase(),
      key: [from, from + name.length],
      parts: [value],
      start: to - value.length,
      end: to,
      cut: comment !== undefined,
    };
    section.entries.push(entry);
  }
  return {
    problems,
    sections: sections.map(({ name, span, entries }) => ({
      name,
      at: place(...span),
      entries: entries.map((each) => {
        const value = each.parts.join('\n').trimEnd();
        const key = place(...each.key);
        return {
          name: each.name,
          key,
          value,
          at: value === '' ? key : place(each.start, each.end),
          cut: each.cut,
        };
      }),
    })),
  };
}

/**
 * Where a comment begins in a line. Both signs are looked for side by side, the first of each, then the second of
 * each …, so that of two comments in one line it is not always the first that counts; this is Python's way.
 */
function commentStart(line: string): number | undefined {
  if (/^\s*[;#]/.test(line)) return 0;
  let signs = [';', '#'].map((sign) => ({ sign, at: -1 }));
  while (signs.length > 0) {
    signs = signs
      .map(({ sign, at }) => ({ sign, at: line.indexOf(sign, at + 1) }))
      .filter(({ at }) => at !== -1);
    const found = signs.filter(({ at }) => at === 0 || /\s/.test(line[at - 1] ?? '')).map(({ at }) => at);
    if (found.length > 0) return Math.min(...found);
  }
  return undefined;
}
