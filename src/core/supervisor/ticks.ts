/**
 * Ticks: an event whenever the wall clock enters a new slice of 5 seconds, a minute or an hour (spec 6.10).
 *
 * Nothing wakes while nobody wants a tick.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../outside.ts';
import { type SupervisorEvent, tickEvent } from './events.ts';

const periods = [5, 60, 3600] as const;

export type Period = (typeof periods)[number];

/** The slice that each period was last seen in, as its first second since the epoch. */
export type Slices = Readonly<Partial<Record<Period, number>>>;

/** Looks at the time. The first look only records; a clock that was set back has changed slices, too. */
export function sliced(last: Slices, epochMs: number): { slices: Slices; ticks: readonly SupervisorEvent[] } {
  const slices: Partial<Record<Period, number>> = {};
  const ticks: SupervisorEvent[] = [];
  for (const period of periods) {
    const slice = Math.floor(epochMs / 1000 / period) * period;
    slices[period] = slice;
    if (last[period] !== undefined && last[period] !== slice) ticks.push(tickEvent(period, slice));
  }
  return { slices, ticks };
}

export interface TicksOptions {
  readonly clock: Clock;
  /** Whether somebody wants ticks of this period. */
  wanted(period: Period): boolean;
  fire(tick: SupervisorEvent): void;
}

export class Ticks implements Disposable {
  readonly #options: TicksOptions;
  #slices: Slices = {};
  #timer: Disposable | undefined;

  constructor(options: TicksOptions) {
    this.#options = options;
  }

  /** Who wants ticks may have changed. */
  arrange(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    const [shortest] = periods.filter((period) => this.#options.wanted(period));
    if (shortest === undefined) {
      // Slices that pass unwatched are nobody's ticks.
      this.#slices = {};
      return;
    }
    const { clock } = this.#options;
    this.#look();
    const ms = shortest * 1000;
    this.#timer = clock.after(ms - (clock.wall() % ms), () => this.arrange());
  }

  #look(): void {
    const { slices, ticks } = sliced(this.#slices, this.#options.clock.wall());
    this.#slices = slices;
    for (const tick of ticks) this.#options.fire(tick);
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#timer = undefined;
  }
}
