/** The context keys that menus and welcome texts look at. Told to the editor only when they differ. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { contextKeys } from '../manifest/ids.ts';
import { hidesFinished, onFinishedChange } from './finished.ts';
import type { RuntimesModel } from './model.ts';

export function keepContext(model: RuntimesModel): Disposable {
  const told = new Map<string, boolean>();
  const tell = (key: string, value: boolean): void => {
    if (told.get(key) === value) return;
    told.set(key, value);
    void vscode.commands.executeCommand('setContext', key, value);
  };
  const draw = (): void => {
    const { snapshots } = model;
    tell(contextKeys.loaded, model.loaded);
    tell(
      contextKeys.hasConfig,
      snapshots.some(({ files, problems }) => files.length > 0 || problems.length > 0),
    );
    tell(
      contextKeys.hasServices,
      snapshots.some(({ services }) => services.length > 0),
    );
    tell(
      contextKeys.hasFrontDoor,
      snapshots.some(({ frontDoor }) => frontDoor !== undefined),
    );
    tell(
      contextKeys.hasGroups,
      snapshots.some(({ groups }) => groups.length > 0),
    );
    tell(
      contextKeys.hasJobs,
      snapshots.some(({ services }) => services.some(({ oneShot }) => oneShot)),
    );
    tell(contextKeys.hidesFinished, hidesFinished());
  };
  draw();
  const store = new DisposableStore();
  store.add(model.onDidChange(draw));
  store.add(onFinishedChange(draw));
  return store;
}
