/**
 * Whether a regular expression may take longer than anybody waits: `(a+)+b` tries each of the ways to part a row of `a`
 * before it says that there is no `b`, and each further letter doubles them.
 *
 * That is so where a loop can read one text in two ways and is then where it was before. Such a loop is looked for in
 * the automaton of the pattern; what merely looks dangerous, such as `([^/]+/)*`, is none. Patterns that take a power of
 * the length, such as `.*.*x`, are not found.
 */

import { type PatternTree, patternTree } from './pattern-tree.ts';

/** Beyond these nobody would look through it, and neither do we: it counts as slow. */
const mostPositions = 2000;
const mostSteps = 1_000_000;
/** With no more positions than these a repetition is written out; above that it is as good as endless. */
const mostWritten = 256;

/** A clause: `it repeats …`. Undefined: it is not slow in this way. */
export function slownessOf({ source, flags }: RegExp): string | undefined {
  const reason = 'it can read one text in so many ways that matching might never end';
  try {
    const automaton = new Automaton(flags);
    automaton.add(patternTree(source));
    return automaton.isAmbiguous() ? reason : undefined;
  } catch (error) {
    // Brackets within brackets within brackets: nobody means that.
    if (error instanceof TooLarge || error instanceof RangeError) return reason;
    throw error;
  }
}

class TooLarge extends Error {}

/** What a part of the pattern begins and ends with, as positions; each character of it is one. */
interface Part {
  readonly first: readonly number[];
  readonly last: readonly number[];
  readonly isNullable: boolean;
}

const nothing: Part = { first: [], last: [], isNullable: true };

/** Of Glushkov: a state for each character of the pattern, which is where one is after reading it. */
class Automaton {
  readonly #flags: string;
  readonly #samples = new Map<string, bigint>();
  /** What a position reads, as the samples that it matches. */
  readonly #reads: bigint[] = [];
  readonly #next: Set<number>[] = [];
  /** Ways from one position to another that there are two of. */
  readonly #twice: (readonly [number, number])[] = [];
  #steps = 0;

  constructor(flags: string) {
    this.#flags = flags.replaceAll(/[^isuv]/gu, '');
  }

  add(tree: PatternTree): Part {
    switch (tree.kind) {
      case 'character':
        return this.#position(tree.text);
      case 'empty':
        return nothing;
      case 'look':
        // It begins anew: no way leads into it or out of it.
        this.add(tree.body);
        return nothing;
      case 'sequence':
        return tree.parts.reduce<Part>((all, part) => this.#joined(all, this.add(part)), nothing);
      case 'choice': {
        const ways = tree.ways.map((way) => this.add(way));
        return {
          first: ways.flatMap(({ first }) => first),
          last: ways.flatMap(({ last }) => last),
          isNullable: ways.some(({ isNullable }) => isNullable),
        };
      }
      case 'repeat':
        return this.#repeated(tree);
    }
  }

  #repeated({ body, least, most }: Extract<PatternTree, { kind: 'repeat' }>): Part {
    const isEndless = most === Number.POSITIVE_INFINITY;
    const copies = isEndless ? Math.max(1, least) : most;
    if (copies * sizeOf(body) > mostWritten || (!isEndless && most > 4 && hasLoop(body))) {
      const once = this.#looped(this.add(body));
      return { ...once, isNullable: once.isNullable || least === 0 };
    }
    // `a{2,4}` is `aa(a(a)?)?`, so that nothing of it can be skipped in two ways.
    let all: Part = nothing;
    for (let at = copies; at >= 1; at -= 1) {
      const one = this.add(body);
      const copy = this.#joined(isEndless && at === copies ? this.#looped(one) : one, all);
      all = at > least ? { ...copy, isNullable: true } : copy;
    }
    return all;
  }

