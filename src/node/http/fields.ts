/**
 * Reads the header lines of a head, or the trailers of a body, strictly as RFC 9112 writes them.
 *
 * The text has one character for each byte and is whole: it ends with the empty line. What is found on the way that
 * says how a message is framed is kept aside, so that nobody has to look through the lines again.
 */

/** Why a head must not be believed. */
export interface Problem {
  readonly kind: 'problem';
  /** What a client is told whose request it was. */
  readonly status: number;
  readonly reason: string;
}

export function problem(reason: string, status = 400): Problem {
  return { kind: 'problem', status, reason };
}

const allowed = {
  /** Letters of a token (RFC 9110, 5.6.2). */
  token: 1,
  /** Bytes that may stand in a header's value: no control character but the tab. */
  value: 2,
  /**
   * Bytes that may stand in a target: none above ASCII, for some readers take two of them (85 and A0) for the white
   * space that ends it. Clients that are careful encode them.
   */
  target: 4,
  /** Letters of a method that are proper everywhere. */
  method: 8,
  digit: 16,
} as const;

const classes = new Uint8Array(256);
for (let code = 0; code < 256; code += 1) {
  const isText = (code >= 0x20 && code !== 0x7f) || code === 0x09;
  const isToken = /[!#$%&'*+.^_`|~0-9A-Za-z-]/u.test(String.fromCharCode(code));
  const isTarget = code > 0x20 && code < 0x7f;
  const isMethod = /[A-Z0-9_-]/u.test(String.fromCharCode(code));
  const isDigit = code >= 0x30 && code <= 0x39;
  classes[code] =
    (isToken ? allowed.token : 0) |
    (isText ? allowed.value : 0) |
    (isTarget ? allowed.target : 0) |
    (isMethod ? allowed.method : 0) |
    (isDigit ? allowed.digit : 0);
}

const carriageReturn = 13;
const lineFeed = 10;
const colon = 58;

/** Where a run of such characters ends. */
function runEnd(text: string, from: number, mask: number): number {
  let at = from;
  while (at < text.length && ((classes[text.charCodeAt(at)] ?? 0) & mask) !== 0) at += 1;
  return at;
}

function tokenEnd(text: string, from: number): number {
  return runEnd(text, from, allowed.token);
}

export function methodEnd(text: string): number {
  return runEnd(text, 0, allowed.method);
}

export function digitsEnd(text: string, from: number): number {
  return runEnd(text, from, allowed.digit);
}

export function targetEnd(text: string, from: number): number {
  return runEnd(text, from, allowed.target);
}

export function valueEnd(text: string, from: number): number {
  return runEnd(text, from, allowed.value);
}

/** Whether a CR LF stands there. */
export function isLineEnd(text: string, at: number): boolean {
  return text.charCodeAt(at) === carriageReturn && text.charCodeAt(at + 1) === lineFeed;
}

/** The lines in order, and what they say of the message's framing. */
export class Fields {
  readonly headers: [name: string, value: string][] = [];
  /** The value of `Content-Length`; undefined: there is none. */
  contentLength: string | undefined;
  /** The value of `Transfer-Encoding`; those of several lines are joined by commas. */
  transferEncoding: string | undefined;
  /** The value of `Connection`, in the same way. */
  connection: string | undefined;
  host: string | undefined;
  expect: string | undefined;
  hasUpgrade = false;
  hasDate = false;

  /** Reads from `at`, where a line begins, to the empty line that ends the text. */
  read(text: string, at: number, most: number): Problem | undefined {
    let from = at;
    while (text.charCodeAt(from) !== carriageReturn) {
      const nameEnd = tokenEnd(text, from);
      if (text.charCodeAt(nameEnd) !== colon || nameEnd === from) return badName(text, from, nameEnd);
      let begin = nameEnd + 1;
      let code = text.charCodeAt(begin);
      while (code === 0x20 || code === 0x09) code = text.charCodeAt((begin += 1));
      const lineEnd = valueEnd(text, begin);
      if (!isLineEnd(text, lineEnd)) return badValue(text, from, nameEnd, lineEnd);
      let end = lineEnd;
      while (end > begin && ((code = text.charCodeAt(end - 1)) === 0x20 || code === 0x09)) end -= 1;
      if (this.headers.length === most) return problem(`It has more than ${most} header lines.`, 431);
      const name = text.slice(from, nameEnd);
      const value = text.slice(begin, end);
      this.headers.push([name, value]);
      // Some readers take a tab after the coding for a part of its name, and so know no coding at all.
      const isTabbed = text.charCodeAt(lineEnd - 1) === 0x09 && isCoding(name);
      const wrong = isTabbed ? badValue(text, from, nameEnd, lineEnd - 1) : this.#note(name, value);
      if (wrong !== undefined) return wrong;
      from = lineEnd + 2;
    }
    return isLineEnd(text, from) && from + 2 === text.length
      ? undefined
      : problem('A carriage return stands alone in the head.');
  }

  /** Few names are as long as one that matters here, so that most are not even put into lower case. */
  #note(name: string, value: string): Problem | undefined {
    switch (name.length) {
      case 4: {
        const key = name.toLowerCase();
        if (key === 'host') {
          // One reader would go by the first one, the next reader by the last one.
          if (this.host !== undefined) return problem('It has more than one Host header.');
          this.host = value;
        } else if (key === 'date') this.hasDate = true;
        break;
      }
      case 6:
        if (name.toLowerCase() === 'expect') this.expect = joined(this.expect, value);
        break;
      case 7:
        if (name.toLowerCase() === 'upgrade') this.hasUpgrade = true;
        break;
      case 10:
        if (name.toLowerCase() === 'connection') this.connection = joined(this.connection, value);
        break;
      case 14:
        if (name.toLowerCase() === 'content-length') {
          // Also when both say the same: a message that repeats its length was made by nobody careful.
          if (this.contentLength !== undefined) return problem('It has more than one Content-Length.');
          this.contentLength = value;
        }
        break;
      case 17:
        if (name.toLowerCase() === 'transfer-encoding')
          this.transferEncoding = joined(this.transferEncoding, value);
        break;
    }
    return undefined;
  }

  /** Whether `Connection` names that option. */
  connectionSays(option: string): boolean {
    const { connection } = this;
    if (connection === undefined) return false;
    const text = connection.toLowerCase();
    return (
      text === option || (text.includes(option) && text.split(',').some((item) => item.trim() === option))
    );
  }
}

