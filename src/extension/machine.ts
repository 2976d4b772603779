/** Shows what runs on this machine from which folder, and takes a person there. */

import * as vscode from 'vscode';
import { servicesView } from '../manifest/ids.ts';
import { type MachineRow, machineRows } from '../view/machine.ts';
import type { RuntimesModel } from './model.ts';
import { openUrl } from './navigate.ts';

interface RowItem extends vscode.QuickPickItem {
  readonly row?: MachineRow;
}

export async function showMachine(model: RuntimesModel): Promise<void> {
  const [folder] = model.folders;
  if (folder === undefined) return;
  const neighbours = await (await folder.api()).neighbours();
  const rows = machineRows(neighbours, Date.now(), vscode.l10n.t);
  if (rows.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing runs on this machine.'));
    return;
  }
  const chosen = await vscode.window.showQuickPick(rows.flatMap(itemsOf), {
    placeHolder: vscode.l10n.t('Choose a service to open it, or a folder to show it'),
    matchOnDescription: true,
  });
  if (chosen?.row !== undefined) await goTo(model, chosen.row);
}

/** A line stands above each folder. */
function itemsOf(row: MachineRow): readonly RowItem[] {
  const item: RowItem = { label: `$(${row.icon}) ${row.label}`, description: row.description, row };
  if (row.kind === 'service') return [item];
  return [{ label: '', kind: vscode.QuickPickItemKind.Separator }, item];
}

async function goTo(model: RuntimesModel, { url, folder }: MachineRow): Promise<void> {
  if (url !== undefined) {
    await openUrl(url);
  } else if (model.folders.some(({ path }) => path === folder)) {
    await vscode.commands.executeCommand(`${servicesView}.focus`);
  } else {
    // Its own services stay as they are: another window is for another folder.
    await vscode.commands.executeCommand('vscode.openFolder', vscode.Uri.file(folder), {
      forceNewWindow: true,
    });
  }
}
