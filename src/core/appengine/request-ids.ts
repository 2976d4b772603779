/**
 * Gives requests their ids, and tells of an id what it stands for while its request is under way (HP-39, HP-40).
 *
 * What a request is, is for others to say: its facts are only kept here.
 */

import type { Environment } from './environment.ts';

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const lowerHex = '0123456789abcdef';
const upperHex = '0123456789ABCDEF';

/** How long an id is, in letters. */
const idLength = 10;
const hashLength = 8;
const logIdLengths = { from: 30, to: 99 } as const;

/** Requests to these are neither logged nor given a log id (spec 2.1, 2). */
const unlogged = /^\/_ah\/(?:channel\/(?:dev|jsapi)|img|login|upload)/u;

/** Whether a request to this path stands in the access log. */
export function isLogged(path: string): boolean {
  return !unlogged.test(path);
}

/** What an id stands for. */
export interface LiveRequest {
  readonly environment: Environment;
  readonly module: string;
  readonly version: string;
  /** `api.0`; absent until it has an instance. */
  readonly instance?: string;
}

/** A whole number from 0 up to, and without, `below`. */
export type Random = (below: number) => number;

/** Numbers that cannot be guessed, since a child shows its request id to the API server. Bought in bulk: each purchase costs. */
function chances(): Random {
  const stock = new Uint32Array(512);
  let spent = stock.length;
  return (below) => {
    if (spent === stock.length) {
      crypto.getRandomValues(stock);
      spent = 0;
    }
    const drawn = stock[spent] ?? 0;
    spent += 1;
    return drawn % below;
  };
}

export class RequestIds {
  readonly #live = new Map<string, () => LiveRequest>();
  readonly #random: Random;

  constructor(random: Random = chances()) {
    this.#random = random;
  }

  /** A new id, live until `close`. The facts are asked for when somebody wants them. */
  open(facts: () => LiveRequest): string {
    for (;;) {
      const id = this.#text(letters, idLength);
      if (this.#live.has(id)) continue;
      this.#live.set(id, facts);
      return id;
    }
  }

  /** What a live request's id stands for; undefined once it is over. */
  facts(id: string): LiveRequest | undefined {
    return this.#live.get(id)?.();
  }

  close(id: string): void {
    this.#live.delete(id);
  }

  /** `REQUEST_ID_HASH`. */
  hash(): string {
    return this.#text(upperHex, hashLength);
  }

  /** `REQUEST_LOG_ID`. */
  logId(): string {
    const { from, to } = logIdLengths;
    return this.#text(lowerHex, from + this.#random(to - from + 1));
  }

  #text(alphabet: string, length: number): string {
    let text = '';
    for (let at = 0; at < length; at += 1) text += alphabet[this.#random(alphabet.length)] ?? '';
    return text;
  }
}
