/**
 * A turn that only one of many processes has at a time, and that goes with the process that has it.
 *
 * What stands for a turn is a link to a socket at which its holder listens: whether the holder lives is told by the
 * system and cannot be stale. A turn whose holder has died is left where it is, and the next place after it is taken;
 * it is cleared away by who holds that, before the place itself.
 */

import { createHash } from 'node:crypto';
import { link, lstat, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { basename, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { codeOf } from '../node/error-words.ts';

/** So long a turn is waited for, of which each takes some milliseconds. */
const patienceMs = 10_000;
const lookMs = 5;
/** More have never died in the midst of their turn. */
const mostPlaces = 100;

/** Nobody who lives has given it back in time. */
export class NoTurn extends Error {}

/** Does something about a path while nobody else does; `own` is a socket file at which we listen. */
export async function inTurn<T>(own: string, path: string, act: () => Promise<T>): Promise<T> {
  // As short as can be: a socket's path has a bound.
  const name = createHash('sha256').update(basename(path)).digest('hex').slice(0, 8);
  const placeOf = (index: number): string => join(dirname(path), `.${name}.${index}`);
  const end = performance.now() + patienceMs;
  for (;;) {
    const taken = await takePlace(own, placeOf);
    if (taken !== undefined) {
      const dead = Array.from({ length: taken }, (_, index) => placeOf(index));
      const given = [...dead, placeOf(taken)];
      try {
        if (await areDead(dead)) return await act();
        // Someone has cleared them away, and may have the first of them.
        given.splice(0, taken);
      } finally {
        for (const place of given) await rm(place, { force: true });
      }
    }
    if (performance.now() > end) throw new NoTurn(`nobody gives way at ${path}`);
    await pause(lookMs * (1 + Math.random()));
  }
}

/** The first place that nobody has, before which nobody lives. */
async function takePlace(own: string, placeOf: (index: number) => string): Promise<number | undefined> {
  for (let index = 0; index < mostPlaces; index += 1) {
    if (await linked(own, placeOf(index))) return index;
    if (await isAlive(placeOf(index))) return undefined;
  }
  return undefined;
}

async function areDead(places: readonly string[]): Promise<boolean> {
  for (const place of places) {
    const there = await lstat(place).catch(() => undefined);
    if (there === undefined || (await isAlive(place))) return false;
  }
  return true;
}

/** False: something is there already. */
export async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false;
    throw error;
  }
}

/** Whether anybody accepts connections at a path. */
export function isAlive(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', (error) => {
      // Nobody there, or no socket. What may not be asked is not taken for dead.
      resolve(!['ECONNREFUSED', 'ENOENT', 'ENOTSOCK'].includes(codeOf(error) ?? ''));
    });
  });
}
