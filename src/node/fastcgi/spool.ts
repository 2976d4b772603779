/**
 * Holds a request's body until its end has come, for CGI wants its length ahead of it: in memory up to a bound, then in
 * a temporary file that is gone when it is read or given up.
 */

import { type FileHandle, mkdtemp, open, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';

export interface SpoolLimits {
  /** Bytes kept in memory. */
  readonly memory: number;
  /** Bytes altogether. */
  readonly total: number;
}

/** A body that is all there. */
export interface Spooled {
  readonly length: number;
  read(): Readable;
  /** To be called once, when it is wanted no more. */
  drop(): Promise<void>;
}

/** Takes all of a body; undefined when it is longer than it may be. Rejects when it ends early or cannot be kept. */
export async function spool(body: Readable, limits: SpoolLimits): Promise<Spooled | undefined> {
  const held: Buffer[] = [];
  let length = 0;
  let inMemory = 0;
  let file: Overflow | undefined;
  try {
    // The bytes that are left when this ends early are the caller's to drop, so the stream is not ended with it.
    for await (const chunk of body.iterator({ destroyOnReturn: false })) {
      const bytes = chunk as Buffer;
      length += bytes.length;
      if (length > limits.total) {
        await file?.drop();
        return undefined;
      }
      if (file === undefined && length <= limits.memory) {
        held.push(bytes);
        inMemory = length;
        continue;
      }
      file ??= await Overflow.create();
      await file.append(bytes);
    }
  } catch (error) {
    await file?.drop();
    throw error;
  }
  const overflow = file;
  return {
    length,
    read: () => Readable.from(parts(held, overflow, length - inMemory), { objectMode: false }),
    drop: async () => {
      await overflow?.drop();
    },
  };
}

async function* parts(
  held: readonly Buffer[],
  file: Overflow | undefined,
  length: number,
): AsyncGenerator<Buffer> {
  yield* held;
  if (file !== undefined) yield* file.read(length);
}

/** What did not go into memory. */
class Overflow {
  readonly #folder: string;
  readonly #handle: FileHandle;

  private constructor(folder: string, handle: FileHandle) {
    this.#folder = folder;
    this.#handle = handle;
  }

  static async create(): Promise<Overflow> {
    const folder = await mkdtemp(join(tmpdir(), 'local-runtimes-body-'));
    return new Overflow(folder, await open(join(folder, 'body'), 'wx+', 0o600));
  }

  async append(bytes: Buffer): Promise<void> {
    await this.#handle.appendFile(bytes);
  }

  async *read(length: number): AsyncGenerator<Buffer> {
    for (let at = 0; at < length;) {
      const { bytesRead, buffer } = await this.#handle.read(Buffer.alloc(pieceLength), 0, pieceLength, at);
      if (bytesRead === 0) throw new Error('the temporary file of a request was cut short');
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  }

  async drop(): Promise<void> {
    await this.#handle.close();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

const pieceLength = 64 * 1024;
