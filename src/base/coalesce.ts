/** Many calls, few runs: the first soon, the others together. Knows nothing of what is run. */

import type { Disposable } from './disposable.ts';

export interface Coalesced extends Disposable {
  /** Asks for a run. */
  request(): void;
}

/** Runs `work` at the end of the present turn, and then at most once each `intervalMs` while it is asked for. */
export function coalesced(work: () => void, intervalMs: number): Coalesced {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let wanted = false;
  const run = (): void => {
    timer = undefined;
    if (!wanted) return;
    wanted = false;
    timer = setTimeout(run, intervalMs);
    work();
  };
  return {
    request() {
      wanted = true;
      timer ??= setTimeout(run, 0);
    },
    dispose() {
      clearTimeout(timer);
      timer = undefined;
      wanted = false;
    },
  };
}
