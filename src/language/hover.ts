/** What a person reads when resting on a key or a word. */

import { parse } from '../config/parse.ts';
import { formsOf, wordsOf } from '../config/schema/forms.ts';
import type { Shape } from '../config/schema/parts.ts';
import { child, type At } from '../config/tree.ts';
import { hitAt } from './lookup.ts';
import { documentation, shapeAt } from './shapes.ts';

export interface Hover {
  /** Markdown. */
  readonly text: string;
  readonly at: At;
}

/** @param file What may stand in it. */
export function hoverAt(text: string, offset: number, file?: Shape): Hover | undefined {
  const { tree } = parse('', text);
  const hit = tree && hitAt(tree, text, offset);
  if (tree === undefined || hit === undefined) return undefined;
  const shape = shapeAt(hit.path, file);
  if (shape === undefined) return undefined;
  const { at } = hit;
  if (hit.role === 'key') {
    const holder = shapeAt(hit.path.slice(0, -1), file);
    const isName =
      holder !== undefined &&
      formsOf(holder).some(
        (form) => form.properties !== undefined && Object.hasOwn(form.properties, hit.text),
      );
    if (isName) return { text: `**${hit.text}**\n\n${documentation(shape)}`, at };
    return named(hit.path[0] === 'services' && hit.path.length === 2);
  }
  if (formsOf(shape).some((form) => form['x-names'] === 'service')) return named(true);
  const word = wordsOf(shape).find((each) => each.word === hit.text);
  if (word?.does === undefined) return undefined;
  return { text: `\`${hit.text}\`: ${word.does}`, at };

  /** A service by its name, with what it runs. */
  function named(isService: boolean): Hover | undefined {
    const service = child(child(tree, 'services'), hit?.text ?? '');
    const command = child(service, 'command');
    if (!isService || service === undefined) return undefined;
    const runs =
      command?.kind === 'scalar'
        ? command.text
        : command?.kind === 'list'
          ? command.items.map((item) => (item.kind === 'scalar' ? item.text : '')).join(' ')
          : '';
    return { text: `**${hit?.text ?? ''}**, a service${runs === '' ? '' : `: \`${runs}\``}`, at };
  }
}
