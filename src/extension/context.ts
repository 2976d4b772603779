/** The context keys that menus and welcome texts look at. Told to the editor only when they differ. */

import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { contextKeys } from '../manifest/ids.ts';
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
  };
  draw();
  return model.onDidChange(draw);
}
