/** The log files in use. Instances that follow each other on one path share one writer, so that nothing is torn. */

import { open, readdir, rm, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import type { LogPlan, Logs } from '../core/outside.ts';
import { codeOf, reasonOf } from './error-words.ts';
import { LogFile, type LogHandle, type LogOptions } from './log-file.ts';

export class LogFiles implements Logs {
  readonly #files = new Map<string, LogFile>();
  /** Our own share of the files that are appended to. */
  readonly #own = new Map<string, LogHandle>();
  /** Of those that are behind with writing. */
  readonly #rooms = new Map<string, PromiseWithResolvers<void>>();
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
    return file.handle(options);
  }

  append(plan: LogPlan, text: string): void {
    let handle = this.#own.get(plan.path);
    if (handle === undefined) {
      handle = this.open(plan);
      this.#own.set(plan.path, handle);
      handle.onBackpressure((full) => this.#behind(plan.path, full));
    }
    handle.write(Buffer.from(text));
  }

  room(path: string): Promise<void> | undefined {
    return this.#rooms.get(path)?.promise;
  }

  #behind(path: string, full: boolean): void {
    const room = this.#rooms.get(path);
    if (full && room === undefined) this.#rooms.set(path, Promise.withResolvers());
    if (full || room === undefined) return;
    this.#rooms.delete(path);
    room.resolve();
  }

  async read(
    path: string,
    offset: number,
    length: number,
  ): Promise<{ bytes: Uint8Array; size: number } | undefined> {
    // What a child has printed before somebody asks is there to be read.
    await this.#files.get(path)?.caughtUp();
    const file = await openIfThere(path);
    if (file === undefined) return undefined;
    try {
      const { size } = await file.stat();
      const room = Math.max(0, Math.min(length, size - offset));
      const buffer = new Uint8Array(room);
      const { bytesRead } = await file.read(buffer, 0, room, offset);
      return { bytes: buffer.subarray(0, bytesRead), size };
    } finally {
      await file.close();
    }
  }

  async clear(path: string): Promise<void> {
    const file = this.#files.get(path);
    if (file !== undefined) return file.clear();
    const there = await openIfThere(path);
    if (there === undefined) return;
    await there.close();
    await rm(path);
    await (await open(path, 'a')).close();
  }

  /** @throws AggregateError of those that cannot be opened again; the others are. */
  async reopen(): Promise<void> {
    const results = await Promise.allSettled([...this.#files.values()].map((file) => file.reopen()));
    const failures = results.flatMap((each) => (each.status === 'rejected' ? [each.reason] : []));
    if (failures.length > 0) throw new AggregateError(failures, failures.map(reasonOf).join('; '));
  }

  async sweep(folder: string, matches: (name: string) => boolean): Promise<readonly string[]> {
    const failures: string[] = [];
    for (const name of await namesIn(folder, failures)) {
      if (!matches(name)) continue;
      const path = join(folder, name);
      await rm(path).catch((error: unknown) => failures.push(`${path}: ${reasonOf(error)}`));
    }
    return failures;
  }

  /** Resolves when all that was written is in the files. */
  async settled(): Promise<void> {
    await Promise.all([...this.#files.values()].map((file) => file.settled()));
  }

  /** The same, and lets go of what was appended to. */
  async close(): Promise<void> {
    for (const [path, handle] of this.#own) {
      handle.release();
      this.#behind(path, false);
    }
    this.#own.clear();
    await this.settled();
  }
}

async function openIfThere(path: string): Promise<FileHandle | undefined> {
  try {
    return await open(path, 'r');
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/** A folder that is not there has nothing in it to be swept. */
async function namesIn(folder: string, failures: string[]): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') failures.push(`${folder}: ${reasonOf(error)}`);
    return [];
  }
}
