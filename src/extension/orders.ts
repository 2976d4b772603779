/** Start, stop and restart: the same for whatever nodes were meant, all of a folder in one order. */

import type { Order } from '../manifest/commands.ts';
import type { RuntimeApi, StartOptions, Target } from '../protocol/api.ts';
import { targetsOf } from '../view/selection.ts';
import type { Subject } from '../view/subject.ts';
import type { RuntimesModel } from './model.ts';
import { mayRun } from './trust.ts';

const calls: Readonly<
  Record<Order, (api: RuntimeApi, target: Target, start: StartOptions) => Promise<void>>
> = {
  start: (api, target, options) => api.start(target, options),
  stop: (api, target) => api.stop(target),
  restart: (api, target) => api.restart(target),
};

function apiFor(model: RuntimesModel, order: Order, folder: string): Promise<RuntimeApi> {
  return order === 'stop' ? model.apiOf(folder) : model.apiForStart(folder);
}

/** Gives an order only where things may run; a person who may not is told how to change that. */
export async function giveOrder(
  model: RuntimesModel,
  order: Order,
  subjects: readonly Subject[],
  options: StartOptions = {},
): Promise<void> {
  if (subjects.length === 0 || !(await mayRun())) return;
  await Promise.all(
    targetsOf(subjects, model.snapshots).map(async ({ folder, target }) =>
      calls[order](await apiFor(model, order, folder), target, options),
    ),
  );
}
