/** What other extensions (and our own tests) get from `activate`. Small, and kept over minor versions. */

import type * as vscode from 'vscode';
import type { RecipeDefinition } from '../config/registered.ts';
import type { Snapshot, Target } from '../protocol/api.ts';
import type { RuntimesModel } from './model.ts';
import type { Recipes } from './recipes.ts';

export interface LocalRuntimesApi {
  readonly version: 1;
  /** Resolves when every folder of the workspace has been looked at. */
  readonly ready: Promise<void>;
  /** The present state of every folder that has a config file. Plain JSON values. */
  snapshots(): readonly Snapshot[];
  /** Fires after `snapshots()` has changed, at most every 50 ms. */
  readonly onDidChange: vscode.Event<void>;
  /** As in the tree: returns when the start has been ordered. `folder` is the absolute path of a workspace folder. */
  start(folder: string, target: Target): Promise<void>;
  /** Returns when no process of it is left. */
  stop(folder: string, target: Target): Promise<void>;
  /**
   * Brings the recipe of a language: `runtime` may name it from now on, in every folder, until it is disposed of.
   * The definition is plain data (see `docs/runtimes.md`). Throws an error that says what is wrong with it, or that
   * there is a recipe of that name already.
   */
  registerRecipe(definition: RecipeDefinition): vscode.Disposable;
}

export function exportsOf(model: RuntimesModel, recipes: Recipes, ready: Promise<void>): LocalRuntimesApi {
  return {
    version: 1,
    ready,
    snapshots: () => model.snapshots,
    onDidChange: model.onDidChange,
    start: async (folder, target) => (await model.apiForStart(folder)).start(target),
    stop: async (folder, target) => (await model.apiOf(folder)).stop(target),
    registerRecipe: (definition) => recipes.register(definition),
  };
}
