/**
 * The journal: Supervisor's main log, one line for each thing that happened to the supervisor and its processes.
 *
 * It exists for every runtime. It knows levels and the shape of a line; where the lines go is told to it.
 */

import { Emitter, type Event } from '../../base/event.ts';
import type { Clock, LogPlan } from '../outside.ts';

/** As `loglevel` in `[supervisord]` names them, gravest first (spec 6.7). */
export type JournalLevel = 'critical' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'blather';

/** How a level is written in a line, and how it compares. */
const levels: Readonly<Record<JournalLevel, { readonly mark: string; readonly weight: number }>> = {
  critical: { mark: 'CRIT', weight: 50 },
  error: { mark: 'ERRO', weight: 40 },
  warn: { mark: 'WARN', weight: 30 },
  info: { mark: 'INFO', weight: 20 },
  debug: { mark: 'DEBG', weight: 10 },
  trace: { mark: 'TRAC', weight: 5 },
  blather: { mark: 'BLAT', weight: 3 },
};

export interface JournalOptions {
  readonly clock: Pick<Clock, 'wall'>;
  /** What is less grave than this is not written. Asked at each line, since a config can change it. */
  level(): JournalLevel;
  /** The main log; undefined: there is no file, and lines are only told to `onLine`. */
  file(): LogPlan | undefined;
  /** `outside.logs.append`. */
  append(plan: LogPlan, text: string): void;
  /** Whether nothing may be written yet: a folder that is not trusted names no file of ours. Absent: never. */
  holds?(): boolean;
}

/** So many lines are kept while nothing may be written, the newest. */
const mostHeld = 1_000;

export class Journal {
  readonly #options: JournalOptions;
  readonly #lines = new Emitter<string>();
  readonly #held: string[] = [];

  constructor(options: JournalOptions) {
    this.#options = options;
  }

  /** Each line that is written, with its newline. */
  readonly onLine: Event<string> = this.#lines.event;

  /** Whether a line of this level would be written: for texts that cost something to make. */
  writes(level: JournalLevel): boolean {
    return levels[level].weight >= levels[this.#options.level()].weight;
  }

  say(level: JournalLevel, text: string): void {
    if (!this.writes(level)) return;
    const line = `${timeOf(this.#options.clock.wall())} ${levels[level].mark} ${text}\n`;
    if (this.#options.holds?.() === true) {
      this.#held.push(line);
      if (this.#held.length > mostHeld) this.#held.shift();
    } else {
      this.#write(line);
    }
    this.#lines.fire(line);
  }

  /** Writes what was held back. */
  release(): void {
    if (this.#held.length > 0) this.#write(this.#held.splice(0).join(''));
  }

  #write(text: string): void {
    const file = this.#options.file();
    if (file !== undefined) this.#options.append(file, text);
  }
}

/** `2026-01-31 09:05:07,042`, in the local time zone. */
function timeOf(epochMs: number): string {
  const at = new Date(epochMs);
  const two = (value: number): string => String(value).padStart(2, '0');
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
  const time = `${two(at.getHours())}:${two(at.getMinutes())}:${two(at.getSeconds())}`;
  return `${day} ${time},${String(at.getMilliseconds()).padStart(3, '0')}`;
}
