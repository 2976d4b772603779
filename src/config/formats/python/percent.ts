/**
 * `text % values` as Python does it: `%(name)s`, `%(number)02d`, `%%`.
 *
 * Formats from a map alone, as configuration files do. The messages of {@link BadFormat} are Python's.
 */

import { repr } from './repr.ts';

/** A name that nobody knows. */
export class UnknownName extends Error {
  readonly key: string;

  constructor(key: string) {
    super(`no value for ${key}`);
    this.key = key;
  }
}

/** A `%` that begins nothing Python could format. */
export class BadFormat extends Error {}

export interface Values {
  get(name: string): string | number | undefined;
}

/** Wider than this, a value is a slip of the fingers that would eat the memory. */
const widest = 10_000;
const specifier = /([#0\- +]*)(\*|\d*)(?:\.(\*|\d*))?([hlL]?)/y;

/** Throws {@link UnknownName} and {@link BadFormat}. */
export function format(text: string, values: Values): string {
  let done = '';
  for (let at = 0; at < text.length;) {
    const percent = text.indexOf('%', at);
    if (percent === -1) return done + text.slice(at);
    done += text.slice(at, percent);
    const { shown, end } = formatOne(text, percent, values);
    done += shown;
    at = end;
  }
  return done;
}

function formatOne(text: string, percent: number, values: Values): { shown: string; end: number } {
  let at = percent + 1;
  let value: string | number | undefined;
  if (text[at] === '(') {
    const close = closing(text, at);
    if (close === undefined) throw new BadFormat('incomplete format key');
    const key = text.slice(at + 1, close);
    value = values.get(key);
    if (value === undefined) throw new UnknownName(key);
    at = close + 1;
  }
  specifier.lastIndex = at;
  const [whole = '', flags = '', width = '', precision] = specifier.exec(text) ?? [];
  at += whole.length;
  const type = text[at];
  if (type === undefined) throw new BadFormat('incomplete format');
  if (type === '%' && at === percent + 1) return { shown: '%', end: at + 1 };
  if (width === '*' || precision === '*')
    throw new BadFormat(value === undefined ? '* wants int' : 'not enough arguments for format string');
  if (!'diouxXeEfFgGcrsa'.includes(type)) {
    const code = text.codePointAt(at) ?? 0;
    const shown = code > 31 && code < 127 ? type : '?';
    const index = Array.from(text.slice(0, at)).length;
    throw new BadFormat(`unsupported format character '${shown}' (0x${code.toString(16)}) at index ${index}`);
  }
  if (value === undefined) throw new BadFormat(withoutName(type));
  if (Number(width) > widest || Number(precision ?? 0) > widest) throw new BadFormat('width too big');
  const body = converted(value, type, precision === undefined ? undefined : Number(precision), flags);
  return { shown: padded(body, Number(width), flags, /[rsac]/.test(type)), end: at + 1 };
}

/** What Python says of a conversion that names nothing, and so is given the whole map. */
function withoutName(type: string): string {
  if (/[diu]/.test(type)) return `%${type} format: a real number is required, not dict`;
  if (/[oxX]/.test(type)) return `%${type} format: an integer is required, not dict`;
  if (/[eEfFgG]/.test(type)) return 'must be real number, not dict';
  // As a text Python would print the map, which nobody has ever wanted.
  return type === 'c' ? '%c requires int or char' : 'not enough arguments for format string';
}

/** Where the parenthesis closes that opens at an offset. */
function closing(text: string, open: number): number | undefined {
  let depth = 0;
  for (let at = open; at < text.length; at++) {
    if (text[at] === '(') depth++;
    else if (text[at] === ')' && --depth === 0) return at;
  }
  return undefined;
}

function converted(
  value: string | number,
  type: string,
  precision: number | undefined,
  flags: string,
): string {
  if (/[rsa]/.test(type)) {
    const shown = type !== 's' && typeof value === 'string' ? repr(value) : String(value);
    return precision === undefined ? shown : Array.from(shown).slice(0, precision).join('');
  }
  if (type === 'c') {
    if (typeof value === 'number' && value >= 0 && value <= 0x10_ffff) return String.fromCodePoint(value);
    if (typeof value === 'string' && Array.from(value).length === 1) return value;
    throw new BadFormat('%c requires int or char');
  }
  if (typeof value === 'string') {
    if (/[diu]/.test(type)) throw new BadFormat(`%${type} format: a real number is required, not str`);
    if (/[oxX]/.test(type)) throw new BadFormat(`%${type} format: an integer is required, not str`);
    throw new BadFormat('must be real number, not str');
  }
  const sign = value < 0 ? '-' : flags.includes('+') ? '+' : flags.includes(' ') ? ' ' : '';
  return sign + unsigned(Math.abs(value), type, precision, flags);
}

function unsigned(value: number, type: string, precision: number | undefined, flags: string): string {
  const alternate = flags.includes('#');
  const digits = (radix: number): string => value.toString(radix).padStart(precision ?? 0, '0');
  switch (type) {
    case 'o':
      return (alternate ? '0o' : '') + digits(8);
    case 'x':
      return (alternate ? '0x' : '') + digits(16);
    case 'X':
      return (alternate ? '0X' : '') + digits(16).toUpperCase();
    case 'e':
    case 'E': {
      const text = value.toExponential(Math.min(precision ?? 6, 100)).replace(/e([+-])(\d)$/, 'e$10$2');
      return type === 'E' ? text.toUpperCase() : text;
    }
    case 'f':
    case 'F':
      return value.toFixed(Math.min(precision ?? 6, 100));
    case 'g':
    case 'G':
      return String(value);
    default:
      return digits(10);
  }
}

function padded(body: string, width: number, flags: string, isText: boolean): string {
  const missing = width - Array.from(body).length;
  if (missing <= 0) return body;
  if (flags.includes('-')) return body + ' '.repeat(missing);
  if (isText || !flags.includes('0')) return ' '.repeat(missing) + body;
  const [lead = ''] = /^[+\- ]?(?:0[xXo])?/.exec(body) ?? [];
  return lead + '0'.repeat(missing) + body.slice(lead.length);
}
