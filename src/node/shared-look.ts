/** Lets many who ask at the same time share one look at something that is costly to look at. */

/**
 * A function that runs `look` for all its callers together. A look that began before the call is not good
 * enough, since it may have missed what the caller asks about, so late callers share the next one.
 */
export function sharedLook<T>(look: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  let next: Promise<T> | undefined;
  const start = (): Promise<T> => {
    running = look().finally(() => {
      running = undefined;
    });
    return running;
  };
  return () => {
    next ??= (running === undefined ? Promise.resolve() : settled(running)).then(() => {
      next = undefined;
      return start();
    });
    return next;
  };
}

async function settled(work: Promise<unknown>): Promise<void> {
  await Promise.allSettled([work]);
}
