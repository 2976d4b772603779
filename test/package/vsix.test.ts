/** What ships: one small `.vsix` that holds all it needs, and nothing else. */

import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { before, describe, it } from 'node:test';
import { bundles } from '../../src/build/bundles.ts';
import { root } from '../../src/build/paths.ts';
import { packedExtension } from '../support/packed.ts';
import { filesInZip } from '../support/zip.ts';

interface Manifest {
  readonly main: string;
  readonly icon: string;
  readonly bin: Readonly<Record<string, string>>;
}

describe('the packed extension', () => {
  let path = '';
  let files: readonly string[] = [];

  before(async () => {
    path = await packedExtension();
    files = filesInZip(readFileSync(path))
      .filter((name) => name.startsWith('extension/'))
      .map((name) => name.slice('extension/'.length));
  });

  it('is well under one megabyte', () => {
    assert.ok(statSync(path).size < 1_000_000, `it has ${statSync(path).size} bytes`);
  });

  it('holds every bundle, and what makes Node read them as CommonJS', () => {
    const wanted = ['dist/package.json', ...bundles.map(({ name }) => `dist/${name}.js`)];
    assert.deepEqual(
      wanted.filter((name) => !files.includes(name)),
      [],
    );
  });

  it('holds every file that the manifest names', () => {
    const text = readFileSync(join(root, 'package.json'), 'utf8');
    const { main, icon, bin } = JSON.parse(text) as Manifest;
    const pointed = [...text.matchAll(/"(?:\.\/)?((?:media|l10n|docs|syntaxes)\/[^"]+\.\w+)"/g)].map(
      ([, name = '']) => name,
    );
    const wanted = [main, icon, ...Object.values(bin), ...pointed].map((name) => name.replace(/^\.\//, ''));
    assert.deepEqual(
      wanted.filter((name) => !files.includes(name)),
      [],
    );
  });

  it('holds the pages that the editor shows, and the texts of the manifest', () => {
    // The packer renames them as the marketplace wants it.
    const wanted = ['readme.md', 'changelog.md', 'LICENSE.txt', 'package.nls.json'];
    assert.deepEqual(
      wanted.filter((name) => !files.includes(name)),
      [],
    );
  });

  it('holds nothing else', () => {
    const welcome =
      /^(dist\/[\w-]+\.js|dist\/package\.json|media\/(?!screenshots\/)[\w/.-]+|l10n\/[\w.-]+\.json|package(\.nls(\.[\w-]+)?)?\.json|readme\.md|changelog\.md|LICENSE\.txt)$/;
    assert.deepEqual(
      files.filter((name) => !welcome.test(name)),
      [],
    );
  });
});

it('the bundled command line can be run as a program', () => {
  assert.match(readFileSync(join(root, 'dist', 'cli.js'), 'utf8'), /^#!\/usr\/bin\/env node\n/);
});
