/** Our debug type in the editor: what a short launch configuration means, and an adapter that is loaded when a session begins. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import {
  configurationsOf,
  type RuntimesConfiguration,
  resolveConfiguration,
} from '../debug/configurations.ts';
import { usesWith } from '../debug/debuggers.ts';
import { debugType } from '../manifest/ids.ts';
import type { Snapshot } from '../protocol/api.ts';
import { childSessionsOf } from './debug-children.ts';
import { mayDebug } from './debugger-extension.ts';
import type { RuntimesModel } from './model.ts';
import type { Recipes } from './recipes.ts';

/** `ready` resolves when every folder has been looked at: a session may be asked for before that. */
export function registerDebugging(model: RuntimesModel, recipes: Recipes, ready: Promise<void>): Disposable {
  const store = new DisposableStore();
  const provider = new ServiceConfigurations(model, recipes, ready);
  const { Initial, Dynamic } = vscode.DebugConfigurationProviderTriggerKind;
  for (const trigger of [Initial, Dynamic]) {
    store.add(vscode.debug.registerDebugConfigurationProvider(debugType, provider, trigger));
  }
  store.add(
    vscode.debug.registerDebugAdapterDescriptorFactory(debugType, {
      createDebugAdapterDescriptor: async (session) => {
        const { createRuntimesDebugAdapter } = await import('../debug/adapter.ts');
        const folder: unknown = session.configuration['folder'];
        const api = await model.apiForStart(typeof folder === 'string' ? folder : '');
        const children = childSessionsOf(session);
        const adapter = createRuntimesDebugAdapter({ api, children, recipes: recipes.all });
        return new vscode.DebugAdapterInlineImplementation(adapter);
      },
    }),
  );
  return store;
}

class ServiceConfigurations implements vscode.DebugConfigurationProvider {
  readonly #model: RuntimesModel;
  readonly #recipes: Recipes;
  readonly #ready: Promise<void>;

  constructor(model: RuntimesModel, recipes: Recipes, ready: Promise<void>) {
    this.#model = model;
    this.#recipes = recipes;
    this.#ready = ready;
  }

  /** One for each service that can be debugged. */
  async provideDebugConfigurations(
    folder: vscode.WorkspaceFolder | undefined,
  ): Promise<vscode.DebugConfiguration[]> {
    await this.#ready;
    return this.#snapshotsFor(folder?.uri.fsPath).flatMap((snapshot) =>
      configurationsOf(snapshot, vscode.l10n.t).map((configuration) => ({ ...configuration })),
    );
  }

  /** Fills in what is left out; asks where there is a choice. `undefined` gives up, after saying why. */
  async resolveDebugConfiguration(
    folder: vscode.WorkspaceFolder | undefined,
    sketch: vscode.DebugConfiguration,
  ): Promise<vscode.DebugConfiguration | undefined> {
    await this.#ready;
    const snapshot = await this.#snapshotMeant(folder, sketch);
    if (snapshot === undefined) {
      void vscode.window.showErrorMessage(vscode.l10n.t('No config file here names a service to debug.'));
      return undefined;
    }
    const resolution = resolveConfiguration(sketch, snapshot, vscode.l10n.t);
    if (resolution.kind === 'nothing') {
      void vscode.window.showErrorMessage(resolution.message);
      return undefined;
    }
    const chosen = resolution.kind === 'ready' ? resolution.configuration : await choose(resolution.choices);
    if (chosen === undefined) return undefined;
    const service = snapshot.services.find(({ name }) => name === chosen.service);
    const uses = usesWith(this.#recipes.all);
    if (service !== undefined && !(await mayDebug(this.#model, snapshot.folder, service, uses)))
      return undefined;
    return { ...chosen, folder: snapshot.folder };
  }

  /** The folder a configuration speaks of: the one it names, else its own, else the one that has the service. */
  async #snapshotMeant(
    folder: vscode.WorkspaceFolder | undefined,
    sketch: vscode.DebugConfiguration,
  ): Promise<Snapshot | undefined> {
    const named: unknown = sketch['folder'];
    // A variable is not filled in yet at this point; the folder it would name is the configuration's own.
    const path = typeof named === 'string' && !named.includes('${') ? named : folder?.uri.fsPath;
    const snapshots = this.#snapshotsFor(path);
    const service: unknown = sketch['service'];
    const having = snapshots.filter(({ services }) => services.some(({ name }) => name === service));
    const meant = having.length > 0 ? having : snapshots;
    if (meant.length < 2) return meant[0];
    const chosen = await vscode.window.showQuickPick(
      meant.map((snapshot) => ({ label: snapshot.folder, snapshot })),
    );
    return chosen?.snapshot;
  }

  #snapshotsFor(path: string | undefined): readonly Snapshot[] {
    const { snapshots } = this.#model;
    const own = snapshots.filter(({ folder }) => folder === path);
    return own.length > 0 ? own : snapshots;
  }
}

async function choose(choices: readonly RuntimesConfiguration[]): Promise<RuntimesConfiguration | undefined> {
  const items = choices.map((configuration) => ({ label: configuration.service, configuration }));
  const placeHolder = vscode.l10n.t('Which service is to be debugged?');
  return (await vscode.window.showQuickPick(items, { placeHolder }))?.configuration;
}
