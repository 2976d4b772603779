/**
 * The two sides of an exchange as they show themselves to each other: the client's connection to whoever carries a
 * request away, and the carrier to the client's connection. What the carrier asks, an instance or a FastCGI program,
 * is its own affair.
 */

import type { Socket } from 'node:net';
import type { Headers } from '../../core/outside.ts';
import type { Exchange } from './exchange.ts';
import type { BodyLength } from './head-reader.ts';

/** A request's body, which is not read before somebody takes it. */
export interface RequestBody {
  /** 0: there is none. */
  readonly bodyLength: number | 'chunked';
  readonly isBodyOver: boolean;
  /** The client waits for `100 Continue` before it sends its body. */
  readonly expects: boolean;
  /** From now on the carrier is handed the body; what has come already, at once. */
  openBody(carrier: Carrier): void;
  pauseBody(): void;
  resumeBody(): void;
}

/** Where a response goes. Nothing is written before `flush` or `end`. */
export interface ResponseSink {
  /** The final head has been given. */
  readonly hasBegun: boolean;
  /** A response ahead of the final one (1xx), to those who understand it. */
  inform(status: number, reason: string, headers: Headers): void;
  /**
   * The final head. `headers` has no framing but `Content-Length`, and that only if `body` is this number or the
   * response has no body by its kind.
   */
  respond(head: SentResponse): void;
  /** A piece of the body. Pieces of a response that has no body by its kind are dropped. */
  write(piece: Buffer): void;
  /** Writes what was given. True: the client takes more; else `Carrier.clientTakesMore` tells when it does. */
  flush(): boolean;
  /** The response is whole. */
  end(trailers: Headers): void;
  /** The response stays a part, and the client is to notice. */
  abort(): void;
}

export interface SentResponse {
  readonly status: number;
  /** Absent: the usual one. */
  readonly reason?: string | undefined;
  readonly headers: Headers;
  readonly body: BodyLength;
  readonly hasDate: boolean;
  /** The client's connection ends with this response. */
  readonly isLast?: boolean;
}

export interface ClientSide extends RequestBody, ResponseSink {
  /** Pieces that were written have not gone out yet, so that their memory must stay as it is. */
  readonly holdsPieces: boolean;
  readonly exchange: Exchange;
  /** From now on this connection is one of bytes: the carrier gets it, with what the client has sent already. */
  takeOver(): Taken;
}

export interface Taken {
  readonly socket: Socket;
  readonly early: Buffer | undefined;
}

/** Whoever carries an exchange: what it is told from the client's side. */
export interface Carrier {
  requestPiece(piece: Buffer): void;
  /** That was all for now. */
  requestTurn(): void;
  requestOver(trailers: Headers): void;
  clientTakesMore(): void;
  /** The client has left, or was sent away: the exchange is over. */
  clientLeft(): void;
}
