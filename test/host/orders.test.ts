import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { LocalRuntimesApi } from '../../src/extension/exports.ts';
import {
  fileUri,
  folder,
  groupHandle,
  instanceHandle,
  rewrite,
  runtimes,
  serviceHandle,
  serviceOf,
  stopAll,
  until,
  untilAll,
  untilDiagnostics,
} from './editor.ts';

const config = (): vscode.Uri => fileUri('runtimes.yaml');

/** A group of two, one that needs a job, and one that listens where nobody asked it to. */
const other = `version: 1
services:
  first:
    command: node web/server.js
    group: pair
    priority: 2
  second:
    command: node web/server.js
    group: pair
    priority: 1
  needy:
    command: node web/server.js
    dependsOn: { job: exited }
  job:
    command: node -e 0
    handshake: none
    startSeconds: 0
  stubborn:
    command: node -e "require('node:http').createServer((_, answer) => answer.end()).listen(0, '127.0.0.1')"
`;

describe('orders to groups, to selections and past dependencies', () => {
  let api: LocalRuntimesApi;
  let original: string;
  before(async () => {
    api = await runtimes();
    original = (await vscode.workspace.openTextDocument(config())).getText();
    await rewrite(config(), other);
    await until(() => api.snapshots()[0]?.groups.length === 1, api.onDidChange);
  });
  after(async () => {
    await stopAll();
    await rewrite(config(), original);
    await until(() => api.snapshots()[0]?.services.length === 4, api.onDidChange);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });
  afterEach(stopAll);

  it('start a service with what it needs, or anyway', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.startAnyway', serviceHandle('needy'));
    await untilAll(api, 'needy', 'RUNNING');
    assert.equal(serviceOf(api, 'job').instances[0]?.state, 'STOPPED');
    await stopAll();
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('needy'));
    await untilAll(api, 'needy', 'RUNNING');
    assert.equal(serviceOf(api, 'job').instances[0]?.state, 'EXITED');
  });

  it('start, restart and stop a group as one', async () => {
    await vscode.commands.executeCommand('localRuntimes.group.start', groupHandle('pair'));
    const [first] = await untilAll(api, 'first', 'RUNNING');
    await untilAll(api, 'second', 'RUNNING');
    await vscode.commands.executeCommand('localRuntimes.group.restart', groupHandle('pair'));
    await until(() => {
      const [again] = serviceOf(api, 'first').instances;
      return again?.state === 'RUNNING' && again.pid !== first?.pid;
    }, api.onDidChange);
    await vscode.commands.executeCommand('localRuntimes.group.stop', groupHandle('pair'));
    await untilAll(api, 'first', 'STOPPED');
    await untilAll(api, 'second', 'STOPPED');
  });

  it('reach everything selected, of whatever kind, and what is inside another only once', async () => {
    const all = [instanceHandle('first', 'first.0'), groupHandle('pair'), serviceHandle('job')];
    await vscode.commands.executeCommand('localRuntimes.selection.start', all[0], all);
    await untilAll(api, 'first', 'RUNNING');
    await untilAll(api, 'second', 'RUNNING');
    await untilAll(api, 'job', 'EXITED');
    assert.equal(serviceOf(api, 'needy').instances[0]?.state, 'STOPPED');
    // A button on one of the selected rows means them all, too, as far as they can.
    await vscode.commands.executeCommand('localRuntimes.group.stop', all[1], all);
    await untilAll(api, 'first', 'STOPPED');
    await untilAll(api, 'second', 'STOPPED');
    assert.equal(serviceOf(api, 'job').instances[0]?.state, 'EXITED');
  });

  it('stand in the main log, which goes on while it is shown', async () => {
    await vscode.commands.executeCommand('localRuntimes.main.showLog');
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('second'));
    await untilAll(api, 'second', 'RUNNING');
    const shown = await until(
      () =>
        vscode.window.visibleTextEditors.find(
          ({ document }) =>
            document.uri.path.includes('Runtimes Main Log') &&
            document.getText().includes("spawned: 'second'"),
        ),
      vscode.window.onDidChangeVisibleTextEditors,
      vscode.workspace.onDidChangeTextDocument,
    );
    const lines = shown.document.getText().split('\n');
    assert.equal(new Set(lines).size, lines.length, 'no line twice');
  });

  it('lead to where a group is defined', async () => {
    await vscode.commands.executeCommand('localRuntimes.group.goToDefinition', groupHandle('pair'));
    const editor = vscode.window.activeTextEditor;
    assert.equal(editor?.document.uri.fsPath, config().fsPath);
    const line = editor.document.lineAt(editor.selection.start.line).text;
    assert.equal(line.trim(), 'group: pair');
  });

  it('a program on another port than its own is fixed from its entry in Problems', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('stubborn'));
    const [wrong] = await untilDiagnostics(config(), (each) =>
      each.some(({ code }) => code === 'wrong-port'),
    );
    assert.ok(wrong !== undefined);
    const actions = await vscode.commands.executeCommand<vscode.CodeAction[]>(
      'vscode.executeCodeActionProvider',
      config(),
      wrong.range,
      vscode.CodeActionKind.QuickFix.value,
    );
    const fix = actions.find(({ title }) => title === 'Set "handshake: discover"');
    assert.ok(fix?.edit !== undefined, actions.map(({ title }) => title).join(' | '));
    assert.ok(await vscode.workspace.applyEdit(fix.edit));
    await (await vscode.workspace.openTextDocument(config())).save();
    await until(() => serviceOf(api, 'stubborn').handshake === 'discover', api.onDidChange);
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('stubborn'));
    await untilAll(api, 'stubborn', 'RUNNING');
    await untilDiagnostics(config(), (each) => each.every(({ code }) => code !== 'wrong-port'));
  });
});

