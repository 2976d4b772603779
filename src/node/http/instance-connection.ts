/**
 * A connection to an instance: writes requests one after the other, and reads their responses strictly.
 *
 * It is used again only where there is no doubt that both sides are through with the last exchange: the request was
 * sent whole, the response had a clear end, and not one byte came beyond it.
 */

import { connect, type Socket } from 'node:net';
import type { Headers } from '../../core/outside.ts';
import { listOf } from '../../core/proxy/target.ts';
import { connectionTo } from '../loopback.ts';
import { type BodyReader, bodyReader } from './body-reader.ts';
import type { Problem } from './fields.ts';
import { hasBodyByKind, headEnd, readResponse, type ResponseRead } from './head-reader.ts';
import type { Limits } from './limits.ts';
import { Output } from './output.ts';
import { type Sweep, type Timed, within } from './sweep.ts';

/** Whoever has sent a request over a connection: what it hears of it. */
export interface Receiver {
  /**
   * Pieces that it was handed are still waited for by somebody else, unchanged. Else they mean nothing any more once the
   * call that brought them is over: their memory is read into again.
   */
  readonly holdsPieces: boolean;
  connected(): void;
  /** A response ahead of the final one (1xx). */
  informed(head: ResponseRead): void;
  /** The head of the final response. `hasBody`: pieces may follow. */
  responded(head: ResponseRead, hasBody: boolean): void;
  responsePiece(piece: Buffer): void;
  /** That was all for now. */
  responseTurn(): void;
  responseOver(trailers: Headers): void;
  /** The instance agrees to leave HTTP; from now on the socket is the receiver's. */
  switched(head: ResponseRead, socket: Socket, rest: Buffer): void;
  instanceTakesMore(): void;
  /** It has ended before the response did. */
  lost(loss: Loss): void;
  /** The time that was set has run out. */
  ranOut(): void;
}

export interface Loss {
  /** The system's; absent: the connection was just closed. */
  readonly error?: Error;
  /** There was a connection, so that somebody may have seen what was sent; false: not a byte has gone out. */
  readonly hasConnected: boolean;
  /** What was received is no HTTP: why. */
  readonly problem?: string;
  /** Bytes of a response had come. */
  readonly hasBegun: boolean;
}

export interface Asked {
  readonly method: string;
  /** The protocols that the client would leave HTTP for. */
  readonly upgrade: readonly string[];
  /** The connection was made for this exchange and ends with it, whatever the instance would like. */
  readonly isOnly?: boolean;
}

/** Where connections go that can be used again. */
export interface Home {
  readonly limits: Limits;
  readonly sweep: Sweep;
  /** Takes it in; false: it is to be closed. */
  keep(connection: InstanceConnection): boolean;
  forget(connection: InstanceConnection): void;
}

function wordsFor({ status }: Problem, { head }: Limits): string {
  return status === 400
    ? 'a line of its head ends with a bare line feed'
    : `its head is longer than ${head} bytes`;
}

/** Responses ahead of the final one; more of them are no news but a flood. */
const mostInformation = 32;

/** As much as is read at once of a stream. */
const bufferSize = 64 * 1024;

export class InstanceConnection implements Timed {
  readonly host: string;
  readonly port: number;
  readonly socket: Socket;
  dueAt = Number.POSITIVE_INFINITY;
  /** The request that is under way was sent whole. */
  requestIsOver = false;
  readonly #home: Home;
  readonly #output: Output;
  #receiver: Receiver | undefined;
  #asked: Asked = { method: 'GET', upgrade: [] };
  #isReused = false;
  #hasConnected = false;
  /** Bytes of a head that is not whole. */
  #rest: Buffer | undefined;
  #hasBegun = false;
  #informed = 0;
  #head: ResponseRead | undefined;
  #body: BodyReader | undefined;
  /** The response ends by itself and not with the connection, which goes on after it. */
  #endsClearly = false;
  #isPaused = false;
  #error: Error | undefined;
  /** What is read into: always the same memory, unless somebody has kept a part of it. */
  #buffer = Buffer.allocUnsafeSlow(bufferSize);

