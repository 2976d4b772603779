/**
 * A client's connection: reads its requests strictly, one after the other, and writes the response to each before the
 * next one is looked at. Who carries a request, and where to, is not known here.
 */

import type { Socket } from 'node:net';
import type { Answer, Decision, Headers } from '../../core/outside.ts';
import { answer, mistake } from '../../core/proxy/answers.ts';
import { refusal } from '../../core/proxy/target.ts';
import { type Ahead, mostAhead } from './ahead.ts';
import { sendAnswer } from './answer.ts';
import { type BodyReader, bodyReader } from './body-reader.ts';
import { type Deciding, Exchange } from './exchange.ts';
import { wordsOf } from './failure.ts';
import type { Problem } from './fields.ts';
import {
  beginOf,
  headEnd,
  mayBeginRequest,
  mayBeRequest,
  readRequest,
  type RequestRead,
} from './head-reader.ts';
import type { Limits } from './limits.ts';
import {
  chunkHead,
  dateLine,
  type Framing,
  framingOf,
  lastChunk,
  linesOf,
  statusLine,
} from './message-head.ts';
import { Output } from './output.ts';
import type { Carrier, ClientSide, SentResponse, Taken } from './sides.ts';
import { SlowReader } from './slow-reader.ts';
import { type Sweep, type Timed, within } from './sweep.ts';

/** What a client may send ahead of being asked for it. Then it is not read any more, until it is its turn. */
const mostUnasked = 64 * 1024;

/** An end that comes so soon after a request was meant as its end; later ones tell that the client has left. */
const onItsHeelsMs = 250;

/** What a connection is a part of. */
export interface Surroundings {
  readonly door: Deciding;
  readonly limits: Limits;
  readonly sweep: Sweep;
  readonly ahead: Ahead;
  /** Has a request carried as it was decided. A carrier is told what happens to the client; without one it is answered. */
  carry(client: ClientSide, decision: Decision): Carrier | undefined;
  gone(connection: ClientConnection): void;
}

/**
 * - `waiting`: for a head.
 * - `busy`: a request is read or answered.
 * - `closing`: the last word is said; what comes is dropped.
 * - `away`: it is somebody else's, or gone.
 */
type Phase = 'waiting' | 'busy' | 'closing' | 'away';

const noBytes: Buffer = Buffer.alloc(0);

export class ClientConnection implements ClientSide, Timed {
  readonly socket: Socket;
  dueAt: number;
  readonly #around: Surroundings;
  readonly #output: Output;
  readonly #reader: SlowReader;
  readonly #remote: string;
  readonly #keepAlive: string;
  #phase: Phase = 'waiting';
  /** Bytes that nobody has taken yet. */
  #rest = noBytes;
  /** How many of them were looked through for the end of a head. */
  #known = 0;
  #isAdvancing = false;
  /** It has no request after the one that is under way, or is being read. */
  #isRetired = false;
  /** Nobody takes what comes. */
  #isPaused = false;
  #pausedAt = 0;
  /** It is read all the same, to see whether the client is still there. */
  #isReadAhead = false;
  /** What was read so; it comes after the rest. */
  #held: Buffer[] = [];
  #heldLength = 0;
  /** The client says nothing more. */
  #hasEnded = false;
  /** What was written when it was looked at last. */
  #written = 0;
  // The exchange under way.
  #request: RequestRead | undefined;
  #exchange: Exchange | undefined;
  #carrier: Carrier | undefined;
  #body: BodyReader | undefined;
  /** When the last byte of the request came. */
  #wholeAt = 0;
  #isBodyOpen = false;
  #hasBodyBegun = false;
  #mayGoOn = false;
  #isLasting = true;
  #framing: Framing = 'none';
  #hasBegun = false;
  #isAnswered = false;

