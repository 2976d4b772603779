/** What the tests inside the editor share: our extension's exports, the folder that is open, and waiting for signs. */

import assert from 'node:assert/strict';
import { setTimeout as pause } from 'node:timers/promises';
import * as vscode from 'vscode';
import type { LocalRuntimesApi } from '../../src/extension/exports.ts';
import type { InstanceView, ServiceView, StateName } from '../../src/protocol/api.ts';

const extensionId = 'local-runtimes.local-runtimes';

export function extension(): vscode.Extension<LocalRuntimesApi> {
  const found = vscode.extensions.getExtension<LocalRuntimesApi>(extensionId);
  assert.ok(found !== undefined, `${extensionId} is not installed`);
  return found;
}

/** Our exports, once every folder has been looked at. */
export async function runtimes(): Promise<LocalRuntimesApi> {
  const api = await extension().activate();
  await api.ready;
  return api;
}

export function folder(): vscode.WorkspaceFolder {
  const [first] = vscode.workspace.workspaceFolders ?? [];
  assert.ok(first !== undefined, 'no folder is open');
  return first;
}

export function fileUri(...parts: string[]): vscode.Uri {
  return vscode.Uri.joinPath(folder().uri, ...parts);
}

/** A context-menu call's argument. */
export function instanceHandle(service: string, instance: string): object {
  const path = folder().uri.fsPath;
  return {
    id: `instance:${path}#${instance}`,
    subject: { kind: 'instance', folder: path, service, instance },
  };
}

export function serviceHandle(service: string): object {
  const path = folder().uri.fsPath;
  return { id: `service:${path}#${service}`, subject: { kind: 'service', folder: path, service } };
}

export function groupHandle(group: string): object {
  const path = folder().uri.fsPath;
  return { id: `group:${path}#${group}`, subject: { kind: 'group', folder: path, group } };
}

/** Any event: what it tells does not matter, only that it does. */
type Sign = (listener: () => void) => vscode.Disposable;

/** Looks now and after every sign until there is something to see. The test's own time-out ends it. */
export function until<T>(look: () => T | undefined | false, ...signs: readonly Sign[]): Promise<T> {
  return new Promise((resolve, reject) => {
    const listening: vscode.Disposable[] = [];
    const check = (): void => {
      try {
        const seen = look();
        if (seen === undefined || seen === false) return;
        for (const each of listening) each.dispose();
        resolve(seen);
      } catch (error) {
        for (const each of listening) each.dispose();
        reject(error);
      }
    };
    for (const sign of signs) listening.push(sign(check));
    check();
  });
}

export function serviceOf(api: LocalRuntimesApi, name: string): ServiceView {
  const service = api
    .snapshots()
    .flatMap(({ services }) => services)
    .find((each) => each.name === name);
  assert.ok(service !== undefined, `there is no service ${name}`);
  return service;
}

/** The instances of a service, once all of them are in one state. */
export async function untilAll(
  api: LocalRuntimesApi,
  name: string,
  state: StateName,
): Promise<readonly InstanceView[]> {
  return until(() => {
    const { instances } = serviceOf(api, name);
    return instances.length > 0 && instances.every((each) => each.state === state) && instances;
  }, api.onDidChange);
}

export async function stopAll(): Promise<void> {
  await vscode.commands.executeCommand('localRuntimes.all.stop');
}

export function isAlive(pid: number | undefined): boolean {
  assert.ok(pid !== undefined);
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    // No such process, which is what was asked.
    return false;
  }
}

/** A process that is not our child gives no sign when it ends, so it is looked at often. */
export async function untilGone(pid: number | undefined): Promise<void> {
  while (isAlive(pid)) await pause(20);
}

/** Replaces a text once in a file of the folder, through an editor's document, and saves it. */
export async function edit(uri: vscode.Uri, from: string, to: string): Promise<void> {
  const text = (await vscode.workspace.openTextDocument(uri)).getText();
  assert.ok(text.includes(from), `"${from}" is not in ${uri.fsPath}`);
  await rewrite(
    uri,
    text.replace(from, () => to),
  );
}

/** Gives a file a text, through an editor's document, and saves it. */
export async function rewrite(uri: vscode.Uri, text: string): Promise<void> {
  const document = await vscode.workspace.openTextDocument(uri);
  const change = new vscode.WorkspaceEdit();
  change.replace(
    uri,
    new vscode.Range(new vscode.Position(0, 0), document.lineAt(document.lineCount - 1).range.end),
    text,
  );
  assert.ok(await vscode.workspace.applyEdit(change));
  assert.ok(await document.save());
}

/** The file's diagnostics, once `fits` is true of them. */
export function untilDiagnostics(
  uri: vscode.Uri,
  fits: (diagnostics: readonly vscode.Diagnostic[]) => boolean,
): Promise<readonly vscode.Diagnostic[]> {
  return until(() => {
    const diagnostics = vscode.languages.getDiagnostics(uri);
    return fits(diagnostics) && diagnostics;
  }, vscode.languages.onDidChangeDiagnostics);
}
