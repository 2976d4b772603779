/**
 * A client's connection: reads the heads of its requests strictly, one after the other, has each dealt with before the
 * next one is looked at, and closes. Who carries a request, and what is answered, is not known here.
 */

import type { Socket } from 'node:net';
import { type Ahead, HeldBack } from './ahead.ts';
import { ClientRequest } from './client-request.ts';
import type { Problem } from './fields.ts';
import { Listening, mayListen } from './half-closed.ts';
import { beginOf, headEnd, mayBeginRequest, mayBeRequest, readRequest } from './head-reader.ts';
import type { Carriage, Line } from './line.ts';
import { ResponseWriter } from './response-writer.ts';
import type { Taken } from './sides.ts';
import { type Sweep, type Timed, within } from './sweep.ts';

/** What a client may send ahead of being asked for it. Then it is not read any more, until it is its turn. */
const mostUnasked = 64 * 1024;

/** What a connection is a part of. */
export interface Surroundings extends Carriage {
  readonly sweep: Sweep;
  readonly ahead: Ahead;
  gone(connection: ClientConnection): void;
}

/**
 * - `waiting`: for a head.
 * - `busy`: a request is read or answered.
 * - `closing`: the last word is said; what comes is dropped.
 * - `away`: it is somebody else's, or gone.
 */
type Phase = 'waiting' | 'busy' | 'closing' | 'away';

export class ClientConnection implements Line, Timed {
  readonly socket: Socket;
  readonly unread: HeldBack;
  dueAt: number;
  readonly #around: Surroundings;
  readonly #response: ResponseWriter;
  readonly #request: ClientRequest;
  readonly #listening: Listening;
  readonly #remote: string;
  #phase: Phase = 'waiting';
  /** How many of the unread bytes were looked through for the end of a head. */
  #known = 0;
  #isAdvancing = false;
  /** It has no request after the one that is under way, or is being read. */
  #isRetired = false;
  #hasEnded = false;

  constructor(socket: Socket, around: Surroundings) {
    const { limits, ahead, sweep } = around;
    this.socket = socket;
    this.unread = new HeldBack(socket, ahead);
    this.#around = around;
    this.#response = new ResponseWriter(socket, limits.clientIdleMs);
    this.#request = new ClientRequest(this, around, this.#response);
    this.#listening = new Listening(socket, limits.clientIdleMs);
    this.#remote = socket.remoteAddress ?? '';
    this.dueAt = within(limits.headMs);
    sweep.watch(this);
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#ended());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  get isBusy(): boolean {
    return this.#phase === 'busy';
  }

  // ------------------------------------------------------------------------------------------------- reading