  constructor(socket: Socket, around: Surroundings) {
    this.socket = socket;
    this.#around = around;
    this.#output = new Output(socket);
    this.#reader = new SlowReader(socket, around.limits.clientIdleMs);
    this.#remote = socket.remoteAddress ?? '';
    this.#keepAlive = `Connection: keep-alive\r\nKeep-Alive: timeout=${Math.ceil(around.limits.clientIdleMs / 1000)}\r\n\r\n`;
    this.dueAt = within(around.limits.headMs);
    around.sweep.watch(this);
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('drain', () => this.#drained());
    socket.on('end', () => this.#ended());
    socket.on('error', () => socket.destroy());
    socket.on('close', () => this.#closed());
  }

  // ------------------------------------------------------------------------------------------------- reading

  #read(bytes: Buffer): void {
    if (this.#phase === 'closing') return;
    if (this.#isReadAhead) {
      this.#holdAhead(bytes);
    } else if (this.#phase === 'waiting') {
      this.#hold(bytes);
      this.#advance();
    } else if (this.#body !== undefined && this.#isBodyOpen) {
      this.#readBody(this.#body, bytes);
    } else {
      this.#hold(bytes);
      if (this.#body === undefined) this.#lookAhead();
      if (this.#rest.length > mostUnasked) this.#pause();
    }
  }

  #hold(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
  }

  /**
   * Takes up requests as long as there are whole heads and nothing is under way. A client that does not take its answers
   * gets no more of them: they would all be kept here.
   */
  #advance(): void {
    if (this.#isAdvancing) return;
    this.#isAdvancing = true;
    while (this.#phase === 'waiting' && this.#rest.length > 0) {
      if (!this.#output.takesMore) this.#pause();
      if (this.#isPaused || !this.#readHead()) break;
    }
    this.#isAdvancing = false;
    if (this.#hasEnded && this.#phase === 'waiting' && !this.#isPaused) this.#close();
  }

  #drained(): void {
    if (this.#phase === 'waiting' && this.#isPaused) {
      this.#resume();
      this.#advance();
    } else this.#carrier?.clientTakesMore();
  }

  /** False: there is no whole head. */
  #readHead(): boolean {
    const bytes = this.#rest;
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
      this.#refuse(request.kind === 'problem' ? request : (end as Problem));
      return false;
    }
    this.#rest = end === bytes.length ? noBytes : bytes.subarray(end);
    this.#begin(request);
    return true;
  }

  /**
   * Something has come while a request is under way that is not of it. Whether it is a request is looked at now: a
   * client that sends anything else is not to be trusted with what it is sent either.
   */
  #lookAhead(): void {
    const isNone = !mayBeRequest(this.#rest, this.#remote, this.#around.limits);
    if (isNone && this.#request?.head.upgrade !== true) this.socket.destroy();
  }

  #begin(request: RequestRead): void {
    const exchange = new Exchange(request.head, this.#around.door);
    this.#phase = 'busy';
    this.dueAt = Number.POSITIVE_INFINITY;
    this.#request = request;
    this.#exchange = exchange;
    this.#wholeAt = exchange.startedAt;
    this.#carrier = undefined;
    this.#body = request.body === 0 ? undefined : bodyReader(request.body, this.#around.limits);
    this.#isBodyOpen = false;
    this.#hasBodyBegun = false;
    this.#mayGoOn = !request.expects;
    this.#isLasting = request.isLasting && !request.head.upgrade && !this.#isRetired;
    this.#framing = 'none';
    this.#hasBegun = false;
    this.#isAnswered = false;
    const wrong = refusal(request.head);
    if (wrong !== undefined) {
      sendAnswer(this, answer(wrong.status, { text: `${wrong.reason}\n` }), true);
      return;
    }
    if (this.#hasEnded) this.#awaitMove();
    const decision = exchange.decide();
    if (decision instanceof Promise) void decision.then((decided) => this.#carry(exchange, decided));
    else this.#carry(exchange, decision);
  }

  #carry(exchange: Exchange, decision: Decision): void {
    // The client may have left while it was decided.
    if (exchange.over || exchange !== this.#exchange || this.socket.destroyed) return;
    try {
      const carrier = this.#around.carry(this, decision);
      if (!this.#isAnswered && this.#exchange === exchange) this.#carrier = carrier;
    } catch (error) {
      sendAnswer(this, mistake(wordsOf(error)), true);
    }
  }

  #readBody(body: BodyReader, bytes: Buffer): void {
    this.#hasBodyBegun = true;
    const end = body.read(bytes, 0, this);
    if (typeof end === 'object') {
      this.#breakBody(end);
      return;
    }
    if (!body.isOver) {
      this.#carrier?.requestTurn();
      // The rest of it never comes.
      if (this.#hasEnded && this.#isAnswered) this.#close();
      else if (this.#hasEnded) this.socket.destroy();
      return;
    }
    this.#body = undefined;
    this.#wholeAt = performance.now();
    if (end < bytes.length) this.#rest = bytes.subarray(end);
    if (this.#isAnswered) {
      this.#becomeFree();
      return;
    }
    this.#carrier?.requestOver(body.trailers);
    // Unless that was answered at once.
    if (this.#phase === 'busy' && this.#body === undefined && !this.#isAnswered && this.#rest.length > 0)
      this.#lookAhead();
  }

  bodyPiece(piece: Buffer): void {
    if (!this.#isAnswered) this.#carrier?.requestPiece(piece);
  }

  /** The body turns out to be none, so that nobody knows where the next request begins. */
  #breakBody(problem: Problem): void {
    const carrier = this.#carrier;
    const exchange = this.#exchange;
    this.#carrier = undefined;
    carrier?.clientLeft();
    if (this.#hasBegun || this.#isAnswered) {
      this.socket.destroy();
      return;
    }
    exchange?.answered(problem.status);
    this.#refuse(problem);
    exchange?.end();
  }

  /** Its door is closed: it ends with what it has. */
  retire(): void {
    this.#isRetired = true;
    this.#isLasting = false;
    if (this.#phase === 'waiting' && this.#rest.length === 0) this.#ended();
  }

  /** The client says nothing more. It may have left, or only its requests are through (`nc -N`). */
  #ended(): void {
    this.#hasEnded = true;
    if (this.#phase === 'waiting') {
      // Else whole requests are waiting until it takes the answers to those before them.
      if (!this.#isPaused) this.#close();
    } else if (this.#phase === 'busy') {
      if (this.#isAnswered) this.#close();
      else if (this.#mayListen()) this.#awaitMove();
      else this.socket.destroy();
    }
  }

  /**
   * Whether a client that has ended its side may still want the answer. Its end looks the same as that of one that has
   * left, a browser whose page was closed, which is by far the more frequent: until something is written to it, and
   * something more, nobody can tell. Who only ends its side does so with its request. Who has left is to be told of at
   * once where much depends on it: a place in a waiting line, and what has no end of its own.
   */
  #mayListen(): boolean {
    const isUndecided = this.#carrier === undefined;
    if (isUndecided || this.#exchange?.isLasting === true || this.#request?.head.upgrade === true)
      return false;
    // What nobody has taken yet may be the rest of it.
    if (this.#body !== undefined) return this.#isPaused || !this.#isBodyOpen;
    return performance.now() - this.#wholeAt < onItsHeelsMs;
  }

  #awaitMove(): void {
    this.#written = this.socket.bytesWritten;
    this.#lookIn(this.#around.limits.halfClosedMs);
  }

  #closed(): void {
    this.#around.sweep.forget(this);
    this.#around.gone(this);
    if (this.#phase === 'away') return;
    const carrier = this.#carrier;
    const exchange = this.#exchange;
    this.#phase = 'away';
    this.#carrier = undefined;
    this.#gather();
    this.#rest = noBytes;
    carrier?.clientLeft();
    exchange?.end();
  }

  due(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.#phase === 'busy') this.#lookAfter();
    else if (this.#reader.isBehind) this.#lookIn(this.#around.limits.clientIdleMs);
    else if (this.#phase === 'waiting' && this.#rest.length > 0) {
      this.#refuse({
        kind: 'problem',
        status: 408,
        reason: 'The head of this request took too long to come.',
      });
    } else this.socket.destroy();
  }

  /** Looks after a client whose request is under way. */
  #lookAfter(): void {
    if (this.#hasEnded) {
      const hasMoved = this.#reader.isBehind || this.socket.bytesWritten !== this.#written;
      if (hasMoved && this.#exchange?.isLasting !== true) this.#awaitMove();
      else this.socket.destroy();
      return;
    }
    if (this.#isBodyOpen && !this.#mayGoOn && !this.#hasBodyBegun) {
      // The instance may know nothing of it, and then each would wait for the other for ever (RFC 9110, 10.1.1).
      this.inform(100, 'Continue', []);
      this.flush();
    }
    if (this.#isPaused) this.#readAhead();
  }

  /** Sees to it that somebody looks, in so many milliseconds at the latest. */
  #lookIn(ms: number): void {
    this.dueAt = Math.min(this.dueAt, within(ms));
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#pausedAt = performance.now();
    this.socket.pause();
    if (this.#phase !== 'busy') return;
    // Where nobody has the request yet, nobody is to have it whose client has left meanwhile.
    if (this.#carrier === undefined && !this.#isAnswered) this.#readAhead();
    else this.#lookIn(this.#around.limits.stallMs);
  }

  #resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#gather();
    this.socket.resume();
  }

  /** Reads on though nobody takes it: only so the end of a client is seen. */
  #readAhead(): void {
    this.#lookIn(this.#around.limits.stallMs);
    if (this.#isReadAhead) return;
    if (this.#hasRoom) {
      this.#isReadAhead = true;
      this.socket.resume();
    } else if (performance.now() - this.#pausedAt > this.#around.limits.giveUpMs) this.socket.destroy();
  }

  get #hasRoom(): boolean {
    return this.#heldLength < mostAhead && this.#around.ahead.isLeft;
  }

  #holdAhead(bytes: Buffer): void {
    this.#held.push(bytes);
    this.#heldLength += bytes.length;
    this.#around.ahead.take(bytes.length);
    if (this.#hasRoom) return;
    this.#isReadAhead = false;
    this.socket.pause();
  }

  /** Puts together what has come. */
  #gather(): void {
    this.#isReadAhead = false;
    if (this.#heldLength === 0) return;
    this.#rest = Buffer.concat([this.#rest, ...this.#held]);
    this.#around.ahead.give(this.#heldLength);
    this.#held = [];
    this.#heldLength = 0;
  }

  // -------------------------------------------------------------------------------------- the request's body

  get exchange(): Exchange {
    const exchange = this.#exchange;
    if (exchange === undefined) throw new Error('nothing is under way on this connection');
    return exchange;
  }

  get bodyLength(): number | 'chunked' {
    return this.#request?.body ?? 0;
  }

  get isBodyOver(): boolean {
    return this.#body === undefined;
  }

  get expects(): boolean {
    return this.#request?.expects === true;
  }

  openBody(carrier: Carrier): void {
    this.#carrier = carrier;
    if (!this.#mayGoOn) this.#lookIn(this.#around.limits.goOnMs);
    this.#letBodyCome();
  }

  #letBodyCome(): void {
    this.#isBodyOpen = true;
    this.#resume();
    const body = this.#body;
    const bytes = this.#rest;
    if (body === undefined || bytes.length === 0) return;
    this.#rest = noBytes;
    this.#readBody(body, bytes);
  }

  pauseBody(): void {
    if (this.#body !== undefined) this.#pause();
  }

  resumeBody(): void {
    if (this.#isPaused) this.#letBodyCome();
  }

  // --------------------------------------------------------------------------------------------- the response

  get hasBegun(): boolean {
    return this.#hasBegun;
  }

  inform(status: number, reason: string, headers: Headers): void {
    if (this.#hasBegun || this.#request?.head.version !== '1.1') return;
    if (status === 100) {
      // Who did not ask for it may take it for the answer.
      if (this.#mayGoOn) return;
      this.#mayGoOn = true;
    }
    this.#output.add(`${statusLine(status, reason)}${linesOf(headers)}\r\n`);
  }

  respond({ status, reason, headers, body, hasDate, isLast = false }: SentResponse): void {
    const request = this.#request;
    if (request === undefined || this.#hasBegun) return;
    this.#hasBegun = true;
    let text = statusLine(status, reason) + linesOf(headers);
    if (!hasDate) text += dateLine();
    this.#framing = framingOf(request.head, status, body);
    if (this.#framing === 'chunked') text += 'Transfer-Encoding: chunked\r\n';
    // Whether the body still comes that the client waits to be asked for, nobody knows.
    const isUnasked =
      !this.#mayGoOn && !this.#hasBodyBegun && this.#body !== undefined && this.#rest.length === 0;
    const isEnd = this.#hasEnded && this.#rest.length === 0 && this.#heldLength === 0;
    if (isLast || isUnasked || isEnd || this.#framing === 'until-close') this.#isLasting = false;
    if (this.#hasEnded && this.#exchange?.isLasting === true) this.#lookIn(1);
    this.#output.add(text + (this.#isLasting ? this.#keepAlive : 'Connection: close\r\n\r\n'));
  }

  write(piece: Buffer): void {
    if (this.#framing === 'none' || piece.length === 0) return;
    if (this.#framing !== 'chunked') {
      this.#output.add(piece);
      return;
    }
    this.#output.add(chunkHead(piece.length));
    this.#output.add(piece);
    this.#output.add('\r\n');
  }

  get holdsPieces(): boolean {
    return this.#output.holdsPieces;
  }

  flush(): boolean {
    return this.#output.flush();
  }

  end(trailers: Headers): void {
    if (this.#isAnswered || this.#phase !== 'busy') return;
    if (this.#framing === 'chunked') this.#output.add(lastChunk(trailers));
    this.#output.flush();
    this.#isAnswered = true;
    this.#carrier = undefined;
    this.#exchange?.end();
    if (!this.#isLasting) this.#close();
    else if (this.#body === undefined) this.#becomeFree();
    // The rest of the body is taken in and dropped, so that the client gets to read what we said.
    else this.#letBodyCome();
  }

  abort(): void {
    this.#carrier = undefined;
    const isFramed = this.#framing === 'length' || this.#framing === 'chunked';
    if (!this.#hasBegun || (isFramed && this.#request?.head.upgrade !== true)) {
      this.#output.flush();
      this.#phase = 'closing';
      this.dueAt = within(this.#around.limits.lingerMs);
      this.socket.destroySoon();
    } else this.socket.resetAndDestroy();
    this.#exchange?.end();
  }

  takeOver(): Taken {
    this.#gather();
    const early = this.#rest.length === 0 ? undefined : this.#rest;
    const { socket } = this;
    this.#rest = noBytes;
    this.#phase = 'away';
    this.#carrier = undefined;
    this.#around.sweep.forget(this);
    this.#reader.forget();
    for (const event of ['data', 'drain', 'end']) socket.removeAllListeners(event);
    this.#resume();
    return { socket, early };
  }

  /** Both the request and its response are through. */
  #becomeFree(): void {
    this.#request = undefined;
    this.#exchange = undefined;
    this.#phase = 'waiting';
    this.dueAt = within(this.#around.limits.clientIdleMs);
    this.#resume();
    if (this.#rest.length > 0) this.#advance();
    else if (this.#hasEnded) this.#close();
  }

  /** Answers what is no request, and closes. */
  #refuse({ status, reason }: Problem): void {
    const { headers, body }: Answer = answer(status, { text: `${reason}\n` });
    this.#output.add(
      `${statusLine(status, undefined)}${linesOf(headers)}${dateLine()}Connection: close\r\n\r\n`,
    );
    this.#output.add(Buffer.from(body));
    this.#output.flush();
    this.#close();
  }

  /**
   * Closes gently: takes in what the other side still sends, until it has seen our end or the time is up.
   *
   * A socket that is closed while bytes lie unread makes the kernel send a reset, and a reset may overtake our answer
   * and wipe it out before the client has read it.
   */
  #close(): void {
    this.#phase = 'closing';
    this.#request = undefined;
    this.dueAt = within(this.#around.limits.clientIdleMs);
    this.#resume();
    this.#rest = noBytes;
    this.socket.end(() => {
      this.dueAt = within(this.#around.limits.lingerMs);
    });
  }
}
