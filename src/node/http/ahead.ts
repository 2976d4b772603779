/**
 * What is read of senders from whom nobody takes anything.
 *
 * A socket that is not read tells neither of its end nor of a reset: both stand behind the bytes that wait. So where
 * nobody has taken anything for a while, it is read on into memory, to see whether somebody is still there. That is as
 * far as anybody can see: a sender that leaves when more of it has come than may be read looks like one that waits, and
 * is given up when its time is over (`giveUpMs`).
 */

import type { Socket } from 'node:net';

/** As much of one sender: more than Linux usually keeps of a connection on both of its ends (4 and 6 MiB). */
const mostAhead = 12 * 1024 * 1024;

/** As much of all senders over one door. */
const ofAll = 96 * 1024 * 1024;

/** What one sender has for each byte that the others together have left. The first one has as much as there may be. */
const share = mostAhead / (ofAll - mostAhead);

export class Ahead {
  #left = ofAll;

  /** Of a sender of whom so much is held: the more of them there are, the less each has, and there is always some left. */
  hasRoom(held: number): boolean {
    return held < mostAhead && held < this.#left * share;
  }

  take(bytes: number): void {
    this.#left -= bytes;
  }

  give(bytes: number): void {
    this.#left += bytes;
  }
}

const noBytes: Buffer = Buffer.alloc(0);

/** The bytes of one sender that nobody has taken yet. Whose turn it is, and when somebody looks, is decided elsewhere. */
export class HeldBack {
  /** What comes next. */
  rest = noBytes;
  readonly #socket: Socket;
  readonly #ahead: Ahead;
  #isPaused = false;
  #pausedAt = 0;
  #isReadAhead = false;
  /** What was read ahead; it comes after the rest. */
  #held: Buffer[] = [];
  #heldLength = 0;

  constructor(socket: Socket, ahead: Ahead) {
    this.#socket = socket;
    this.#ahead = ahead;
  }

  /** Nobody takes what comes. */
  get isPaused(): boolean {
    return this.#isPaused;
  }

  /** It is read all the same, to see whether the sender is still there. */
  get isReadAhead(): boolean {
    return this.#isReadAhead;
  }

  get isNone(): boolean {
    return this.rest.length === 0 && this.#heldLength === 0;
  }

  get pausedMs(): number {
    return performance.now() - this.#pausedAt;
  }

  add(bytes: Buffer): void {
    this.rest = this.rest.length === 0 ? bytes : Buffer.concat([this.rest, bytes]);
  }

  pause(): void {
    this.#isPaused = true;
    this.#pausedAt = performance.now();
    this.#socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.gather();
    this.#socket.resume();
  }

  /** Reads on though nobody takes it: only so the end of a sender is seen. False: there is no room for more. */
  readAhead(): boolean {
    if (this.#isReadAhead) return true;
    if (!this.#hasRoom) return false;
    this.#isReadAhead = true;
    this.#socket.resume();
    return true;
  }

  get #hasRoom(): boolean {
    return this.#ahead.hasRoom(this.#heldLength);
  }

  addAhead(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldLength += bytes.length;
    this.#ahead.take(bytes.length);
    if (this.#hasRoom) return;
    this.#isReadAhead = false;
    this.#socket.pause();
  }

  /** Puts together what has come. */
  gather(): void {
    this.#isReadAhead = false;
    if (this.#heldLength === 0) return;
    this.rest = Buffer.concat([this.rest, ...this.#held]);
    this.#ahead.give(this.#heldLength);
    this.#held = [];
    this.#heldLength = 0;
  }

  /** Whoever asks has all of it from now on. */
  takeAll(): Buffer {
    this.gather();
    return this.takeRest();
  }

  takeRest(): Buffer {
    const { rest } = this;
    this.rest = noBytes;
    return rest;
  }

  /** The first so many bytes of the rest are taken. */
  skip(length: number): void {
    this.rest = length === this.rest.length ? noBytes : this.rest.subarray(length);
  }
}