  #read(bytes: Buffer): void {
    const { unread } = this;
    if (this.#phase === 'closing') return;
    if (unread.isReadAhead) {
      unread.addAhead(bytes);
    } else if (this.#phase === 'waiting') {
      unread.add(bytes);
      this.#advance();
    } else if (!this.#request.read(bytes)) {
      unread.add(bytes);
      if (this.#request.isBodyOver) this.lookAhead();
      if (unread.rest.length > mostUnasked) this.pause();
    }
  }

  /**
   * Takes up requests as long as there are whole heads and nothing is under way. A client that does not take its answers
   * gets no more of them: they would all be kept here.
   */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    while (this.#phase === 'waiting' && this.unread.rest.length > 0) {
      if (!this.#response.output.takesMore) this.pause();
      if (this.unread.isPaused || !this.#readHead()) break;
    }
    this.#isAdvancing = false;
    if (this.#hasEnded && this.#phase === 'waiting' && !this.unread.isPaused) this.close();
  }

  #drained(): void {
    if (this.#phase === 'waiting' && this.unread.isPaused) {
      this.unread.resume();
      this.#advance();
    } else this.#request.clientTakesMore();
  }

  /** False: there is no whole head. */
  #readHead(): boolean {
    const bytes = this.unread.rest;
    const { limits } = this.#around;
    const from = beginOf(bytes);
    const end = mayBeginRequest(bytes, from)
      ? headEnd(bytes, from, this.#known, limits)
      : ({ kind: 'problem', status: 400, reason: 'This is not a proper HTTP request.' } as const);
    if (end === -1) {
      if (this.#known === 0) this.dueAt = within(limits.headMs);
      this.#known = bytes.length;
      return false;
    }
    this.#known = 0;
    const request =
      typeof end === 'object' ? end : readRequest(bytes.toString('latin1', from, end), this.#remote, limits);
    if (typeof end === 'object' || request.kind === 'problem') {
      this.refuse(request.kind === 'problem' ? request : (end as Problem));
      return false;
    }
    this.unread.skip(end);
    this.#phase = 'busy';
    this.dueAt = Number.POSITIVE_INFINITY;
    this.#request.begin(request, this.#isRetired);
    return true;
  }

  /**
   * Something has come while a request is under way that is not of it. Whether it is a request is looked at now: a
   * client that sends anything else is not to be trusted with what it is sent either.
   */
  lookAhead(): void {
    const isNone = !mayBeRequest(this.unread.rest, this.#remote, this.#around.limits);
    if (isNone && !this.#request.isUpgrade) this.socket.destroy();
  }

  pause(): void {
    if (this.unread.isPaused) return;
    this.unread.pause();
    if (this.#phase !== 'busy') return;
    // Where nobody has the request yet, nobody is to have it whose client has left meanwhile.
    if (this.#request.isUndecided && !this.#request.isAnswered) this.#readAhead();
    else this.lookIn(this.#around.limits.stallMs);
  }

  #readAhead(): void {
    const { stallMs, giveUpMs } = this.#around.limits;
    this.lookIn(stallMs);
    if (!this.unread.readAhead() && this.unread.pausedMs > giveUpMs) this.socket.destroy();
  }

  becomeFree(): void {
    this.#phase = 'waiting';
    this.dueAt = within(this.#around.limits.clientIdleMs);
    this.unread.resume();
    if (this.unread.rest.length > 0) this.#advance();
    else if (this.#hasEnded || this.#isRetired) this.close();
  }

  // -------------------------------------------------------------------------------------------------- the time

  due(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.#phase === 'busy') this.#lookAfter();
    else if (this.#listening.isBehind) this.lookIn(this.#around.limits.clientIdleMs);
    else if (this.#phase === 'waiting' && this.unread.rest.length > 0) {
      this.refuse({
        kind: 'problem',
        status: 408,
        reason: 'The head of this request took too long to come.',
      });
    } else this.socket.destroy();
  }

  /** Looks after a client whose request is under way. */
  #lookAfter(): void {
    if (this.#hasEnded) {
      if (this.#listening.hasMoved && !this.#request.isLasting) this.awaitMove();
      else this.socket.destroy();
      return;
    }
    this.#request.askForBody();
    if (this.unread.isPaused) this.#readAhead();
  }

  lookIn(ms: number): void {
    this.dueAt = Math.min(this.dueAt, within(ms));
  }

  awaitMove(): void {
    this.#listening.look();
    this.lookIn(this.#around.limits.halfClosedMs);
  }

  // --------------------------------------------------------------------------------------------------- the end

  /** Its door is closed: it ends with what it has. */
  retire(): void {
    this.#isRetired = true;
    this.#response.isLasting = false;
    if (this.#phase === 'waiting' && this.unread.rest.length === 0) this.#ended();
  }

  /** The client says nothing more. It may have left, or only its requests are through (`nc -N`). */
  #ended(): void {
    this.#hasEnded = true;
    if (this.#phase === 'waiting') {
      // Else whole requests are waiting until it takes the answers to those before them.
      if (!this.unread.isPaused) this.close();
    } else if (this.#phase === 'busy') {
      if (this.#request.isAnswered) this.close();
      else if (mayListen(this.#request)) this.awaitMove();
      else this.socket.destroy();
    }
  }

  #closed(): void {
    this.#around.sweep.forget(this);
    this.#around.gone(this);
    if (this.#phase === 'away') return;
    this.#phase = 'away';
    this.unread.takeAll();
    this.#request.left();
  }

  /** Answers what is no request, and closes. */
  refuse(problem: Problem): void {
    this.#response.refuse(problem);
    this.close();
  }

  breakOff(): void {
    this.#response.output.flush();
    this.#phase = 'closing';
    this.dueAt = within(this.#around.limits.lingerMs);
    this.socket.destroySoon();
  }

  takeOver(): Taken {
    const { socket } = this;
    const early = this.unread.takeAll();
    this.#phase = 'away';
    this.#around.sweep.forget(this);
    this.#listening.forget();
    for (const event of ['data', 'drain', 'end']) socket.removeAllListeners(event);
    this.unread.resume();
    return { socket, early: early.length === 0 ? undefined : early };
  }

  /**
   * Closes gently: takes in what the other side still sends, until it has seen our end or the time is up.
   *
   * A socket that is closed while bytes lie unread makes the kernel send a reset, and a reset may overtake our answer
   * and wipe it out before the client has read it.
   */
  close(): void {
    this.#phase = 'closing';
    this.#request.forget();
    this.dueAt = within(this.#around.limits.clientIdleMs);
    this.unread.resume();
    this.unread.takeRest();
    this.socket.end(() => {
      this.dueAt = within(this.#around.limits.lingerMs);
    });
  }
}
