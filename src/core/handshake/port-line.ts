/** Reads the port out of what a child told (spec 1.3). Pure. */

export interface PortAnswer {
  readonly host: string;
  readonly port: number;
}

export interface BadPort {
  /** `bad runtime process port ['oops\n']`, byte for byte as the reference says it. */
  readonly sentence: string;
}

export interface PortLineOptions {
  /** `host` TAB `port` is understood: stdout only. */
  readonly tab: boolean;
  /** The legacy fork's `host port` form, only with exactly two tokens (RP-11). */
  readonly spaces?: boolean;
}

/**
 * The port in a text, or the sentence that says why there is none (RP-2 to RP-11, RP-18).
 *
 * Mended: the reference takes any number; a port that no socket can have is a bad port here.
 */
export function readPort(text: string, options: PortLineOptions): PortAnswer | BadPort {
  let host = 'localhost';
  let portText = text;
  const tab = options.tab ? text.indexOf('\t') : -1;
  if (tab >= 0) {
    host = text.slice(0, tab);
    portText = text.slice(tab + 1);
  } else if (options.spaces === true) {
    const tokens = text.trim().split(/\s+/);
    if (tokens.length === 2 && tokens[1] !== undefined) portText = tokens[1];
  }
  const match = /^[ \t\n\r\f\v]*([+-]?\d+)[ \t\n\r\f\v]*$/.exec(portText);
  const port = match?.[1] === undefined ? Number.NaN : Number(match[1]);
  if (Number.isInteger(port) && port >= 1 && port <= 65_535) return { host, port };
  return { sentence: badPortSentence(portText) };
}

export function isBadPort(answer: PortAnswer | BadPort): answer is BadPort {
  return 'sentence' in answer;
}

export function badPortSentence(portText: string): string {
  return `bad runtime process port [${pythonRepr(portText)}]`;
}

const named: Readonly<Record<number, string>> = { 9: '\\t', 10: '\\n', 13: '\\r', 92: '\\\\' };

/** How Python 2 renders a byte string: the quotes it chooses and its escapes (spec 0, RP-8). */
export function pythonRepr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let out = quote;
  for (const byte of new TextEncoder().encode(text)) {
    const char = String.fromCharCode(byte);
    if (char === quote) out += `\\${char}`;
    else if (named[byte] !== undefined) out += named[byte];
    else if (byte >= 32 && byte < 127) out += char;
    else out += `\\x${byte.toString(16).padStart(2, '0')}`;
  }
  return out + quote;
}
