/** The generated pages say what the code says, and what they say is so. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { generated, outdated } from '../../src/build/docs.ts';
import { jsonSchema } from '../../src/build/json-schema.ts';
import { configShape, serviceShape } from '../../src/config/schema.ts';
import { formsOf } from '../../src/config/schema/forms.ts';
import type { Shape } from '../../src/config/schema/parts.ts';
import { catalogue } from '../../src/faults/catalogue.ts';

test('the committed pages are what the generator writes (else: node src/build/docs.ts)', () => {
  assert.deepEqual(outdated(), []);
});

test('every key and every fault is on its page', () => {
  const { 'docs/options.md': options = '', 'docs/faults.md': faults = '' } = generated();
  const keys = [configShape, serviceShape].flatMap((shape) => Object.keys(shape.properties ?? {}));
  assert.deepEqual(
    keys.filter((key) => !options.includes(`| \`${key}\` |`)),
    [],
  );
  assert.deepEqual(
    Object.keys(catalogue).filter((code) => !faults.includes(`| \`${code}\` |`)),
    [],
  );
});

/** Every key with its shape, maps below keys included. */
function keysOf(shape: Shape, path: string): readonly (readonly [string, Shape])[] {
  return formsOf(shape).flatMap((form) =>
    [
      ...Object.entries(form.properties ?? {}),
      ...(typeof form.additionalProperties === 'object' ? [['*', form.additionalProperties] as const] : []),
    ].flatMap(([key, value]) => [[`${path}.${key}`, value] as const, ...keysOf(value, `${path}.${key}`)]),
  );
}

test('every key has a sentence that says what it does', () => {
  const silent = keysOf(configShape, '')
    .filter(([path, { description }]) => !path.endsWith('*') && !/^[A-Z][^\n]*\.$/.test(description ?? ''))
    .map(([path]) => path);
  assert.deepEqual(silent, []);
});

test('the schema for others has no words of our own', () => {
  assert.doesNotMatch(JSON.stringify(jsonSchema()), /"(?:x-|~)/);
});
