/** The schema as other editors and tools can use it: without our own words, open to what is filled in later. */

import { configShape } from '../config/schema.ts';
import type { Shape } from '../config/schema/parts.ts';

type Json = Readonly<Record<string, unknown>>;

/** A text in which something is filled in may become a number or a word, which only the loader can tell. */
const filledIn = { type: 'string', pattern: '\\$\\{' };

export function jsonSchema(): Json {
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'runtimes.yaml',
    $comment: 'Generated from src/config/schema.ts by src/build/docs.ts. Do not edit.',
    ...translate(configShape),
  };
}

function translate(shape: Shape): Json {
  const {
    description,
    default: standard,
    examples,
    ...rest
  } = Object.fromEntries(
    Object.entries(shape).filter(([word]) => !word.startsWith('x-') && !word.startsWith('~')),
  );
  const said = Object.fromEntries(
    Object.entries({ description, default: standard, examples }).filter(([, value]) => value !== undefined),
  );
  const body = {
    ...rest,
    ...(shape.properties === undefined ? {} : { properties: mapValues(shape.properties) }),
    ...(typeof shape.additionalProperties === 'object'
      ? { additionalProperties: translate(shape.additionalProperties) }
      : {}),
    ...(shape.items === undefined ? {} : { items: translate(shape.items) }),
    ...(shape.anyOf === undefined ? {} : { anyOf: shape.anyOf.map(bare) }),
  };
  if (shape['x-blank'] !== undefined)
    return { ...said, anyOf: [...(shape.anyOf ?? []).map(bare), { type: 'null' }] };
  if (!isNarrow(shape)) return { ...said, ...body };
  return { ...said, anyOf: [...(shape.anyOf?.map(bare) ?? [body]), filledIn] };
}

function mapValues(properties: Readonly<Record<string, Shape>>): Json {
  return Object.fromEntries(Object.entries(properties).map(([key, shape]) => [key, translate(shape)]));
}

/** A form among others; the whole is opened, not each. */
function bare(shape: Shape): Json {
  if (shape.type === 'object' || shape.type === 'array') return translate(shape);
  return Object.fromEntries(
    Object.entries(shape).filter(([word]) => !word.startsWith('x-') && !word.startsWith('~')),
  );
}

/** Takes single values, and not every text. Names of services are never filled in. */
function isNarrow(shape: Shape): boolean {
  const forms = shape.anyOf ?? [shape];
  const single = forms.filter(
    (form) =>
      form.enum !== undefined || (form.type !== undefined && form.type !== 'object' && form.type !== 'array'),
  );
  return single.length > 0 && !single.some((form) => form.type === 'string' && form.pattern === undefined);
}
