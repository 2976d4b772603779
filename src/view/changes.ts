/** Finds what has to be drawn again between two trees: an editor redraws one item cheaply and a whole tree dearly. */

import type { TreeNode } from './tree.ts';

/** The ids to draw again; drawing one draws its children too. `all` when the top level itself differs. */
export function changedNodes(
  before: readonly TreeNode[],
  after: readonly TreeNode[],
): 'all' | readonly string[] {
  if (!sameIds(before, after)) return 'all';
  return after.flatMap((node, index) => {
    const old = before[index];
    return old === undefined ? [] : changesOf(old, node);
  });
}

function changesOf(before: TreeNode, after: TreeNode): readonly string[] {
  if (!sameItem(before, after) || !sameIds(before.children, after.children)) return [after.id];
  const below = changedNodes(before.children, after.children);
  return below === 'all' ? [after.id] : below;
}

function sameIds(before: readonly TreeNode[], after: readonly TreeNode[]): boolean {
  return before.length === after.length && before.every((node, index) => node.id === after[index]?.id);
}

function sameItem(before: TreeNode, after: TreeNode): boolean {
  return (
    before.label === after.label &&
    before.description === after.description &&
    before.context === after.context &&
    before.accessibleLabel === after.accessibleLabel &&
    before.icon.id === after.icon.id &&
    before.icon.color === after.icon.color
  );
}
