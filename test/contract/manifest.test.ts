/**
 * The manifest and the code say the same.
 *
 * With `UPDATE_MANIFEST=1` the generated parts (commands, menus, translatable sentences) are written instead of compared.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { projectFileNames } from '../../src/config/find.ts';
import { commandRows } from '../../src/manifest/commands.ts';
import { commandContributions, menuContributions, titleKey } from '../../src/manifest/contributions.ts';
import * as ids from '../../src/manifest/ids.ts';
import { capabilities } from '../../src/view/capabilities.ts';

const root = join(import.meta.dirname, '../..');
const update = process.env['UPDATE_MANIFEST'] === '1';
const read = (file: string): unknown => JSON.parse(readFileSync(join(root, file), 'utf8'));
const write = (file: string, value: unknown): void =>
  writeFileSync(join(root, file), `${JSON.stringify(value, undefined, 2)}\n`);

interface Menu {
  readonly command: string;
  readonly when?: string;
  readonly group?: string;
}

interface Manifest {
  readonly displayName: string;
  readonly icon: string;
  readonly l10n: string;
  readonly extensionKind: readonly string[];
  readonly activationEvents: readonly string[];
  readonly engines: { readonly vscode: string };
  readonly devDependencies: Readonly<Record<string, string>>;
  readonly capabilities: {
    readonly untrustedWorkspaces: {
      readonly supported: string;
      readonly restrictedConfigurations: readonly string[];
    };
    readonly virtualWorkspaces: { readonly supported: boolean };
  };
  readonly contributes: {
    commands: unknown;
    menus: Readonly<Record<string, readonly Menu[]>>;
    readonly views: Readonly<Record<string, readonly { readonly id: string }[]>>;
    readonly viewsContainers: { readonly activitybar: readonly { readonly id: string }[] };
    readonly viewsWelcome: readonly {
      readonly view: string;
      readonly contents: string;
      readonly when: string;
    }[];
    readonly configuration: { readonly properties: Readonly<Record<string, { readonly scope?: string }>> };
    readonly languages: readonly {
      readonly id: string;
      readonly filenames: readonly string[];
      readonly configuration: string;
    }[];
    readonly grammars: readonly { readonly language: string; readonly path: string }[];
    readonly debuggers: readonly { readonly type: string }[];
  };
}

const manifest = read('package.json') as Manifest;
const titles = read('package.nls.json') as Readonly<Record<string, string>>;
if (update) {
  manifest.contributes.commands = commandContributions();
  manifest.contributes.menus = menuContributions();
  write('package.json', manifest);
}

/** Words of a title that stay small unless they come first. */
const small = new Set(['in', 'on', 'to', 'of', 'the', 'a', 'and', 'or']);

