/**
 * Whether what another extension hands in is a recipe's definition, said in words for whoever wrote that extension.
 *
 * Says the first thing that is wrong, and refuses keys that mean nothing: a misspelt one would otherwise be a recipe
 * that silently does less.
 */

import { slownessOf } from '../base/slow-pattern.ts';
import { closest } from '../base/spelling.ts';
import { didYouMean } from '../faults/suggestion.ts';
import type { RecipeDefinition } from './registered.ts';

export type Checked =
  | { readonly kind: 'definition'; readonly definition: RecipeDefinition }
  | { readonly kind: 'wrong'; readonly message: string };

/** Names that `runtime` has without any extension. */
export const ownNames: readonly string[] = [
  ...['node', 'python', 'go', 'java', 'php', 'ruby'],
  ...['custom', 'generic'],
];

/** The definition as a copy of its own, so that a later change by its extension changes nothing here. */
export function checkDefinition(value: unknown): Checked {
  const wrong = definition(value, 'the definition');
  if (wrong !== undefined) return { kind: 'wrong', message: `This is no recipe: ${wrong}.` };
  // The rules below have looked at every key.
  return { kind: 'definition', definition: structuredClone(value) as RecipeDefinition };
}

/** A clause about the first thing that is wrong with a value; undefined when nothing is. */
type Rule = (value: unknown, where: string) => string | undefined;

const text: Rule = (value, where) =>
  typeof value === 'string' && value.trim() !== '' ? undefined : `${where} must be a text that is not empty`;

const list =
  (rule: Rule): Rule =>
  (value, where) => {
    if (!Array.isArray(value)) return `${where} must be a list`;
    const items: readonly unknown[] = value;
    return first(items.map((item, index) => rule(item, `${where}[${index}]`)));
  };

const texts: Rule = (value, where) => {
  if (!isMap(value)) return `${where} must be a map of names and texts`;
  return first(
    Object.entries(value).map(([key, each]) =>
      typeof each === 'string' ? undefined : `${where}.${key} must be a text`,
    ),
  );
};

/** A map with these keys; those without a question mark have to be there. */
const map =
  (rules: Readonly<Record<string, Rule>>): Rule =>
  (value, where) => {
    if (!isMap(value)) return `${where} must be a map`;
    const known = Object.keys(rules).map((key) => key.replace('?', ''));
    for (const key of Object.keys(value)) {
      if (known.includes(key)) continue;
      const near = closest(key, known);
      const means = near === undefined ? '' : ` (${didYouMean(near)})`;
      return `${where} has the key "${key}", which means nothing${means}`;
    }
    return first(
      Object.entries(rules).map(([written, rule]) => {
        const key = written.replace('?', '');
        const there = value[key];
        if (there === undefined && written.endsWith('?')) return undefined;
        return rule(there, where === 'the definition' ? `"${key}"` : `${where} "${key}"`);
      }),
    );
  };

const name: Rule = (value, where) => {
  if (typeof value !== 'string' || !/^[a-z][a-z0-9-]*$/.test(value)) {
    return `${where} must be a word of lower-case letters, digits and hyphens`;
  }
  return ownNames.includes(value) ? `${where} is "${value}", and that recipe is there already` : undefined;
};

const pattern: Rule = (value, where) => {
  const wrong = text(value, where);
  if (wrong !== undefined || typeof value !== 'string') return wrong;
  try {
    const slow = slownessOf(RegExp(value, 'u'));
    if (slow !== undefined) return `${where} cannot be used, as ${slow}`;
  } catch (error) {
    return `${where} is no regular expression: ${error instanceof Error ? error.message : String(error)}`;
  }
  return value.includes('(?<port>') ? undefined : `${where} must have a group "port": (?<port>\\d+)`;
};

const version: Rule = (value, where) =>
  typeof value === 'string' && /^\d+(\.\d+)*$/.test(value)
    ? undefined
    : `${where} must be a version such as 1.40`;

const check: Rule = (value, where) =>
  isMap(value) && 'file' in value
    ? map({ file: text, way: text })(value, where)
    : map({ program: text, 'atLeast?': version, 'versionArguments?': list(text), install: text })(
        value,
        where,
      );

const attach: Rule = (value, where) => {
  if (!isMap(value)) return `${where} must be a map`;
  return text(value['type'], `${where} "type"`) ?? plain(value, where);
};

/** What can cross the door to a running workspace. */
const plain: Rule = (value, where) => {
  if (value === null || ['string', 'boolean'].includes(typeof value) || Number.isFinite(value))
    return undefined;
  if (Array.isArray(value)) return list(plain)(value, where);
  if (!isMap(value)) return `${where} must be plain data`;
  return first(Object.entries(value).map(([key, each]) => plain(each, `${where}.${key}`)));
};

const definition = map({
  name,
  title: text,
  'programs?': list(text),
  'detects?': list(text),
  'command?': text,
  'handshake?': text,
  'env?': texts,
  'checks?': list(check),
  'build?': map({ command: text, inputs: list(text), 'outputs?': list(text) }),
  'debug?': map({
    'args?': list(text),
    'env?': texts,
    'listening?': pattern,
    attach,
    'extension?': text,
  }),
});

function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function first(wrongs: readonly (string | undefined)[]): string | undefined {
  return wrongs.find((each) => each !== undefined);
}
