/** Writes answers to XML-RPC calls, in the layout that Supervisor's own answers have. */

import type { RpcFault } from './faults.ts';
import type { Value } from './values.ts';

export function writeAnswer(value: Value): string {
  return `${head}<methodResponse>\n<params>\n<param>\n${valueOf(value)}</param>\n</params>\n</methodResponse>\n`;
}

export function writeFault(fault: RpcFault): string {
  const struct = { faultCode: fault.code, faultString: fault.message };
  return `${head}<methodResponse>\n<fault>\n${valueOf(struct)}</fault>\n</methodResponse>\n`;
}

const head = "<?xml version='1.0'?>\n";

function valueOf(value: Value): string {
  return `<value>${bodyOf(value)}</value>\n`;
}

function bodyOf(value: Value): string {
  if (typeof value === 'string') return `<string>${escapeText(value)}</string>`;
  if (typeof value === 'boolean') return `<boolean>${value ? 1 : 0}</boolean>`;
  if (typeof value === 'number') return `<int>${capped(value)}</int>`;
  if (Array.isArray(value)) return `<array><data>\n${value.map(valueOf).join('')}</data></array>`;
  const members = Object.entries(value).map(
    ([name, member]) => `<member>\n<name>${escapeText(name)}</name>\n${valueOf(member)}</member>\n`,
  );
  return `<struct>\n${members.join('')}</struct>`;
}

/** An `int` has 32 bits; times after January 2038 and large sizes stay at its ends, as Supervisor's times do. */
function capped(value: number): number {
  return Math.min(Math.max(Math.trunc(value), -(2 ** 31)), 2 ** 31 - 1);
}

const named: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#13;' };

/**
 * Program output is full of colour codes, and XML has no way at all to say ESC: Supervisor sends it as it is, and its
 * client then fails to read the answer. Such characters become U+FFFD here. A carriage return would be read as a
 * newline if it were not written as a reference.
 */
function escapeText(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '\u{FFFD}')
    .replaceAll(/[&<>\r]/g, (character) => named[character] ?? character);
}
