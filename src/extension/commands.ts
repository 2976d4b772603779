import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import {
  type CommandId,
  type CommandRow,
  commandRows,
  type CommandSubject,
  commandTable,
} from '../manifest/commands.ts';
import { debugType } from '../manifest/ids.ts';
import type { GroupView, InstanceView, ServiceView } from '../protocol/api.ts';
import type { GroupSubject, InstanceSubject, ServiceSubject, Subject } from '../view/subject.ts';
import { servicesOf } from '../view/tree.ts';
import { createConfig } from './create.ts';
import { guarded } from './errors.ts';
import { setHidesFinished } from './finished.ts';
import type { InstanceLogs } from './logs.ts';
import type { MainLogs } from './main-log.ts';
import type { RuntimesModel } from './model.ts';
import { showMachine } from './machine.ts';
import { copyUrl, isThere, openAtEnd, openPlace, openUrl } from './navigate.ts';
import { giveOrder } from './orders.ts';
import { pickFolder, pickNamed, subjectsFor } from './pick.ts';
import type { Recipes } from './recipes.ts';
import { clearLogs, scale, sendInput, sendSignal } from './processes.ts';
import { manageTrust, mayRun } from './trust.ts';

type Rows = typeof commandTable;

/** Commands that are more than an order, which the table gives by itself. */
type IdsOf<Kind extends CommandSubject> = {
  [Id in CommandId]: Rows[Id] extends { readonly subject: Kind }
    ? Rows[Id] extends { readonly order: string }
      ? never
      : Id
    : never;
}[CommandId];

/** One handler for each command of the table: a forgotten one does not compile. All but `workspace` are for several nodes at once. */
interface Handlers {
  readonly group: { readonly [Id in IdsOf<'group'>]: (on: readonly GroupSubject[]) => Promise<void> };
  readonly service: { readonly [Id in IdsOf<'service'>]: (on: readonly ServiceSubject[]) => Promise<void> };
  readonly instance: {
    readonly [Id in IdsOf<'instance'>]: (on: readonly InstanceSubject[]) => Promise<void>;
  };
  readonly workspace: { readonly [Id in IdsOf<'workspace'>]: () => Promise<void> };
}

export interface CommandSurroundings {
  readonly model: RuntimesModel;
  readonly recipes: Recipes;
  readonly logs: InstanceLogs;
  readonly mainLogs: MainLogs;
  readonly log: vscode.LogOutputChannel;
}

function handlersFor({ model, recipes, logs, mainLogs, log }: CommandSurroundings): Handlers {
  const everywhere = async (order: 'start' | 'stop'): Promise<void> => {
    const folders = model.folders.filter(({ snapshot }) => snapshot !== undefined);
    await giveOrder(
      model,
      order,
      folders.map(({ path }) => ({ kind: 'folder', folder: path })),
    );
  };
  const group = ({ folder, group: name }: GroupSubject): GroupView =>
    found(
      model.snapshotOf(folder)?.groups.find((each) => each.name === name),
      name,
    );
  const service = ({ folder, service: name }: Pick<ServiceSubject, 'folder' | 'service'>): ServiceView =>
    found(
      model.snapshotOf(folder)?.services.find((each) => each.name === name),
      name,
    );
  const instance = (on: InstanceSubject): InstanceView =>
    found(
      service(on).instances.find((each) => each.name === on.instance),
      on.instance,
    );

  return {
    group: {
      'localRuntimes.group.openInBrowser': each(async (on) => {
        const snapshot = found(model.snapshotOf(on.folder), on.group);
        const open = servicesOf(group(on), snapshot).flatMap(({ name, url }) =>
          url === undefined ? [] : [{ label: name, description: url, value: url }],
        );
        const url = await pickNamed(open);
        if (url !== undefined) await openUrl(url);
      }),
      'localRuntimes.group.goToDefinition': each((on) => openPlace(group(on).source)),
    },
    service: {
      'localRuntimes.service.openInBrowser': each((on) => openUrl(found(service(on).url, on.service))),
      'localRuntimes.service.copyUrl': each((on) => copyUrl(found(service(on).url, on.service))),
      'localRuntimes.service.copyNamedUrl': each((on) => copyUrl(found(service(on).namedUrl, on.service))),
      'localRuntimes.service.goToDefinition': each((on) => {
        const leftOut = model.snapshotOf(on.folder)?.leftOut?.find(({ name }) => name === on.service);
        return openPlace((leftOut ?? service(on)).source);
      }),
      'localRuntimes.service.startAnyway': (on) => giveOrder(model, 'start', on, { needs: 'ignore' }),
      'localRuntimes.service.startDebugging': each(async (on) => {
        if (await mayRun()) await startDebugging(on, model);
      }),
      'localRuntimes.service.scale': each(async (on) => {
        if (await mayRun()) await scale(model, on.folder, service(on));
      }),
      'localRuntimes.service.showLog': each(async (on) => {
        const name = await pickNamed(
          service(on).instances.map(({ name: value, state }) => ({
            label: value,
            description: state,
            value,
          })),
        );
        if (name !== undefined) logs.show(on.folder, name);
      }),
    },
    instance: {
      'localRuntimes.instance.openInBrowser': each((on) => openUrl(openableUrl(instance(on)))),
      'localRuntimes.instance.copyUrl': each((on) => copyUrl(urlOf(instance(on)))),
      'localRuntimes.instance.goToDefinition': each((on) => openPlace(service(on).source)),
      'localRuntimes.instance.showLog': each(async (on) => logs.show(on.folder, on.instance)),
      'localRuntimes.instance.openLogFile': each(async (on) => {
        const { logFile, errorLogFile } = instance(on);
        const files = [
          { label: 'stdout', value: found(logFile, on.instance) },
          ...(errorLogFile === undefined ? [] : [{ label: 'stderr', value: errorLogFile }]),
        ];
        const file = await pickNamed(files.map((one) => ({ ...one, description: one.value })));
        if (file === undefined) return;
        if (await isThere(file)) await openAtEnd(file);
        else await offerLog(on, logs);
      }),
      'localRuntimes.instance.signal': (on) => sendSignal(model, on),
      'localRuntimes.instance.sendInput': each((on) => sendInput(model, on)),
      'localRuntimes.instance.clearLog': async (on) => {
        await clearLogs(model, on);
        for (const { folder, instance: name } of on) logs.clear(folder, name);
      },
    },
    workspace: {
      'localRuntimes.all.start': () => everywhere('start'),
      'localRuntimes.all.stop': () => everywhere('stop'),
      'localRuntimes.trust.manage': manageTrust,
      'localRuntimes.frontDoor.openInBrowser': async () => {
        const folder = await pickFolder(
          model.folders.filter(({ snapshot }) => snapshot?.frontDoor !== undefined),
        );
        if (folder !== undefined) await openUrl(found(folder.snapshot?.frontDoor, folder.folder.name));
      },
      'localRuntimes.machine.show': () => showMachine(model),
      'localRuntimes.config.create': async () => {
        const folder = await pickFolder(model.folders);
        if (folder !== undefined) await createConfig(folder.folder, recipes.all);
      },
      'localRuntimes.config.open': async () => {
        const folder = await pickFolder(
          model.folders.filter(({ snapshot }) => snapshot?.files[0] !== undefined),
        );
        const file = folder?.snapshot?.files[0];
        if (file !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(file));
      },
      'localRuntimes.config.reload': () => model.reload(),
      'localRuntimes.finished.hide': () => setHidesFinished(true),
      'localRuntimes.finished.show': () => setHidesFinished(false),
      'localRuntimes.main.showLog': async () => {
        const folder = await pickFolder(model.folders.filter(({ snapshot }) => snapshot !== undefined));
        if (folder !== undefined) await mainLogs.show(folder);
      },
      'localRuntimes.log.show': async () => log.show(),
    },
  };
}

