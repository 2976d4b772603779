/** The stdin of a child: what it is given at once, and what is written later (spec 6.9, SV-66). */

import type { Writable } from 'node:stream';
import type { InputOutcome } from '../core/outside.ts';
import { codeOf } from './error-words.ts';

/** What waits for a child that does not read; more than this is refused rather than kept. */
const waitingBytes = 8 * 1024 * 1024;

export class ChildStdin {
  readonly #pipe: Writable | undefined;
  readonly #staysOpen: boolean;

  /** @param staysOpen Whether more may be written later; else it ends with `first`. */
  constructor(pipe: Writable | undefined, staysOpen: boolean, first: Uint8Array | undefined) {
    this.#pipe = pipe;
    this.#staysOpen = staysOpen;
    if (pipe === undefined) return;
    pipe.on('error', ignoreBrokenPipe);
    if (!staysOpen) pipe.end(first);
    else if (first !== undefined) pipe.write(first);
  }

  /** What does not fit into the pipe now follows when the child has read; a broken pipe drops it and closes. */
  write(bytes: Uint8Array): InputOutcome {
    if (this.#pipe === undefined || !this.#staysOpen) return 'none';
    if (this.#isClosed(this.#pipe)) return 'closed';
    if (this.#pipe.writableLength > waitingBytes) return 'full';
    this.#pipe.write(bytes);
    // The first attempt is made at once, so that who is gone is known now.
    return this.#isClosed(this.#pipe) ? 'closed' : 'written';
  }

  /** The child is gone; whoever still holds its end gets nothing more from us. */
  close(): void {
    this.#pipe?.destroy();
  }

  #isClosed({ destroyed, errored, writable }: Writable): boolean {
    return destroyed || errored !== null || !writable;
  }
}

/** A child need not read what it is given. */
function ignoreBrokenPipe(error: Error): void {
  if (!['EPIPE', 'ECONNRESET', 'EOF'].includes(codeOf(error) ?? '')) throw error;
}
