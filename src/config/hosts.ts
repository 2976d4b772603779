/** Host names that a config lets in besides those of this machine (HP-45). */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import type { Tree } from './tree.ts';
import { isBlank } from './tree.ts';

const allowed = /^(?:\*{1,2}\.)?[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/;
const address = /^\[[0-9a-f:.]+\]$/;

/** The names of the list that make sense, in lower case: host names know no case. */
export function allowedHostsOf(tree: Tree | undefined, problems: Problem[]): readonly string[] {
  const items = tree?.kind === 'list' ? tree.items : [];
  return items.flatMap((item) => {
    if (item.kind !== 'scalar' || isBlank(item) || item.text === '') return [];
    const host = item.text.toLowerCase();
    if (host.length <= 255 && (allowed.test(host) || address.test(host))) return [host];
    problems.push(
      problem('bad-value', item.at, {
        key: 'frontDoor.allowedHosts',
        reason: `"${item.text}" is no name of a host`,
        hint: /^\*+$/.test(host)
          ? 'Every page on the web could then reach your services under a name of its own. Name the hosts: *.example.test'
          : 'Write it without scheme, port and path, such as example.test or *.example.test.',
      }),
    );
    return [];
  });
}
