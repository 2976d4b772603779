/** Many calls, few runs: the first soon, the others together. Knows nothing of what is run. */

import type { Disposable } from '../base/disposable.ts';

export interface Coalesced extends Disposable {
  /** Asks for a run. */
  request(): void;
  /** Runs now what was asked for, if anything was. */
  flush(): void;
}

/** Runs `work` at the end of the present turn, and then at most once each `intervalMs` while it is asked for. */
export function coalesced(work: () => void, intervalMs: number): Coalesced {
  let timer: NodeJS.Timeout | undefined;
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
    flush() {
      clearTimeout(timer);
      run();
    },
    dispose() {
      clearTimeout(timer);
      timer = undefined;
      wanted = false;
    },
  };
}
