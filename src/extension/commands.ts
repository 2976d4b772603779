/** What every command does: get what it is about, call the runtime, and let a failure be shown. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { type CommandId, type CommandRow, type CommandSubject, commandTable } from '../manifest/commands.ts';
import { debugType } from '../manifest/ids.ts';
import type { InstanceView, RuntimeApi, ServiceView, Target } from '../protocol/api.ts';
import { createConfig } from './create.ts';
import { guarded } from './errors.ts';
import type { InstanceLogs } from './logs.ts';
import type { RuntimesModel } from './model.ts';
import { copyUrl, openAtEnd, openPlace, openUrl } from './navigate.ts';
import { type InstanceSubject, instancesFor, pickFolder, type ServiceSubject, servicesFor } from './pick.ts';
import { manageTrust, mayRun } from './trust.ts';

type IdsOf<Kind extends CommandSubject> = {
  [Id in CommandId]: (typeof commandTable)[Id]['subject'] extends Kind ? Id : never;
}[CommandId];

/** One handler for each command of the table: a forgotten one does not compile. */
interface Handlers {
  readonly service: { readonly [Id in IdsOf<'service'>]: (on: ServiceSubject) => Promise<void> };
  readonly instance: { readonly [Id in IdsOf<'instance'>]: (on: InstanceSubject) => Promise<void> };
  readonly workspace: { readonly [Id in IdsOf<'workspace'>]: () => Promise<void> };
}

export interface CommandSurroundings {
  readonly model: RuntimesModel;
  readonly logs: InstanceLogs;
  readonly log: vscode.LogOutputChannel;
}

function handlersFor({ model, logs, log }: CommandSurroundings): Handlers {
  /** Gives the order only where things may run; a person who may not is told how to change that. */
  const order = async (folder: string, give: (api: RuntimeApi) => Promise<void>): Promise<void> => {
    if (await mayRun()) await give(await model.apiOf(folder));
  };
  const everywhere = async (give: (api: RuntimeApi) => Promise<void>): Promise<void> => {
    if (!(await mayRun())) return;
    const folders = model.folders.filter(({ snapshot }) => snapshot !== undefined);
    await Promise.all(folders.map(async (folder) => give(await folder.api())));
  };
  const service = ({ folder, service: name }: ServiceSubject): ServiceView =>
    found(
      model.snapshotOf(folder)?.services.find((each) => each.name === name),
      name,
    );
  const instance = ({ folder, service: owner, instance: name }: InstanceSubject): InstanceView =>
    found(
      service({ kind: 'service', folder, service: owner }).instances.find((each) => each.name === name),
      name,
    );

  return {
    service: {
      'localRuntimes.service.start': (on) => order(on.folder, (api) => api.start(target(on))),
      'localRuntimes.service.stop': (on) => order(on.folder, (api) => api.stop(target(on))),
      'localRuntimes.service.restart': (on) => order(on.folder, (api) => api.restart(target(on))),
      'localRuntimes.service.openInBrowser': (on) => openUrl(found(service(on).url, on.service)),
      'localRuntimes.service.copyUrl': (on) => copyUrl(found(service(on).url, on.service)),
      'localRuntimes.service.goToDefinition': (on) => openPlace(service(on).source),
      'localRuntimes.service.startDebugging': async (on) => {
        if (await mayRun()) await startDebugging(on, model);
      },
      'localRuntimes.service.showLog': async (on) => {
        const name = await pickInstance(service(on));
        if (name !== undefined) logs.show(on.folder, name);
      },
    },
    instance: {
      'localRuntimes.instance.start': (on) => order(on.folder, (api) => api.start(target(on))),
      'localRuntimes.instance.stop': (on) => order(on.folder, (api) => api.stop(target(on))),
      'localRuntimes.instance.restart': (on) => order(on.folder, (api) => api.restart(target(on))),
      'localRuntimes.instance.openInBrowser': (on) => openUrl(directUrl(instance(on))),
      'localRuntimes.instance.copyUrl': (on) => copyUrl(directUrl(instance(on))),
      'localRuntimes.instance.goToDefinition': (on) =>
        openPlace(service({ kind: 'service', folder: on.folder, service: on.service }).source),
      'localRuntimes.instance.showLog': async (on) => logs.show(on.folder, on.instance),
      'localRuntimes.instance.openLogFile': (on) => openAtEnd(found(instance(on).logFile, on.instance)),
    },
    workspace: {
      'localRuntimes.all.start': () => everywhere((api) => api.start({ kind: 'all' })),
      'localRuntimes.all.stop': () => everywhere((api) => api.stop({ kind: 'all' })),
      'localRuntimes.trust.manage': manageTrust,
      'localRuntimes.frontDoor.openInBrowser': async () => {
        const folder = await pickFolder(
          model.folders.filter(({ snapshot }) => snapshot?.frontDoor !== undefined),
        );
        if (folder !== undefined) await openUrl(found(folder.snapshot?.frontDoor, folder.folder.name));
      },
      'localRuntimes.config.create': async () => {
        const folder = await pickFolder(model.folders);
        if (folder !== undefined) await createConfig(folder.folder);
      },
      'localRuntimes.config.open': async () => {
        const folder = await pickFolder(
          model.folders.filter(({ snapshot }) => snapshot?.files[0] !== undefined),
        );
        const file = folder?.snapshot?.files[0];
        if (file !== undefined) await vscode.window.showTextDocument(vscode.Uri.file(file));
      },
      'localRuntimes.config.reload': () => model.reload(),
      'localRuntimes.log.show': async () => log.show(),
    },
  };
}

function target(on: ServiceSubject | InstanceSubject): Target {
  return on.kind === 'service'
    ? { kind: 'service', service: on.service }
    : { kind: 'instance', instance: on.instance };
}

/** The world may have changed between the click and the call. */
function found<T>(value: T | undefined, name: string): T {
  if (value === undefined) throw new Error(vscode.l10n.t('"{0}" cannot do that any more.', name));
  return value;
}

function directUrl({ name, host = '127.0.0.1', port }: InstanceView): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${found(port, name)}/`;
}

async function pickInstance({ instances }: ServiceView): Promise<string | undefined> {
  if (instances.length < 2) return instances[0]?.name;
  const items = instances.map(({ name, state }) => ({ label: name, description: state }));
  return (await vscode.window.showQuickPick(items))?.label;
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
  const { service, instance, workspace } = handlersFor(around);
  const register = (id: string, run: (clicked: unknown, selected: unknown) => Promise<void>): void => {
    const shielded = (clicked: unknown, selected: unknown): Promise<void> =>
      guarded(log, () => run(clicked, selected));
    store.add(vscode.commands.registerCommand(id, shielded));
  };
  for (const [id, run] of Object.entries(workspace)) register(id, run);
  for (const [id, run] of Object.entries(service)) {
    register(id, async (clicked, selected) => {
      const subjects = await servicesFor(model, rows[id]?.needs, clicked, selected);
      await Promise.all(subjects.map(run));
    });
  }
  for (const [id, run] of Object.entries(instance)) {
    register(id, async (clicked, selected) => {
      const subjects = await instancesFor(model, rows[id]?.needs, clicked, selected);
      await Promise.all(subjects.map(run));
    });
  }
  return store;
}

const rows: Readonly<Record<string, CommandRow>> = commandTable;