  /** `leavesHttp`: the socket may become somebody else's. */
  constructor(host: string, port: number, home: Home, leavesHttp = false) {
    this.host = host;
    this.port = port;
    this.#home = home;
    const socket = connect({
      host,
      port,
      ...connectionTo(host),
      noDelay: true,
      allowHalfOpen: true,
      // A new piece of memory for each read would be most of the garbage that an exchange makes.
      ...(leavesHttp
        ? {}
        : { onread: { buffer: () => this.#buffer, callback: (length) => this.#reuse(length) } }),
    });
    this.socket = socket;
    this.#output = new Output(socket);
    home.sweep.watch(this);
    socket.on('connect', () => {
      this.#hasConnected = true;
      this.#receiver?.connected();
    });
    socket.on('data', (bytes) => this.#read(bytes));
    socket.on('drain', () => this.#receiver?.instanceTakesMore());
    socket.on('end', () => this.#ended());
    socket.on('error', (error) => {
      this.#error = error;
      this.#leave();
    });
    socket.on('close', () => this.#closed());
  }

  get isConnected(): boolean {
    return !this.socket.connecting;
  }

  /** Served another request before this one. */
  get isReused(): boolean {
    return this.#isReused;
  }

  /** Begins an exchange: whatever is sent and comes from now on belongs to it. */
  begin(receiver: Receiver, asked: Asked): void {
    this.#receiver = receiver;
    this.#asked = asked;
    this.requestIsOver = false;
    this.#hasBegun = false;
    this.#informed = 0;
    this.dueAt = Number.POSITIVE_INFINITY;
  }

  /** Has it written with the next `flush`. */
  send(piece: string | Buffer): void {
    this.#output.add(piece);
  }

  /** True: the instance takes more; else `instanceTakesMore` tells when it does. */
  flush(): boolean {
    return this.#output.flush();
  }

  pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.socket.pause();
  }

  resume(): void {
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.socket.resume();
  }

  /** Ends the connection; nobody is told. */
  destroy(): void {
    this.#receiver = undefined;
    this.socket.destroy();
  }

  /**
   * Nobody wants the response that is under way. It is read to its end and dropped, so that the instance is not cut
   * off in the middle of a sentence, if that does not take long.
   */
  abandon(): void {
    if (this.#receiver === undefined) return;
    if (!this.requestIsOver) {
      this.destroy();
      return;
    }
    this.#receiver = new Deaf(() => this.destroy());
    this.dueAt = within(this.#home.limits.lingerMs);
    this.#home.sweep.expect(this.#home.limits.lingerMs);
    this.resume();
  }

  due(): void {
    this.dueAt = Number.POSITIVE_INFINITY;
    if (this.#receiver === undefined) this.#leave();
    else this.#receiver.ranOut();
  }

  /** A closed socket says so a while later, and until then nobody may take it for an idle one. */
  #leave(): void {
    this.#home.forget(this);
    this.socket.destroy();
  }

  #reuse(length: number): boolean {
    const receiver = this.#receiver;
    this.#read(this.#buffer.subarray(0, length));
    if (receiver?.holdsPieces === true) this.#buffer = Buffer.allocUnsafeSlow(bufferSize);
    return true;
  }

  #read(chunk: Buffer): void {
    // Nobody asked for these bytes. A reader that takes them for the next response answers one client with what was
    // meant for another.
    if (this.#receiver === undefined) {
      this.#leave();
      return;
    }
    this.#hasBegun = true;
    const before = this.#rest;
    this.#rest = undefined;
    const bytes = before === undefined ? chunk : Buffer.concat([before, chunk]);
    let at = 0;
    if (this.#body === undefined) at = this.#readHeads(bytes, before?.length ?? 0);
    if (this.#body !== undefined && at !== -1) this.#readBody(this.#body, bytes, at);
  }

  /** Reads heads up to the final one. Returns where its body begins; -1: there is nothing more to read for now. */
  #readHeads(bytes: Buffer, known: number): number {
    let at = 0;
    for (;;) {
      if (at === bytes.length) break;
      const end = headEnd(bytes, at, known, this.#home.limits);
      if (typeof end === 'object') return this.#fail({ reason: wordsFor(end, this.#home.limits) });
      if (end === -1) {
        this.#rest = Buffer.from(at === 0 ? bytes : bytes.subarray(at));
        break;
      }
      const head = readResponse(bytes.toString('latin1', at, end), this.#home.limits);
      if (head.kind === 'problem') return this.#fail(head);
      at = end;
      if (head.status >= 200) {
        this.#begin(head);
        return this.#receiver === undefined ? -1 : at;
      }
      if (head.status === 101) {
        this.#switch(head, bytes.subarray(at));
        return -1;
      }
      this.#informed += 1;
      if (this.#informed > mostInformation) return this.#fail({ reason: 'it informs without an end (1xx)' });
      this.#receiver?.informed(head);
      if (this.#receiver === undefined) return -1;
    }
    this.#receiver?.responseTurn();
    return -1;
  }

  #begin(head: ResponseRead): void {
    const { status } = head;
    const hasBody = hasBodyByKind(this.#asked.method, status);
    this.#head = head;
    // Bytes that the head tells of and that must not follow may follow all the same, and later than the next request:
    // whoever had that one would get them for its answer. A frame that is empty leaves no doubt.
    const isFramed = hasBody ? head.body !== 'until-close' : head.body === 0 || head.body === 'until-close';
    this.#endsClearly = head.isLasting && isFramed;
    this.#body = bodyReader(hasBody ? head.body : 0, this.#home.limits);
    this.#receiver?.responded(head, hasBody);
  }

  #readBody(body: BodyReader, bytes: Buffer, from: number): void {
    const end = body.read(bytes, from, this);
    if (typeof end === 'object') this.#fail({ reason: `its body is none: ${end.reason}` });
    else if (body.isOver) this.#finish(body.trailers, end < bytes.length);
    else this.#receiver?.responseTurn();
  }

  bodyPiece(piece: Buffer): void {
    this.#receiver?.responsePiece(piece);
  }

  /** The response is whole. `isSurplus`: there is something behind it. */
  #finish(trailers: Headers, isSurplus: boolean): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    this.#head = undefined;
    this.#body = undefined;
    const isClean =
      this.#endsClearly &&
      this.requestIsOver &&
      this.#asked.isOnly !== true &&
      !isSurplus &&
      this.#asked.upgrade.length === 0 &&
      this.socket.writableLength === 0 &&
      this.socket.readyState === 'open';
    if (isClean && this.#home.keep(this)) {
      this.#isReused = true;
      this.resume();
    } else this.socket.destroy();
    receiver?.responseOver(trailers);
  }

  #switch(head: ResponseRead, rest: Buffer): void {
    const receiver = this.#receiver;
    const { upgrade } = this.#asked;
    if (upgrade.length === 0) {
      this.#fail({ reason: 'it switched protocols without being asked' });
      return;
    }
    // Else nobody knows what is spoken from now on: to the client the connection may still be one of HTTP.
    const names = listOf(head.headers, 'upgrade');
    if (names.length === 0 || names.some((name) => !upgrade.includes(name.toLowerCase()))) {
      this.#fail({ reason: 'it switched to a protocol that it was not asked for' });
      return;
    }
    this.#receiver = undefined;
    for (const event of ['connect', 'data', 'drain', 'end', 'error', 'close'])
      this.socket.removeAllListeners(event);
    this.#home.forget(this);
    receiver?.switched(head, this.socket, rest);
  }

  #fail({ reason }: Pick<Problem, 'reason'>): -1 {
    const receiver = this.#receiver;
    const hasBegun = this.#hasBegun;
    this.destroy();
    receiver?.lost({ problem: reason, hasConnected: true, hasBegun });
    return -1;
  }

  /** The instance says nothing more: the end of a body that has no other, else the end of the connection. */
  #ended(): void {
    if (this.#head?.body === 'until-close' && this.#body !== undefined) this.#finish([], false);
    else this.#leave();
  }

  #closed(): void {
    this.#home.forget(this);
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.lost({
      hasConnected: this.#hasConnected,
      hasBegun: this.#hasBegun,
      ...(this.#error === undefined ? {} : { error: this.#error }),
    });
  }
}

/** Hears a response that nobody wants. */
class Deaf implements Receiver {
  readonly holdsPieces = false;
  readonly ranOut: () => void;

  constructor(ranOut: () => void) {
    this.ranOut = ranOut;
  }

  connected(): void {}
  informed(): void {}
  responded(): void {}
  responsePiece(): void {}
  responseTurn(): void {}
  responseOver(): void {}
  switched(_head: ResponseRead, socket: Socket): void {
    socket.destroy();
  }
  instanceTakesMore(): void {}
  lost(): void {}
}
