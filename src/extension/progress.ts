/** One notification for all that is being built, once it takes a while; its Cancel stops what waits for it. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type Building, buildingIn, buildingSilenceMs } from '../view/building.ts';
import { guarded } from './errors.ts';
import type { RuntimesModel } from './model.ts';

export function showBuilding(model: RuntimesModel, log: vscode.LogOutputChannel): Disposable {
  const store = new DisposableStore();
  let shown: Notification | undefined;
  let timer: NodeJS.Timeout | undefined;
  const cancel = (): void => {
    const building = buildingIn(model.snapshots);
    if (building !== undefined) void guarded(log, () => stop(model, building));
  };
  const look = (): void => {
    clearTimeout(timer);
    const building = buildingIn(model.snapshots);
    if (building === undefined) {
      shown?.end();
      shown = undefined;
      return;
    }
    const left = building.since + buildingSilenceMs - Date.now();
    if (shown === undefined && left > 0) {
      timer = setTimeout(look, left);
      return;
    }
    shown ??= new Notification(cancel);
    shown.say(building.text);
  };
  store.add(model.onDidChange(look));
  store.add({
    dispose() {
      clearTimeout(timer);
      shown?.end();
    },
  });
  look();
  return store;
}

async function stop(model: RuntimesModel, { instances }: Building): Promise<void> {
  const folders = new Set(instances.map(({ folder }) => folder));
  const stops = [...folders].map(async (folder) => {
    const targets = instances
      .filter((each) => each.folder === folder)
      .map(({ instance }) => ({ kind: 'instance', instance }) as const);
    await (await model.apiOf(folder)).stop({ kind: 'several', targets });
  });
  await Promise.all(stops);
}

class Notification {
  readonly #ended = Promise.withResolvers<void>();
  #report: ((text: string) => void) | undefined;
  #text: string | undefined;

  constructor(cancelled: () => void) {
    const options = {
      location: vscode.ProgressLocation.Notification,
      title: vscode.l10n.t('Building'),
      cancellable: true,
    };
    void vscode.window.withProgress(options, async (progress, token) => {
      this.#report = (message) => progress.report({ message });
      if (this.#text !== undefined) this.#report(this.#text);
      const listening = token.onCancellationRequested(cancelled);
      await this.#ended.promise;
      listening.dispose();
    });
  }

  say(text: string): void {
    if (this.#text === text) return;
    this.#text = text;
    this.#report?.(text);
  }

  end(): void {
    this.#ended.resolve();
  }
}
