/** The pages people read agree with what the extension has. */

import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, it } from 'node:test';

const root = join(import.meta.dirname, '../..');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`),
];

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly title: string }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly default: unknown }>> };
  };
  readonly scripts: Readonly<Record<string, string>>;
}
const manifest = JSON.parse(read('package.json')) as Manifest;
const sentences = JSON.parse(read('package.nls.json')) as Readonly<Record<string, string>>;

/** The rows of the table below a heading, as cells. */
function table(page: string, heading: string): readonly (readonly string[])[] {
  const section = page.split(/^## /m).find((each) => each.startsWith(heading)) ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('| ') && !line.startsWith('| ---'))
    .slice(1)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

describe('the pages', () => {
  it('name every command of the palette, and no other', () => {
    const told = table(read('README.md'), 'Commands').flatMap(([titles = '']) => titles.split(', '));
    const titles = manifest.contributes.commands.map(({ title }) => sentences[title.replaceAll('%', '')]);
    assert.equal(new Set(told).size, told.length);
    assert.deepEqual(new Set(told), new Set(titles));
  });

  it('name every setting with its default, and no other', () => {
    const told = table(read('README.md'), 'Settings').map(([name, value]) => [name, value] as const);
    const real = Object.entries(manifest.contributes.configuration.properties).map(
      ([name, { default: value }]) =>
        [`\`${name}\``, value === '' ? '' : `\`${JSON.stringify(value)}\``] as const,
    );
    assert.deepEqual(new Map(told), new Map(real));
  });

  it('name only scripts that there are', () => {
    for (const page of ['README.md', 'CONTRIBUTING.md']) {
      for (const [, script = ''] of read(page).matchAll(/npm run ([\w:]+)/g)) {
        assert.ok(script in manifest.scripts, `${page}: npm run ${script}`);
      }
    }
  });

  for (const page of pages) {
    it(`link only to what is there: ${page}`, () => {
      const missing = [...read(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)[^)]*\)/g)]
        .map(([, target = '']) => target)
        .filter((target) => !existsSync(join(root, dirname(page), target)));
      assert.deepEqual(missing, []);
    });
  }

  it('name only files and folders that there are', () => {
    const missing = ['ARCHITECTURE.md', 'CONTRIBUTING.md'].flatMap((page) =>
      [...read(page).matchAll(/`((?:src|test|docs)\/[\w./-]+)`/g)]
        .map(([, path = '']) => path)
        .filter((path) => !existsSync(join(root, path))),
    );
    assert.deepEqual(missing, []);
  });
});