describe('the manifest', () => {
  it('has the commands of the table', () => {
    assert.deepEqual(manifest.contributes.commands, commandContributions());
  });

  it('has the menus of the table', () => {
    assert.deepEqual(manifest.contributes.menus, menuContributions());
  });

  it('gives every command a title in Title Case that begins with a verb', () => {
    const verbs = new Set([
      'Start',
      'Stop',
      'Restart',
      'Open',
      'Copy',
      'Show',
      'Go',
      'Debug',
      'Manage',
      'Create',
      'Reload',
      'Hide',
      'Scale',
      'Send',
      'Clear',
    ]);
    for (const { id } of commandRows) {
      const title = titles[titleKey(id)];
      assert.ok(title !== undefined, `${id} has no title`);
      const words = title.split(' ');
      assert.ok(verbs.has(words[0] ?? ''), `"${title}" begins with no verb we use`);
      for (const word of words) {
        assert.ok(
          /^[A-Z]/.test(word) || small.has(word) || word === 'runtimes.yaml',
          `"${title}": "${word}"`,
        );
      }
    }
  });

  it('has a sentence for every key it uses, and no key that is used nowhere', () => {
    const used = new Set<string | undefined>(
      [...JSON.stringify(manifest).matchAll(/"%([^%"]+)%"/g)].map(([, key]) => key),
    );
    assert.deepEqual(used, new Set(Object.keys(titles)));
  });

  it('needs only capabilities that nodes can have', () => {
    const known = new Set<string>(capabilities);
    for (const { id, needs } of commandRows) {
      assert.ok(needs === undefined || known.has(needs), `${id} needs ${needs}`);
    }
  });

  it('shows at most four inline actions on a node', () => {
    for (const subject of ['group', 'service', 'instance']) {
      const inline = commandRows.filter(
        (row) => row.subject === subject && row.inNode?.some((group) => group.startsWith('inline')),
      );
      assert.ok(inline.length <= 4, `${subject}: ${inline.map(({ id }) => id).join(', ')}`);
      for (const { id, icon } of inline) assert.ok(icon !== undefined, `${id} has no icon`);
    }
  });

  it('looks only at context keys that are ours and set, or the editor’s own', () => {
    const editors = [
      'view',
      'viewItem',
      'listMultiSelection',
      'isWorkspaceTrusted',
      'workspaceFolderCount',
      'false',
    ];
    const known = new Set<string>([...editors, ...Object.values(ids.contextKeys)]);
    const conditions = [
      ...Object.values(manifest.contributes.menus).flat(),
      ...manifest.contributes.viewsWelcome,
    ].flatMap(({ when }) => (when === undefined ? [] : [when]));
    for (const condition of conditions) {
      const bare = condition.replace(/\/\^[^/]*\//g, '').replace(/(==|!=) *[\w.]+/g, '');
      for (const [key] of bare.matchAll(/[A-Za-z][\w.]*/g))
        assert.ok(known.has(key), `${key} in "${condition}"`);
    }
  });

  it('has the ids of the code', () => {
    const { contributes } = manifest;
    assert.deepEqual(
      contributes.viewsContainers.activitybar.map(({ id }) => id),
      [ids.viewContainer],
    );
    assert.deepEqual(Object.keys(contributes.views), [ids.viewContainer]);
    assert.deepEqual(
      contributes.views[ids.viewContainer]?.map(({ id }) => id),
      [ids.servicesView],
    );
    assert.deepEqual([...new Set(contributes.viewsWelcome.map(({ view }) => view))], [ids.servicesView]);
    assert.deepEqual(
      contributes.debuggers.map(({ type }) => type),
      [ids.debugType],
    );
    assert.deepEqual(
      contributes.languages.map(({ id }) => id),
      [ids.languageId],
    );
    assert.deepEqual(
      contributes.grammars.map(({ language }) => language),
      [ids.languageId],
    );
    assert.deepEqual(
      Object.keys(contributes.configuration.properties).toSorted(),
      Object.values(ids.settings)
        .map((name) => `${ids.settingsSection}.${name}`)
        .toSorted(),
    );
  });

  it('is activated by the names of config files and of App Engine projects, and by nothing else', () => {
    const names = [...ids.configFileNames, ...ids.projectFileNames].map(
      (name) => `workspaceContains:${name}`,
    );
    assert.deepEqual(new Set(manifest.activationEvents), new Set(names));
    const own = ids.projectFileNames.filter((name) => !name.startsWith('*/'));
    assert.deepEqual(own, projectFileNames);
  });

  it('runs nothing in an untrusted workspace and says which settings count only in a trusted one', () => {
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, 'limited');
    assert.deepEqual(manifest.capabilities.untrustedWorkspaces.restrictedConfigurations, [
      'localRuntimes.file',
    ]);
    assert.equal(manifest.capabilities.virtualWorkspaces.supported, false);
    assert.deepEqual(manifest.extensionKind, ['workspace']);
  });

  it('lets only the user’s own settings start something when a folder is opened', () => {
    assert.equal(
      manifest.contributes.configuration.properties['localRuntimes.startOnOpen']?.scope,
      'application',
    );
  });

  it('is written against the types of the oldest editor it runs in', () => {
    assert.equal(manifest.engines.vscode, `^${manifest.devDependencies['@types/vscode']}`);
  });

  it('names files that are there', () => {
    const { contributes, icon } = manifest;
    const files = [
      icon,
      ...contributes.languages.map(({ configuration }) => configuration),
      ...contributes.grammars.map(({ path }) => path),
    ];
    for (const file of files) assert.ok(readFileSync(join(root, file)).length > 0, file);
  });

  it('has an icon of 256 by 256 pixels', () => {
    const png = readFileSync(join(root, manifest.icon));
    assert.deepEqual([png.readUInt32BE(16), png.readUInt32BE(20)], [256, 256]);
  });
});

describe('the code', () => {
  it('knows the view, the settings and the context keys only by their names in the manifest room', () => {
    for (const file of sources('src/extension')) {
      const text = readFileSync(file, 'utf8');
      const literals = [...text.matchAll(/'(localRuntimes\.[\w.]+)'/g)].flatMap(([, id]) =>
        id === undefined ? [] : [id],
      );
      const own = new Set<string>([
        ...commandRows.map(({ id }) => id),
        'localRuntimes.status',
        'localRuntimes.language',
      ]);
      for (const id of literals) assert.ok(own.has(id), `${id} in ${file}`);
    }
  });

  it('has every sentence a person can read in the bundle for translators', () => {
    const sentences = new Set<string>();
    for (const file of [...sources('src/extension'), ...sources('src/view'), ...sources('src/debug')]) {
      const text = readFileSync(file, 'utf8');
      for (const [, , sentence] of text.matchAll(/\bt\(\s*(['"])((?:(?!\1)[^\\]|\\.)*)\1/g)) {
        if (sentence !== undefined) sentences.add(sentence.replaceAll(/\\(.)/g, '$1'));
      }
    }
    const bundle = Object.fromEntries([...sentences].toSorted().map((sentence) => [sentence, sentence]));
    if (update) write('l10n/bundle.l10n.json', bundle);
    assert.deepEqual(read('l10n/bundle.l10n.json'), bundle);
    assert.equal(manifest.l10n, './l10n');
  });
});

function sources(folder: string): readonly string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(root, folder, name));
}
