/**
 * Finds the source line that threw in what a child printed. Pure.
 *
 * Knows the shapes Node and Python print; of a trace it wants the frame in the user's own code: not in the
 * interpreter, not in a dependency.
 */

import type { Place } from '../../faults/fault.ts';
import { stripAnsi } from './ansi.ts';

export interface Trace {
  /** The error's own line: `TypeError: x is not a function`. */
  readonly message: string;
  readonly place: Place;
}

/** The last stack trace in the lines, with an absolute path, or undefined. */
export function findTrace(lines: readonly string[], cwd: string): Trace | undefined {
  const clean = lines.map(stripAnsi);
  const python = lastPython(clean, cwd);
  const node = lastNode(clean);
  if (python === undefined || node === undefined) return (python ?? node)?.trace;
  return python.at > node.at ? python.trace : node.trace;
}

interface Found {
  readonly at: number;
  readonly trace: Trace;
}

const nodeFrame =
  /^\s+at (?:.*\()?(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^():]*(?:\([^)]*\)[^():]*)*):(\d+):(\d+)\)?$/;
const anyNodeFrame = /^\s+at /;
// Node prints the throwing line first: `/path/file.js:12`, the source, a caret; also for syntax errors.
const nodeHead = /^(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/]).*?):(\d+)$/;
const caret = /^\s*\^+\s*$/;

function lastNode(lines: readonly string[]): Found | undefined {
  let found: Found | undefined;
  let from = 0;
  for (let at = 0; at < lines.length; at += 1) {
    if (!anyNodeFrame.test(lines[at] ?? '') || anyNodeFrame.test(lines[at - 1] ?? '')) continue;
    const message = nodeMessage(lines, at);
    const frame = firstOwnFrame(lines, at);
    const head = headBefore(lines, from, at);
    const place = frame ?? head ?? importerIn(message);
    if (message !== undefined && place !== undefined) found = { at, trace: { message, place } };
    from = at;
  }
  return found ?? bareSyntaxError(lines);
}

/** The error's line above the frames; a message of several lines starts at the one that looks like an error. */
function nodeMessage(lines: readonly string[], frames: number): string | undefined {
  for (let at = frames - 1; at >= Math.max(0, frames - 20); at -= 1) {
    const line = lines[at]?.trim() ?? '';
    if (/^(?:Uncaught )?[A-Za-z_$][\w$.]*(?:Error|Exception|Warning)?(?: \[[\w]+\])?: /.test(line))
      return line;
    if (/^(?:Uncaught )?\w*Error(?: \[\w+\])?$/.test(line)) return line;
  }
  const above = lines[frames - 1]?.trim();
  return above === undefined || above === '' ? undefined : above;
}

function firstOwnFrame(lines: readonly string[], frames: number): Place | undefined {
  let first: Place | undefined;
  for (let at = frames; anyNodeFrame.test(lines[at] ?? ''); at += 1) {
    const match = nodeFrame.exec(lines[at] ?? '');
    if (match === null) continue;
    const place = placeOf(match[1], match[2], match[3]);
    if (place === undefined) continue;
    if (!/[\\/]node_modules[\\/]/.test(place.file)) return place;
    first ??= place;
  }
  return first;
}

function headBefore(lines: readonly string[], from: number, at: number): Place | undefined {
  for (let line = at - 1; line >= from; line -= 1) {
    const place = headAt(lines, line);
    if (place !== undefined) return place;
  }
  return undefined;
}

function headAt(lines: readonly string[], at: number): Place | undefined {
  const match = nodeHead.exec(lines[at] ?? '');
  if (match === null) return undefined;
  const mark = lines[at + 2] ?? '';
  if (caret.test(mark)) return placeOf(match[1], match[2], String(mark.indexOf('^') + 1));
  // An unexpected end of the file has neither a source line nor a caret.
  return lines[at + 1] === '' && mark === '' ? placeOf(match[1], match[2], undefined) : undefined;
}

/** A module that is not found has no frame of the user's own, but its importer is named. */
function importerIn(message: string | undefined): Place | undefined {
  const match = / imported from (\/.+|[A-Za-z]:[\\/].+)$/.exec(message ?? '');
  return placeOf(match?.[1], match === null ? undefined : '1', undefined);
}

/** A syntax error in the main file may come without any frame of the user's own. */
function bareSyntaxError(lines: readonly string[]): Found | undefined {
  for (let at = lines.length - 1; at >= 0; at -= 1) {
    const place = headAt(lines, at);
    const message = lines
      .slice(at + 3)
      .find((line) => /Error/.test(line))
      ?.trim();
    if (message !== undefined && place !== undefined) return { at, trace: { message, place } };
  }
  return undefined;
}

const pythonFile = /^\s+File "(.+)", line (\d+)(?:, in (.+))?$/;

function lastPython(lines: readonly string[], cwd: string): Found | undefined {
  let last: { own?: Place; any?: Place; at: number } | undefined;
  let found: Found | undefined;
  for (let at = 0; at < lines.length; at += 1) {
    const line = lines[at] ?? '';
    if (/^\s*Traceback \(most recent call last\):$/.test(line)) {
      last = { at };
      continue;
    }
    const match = pythonFile.exec(line);
    if (match !== null) {
      // A syntax error in the main file has a File line, and no Traceback line before it.
      last ??= { at };
      const place = absolute(placeOf(match[1], match[2], undefined), cwd);
      if (place !== undefined) {
        last.any = place;
        if (!isPythonLibrary(place.file)) last.own = place;
      }
      continue;
    }
    if (last !== undefined && /^[A-Za-z_][\w.]*(?:: .*)?$/.test(line) && last.any !== undefined) {
      found = { at, trace: { message: line, place: last.own ?? last.any } };
      last = undefined;
    }
  }
  return found;
}

function isPythonLibrary(file: string): boolean {
  return /[\\/](?:site-packages|dist-packages)[\\/]|[\\/]lib[\\/]python\d|^<frozen /.test(file);
}

function placeOf(
  file: string | undefined,
  line: string | undefined,
  column: string | undefined,
): Place | undefined {
  if (file === undefined || line === undefined || /^(?:node:|<)/.test(file)) return undefined;
  const decoded = file.includes('%') ? safeDecode(file) : file;
  return { file: decoded, line: Math.max(1, Number(line)), column: Math.max(1, Number(column ?? 1)) };
}

function absolute(place: Place | undefined, cwd: string): Place | undefined {
  if (place === undefined) return undefined;
  if (/^(?:\/|[A-Za-z]:[\\/]|\\\\)/.test(place.file)) return place;
  return { ...place, file: `${cwd.replace(/[\\/]+$/, '')}/${place.file.replace(/^\.\//, '')}` };
}

function safeDecode(text: string): string {
  try {
    return decodeURI(text);
  } catch {
    // Not a URL after all: the text is the path.
    return text;
  }
}
