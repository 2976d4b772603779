/**
 * FastCGI 1.0 on the wire: what is sent to a program as bytes, and bytes that come back as what they say.
 *
 * One request a connection, so that there is one request id. The reader keeps at most eight bytes of what it was
 * given: contents are handed on in the pieces they come in.
 */

import { bytesOf } from './byte-text.ts';

const version = 1;
const requestId = 1;
const headerLength = 8;
/** The longest content of a record that is a multiple of eight, so that it needs no padding. */
const longest = 0xff_f8;

const types = {
  begin: 1,
  abort: 2,
  end: 3,
  params: 4,
  stdin: 5,
  stdout: 6,
  stderr: 7,
  valuesResult: 10,
  unknown: 11,
} as const;

const endings = ['complete', 'cannot-multiplex', 'overloaded', 'unknown-role'] as const;
/** What the program says of how it dealt with the request. */
export type Ending = (typeof endings)[number];

export type FromProgram =
  | { readonly kind: 'stdout'; readonly bytes: Uint8Array }
  | { readonly kind: 'stderr'; readonly bytes: Uint8Array }
  /** The last of all; `status` is what the program would have exited with. */
  | { readonly kind: 'end'; readonly ending: Ending; readonly status: number }
  /** This is no FastCGI. Nothing more is read. */
  | { readonly kind: 'broken'; readonly reason: string };

// ------------------------------------------------------------------------------------------------ writing

function header(type: number, length: number): Uint8Array {
  return Uint8Array.of(version, type, requestId >> 8, requestId & 0xff, length >> 8, length & 0xff, 0, 0);
}

/** Opens a request in the role of a responder, on a connection that ends with it, and tells its variables. */
export function opening(params: readonly (readonly [name: string, value: string])[]): Uint8Array {
  const content = joined(params.flatMap(pair));
  return joined([
    header(types.begin, 8),
    Uint8Array.of(0, 1, 0, 0, 0, 0, 0, 0),
    ...pieces(types.params, content),
    header(types.params, 0),
  ]);
}

/** A piece of the request's body, as one or more records. The bytes themselves are not copied. */
export function stdin(bytes: Uint8Array): readonly Uint8Array[] {
  return pieces(types.stdin, bytes);
}

/** The end of the request's body, also where there is none. */
export const stdinEnd: Uint8Array = header(types.stdin, 0);

/** The answer is wanted no more. */
export const abort: Uint8Array = header(types.abort, 0);

function pieces(type: number, bytes: Uint8Array): readonly Uint8Array[] {
  const records: Uint8Array[] = [];
  for (let from = 0; from < bytes.length; from += longest) {
    const content = bytes.subarray(from, from + longest);
    records.push(header(type, content.length), content);
  }
  return records;
}

function pair([name, value]: readonly [string, string]): readonly Uint8Array[] {
  return [lengthBytes(name.length), lengthBytes(value.length), bytesOf(name), bytesOf(value)];
}

/** One byte below 128, else four with the highest bit set. */
function lengthBytes(length: number): Uint8Array {
  return length < 0x80
    ? Uint8Array.of(length)
    : Uint8Array.of((length >>> 24) | 0x80, (length >>> 16) & 0xff, (length >>> 8) & 0xff, length & 0xff);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

// ------------------------------------------------------------------------------------------------ reading

/** Cuts what a program sends into what it says. Never throws; what is no FastCGI is said so, once. */
export class RecordReader {
  /** A header, or the content of an end, as far as it has come. */
  readonly #small = new Uint8Array(headerLength);
  #filled = 0;
  #type = 0;
  #content = 0;
  #padding = 0;
  #inHeader = true;
  #over = false;

  /** Said its end, or something that is no FastCGI. */
  get over(): boolean {
    return this.#over;
  }

  read(chunk: Uint8Array): readonly FromProgram[] {
    const said: FromProgram[] = [];
    let at = 0;
    while (at < chunk.length && !this.#over) {
      const left = chunk.subarray(at);
      const { taken, says } = this.#inHeader ? this.#readHeader(left) : this.#readContent(left);
      at += taken;
      if (says === undefined) continue;
      said.push(says);
      this.#over = says.kind === 'end' || says.kind === 'broken';
    }
    return said;
  }

  #readHeader(bytes: Uint8Array): Step {
    const taken = this.#fill(bytes, headerLength);
    // The first bytes tell who does not speak FastCGI at all, and may be all that ever comes.
    if (this.#small[0] !== version) return broken(taken, 'it does not speak FastCGI');
    if (this.#filled < headerLength) return { taken };
    const [, type = 0, idHigh = 0, idLow = 0, high = 0, low = 0, padding = 0] = this.#small;
    this.#filled = 0;
    this.#inHeader = false;
    this.#type = type;
    this.#content = (high << 8) | low;
    this.#padding = padding;
    const reason = this.#objection((idHigh << 8) | idLow);
    if (reason !== undefined) return broken(taken, reason);
    this.#endOfRecord();
    return { taken };
  }

  #objection(id: number): string | undefined {
    // Records about the connection have no request; none was asked for, and none does harm.
    if (id === 0 && (this.#type === types.valuesResult || this.#type === types.unknown)) return undefined;
    if (id !== requestId) return `it answers request ${id}, which nobody made`;
    if (this.#type === types.end) {
      return this.#content === 8
        ? undefined
        : `the end of its answer is ${this.#content} bytes long, and not 8`;
    }
    if (this.#type === types.stdout || this.#type === types.stderr) return undefined;
    return `it sends records of type ${this.#type}, which is not for a program to send`;
  }

  #readContent(bytes: Uint8Array): Step {
    if (this.#content === 0) {
      const taken = Math.min(bytes.length, this.#padding);
      this.#padding -= taken;
      this.#endOfRecord();
      return { taken };
    }
    if (this.#type === types.end) return this.#readEnd(bytes);
    const taken = Math.min(bytes.length, this.#content);
    this.#content -= taken;
    this.#endOfRecord();
    const piece = bytes.subarray(0, taken);
    if (this.#type === types.stdout) return { taken, says: { kind: 'stdout', bytes: piece } };
    if (this.#type === types.stderr) return { taken, says: { kind: 'stderr', bytes: piece } };
    return { taken };
  }

  #readEnd(bytes: Uint8Array): Step {
    const taken = this.#fill(bytes, 8);
    if (this.#filled < 8) return { taken };
    const status = new DataView(this.#small.buffer).getUint32(0);
    const code = this.#small[4] ?? 0;
    const ending = endings[code];
    if (ending === undefined)
      return broken(taken, `its answer ends with a status that does not exist (${code})`);
    return { taken, says: { kind: 'end', ending, status } };
  }

  #endOfRecord(): void {
    if (this.#content === 0 && this.#padding === 0) this.#inHeader = true;
  }

  /** Takes what is missing of so many bytes. */
  #fill(bytes: Uint8Array, length: number): number {
    const taken = Math.min(bytes.length, length - this.#filled);
    this.#small.set(bytes.subarray(0, taken), this.#filled);
    this.#filled += taken;
    return taken;
  }
}

interface Step {
  readonly taken: number;
  readonly says?: FromProgram;
}

function broken(taken: number, reason: string): Step {
  return { taken, says: { kind: 'broken', reason } };
}
