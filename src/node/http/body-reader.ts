/**
 * Finds out which bytes are a message's body: so many, or chunks, or all up to the end of the connection.
 *
 * State machines over slices of bytes, which may be cut anywhere. They copy nothing.
 */

import type { Headers } from '../../core/outside.ts';
import { Fields, type Problem, problem } from './fields.ts';
import type { BodyLength } from './head-reader.ts';
import type { Limits } from './limits.ts';

/** Takes the pieces of a body as they are found. */
export interface Pieces {
  bodyPiece(piece: Buffer): void;
}

export interface BodyReader {
  /** The body is whole. */
  readonly isOver: boolean;
  readonly trailers: Headers;
  /** Hands on what of `bytes` from `from` on belongs to the body. Returns where that ends, or why it is no body. */
  read(bytes: Buffer, from: number, pieces: Pieces): number | Problem;
}

export function bodyReader(length: BodyLength, limits: Pick<Limits, 'head' | 'fields'>): BodyReader {
  if (length === 'chunked') return new ChunkedReader(limits);
  return new LengthReader(length === 'until-close' ? Number.POSITIVE_INFINITY : length);
}

const noTrailers: Headers = [];

class LengthReader implements BodyReader {
  readonly trailers = noTrailers;
  #left: number;

  constructor(length: number) {
    this.#left = length;
  }

  get isOver(): boolean {
    return this.#left === 0;
  }

  read(bytes: Buffer, from: number, pieces: Pieces): number {
    const there = bytes.length - from;
    const taken = Math.min(this.#left, there);
    this.#left -= taken;
    if (taken > 0) pieces.bodyPiece(taken === bytes.length ? bytes : bytes.subarray(from, from + taken));
    return from + taken;
  }
}

/** Bytes of chunk extensions in one body. They mean nothing to anybody, and are dropped; endless ones are an attack. */
const mostExtension = 16 * 1024;
/** Thirteen digits are more than any number of bytes that is still exact. */
const mostDigits = 12;

type State = 'size' | 'extension' | 'size-end' | 'data' | 'data-return' | 'data-feed' | 'trailers' | 'over';

class ChunkedReader implements BodyReader {
  readonly #limits: Pick<Limits, 'head' | 'fields'>;
  #state: State = 'size';
  #size = 0;
  #digits = 0;
  #extension = '';
  #extended = 0;
  #tail = '';
  trailers: Headers = noTrailers;

  constructor(limits: Pick<Limits, 'head' | 'fields'>) {
    this.#limits = limits;
  }

  get isOver(): boolean {
    return this.#state === 'over';
  }

  read(bytes: Buffer, from: number, pieces: Pieces): number | Problem {
    let at = from;
    while (at < bytes.length && this.#state !== 'over') {
      if (this.#state === 'data') {
        const end = Math.min(bytes.length, at + this.#size);
        this.#size -= end - at;
        pieces.bodyPiece(bytes.subarray(at, end));
        at = end;
        if (this.#size === 0) this.#state = 'data-return';
        continue;
      }
      const wrong =
        this.#state === 'trailers' ? this.#trailer(bytes[at] ?? 0) : this.#step(this.#state, bytes[at] ?? 0);
      if (wrong !== undefined) return wrong;
      at += 1;
    }
    return at;
  }

  #step(state: State, byte: number): Problem | undefined {
    switch (state) {
      case 'size':
        return this.#sizeStep(byte);
      case 'extension':
        return this.#extensionStep(byte);
      case 'size-end':
        if (byte !== 10) return problem('The line of a chunk’s size ends with a bare carriage return.');
        this.#state = this.#size === 0 ? 'trailers' : 'data';
        this.#digits = 0;
        return undefined;
      case 'data-return':
        if (byte !== 13) return problem('A chunk is longer than its size.');
        this.#state = 'data-feed';
        return undefined;
      case 'data-feed':
        if (byte !== 10) return problem('A chunk does not end with a line end.');
        this.#state = 'size';
        return undefined;
      default:
        return undefined;
    }
  }

  #sizeStep(byte: number): Problem | undefined {
    const digit = hexDigit(byte);
    if (digit !== -1) {
      if (this.#digits === mostDigits) return problem('The size of a chunk is too large.');
      this.#size = this.#size * 16 + digit;
      this.#digits += 1;
      return undefined;
    }
    if (this.#digits === 0 || (byte !== 13 && byte !== 59))
      return problem('The size of a chunk is no number.');
    this.#state = byte === 13 ? 'size-end' : 'extension';
    this.#extension = byte === 13 ? '' : ';';
    return undefined;
  }

  #extensionStep(byte: number): Problem | undefined {
    if (byte === 13) {
      if (!extensions.test(this.#extension)) return problem('The extension of a chunk is none.');
      this.#extension = '';
      this.#state = 'size-end';
      return undefined;
    }
    this.#extended += 1;
    if (this.#extended > mostExtension) {
      return problem('The chunk extensions of this request are too long.', 413);
    }
    this.#extension += String.fromCharCode(byte);
    return undefined;
  }

  #trailer(byte: number): Problem | undefined {
    const tail = (this.#tail += String.fromCharCode(byte));
    if (tail.length > this.#limits.head) return problem('The trailers of this body are too long.', 431);
    if (byte !== 10) return undefined;
    if (tail.charCodeAt(tail.length - 2) !== 13)
      return problem('A line of the trailers ends with a bare line feed.');
    if (tail !== '\r\n' && !tail.endsWith('\r\n\r\n')) return undefined;
    this.#state = 'over';
    this.#tail = '';
    if (tail === '\r\n') return undefined;
    const fields = new Fields();
    const wrong = fields.read(tail, 0, this.#limits.fields);
    this.trailers = fields.headers;
    return wrong;
  }
}

/** `;name`, `;name=value`, `;name="words"` (RFC 9112, 7.1.1), without whitespace, which only invites misreading. */
const extensions =
  /^(?:;[!#$%&'*+.^_`|~\dA-Za-z-]+(?:=(?:[!#$%&'*+.^_`|~\dA-Za-z-]+|"(?:[\t\u0020\u0021\u0023-\u005B\u005D-\u007E\u0080-\u00FF]|\\[\t\u0020-\u007E\u0080-\u00FF])*"))?)*$/u;

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48;
  const lower = byte | 0x20;
  return lower >= 97 && lower <= 102 ? lower - 87 : -1;
}
