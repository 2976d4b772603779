/**
 * What other extensions bring to the services of a folder: recipes, interpreters that are selected, debuggers.
 *
 * Looks at extensions as they are, and never brings one to life: that is a person's or the editor's doing.
 */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import type { Equipment } from '../protocol/api.ts';
import { interpreterCandidates, interpreterSettings, type SettingLayers } from '../view/interpreters.ts';
import type { Recipes } from './recipes.ts';

/** The extension of which the children of a language need a folder to be debugged, and where in it that is. */
const debuggerFolders: Readonly<Record<string, { readonly id: string; readonly folder: readonly string[] }>> =
  {
    python: { id: 'ms-python.debugpy', folder: ['bundled', 'libs'] },
  };

const pythonExtension = 'ms-python.python';

export class Equipments implements Disposable {
  readonly #recipes: Recipes;
  readonly #store = new DisposableStore();
  readonly #changed = this.#store.add(new vscode.EventEmitter<void>());
  #listensToPython = false;

  /** Some folder may be equipped otherwise now. */
  readonly onDidChange = this.#changed.event;

  constructor(recipes: Recipes) {
    this.#recipes = recipes;
    const changed = (): void => this.#changed.fire();
    this.#store.add(recipes.onDidChange(changed));
    this.#store.add(vscode.extensions.onDidChange(changed));
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(changed));
    this.#store.add(
      vscode.workspace.onDidChangeConfiguration((change) => {
        if (interpreterSettings.some((key) => change.affectsConfiguration(key))) changed();
      }),
    );
  }

  /** What there is for a folder now. Looking costs a few questions to the file system. */
  async of(folder: vscode.WorkspaceFolder): Promise<Required<Equipment>> {
    const python = this.#pythonOf(folder);
    const candidates = interpreterCandidates({
      trusted: vscode.workspace.isTrusted,
      folder: folder.uri.fsPath,
      home: process.env['HOME'] ?? process.env['USERPROFILE'],
      environment: process.env,
      windows: process.platform === 'win32',
      setting: (key) => layersOf(key, folder),
      active: { python },
    });
    const [interpreters, debuggers] = await Promise.all([
      eachOf(candidates, (paths) => firstThere(paths, vscode.FileType.File)),
      eachOf(debuggerFolders, ({ id, folder: parts }) => {
        const extension = vscode.extensions.getExtension(id);
        const paths =
          extension === undefined ? [] : [vscode.Uri.joinPath(extension.extensionUri, ...parts).fsPath];
        return firstThere(paths, vscode.FileType.Directory);
      }),
    ]);
    return { recipes: this.#recipes.all, interpreters, debuggers };
  }

  dispose(): void {
    this.#store.dispose();
  }

  /** The path of the environment that the Python extension uses for a folder, once that extension is active. */
  #pythonOf(folder: vscode.WorkspaceFolder): string | undefined {
    const extension = vscode.extensions.getExtension<unknown>(pythonExtension);
    if (extension?.isActive !== true) return undefined;
    const environments = fieldOf(extension.exports, 'environments');
    const ask = fieldOf(environments, 'getActiveEnvironmentPath');
    if (typeof ask !== 'function') return undefined;
    if (!this.#listensToPython) {
      this.#listensToPython = true;
      const listen = fieldOf(environments, 'onDidChangeActiveEnvironmentPath');
      const subscription: unknown =
        typeof listen === 'function'
          ? Reflect.apply(listen, environments, [() => this.#changed.fire()])
          : undefined;
      if (isDisposable(subscription)) this.#store.add(subscription);
    }
    const path = fieldOf(Reflect.apply(ask, environments, [folder.uri]), 'path');
    return typeof path === 'string' ? path : undefined;
  }
}

function layersOf(key: string, folder: vscode.WorkspaceFolder): SettingLayers {
  const told = vscode.workspace.getConfiguration(undefined, folder.uri).inspect<unknown>(key);
  return { user: told?.globalValue, workspace: told?.workspaceValue, folder: told?.workspaceFolderValue };
}

/** `null` where there is nothing, so that what was told before is forgotten. */
async function eachOf<T>(
  all: Readonly<Record<string, T>>,
  find: (value: T) => Promise<string | undefined>,
): Promise<Readonly<Record<string, string | null>>> {
  const found = Object.entries(all).map(async ([key, value]) => [key, (await find(value)) ?? null] as const);
  return Object.fromEntries(await Promise.all(found));
}

async function firstThere(paths: readonly string[], type: vscode.FileType): Promise<string | undefined> {
  const there = await Promise.all(paths.map((path) => isOfType(path, type)));
  return paths.find((_, index) => there[index]);
}

async function isOfType(path: string, type: vscode.FileType): Promise<boolean> {
  try {
    // A link is told as one besides what it leads to.
    return ((await vscode.workspace.fs.stat(vscode.Uri.file(path))).type & type) !== 0;
  } catch {
    // There is nothing, which is what was asked.
    return false;
  }
}

/** What another extension exports is taken for nothing in particular. */
function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

function isDisposable(value: unknown): value is Disposable {
  return typeof fieldOf(value, 'dispose') === 'function';
}
