/** Finds the word a slip of the fingers was meant to be. Knows words only, not what they stand for. */

/**
 * How many slips lie between two words: a letter too many, too few, another one, or two neighbours swapped
 * (the optimal string alignment distance).
 */
export function slips(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let row = 1; row <= from.length; row++) {
    const now = [row];
    for (let column = 1; column <= to.length; column++) {
      const same = from[row - 1] === to[column - 1];
      let best = Math.min(
        (last[column] ?? 0) + 1,
        (now[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (row > 1 && column > 1 && swapped) best = Math.min(best, (beforeLast[column - 2] ?? 0) + 1);
      now.push(best);
    }
    beforeLast = last;
    last = now;
  }
  return last[to.length] ?? 0;
}

/**
 * The candidate a word was most likely meant to be, or undefined when none is near. Case, `-` and `_` count for
 * nothing (`depends_on` is `dependsOn`); beyond that about one slip in three letters is forgiven.
 */
export function closest(word: string, candidates: Iterable<string>): string | undefined {
  // A long word is no slip of a short one, and comparing it would cost the product of their lengths.
  if (word.length > 100) return undefined;
  const plain = folded(word);
  let best: { readonly candidate: string; readonly distance: number } | undefined;
  for (const candidate of candidates) {
    const distance = slips(plain, folded(candidate));
    const allowed = Math.max(1, Math.floor(Math.max(plain.length, candidate.length) / 3));
    // In a word of two letters one slip makes a different word.
    const near = distance <= allowed && distance < Math.min(plain.length, candidate.length);
    if ((near || distance === 0) && (best === undefined || distance < best.distance))
      best = { candidate, distance };
  }
  return best?.candidate;
}

function folded(word: string): string {
  return word.toLowerCase().replaceAll(/[-_]/g, '');
}
