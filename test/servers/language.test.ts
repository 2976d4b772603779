/** The language server as it ships, over stdio. */

import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import { pathToFileURL } from 'node:url';
import { recipesNotification } from '../../src/manifest/ids.ts';
import { workspace } from '../support/cli.ts';
import { LspClient, type Position, type Published } from '../support/lsp-client.ts';

async function folderWith(context: TestContext): Promise<{ readonly folder: string; readonly uri: string }> {
  const folder = await workspace(context, {});
  return { folder, uri: pathToFileURL(join(folder, 'runtimes.yaml')).href };
}

/** Where a word begins in a text, as the protocol counts. */
function at(text: string, word: string, skip = 0): Position {
  const before = text.slice(0, text.indexOf(word) + skip).split('\n');
  return { line: before.length - 1, character: before.at(-1)?.length ?? 0 };
}

const inShort = ({ diagnostics }: Published): readonly string[] =>
  diagnostics.map(
    ({ range, severity, source, code, message }) =>
      `${range.start.line}:${range.start.character}-${range.end.character} ${severity} ${source} ${code} ${message}`,
  );

const text =
  "services:\n  api:\n    comand: node a.js\n    restart: ne\n  web: { command: w, env: { A: '${NIL}' } }\n";

test('a document that is opened gets its problems, mended ones go, closing clears them', async (context) => {
  const { folder, uri } = await folderWith(context);
  await using client = await LspClient.start(folder);
  await client.open(uri, text);
  const unset =
    '4:31-39 2 Local Runtimes unset-variable "env.A" uses ${NIL}, which is not set; it is taken as empty.\nSet it under env or envFile, or write ${NIL:-default}.';
  assert.deepEqual(inShort(await client.diagnostics(({ version }) => version === 1)), [
    '1:2-5 1 Local Runtimes missing-key Service "api" needs "command".\nFor example: command: node server.js --port {port}',
    '2:4-10 1 Local Runtimes unknown-key "comand" is not a key of a service.\nDid you mean "command"?',
    '3:13-15 1 Local Runtimes bad-value "restart": "ne" is not one of never, unexpected, always.',
    unset,
  ]);
  const change = (version: number, range: object, put: string): Promise<void> =>
    client.notify('textDocument/didChange', {
      textDocument: { uri, version },
      contentChanges: [{ range, text: put }],
    });
  await change(2, { start: at(text, 'comand', 2), end: at(text, 'comand', 2) }, 'm');
  await change(3, { start: at(text, 'ne\n'), end: at(text, 'ne\n', 2) }, 'never');
  assert.deepEqual(inShort(await client.diagnostics(({ version }) => version === 3)), [unset]);
  await client.notify('textDocument/didClose', { textDocument: { uri } });
  await client.diagnostics(({ version, diagnostics }) => version === undefined && diagnostics.length === 0);
  assert.equal(await client.stop(), 0);
});

test('variables and files are those of the folder and of the environment', async (context) => {
  const { folder } = await folderWith(context);
  await mkdir(join(folder, '.vscode'));
  await writeFile(join(folder, '.env'), 'IN_FILE=1\n');
  await using client = await LspClient.start(folder, { IN_ENVIRONMENT: '1' });
  const uri = pathToFileURL(join(folder, '.vscode/runtimes.yaml')).href;
  await client.open(
    uri,
    'services:\n  api: { command: "x ${IN_FILE} ${IN_ENVIRONMENT} ${NOWHERE}", envFile: .env }\n',
  );
  const published = await client.diagnostics((each) => each.uri === uri);
  assert.deepEqual(
    published.diagnostics.map(({ code, message }) => [code, /\$\{\w+\}/.exec(message)?.[0]]),
    [['unset-variable', '${NOWHERE}']],
  );
  await writeFile(join(folder, '.env'), 'IN_FILE=1\nNOWHERE=here\n');
  await client.notify('textDocument/didSave', { textDocument: { uri } });
  await client.diagnostics(({ diagnostics }) => diagnostics.length === 0);
});

