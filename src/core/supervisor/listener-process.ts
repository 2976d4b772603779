/** One listener process: what it says on stdout, and the event it has not answered yet (spec 6.11). */

import { type Heard, busied, greeted, heard, type Judge, type Listening } from './listener-protocol.ts';
import type { JournalLevel } from './journal.ts';
import type { Parcel, PoolListener } from './pool.ts';
import type { Supervised } from './supervision.ts';

export interface ListenerProcessOptions {
  readonly instance: Supervised;
  readonly say: (level: JournalLevel, text: string) => void;
  /** The event it had comes back. */
  returned(parcel: Parcel, why: 'rejected' | 'lost'): void;
  /** It may take an event now. */
  ready(): void;
  readonly judge?: Judge;
}

/** Lasts as long as the child; the next child of the same instance has a conversation of its own. */
export class ListenerProcess implements PoolListener {
  readonly process: string;
  readonly #options: ListenerProcessOptions;
  #listening: Listening = greeted;
  #parcel: Parcel | undefined;

  constructor(options: ListenerProcessOptions) {
    this.process = options.instance.process;
    this.#options = options;
  }

  isFree(): boolean {
    const { stateName } = this.#options.instance;
    return stateName === 'RUNNING' && this.#listening.state === 'READY';
  }

  send(bytes: Uint8Array): boolean {
    return this.#options.instance.write(bytes) === 'written';
  }

  busy(parcel: Parcel): void {
    this.#parcel = parcel;
    this.#listening = busied(this.#listening);
  }

  hear(bytes: Uint8Array): void {
    const { listening, heard: happenings } = heard(this.#listening, bytes, this.#options.judge);
    // All of it is known before anybody acts on any of it.
    this.#listening = listening;
    for (const each of happenings) this.#tell(each);
    // It is not BUSY any more: an event that it did not accept goes back.
    if (happenings.some((each) => each.kind === 'moved' && each.from === 'BUSY')) this.#giveBack('rejected');
    if (listening.state === 'READY') this.#options.ready();
  }

  #tell(happening: Heard): void {
    const { say } = this.#options;
    switch (happening.kind) {
      case 'moved':
        say('debug', `${this.process}: ${happening.from} -> ${happening.to}`);
        if (happening.to === 'UNKNOWN') this.#toldUnknown();
        break;
      case 'bad-result-line':
        say('warn', `${this.process}: bad result line: '${happening.line}'`);
        break;
      case 'answered':
        this.#answered(happening.verdict);
        break;
    }
  }

  #toldUnknown(): void {
    const why = 'this usually indicates the process violated the eventlistener protocol';
    const what = 'has entered the UNKNOWN state and will no longer receive events';
    this.#options.say('warn', `${this.process}: ${what}, ${why}`);
  }

  #answered(verdict: 'accepted' | 'rejected' | 'erred'): void {
    const { say } = this.#options;
    switch (verdict) {
      case 'accepted':
        say('debug', `${this.process}: event was processed`);
        this.#parcel = undefined;
        break;
      case 'rejected':
        say('warn', `${this.process}: event was rejected`);
        break;
      case 'erred':
        say('warn', `${this.process}: event caused an error`);
        break;
    }
  }

  /** The child is gone, and its pool knows it no more: what it had goes back (SV-38). */
  gone(): void {
    this.#giveBack('lost');
  }

  #giveBack(why: 'rejected' | 'lost'): void {
    const parcel = this.#parcel;
    this.#parcel = undefined;
    if (parcel !== undefined) this.#options.returned(parcel, why);
  }
}
