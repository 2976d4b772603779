import assert from 'node:assert/strict';
import { test } from 'node:test';
import { checkDefinition, ownNames } from '../../src/config/definition.ts';
import type { RecipeDefinition } from '../../src/config/registered.ts';
import { recipeNames } from '../../src/config/schema/runtime.ts';

const whole: RecipeDefinition = {
  name: 'deno',
  title: 'Deno',
  programs: ['deno'],
  detects: ['deno.json'],
  command: 'deno run --allow-net main.ts --port {port}',
  handshake: 'port',
  env: { NO_COLOR: '1' },
  checks: [
    { program: 'deno', atLeast: '1.40', versionArguments: ['--version'], install: 'Install Deno.' },
    { file: 'main.ts', way: 'Write one.' },
  ],
  build: { command: 'deno cache main.ts', inputs: ['**/*.ts'], outputs: ['out'] },
  debug: {
    args: ['--inspect=127.0.0.1:{port}'],
    env: { X: '' },
    listening: String.raw`ws://(?<host>[^:]+):(?<port>\d+)/`,
    attach: { type: 'pwa-node', port: '{port}', skipFiles: ['**/x'], restart: false, more: { n: 1 } },
    extension: 'denoland.vscode-deno',
  },
};

const wrong = (value: unknown): string => {
  const checked = checkDefinition(value);
  return checked.kind === 'wrong' ? checked.message : 'a definition';
};

test('a definition is taken as a copy of its own', () => {
  const checked = checkDefinition(whole);
  assert.equal(checked.kind, 'definition');
  if (checked.kind !== 'definition') return;
  assert.deepEqual(checked.definition, whole);
  assert.notEqual(checked.definition, whole);
  assert.equal(wrong({ name: 'deno', title: 'Deno' }), 'a definition');
});

test('what is wrong with a definition is said in words', () => {
  const cases: readonly (readonly [unknown, string])[] = [
    [undefined, 'the definition must be a map'],
    ['deno', 'the definition must be a map'],
    [{ title: 'Deno' }, '"name" must be a word of lower-case letters, digits and hyphens'],
    [{ ...whole, name: 'Deno 2' }, '"name" must be a word of lower-case letters, digits and hyphens'],
    [{ ...whole, name: 'python' }, '"name" is "python", and that recipe is there already'],
    [{ name: 'deno' }, '"title" must be a text that is not empty'],
    [
      { ...whole, comand: 'x' },
      'the definition has the key "comand", which means nothing (Did you mean "command"?)',
    ],
    [{ ...whole, command: ['deno'] }, '"command" must be a text that is not empty'],
    [{ ...whole, programs: 'deno' }, '"programs" must be a list'],
    [{ ...whole, programs: ['deno', 7] }, '"programs"[1] must be a text that is not empty'],
    [{ ...whole, env: { PORT: 1 } }, '"env".PORT must be a text'],
    [{ ...whole, checks: [{ program: 'deno' }] }, '"checks"[0] "install" must be a text that is not empty'],
    [
      { ...whole, checks: [{ program: 'deno', atLeast: 'new', install: 'x' }] },
      '"checks"[0] "atLeast" must be a version such as 1.40',
    ],
    [{ ...whole, checks: [{ file: 'a' }] }, '"checks"[0] "way" must be a text that is not empty'],
    [{ ...whole, build: { command: 'x' } }, '"build" "inputs" must be a list'],
    [{ ...whole, debug: {} }, '"debug" "attach" must be a map'],
    [{ ...whole, debug: { attach: {} } }, '"debug" "attach" "type" must be a text that is not empty'],
    [{ ...whole, debug: { attach: { type: 'x', on: () => 1 } } }, '"debug" "attach".on must be plain data'],
    [
      { ...whole, debug: { attach: { type: 'x' }, listening: 'port' } },
      String.raw`"debug" "listening" must have a group "port": (?<port>\d+)`,
    ],
  ];
  assert.deepEqual(
    cases.map(([value]) => wrong(value)),
    cases.map(([, clause]) => `This is no recipe: ${clause}.`),
  );
  assert.match(
    wrong({ ...whole, debug: { attach: { type: 'x' }, listening: '(' } }),
    /"listening" is no regular expression/,
  );
  assert.match(
    wrong({ ...whole, debug: { attach: { type: 'x' }, listening: String.raw`(\w+\s?)*:(?<port>\d+)` } }),
    /"listening" cannot be used, as it can read one text in so many ways/,
  );
});

test('no recipe of ours can be taken the name of', () => {
  assert.deepEqual([...ownNames].toSorted(), [...recipeNames].toSorted());
});
