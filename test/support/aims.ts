/** What is wanted of one start, for tests that care about one thing of it. */

import type { Aims } from '../../src/core/runtimes/recipe.ts';

export function aimsOf(part: Partial<Aims> = {}): Aims {
  return {
    instance: 'api[0]',
    index: 0,
    id: '0',
    windows: false,
    platform: 'linux',
    workFolder: '/storage/work/api',
    ...part,
  };
}
