/** Which instance has a request, and how many are needed: the rules of spec 3.8 to 3.10 without anything around them. */

/** As much of an instance as the choice depends on. */
export interface Choosable {
  /** It takes requests; says nothing of its capacity. */
  readonly canAccept: boolean;
  readonly outstanding: number;
  /** Requests that it could have in addition. */
  readonly remaining: number;
}

/** The first in their order that takes requests and has room (spec 3.9, mended: a full one is not waited for). */
export function firstFree<T extends Choosable>(instances: readonly T[]): T | undefined {
  for (const each of instances) if (each.remaining > 0 && each.canAccept) return each;
  return undefined;
}

/**
 * How many instances the load of the last minute needs (IN-25).
 *
 * The reference rounds down, although it says that it means to round up.
 */
export function requiredCount(peak: number, concurrency: number, rounding: 'down' | 'up'): number {
  const exact = peak / concurrency;
  return rounding === 'down' ? Math.floor(exact) : Math.ceil(exact);
}

/** The busiest that take requests are needed; everything else is not, those that take none among it (IN-26). */
export function split<T extends Choosable>(
  instances: readonly T[],
  count: number,
): { readonly required: readonly T[]; readonly others: readonly T[] } {
  const accepting = instances
    .filter((each) => each.canAccept)
    .toSorted((a, b) => b.outstanding - a.outstanding);
  const required = accepting.slice(0, count);
  return {
    required,
    others: [...accepting.slice(count), ...instances.filter((each) => !each.canAccept)],
  };
}

/**
 * The one with the most room of those that are needed, else the busiest of the others that has any: so that load
 * is shared where it is there to stay, and what is not needed comes to rest (IN-27).
 */
export function byLoad<T extends Choosable>(instances: readonly T[], count: number): T | undefined {
  // Nothing has to be sorted where none is needed, or all are.
  if (count === 0) return busiest(instances);
  if (count >= instances.length) return roomiest(instances);
  const { required, others } = split(instances, count);
  return roomiest(required) ?? busiest(others);
}

function roomiest<T extends Choosable>(instances: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const each of instances) if (each.canAccept && each.remaining > (best?.remaining ?? 0)) best = each;
  return best;
}

function busiest<T extends Choosable>(instances: readonly T[]): T | undefined {
  let best: T | undefined;
  for (const each of instances)
    if (each.remaining > 0 && each.canAccept && (best === undefined || each.outstanding > best.outstanding))
      best = each;
  return best;
}
