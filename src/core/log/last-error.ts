/**
 * The line with which a program said why it gave up. Pure.
 *
 * Knows no language but the habits most of them share; where no line looks like an error there is none, as a wrong one
 * would lead a person astray.
 */

import { stripAnsi } from './ansi.ts';
import { findTrace } from './stack-trace.ts';

/** Longer ones do not fit a row, and the log has them. */
const longest = 200;

/** `Error: Could not import 'app'.`, `panic: no settings`, `ERROR:    Error loading ASGI app.` */
const named =
  /^(?:Uncaught |PHP |Exception in thread "[^"]*" )*(?:[\w.$]*(?:Error|Exception)|error|fatal(?: error)?|critical|panic)(?: \[\w+\])?:\s*\S/i;
/** `server.rb:1:in 'require': cannot load such file -- sinatra (LoadError)`: Ruby names it last. */
const namedLast = /: .+ \((?:[A-Z]\w*::)*[A-Z]\w*(?:Error|Exception)\)$/;
/** What speaks of a failure without being called an error: `sh: 1: nope: not found`. */
const doubtful =
  /\b(?:errno|error|exception|fatal|panic|cannot|can't|could not|couldn't|unable|failed|failure|not found|no such|denied|in use)\b/i;
/** A line of a stack, or of what surrounds one. */
const frame = /^\s+at |^\s*File "|^\s*from |^Traceback |^Node\.js v|^\s*[\^~]+\s*$/;

const npm = /^npm (?:error|ERR!)\s*/;
/** npm says of each failure where it was and that there is a log; what failed is said by the others. */
const npmAround =
  /^(?:$|code |errno |syscall |path |location |workspace |command |Lifecycle script|A complete log|\{|\})/i;

/** Of lines that were printed to stderr, the one to show; undefined where none looks like an error. */
export function lastError(printed: readonly string[], cwd: string): string | undefined {
  const trace = findTrace(printed, cwd);
  if (trace !== undefined) return clipped(trace.message);
  const all = printed
    .map((line) => stripAnsi(line).trimEnd())
    .filter((line) => line !== '' && !frame.test(line));
  const lines = all.filter((line) => !npm.test(line));
  const ofNpm = all
    .filter((line) => npm.test(line))
    .map((line) => line.replace(npm, ''))
    .find((line) => !npmAround.test(line));
  const [only] = lines;
  const found =
    lines.findLast((line) => named.test(line.trim()) || namedLast.test(line)) ??
    lines.findLast((line) => doubtful.test(line)) ??
    ofNpm ??
    // A program that says one thing and ends has said why.
    (lines.length === 1 ? only : undefined);
  return found === undefined ? undefined : clipped(found.trim());
}

function clipped(line: string): string {
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
}