describe('services that are finished', () => {
  const said = (): boolean | undefined =>
    vscode.workspace.getConfiguration('localRuntimes').get<boolean>('hideFinished');

  it('are hidden and shown by commands that write the setting', async () => {
    await runtimes();
    assert.equal(said(), false);
    await vscode.commands.executeCommand('localRuntimes.finished.hide');
    assert.equal(said(), true);
    await vscode.commands.executeCommand('localRuntimes.finished.show');
    assert.equal(said(), false);
  });

  it('are a workspace’s own word where that has one', async () => {
    const { Workspace } = vscode.ConfigurationTarget;
    const section = (): vscode.WorkspaceConfiguration => vscode.workspace.getConfiguration('localRuntimes');
    await section().update('hideFinished', true, Workspace);
    await vscode.commands.executeCommand('localRuntimes.finished.show');
    assert.equal(section().inspect('hideFinished')?.workspaceValue, false);
    await section().update('hideFinished', undefined, Workspace);
  });
});

describe('a supervisord.conf', () => {
  const conf = (): vscode.Uri => fileUri('supervisord.conf');
  const text =
    '[supervisord]\n\n[program:good]\ncommand=sleep 60\n\n[program:bad]\ncommand=sleep 60\nnumprocs=many\n';
  let api: LocalRuntimesApi;
  const choose = (file: string | undefined): Thenable<void> =>
    vscode.workspace
      .getConfiguration('localRuntimes', folder().uri)
      .update('file', file, vscode.ConfigurationTarget.Workspace);
  before(async () => {
    api = await runtimes();
    await vscode.workspace.fs.writeFile(conf(), new TextEncoder().encode(text));
    await choose('supervisord.conf');
  });
  after(async () => {
    await stopAll();
    await choose(undefined);
    await vscode.workspace.fs.delete(conf());
    await until(() => api.snapshots()[0]?.services.length === 4, api.onDidChange);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('has its problems at their lines before it is opened, and while it is', async () => {
    const [before] = await untilDiagnostics(conf(), (each) => each.length > 0);
    assert.equal(before?.range.start.line, 7);
    assert.equal(before.source, 'Local Runtimes');
    const { document } = await vscode.window.showTextDocument(conf());
    assert.notEqual(document.languageId, 'runtimes');
    assert.deepEqual(
      vscode.languages.getDiagnostics(conf()).map(({ range }) => range.start.line),
      [7],
    );
  });

  it('is read again when it is saved', async () => {
    await rewrite(conf(), text.replace('many', '2\nprocess_name=%(program_name)s_%(process_num)02d'));
    await untilDiagnostics(conf(), (each) => each.length === 0);
    await until(() => api.snapshots()[0]?.services.length === 2, api.onDidChange);
    assert.equal(serviceOf(api, 'bad').instances.length, 2);
  });

  it('runs as a service, and is known by the name supervisorctl uses', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('good'));
    const [good] = await untilAll(api, 'good', 'RUNNING');
    assert.deepEqual([good?.group, good?.process], ['good', 'good']);
    await vscode.commands.executeCommand('localRuntimes.service.stop', serviceHandle('good'));
    await untilAll(api, 'good', 'STOPPED');
  });

  it('does not keep runtimes.yaml from being opened or made', async () => {
    await vscode.commands.executeCommand('localRuntimes.config.create');
    assert.equal(vscode.window.activeTextEditor?.document.uri.fsPath, config().fsPath);
  });
});
