/** Custom and generic: any command, just as it is written, after whatever the file says has to be built. */

import { applicationOf } from './application.ts';
import { ownBuilds } from './own-build.ts';
import type { Recipe } from './recipe.ts';

export const custom: Recipe = {
  name: 'custom',
  title: 'Custom',
  plan: (service, look, aims) =>
    Promise.resolve({
      kind: 'plan',
      command: service.command,
      ...applicationOf(service, aims, look),
      builds: ownBuilds(service),
    }),
};

export const generic: Recipe = { ...custom, name: 'generic', title: 'Generic' };
