/**
 * The extension's beginning and end.
 *
 * Activation registers what a person can see and touch, then looks for config files; a runtime host is started only
 * for a folder that has one. The end waits until every child is gone.
 */

import * as vscode from 'vscode';
import { settings, settingsSection } from '../manifest/ids.ts';
import { registerCommands } from './commands.ts';
import { keepContext } from './context.ts';
import { registerDebugging } from './debug.ts';
import { Equipments } from './equipment.ts';
import { guarded, offerRestart } from './errors.ts';
import { offerFixes } from './fixes.ts';
import { exportsOf, type LocalRuntimesApi } from './exports.ts';
import { type Language, serveLanguage } from './language.ts';
import { InstanceLogs } from './logs.ts';
import { MainLogs } from './main-log.ts';
import { RuntimesModel } from './model.ts';
import { offerNews } from './news.ts';
import { showProblems } from './problems.ts';
import { showBuilding } from './progress.ts';
import { Recipes } from './recipes.ts';
import { showStatus } from './status.ts';
import { ServicesTree } from './tree.ts';
import { followTrust } from './trust.ts';

/** What has to be ended, and waited for, before the extension host may go. */
let running: { readonly model: RuntimesModel; readonly language: Language } | undefined;

export function activate(context: vscode.ExtensionContext): LocalRuntimesApi {
  const keep = <T extends vscode.Disposable>(item: T): T => {
    context.subscriptions.push(item);
    return item;
  };
  const log = keep(vscode.window.createOutputChannel('Local Runtimes', { log: true }));
  const recipes = keep(new Recipes());
  const equipments = keep(new Equipments(recipes));
  const model = keep(new RuntimesModel(context.globalStorageUri, log, equipments));
  const logs = keep(new InstanceLogs(model, log));
  const mainLogs = keep(new MainLogs(model, log));
  const language = keep(serveLanguage(context, log, recipes));
  running = { model, language };

  keep(registerCommands({ model, recipes, logs, mainLogs, log }));
  keep(new ServicesTree(model));
  keep(showStatus(model));
  keep(showBuilding(model, log));
  keep(showProblems(model, language));
  keep(offerFixes());
  keep(offerNews(model, log));
  keep(keepContext(model));
  keep(followTrust(model, log));
  keep(
    model.onDidFail(({ folder, reason }) => {
      void offerRestart(log, folder.path, reason, () => folder.open());
    }),
  );
  keep(
    model.onDidLeave(({ folder }) => {
      // One line is all that a notification shows of a text.
      const message = vscode.l10n.t('{0} is stopped: what ran it ended.', folder.name);
      void vscode.window.showInformationMessage(message);
    }),
  );
  keep(vscode.workspace.onDidChangeWorkspaceFolders(() => void guarded(log, () => model.open())));
  keep(
    vscode.workspace.onDidChangeConfiguration((change) => {
      const concerns = ({ uri }: vscode.WorkspaceFolder): boolean =>
        change.affectsConfiguration(`${settingsSection}.${settings.file}`, uri);
      void guarded(log, () => model.reopen(concerns));
    }),
  );

  const ready = guarded(log, () => model.open());
  keep(registerDebugging(model, recipes, ready));
  return exportsOf(model, recipes, ready);
}

/** Resolves when nothing of ours runs any more. */
export async function deactivate(): Promise<void> {
  const ending = running;
  running = undefined;
  await Promise.allSettled([ending?.model.close(), ending?.language.stop()]);
}