  #position(text: string): Part {
    const at = this.#reads.length;
    if (at >= mostPositions) throw new TooLarge();
    const known = this.#samples.get(text) ?? samplesOf(text, this.#flags);
    this.#samples.set(text, known);
    this.#reads.push(known);
    this.#next.push(new Set());
    return { first: [at], last: [at], isNullable: false };
  }

  #joined(one: Part, other: Part): Part {
    this.#connect(one.last, other.first);
    return {
      first: one.isNullable ? [...one.first, ...other.first] : one.first,
      last: other.isNullable ? [...one.last, ...other.last] : other.last,
      isNullable: one.isNullable && other.isNullable,
    };
  }

  #looped(part: Part): Part {
    this.#connect(part.last, part.first);
    return part;
  }

  #connect(from: readonly number[], to: readonly number[]): void {
    for (const one of from) {
      const next = this.#next[one];
      for (const other of to) {
        this.#step();
        if (next?.has(other) === true) this.#twice.push([one, other]);
        next?.add(other);
      }
    }
  }

  #step(): void {
    this.#steps += 1;
    if (this.#steps > mostSteps) throw new TooLarge();
  }

  /** Two ways of reading one text lead from a position back to it. */
  isAmbiguous(): boolean {
    const loops = this.#loops();
    if (this.#twice.some(([one, other]) => loops.some((loop) => loop.has(one) && loop.has(other))))
      return true;
    return loops.some((loop) => this.#partsAndMeets(loop));
  }

  /** Positions from each of which every other one of the same loop is reached. */
  #loops(): readonly ReadonlySet<number>[] {
    const before: Set<number>[] = this.#next.map(() => new Set());
    for (const [one, others] of this.#next.entries()) for (const other of others) before[other]?.add(one);
    const found: Set<number>[] = [];
    for (const at of this.#next.keys()) {
      if (found.some((loop) => loop.has(at))) continue;
      const ahead = this.#reached(at, (each) => this.#next[each] ?? []);
      if (!ahead.has(at)) continue;
      found.push(ahead.intersection(this.#reached(at, (each) => before[each] ?? [])));
    }
    return found;
  }

  #reached<T>(from: T, next: (at: T) => Iterable<T>): Set<T> {
    const seen = new Set<T>(next(from));
    for (const each of seen)
      for (const other of next(each)) {
        this.#step();
        seen.add(other);
      }
    return seen;
  }

  /** Whether two who read the same text, from one position of the loop on, part and are together again. */
  #partsAndMeets(loop: ReadonlySet<number>): boolean {
    const size = this.#next.length;
    const reads = [...new Set(this.#reads)];
    const kinds = this.#reads.map((bits) => reads.indexOf(bits));
    // Which kinds of position have a character in common: asked a million times, it is looked up.
    const meets = reads.map((bits) => reads.map((others) => (bits & others) !== 0n));
    const after = new Map<number, Set<number>>();
    const together = [...loop].map((at) => at * size + at);
    const seen = new Set(together);
    // A pair of positions is one number; pairs are found as they are reached.
    for (const pair of seen) {
      const [one, other] = [Math.floor(pair / size), pair % size];
      for (const left of this.#next[one] ?? []) {
        if (!loop.has(left)) continue;
        const row = meets[kinds[left] ?? 0];
        for (const right of this.#next[other] ?? []) {
          this.#step();
          if (row?.[kinds[right] ?? 0] !== true || !loop.has(right)) continue;
          const next = left * size + right;
          after.set(next, (after.get(next) ?? new Set()).add(pair));
          seen.add(next);
        }
      }
    }
    // From where they are together, back to where they were apart.
    const meeting = new Set(together);
    for (const pair of meeting) for (const before of after.get(pair) ?? []) meeting.add(before);
    return [...meeting].some((pair) => Math.floor(pair / size) !== pair % size);
  }
}

function sizeOf(tree: PatternTree): number {
  switch (tree.kind) {
    case 'sequence':
      // What is empty is something, or a million of it would be written out.
      return tree.parts.reduce((sum, part) => sum + sizeOf(part), 1);
    case 'choice':
      return tree.ways.reduce((sum, way) => sum + sizeOf(way), 0);
    case 'repeat':
      return (
        sizeOf(tree.body) * (tree.most === Number.POSITIVE_INFINITY ? Math.max(1, tree.least) : tree.most)
      );
    case 'look':
      return sizeOf(tree.body);
    case 'character':
    case 'empty':
      return 1;
  }
}

function hasLoop(tree: PatternTree): boolean {
  switch (tree.kind) {
    case 'sequence':
      return tree.parts.some(hasLoop);
    case 'choice':
      return tree.ways.some(hasLoop);
    case 'repeat':
      return tree.most === Number.POSITIVE_INFINITY || hasLoop(tree.body);
    case 'character':
    case 'empty':
    case 'look':
      return false;
  }
}

/** Latin-1, and one or two of what else patterns tell apart: a letter, a space, an end of a line, half of a pair. */
const beyond = ['\u0100', '\u03B1', '\u0416', '\u4E00', '\u2003', '\u2028', '\uFEFF', '\uD83D', '\u{1F600}'];
const samples: readonly string[] = [
  ...Array.from({ length: 256 }, (_, code) => String.fromCodePoint(code)),
  ...beyond,
];

/** Which of the samples one character of a pattern matches, a bit for each; one that is no sample is all it matches. */
function samplesOf(text: string, flags: string): bigint {
  const pattern = new RegExp(`^(?:${text})$`, flags);
  let bits = 0n;
  for (const [at, sample] of samples.entries()) if (pattern.test(sample)) bits |= 1n << BigInt(at);
  if (bits !== 0n) return bits;
  // Letters of one alphabet stand close together: by its number it most likely differs from the others of the pattern.
  return 1n << BigInt(samples.length + ((text.codePointAt(text.length - 1) ?? 0) % 1024));
}
