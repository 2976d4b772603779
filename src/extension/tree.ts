/** The Services view: maps the nodes that `view/` makes to tree items, and nothing else. */

import * as vscode from 'vscode';
import { type Disposable, DisposableStore } from '../base/disposable.ts';
import { servicesView } from '../manifest/ids.ts';
import { badgeOf } from '../view/badge.ts';
import { buildingIn } from '../view/building.ts';
import { changedFlows, changedNodes } from '../view/changes.ts';
import { finishedCount } from '../view/finished.ts';
import { runByMessage } from '../view/run-by.ts';
import type { Subject } from '../view/subject.ts';
import { flat, type TreeNode, treeOf } from '../view/tree.ts';
import { hidesFinished, onFinishedChange } from './finished.ts';
import type { RuntimesModel } from './model.ts';

/** Uptimes are shown in minutes, so looking more often would show nothing new. */
const uptimeIntervalMs = 60_000;
/** How long something has been building is shown in seconds. */
const buildingIntervalMs = 1000;
/** How many requests there are is drawn this seldom, so that a card can be read over a row that has many. */
const flowIntervalMs = 5_000;

/** What the editor holds of a node. One object for each id for ever, as the editor knows nodes by identity. */
export interface Handle {
  readonly id: string;
  readonly subject: Subject;
}

export class ServicesTree implements vscode.TreeDataProvider<Handle>, Disposable {
  readonly #model: RuntimesModel;
  readonly #store = new DisposableStore();
  readonly #redraw = new vscode.EventEmitter<Handle[] | undefined>();
  readonly #handles = new Map<string, Handle>();
  #nodes = new Map<string, TreeNode>();
  #roots: readonly TreeNode[] = [];
  /** By id, what the editor was last given to show of requests. */
  readonly #drawnFlows = new Map<string, string | undefined>();
  #flowTimer: NodeJS.Timeout | undefined;
  #buildingTimer: NodeJS.Timeout | undefined;
  readonly onDidChangeTreeData = this.#redraw.event;
  readonly view: vscode.TreeView<Handle>;

