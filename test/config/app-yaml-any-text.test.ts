/** Whatever stands in the files of a project, reading it ends, throws nothing and leaves services that make sense. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { runtimeNames } from '../../src/config/formats/appengine/runtimes.ts';
import { appYamlShape } from '../../src/config/formats/appengine/schema.ts';
import { serviceName } from '../../src/config/links.ts';
import { project } from './app-yaml-reading.ts';

const keys = Object.keys(appYamlShape.properties ?? {});
const values = [
  ...[
    '',
    ' 1',
    ' true',
    ' []',
    ' {}',
    ' text',
    ' "$PORT {port}"',
    ' [a, {b: c}]',
    ' { instances: -1 }',
    ' ~',
  ],
  ...[' { max_instances: 1e9 }', ' [more.yaml]', ' [include, app.yaml, /w]', ' { vm_runtime: go }', ' flex'],
  ...[
    ' [{ url: "(" }, { url: /a, static_dir: ../.. }, 3]',
    ' { shell: "" }',
    ' &a [*a]',
    ' { path: / }',
    ' "a \\0"',
  ],
];
const line = fc.oneof(
  fc.tuple(fc.constantFrom(...keys), fc.constantFrom(...values)).map(([key, value]) => `${key}:${value}`),
  fc.constantFrom(...runtimeNames).map((name) => `runtime: ${name}`),
  fc.string({ maxLength: 12 }),
);
const text = fc.array(line, { maxLength: 8 }).map((lines) => lines.join('\n'));

test('a project of any texts is read to the end', () => {
  fc.assert(
    fc.property(text, text, text, fc.boolean(), (root, sub, more, hasJetty) => {
      const config = project(
        {
          'app.yaml': root,
          'sub/app.yaml': sub,
          'more.yaml': more,
          'dispatch.yaml': 'dispatch: [{ url: "*/*", service: sub }]',
          'backends.yaml': 'backends: [{ name: reports }]',
          'runtime.yaml': root,
        },
        hasJetty ? { APP_ENGINE_JETTY_HOME: '/opt', APP_ENGINE_JAVA_PATH: '/opt' } : {},
      );
      for (const { name, command, appengine, instances, requests } of config.services) {
        assert.match(name, serviceName);
        assert.ok(command.length > 0 && appengine?.project !== undefined && instances >= 1);
        assert.ok((requests.concurrency ?? 0) >= 1);
      }
      for (const { file, line: at, column } of config.problems)
        assert.ok(file.startsWith('/w/') && at >= 1 && column >= 1);
    }),
    { numRuns: 400 },
  );
});
