/**
 * Text to tree. Takes what there is: after a syntax error the rest of the file still counts.
 *
 * Knows YAML, by way of `yaml`, and none of our keys.
 */

import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  type ParsedNode,
  type YAMLMap,
} from 'yaml';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import type { At, Entry, MapTree, ScalarTree, Tree } from './tree.ts';

export interface Parsed {
  /** Absent when the text holds nothing. */
  readonly tree?: Tree;
  readonly problems: readonly Problem[];
}

/** More than any person writes; a file that multiplies itself through aliases ends here. */
const mostAliasedNodes = 20_000;

export function parse(file: string, text: string): Parsed {
  try {
    return new Reader(file, text).read();
  } catch (error) {
    // The parser recurses: a file nested some thousand levels deep runs out of stack.
    const reason = error instanceof Error ? error.message : String(error);
    return {
      problems: [
        problem('yaml-syntax', placeIn(file, text)(0, 0), {
          reason: `This cannot be read as YAML: ${reason}`,
        }),
      ],
    };
  }
}

/** Turns offsets into a place; whatever is asked, the answer lies within the text. */
export function placeIn(
  file: string,
  text: string,
  lines = linesOf(text),
): (start: number, end: number) => At {
  return (start, end) => {
    const from = Math.min(Math.max(start, 0), text.length);
    const to = Math.min(Math.max(end, from), text.length);
    const first = lines.linePos(from);
    const last = lines.linePos(to);
    return { file, line: first.line, column: first.col, endLine: last.line, endColumn: last.col };
  };
}

function linesOf(text: string): LineCounter {
  const lines = new LineCounter();
  lines.addNewLine(0);
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines.addNewLine(at + 1);
  return lines;
}

class Reader {
  readonly #document: Document.Parsed;
  readonly #place: (start: number, end: number) => At;
  readonly #text: string;
  readonly #problems: Problem[] = [];
  readonly #open = new Set<ParsedNode>();
  #aliasedNodes = 0;
  #aliasDepth = 0;

  constructor(file: string, text: string) {
    this.#text = text;
    this.#place = placeIn(file, text);
    // Keys are compared here, where both places are known, so `yaml` need not.
    this.#document = parseDocument(text, { prettyErrors: false, uniqueKeys: false, stringKeys: false });
  }