  constructor(model: RuntimesModel) {
    this.#model = model;
    this.#store.add(this.#redraw);
    this.view = this.#store.add(
      vscode.window.createTreeView(servicesView, {
        treeDataProvider: this,
        canSelectMany: true,
        showCollapseAll: true,
      }),
    );
    this.#store.add(model.onDidChange(() => this.#draw()));
    this.#store.add(onFinishedChange(() => this.#draw()));
    this.#store.add(vscode.workspace.onDidGrantWorkspaceTrust(() => this.#draw()));
    this.#store.add(this.view.onDidChangeVisibility(() => this.#watchUptime()));
    this.#watchUptime();
    this.#draw();
  }

  getChildren(parent?: Handle): Handle[] {
    const nodes = parent === undefined ? this.#roots : (this.#nodes.get(parent.id)?.children ?? []);
    return nodes.map((node) => this.#handleOf(node));
  }

  getTreeItem({ id, subject }: Handle): vscode.TreeItem {
    const node = this.#nodes.get(id);
    const item = new vscode.TreeItem(node?.label ?? id, collapsible(subject, node));
    item.id = id;
    if (node === undefined) return item;
    this.#drawnFlows.set(id, node.flow?.shown);
    item.description = node.description;
    item.contextValue = node.context;
    item.iconPath = new vscode.ThemeIcon(
      node.icon.id,
      node.icon.color === undefined ? undefined : new vscode.ThemeColor(node.icon.color),
    );
    item.accessibilityInformation = { label: node.accessibleLabel };
    if (node.opens !== undefined)
      item.command = {
        command: 'localRuntimes.service.goToDefinition',
        title: vscode.l10n.t('Go to Definition'),
        arguments: [this.#handleOf(node)],
      };
    return item;
  }

  /** Called when a person hovers. */
  async resolveTreeItem(item: vscode.TreeItem, { subject }: Handle): Promise<vscode.TreeItem> {
    const { tooltipOf } = await import('../view/tooltip.ts');
    const snapshot = this.#model.snapshotOf(subject.folder);
    const text =
      snapshot === undefined
        ? undefined
        : tooltipOf(snapshot, subject, {
            now: Date.now(),
            t: vscode.l10n.t,
            link: (path) => vscode.Uri.file(path).toString(),
          });
    if (text !== undefined) item.tooltip = new vscode.MarkdownString(text);
    return item;
  }

  dispose(): void {
    clearTimeout(this.#flowTimer);
    clearTimeout(this.#buildingTimer);
    this.#store.dispose();
  }

  #draw(): void {
    const before = this.#roots;
    const hideFinished = hidesFinished();
    this.#roots = treeOf(this.#model.snapshots, Date.now(), vscode.l10n.t, { hideFinished });
    this.#nodes = new Map(flat(this.#roots).map((node) => [node.id, node]));
    for (const id of this.#handles.keys()) {
      if (this.#nodes.has(id)) continue;
      this.#handles.delete(id);
      this.#drawnFlows.delete(id);
    }
    const changes = changedNodes(before, this.#roots);
    if (changes === 'all') this.#redraw.fire(undefined);
    else this.#drawAgain(changes);
    this.#flowTimer ??= setTimeout(() => this.#drawFlows(), flowIntervalMs);
    if (this.view.visible && buildingIn(this.#model.snapshots) !== undefined) {
      this.#buildingTimer ??= setTimeout(() => this.#drawBuilding(), buildingIntervalMs);
    }
    this.view.badge = badgeOf(this.#model.snapshots, vscode.l10n.t);
    // A view with nothing left in it says so by its welcome text, which a message would take the place of.
    const hidden = hideFinished && this.#roots.length > 0 ? finishedCount(this.#model.snapshots) : 0;
    const message = [
      untrustedMessage(this.#roots.length > 0),
      this.#roots.length > 0 ? runByMessage(this.#model.snapshots, vscode.l10n.t) : '',
      hiddenMessage(hidden),
    ]
      .filter((part) => part !== '')
      .join(' ');
    if (this.view.message !== message) this.view.message = message;
  }

  #drawAgain(ids: readonly string[]): void {
    if (ids.length > 0) this.#redraw.fire(ids.flatMap((id) => this.#handles.get(id) ?? []));
  }

  #drawBuilding(): void {
    this.#buildingTimer = undefined;
    this.#draw();
  }

  #drawFlows(): void {
    this.#flowTimer = undefined;
    this.#drawAgain(changedFlows(this.#drawnFlows, [...this.#nodes.values()]));
  }

  /** Uptimes tick only while somebody looks. */
  #ticking: Disposable | undefined;
  #watchUptime(): void {
    this.#ticking?.dispose();
    this.#ticking = undefined;
    if (!this.view.visible) return;
    this.#draw();
    const timer = setInterval(() => this.#draw(), uptimeIntervalMs);
    this.#ticking = this.#store.add({ dispose: () => clearInterval(timer) });
  }

  #handleOf(node: TreeNode): Handle {
    const known = this.#handles.get(node.id);
    if (known !== undefined) return known;
    const handle: Handle = { id: node.id, subject: node.subject };
    this.#handles.set(node.id, handle);
    return handle;
  }
}

function collapsible(subject: Subject, node: TreeNode | undefined): vscode.TreeItemCollapsibleState {
  const { Expanded, None } = vscode.TreeItemCollapsibleState;
  return subject.kind === 'instance' || node?.opens !== undefined ? None : Expanded;
}

function untrustedMessage(hasNodes: boolean): string {
  if (vscode.workspace.isTrusted || !hasNodes) return '';
  return vscode.l10n.t(
    'This workspace is not trusted, so nothing is started. Trust it with the shield above to run its services.',
  );
}

function hiddenMessage(count: number): string {
  if (count === 0) return '';
  return count === 1
    ? vscode.l10n.t('1 finished service is hidden.')
    : vscode.l10n.t('{0} finished services are hidden.', count);
}
