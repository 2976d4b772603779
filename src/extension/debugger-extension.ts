/** Looks for the debugger that a service needs before anything is started, and says which extension has it. */

import * as vscode from 'vscode';
import type { DebuggerUse } from '../debug/debuggers.ts';
import { missingDebugger } from '../debug/missing.ts';
import type { ServiceView } from '../protocol/api.ts';
import type { RuntimesModel } from './model.ts';
import { giveOrder } from './orders.ts';

/** Whether a session can begin. If not, a person has been told why, and has chosen what becomes of the service. */
export async function mayDebug(
  model: RuntimesModel,
  folder: string,
  service: ServiceView,
  uses: ReadonlyMap<string, DebuggerUse>,
): Promise<boolean> {
  const missing = missingDebugger(service, debuggerTypes(), uses, vscode.l10n.t);
  if (missing === undefined) return true;
  const { message, extension, type } = missing;
  const find =
    extension === undefined
      ? vscode.l10n.t('Find a Debugger')
      : vscode.l10n.t('Install {0}', extension.title);
  const plain = vscode.l10n.t('Start Without Debugging');
  // The editor waits for our answer, which is no already; what a person chooses comes later.
  void (async () => {
    const chosen = await vscode.window.showWarningMessage(message, find, plain);
    if (chosen === plain)
      await giveOrder(model, 'start', [{ kind: 'service', folder, service: service.name }]);
    if (chosen === find) await show(extension?.id, type);
  })();
  return false;
}

/** Those of all extensions that are installed and enabled, whether or not they are active. */
function debuggerTypes(): ReadonlySet<string> {
  return new Set(vscode.extensions.all.flatMap(({ packageJSON }) => typesIn(packageJSON)));
}

/** A manifest is taken for nothing in particular. */
function typesIn(manifest: unknown): readonly string[] {
  const debuggers = fieldOf(fieldOf(manifest, 'contributes'), 'debuggers');
  const rows: readonly unknown[] = Array.isArray(debuggers) ? debuggers : [];
  return rows.flatMap((row) => {
    const type = fieldOf(row, 'type');
    return typeof type === 'string' ? [type] : [];
  });
}

function fieldOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined;
}

/** The extension's own page, or what is found for a type that nobody named an extension for. */
async function show(id: string | undefined, type: string): Promise<void> {
  if (id === undefined) {
    await vscode.commands.executeCommand('workbench.extensions.search', `@category:debuggers ${type}`);
    return;
  }
  // The list with this one in it, which is there too while no Marketplace can be reached; then its page.
  await vscode.commands.executeCommand('workbench.extensions.search', `@id:${id}`);
  await vscode.commands.executeCommand('extension.open', id);
}
