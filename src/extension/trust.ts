/** Workspace trust: nothing runs before it, and a person who asks for more is told how to give it. */

import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { guarded } from './errors.ts';
import type { RuntimesModel } from './model.ts';

export async function manageTrust(): Promise<void> {
  await vscode.commands.executeCommand('workbench.trust.manage');
}

/** Whether commands of the workspace may be run. If not, says so and offers the way. */
export async function mayRun(): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const message = vscode.l10n.t('This workspace is not trusted, so none of its commands is run.');
  const chosen = await vscode.window.showInformationMessage(message, manage);
  if (chosen === manage) await manageTrust();
  return vscode.workspace.isTrusted;
}

export function followTrust(model: RuntimesModel, log: vscode.LogOutputChannel): Disposable {
  return vscode.workspace.onDidGrantWorkspaceTrust(() => void guarded(log, () => model.trust()));
}
