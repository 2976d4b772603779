/**
 * What belongs in the Problems list, file by file.
 *
 * A fault stands at its place in the config; where the child's stack trace named source lines, it stands there
 * too. Config problems are a list of their own, since an open config file gets its own from the language server.
 */

import { inReadingOrder } from '../base/reading-order.ts';
import type { Fault, Place, Severity } from '../faults/fault.ts';
import type { InstanceView, ServiceView, Snapshot } from '../protocol/api.ts';
import { plainText } from './ansi.ts';
import { formatExit, lastLines } from './format.ts';
import { english, type Translate } from './words.ts';

export interface RelatedNote {
  readonly message: string;
  readonly place: Place;
}

export interface DiagnosticNote {
  readonly place: Place;
  readonly severity: Severity;
  readonly message: string;
  readonly code: string;
  readonly related: readonly RelatedNote[];
}

/** Notes by absolute path. */
export type Notes = ReadonlyMap<string, readonly DiagnosticNote[]>;

/** How many lines of what a child last said go with a diagnostic: a list of problems is no log. */
const tailLines = 20;

/** The faults of everything that was asked to run. */
export function faultNotes(snapshot: Snapshot, t: Translate = english): Notes {
  const notes = new Map<string, DiagnosticNote[]>();
  const add = (note: DiagnosticNote): void => {
    const there = notes.get(note.place.file) ?? [];
    // Instances of one service fail alike; one entry for the line says it, naming each is left to the tree.
    const twin = there.some(
      (each) => each.code === note.code && samePlace(each.place, note.place) && each.message === note.message,
    );
    if (!twin) notes.set(note.place.file, [...there, note]);
  };
  for (const { places, severity, code, message, hint } of snapshot.faults ?? []) {
    const [place] = places;
    if (place !== undefined) add({ place, severity, code, message: sentences([message, hint]), related: [] });
  }
  for (const service of snapshot.services) {
    for (const fault of service.faults) for (const note of notesOf(fault, service, undefined, t)) add(note);
    for (const instance of service.instances) {
      if (instance.fault === undefined) continue;
      for (const note of notesOf(instance.fault, service, instance, t)) add(note);
    }
  }
  return notes;
}

/** The problems of the config files themselves. */
export function problemNotes(snapshot: Snapshot): Notes {
  const notes = new Map<string, DiagnosticNote[]>();
  for (const problem of snapshot.problems) {
    const { file, severity, code } = problem;
    const note = { place: problem, severity, code, message: sentences(inReadingOrder(problem)), related: [] };
    notes.set(file, [...(notes.get(file) ?? []), note]);
  }
  return notes;
}

function notesOf(
  fault: Fault,
  service: ServiceView,
  instance: InstanceView | undefined,
  t: Translate,
): readonly DiagnosticNote[] {
  const [configPlace = service.source, ...sources] = fault.places;
  const { findings = [] } = fault;
  // What a compiler said of single lines stands at those, so that its whole output would say it twice.
  const tail =
    fault.evidence === undefined || findings.length > 0
      ? []
      : lastLines(fault.evidence, tailLines).map(plainText);
  const ending = endingOf(fault, instance, t);
  // Only what died has a stack trace; else the other places are of files that ask for what is missing.
  const isTraced = fault.code === 'instance-died';
  const sourceNotes = sources.map((place): RelatedNote => ({
    place,
    message: isTraced ? t('The stack trace leads here') : t('Asked for here'),
  }));
  // Where streams have files of their own, the other one may well be empty.
  const log = fault.evidenceFrom === undefined ? instance?.logFile : fault.evidenceFrom.file;
  const logPlace: Place = log === undefined ? configPlace : { file: log, line: 1, column: 1 };
  const atConfig: DiagnosticNote = {
    place: configPlace,
    severity: fault.severity,
    code: fault.code,
    message: sentences([fault.message, ending, fault.hint]),
    related: [
      ...sourceNotes,
      ...findings.map(({ message, place }): RelatedNote => ({ message, place })),
      // A list of single lines has no use for blank ones, nor for carets below a line that stands elsewhere.
      ...tail
        .filter((line) => /[^\s^~]/.test(line))
        .map((line): RelatedNote => ({ place: placeNamedIn(line, sources) ?? logPlace, message: line })),
    ],
  };
  const definedHere = { place: configPlace, message: t('"{0}" is defined here', service.name) };
  const thrown = thrownLine(tail);
  const tracedMessage = thrown === undefined ? fault.message : `${thrown}\n${fault.message}`;
  const atSources = sources.map((place): DiagnosticNote => ({
    place,
    // One failure counts once, at the config; where the code threw is where it is mended.
    severity: isTraced ? fault.severity : 'info',
    code: fault.code,
    message: isTraced ? tracedMessage : sentences([fault.message, fault.hint]),
    related: [definedHere],
  }));
  const atFindings = findings.map(({ place, severity, message }): DiagnosticNote => ({
    place,
    severity,
    code: fault.code,
    message: plainText(message),
    related: [definedHere],
  }));
  return [atConfig, ...atSources, ...atFindings];
}

/** The exit code or signal, unless the message names it already. */
function endingOf(fault: Fault, instance: InstanceView | undefined, t: Translate): string | undefined {
  if (instance?.exit === undefined || instance.pid !== undefined) return undefined;
  const { code, signal } = instance.exit;
  const named = signal ?? (code === undefined ? undefined : String(code));
  if (named === undefined || new RegExp(`\\b${named}\\b`).test(fault.message)) return undefined;
  return t('It {0}.', formatExit(instance.exit, t));
}

/** The line that says what was thrown: in Node it comes before the frames, in Python after them. */
export function thrownLine(tail: readonly string[]): string | undefined {
  return tail.findLast((line) =>
    /^(?:Uncaught )?(?:[A-Za-z_$][\w.$]*)?(?:Error|Exception|Exit|Interrupt)\b/.test(line),
  );
}

/** The source line that a line of a stack trace speaks of, in the shapes of Node and Python. */
function placeNamedIn(line: string, known: readonly Place[]): Place | undefined {
  const node = /(?:file:\/\/)?((?:\/|[A-Za-z]:[\\/])[^():]+):(\d+)(?::(\d+))?\)?$/.exec(line);
  const python = /^\s*File "((?:\/|[A-Za-z]:[\\/])[^"]+)", line (\d+)/.exec(line);
  const [, file, at, column] = node ?? python ?? [];
  if (file === undefined || at === undefined) return undefined;
  const place = { file, line: Math.max(1, Number(at)), column: Math.max(1, Number(column ?? 1)) };
  return known.find((each) => each.file === place.file && each.line === place.line) ?? place;
}

function sentences(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join(' ');
}

function samePlace(one: Place, other: Place): boolean {
  return one.file === other.file && one.line === other.line && one.column === other.column;
}
