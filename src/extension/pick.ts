/** Finds what a command is about: the nodes it was called on, or what a person picks from a list. */

import * as vscode from 'vscode';
import type { CommandRow, CommandSubject } from '../manifest/commands.ts';
import { nothingText } from '../view/nothing.ts';
import { folderName, type Subject, subjectId } from '../view/subject.ts';
import { flat, type TreeNode, treeOf } from '../view/tree.ts';
import type { RuntimesFolder } from './folder.ts';
import type { RuntimesModel } from './model.ts';
import type { Handle } from './tree.ts';

/** Called from a menu, a command gets the node under the pointer and all that are selected. */
function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'id' in value && 'subject' in value;
}

/**
 * The nodes a command is to act on: the selected ones when the one it was called on is among them (those that do not
 * fit are left out), else that one; else, called from the palette, what a person picks.
 *
 * An order fits every kind of node, so that it reaches all that are selected.
 */
export async function subjectsFor(
  model: RuntimesModel,
  { subject: kind, needs, order }: CommandRow,
  clicked: unknown,
  selected: unknown,
): Promise<readonly Subject[]> {
  const able = flat(treeOf(model.snapshots, Date.now(), vscode.l10n.t)).filter(
    ({ context }) => needs === undefined || context.split(':').includes(needs),
  );
  const own = able.filter(({ subject }) => kind === 'selection' || subject.kind === kind);
  if (!isHandle(clicked))
    return pick(model, own, { subject: kind, ...(needs === undefined ? {} : { needs }) });
  const chosen = Array.isArray(selected) ? selected.filter(isHandle) : [];
  const meant = chosen.some(({ id }) => id === clicked.id) ? chosen : [clicked];
  const ids = new Set(meant.map(({ subject }) => subjectId(subject)));
  return (order === undefined ? own : able)
    .map(({ subject }) => subject)
    .filter((subject) => ids.has(subjectId(subject)));
}

interface SubjectItem extends vscode.QuickPickItem {
  readonly subject: Subject;
}

async function pick(
  model: RuntimesModel,
  nodes: readonly TreeNode[],
  { subject: kind, needs }: Pick<CommandRow, 'subject' | 'needs'>,
): Promise<readonly Subject[]> {
  const several = model.snapshots.length > 1;
  const items = nodes.map((node): SubjectItem => ({
    label: `$(${node.icon.id}) ${node.label}`,
    description: node.description,
    subject: node.subject,
    ...(several ? { detail: folderName(node.subject.folder) } : {}),
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(nothingText(needs, model.snapshots, vscode.l10n.t));
    return [];
  }
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: questionFor(kind),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen === undefined ? [] : [chosen.subject];
}

function questionFor(kind: CommandSubject): string {
  if (kind === 'group') return vscode.l10n.t('Which group?');
  return kind === 'service' ? vscode.l10n.t('Which service?') : vscode.l10n.t('Which instance?');
}

/** One of the folders; asks only when there are several. */
export async function pickFolder(folders: readonly RuntimesFolder[]): Promise<RuntimesFolder | undefined> {
  if (folders.length < 2) return folders[0];
  const items = folders.map((folder) => ({ label: folder.folder.name, description: folder.path, folder }));
  const chosen = await vscode.window.showQuickPick(items);
  return chosen?.folder;
}

/** One of several things by their names; asks only when there are several. */
export async function pickNamed<T>(
  things: readonly { readonly label: string; readonly description?: string; readonly value: T }[],
): Promise<T | undefined> {
  if (things.length < 2) return things[0]?.value;
  return (await vscode.window.showQuickPick(things))?.value;
}