function isCoding(name: string): boolean {
  return name.length === 17 && name.toLowerCase() === 'transfer-encoding';
}

function joined(before: string | undefined, value: string): string {
  return before === undefined ? value : `${before}, ${value}`;
}

/** The length that a `Content-Length` tells, or why it tells none. */
export function lengthOf(text: string): number | Problem {
  // Fifteen digits are a petabyte, and every number of them is exact. A zero before them makes it octal for some.
  const { length } = text;
  const isProper =
    length > 0 &&
    length <= 15 &&
    digitsEnd(text, 0) === length &&
    (length === 1 || text.charCodeAt(0) !== 0x30);
  return isProper ? Number(text) : problem('The Content-Length is no number of bytes.');
}

function badName(text: string, from: number, nameEnd: number): Problem {
  const code = text.charCodeAt(nameEnd);
  if (nameEnd === from && (code === 0x20 || code === 0x09)) {
    // Some readers take the line for a part of the one before, others for a header of its own.
    return problem('A header line begins with whitespace.');
  }
  if (code === 0x20 || code === 0x09) return problem('Whitespace stands in or after the name of a header.');
  if (code === carriageReturn || code === lineFeed) return problem('A header line has no colon.');
  return problem('A character stands in the name of a header that must not.');
}

function badValue(text: string, from: number, nameEnd: number, at: number): Problem {
  const name = text.slice(from, nameEnd);
  const code = text.charCodeAt(at);
  if (code === lineFeed) return problem(`The line of ${name} ends with a bare line feed.`);
  if (code === carriageReturn) return problem(`A carriage return stands alone in the line of ${name}.`);
  return problem(`A control character stands in the value of ${name}.`);
}
