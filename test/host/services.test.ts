import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { LocalRuntimesApi } from '../../src/extension/exports.ts';
import {
  edit,
  fileUri,
  instanceHandle,
  isAlive,
  rewrite,
  runtimes,
  serviceHandle,
  serviceOf,
  stopAll,
  until,
  untilAll,
  untilGone,
  untilDiagnostics,
} from './editor.ts';

const config = (): vscode.Uri => fileUri('runtimes.yaml');

describe('the services of a folder', () => {
  let api: LocalRuntimesApi;
  before(async () => {
    api = await runtimes();
  });
  afterEach(async function () {
    if (this.currentTest?.state === 'failed') console.log(JSON.stringify(api.snapshots()));
    await stopAll();
  });

  it('come up, or fail with their reason, when all are started', async () => {
    await vscode.commands.executeCommand('localRuntimes.all.start');
    const web = await untilAll(api, 'web', 'RUNNING');
    const [python] = await untilAll(api, 'api', 'RUNNING');
    const [worker] = await untilAll(api, 'worker', 'FATAL');
    const [legacy] = await untilAll(api, 'legacy', 'FATAL');
    assert.equal(new Set(web.map(({ port }) => port)).size, 2);
    assert.ok(web.every(({ pid }) => isAlive(pid)));
    assert.ok(python?.port !== undefined);
    assert.equal(worker?.fault?.code, 'instance-died');
    assert.equal(legacy?.fault?.code, 'bad-port');
  });

  it('share the requests of one address that stays the same over a restart', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('web'));
    await untilAll(api, 'web', 'RUNNING');
    const { url } = serviceOf(api, 'web');
    assert.ok(url !== undefined);
    const first = new Set([await answeredBy(url), await answeredBy(url)]);
    assert.equal(first.size, 2);

    await vscode.commands.executeCommand('localRuntimes.service.restart', serviceHandle('web'));
    const again = await untilAll(api, 'web', 'RUNNING');
    assert.ok(again.every(({ pid }) => pid !== undefined && !first.has(pid)));
    assert.equal(serviceOf(api, 'web').url, url);
    assert.ok(again.map(({ pid }) => pid).includes(await answeredBy(url)));
  });

  it('stand in Problems at their place in the config and at the line that threw', async () => {
    await vscode.commands.executeCommand('localRuntimes.all.start');
    await untilAll(api, 'worker', 'FATAL');
    await untilAll(api, 'legacy', 'FATAL');

    const inConfig = await untilDiagnostics(config(), (each) => each.length >= 2);
    assert.deepEqual(new Set(inConfig.map(({ code }) => code)), new Set(['bad-port', 'instance-died']));
    const text = (await vscode.workspace.openTextDocument(config())).getText();
    const died = inConfig.find(({ code }) => code === 'instance-died');
    assert.ok(died !== undefined);
    assert.ok(offsetIn(text, died.range.start) >= text.indexOf('  worker:'));
    assert.ok(offsetIn(text, died.range.start) < text.indexOf('  legacy:'));
    assert.match(died.message, /exited with code 1/);
    const related = died.relatedInformation?.map(({ message }) => message) ?? [];
    assert.ok(
      related.some((line) => line.includes('Error: The setting QUEUE_URL is missing')),
      related.join('\n'),
    );

    const [thrown] = await untilDiagnostics(fileUri('worker', 'settings.js'), (each) => each.length > 0);
    assert.match(thrown?.message ?? '', /The setting QUEUE_URL is missing/);
    assert.equal(thrown?.range.start.line, 4);
  });

  it('write to output channels of their own', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('web'));
    await untilAll(api, 'web', 'RUNNING');
    await vscode.commands.executeCommand('localRuntimes.instance.showLog', instanceHandle('web', 'web.0'));
    const shown = await untilChannel('Runtimes: web.0', /web listens on http/);

    // A new line arrives while the channel is in sight.
    const { url } = serviceOf(api, 'web');
    await fetch(`${url}first`);
    await fetch(`${url}second`);
    await untilChannel('Runtimes: web.0', /GET \/(first|second)/);
    assert.equal(shown.languageId, 'log');
  });

  it('leave no process behind when they are stopped', async () => {
    await vscode.commands.executeCommand('localRuntimes.all.start');
    const web = await untilAll(api, 'web', 'RUNNING');
    const python = await untilAll(api, 'api', 'RUNNING');
    await stopAll();
    for (const { pid } of [...web, ...python]) assert.equal(isAlive(pid), false);
    const states = api.snapshots().flatMap(({ services }) => services.flatMap(({ instances }) => instances));
    assert.deepEqual(
      states.filter(({ pid }) => pid !== undefined),
      [],
    );
  });

  it('can be stopped while they are starting and while they wait for the next try', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('worker'));
    await until(
      () => serviceOf(api, 'worker').instances.some(({ state }) => state === 'BACKOFF'),
      api.onDidChange,
    );
    await vscode.commands.executeCommand('localRuntimes.service.stop', serviceHandle('worker'));
    await untilAll(api, 'worker', 'STOPPED');
  });
});

