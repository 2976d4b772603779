/** Failures of what a person asked for: said once, with a way to more. What happens by itself is in the tree and in Problems. */

import * as vscode from 'vscode';

/** Runs what a person asked for. Never rejects. */
export async function guarded(log: vscode.LogOutputChannel, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    log.error(error instanceof Error ? (error.stack ?? message) : message);
    void offer(log, message);
  }
}

async function offer(log: vscode.LogOutputChannel, message: string): Promise<void> {
  const problems = vscode.l10n.t('Show Problems');
  const details = vscode.l10n.t('Show Log');
  const chosen = await vscode.window.showErrorMessage(message, problems, details);
  if (chosen === problems) await vscode.commands.executeCommand('workbench.actions.view.problems');
  if (chosen === details) log.show();
}

/** A runtime host ended by itself: everything it ran is gone, so a person has to know. */
export async function offerRestart(
  log: vscode.LogOutputChannel,
  folder: string,
  reason: string,
  restart: () => Promise<void>,
): Promise<void> {
  log.error(`The runtime host of ${folder} ended: ${reason}`);
  const again = vscode.l10n.t('Start Again');
  const details = vscode.l10n.t('Show Log');
  const message = vscode.l10n.t('What runs the services of {0} has ended by a mistake of ours.', folder);
  const chosen = await vscode.window.showErrorMessage(message, again, details);
  if (chosen === again) await guarded(log, restart);
  if (chosen === details) log.show();
}
