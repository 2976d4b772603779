import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import * as vscode from 'vscode';
import { commandRows } from '../../src/manifest/commands.ts';
import { extension, runtimes } from './editor.ts';

describe('activation', () => {
  it('registers every command of the table', async () => {
    await runtimes();
    const registered = new Set(await vscode.commands.getCommands(true));
    const missing = commandRows.map(({ id }) => id).filter((id) => !registered.has(id));
    assert.deepEqual(missing, []);
  });

  it('contributes no command that the table does not have', async () => {
    const registered = await vscode.commands.getCommands(true);
    const ours = registered.filter(
      (id) => /^localRuntimes\.\w+\.\w+$/.test(id) && !id.startsWith('localRuntimes.services.'),
    );
    assert.deepEqual(ours.toSorted(), commandRows.map(({ id }) => id).toSorted());
  });

  it('reads the config and starts nothing', async () => {
    const [snapshot, ...others] = (await runtimes()).snapshots();
    assert.deepEqual(others, []);
    const states = snapshot?.services.map(({ name, instances }) => [
      name,
      ...instances.map(({ state }) => state),
    ]);
    assert.deepEqual(states, [
      ['web', 'STOPPED', 'STOPPED'],
      ['api', 'STOPPED'],
      ['worker', 'STOPPED'],
      ['legacy', 'STOPPED'],
    ]);
    assert.equal(snapshot?.trusted, vscode.workspace.isTrusted);
  });

  it('leaves the config file to our own language', async () => {
    const [uri] = await vscode.workspace.findFiles('runtimes.yaml');
    assert.ok(uri !== undefined);
    assert.equal((await vscode.workspace.openTextDocument(uri)).languageId, 'runtimes');
    assert.ok(extension().isActive);
  });
});