describe('saving the config', () => {
  let api: LocalRuntimesApi;
  let original: string;
  before(async () => {
    api = await runtimes();
    original = (await vscode.workspace.openTextDocument(config())).getText();
  });
  after(async () => {
    await stopAll();
    await rewrite(config(), original);
    await until(() => api.snapshots()[0]?.services.length === 4, api.onDidChange);
  });

  it('restarts what changed, and only that', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('web'));
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('api'));
    const web = await untilAll(api, 'web', 'RUNNING');
    const python = await untilAll(api, 'api', 'RUNNING');
    await edit(config(), 'Hello from the sample', 'Hello again');
    const pids = new Set(web.map(({ pid }) => pid));
    await until(
      () => serviceOf(api, 'web').instances.every(({ state, pid }) => state === 'RUNNING' && !pids.has(pid)),
      api.onDidChange,
    );
    assert.equal(serviceOf(api, 'api').instances[0]?.pid, python[0]?.pid);
    const answer: unknown = await (await fetch(serviceOf(api, 'web').url ?? '')).json();
    assert.match(JSON.stringify(answer), /Hello again/);
  });

  it('clears a problem once the fix is started', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('worker'));
    await untilAll(api, 'worker', 'FATAL');
    await edit(config(), '    # env:\n    #   QUEUE_URL', '    env:\n      QUEUE_URL');
    await vscode.commands.executeCommand('localRuntimes.service.start', serviceHandle('worker'));
    await untilAll(api, 'worker', 'RUNNING');
    await untilDiagnostics(fileUri('worker', 'settings.js'), (each) => each.length === 0);
    await untilDiagnostics(config(), (each) => each.every(({ code }) => code !== 'instance-died'));
  });

  it('stops what was removed', async () => {
    const [python] = await untilAll(api, 'api', 'RUNNING');
    await edit(config(), '  api:\n    command: python3 api/server.py\n    handshake: discover\n', '');
    await until(() => api.snapshots()[0]?.services.every(({ name }) => name !== 'api'), api.onDidChange);
    await untilGone(python?.pid);
  });
});

async function answeredBy(url: string): Promise<number> {
  const answer: unknown = await (await fetch(url, { headers: { accept: 'application/json' } })).json();
  assert.ok(
    typeof answer === 'object' && answer !== null && 'pid' in answer && typeof answer.pid === 'number',
  );
  return answer.pid;
}

function offsetIn(text: string, { line, character }: vscode.Position): number {
  return text.split('\n').slice(0, line).join('\n').length + 1 + character;
}

/** The document of a channel in sight, once its text fits. */
function untilChannel(name: string, text: RegExp): Promise<vscode.TextDocument> {
  return until(
    () =>
      vscode.window.visibleTextEditors
        .map(({ document }) => document)
        .find(
          (each) => each.uri.scheme === 'output' && each.uri.path.endsWith(name) && text.test(each.getText()),
        ),
    vscode.window.onDidChangeVisibleTextEditors,
    vscode.workspace.onDidChangeTextDocument,
  );
}
