/**
 * Sends a file as it is: opened once, so that what is sent is what was measured, and read no faster than the client
 * takes it.
 */

import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Decision } from '../../core/outside.ts';
import { sendAnswer } from './answer.ts';
import { hasBodyByKind } from './head-reader.ts';
import { unsendable } from './message-head.ts';
import type { Carrier, ClientSide } from './sides.ts';

type FileDecision = Extract<Decision, { readonly kind: 'file' }>;

/** Bytes that are read at once. */
const portion = 64 * 1024;

export function sendFile(client: ClientSide, decision: FileDecision): Carrier {
  const sending = new Sending(client);
  void sending.begin(decision);
  return sending;
}

class Sending implements Carrier {
  readonly #client: ClientSide;
  #isGone = false;
  /** Opened by the client's taking more. */
  #drained: (() => void) | undefined;

  constructor(client: ClientSide) {
    this.#client = client;
  }

  /** Never rejects. */
  async begin(decision: FileDecision): Promise<void> {
    const file = unsendable(decision.headers) === undefined ? await opened(decision.path) : undefined;
    if (file === undefined) {
      if (!this.#isGone) sendAnswer(this.#client, decision.gone);
      return;
    }
    try {
      if (!this.#isGone && (await this.#send(file, decision))) this.#client.end([]);
      else if (!this.#isGone) this.#client.abort();
    } catch {
      // It cannot be read any more, and its length has been told: a part must not pass for the whole.
      if (!this.#isGone) this.#client.abort();
    } finally {
      await file.handle.close().catch(() => undefined);
    }
  }

  /** True: all of it was sent. False: it has become shorter, or nobody wants it any more. */
  async #send({ handle, size }: Opened, { status, headers }: FileDecision): Promise<boolean> {
    const client = this.#client;
    const { exchange } = client;
    const { method } = exchange.head;
    const isEmpty = status === 204 || status === 304;
    exchange.answered(status);
    client.respond({
      status,
      headers: isEmpty ? unframed(headers) : [...unframed(headers), ['Content-Length', String(size)]],
      body: isEmpty ? 0 : size,
      hasDate: headers.some(([name]) => name.toLowerCase() === 'date'),
    });
    if (!hasBodyByKind(method, status)) return true;
    for (let at = 0; at < size;) {
      const buffer = Buffer.allocUnsafe(Math.min(portion, size - at));
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, at);
      if (bytesRead === 0 || this.#isGone) return false;
      at += bytesRead;
      client.write(buffer.subarray(0, bytesRead));
      // The last portion goes out with the end.
      if (at < size && !client.flush()) await this.#takesMore();
      if (this.#isGone) return false;
    }
    return true;
  }

  #takesMore(): Promise<void> {
    return new Promise((resolve) => {
      this.#drained = resolve;
    });
  }

  #goOn(): void {
    this.#drained?.();
    this.#drained = undefined;
  }

  clientTakesMore(): void {
    this.#goOn();
  }

  clientLeft(): void {
    this.#isGone = true;
    this.#goOn();
  }

  requestPiece(): void {
    // A body that came along means nothing to a file.
  }

  requestTurn(): void {
    // Nor does its going on.
  }

  requestOver(): void {
    // Nor does its end.
  }
}

interface Opened {
  readonly handle: FileHandle;
  readonly size: number;
}

/** Undefined: there is none, or it is none. A pipe or a device is never waited for: it might have no end. */
async function opened(path: string): Promise<Opened | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
    const found = await handle.stat();
    if (found.isFile()) return { handle, size: found.size };
  } catch {
    // Nothing is there, or nothing that we may see.
  }
  await handle?.close().catch(() => undefined);
  return undefined;
}

/** Framing and the connection are the plane's own affair. */
function unframed(headers: FileDecision['headers']): FileDecision['headers'] {
  return headers.filter(
    ([name]) =>
      !['content-length', 'transfer-encoding', 'connection', 'keep-alive'].includes(name.toLowerCase()),
  );
}
