/**
 * A log file that takes whatever comes: one large write in flight, rotation at a size, and never an exception.
 *
 * Knows nothing of lines, except that it rather rotates between two of them.
 */

import { mkdir, open, rm, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { LogPlan } from '../core/outside.ts';
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
/** So much more than its limit a file takes while it waits for the end of a line: one read (spec 6.9). */
const patience = 131_072;

/** `maxBytes` 0 never rotates; with 0 `backups` a full file is emptied. */
export type LogOptions = LogPlan;

/** One writer's share of a log file. */
export interface LogHandle {
  write(bytes: Uint8Array): void;
  /** Has the file be there, though nothing was written yet. */
  begin(): void;
  /** Tells when the writer has to wait (true) and when it may go on (false). */
  onBackpressure(listener: (full: boolean) => void): void;
  /** The writer is done; what it wrote still reaches the disk. */
  release(): void;
}

/** Something to be done to the file between two writes. */
interface Order {
  readonly run: () => Promise<void>;
  readonly done: PromiseWithResolvers<void>;
}

export class LogFile {
  #options: LogOptions;
  readonly #onFailure: (path: string, reason: string) => void;
  readonly #onIdle: () => void;
  readonly #listeners = new Set<(full: boolean) => void>();
  readonly #orders: Order[] = [];
  #queue: Uint8Array[] = [];
  #pending = 0;
  #inFlight = 0;
  /** Bytes in all, ever: those that were given to us, and those of them that are done with. */
  #accepted = 0;
  #written = 0;
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

  /** @param options From now on these hold: the newest definition of a service is the one that counts. */
  handle(options: LogOptions): LogHandle {
    this.#options = options;
    this.#writers += 1;
    const listeners: ((full: boolean) => void)[] = [];
    let released = false;
    return {
      write: (bytes) => this.#write(bytes),
      begin: () => this.#ensure(),
      onBackpressure: (value) => {
        listeners.push(value);
        this.#listeners.add(value);
        if (this.#full) value(true);
      },
      release: () => {
        if (released) return;
        released = true;
        for (const listener of listeners) this.#listeners.delete(listener);
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

  /** Resolves when all that was written before is in the file, though more may come meanwhile. */
  async caughtUp(): Promise<void> {
    const target = this.#accepted;
    while (this.#written < target && !this.#broken) {
      this.#hurry?.();
      await this.#order(() => Promise.resolve());
    }
  }

  /**
   * Deletes the file and begins it again; what waits to be written goes with it (SV-88).
   *
   * @throws Error when it cannot be deleted; what is written then still goes into the old one.
   */
  clear(): Promise<void> {
    this.#written += this.#pending - this.#inFlight;
    this.#pending = this.#inFlight;
    this.#queue = [];
    return this.#order(async () => {
      // Closed first, or Windows would not delete it.
      await this.#close();
      try {
        await rm(this.#options.path, { force: true });
      } finally {
        await this.#begin();
      }
    });
  }

  /** Opens the file again by its name, which may be another one's by now; what was written before is in the old one. */
  async reopen(): Promise<void> {
    await this.caughtUp();
    await this.#order(async () => {
      await this.#close();
      await this.#begin();
    });
  }

  #order(run: () => Promise<void>): Promise<void> {
    const order = { run, done: Promise.withResolvers<void>() };
    this.#orders.push(order);
    this.#hurry?.();
    this.#start();
    return order.done.promise;
  }

  #ensure(): void {
    if (this.#broken || this.#file !== undefined || this.#queue.length > 0) return;
    this.#queue.push(new Uint8Array(0));
    this.#start();
  }

  #write(bytes: Uint8Array): void {
    if (this.#broken || bytes.length === 0) return;
    const last = this.#queue.at(-1);
    const joined = last === undefined ? undefined : adjoin(last, bytes);
    if (joined === undefined) this.#queue.push(bytes);
    else this.#queue[this.#queue.length - 1] = joined;
    this.#pending += bytes.length;
    this.#accepted += bytes.length;
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
    if (this.#queue.length === 0 && this.#orders.length === 0 && this.#writers > 0) return;
    this.#work = this.#run();
  }

  async #run(): Promise<void> {
    // Never over before `#start` has remembered it, or it would be remembered for ever.
    await Promise.resolve();
    try {
      while (this.#queue.length > 0 || this.#orders.length > 0) {
        if (this.#orders.length === 0 && this.#pending < worthWriting && this.#writers > 0) {
          await this.#gather();
        }
        await this.#obey();
        if (this.#queue.length > 0) await this.#writeBatch();
      }
      if (this.#writers === 0) await this.#close();
    } catch (error) {
      this.#broken = true;
      this.#queue = [];
      this.#pending = 0;
      this.#inFlight = 0;
      this.#written = this.#accepted;
      this.#tell(false);
      this.#onFailure(this.#options.path, reasonOf(error));
    }
    this.#work = undefined;
    if (this.#queue.length > 0 || this.#orders.length > 0) this.#start();
    else if (this.#writers === 0) this.#onIdle();
  }

  /** Who gave an order hears of its failure; the file goes on as it can. */
  async #obey(): Promise<void> {
    for (const { run, done } of this.#orders.splice(0)) await run().then(done.resolve, done.reject);
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
    this.#inFlight = bytes;
    await writeAll(file, batch);
    this.#inFlight = 0;
    this.#size += bytes;
    this.#pending -= bytes;
    if (this.#pending < pendingLimit / 2) this.#tell(false);
    if (rotates) await this.#rotate();
    this.#written += bytes;
  }

  /** As much as fits into one write and, if it can be, ends with a line where the file becomes full. */
  #nextBatch(): { readonly batch: Uint8Array[]; readonly bytes: number; readonly rotates: boolean } {
    const { maxBytes } = this.#options;
    const limit = maxBytes === 0 ? Infinity : maxBytes - this.#size;
    const batch: Uint8Array[] = [];
    let bytes = 0;
    while (bytes < batchLimit) {
      const chunk = this.#queue[batch.length];
      if (chunk === undefined) break;
      const room = limit - bytes;
      const end = chunk.length < room ? 0 : chunk.indexOf(newline, Math.max(0, room - 1)) + 1;
      if (end > 0) {
        const rest = chunk.subarray(end);
        batch.push(chunk.subarray(0, end));
        this.#queue.splice(0, batch.length, ...(rest.length > 0 ? [rest] : []));
        return { batch, bytes: bytes + end, rotates: true };
      }
      batch.push(chunk);
      bytes += chunk.length;
      if (bytes - limit >= patience) break;
    }
    this.#queue.splice(0, batch.length);
    return { batch, bytes, rotates: bytes - limit >= patience };
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
    // At once, so that whoever reads the log always finds one.
    await this.#begin();
  }

  async #begin(): Promise<void> {
    this.#file = await this.#open();
    this.#broken = false;
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