/** A handler for one node, for several at once. */
function each<S extends Subject>(run: (on: S) => Promise<void>): (on: readonly S[]) => Promise<void> {
  return async (on) => {
    await Promise.all(on.map(run));
  };
}

/** The world may have changed between the click and the call. */
function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(vscode.l10n.t('"{0}" cannot do that any more.', name));
  return value;
}

/** At the front door it is treated as the service's requests are; its own port is for when there is no door. */
function urlOf(instance: InstanceView): string {
  return instance.url ?? directUrl(instance);
}

/** A window on another machine can forward a port, and no name that stands for one of many behind it. */
function openableUrl(instance: InstanceView): string {
  return vscode.env.remoteName === undefined ? urlOf(instance) : directUrl(instance);
}

function directUrl({ name, host = '127.0.0.1', port }: InstanceView): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${found(port, name)}/`;
}

/** What an instance wrote last is in its channel, whatever became of the file. */
async function offerLog({ folder, instance }: InstanceSubject, logs: InstanceLogs): Promise<void> {
  const show = vscode.l10n.t('Show Instance Log');
  const message = vscode.l10n.t(
    'The log file of {0} is not there: it was deleted, moved or never written.',
    instance,
  );
  if ((await vscode.window.showWarningMessage(message, show)) === show) logs.show(folder, instance);
}

async function startDebugging({ folder, service }: ServiceSubject, model: RuntimesModel): Promise<void> {
  const where = model.folders.find(({ path }) => path === folder)?.folder;
  const name = vscode.l10n.t('Debug {0}', service);
  await vscode.debug.startDebugging(where, { type: debugType, request: 'launch', name, service, folder });
}

/** Registers every command of the table. */
export function registerCommands(around: CommandSurroundings): Disposable {
  const store = new DisposableStore();
  const { model, log } = around;
  const register = (
    id: string,
    run: (subjects: () => Promise<readonly Subject[]>) => Promise<void>,
  ): void => {
    const row = rows[id];
    const shielded = (clicked: unknown, selected: unknown): Promise<void> =>
      guarded(log, () =>
        run(async () => (row === undefined ? [] : await subjectsFor(model, row, clicked, selected))),
      );
    store.add(vscode.commands.registerCommand(id, shielded));
  };
  const { group, service, instance, workspace } = handlersFor(around);
  for (const [id, run] of Object.entries(workspace)) register(id, run);
  for (const [id, run] of Object.entries(group))
    register(id, async (subjects) => run((await subjects()).filter((on) => on.kind === 'group')));
  for (const [id, run] of Object.entries(service))
    register(id, async (subjects) => run((await subjects()).filter((on) => on.kind === 'service')));
  for (const [id, run] of Object.entries(instance))
    register(id, async (subjects) => run((await subjects()).filter((on) => on.kind === 'instance')));
  for (const { id, order } of commandRows) {
    if (order === undefined) continue;
    register(id, async (subjects) => giveOrder(model, order, await subjects()));
  }
  return store;
}

const rows: Readonly<Record<string, CommandRow>> = commandTable;
