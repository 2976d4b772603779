/**
 * One request over one connection to a program that speaks FastCGI, over TCP or a Unix socket.
 *
 * Carries bytes and cuts records; what an answer means is not known here. The connection is used for this request
 * alone: a program that serves one connection at a time, as php-cgi does, would keep everybody else waiting behind one
 * that is held open.
 */

import { connect, type Socket } from 'node:net';
import type { Readable } from 'node:stream';
import type { FastCgiRequest } from '../../core/outside.ts';
import {
  abort,
  type FromProgram,
  opening,
  RecordReader,
  stdin,
  stdinEnd,
} from '../../core/proxy/fastcgi-records.ts';
import { connectionTo } from '../loopback.ts';

export interface Ears {
  /** The program's socket took the connection; whether a process has it yet is not known. */
  connected(): void;
  /** What the program said, in the order it said it. */
  said(what: readonly FromProgram[]): void;
  /** The connection is over without an end having been said: an error, or undefined when it was just closed. */
  lost(error: Error | undefined): void;
}

export class FastCgiConnection {
  readonly #socket: Socket;
  readonly #reader = new RecordReader();
  #body: Readable | undefined;
  #over = false;

  constructor({ at, params }: Pick<FastCgiRequest, 'at' | 'params'>, ears: Ears) {
    this.#socket =
      at.kind === 'unix'
        ? connect({ path: at.path })
        : connect({ host: at.host, port: at.port, ...connectionTo(at.host), noDelay: true });
    let failure: Error | undefined;
    this.#socket.once('connect', () => {
      this.#socket.write(opening(params));
      ears.connected();
    });
    this.#socket.on('data', (chunk) => {
      const said = this.#reader.read(chunk);
      if (said.length > 0 && !this.#over) ears.said(said);
      if (this.#reader.over) this.close();
    });
    this.#socket.on('drain', () => this.#body?.resume());
    this.#socket.on('error', (error) => {
      failure = error;
    });
    // The program has closed its side, so nothing is left to say to it either.
    this.#socket.once('close', () => {
      if (this.#over) return;
      this.#over = true;
      ears.lost(failure);
    });
  }

  /** Sends a body as fast as the program takes it, and its end. */
  send(body: Readable | undefined): void {
    if (body === undefined) {
      this.#socket.write(stdinEnd);
      return;
    }
    this.#body = body;
    body.on('data', (chunk: Buffer) => {
      if (!this.#socket.writable) return;
      let takesMore = true;
      this.#socket.cork();
      for (const piece of stdin(chunk)) takesMore = this.#socket.write(piece);
      this.#socket.uncork();
      if (!takesMore) body.pause();
    });
    body.once('end', () => {
      if (this.#socket.writable) this.#socket.write(stdinEnd);
    });
    // A program that answers without having read everything closes its end: what still comes is read and dropped.
    this.#socket.once('close', () => body.resume());
  }

  /** While paused the program feels that its answer is not taken. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  /** Tells the program that nobody waits for the answer any more, and closes. */
  abort(): void {
    if (this.#over) return;
    this.#over = true;
    const { connecting, writable, writableLength } = this.#socket;
    if (connecting || !writable || writableLength > 0) {
      // Behind a body that is not taken the word would never arrive; that the connection is gone is word enough.
      this.#socket.destroy();
      return;
    }
    this.#socket.write(abort);
    this.#socket.destroySoon();
    this.#socket.resume();
  }

  close(): void {
    this.#over = true;
    this.#socket.destroy();
  }
}
