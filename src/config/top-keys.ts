/** The keys at the top of a file that do not belong there. */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { unknownKey } from './check.ts';
import { configShape, serviceShape } from './schema.ts';
import type { Tree } from './tree.ts';

const known = configShape.properties ?? {};
const ofServices = serviceShape.properties ?? {};

export function tellStrangeKeys(root: Tree | undefined, problems: Problem[]): void {
  for (const [key, { key: at }] of root?.kind === 'map' ? root.entries : []) {
    if (Object.hasOwn(known, key)) continue;
    const home = 'to a service, below "services: <name>:"';
    problems.push(
      Object.hasOwn(ofServices, key)
        ? problem('unknown-key', at, { key, where: 'this file', home })
        : unknownKey(key, at, 'this file', Object.keys(known)),
    );
  }
}
