/** The log files in use. Instances that follow each other on one path share one writer, so that nothing is torn. */

import { LogFile, type LogHandle, type LogOptions } from './log-file.ts';

export class LogFiles {
  readonly #files = new Map<string, LogFile>();
  readonly #onFailure: (path: string, reason: string) => void;

  constructor(onFailure: (path: string, reason: string) => void) {
    this.#onFailure = onFailure;
  }

  open(options: LogOptions): LogHandle {
    let file = this.#files.get(options.path);
    if (file === undefined) {
      file = new LogFile(options, this.#onFailure, () => this.#files.delete(options.path));
      this.#files.set(options.path, file);
    }
    return file.handle();
  }

  /** Resolves when all that was written is in the files. */
  async settled(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.settled()));
  }
}
