/** The one item in the status bar: how many services run; clicking it shows them. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { servicesView } from '../manifest/ids.ts';
import { statusOf } from '../view/status.ts';
import type { RuntimesModel } from './model.ts';

export function showStatus(model: RuntimesModel): Disposable {
  const store = new DisposableStore();
  // It speaks for the whole workspace, so it stands on the left.
  const item = store.add(
    vscode.window.createStatusBarItem('localRuntimes.status', vscode.StatusBarAlignment.Left, 10),
  );
  item.name = vscode.l10n.t('Local Runtimes');
  item.command = `${servicesView}.focus`;
  const draw = (): void => {
    const line = statusOf(model.snapshots, vscode.l10n.t);
    if (line === undefined) return item.hide();
    item.text = `$(${line.busy === true ? 'loading~spin' : 'server-process'}) ${line.text}`;
    item.tooltip = line.tooltip;
    item.accessibilityInformation = { label: line.accessibleLabel, role: 'button' };
    item.show();
  };
  store.add(model.onDidChange(draw));
  draw();
  return store;
}
