/** The language the schema is written in: JSON schema with a few words of our own, and its small change. */

// By name, not through `Type`: so a bundle holds only these (7 KB instead of 75).
import {
  Array as List,
  Boolean as Truth,
  Enum,
  Integer,
  Number as Num,
  type Static,
  String as Text,
  type TSchema,
  Union,
  Unsafe,
} from 'typebox';
import { durationPattern, sizePattern } from '../units.ts';

/** How the rest of the house reads the schema: JSON schema, and what we add to it. */
export interface Shape {
  readonly type?: 'string' | 'number' | 'integer' | 'boolean' | 'array' | 'object';
  readonly description?: string;
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly enum?: readonly (string | number)[];
  readonly enumDescriptions?: readonly string[];
  readonly anyOf?: readonly Shape[];
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Shape;
  readonly items?: Shape;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly pattern?: string;
  readonly minLength?: number;
  /** What the value is, in words that fit after "takes". */
  readonly 'x-takes'?: string;
  /** What people write who come from elsewhere → the word we have for it; of a map, its keys. */
  readonly 'x-also'?: Readonly<Record<string, string>>;
  /** It names services of this file. */
  readonly 'x-names'?: 'service';
  /** Whatever is written is taken as the text it is, numbers too. */
  readonly 'x-text'?: true;
  /** What an empty value stands for. */
  readonly 'x-blank'?: string;
}

export const closed = { additionalProperties: false };
export const map = <T extends TSchema>(values: T, options: object) =>
  Unsafe<Record<string, Static<T>>>({ type: 'object', additionalProperties: values, ...options });

/** The ways a duration is written, for what may also be something else. */
export const durationForms = [Num({ minimum: 0 }), Text({ pattern: durationPattern })] as const;
export const duration = (options: object) =>
  Union([...durationForms], {
    'x-takes': 'a duration such as 250ms, 5s or 2m, or a number of seconds',
    ...options,
  });
export const size = (options: object) =>
  Union([Integer({ minimum: 0 }), Text({ pattern: sizePattern })], {
    'x-takes': 'a size such as 512KB or 10MB, or a number of bytes',
    ...options,
  });
export const port = (options: object) =>
  Union([Integer({ minimum: 1, maximum: 65_535 }), Enum(['auto'])], {
    'x-takes': 'a port from 1 to 65535, or auto',
    ...options,
  });
/** A text that may look like a number or a boolean without quotes; it is taken as written. */
const word = (options: object = {}) =>
  Union([Text(), Num(), Truth()], { 'x-takes': 'a text', 'x-text': true, ...options });

export const command = (options: object) =>
  Union([Text({ minLength: 1 }), List(word())], { 'x-takes': 'a text or a list of words', ...options });

export const environment = (description: string) =>
  map(word({ 'x-blank': '' }), {
    'x-takes': 'a map of names and texts',
    description,
    examples: [{ LOG_LEVEL: 'debug' }],
  });

/** A schema as the plain JSON it is. */
export function shapeOf(schema: TSchema): Shape {
  return schema;
}
