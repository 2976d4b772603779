/** The arguments of a call, taken as what a method needs them to be. */

import { RpcFault } from './faults.ts';
import type { Value } from './values.ts';

export class Arguments {
  readonly #values: readonly Value[];

  constructor(values: readonly Value[]) {
    this.#values = values;
  }

  text(index: number): string {
    const value = this.#values[index];
    if (typeof value !== 'string') throw new RpcFault('INCORRECT_PARAMETERS');
    return value;
  }

  /** A text or a number: a signal may be told either way. */
  word(index: number): string {
    const value = this.#values[index];
    return typeof value === 'number' ? String(value) : this.text(index);
  }

  /** A number, or a text that is one. */
  whole(index: number): number {
    const value = this.#values[index];
    const number = typeof value === 'string' && /^\s*[+-]?\d+\s*$/.test(value) ? Number(value) : value;
    if (typeof number !== 'number') throw new RpcFault('INCORRECT_PARAMETERS');
    return Math.trunc(number);
  }

  /** True when it is left out. */
  flag(index: number): boolean {
    return Boolean(this.#values[index] ?? true);
  }

  list(index: number): readonly Value[] {
    const value = this.#values[index];
    if (!Array.isArray(value)) throw new RpcFault('INCORRECT_PARAMETERS');
    return value as readonly Value[];
  }
}
