/** Who saw which request, and what became of it: all that was counted, and what of it must not be. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { methodOf } from './bodies.ts';

/** What the client got for a request. */
export const outcomes = {
  none: 0,
  /** The right answer, whole. */
  answered: 1,
  /** An answer of the front door's own: there is nobody to give another. */
  refused: 2,
  /** The answer broke off, and the client could tell. */
  broken: 3,
} as const;
export type Outcome = Exclude<keyof typeof outcomes, 'none'>;

export interface Tally {
  readonly answered: number;
  /** Seen by a child that was killed over it, so that nobody may ask again. */
  readonly lostInChild: number;
  /** Not idempotent, and written to a connection whose instance had just been killed: nobody can know whether it was seen. */
  readonly lostOnTheWay: number;
  readonly broken: number;
  /** Idempotent requests that another child was asked again for. */
  readonly repeated: number;
}

interface Facts {
  /** Some instance was killed and not known to be gone while the request was under way. */
  readonly troubled: boolean;
  /** Whose answer it was. */
  readonly pid?: number;
  /** The front door's own words. */
  readonly said?: string;
}

export class Ledger {
  readonly #outcomes: Uint8Array;
  readonly #troubled: Uint8Array;
  /** Whose answer it was. */
  readonly #answeredBy: Uint32Array;
  readonly #wrong: string[] = [];
  readonly #killed = new Set<number>();
  /** What the front door said of those that it refused. */
  readonly #said = new Map<number, string>();
  #wrongs = 0;

  constructor(requests: number) {
    this.#outcomes = new Uint8Array(requests);
    this.#troubled = new Uint8Array(requests);
    this.#answeredBy = new Uint32Array(requests);
  }

  killed(pid: number): void {
    this.#killed.add(pid);
  }

  ended(id: number, outcome: Outcome, facts: Facts): void {
    if (this.#outcomes[id] !== outcomes.none) this.wrong(`Request ${id} was answered twice.`);
    this.#outcomes[id] = outcomes[outcome];
    this.#troubled[id] = facts.troubled ? 1 : 0;
    this.#answeredBy[id] = facts.pid ?? 0;
    if (facts.said !== undefined) this.#said.set(id, facts.said);
  }

  /** Something that must not be. */
  wrong(sentence: string): void {
    this.#wrongs += 1;
    if (this.#wrong.length < 20) this.#wrong.push(sentence);
  }

  /** The first of all that must not be, in sentences; `requests`: how many were sent. */
  close(folder: string, requests: number): { readonly tally: Tally; readonly wrong: readonly string[] } {
    const seenBy = this.#sightings(folder);
    const tally = { answered: 0, lostInChild: 0, lostOnTheWay: 0, broken: 0, repeated: 0 };
    for (let id = 0; id < requests; id += 1) {
      const pids = seenBy(id);
      const troubled = this.#troubled[id] === 1;
      const method = methodOf(id);
      const by = this.#answeredBy[id] ?? 0;
      const said = this.#said.get(id);
      const title = `Request ${id} (${method}, seen by ${pids.join(' and ') || 'nobody'}${said === undefined ? '' : `, told "${said}"`})`;
      const outcome = this.#outcomes[id];
      if (outcome === outcomes.none) this.wrong(`${title} was never answered.`);
      if (pids.length > 1) {
        tally.repeated += 1;
        const others = pids.filter((pid) => pid !== by);
        if (method !== 'GET') this.wrong(`${title} may not be repeated.`);
        else if (pids.length > 2) this.wrong(`${title} was repeated more than once.`);
        else if (!troubled || others.length > 1 || !others.every((pid) => this.#killed.has(pid)))
          this.wrong(`${title} was repeated, though no child had died over it.`);
      }
      if (outcome === outcomes.answered) {
        tally.answered += 1;
        if (!pids.includes(by)) this.wrong(`${title} was answered by ${by}.`);
        continue;
      }
      if (!troubled) this.wrong(`${title} went wrong, though no child had died.`);
      if (outcome === outcomes.broken) {
        tally.broken += 1;
        if (pids.length === 0) this.wrong(`${title} broke off.`);
      } else if (pids.length > 0) {
        tally.lostInChild += 1;
        if (!pids.some((pid) => this.#killed.has(pid)))
          this.wrong(`${title} was lost by a child that lives.`);
        if (method === 'GET') this.wrong(`${title} could have been repeated, and was lost.`);
      } else {
        tally.lostOnTheWay += 1;
        if (method === 'GET') this.wrong(`${title} was lost.`);
      }
    }
    const more = this.#wrongs - this.#wrong.length;
    return { tally, wrong: more > 0 ? [...this.#wrong, `And ${more} more.`] : this.#wrong };
  }

  /** Tells by whom a request was seen, from what the children put down. */
  #sightings(folder: string): (id: number) => readonly number[] {
    const first = new Uint32Array(this.#outcomes.length);
    const further = new Map<number, number[]>();
    for (const name of readdirSync(folder)) {
      if (!name.endsWith('.ids')) continue;
      const pid = Number.parseInt(name, 10);
      const bytes = readFileSync(join(folder, name));
      for (let at = 0; at + 4 <= bytes.length; at += 4) {
        const id = bytes.readUInt32LE(at);
        if (id >= first.length) this.wrong(`Process ${pid} saw a request ${id} that nobody sent.`);
        else if (first[id] === 0) first[id] = pid;
        else further.set(id, [...(further.get(id) ?? []), pid]);
      }
    }
    return (id) => (first[id] === 0 ? [] : [first[id] ?? 0, ...(further.get(id) ?? [])]);
  }
}
