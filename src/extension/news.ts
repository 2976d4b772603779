/** Offers to start what a saved config has brought, once for each change and without standing in the way. */

import * as vscode from 'vscode';
import type { Disposable } from '../base/disposable.ts';
import { newsText } from '../view/news.ts';
import { guarded } from './errors.ts';
import type { News, RuntimesModel } from './model.ts';
import { giveOrder } from './orders.ts';

export function offerNews(model: RuntimesModel, log: vscode.LogOutputChannel): Disposable {
  return model.onDidBring((news) => void guarded(log, () => offer(model, news)));
}

async function offer(model: RuntimesModel, { folder, services }: News): Promise<void> {
  const start = vscode.l10n.t('Start');
  const chosen = await vscode.window.showInformationMessage(newsText(services, vscode.l10n.t), start);
  if (chosen !== start) return;
  // The config may have changed again since.
  const present = new Set(model.snapshotOf(folder)?.services.map(({ name }) => name));
  await giveOrder(
    model,
    'start',
    services.filter((name) => present.has(name)).map((service) => ({ kind: 'service', folder, service })),
  );
}
