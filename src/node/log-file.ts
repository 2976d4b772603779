/**
 * A log file that takes whatever comes: one large write in flight, rotation at a size, and never an exception.
 *
 * Knows nothing of lines, except that it rather rotates between two of them.
 */

import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { adjoin } from '../base/chunk-ring.ts';
import { reasonOf } from './error-words.ts';
import { rotate } from './log-rotation.ts';

const newline = 0x0a;
/** With more than this waiting for the disk the children are held back, until half of it is written. */
const pendingLimit = 4 * 1024 * 1024;
/** No single write is larger, so that a slow disk is noticed soon. */
const batchLimit = 1024 * 1024;
/** A write costs the same for a byte as for this many, so little is kept back for a moment, for more to come. */
const worthWriting = 64 * 1024;
const gatherMs = 10;

export interface LogOptions {
  readonly path: string;
  /** Rotates once the file is this large; 0 never does. */
  readonly maxBytes: number;
  /** How many older files are kept, as `.1`, `.2` and so on; with 0 the file is emptied instead. */
  readonly backups: number;
}

/** One writer's share of a log file. */
export interface LogHandle {
  write(bytes: Uint8Array): void;
  /** Tells when the writer has to wait (true) and when it may go on (false). */
  onBackpressure(listener: (full: boolean) => void): void;
  /** The writer is done; what it wrote still reaches the disk. */
  release(): void;
}

export class LogFile {
  readonly #options: LogOptions;
  readonly #onFailure: (path: string, reason: string) => void;
  readonly #onIdle: () => void;
  readonly #listeners = new Set<(full: boolean) => void>();
  #queue: Uint8Array[] = [];
  #pending = 0;
  #full = false;
  #broken = false;
  #file: FileHandle | undefined;
  #size = 0;
  #writers = 0;
  #work: Promise<void> | undefined;
  #hurry: (() => void) | undefined;

  /** @param onIdle Called when the last writer has gone and everything is on its way to the disk. */
  constructor(options: LogOptions, onFailure: (path: string, reason: string) => void, onIdle: () => void) {
    this.#options = options;
    this.#onFailure = onFailure;
    this.#onIdle = onIdle;
  }

  handle(): LogHandle {
    this.#writers += 1;
    let listener: ((full: boolean) => void) | undefined;
    let released = false;
    return {
      write: (bytes) => this.#write(bytes),
      onBackpressure: (value) => {
        listener = value;
        this.#listeners.add(value);
        if (this.#full) value(true);
      },
      release: () => {
        if (released) return;
        released = true;
        if (listener !== undefined) this.#listeners.delete(listener);
        this.#writers -= 1;
        this.#hurry?.();
        this.#start();
      },
    };
  }

  /** Resolves when all that was written so far is in the file, or cannot be. */
  async settled(): Promise<void> {
    while (this.#work !== undefined) {
      this.#hurry?.();
      await this.#work;
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#broken) return;
    const last = this.#queue.at(-1);
    const joined = last === undefined ? undefined : adjoin(last, bytes);
    if (joined === undefined) this.#queue.push(bytes);
    else this.#queue[this.#queue.length - 1] = joined;
    this.#pending += bytes.length;
    if (this.#pending >= worthWriting) this.#hurry?.();
    this.#start();
    if (this.#pending > pendingLimit) this.#tell(true);
  }

  #tell(full: boolean): void {
    if (this.#full === full) return;
    this.#full = full;
    for (const listener of this.#listeners) listener(full);
  }

  #start(): void {
    if (this.#work !== undefined) return;
    // With nothing to write and others still writing there is nothing to do, and no later moment to notice it.
    if (this.#queue.length === 0 && this.#writers > 0) return;
    this.#work = this.#run();
  }

  async #run(): Promise<void> {
    // Never over before `#start` has remembered it, or it would be remembered for ever.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0) {
        if (this.#pending < worthWriting && this.#writers > 0) await this.#gather();
        await this.#writeBatch();
      }
      if (this.#writers === 0) await this.#close();
    } catch (error) {
      this.#broken = true;
      this.#queue = [];
      this.#pending = 0;
      this.#tell(false);
      this.#onFailure(this.#options.path, reasonOf(error));
    }
    this.#work = undefined;
    if (this.#queue.length > 0) this.#start();
    else if (this.#writers === 0) this.#onIdle();
  }

  /** Waits until there is enough to write, or nobody will write more, or a moment has passed. */
  async #gather(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, gatherMs);
    this.#hurry = resolve;
    await promise;
    clearTimeout(timer);
    this.#hurry = undefined;
  }

  async #writeBatch(): Promise<void> {
    const file = (this.#file ??= await this.#open());
    const { batch, bytes, rotates } = this.#nextBatch();
    await writeAll(file, batch);
    this.#size += bytes;
    this.#pending -= bytes;
    if (this.#pending < pendingLimit / 2) this.#tell(false);
    if (rotates) await this.#rotate();
  }

  /** As much as fits into one write and, if it can be, ends with a line where the file becomes full. */
  #nextBatch(): { readonly batch: Uint8Array[]; readonly bytes: number; readonly rotates: boolean } {
    const { maxBytes } = this.#options;
    const batch: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < batchLimit) {
      const chunk = this.#queue[batch.length];
      if (chunk === undefined) break;
      const room = maxBytes === 0 ? Infinity : maxBytes - this.#size - bytes;
      const end = chunk.length < room ? 0 : chunk.indexOf(newline, Math.max(0, room - 1)) + 1;
      if (end > 0) {
        const rest = chunk.subarray(end);
        batch.push(chunk.subarray(0, end));
        this.#queue.splice(0, batch.length, ...(rest.length > 0 ? [rest] : []));
        return { batch, bytes: bytes + end, rotates: true };
      }
      batch.push(chunk);
      bytes += chunk.length;
    }
    this.#queue.splice(0, batch.length);
    return { batch, bytes, rotates: false };
  }

  async #open(): Promise<FileHandle> {
    await mkdir(dirname(this.#options.path), { recursive: true });
    const file = await open(this.#options.path, 'a');
    this.#size = (await file.stat()).size;
    return file;
  }

  async #rotate(): Promise<void> {
    await this.#close();
    await rotate(this.#options.path, this.#options.backups);
  }

  async #close(): Promise<void> {
    const file = this.#file;
    this.#file = undefined;
    await file?.close();
  }
}

async function writeAll(file: FileHandle, batch: readonly Uint8Array[]): Promise<void> {
  const total = batch.reduce((sum, chunk) => sum + chunk.length, 0);
  const { bytesWritten } = await file.writev([...batch]);
  // A disk that is nearly full takes a part; the next attempt says why.
  if (bytesWritten < total) await file.writeFile(Buffer.concat(batch).subarray(bytesWritten));
}
