/** Small texts: times, endings, addresses. Whoever shows them chooses where. */

import type { ExitView } from '../protocol/api.ts';
import { english, type Translate } from './words.ts';

const second = 1000;
export const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** How long something has been so, in at most two units. */
export function formatUptime(ms: number): string {
  const span = Math.max(0, ms);
  if (span < minute) return `${Math.floor(span / second)}s`;
  if (span < hour) return `${Math.floor(span / minute)}m`;
  if (span < day) return twoUnits(span, hour, 'h', minute, 'm');
  return twoUnits(span, day, 'd', hour, 'h');
}

function twoUnits(span: number, large: number, largeUnit: string, small: number, smallUnit: string): string {
  const rest = Math.floor((span % large) / small);
  const head = `${Math.floor(span / large)}${largeUnit}`;
  return rest === 0 ? head : `${head} ${rest}${smallUnit}`;
}

/** How a child ended: `exited with code 3`, `was killed by SIGSEGV`. */
export function formatExit(exit: ExitView, t: Translate = english): string {
  if (exit.signal !== undefined) return t('was killed by {0}', exit.signal);
  return exit.code === undefined ? t('ended') : t('exited with code {0}', exit.code);
}

/** The port of a URL as `:8080`, or the host when the port is the scheme's own. */
export function formatAddress(url: string): string {
  const port = /^[a-z]+:\/\/(?:[^/?#]*@)?(?:\[[^\]]*\]|[^/?#:]*):(\d+)/i.exec(url)?.[1];
  return port === undefined ? url.replace(/^[a-z]+:\/\//i, '').replace(/\/.*$/, '') : `:${port}`;
}

/** Joins what is there with a middle dot. */
export function joined(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined && part !== '').join(' · ');
}

/** The last `count` lines of a text, without trailing blank ones. */
export function lastLines(text: string, count: number): readonly string[] {
  return text.trimEnd().split(/\r?\n/).slice(-count);
}
