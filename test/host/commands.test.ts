import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { LocalRuntimesApi } from '../../src/extension/exports.ts';
import {
  fileUri,
  folder,
  instanceHandle,
  runtimes,
  serviceHandle,
  serviceOf,
  stopAll,
  until,
  untilAll,
  untilGone,
} from './editor.ts';

describe('commands on nodes', () => {
  let api: LocalRuntimesApi;
  before(async () => {
    api = await runtimes();
  });
  afterEach(async () => {
    await stopAll();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('go to where a service, or the service of an instance, is defined', async () => {
    for (const [command, handle] of [
      ['localRuntimes.service.goToDefinition', serviceHandle('api')],
      ['localRuntimes.instance.goToDefinition', instanceHandle('api', 'api.0')],
    ] as const) {
      await vscode.commands.executeCommand(command, handle);
      const editor = vscode.window.activeTextEditor;
      assert.equal(editor?.document.uri.fsPath, fileUri('runtimes.yaml').fsPath);
      assert.equal(editor.document.getText(editor.selection), 'api');
      await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    }
  });

  it('act on everything selected when one of the selected is meant', async () => {
    const both = [serviceHandle('web'), serviceHandle('api')];
    await vscode.commands.executeCommand('localRuntimes.service.start', both[0], both);
    await untilAll(api, 'web', 'RUNNING');
    await untilAll(api, 'api', 'RUNNING');
    await vscode.commands.executeCommand('localRuntimes.service.stop', both[1], both);
    await untilAll(api, 'web', 'STOPPED');
    await untilAll(api, 'api', 'STOPPED');
  });

  it('act on the one that was clicked when it is not among the selected', async () => {
    const selected = [serviceHandle('worker')];
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('api'), selected);
    await untilAll(api, 'api', 'RUNNING');
    assert.deepEqual(
      new Set(serviceOf(api, 'worker').instances.map(({ state }) => state)),
      new Set(['STOPPED']),
    );
  });

  it('stop and restart a single instance and leave its brother alone', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('web'));
    const [first, second] = await untilAll(api, 'web', 'RUNNING');
    await vscode.commands.executeCommand('localRuntimes.instance.restart', instanceHandle('web', 'web.1'));
    const again = await until(() => {
      const [, other] = serviceOf(api, 'web').instances;
      return other?.state === 'RUNNING' && other.pid !== second?.pid && other;
    }, api.onDidChange);
    await vscode.commands.executeCommand('localRuntimes.instance.stop', instanceHandle('web', 'web.1'));
    const [left, stopped] = serviceOf(api, 'web').instances;
    assert.deepEqual([left?.pid, left?.state], [first?.pid, 'RUNNING']);
    assert.ok(again.pid !== first?.pid);
    await until(() => serviceOf(api, 'web').instances[1]?.state === 'STOPPED', api.onDidChange);
    assert.equal(stopped?.name, 'web.1');
  });

  it('open the whole log at its end', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('web'));
    const [web] = await untilAll(api, 'web', 'RUNNING');
    await vscode.commands.executeCommand(
      'localRuntimes.instance.openLogFile',
      instanceHandle('web', 'web.0'),
    );
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.fsPath, web?.logFile);
    assert.match(editor?.document.getText() ?? '', /web listens on http/);
    assert.equal(editor?.selection.active.line, (editor?.document.lineCount ?? 0) - 1);
  });

  it('open the config that is there rather than write a second one', async () => {
    const uri = fileUri('runtimes.yaml');
    const before = await vscode.workspace.fs.readFile(uri);
    await vscode.commands.executeCommand('localRuntimes.config.create');
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, uri.fsPath);
    assert.deepEqual(await vscode.workspace.fs.readFile(uri), before);
  });
});

describe('a config file of one’s own choice', () => {
  const choose = (file: string | undefined): Thenable<void> =>
    vscode.workspace
      .getConfiguration('localRuntimes', folder().uri)
      .update('file', file, vscode.ConfigurationTarget.Workspace);
  let api: LocalRuntimesApi;
  before(async () => {
    api = await runtimes();
  });
  after(async () => {
    await choose(undefined);
    await until(() => api.snapshots()[0]?.services.length === 4, api.onDidChange);
  });

  it('takes the place of the folder’s own, whose services end', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('api'));
    const [python] = await untilAll(api, 'api', 'RUNNING');
    const other = 'services:\n  only:\n    command: node web/server.js\n';
    await vscode.workspace.fs.writeFile(fileUri('other.yaml'), new TextEncoder().encode(other));
    await choose('other.yaml');
    await until(() => api.snapshots()[0]?.services[0]?.name === 'only', api.onDidChange);
    assert.deepEqual(api.snapshots()[0]?.files, [fileUri('other.yaml').fsPath]);
    await untilGone(python?.pid);
  });
});
