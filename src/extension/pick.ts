/** Finds what a command is about: the nodes it was called on, or what a person picks from a list. */

import * as vscode from 'vscode';
import { folderName, subjectId, type Subject, type TreeNode, treeOf } from '../view/tree.ts';
import type { RuntimesFolder } from './folder.ts';
import type { RuntimesModel } from './model.ts';
import type { Handle } from './tree.ts';

export type ServiceSubject = Extract<Subject, { kind: 'service' }>;
export type InstanceSubject = Extract<Subject, { kind: 'instance' }>;

/** Which nodes a command can be about. */
interface Wanted {
  readonly kind: 'service' | 'instance';
  /** A capability of its context value. */
  readonly needs?: string | undefined;
}

/** The nodes of the present tree that fit. */
function fitting(model: RuntimesModel, { kind, needs }: Wanted): readonly TreeNode[] {
  return flat(treeOf(model.snapshots, Date.now(), vscode.l10n.t)).filter(
    ({ subject, context }) =>
      subject.kind === kind && (needs === undefined || context.split(':').includes(needs)),
  );
}

function flat(nodes: readonly TreeNode[]): readonly TreeNode[] {
  return nodes.flatMap((node) => [node, ...flat(node.children)]);
}

/** Called from a menu, a command gets the node under the pointer and all that are selected. */
function isHandle(value: unknown): value is Handle {
  return typeof value === 'object' && value !== null && 'id' in value && 'subject' in value;
}

/**
 * The services a command is to act on: the selected nodes when the one it was called on is among them (those that
 * do not fit are left out), else that one; else, called from the palette, what a person picks.
 */
export async function servicesFor(
  model: RuntimesModel,
  needs: string | undefined,
  clicked: unknown,
  selected: unknown,
): Promise<readonly ServiceSubject[]> {
  const subjects = await subjectsFor(model, { kind: 'service', needs }, clicked, selected);
  return subjects.filter((subject) => subject.kind === 'service');
}

/** The same for instances. */
export async function instancesFor(
  model: RuntimesModel,
  needs: string | undefined,
  clicked: unknown,
  selected: unknown,
): Promise<readonly InstanceSubject[]> {
  const subjects = await subjectsFor(model, { kind: 'instance', needs }, clicked, selected);
  return subjects.filter((subject) => subject.kind === 'instance');
}

async function subjectsFor(
  model: RuntimesModel,
  wanted: Wanted,
  clicked: unknown,
  selected: unknown,
): Promise<readonly Subject[]> {
  const fit = fitting(model, wanted);
  if (!isHandle(clicked)) return pick(model, fit, wanted);
  const chosen = Array.isArray(selected) ? selected.filter(isHandle) : [];
  const meant = chosen.some(({ id }) => id === clicked.id) ? chosen : [clicked];
  const ids = new Set(meant.map(({ subject }) => subjectId(subject)));
  return fit.filter(({ id }) => ids.has(id)).map(({ subject }) => subject);
}

interface SubjectItem extends vscode.QuickPickItem {
  readonly subject: Subject;
}

async function pick(
  model: RuntimesModel,
  nodes: readonly TreeNode[],
  { kind }: Wanted,
): Promise<readonly Subject[]> {
  const several = model.snapshots.length > 1;
  const items = nodes.map((node): SubjectItem => ({
    label: `$(${node.icon.id}) ${node.label}`,
    description: node.description,
    subject: node.subject,
    ...(several ? { detail: folderName(node.subject.folder) } : {}),
  }));
  if (items.length === 0) {
    void vscode.window.showInformationMessage(
      vscode.l10n.t('There is nothing for this command to act on now.'),
    );
    return [];
  }
  const chosen = await vscode.window.showQuickPick(items, {
    placeHolder: kind === 'service' ? vscode.l10n.t('Which service?') : vscode.l10n.t('Which instance?'),
    matchOnDescription: true,
    matchOnDetail: true,
  });
  return chosen === undefined ? [] : [chosen.subject];
}

/** One of the folders; asks only when there are several. */
export async function pickFolder(folders: readonly RuntimesFolder[]): Promise<RuntimesFolder | undefined> {
  if (folders.length < 2) return folders[0];
  const items = folders.map((folder) => ({ label: folder.folder.name, description: folder.path, folder }));
  const chosen = await vscode.window.showQuickPick(items);
  return chosen?.folder;
}
