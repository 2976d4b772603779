/**
 * Holds a tree against the schema: gives the values that are sound, and a problem at its place for each that is not.
 *
 * Written by hand, since a person needs to hear "port takes a port from 1 to 65535, not the text "80a"" at the
 * letters they typed, and a general validator knows neither the words nor the place. It knows the schema's language
 * and none of our keys.
 */

import type { Static, TSchema } from 'typebox';
import { closest } from '../base/spelling.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { didYouMean } from '../faults/suggestion.ts';
import { type Shape, shapeOf } from './schema/parts.ts';
import {
  type At,
  isBlank,
  kindInWords,
  type ListTree,
  type MapTree,
  type ScalarTree,
  type Tree,
} from './tree.ts';

export interface CheckContext {
  /** The key as shown in a message: `port`, `ready.interval`. */
  readonly key: string;
  /** Where that key stands. */
  readonly keyAt: At;
  /** Collects what is wrong. */
  readonly problems: Problem[];
  /** What an unknown key is no key of. */
  readonly where: string;
  /** What lacks a key that must be there. */
  readonly owner: string;
}

/** What is left of a value when its unsound parts are taken out: any key of a map may be missing. */
export type Sound<T> = T extends readonly unknown[] ? T : T extends object ? Partial<T> : T;

/** The sound part of a value, or undefined. Maps and lists lose what is unsound in them and keep the rest. */
export function check<T extends TSchema>(
  schema: T,
  tree: Tree,
  context: CheckContext,
): Sound<Static<T>> | undefined;
export function check(schema: TSchema, tree: Tree, context: CheckContext): unknown {
  return checkShape(shapeOf(schema), tree, context);
}

function checkShape(shape: Shape, tree: Tree, context: CheckContext): unknown {
  const branches = shape.anyOf ?? [shape];
  if (isBlank(tree) && branches.every((branch) => branch.type === 'object' || branch.type === 'array'))
    return undefined;
  switch (tree.kind) {
    case 'map': {
      const branch = branches.find((each) => each.type === 'object' || isOpen(each));
      return branch === undefined ? wrongType(shape, tree, context) : checkMap(branch, tree, context);
    }
    case 'list': {
      const branch = branches.find((each) => each.type === 'array' || isOpen(each));
      return branch === undefined ? wrongType(shape, tree, context) : checkList(branch, tree, context);
    }
    case 'scalar':
      return checkScalar(shape, branches, tree, context);
  }
}

/** A shape that takes anything. */
function isOpen(shape: Shape): boolean {
  return shape.type === undefined && shape.enum === undefined && shape.anyOf === undefined;
}

function checkMap(shape: Shape, tree: MapTree, context: CheckContext): Record<string, unknown> {
  const { properties } = shape;
  const others = typeof shape.additionalProperties === 'object' ? shape.additionalProperties : {};
  const result: [string, unknown][] = [];
  for (const [key, entry] of tree.entries) {
    const known =
      properties === undefined ? others : Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (known === undefined) {
      const also = shape['x-also']?.[key];
      context.problems.push(
        also === undefined
          ? unknownKey(key, entry.key, context.where, Object.keys(properties ?? {}))
          : problem('unknown-key', entry.key, { key, where: context.where, suggestion: also }),
      );
      continue;
    }
    const path = context.key === '' ? key : `${context.key}.${key}`;
    const value = checkShape(known, entry.value, {
      ...context,
      key: path,
      keyAt: entry.key,
      where: `"${path}"`,
      owner: `"${path}"`,
    });
    if (value !== undefined) result.push([key, value]);
  }
  for (const key of shape.required ?? []) {
    if (tree.entries.has(key)) continue;
    context.problems.push(
      problem('missing-key', context.keyAt, {
        key,
        where: context.owner,
        example: exampleOf(key, properties?.[key]),
      }),
    );
  }
  return Object.fromEntries(result);
}

export function unknownKey(key: string, at: At, where: string, known: readonly string[]): Problem {
  return problem('unknown-key', at, { key, where, suggestion: closest(key, known) });
}

function checkList(shape: Shape, tree: ListTree, context: CheckContext): unknown[] {
  return tree.items.flatMap((item) => {
    const value = checkShape(shape.items ?? {}, item, { ...context, keyAt: item.at });
    return value === undefined ? [] : [value];
  });
}

