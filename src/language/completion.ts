/** What could be typed at the cursor. Knows the schema and the names in the file; nothing of editors. */

import { parse } from '../config/parse.ts';
import type { RecipeDefinition } from '../config/registered.ts';
import type { Shape } from '../config/schema/parts.ts';
import { asWritten, formsOf, wordsOf } from '../config/schema/forms.ts';
import { apiServerName } from '../config/api-server.ts';
import { child, isBlank } from '../config/tree.ts';
import { type Cursor, cursorAt } from './cursor.ts';
import { refusedBeside } from './refused.ts';
import { documentation, shapeAt } from './shapes.ts';

export interface Completion {
  readonly label: string;
  readonly kind: 'key' | 'word' | 'service' | 'snippet';
  /** A snippet (`$0`, `${1:name}`), with line breaks indented relative to its line. */
  readonly insert: string;
  /** Offsets of what it replaces. */
  readonly start: number;
  readonly end: number;
  /** Markdown. */
  readonly documentation: string;
  /** Without it there would be a problem. */
  readonly required: boolean;
  /** A choice follows: offer it at once. */
  readonly again: boolean;
}

/** `recipes`: those of other extensions, which `runtime` may name; `file`: what may stand in it. */
export function completionsAt(
  text: string,
  offset: number,
  recipes: readonly RecipeDefinition[] = [],
  file?: Shape,
): readonly Completion[] {
  const cursor = cursorAt(text, offset);
  const shape = cursor && shapeAt(cursor.path, file);
  if (cursor === undefined || shape === undefined) return [];
  const names = serviceNames(text, cursor);
  const forms = formsOf(shape);
  const offers =
    cursor.role === 'value'
      ? [...recipesAt(cursor, recipes), ...valuesOf(shape, cursor, names)]
      : [
          ...forms.flatMap((form) => keysOf(form, cursor, names)),
          // Below a key that takes a list, a line may begin an item; behind a dash it is one.
          ...(cursor.dashed ? valuesOf(shape, cursor, names) : itemsOf(forms, cursor, names)),
        ];
  const unique = new Map(
    offers.map((offer) => [offer.label, { ...offer, start: cursor.start, end: cursor.end }]),
  );
  return [...unique.values()];
}

function recipesAt({ path }: Cursor, recipes: readonly RecipeDefinition[]): readonly Offer[] {
  if (!/^(?:services,[^,]*|api),runtime$/.test(path.join(','))) return [];
  return recipes.map(({ name, title }) => ({ ...plain, label: name, insert: name, documentation: title }));
}

type Offer = Omit<Completion, 'start' | 'end'>;
const plain = { kind: 'word', documentation: '', required: false, again: false } as const;

/** The services of the file, and those that follow from it, but the one in which the cursor stands. */
function serviceNames(text: string, cursor: Cursor): readonly string[] {
  const { tree } = parse('', text);
  const services = child(tree, 'services');
  const backends = child(child(tree, 'backends'), 'list');
  const names = [
    ...(services?.kind === 'map' ? services.entries.keys() : []),
    ...(backends?.kind === 'list' ? backends.items : []).flatMap((item) => {
      const name = child(item, 'name');
      return name?.kind === 'scalar' && !isBlank(name) ? [name.text] : [];
    }),
    ...(isBlank(child(tree, 'api')) ? [] : [apiServerName]),
  ];
  const own = cursor.path[0] === 'services' ? cursor.path[1] : undefined;
  return names.filter((name) => name !== own);
}

function keysOf(form: Shape, cursor: Cursor, names: readonly string[]): readonly Offer[] {
  const { properties, additionalProperties } = form;
  if (properties !== undefined) {
    const refused = refusedBeside(cursor.path, cursor.siblings);
    return Object.entries(properties)
      .filter(([key]) => !cursor.siblings.has(key) && !refused.has(key))
      .map(([key, shape]): Offer => {
        const words = wordsOf(shape).length > 0 || takesNames(shape);
        const insert = cursor.hasColon ? key : `${key}:${afterColon(shape, cursor)}`;
        return {
          label: key,
          kind: 'key',
          insert,
          documentation: documentation(shape),
          required: form.required?.includes(key) ?? false,
          again: words && !cursor.hasColon,
        };
      });
  }
  if (typeof additionalProperties !== 'object') return [];
  if (form['x-names'] === 'service') {
    return names
      .filter((name) => !cursor.siblings.has(name))
      .map((name) => ({
        ...plain,
        label: name,
        kind: 'service',
        insert: cursor.hasColon ? name : `${name}: $0`,
        again: !cursor.hasColon,
      }));
  }
  if (additionalProperties.properties?.['command'] === undefined || cursor.hasColon) return [];
  return [
    {
      ...plain,
      label: 'new service',
      kind: 'snippet',
      insert: newService(cursor),
      documentation: 'A service and the command that runs it.',
    },
  ];
}

function newService(cursor: Cursor): string {
  return cursor.beginsLine
    ? '${1:name}:\n  command: ${2:node server.js --port {port\\}}'
    : '${1:name}: { command: ${2:node server.js} }';
}

/** What stands behind the colon of a key: the beginning of the only form its value can have, else a blank. */
function afterColon(shape: Shape, cursor: Cursor): string {
  const kinds = new Set(
    formsOf(shape).flatMap((form) => form.type ?? (form.enum === undefined ? [] : 'string')),
  );
  if (kinds.size !== 1) return ' $0';
  if (kinds.has('object')) return cursor.beginsLine ? '\n  $0' : ' { $0 }';
  return kinds.has('array') ? ' [$0]' : ' $0';
}

function takesNames(shape: Shape): boolean {
  return formsOf(shape).some(
    (form) => form['x-names'] !== undefined || form.items?.['x-names'] !== undefined,
  );
}

function valuesOf(shape: Shape, cursor: Cursor, names: readonly string[]): readonly Offer[] {
  const forms = formsOf(shape);
  const offers: Offer[] = wordsOf(shape).map(({ word, does = '' }) => ({
    ...plain,
    label: word,
    insert: word,
    documentation: does,
  }));
  for (const form of forms) {
    // As the single value, a list of names is one in brackets; as an item of it, the name alone.
    if (form['x-names'] === 'service' && form.type === 'string')
      offers.push(...names.map((name) => service(name, name)));
    if (form.items?.['x-names'] === 'service')
      offers.push(...names.map((name) => service(name, `[${name}$0]`)));
  }
  if (cursor.dashed) return offers;
  // Where a service is meant, those that are there say more than an example.
  const examples = shape['x-names'] === undefined ? (shape.examples ?? []) : [];
  for (const value of [shape.default, ...examples]) {
    if (value === undefined || offers.some(({ label }) => label === asWritten(value))) continue;
    const label = asWritten(value);
    offers.push({
      ...plain,
      label,
      kind: 'snippet',
      insert: escaped(label),
      documentation: value === shape.default ? 'The default.' : 'An example.',
    });
  }
  return offers;
}

function itemsOf(forms: readonly Shape[], cursor: Cursor, names: readonly string[]): readonly Offer[] {
  if (!cursor.beginsLine || cursor.siblings.size > 0) return [];
  return forms.some((form) => form.items?.['x-names'] === 'service')
    ? names.map((name) => service(`- ${name}`, `- ${name}`))
    : [];
}

function service(label: string, insert: string): Offer {
  return { ...plain, label, kind: 'service', insert };
}

/** A text that is to stand in a snippet as it is. */
function escaped(text: string): string {
  return text.replaceAll(/[$}\\]/g, '\\$&');
}
