import assert from 'node:assert/strict';
import { afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import { fileUri, rewrite, runtimes, untilDiagnostics } from './editor.ts';

const config = (): vscode.Uri => fileUri('runtimes.yaml');

async function shown(): Promise<vscode.TextDocument> {
  await runtimes();
  const document = await vscode.workspace.openTextDocument(config());
  await vscode.window.showTextDocument(document);
  return document;
}

describe('editing runtimes.yaml', () => {
  let original: string;
  before(async () => {
    original = (await shown()).getText();
  });
  // The editor may have saved by itself what was typed.
  afterEach(async () => {
    await rewrite(config(), original);
    await untilDiagnostics(config(), (each) => each.length === 0);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('completes the keys of a service', async () => {
    const document = await shown();
    const at = document.positionAt(document.getText().indexOf('instances: 2'));
    const list = await vscode.commands.executeCommand<vscode.CompletionList>(
      'vscode.executeCompletionItemProvider',
      config(),
      at,
    );
    const labels = list.items.map(({ label }) => (typeof label === 'string' ? label : label.label));
    for (const key of ['handshake', 'publish', 'restart'])
      assert.ok(labels.includes(key), `${key} in ${labels.join(', ')}`);
  });

  it('explains a key on hovering', async () => {
    const document = await shown();
    const at = document.positionAt(document.getText().indexOf('handshake: discover') + 2);
    const hovers = await vscode.commands.executeCommand<vscode.Hover[]>(
      'vscode.executeHoverProvider',
      config(),
      at,
    );
    const text = hovers
      .flatMap(({ contents }) => contents)
      .map((content) => (typeof content === 'string' ? content : content.value))
      .join('\n');
    assert.match(text, /port/i);
  });

  it('marks a slip of the fingers as it is typed, with a suggestion', async () => {
    const document = await shown();
    const start = document.getText().indexOf('instances: 2');
    const change = new vscode.WorkspaceEdit();
    change.insert(config(), document.positionAt(start), 'comand: x\n    ');
    await vscode.workspace.applyEdit(change);
    const diagnostics = await untilDiagnostics(config(), (each) =>
      each.some(({ code }) => code === 'unknown-key'),
    );
    const [slip, ...others] = diagnostics.filter(({ code }) => code === 'unknown-key');
    assert.deepEqual(others, []);
    assert.match(slip?.message ?? '', /comand/);
    assert.equal(document.offsetAt(slip?.range.start ?? new vscode.Position(0, 0)), start);
  });
});
