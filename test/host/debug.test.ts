import assert from 'node:assert/strict';
import { after, afterEach, before, describe, it } from 'mocha';
import * as vscode from 'vscode';
import type { LocalRuntimesApi } from '../../src/extension/exports.ts';
import type { InstanceView } from '../../src/protocol/api.ts';
import { DebugWatch } from './debug-watch.ts';
import {
  fileUri,
  folder,
  instanceHandle,
  isAlive,
  runtimes,
  serviceHandle,
  serviceOf,
  stopAll,
  until,
  untilAll,
} from './editor.ts';

/** The first statement of the sample's request handler, 1-based. */
const handlerLine = 13;

describe('debugging a service', () => {
  let api: LocalRuntimesApi;
  const watch = new DebugWatch();
  before(async () => {
    api = await runtimes();
    const place = new vscode.Location(fileUri('web', 'server.js'), new vscode.Position(handlerLine - 1, 0));
    vscode.debug.addBreakpoints([new vscode.SourceBreakpoint(place)]);
  });
  afterEach(async () => {
    await vscode.debug.stopDebugging();
    await stopAll();
    await watch.untilNoSession();
    watch.forget();
  });
  after(() => {
    vscode.debug.removeBreakpoints(vscode.debug.breakpoints);
    watch.dispose();
  });

  it('is offered for every service that can be debugged', async () => {
    await vscode.commands.executeCommand('localRuntimes.service.startDebugging', serviceHandle('web'));
    await untilAll(api, 'web', 'RUNNING');
    await watch.untilBound(2);
  });

  it('stops at a breakpoint in the request handler, and going on answers the request', async () => {
    assert.ok(await vscode.debug.startDebugging(folder(), 'Debug web'));
    await untilAll(api, 'web', 'RUNNING');
    await watch.untilBound(2);

    const answer = fetch(serviceOf(api, 'web').url ?? '');
    const stop = await watch.untilStopped();
    assert.deepEqual(await stop.frame(), { name: 'handleRequest', line: handlerLine });
    await stop.goOn();
    assert.equal((await answer).status, 200);
  });

  it('attaches again when an instance comes back as another process', async () => {
    assert.ok(await vscode.debug.startDebugging(folder(), 'Debug web'));
    const before = await untilAll(api, 'web', 'RUNNING');
    await watch.untilBound(2);
    await vscode.commands.executeCommand('localRuntimes.instance.restart', instanceHandle('web', 'web.0'));
    await until(() => renewed(before, serviceOf(api, 'web').instances), api.onDidChange);
    await watch.untilBound(3);

    // Two requests meet both instances: the one that went on, and the one that came back.
    const { url = '' } = serviceOf(api, 'web');
    for (let count = 0; count < 2; count++) {
      const answer = fetch(url);
      await (await watch.untilStopped()).goOn();
      assert.equal((await answer).status, 200);
    }
    assert.equal(watch.stoppedProcesses, 2);
  });

  it('brings new processes under the same session when the session is restarted', async () => {
    assert.ok(await vscode.debug.startDebugging(folder(), 'Debug web'));
    const before = await untilAll(api, 'web', 'RUNNING');
    await watch.untilBound(2);
    const session = watch.ours;
    await vscode.commands.executeCommand('workbench.action.debug.restart');
    await until(
      () =>
        serviceOf(api, 'web').instances.every(({ state, pid }) => state === 'RUNNING' && isNew(before, pid)),
      api.onDidChange,
    );
    await watch.untilBound(4);
    assert.equal(watch.ours?.id, session?.id);
  });

  it('leaves no process when the session is stopped, even at a breakpoint', async () => {
    assert.ok(await vscode.debug.startDebugging(folder(), 'Debug web'));
    const instances = await untilAll(api, 'web', 'RUNNING');
    await watch.untilBound(2);
    const answer = fetch(serviceOf(api, 'web').url ?? '').catch(() => undefined);
    await watch.untilStopped();

    await vscode.debug.stopDebugging(watch.ours);
    await watch.untilNoSession();
    for (const { pid } of instances) assert.equal(isAlive(pid), false);
    await untilAll(api, 'web', 'STOPPED');
    await answer;
  });

  it('ends its session when the service is stopped elsewhere', async () => {
    assert.ok(await vscode.debug.startDebugging(folder(), 'Debug web'));
    await untilAll(api, 'web', 'RUNNING');
    await watch.untilBound(2);
    await vscode.commands.executeCommand('localRuntimes.service.stop', serviceHandle('web'));
    await watch.untilNoSession();
  });
});

function isNew(before: readonly InstanceView[], pid: number | undefined): boolean {
  return pid !== undefined && before.every((each) => each.pid !== pid);
}

/** The first instance is another process now, the second one is not. */
function renewed(before: readonly InstanceView[], now: readonly InstanceView[]): boolean {
  const [first, second] = now;
  return first?.state === 'RUNNING' && isNew(before, first.pid) && second?.pid === before[1]?.pid;
}
