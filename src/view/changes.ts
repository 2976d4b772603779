/**
 * Finds what has to be drawn again between two trees: an editor redraws one item cheaply and a whole tree dearly.
 *
 * It also takes the card away from an item that it draws anew under the mouse. So how many requests there are, which
 * changes from second to second, is no reason to draw at once; whoever draws looks for that now and then.
 */

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
    before.context === after.context &&
    lasting(before) === lasting(after) &&
    before.icon.id === after.icon.id &&
    before.icon.color === after.icon.color
  );
}

/** Its texts, with a hole where requests are told of. */
function lasting({ description, accessibleLabel, flow }: TreeNode): string {
  return flow === undefined
    ? `${description}\n${accessibleLabel}`
    : `${description.replace(flow.shown, '')}\n${accessibleLabel.replace(flow.spoken, '')}`;
}

/** The ids of nodes that tell of requests what was not drawn yet. `drawn`: by id, what was. */
export function changedFlows(
  drawn: ReadonlyMap<string, string | undefined>,
  nodes: readonly TreeNode[],
): readonly string[] {
  return nodes.filter(({ id, flow }) => drawn.has(id) && drawn.get(id) !== flow?.shown).map(({ id }) => id);
}
