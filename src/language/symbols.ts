/** The outline of the file: its sections, services and their keys. */

import { parse } from '../config/parse.ts';
import { type At, child, type Entry } from '../config/tree.ts';

export interface Outline {
  readonly name: string;
  readonly kind: 'section' | 'service' | 'key';
  /** A value that fits in a line. */
  readonly detail: string;
  /** From the key to the end of its value. */
  readonly at: At;
  /** The key alone. */
  readonly nameAt: At;
  readonly children: readonly Outline[];
}

export function outlineOf(text: string): readonly Outline[] {
  const { tree } = parse('', text);
  if (tree?.kind !== 'map') return [];
  return [...tree.entries].map(([name, entry]) =>
    outline(name, entry, 'section', name === 'services' ? 2 : 1),
  );
}

function outline(name: string, entry: Entry, kind: Outline['kind'], depth: number): Outline {
  const { key, value } = entry;
  const below = depth > 0 && value.kind === 'map' ? [...value.entries] : [];
  const childKind = depth === 2 ? 'service' : 'key';
  const children = below.map(([each, inner]) => outline(each, inner, childKind, depth - 1));
  const command = child(value, 'command');
  const shown =
    value.kind === 'scalar'
      ? value.text
      : kind === 'service' && command?.kind === 'scalar'
        ? command.text
        : '';
  const [detail = ''] = shown.split('\n', 1);
  return { name, kind, detail, at: spanning(key, value.at, children), nameAt: key, children };
}

/** What is merged in from elsewhere stands before the key and does not count. */
function spanning(key: At, value: At, children: readonly Outline[]): At {
  const ends = [key, value, ...children.map((each) => each.at)].filter((each) => each.line >= key.line);
  const last = ends.reduce((a, b) =>
    b.endLine > a.endLine || (b.endLine === a.endLine && b.endColumn > a.endColumn) ? b : a,
  );
  return { ...key, endLine: last.endLine, endColumn: last.endColumn };
}
