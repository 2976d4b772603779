/**
 * A pool of event listeners: events that wait for a listener, and which listener gets which (spec 6.11).
 *
 * Memory is bounded: at most `bufferSize` events wait, and each listener has at most one that it has not answered,
 * so that no more than that one ever waits in a pipe nobody reads.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Clock } from '../outside.ts';
import { bytesOf, joined } from './bytes.ts';
import type { EventName, SupervisorEvent } from './events.ts';
import type { JournalLevel } from './journal.ts';
import { Serial } from './serial.ts';

/** An event on its way: what it was numbered stays with it, however often it is sent. */
export interface Parcel {
  readonly event: SupervisorEvent;
  /** Among all events. */
  readonly serial: number;
  /** Among the events of this pool. */
  readonly poolSerial: number;
  /** How often a listener has answered that it rejects it. */
  readonly rejections: number;
}

/** A listener process, as the pool sees it. */
export interface PoolListener {
  /** Supervisor's name of the process. */
  readonly process: string;
  /** RUNNING as a process and READY as a listener. */
  isFree(): boolean;
  /** False when its pipe is broken. What it throws goes to whoever dispatched. */
  send(bytes: Uint8Array): boolean;
  /** It has the event now. */
  busy(parcel: Parcel): void;
}

export interface PoolOptions {
  readonly name: string;
  readonly clock: Pick<Clock, 'now' | 'after'>;
  readonly identifier: () => string;
  readonly say: (level: JournalLevel, text: string) => void;
  readonly listeners: () => readonly PoolListener[];
  /** At least this long between two dispatches, in milliseconds; 0: no waiting. */
  readonly throttleMs?: number;
  /** A dispatch that the pool itself began after waiting has failed. */
  failed(error: unknown): void;
}

/** Between the second rejection of an event and the next try: twice as long each time. */
const firstPauseMs = 10;
const longestPauseMs = 1000;

export class Pool implements Disposable {
  readonly name: string;
  readonly #options: PoolOptions;
  readonly #serials = new Serial();
  readonly #buffer: Parcel[] = [];
  /** What it subscribes to and how much may wait; both may change while it lives. */
  #events: ReadonlySet<EventName> = new Set();
  #bufferSize = 1;
  #lastDispatch = Number.NEGATIVE_INFINITY;
  /** The head was rejected again: not to be sent before this. */
  #pausedUntil = Number.NEGATIVE_INFINITY;
  #timer: Disposable | undefined;
  #dispatching = false;
  #disposed = false;

  constructor(options: PoolOptions) {
    this.name = options.name;
    this.#options = options;
  }

  /** @param bufferSize at least 1. */
  subscribe(events: ReadonlySet<EventName>, bufferSize: number): void {
    this.#events = events;
    this.#bufferSize = Math.max(1, bufferSize);
  }

  wants(event: EventName): boolean {
    return !this.#disposed && this.#events.has(event);
  }

  /** The serials of what waits, oldest first. */
  get waiting(): readonly number[] {
    return this.#buffer.map(({ serial }) => serial);
  }

  /** Takes a new event, at the end. */
  accept(event: SupervisorEvent, serial: number): void {
    this.#makeRoom();
    this.#buffer.push({ event, serial, poolSerial: this.#serials.take(), rejections: 0 });
    this.dispatch();
  }

  /** An event comes back unprocessed, to the head. It was `rejected`, or its listener is `lost`. */
  takeBack(parcel: Parcel, why: 'rejected' | 'lost'): void {
    if (this.#disposed) return;
    const { say, clock } = this.#options;
    const sizes = `(buf size=${this.#buffer.length}, max=${this.#bufferSize})`;
    say('debug', `rebuffering event ${parcel.serial} for pool ${this.name} ${sizes}`);
    this.#makeRoom();
    const rejections = parcel.rejections + (why === 'rejected' ? 1 : 0);
    this.#buffer.unshift({ ...parcel, rejections });
    // A listener that rejects whatever it is given would otherwise keep us and itself busy for ever.
    if (rejections > 1) this.#pausedUntil = clock.now() + pauseAfter(rejections);
    this.dispatch();
  }

  /** Sends what waits, oldest first, as far as there are listeners for it. Order is never changed. */
  dispatch(): void {
    if (this.#dispatching || this.#disposed || this.#buffer.length === 0) return;
    if (!this.#options.listeners().some((listener) => listener.isFree())) return;
    if (this.#waits()) return;
    this.#dispatching = true;
    try {
      for (let head = this.#buffer.shift(); head !== undefined; head = this.#buffer.shift()) {
        if (this.#send(head)) continue;
        this.#buffer.unshift(head);
        break;
      }
    } finally {
      this.#dispatching = false;
      this.#lastDispatch = this.#options.clock.now();
    }
  }

  #send(parcel: Parcel): boolean {
    const { listeners, say } = this.#options;
    const bytes = this.#enveloped(parcel);
    for (const listener of listeners()) {
      if (!listener.isFree()) continue;
      if (listener.send(bytes)) {
        listener.busy(parcel);
        say('debug', `event ${parcel.serial} sent to listener ${listener.process}`);
        return true;
      }
      const what = `epipe occurred while sending event ${parcel.serial}`;
      say('debug', `${what} to listener ${listener.process}, listener state unchanged`);
    }
    return false;
  }

  #enveloped({ event, serial, poolSerial }: Parcel): Uint8Array {
    const head = [
      'ver:3.0',
      `server:${this.#options.identifier()}`,
      `serial:${serial}`,
      `pool:${this.name}`,
      `poolserial:${poolSerial}`,
      `eventname:${event.name}`,
      // Mended: bytes, as the protocol says, where Supervisor counts characters (SV-70).
      `len:${event.payload.length}`,
    ];
    return joined(bytesOf(`${head.join(' ')}\n`), event.payload);
  }

  #makeRoom(): void {
    if (this.#buffer.length < this.#bufferSize) return;
    const discarded = this.#buffer.shift();
    if (discarded === undefined) return;
    const what = `discarding event ${discarded.serial}`;
    this.#options.say('error', `pool ${this.name} event buffer overflowed, ${what}`);
  }

  /** Whether it is too early to send; then a timer sends later. */
  #waits(): boolean {
    const { clock, throttleMs = 0 } = this.#options;
    const now = clock.now();
    // A clock that went back must not make us wait for the time it was at.
    if (now < this.#lastDispatch) this.#lastDispatch = now;
    const due = Math.max(throttleMs > 0 ? this.#lastDispatch + throttleMs : now, this.#pauseOfHead());
    this.#timer?.dispose();
    this.#timer = undefined;
    if (due <= now) return false;
    this.#timer = clock.after(due - now, () => this.#resume());
    return true;
  }

  #pauseOfHead(): number {
    const rejections = this.#buffer[0]?.rejections ?? 0;
    return rejections > 1 ? this.#pausedUntil : Number.NEGATIVE_INFINITY;
  }

  #resume(): void {
    this.#timer = undefined;
    try {
      this.dispatch();
    } catch (error) {
      this.#options.failed(error);
    }
  }

  dispose(): void {
    this.#disposed = true;
    this.#timer?.dispose();
    this.#timer = undefined;
    this.#buffer.length = 0;
  }
}

function pauseAfter(rejections: number): number {
  return Math.min(longestPauseMs, firstPauseMs * 2 ** (rejections - 2));
}
