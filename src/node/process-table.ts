/** What the process table of any platform tells, and the marks by which ours are known. */

/** The variable that marks everything a runtime host started. Its value is the host's mark. */
export const hostMark = 'LOCAL_RUNTIMES_HOST';
/** The variable that marks everything one child started. Its value is the child's mark. */
export const childMark = 'LOCAL_RUNTIMES_INSTANCE';

export interface ProcessRow {
  readonly pid: number;
  readonly parent: number;
  /** The process group; on Windows there is none, and it is 0. */
  readonly group: number;
  /** The value of `LOCAL_RUNTIMES_INSTANCE` in its environment, where that can be read. */
  readonly mark?: string;
}

export interface ProcessTable {
  /**
   * All living processes; one that has ended and waits to be reaped is not living.
   *
   * Begins after the call, and calls that wait at the same time share one look.
   */
  scan(): Promise<readonly ProcessRow[]>;
  /** A living process and all its descendants, itself first. Cheaper than a scan where the platform helps. */
  family(pid: number): Promise<readonly number[]>;
  /** The same at once, for a last moment in which nothing can be waited for; the process alone where that cannot be told. */
  familyNow(pid: number): readonly number[];
  /** Remembers a process and its descendants by a mark, for when they have lost each other. Where it can be done. */
  claim(pid: number, mark: string): void;
}
