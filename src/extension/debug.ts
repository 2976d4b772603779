/** Our debug type: what an empty or short launch configuration means. The adapter itself is loaded when a session begins. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { debugType } from '../manifest/ids.ts';
import type { RuntimesModel } from './model.ts';

export function registerDebugging(model: RuntimesModel): Disposable {
  const store = new DisposableStore();
  const provider = new ServiceConfigurations(model);
  const { Initial, Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  for (const trigger of [Initial, Dynamic]) {
    store.add(vscode.debug.registerDebugConfigurationProvider(debugType, provider, trigger));
  }
  return store;
}

class ServiceConfigurations implements vscode.DebugConfigurationProvider {
  readonly #model: RuntimesModel;

  constructor(model: RuntimesModel) {
    this.#model = model;
  }

  /** One for each service that has a way to be debugged. */
  provideDebugConfigurations(folder: vscode.WorkspaceFolder | undefined): vscode.DebugConfiguration[] {
    return this.#model.snapshots
      .filter((snapshot) => folder === undefined || snapshot.folder === folder.uri.fsPath)
      .flatMap(({ services }) => services)
      .filter(({ debuggable }) => debuggable)
      .map(({ name: service }) => ({
        type: debugType,
        request: 'launch',
        name: vscode.l10n.t('Debug {0}', service),
        service,
      }));
  }
}
