/** The rooms of `src/` import only what the table lets them, and the linter says the same while one types. */

import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import {
  idleParts,
  importsOf,
  lintOverrides,
  objection,
  roomOf,
  rooms,
  type Import,
} from '../support/rooms.ts';

const root = join(import.meta.dirname, '../..');
const sources = globSync('src/**/*.{ts,mts,cts,js}', { cwd: root }).map((path) => path.replaceAll('\\', '/'));
const importsIn = (path: string): Import[] => importsOf(readFileSync(join(root, path), 'utf8'));

describe('the rooms', () => {
  it('hold every source file', () => {
    assert.deepEqual(
      sources.filter((path) => roomOf(path) === undefined),
      [],
    );
  });

  it('import only what the table lets them', () => {
    const objections = sources.flatMap((path) => importsIn(path).map((each) => objection(path, each)));
    assert.deepEqual(
      objections.filter((each) => each !== undefined),
      [],
    );
  });

  it('need every exception that is made for them', () => {
    const idle = Object.values(rooms)
      .flatMap(({ exceptions }) => Object.entries(exceptions ?? {}))
      .flatMap(([path, exception]) =>
        idleParts(path, exception, sources.includes(path) ? importsIn(path) : []),
      );
    assert.deepEqual(idle, []);
  });

  it('are told to the linter as they stand here (UPDATE=1 writes them)', () => {
    const path = join(root, '.oxlintrc.json');
    const rules = JSON.parse(readFileSync(path, 'utf8')) as {
      overrides?: readonly { readonly files: readonly string[] }[];
    };
    const others = (rules.overrides ?? []).filter(
      ({ files }) => !files.every((file) => file.startsWith('src/')),
    );
    if (process.env['UPDATE'] === '1') {
      writeFileSync(
        path,
        `${JSON.stringify({ ...rules, overrides: [...lintOverrides(), ...others] }, null, 2)}\n`,
      );
    }
    const told = (rules.overrides ?? []).filter(({ files }) =>
      files.every((file) => file.startsWith('src/')),
    );
    assert.deepEqual(told, lintOverrides());
  });
});

describe('the reading of imports', () => {
  const table: readonly (readonly [string, readonly (readonly [string, boolean])[]])[] = [
    [`import a from 'a';`, [['a', false]]],
    [`import type { A } from './a.ts';`, [['./a.ts', true]]],
    [`import {\n  type A,\n  b,\n} from '../b.ts';`, [['../b.ts', false]]],
    [`import 'side-effect';`, [['side-effect', false]]],
    [
      `export * from './c.ts';\nexport type { D } from './d.ts';`,
      [
        ['./c.ts', false],
        ['./d.ts', true],
      ],
    ],
    [`const e = await import('./e.ts');`, [['./e.ts', false]]],
    [`let f: typeof import('./f.ts');`, [['./f.ts', true]]],
    [`const g = require('g');`, [['g', false]]],
    [`// import h from 'h';\n/* import i from 'i'; */`, []],
    [`import * as vscode from 'vscode';`, [['vscode', false]]],
  ];
  for (const [source, expected] of table) {
    it(`sees ${JSON.stringify(expected)} in ${JSON.stringify(source)}`, () => {
      assert.deepEqual(
        importsOf(source).map(({ target, typeOnly }) => [target, typeOnly]),
        expected,
      );
    });
  }
});

describe('an import', () => {
  const refused: readonly (readonly [string, string, boolean])[] = [
    ['src/core/runtime.ts', 'vscode', true],
    ['src/core/runtime.ts', 'node:fs', true],
    ['src/core/process/step.ts', '../../node/clock.ts', true],
    ['src/extension/tree.ts', '../core/model.ts', true],
    ['src/extension/tree.ts', 'node:fs', false],
    ['src/extension/hosts.ts', 'node:child_process', false],
    ['src/protocol/rpc.ts', '../core/model.ts', false],
    ['src/view/tree.ts', '../protocol/rpc.ts', false],
    ['src/base/event.ts', 'yaml', false],
    ['src/stray.ts', './base/event.ts', false],
    ['src/node/clock.ts', '../../test/support/run.ts', false],
  ];
  for (const [path, target, typeOnly] of refused) {
    it(`of "${target}"${typeOnly ? ' for its types' : ''} is refused to ${path}`, () => {
      assert.ok(objection(path, { target, typeOnly }));
    });
  }

  const welcome: readonly (readonly [string, string, boolean])[] = [
    ['src/extension/hosts.ts', 'node:worker_threads', false],
    ['src/protocol/api.ts', '../core/model.ts', true],
    ['src/core/process/step.ts', '../../base/event.ts', false],
    ['src/node/http/doors.ts', 'node:http', false],
  ];
  for (const [path, target, typeOnly] of welcome) {
    it(`of "${target}"${typeOnly ? ' for its types' : ''} is welcome in ${path}`, () => {
      assert.equal(objection(path, { target, typeOnly }), undefined);
    });
  }
});
