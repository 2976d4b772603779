/** Whether services that are done are out of sight: a setting, so that it outlives the window. */

import * as vscode from 'vscode';
import { settings, settingsSection } from '../manifest/ids.ts';

export function hidesFinished(): boolean {
  return vscode.workspace.getConfiguration(settingsSection).get<boolean>(settings.hideFinished, false);
}

/** Writes it where it was said last: a workspace's own word stays a workspace's, else it is the user's. */
export async function setHidesFinished(value: boolean): Promise<void> {
  const configuration = vscode.workspace.getConfiguration(settingsSection);
  const said = configuration.inspect<boolean>(settings.hideFinished);
  const { Global, Workspace } = vscode.ConfigurationTarget;
  const where = said?.workspaceValue === undefined ? Global : Workspace;
  await configuration.update(settings.hideFinished, value, where);
}

/** Calls `changed` when a person or a command has changed it. */
export function onFinishedChange(changed: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${settingsSection}.${settings.hideFinished}`)) changed();
  });
}
