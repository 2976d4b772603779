/** When to look at a child again. Pure; times are in milliseconds. */

/** The port file is given up after this: the sum of the reference's ten waits (spec 1.4, RP-17). */
export const portFileLimitMs = 63_875;

/**
 * How long to wait before the next look at a child that has been starting for `elapsed`.
 *
 * The reference's waits (1.4: doubling from 125 ms; 1.5: 1 s) are outer bounds. Most children are up within
 * 300 ms, so we look often there; later a look every 12 ms costs less than two hundredths of a core, and after
 * ten seconds nobody notices 50.
 */
export function nextLookMs(elapsed: number): number {
  if (elapsed < 300) return 1;
  return elapsed < 10_000 ? 12 : 50;
}

/** The same for looks that cost milliseconds, such as an HTTP request or a command; never above `intervalMs`. */
export function nextCheckMs(elapsed: number, intervalMs: number): number {
  return Math.min(Math.max(20, elapsed / 5), intervalMs);
}

/** How long a start may take before we say so, still waiting. */
export const slowStartMs = 30_000;

/** A child that listens elsewhere gets this long to open the port it was given as well. */
export const wrongPortGraceMs = 1_500;
