import assert from 'node:assert/strict';
import { after, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { LocalRuntimesApi } from '../../src/extension/exports.ts';
import { edit, fileUri, rewrite, runtimes, serviceOf, stopAll, until, untilAll } from './editor.ts';

describe('requests to the services of a folder', () => {
  const config = fileUri('runtimes.yaml');
  let api: LocalRuntimesApi;
  let text: string;
  before(async () => {
    api = await runtimes();
    text = (await vscode.workspace.openTextDocument(config)).getText();
    await edit(
      config,
      'command: node web/server.js',
      'command: node web/server.js\n    startOnRequest: true',
    );
    await until(() => serviceOf(api, 'web').onRequest, api.onDidChange);
  });
  after(async () => {
    await stopAll();
    await rewrite(config, text);
    await until(() => serviceOf(api, 'web').onRequest === undefined, api.onDidChange);
  });

  /** Counted since the instances were made, by other tests too. */
  const requestsSoFar = (): number =>
    serviceOf(api, 'web').instances.reduce((sum, { traffic }) => sum + (traffic?.requests ?? 0), 0);

  it('start what is asleep, and are counted', async () => {
    await vscode.commands.executeCommand('localRuntimes.all.start');
    await until(
      () => serviceOf(api, 'web').instances.every(({ asleep }) => asleep === true),
      api.onDidChange,
    );
    assert.ok(
      serviceOf(api, 'web').instances.every(({ state, pid }) => state === 'STOPPED' && pid === undefined),
    );
    const before = requestsSoFar();
    const { url } = serviceOf(api, 'web');
    assert.ok(url !== undefined);
    assert.equal((await fetch(url)).status, 200);
    const awake = await untilAll(api, 'web', 'RUNNING');
    assert.ok(awake.every(({ asleep }) => asleep === undefined));
    await until(() => requestsSoFar() === before + 1, api.onDidChange);
  });
});
