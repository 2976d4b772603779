/** Dispatch rules: which of them lead somewhere (spec 3.13). */

import { closest } from '../base/spelling.ts';
import { nameOf } from '../base/path.ts';
import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { type Beside, listBeside } from './beside.ts';
import { check } from './check.ts';
import { dispatchUrl } from './dispatch-url.ts';
import { tellUnreachedRules } from './pointless.ts';
import { theirDispatchRuleSchema } from './schema/backends.ts';
import type { DispatchRule, ServiceSpec } from './spec.ts';
import { type At, child, entryOf, type ListTree, type Tree } from './tree.ts';

export interface DispatchRules extends Beside {
  /** The services that can be sent to, and the names of all that are written. */
  readonly services: readonly ServiceSpec[];
  readonly names: Iterable<string>;
  /** The absolute form of a path that is written in a file. */
  readonly resolve: (path: string, file: string) => string;
}

/** @param tree What stands under `dispatch`: a path or the rules. */
export function dispatchRulesOf(tree: Tree | undefined, around: DispatchRules): readonly DispatchRule[] {
  if (tree?.kind === 'list') return rulesOf(tree, 'frontDoor.dispatch', around);
  if (tree?.kind !== 'scalar' || typeof tree.value !== 'string' || tree.value === '') return [];
  const list = listBeside(
    {
      path: around.resolve(tree.value, tree.at.file),
      name: tree.value,
      at: tree.at,
      key: 'dispatch',
      alsoKeys: ['application'],
      mayBeMissing: false,
    },
    around,
  );
  if (list === undefined) return [];
  for (const item of list.items) checkTheirs(item, nameOf(tree.value), around.problems);
  return rulesOf(list, 'dispatch', around);
}

function checkTheirs(item: Tree, file: string, problems: Problem[]): void {
  const key = 'dispatch';
  const context = { key, keyAt: item.at, problems, where: 'a rule', owner: `A rule of ${file}` };
  check(theirDispatchRuleSchema, item, context);
  if (item.kind !== 'map' || child(item, 'service') !== undefined || child(item, 'module') !== undefined)
    return;
  problems.push(
    problem('missing-key', item.at, { key: 'service', where: context.owner, example: 'service: api' }),
  );
}

function rulesOf(list: ListTree, key: string, around: DispatchRules): readonly DispatchRule[] {
  const rules = list.items.flatMap((item) => {
    const url = textOf(item, 'url');
    const name = textOf(item, 'service') ?? textOf(item, 'module');
    // What is not there has a problem already.
    if (url === undefined || name === undefined) return [];
    const read = dispatchUrl(url.text);
    if (typeof read === 'string') {
      around.problems.push(problem('bad-value', url.at, { key: `${key}.url`, reason: read }));
      return [];
    }
    const service = serviceOf(name, key, around);
    return service === undefined ? [] : [{ url: url.text, service, source: item.at }];
  });
  tellUnreachedRules(rules, around.problems);
  return rules;
}

/** By the name of a service, else by that of an application's module. */
function serviceOf(
  { text, at }: { readonly text: string; readonly at: At },
  key: string,
  { services, names, problems }: DispatchRules,
): string | undefined {
  const spec =
    services.find(({ name }) => name === text) ??
    services.find(({ appengine }) => appengine?.module === text);
  if (spec === undefined) {
    const known = [...names, ...services.map(({ name }) => name)];
    // One that is left out for an error of its own is still one that may be named.
    if (!known.includes(text))
      problems.push(problem('unknown-service', at, { name: text, suggestion: closest(text, known) }));
    return undefined;
  }
  if (spec.handshake === 'none' && spec.program?.socket === undefined) {
    const reason = `"${text}" has "handshake: none", so there is no port to send requests to`;
    problems.push(problem('bad-value', at, { key, reason }));
    return undefined;
  }
  return spec.name;
}

function textOf(item: Tree, key: string): { readonly text: string; readonly at: At } | undefined {
  const value = entryOf(item, key)?.value;
  return value?.kind === 'scalar' && typeof value.value === 'string' && value.text !== '' ? value : undefined;
}