test('completion, hover, outline and fixes come in the words of the protocol', async (context) => {
  const { folder, uri } = await folderWith(context);
  await using client = await LspClient.start(folder);
  await client.open(uri, text);
  const textDocument = { uri };

  const items = await client.request<readonly { readonly label: string }[]>('textDocument/completion', {
    textDocument,
    position: at(text, 'ne\n', 2),
  });
  assert.deepEqual(items[0], {
    label: 'never',
    kind: 20,
    sortText: '1000',
    insertTextFormat: 2,
    textEdit: { range: { start: at(text, 'ne\n'), end: at(text, 'ne\n', 2) }, newText: 'never' },
    documentation: { kind: 'markdown', value: 'It stays down.' },
  });
  assert.deepEqual(
    items.map(({ label }) => label),
    ['never', 'unexpected', 'always'],
  );

  const hover = await client.request<{
    readonly contents: { readonly value: string };
    readonly range: object;
  }>('textDocument/hover', { textDocument, position: at(text, 'restart', 3) });
  assert.deepEqual(
    [hover.contents.value.split('\n')[0], hover.range],
    ['**restart**', { start: at(text, 'restart'), end: at(text, 'restart', 7) }],
  );
  assert.equal(
    await client.request('textDocument/hover', { textDocument, position: at(text, 'node', 1) }),
    null,
  );

  const [services] = await client.request<
    readonly { readonly name: string; readonly children: readonly { readonly name: string }[] }[]
  >('textDocument/documentSymbol', { textDocument });
  assert.deepEqual(
    [services?.name, services?.children.map(({ name }) => name)],
    ['services', ['api', 'web']],
  );

  const position = at(text, 'comand', 3);
  const actions = await client.request<readonly { readonly title: string; readonly edit: object }[]>(
    'textDocument/codeAction',
    { textDocument, range: { start: position, end: position }, context: { diagnostics: [] } },
  );
  assert.deepEqual(
    actions.map(({ title, edit }) => [title, edit]),
    [
      [
        'Change to "command"',
        {
          changes: {
            [uri]: [{ range: { start: at(text, 'comand'), end: at(text, 'comand', 6) }, newText: 'command' }],
          },
        },
      ],
    ],
  );
});

test('a document that is no file is served all the same', async (context) => {
  const { folder } = await folderWith(context);
  await using client = await LspClient.start(folder);
  await client.open('untitled:Untitled-1', 'services: { api: { comand: x } }');
  const published = await client.diagnostics(({ uri }) => uri === 'untitled:Untitled-1');
  assert.deepEqual(
    published.diagnostics.map(({ code }) => code),
    ['missing-key', 'unknown-key'],
  );
});

test('which recipes other extensions have brought is told by the editor, and said of at once', async (context) => {
  const { folder, uri } = await folderWith(context);
  await using client = await LspClient.start(folder);
  const written = 'services:\n  api: { runtime: moth, command: x }\n';
  await client.open(uri, written);
  // Nobody has said which there are.
  await client.diagnostics(({ diagnostics }) => diagnostics.length === 0);
  await client.notify(recipesNotification, { recipes: [] });
  const { diagnostics } = await client.diagnostics((each) => each.diagnostics.length > 0);
  assert.match(diagnostics[0]?.message ?? '', /there is no recipe "moth"/);
  const told = client.published.length;
  await client.notify(recipesNotification, { recipes: [{ name: 'moth', title: 'Moth' }] });
  await client.diagnostics((each) => client.published.indexOf(each) >= told && each.diagnostics.length === 0);
  const items = await client.request<readonly { readonly label: string }[]>('textDocument/completion', {
    textDocument: { uri },
    position: at(written, 'moth'),
  });
  assert.equal(items[0]?.label, 'moth');
});

test('an app.yaml of App Engine has its problems and its own keys, and one of another program has none', async (context) => {
  const { folder } = await folderWith(context);
  await using client = await LspClient.start(folder);
  const uriOf = (name: string): string => pathToFileURL(join(folder, name)).href;
  const written = 'runtime: python27\nthreadsafe: true\n';
  await client.open(uriOf('app.yaml'), written);
  const { diagnostics } = await client.diagnostics(({ uri }) => uri === uriOf('app.yaml'));
  assert.deepEqual(
    diagnostics.map(({ range, code }) => [range.start.line, code]),
    [[0, 'retired-runtime']],
  );
  const asked = { textDocument: { uri: uriOf('app.yaml') }, position: at(written, 'threadsafe') };
  const items = await client.request('textDocument/completion', asked);
  const labels = (items as readonly { readonly label: string }[]).map(({ label }) => label);
  assert.deepEqual([labels.includes('entrypoint'), labels.includes('services')], [true, false]);
  const hover = await client.request('textDocument/hover', asked);
  assert.match(JSON.stringify(hover), /several requests at once/);
  await client.open(uriOf('other/app.yml'), 'apiVersion: v1\nkind: Pod\n');
  const other = await client.diagnostics(({ uri }) => uri === uriOf('other/app.yml'));
  assert.deepEqual(other.diagnostics, []);
  const theirs = {
    textDocument: { uri: uriOf('other/app.yml') },
    position: { line: 0, character: 3 },
  };
  assert.deepEqual(await client.request('textDocument/completion', theirs), []);
  assert.equal(await client.request('textDocument/hover', theirs), null);
});
