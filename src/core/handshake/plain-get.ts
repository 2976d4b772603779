/** A request of ours to a child, as simple as one can be: where no profile has more to say. */

import type { SentHead } from '../outside.ts';

export function plainGet(path: string, port: number): SentHead {
  return { method: 'GET', target: path, headers: [['Host', `localhost:${port}`]] };
}
