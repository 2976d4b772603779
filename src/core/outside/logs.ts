/** Log files: those that children write to, and our own. */

export interface LogPlan {
  readonly path: string;
  /** Rotates once the file is this large; 0 never does. */
  readonly maxBytes: number;
  readonly backups: number;
}

/** The log files that children write to, and our own main log. */
export interface Logs {
  /** At most `length` bytes from `offset` on, and how large the file is now; undefined when there is none. Rejects when it cannot be read. */
  read(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Uint8Array; size: number } | undefined>;
  /** Deletes the file and begins it again, whether or not somebody writes to it (SV-88). */
  clear(path: string): Promise<void>;
  /** Opens all files again by their names, after somebody has moved them away (SV-93). */
  reopen(): Promise<void>;
  /** Appends to a file as the tee would, with rotation: for the main log. */
  append(plan: LogPlan, text: string): void;
  /** When more may be appended to a file; undefined: now. Whoever does not wait fills the memory. */
  room(path: string): Promise<void> | undefined;
  /** Deletes what `matches` among the files of a folder; never throws. Gives the reasons for what could not be deleted. */
  sweep(folder: string, matches: (name: string) => boolean): Promise<readonly string[]>;
}
