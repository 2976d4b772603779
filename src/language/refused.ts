/** Keys that a check would refuse where the cursor stands, because of what stands beside it: nobody needs to be offered them. */

import { refusedKeys } from '../config/combinations.ts';
import { scalingKeysWithout } from '../config/scaling.ts';
import { child, type Tree } from '../config/tree.ts';

const none: ReadonlySet<string> = new Set();

/** @param path The keys from the top to the map that a key is added to. */
export function refusedBeside(
  path: readonly string[],
  siblings: ReadonlyMap<string, Tree>,
): ReadonlySet<string> {
  const said = (key: string): string | undefined => wordOf(siblings.get(key));
  const isService = path[0] === 'services' ? path.length === 2 : path[0] === 'api' && path.length === 1;
  if (isService)
    return refusedKeys({
      handshake: said('handshake'),
      profile: said('profile'),
      scaling: said('scaling') ?? wordOf(child(siblings.get('scaling'), 'kind')),
    });
  if (path[0] === 'services' && path.length === 3 && path[2] === 'scaling')
    return scalingKeysWithout(said('kind'));
  return none;
}

function wordOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && typeof tree.value === 'string' ? tree.text : undefined;
}