function checkScalar(
  shape: Shape,
  branches: readonly Shape[],
  tree: ScalarTree,
  context: CheckContext,
): unknown {
  if (tree.value === null) {
    if (shape['x-blank'] !== undefined) return shape['x-blank'];
    return branches.some(isOpen) ? null : wrongType(shape, tree, context);
  }
  for (const branch of branches) {
    if (!takes(branch, tree.value)) continue;
    return shape['x-text'] === true ? tree.text : tree.value;
  }
  const also = branches.map((branch) => branch['x-also']?.[tree.text]).find((each) => each !== undefined);
  const words = branches.flatMap((branch) => branch.enum ?? []).map(String);
  // The right kind of value, but not this one: tell what is wrong with it.
  const near = branches.find(
    (branch) =>
      branch.type === typeof tree.value || (branch.type === 'integer' && typeof tree.value === 'number'),
  );
  const onlyWords = words.length > 0 && branches.every((branch) => branch.enum !== undefined);
  if (near === undefined && !onlyWords && also === undefined && typeof tree.value !== 'string')
    return wrongType(shape, tree, context);
  if (near === undefined && words.length === 0) return wrongType(shape, tree, context);
  const suggestion = also ?? closest(tree.text, words);
  context.problems.push(
    problem('bad-value', tree.at, {
      key: context.key,
      reason: reasonAgainst(shape, near, words, tree),
      hint: suggestion === undefined ? undefined : didYouMean(suggestion),
    }),
  );
  return undefined;
}

function takes(shape: Shape, value: string | number | boolean): boolean {
  if (shape.enum !== undefined) return shape.enum.some((each) => each === value);
  if (isOpen(shape)) return true;
  switch (typeof value) {
    case 'string':
      return (
        shape.type === 'string' &&
        value.length >= (shape.minLength ?? 0) &&
        (shape.pattern === undefined || new RegExp(shape.pattern).test(value))
      );
    case 'boolean':
      return shape.type === 'boolean';
    default:
      if (shape.type !== 'number' && (shape.type !== 'integer' || !Number.isSafeInteger(value))) return false;
      return (
        Number.isFinite(value) &&
        value >= (shape.minimum ?? -Infinity) &&
        value <= (shape.maximum ?? Infinity)
      );
  }
}

function reasonAgainst(
  shape: Shape,
  near: Shape | undefined,
  words: readonly string[],
  tree: ScalarTree,
): string {
  const found = typeof tree.value === 'string' && tree.value.length > 60 ? 'this' : `"${tree.text}"`;
  if (tree.value === '') return 'must not be empty';
  if (shape['x-takes'] !== undefined) return `${found} is not ${shape['x-takes']}`;
  if (words.length === 1 && near === undefined) return `${found} is not ${words[0] ?? ''}`;
  if (near === undefined || words.length > 0) return `${found} is not one of ${words.join(', ')}`;
  if (near.type === 'integer' && !Number.isInteger(tree.value)) return `${found} is not a whole number`;
  const { minimum, maximum } = near;
  if (minimum !== undefined && maximum !== undefined)
    return `${found} is not between ${minimum} and ${maximum}`;
  return minimum === undefined ? `${found} is too large` : `${found} is less than ${minimum}`;
}

function wrongType(shape: Shape, tree: Tree, context: CheckContext): undefined {
  const truth =
    shape.type === 'boolean' && tree.kind === 'scalar' ? truths[tree.text.toLowerCase()] : undefined;
  context.problems.push(
    problem('wrong-type', tree.at, {
      key: context.key,
      expected: takesInWords(shape),
      found: kindInWords(tree),
      hint: truth === undefined ? undefined : didYouMean(truth),
    }),
  );
}

const truths: Readonly<Record<string, string>> = {
  yes: 'true',
  on: 'true',
  '1': 'true',
  no: 'false',
  off: 'false',
  '0': 'false',
  true: 'true',
  false: 'false',
};

/** What a key takes, in words that fit after "takes". */
export function takesInWords(shape: Shape): string {
  if (shape['x-takes'] !== undefined) return shape['x-takes'];
  if (shape.enum !== undefined)
    return shape.enum.length === 1 ? String(shape.enum[0]) : `one of ${shape.enum.join(', ')}`;
  switch (shape.type) {
    case 'boolean':
      return 'true or false';
    case 'integer':
      return 'a whole number';
    case 'number':
      return 'a number';
    case 'array':
      return 'a list';
    case 'object':
      return 'a map';
    case 'string':
      return 'a text';
    default:
      return shape.anyOf === undefined ? 'anything' : shape.anyOf.map(takesInWords).join(', or ');
  }
}

function exampleOf(key: string, shape: Shape | undefined): string {
  const example = shape?.examples?.[0];
  return `${key}: ${typeof example === 'string' ? example : JSON.stringify(example ?? '')}`;
}
