/** The kinds of values that an `app.yaml` writes in its own ways. */

import {
  Array as List,
  Boolean as Truth,
  Enum,
  Integer,
  Number as Num,
  String as Text,
  Union,
} from 'typebox';
import { map } from '../../schema/parts.ts';

/** A text that YAML may have taken for a number: `version: 1`, `api_version: 1`. */
export const word = (options: object) =>
  Union([Text({ minLength: 1 }), Num(), Truth()], { 'x-takes': 'a text', 'x-text': true, ...options });
/** `10m`, `500ms`, `0.25s`, a number of seconds, or App Engine's own choice. */
export const latency = (options: object) =>
  Union([Num({ minimum: 0 }), Text({ pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$' }), Enum(['automatic'])], {
    'x-takes': 'a duration such as 30ms or 5s, or automatic',
    ...options,
  });
export const count = (options: object) =>
  Union([Integer({ minimum: 0 }), Enum(['automatic'])], {
    'x-takes': 'a number of instances, or automatic',
    ...options,
  });
/** One regular expression or several. */
export const patterns = (options: object) =>
  Union([Text({ minLength: 1 }), List(Text())], {
    'x-takes': 'a regular expression or a list of them',
    ...options,
  });
/** Something with keys of its own that mean nothing here. */
export const anyMap = (options: object) => map({}, { 'x-takes': 'a map', ...options });
