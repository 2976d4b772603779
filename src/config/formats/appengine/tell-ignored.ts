/** Tells what of an `app.yaml` means nothing here, at its line. */

import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { scalarsOf } from '../../scope.ts';
import { type At, child, entryOf, isBlank, type MapTree, type Tree } from '../../tree.ts';
import { ignoredKeys } from './ignored.ts';

export function tellIgnored(tree: MapTree, problems: Problem[]): void {
  const tell = (key: string, at: At, reason: string): void => {
    problems.push(problem('app-yaml-differs', at, { key, reason }));
  };
  for (const [key, { key: at }] of tree.entries) {
    const reason = Object.hasOwn(ignoredKeys, key) ? ignoredKeys[key] : undefined;
    if (reason !== undefined) tell(key, at, reason);
  }
  for (const item of scalarsOf(child(tree, 'inbound_services')))
    if (item.text !== 'warmup' && !isBlank(item))
      tell(`inbound_services: ${item.text}`, item.at, 'there is nothing that would send such requests');
  const secured = firstSecured(child(tree, 'handlers'));
  if (secured !== undefined) tell('handlers.secure', secured, 'the front door speaks HTTP only');
}

/** Told once: it stands in every handler, or in none. */
function firstSecured(handlers: Tree | undefined): At | undefined {
  for (const item of handlers?.kind === 'list' ? handlers.items : []) {
    const entry = entryOf(item, 'secure');
    if (entry?.value.kind === 'scalar' && ['always', 'never'].includes(entry.value.text)) return entry.key;
  }
  return undefined;
}
