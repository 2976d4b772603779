/** The types of options: texts to values, and what Supervisor says of a text that is none (spec 6.7). */

import { decimal, octal } from '../python/numbers.ts';
import { repr } from '../python/repr.ts';

/** A text that is no value of its type. The message is Supervisor's, which seldom says what would be one. */
export class Unfit extends Error {
  /** What the option takes, in words that fit after "takes". */
  readonly takes: string | undefined;

  constructor(message: string, takes?: string) {
    super(message);
    this.takes = takes;
  }
}

const wholeNumber = 'a whole number, such as 10';
const bytes = 'a number of bytes, such as 1048576, 500KB, 50MB or 1GB';
const address = 'a port, or a host and a port: 9001, 127.0.0.1:9001';

export type Convert<T> = (text: string) => T;

export const asText: Convert<string> = (text) => text;

export const integer: Convert<number> = (text) => asInteger(text, wholeNumber);

function asInteger(text: string, takes: string): number {
  const value = decimal(text);
  if (value === undefined) throw new Unfit(`invalid literal for int() with base 10: ${repr(text)}`, takes);
  // Beyond this no number of ours counts exactly; nobody means it.
  return Math.min(Math.max(value, Number.MIN_SAFE_INTEGER), Number.MAX_SAFE_INTEGER);
}

const truthy = new Set(['yes', 'true', 'on', '1']);
const falsy = new Set(['no', 'false', 'off', '0']);

export function boolean(text: string): boolean {
  const lower = text.toLowerCase();
  if (truthy.has(lower)) return true;
  if (falsy.has(lower)) return false;
  throw new Unfit(`not a valid boolean value: ${repr(text)}`, 'true or false');
}

export function restart(text: string): 'always' | 'unexpected' | 'never' {
  const lower = text.toLowerCase();
  if (truthy.has(lower)) return 'always';
  if (falsy.has(lower)) return 'never';
  if (lower === 'unexpected') return 'unexpected';
  throw new Unfit(`invalid 'autorestart' value ${repr(lower)}`, 'true, false or unexpected');
}

export function listOfTexts(text: string): readonly string[] {
  return text === '' ? [] : text.split(',').map((each) => each.trim());
}

export function exitCodes(text: string): readonly number[] {
  if (text === '') return [];
  const codes = text.split(',').map((each) => decimal(each));
  if (codes.every((code) => code !== undefined && code >= 0 && code <= 255)) return codes as number[];
  throw new Unfit(
    `not a valid list of exit codes: ${repr(text)}`,
    'numbers from 0 to 255 with commas between them, such as 0,2',
  );
}

const units: Readonly<Record<string, number>> = { kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

export function size(text: string): number {
  const lower = text.toLowerCase();
  const unit = units[lower.slice(-2)];
  return Math.max(
    unit === undefined ? asInteger(lower, bytes) : asInteger(lower.slice(0, -2), bytes) * unit,
    0,
  );
}

export function octalNumber(text: string): number {
  const value = octal(text);
  if (value === undefined || value < 0)
    throw new Unfit(`${text} can not be converted to an octal type`, 'an octal number, such as 022');
  return value;
}

/** Linux's, which is where the files come from; a name is what we hand on, so other systems' numbers matter not. */
const signals: ReadonlyMap<string, number> = new Map(
  [
    'HUP,1 INT,2 QUIT,3 ILL,4 TRAP,5 ABRT,6 IOT,6 BUS,7 FPE,8 KILL,9 USR1,10 SEGV,11 USR2,12 PIPE,13 ALRM,14 TERM,15',
    'STKFLT,16 CHLD,17 CLD,17 CONT,18 STOP,19 TSTP,20 TTIN,21 TTOU,22 URG,23 XCPU,24 XFSZ,25 VTALRM,26 PROF,27',
    'WINCH,28 IO,29 POLL,29 PWR,30 SYS,31',
  ]
    .join(' ')
    .split(' ')
    .map((each) => each.split(','))
    .map(([name = '', number]) => [name, Number(number)]),
);

const aSignal = 'the name or the number of a signal, such as TERM';

/** The name without `SIG`. */
export function signal(text: string): string {
  const number = decimal(text);
  if (number === undefined) {
    const name = text.trim().toUpperCase().replace(/^SIG/, '');
    const value = signals.get(name);
    if (value === undefined) throw new Unfit(`value ${repr(text)} is not a valid signal name`, aSignal);
    return nameOf(value) ?? name;
  }
  const name = nameOf(number);
  if (name === undefined) throw new Unfit(`value ${repr(text)} is not a valid signal number`, aSignal);
  return name;
}

function nameOf(number: number): string | undefined {
  return [...signals].find(([, value]) => value === number)?.[0];
}

/** The name of a program, a process or a group. */
export function processName(text: string): string {
  const name = text.trim();
  for (const letter of ' :/')
    if (name.includes(letter))
      throw new Unfit(`Invalid name: ${repr(name)} because of character: ${repr(letter)}`);
  return name;
}

const levels = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'] as const;

export function logLevel(text: string): (typeof levels)[number] {
  const found = levels.find((level) => level === text.toLowerCase());
  if (found === undefined)
    throw new Unfit(`bad logging level name ${repr(text)}`, `one of ${levels.join(', ')}`);
  return found;
}

/** Host and port of `127.0.0.1:9001`, `*:9001`, `9001`; no host means every interface. */
export function inetAddress(text: string): { readonly host: string; readonly port: number } {
  const colon = text.lastIndexOf(':');
  const host = colon === -1 ? '' : text.slice(0, colon).toLowerCase();
  const written = text.slice(colon + 1);
  if (colon !== -1 && written === '')
    throw new Unfit(`no port number specified in ${repr(written)}`, address);
  const port = decimal(written);
  if (colon === -1 && (port === undefined || port < 1 || port > 65535))
    throw new Unfit(`not a valid port number: ${repr(text)} `, address);
  if (port === undefined)
    throw new Unfit(`invalid literal for int() with base 10: ${repr(written)}`, address);
  if (port < 1) throw new Unfit(`${port} is below lower bound (1)`, address);
  if (port > 65535) throw new Unfit(`${port} is above upper bound (65535)`, address);
  return { host: host === '*' ? '' : host, port };
}