  read(): Parsed {
    for (const error of this.#document.errors) {
      const [start, end] = error.pos;
      this.#problem(
        start,
        error.code === 'MULTIPLE_DOCS' ? start + 3 : end,
        sentence(error.code, error.message),
        unquotedBrace(this.#text, start),
      );
    }
    const contents = this.#document.contents;
    if (contents === null) return { problems: this.#problems };
    const tree = this.#tree(contents, this.#place(0, 0));
    return { tree, problems: this.#problems };
  }

  /** `otherwise` is where a value stands that nobody has written. */
  #tree(node: ParsedNode | null, otherwise: At): Tree {
    if (node === null) return blank(otherwise);
    if (isAlias(node)) return this.#aliased(node, otherwise);
    if (this.#aliasDepth > 0) this.#aliasedNodes++;
    const at = this.#at(node);
    if (isScalar(node))
      return this.#scalar(node.value, node.source ?? '', node.type === 'PLAIN', at, otherwise);
    this.#open.add(node);
    try {
      if (isMap<ParsedNode, ParsedNode | null>(node)) return this.#map(node, at);
      if (isSeq<ParsedNode>(node))
        return { kind: 'list', at, items: node.items.map((item) => this.#tree(item, at)) };
      return blank(at);
    } finally {
      this.#open.delete(node);
    }
  }

  #scalar(value: unknown, source: string, plain: boolean, at: At, otherwise: At): ScalarTree {
    if (value === null || value === undefined) return source === '' ? blank(otherwise) : blank(at);
    // A bigint or a date cannot come out of the core schema; should a tag make one, its text is what counts.
    if (typeof value === 'number' || typeof value === 'boolean')
      return { kind: 'scalar', at, value, text: source, plain };
    const text = typeof value === 'string' ? value : source;
    return { kind: 'scalar', at, value: text, text, plain };
  }

  #aliased(node: ParsedNode, otherwise: At): Tree {
    const at = this.#at(node);
    const target = isAlias(node) ? (node.resolve(this.#document) as ParsedNode | undefined) : undefined;
    const name = this.#text.slice(...offsets(node));
    if (target === undefined) {
      this.#problem(...offsets(node), `"${name}" refers to an anchor that is not set above.`);
      return blank(at);
    }
    if (this.#open.has(target) || this.#aliasedNodes > mostAliasedNodes) {
      this.#problem(...offsets(node), `"${name}" makes the file contain itself too often.`);
      return blank(at);
    }
    this.#aliasDepth++;
    const tree = this.#tree(target, otherwise);
    this.#aliasDepth--;
    return tree;
  }

  #map(node: YAMLMap<ParsedNode, ParsedNode | null>, at: At): MapTree {
    const entries = new Map<string, Entry>();
    const merged: Tree[] = [];
    for (const pair of node.items) {
      const keyAt = this.#at(pair.key);
      if (!isScalar(pair.key)) {
        this.#problem(...offsets(pair.key), 'A key must be a plain word here.');
        continue;
      }
      // A word without its colon is already a syntax error; what it means is not known yet.
      if (pair.value === null && node.flow !== true) continue;
      const key = typeof pair.key.value === 'string' ? pair.key.value : (pair.key.source ?? '');
      const value = this.#tree(pair.value, keyAt);
      if (key === '<<' && pair.key.type === 'PLAIN')
        merged.push(...(value.kind === 'list' ? value.items : [value]));
      else if (entries.has(key)) this.#problems.push(problem('duplicate-key', keyAt, { key }));
      else entries.set(key, { key: keyAt, value });
    }
    // What is merged in by `<<` gives way to what the map says itself, the first of several to the next.
    for (const source of merged) {
      if (source.kind !== 'map') continue;
      for (const [key, entry] of source.entries) if (!entries.has(key)) entries.set(key, entry);
    }
    return { kind: 'map', at, entries };
  }

  #at(node: ParsedNode): At {
    return this.#place(...offsets(node));
  }

  #problem(start: number, end: number, reason: string, hint?: string): void {
    this.#problems.push(problem('yaml-syntax', this.#place(start, end), { reason, hint }));
  }
}

function blank(at: At): ScalarTree {
  return { kind: 'scalar', at, value: null, text: '', plain: true };
}

function offsets(node: ParsedNode): [number, number] {
  return [node.range[0], endOf(node)];
}

/** A block ends with its last value; what `yaml` calls its end is where the next thing begins. */
function endOf(node: ParsedNode): number {
  if ((!isMap<ParsedNode, ParsedNode | null>(node) && !isSeq<ParsedNode>(node)) || node.flow === true)
    return node.range[1];
  const last = node.items.at(-1);
  if (last === undefined) return node.range[1];
  return endOf('key' in last ? (last.value ?? last.key) : last);
}

/**
 * What to write where a brace without quotes, as of `{port}`, ends a value of a map in one line. `at`: where the parser
 * stumbles, which is at that brace.
 */
function unquotedBrace(text: string, at: number): string | undefined {
  if (text[at] !== '{') return undefined;
  const start = text.lastIndexOf('\n', at) + 1;
  const before = /[{,]\s*([\w.-]+:)\s+([^\s"'{}[\],][^"'{}[\],]*)$/.exec(text.slice(start, at));
  const rest = /^(?:\{\w*\}|[^{}[\],"'\n])*/.exec(text.slice(at))?.[0].trimEnd() ?? '';
  const [, key, value] = before ?? [];
  return key === undefined || value === undefined || !rest.startsWith('{')
    ? undefined
    : `A "{" in a map in one line has to be quoted: ${key} "${value}${rest}"`;
}

/** The parser speaks to people who know its grammar; where our readers need other words, here they are. */
function sentence(code: string, message: string): string {
  switch (code) {
    case 'MULTIPLE_DOCS':
      return 'Only one document fits in a file: remove the "---" and what follows, or put it in a file of its own.';
    case 'TAB_AS_INDENT':
      return 'YAML is indented with spaces, not with tabs.';
    case 'BLOCK_AS_IMPLICIT_KEY':
      return 'A value with a colon and a blank in it needs quotes around it.';
    case 'MULTILINE_IMPLICIT_KEY':
      return 'A colon is missing in this line, or the next one is indented too far.';
    default:
      break;
  }
  if (message === 'Implicit map keys need to be followed by map values')
    return 'A colon and a value are missing after this key.';
  return /[.!?]$/.test(message) ? message : `${message}.`;
}
