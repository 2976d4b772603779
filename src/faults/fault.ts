/** What went wrong, as plain data that every mouth (tree, Problems, front door, terminal) can speak. */

export type Severity = 'error' | 'warning' | 'info';

/** A place in a file. Lines and columns are 1-based, columns count UTF-16 units, ends are exclusive. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine?: number;
  readonly endColumn?: number;
}

/** Something wrong in a config file: a place, a code and a way out. */
export interface Problem {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly severity: Severity;
  readonly code: string;
  readonly message: string;
  readonly hint?: string;
}

/** A failure of something that was asked to run. `code` is its identity. */
export interface Fault {
  readonly code: string;
  readonly severity: Severity;
  readonly message: string;
  readonly hint?: string;
  readonly service?: string;
  readonly instance?: string;
  /** The last lines the child wrote to stderr, or to stdout where nothing came on stderr, joined by newlines. */
  readonly evidence?: string;
  /** Which of the two it was, and the log file of that stream; without `file`, it has none. */
  readonly evidenceFrom?: { readonly stream: 'stdout' | 'stderr'; readonly file?: string };
  /** The sentence the reference answers requests with in this situation (spec 1.10), where it has one. */
  readonly sentence?: string;
  /** The config place first, then source lines read from a stack trace. */
  readonly places: readonly Place[];
  /** What tools said of single source lines, each in its own words; `places` does not repeat them. Absent: nothing. */
  readonly findings?: readonly Finding[];
}

/** One message of a compiler, at its line. */
export interface Finding {
  readonly severity: Severity;
  readonly message: string;
  readonly place: Place;
}
