/**
 * The listener protocol: what a listener's stdout means, byte by byte, as a pure function (spec 6.11).
 *
 * A listener says `READY`, is sent an event, and answers `RESULT <n>` and n bytes. It knows nothing of events.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Line } from '../outside.ts';
import { bytesOf, empty, find, joined, startsWith, textOf } from './bytes.ts';

export type ListenerState = 'ACKNOWLEDGED' | 'READY' | 'BUSY' | 'UNKNOWN';

/** Where the conversation with one listener stands. */
export interface Listening {
  readonly state: ListenerState;
  /** What it said that does not mean anything yet. */
  readonly held: Uint8Array;
  /** After `RESULT <n>`: how many bytes are still to come, and the first of those that came. */
  readonly result?: { readonly missing: number; readonly bytes: Uint8Array };
}

/** What became of it, in order. */
export type Heard =
  | { readonly kind: 'moved'; readonly from: ListenerState; readonly to: ListenerState }
  | { readonly kind: 'bad-result-line'; readonly line: string }
  /** The event was `accepted` or is `rejected`; `erred`: it was the judge who failed. */
  | { readonly kind: 'answered'; readonly verdict: 'accepted' | 'rejected' | 'erred' };

/** Decides about an answer; what it throws makes the listener UNKNOWN. */
export type Judge = (result: Uint8Array) => boolean;

/** The conversation with a listener that was just born. */
export const greeted: Listening = { state: 'ACKNOWLEDGED', held: empty };

const readyToken = bytesOf('READY\n');
const resultToken = bytesOf('RESULT ');
const newline = 0x0a;

/** A first line longer than this is no result line, and is not waited for. A real one has some ten bytes. */
const longestLine = 8192;

/** More of an answer is counted, but not kept: no judge has use for it. */
const longestResult = 65_536;

/** `OK` to the letter. */
export const defaultJudge: Judge = (result) => result.length === 2 && textOf(result) === 'OK';

/** An event was sent to a listener that was READY. */
export function busied(listening: Listening): Listening {
  return { ...listening, state: 'BUSY' };
}

/** What it means that the listener printed these bytes. */
export function heard(
  before: Listening,
  bytes: Uint8Array,
  judge: Judge = defaultJudge,
): { readonly listening: Listening; readonly heard: readonly Heard[] } {
  const out: Heard[] = [];
  // A copy, since what is held stays longer than the reader's buffer.
  let now: Listening = { ...before, held: joined(before.held, bytes.slice()) };
  for (;;) {
    const next = look(now, judge, out);
    if (next === now) return { listening: now, heard: out };
    now = next;
  }
}

/**
 * Which lines of a service say no more than the protocol asks for, so that nobody needs to read them; undefined: none,
 * since it is no listener. After an answer without a newline, `READY` stands in the same line.
 */
export function talkOf({ program }: ServiceSpec): ((line: Line) => boolean) | undefined {
  if (program?.kind !== 'eventlistener') return undefined;
  return ({ stream, text }) =>
    stream === 'stdout' && /^(?:READY|RESULT \d+|(?:OK|FAIL)(?:READY)?)$/.test(text);
}

/** One step; the same object when there is nothing more to be made of what is held. */
function look(now: Listening, judge: Judge, out: Heard[]): Listening {
  const { state, held } = now;
  if (now.result !== undefined) return collected(now, now.result, judge, out);
  if (held.length === 0) return now;
  switch (state) {
    case 'UNKNOWN':
      return { state, held: empty };
    case 'READY':
      // It was not asked anything.
      return moved(now, 'UNKNOWN', empty, out);
    case 'ACKNOWLEDGED':
      if (held.length < readyToken.length) return now;
      return startsWith(held, readyToken)
        ? moved(now, 'READY', held.subarray(readyToken.length), out)
        : moved(now, 'UNKNOWN', empty, out);
    case 'BUSY':
      return resultLine(now, out);
  }
}

function resultLine(now: Listening, out: Heard[]): Listening {
  const end = now.held.indexOf(newline);
  if (end === -1 && now.held.length <= longestLine) return now;
  const line = now.held.subarray(0, end === -1 ? longestLine : end);
  const missing = lengthIn(line);
  if (missing === undefined || end === -1) {
    out.push({ kind: 'bad-result-line', line: textOf(line) });
    return moved(now, 'UNKNOWN', empty, out);
  }
  return { ...now, held: now.held.subarray(end + 1), result: { missing, bytes: empty } };
}

/** The number after `RESULT`; blanks around it, such as the return of a line end, do not matter. */
function lengthIn(line: Uint8Array): number | undefined {
  if (find(line, resultToken) !== 0) return undefined;
  const number = textOf(line.subarray(resultToken.length)).trim();
  return /^\d{1,15}$/.test(number) ? Number(number) : undefined;
}

function collected(
  now: Listening,
  { missing, bytes }: NonNullable<Listening['result']>,
  judge: Judge,
  out: Heard[],
): Listening {
  const came = now.held.subarray(0, missing);
  if (came.length === 0 && missing > 0) return now;
  const room = Math.max(0, longestResult - bytes.length);
  const result = { missing: missing - came.length, bytes: joined(bytes, came.subarray(0, room)) };
  const rest = { state: now.state, held: now.held.subarray(came.length) };
  if (result.missing > 0) return { ...rest, result };
  const verdict = verdictOf(result.bytes, judge);
  out.push({ kind: 'answered', verdict });
  return moved(rest, verdict === 'erred' ? 'UNKNOWN' : 'ACKNOWLEDGED', rest.held, out);
}

function verdictOf(result: Uint8Array, judge: Judge): 'accepted' | 'rejected' | 'erred' {
  try {
    return judge(result) ? 'accepted' : 'rejected';
  } catch {
    return 'erred';
  }
}

function moved(now: Listening, to: ListenerState, held: Uint8Array, out: Heard[]): Listening {
  out.push({ kind: 'moved', from: now.state, to });
  return { state: to, held };
}
