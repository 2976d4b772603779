import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/load.ts';
import { configShape } from '../../src/config/schema.ts';
import type { Config } from '../../src/config/spec.ts';

const whole = `version: 1
env: { A: "1" }
frontDoor: { port: 8000, routes: { /api: api }, dispatch: d.yaml, allowedHosts: ['*.a'] }
api: { command: store, quit: /bye }
backends: { app: web, file: b.yaml, minPort: 9000 }
services:
  web: { command: y, profile: appengine, scaling: basic, appengine: { handlers: [{ url: /.*, script: a }] } }
  api: &api
    command: node server.js --port \${PORT} '\${A:-x}'
    env:
      B: \${A}
    dependsOn: [db]
    ready: { http: /up, interval: 1s }
    logFile: |
      a.log
  db: { <<: *api, command: [x, 1], restart: no }
`;

/** What a file that is named may hold, in one of several formats. */
const beside = `backends:
- { name: a, instances: 2, options: 'failfast, public' }
- { name: b, class: B1 }
dispatch:
- { url: '*/a', service: api }
- { url: 'b.c/*', module: web }
`;

const keys = [
  ...Object.keys(configShape.properties ?? {}),
  ...Object.keys(serviceKeys()),
  'api',
  'db',
  '<<',
  '1',
];
const bits = [
  ...keys,
  ':',
  ': ',
  '\n',
  '\n  ',
  '\n    ',
  '- ',
  '{',
  '}',
  '[',
  ']',
  ',',
  '"',
  "'",
  '|',
  '>',
  '&a ',
  '*a',
  '!!int ',
  '? ',
  '#',
  '\t',
  '\r\n',
  '\0',
  '${',
  '}',
  '${A}',
  '$$',
  '---\n',
  '%',
  '@',
  '\uFEFF',
  '😀',
  '1',
  '1s',
  'true',
  'null',
  '~',
  '__proto__',
  'constructor',
];

function serviceKeys(): object {
  const services = configShape.properties?.['services']?.additionalProperties;
  return typeof services === 'object' ? (services.properties ?? {}) : {};
}

const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 300 }),
  fc.array(fc.constantFrom(...bits), { maxLength: 60 }).map((parts) => parts.join('')),
  ...onItsWay(whole),
);
const besides = fc.oneof(texts, ...onItsWay(beside));

/** The ways a text is on its way from one whole config to another. */
function onItsWay(text: string): fc.Arbitrary<string>[] {
  return [
    fc.nat(text.length).map((end) => text.slice(0, end)),
    fc
      .tuple(fc.nat(text.length), fc.nat(20), fc.constantFrom(...bits))
      .map(([at, length, bit]) => text.slice(0, at) + bit + text.slice(at + length)),
  ];
}

function pathOf(index: number): string {
  return `/w/${index}.yaml`;
}

function load(texts_: readonly string[], content?: string): Config {
  const files = texts_.map((text, index) => ({ path: pathOf(index), text }));
  return loadConfig({ folder: '/w', files, environment: { A: 'a' }, readFile: () => content });
}

/** Places outside their file, or that end before they begin. */
function misplaced(config: Config, contents: readonly string[], other = ''): readonly unknown[] {
  return config.problems.filter((each) => {
    if (!config.files.includes(each.file)) return true;
    // An app.yaml among them comes first, whatever its place.
    const at = contents.findIndex((_, index) => each.file === pathOf(index));
    const lines = (at === -1 ? other : contents[at])?.split('\n');
    const first = lines?.[each.line - 1];
    const last = lines?.[each.endLine - 1];
    if (first === undefined || last === undefined) return true;
    const inside =
      each.column >= 1 &&
      each.column <= first.length + 1 &&
      each.endColumn >= 1 &&
      each.endColumn <= last.length + 1;
    const ordered = each.endLine > each.line || (each.endLine === each.line && each.endColumn >= each.column);
    return !inside || !ordered;
  });
}

test('whatever the texts, there is an answer, and every problem lies within its file', () => {
  fc.assert(
    fc.property(
      fc.array(texts, { minLength: 1, maxLength: 3 }),
      fc.option(besides, { nil: undefined }),
      (contents, other) => {
        const config = load(contents, other);
        assert.deepEqual(misplaced(config, contents, other), []);
        for (const service of config.services) {
          assert.ok(
            service.command.length > 0 && service.command[0] !== '',
            'a service that is given can be run',
          );
          assert.ok(service.cwd.startsWith('/'));
        }
      },
    ),
    { numRuns: 1000 },
  );
});

test('nesting without end is a problem, not a crash', () => {
  for (const text of ['['.repeat(20_000), 'a: '.repeat(5000), '- '.repeat(20_000), '{a: '.repeat(9000)]) {
    assert.ok(load([text]).problems.some(({ code }) => code === 'yaml-syntax'));
  }
});

test('a file that multiplies itself by aliases is given up, soon', () => {
  const levels = Array.from(
    { length: 30 },
    (_, level) => `  k${level + 1}: &a${level + 1} [*a${level}, *a${level}, *a${level}, *a${level}]`,
  );
  const config = load([`env:\n  k0: &a0 x\n${levels.join('\n')}\nservices: { api: { command: x } }\n`]);
  assert.ok(config.problems.some(({ code }) => code === 'yaml-syntax'));
  assert.deepEqual(
    config.services.map(({ name }) => name),
    ['api'],
  );
});
