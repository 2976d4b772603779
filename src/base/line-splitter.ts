/** Cuts bytes into lines. Knows nothing of where the bytes come from. */

const newline = 0x0a;

/** A line longer than this (in bytes) is given in pieces, so that a stream without newlines stays in bounded memory. */
const lineLimit = 65_536;

/**
 * Cuts a stream of bytes into lines of text.
 *
 * Characters and line ends may be split over chunks. `\n` and `\r\n` end a line and are not part of it. Bytes
 * that are no UTF-8 become replacement characters.
 */
export class LineSplitter {
  // A byte order mark in the middle of a stream is a character like any other, so it is left alone.
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  readonly #limit: number;
  #pieces: Uint8Array[] = [];
  #pending = 0;

  constructor(limit: number = lineLimit) {
    this.#limit = limit;
  }

  /** The lines that these bytes complete. */
  push(bytes: Uint8Array): string[] {
    const last = bytes.lastIndexOf(newline);
    if (last === -1) return this.#hold(bytes);
    // What was begun before is joined with its end alone, so that the bulk of the chunk is never copied.
    const first = this.#pending === 0 ? -1 : bytes.indexOf(newline);
    const lines = first === -1 ? [] : this.#cut(this.#joined(bytes.subarray(0, first)));
    if (last > first) lines.push(...this.#cut(bytes.subarray(first + 1, last)));
    if (last + 1 < bytes.length) lines.push(...this.#hold(bytes.subarray(last + 1)));
    return lines;
  }

  /** The last line, if the stream ended without a line end. */
  end(): string[] {
    if (this.#pending === 0) return [];
    const line = this.#decoder.decode(this.#joined(new Uint8Array(0)));
    return [line.endsWith('\r') ? line.slice(0, -1) : line];
  }

  /** One decoding and one split for all of it: a call for each line would cost several times as much. */
  #cut(bytes: Uint8Array): string[] {
    const lines = this.#decoder.decode(bytes).split('\n');
    for (let index = 0; index < lines.length; index += 1) {
      const line = lines[index] ?? '';
      if (line.endsWith('\r')) lines[index] = line.slice(0, -1);
    }
    return bytes.length > this.#limit ? lines.flatMap((line) => inPieces(line, this.#limit)) : lines;
  }

  /** Keeps a line's beginning; what grows past the limit is given away in pieces. */
  #hold(bytes: Uint8Array): string[] {
    this.#pieces.push(bytes);
    this.#pending += bytes.length;
    if (this.#pending <= this.#limit) return [];
    const out: string[] = [];
    let rest = this.#joined(new Uint8Array(0));
    while (rest.length > this.#limit) {
      const cut = characterStart(rest, this.#limit);
      out.push(this.#decoder.decode(rest.subarray(0, cut)));
      rest = rest.subarray(cut);
    }
    // Copied, since it may be a sliver of a large chunk that would otherwise be kept alive.
    this.#pieces = [rest.slice()];
    this.#pending = rest.length;
    return out;
  }

  #joined(last: Uint8Array): Uint8Array {
    if (this.#pending === 0) return last;
    const joined = new Uint8Array(this.#pending + last.length);
    let at = 0;
    for (const piece of this.#pieces) {
      joined.set(piece, at);
      at += piece.length;
    }
    joined.set(last, at);
    this.#pieces = [];
    this.#pending = 0;
    return joined;
  }
}

/** The last place at or before `at` where a UTF-8 character begins. */
function characterStart(bytes: Uint8Array, at: number): number {
  let cut = at;
  while (cut > at - 4 && cut > 1 && ((bytes[cut] ?? 0) & 0xc0) === 0x80) cut -= 1;
  return cut;
}

function inPieces(line: string, limit: number): string[] {
  if (line.length <= limit) return [line];
  const pieces: string[] = [];
  for (let at = 0; at < line.length;) {
    // A pair of surrogates is one character and stays together.
    const last = line.charCodeAt(at + limit - 1);
    const splitsPair = last >= 0xd800 && last < 0xdc00 && limit > 1;
    const end = at + limit - (splitsPair ? 1 : 0);
    pieces.push(line.slice(at, end));
    at = end;
  }
  return pieces;
}
