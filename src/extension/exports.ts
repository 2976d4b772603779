/** What other extensions (and our own tests) get from `activate`. Small, and kept over minor versions. */

import type * as vscode from 'vscode';
import type { Snapshot, Target } from '../protocol/api.ts';
import type { RuntimesModel } from './model.ts';

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
}

export function exportsOf(model: RuntimesModel, ready: Promise<void>): LocalRuntimesApi {
  return {
    version: 1,
    ready,
    snapshots: () => model.snapshots,
    onDidChange: model.onDidChange,
    start: async (folder, target) => (await model.apiOf(folder)).start(target),
    stop: async (folder, target) => (await model.apiOf(folder)).stop(target),
  };
}
