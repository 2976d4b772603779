/**
 * What an instance prints over all its lives, for whoever follows it.
 *
 * A reader can take so many lines a second; of a flood it gets the newest and a count of what was left out, since
 * all of it is in the log file. Lines cost something only while somebody follows.
 */

import { type Disposable, disposable } from '../../base/disposable.ts';
import type { LogBatch, LogLine } from '../model.ts';
import type { Clock, Line, Output } from '../outside.ts';

/** What the editor's output panel takes without stuttering (5,000 lines a second). */
const batchMs = 50;
const batchLines = 250;
const batchChars = 128 * 1024;
const lineChars = 16 * 1024;

export class InstanceLog {
  readonly #instance: string;
  readonly #isTalk: ((line: Line) => boolean) | undefined;
  readonly #taps = new Set<(lines: readonly Line[]) => void>();
  #output: Output | undefined;
  #before: readonly Line[] = [];
  #listening: Disposable | undefined;
  /** A reader cannot keep up. */
  #room: PromiseWithResolvers<void> | undefined;

  /** @param isTalk Whether a line is none that a reader wants: it stays in the log file alone. */
  constructor(instance: string, isTalk?: (line: Line) => boolean) {
    this.#instance = instance;
    this.#isTalk = isTalk;
  }

  /** The output of a new child; the tail of the one before is kept ahead of it. */
  attach(output: Output): void {
    this.#before = this.tail(historyLines);
    this.#listening?.dispose();
    this.#listening = undefined;
    this.#output = output;
    this.#listen();
  }

  /**
   * Lines of no child: of what is done before there is one. They stand between the last child's and the next one's.
   * Gives when readers take more, where they cannot at once.
   */
  say(lines: readonly Line[]): Promise<void> | undefined {
    this.#before = [...this.tail(historyLines), ...lines].slice(-historyLines);
    this.#listening?.dispose();
    this.#listening = undefined;
    this.#output = undefined;
    for (const tap of [...this.#taps]) tap(lines);
    return this.#room?.promise;
  }

  /** The last lines over all lives, as far as they are kept. */
  tail(lines: number): readonly Line[] {
    const now = this.#withoutTalk(this.#output?.tail(lines) ?? []);
    return now.length >= lines ? now : [...this.#before.slice(now.length - lines), ...now];
  }

  /** What is kept of the present or last child's lines alone. */
  ofThisLife(): readonly Line[] {
    return this.#output?.tail(Number.MAX_SAFE_INTEGER) ?? [];
  }

  /** The child feels a reader that cannot keep up: its pipe fills. Nothing is lost, and nothing piles up here. */
  pause(): void {
    this.#room ??= Promise.withResolvers();
    this.#output?.pause();
  }

  resume(): void {
    this.#room?.resolve();
    this.#room = undefined;
    this.#output?.resume();
  }

  /** Every line, as it is cut. */
  tap(listener: (lines: readonly Line[]) => void): Disposable {
    const entry = (lines: readonly Line[]): void => listener(lines);
    this.#taps.add(entry);
    this.#listen();
    return disposable(() => {
      this.#taps.delete(entry);
      if (this.#taps.size > 0) return;
      this.#listening?.dispose();
      this.#listening = undefined;
    });
  }

  /** Hands over batches that a reader can take. */
  follow(clock: Clock, deliver: (batch: LogBatch) => void): Disposable {
    let held: LogLine[] = [];
    let chars = 0;
    let skipped = 0;
    let timer: Disposable | undefined;
    const flush = (): void => {
      timer = undefined;
      const batch = { instance: this.#instance, lines: held, skipped };
      held = [];
      chars = 0;
      skipped = 0;
      deliver(batch);
    };
    const tap = this.tap((lines) => {
      for (const line of lines.slice(-batchLines)) {
        held.push(
          line.text.length > lineChars ? { ...line, text: `${line.text.slice(0, lineChars)} …` } : line,
        );
        chars += Math.min(line.text.length, lineChars);
      }
      skipped += Math.max(0, lines.length - batchLines);
      while (held.length > batchLines || (chars > batchChars && held.length > 1)) {
        chars -= held.shift()?.text.length ?? 0;
        skipped += 1;
      }
      timer ??= clock.after(batchMs, flush);
    });
    return disposable(() => {
      tap.dispose();
      timer?.dispose();
    });
  }

  #withoutTalk(lines: readonly Line[]): readonly Line[] {
    const isTalk = this.#isTalk;
    return isTalk === undefined ? lines : lines.filter((line) => !isTalk(line));
  }

  #listen(): void {
    if (this.#listening !== undefined || this.#taps.size === 0 || this.#output === undefined) return;
    this.#listening = this.#output.onLines((lines) => {
      const told = this.#withoutTalk(lines);
      if (told.length > 0) for (const tap of [...this.#taps]) tap(told);
    });
  }
}

/** Enough of the earlier lives to see why the last one ended. */
const historyLines = 200;
