/** A log as it grows, as one answer that does not end: what `supervisorctl tail -f` reads. */

import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { RuntimeApi } from '../protocol/api.ts';
import type { FollowedLog } from '../protocol/supervisor/methods.ts';

/** How much of what is there already is sent first, in bytes. */
const head = 1024;
const largest = 1024 ** 2;
/** How long after a line was written a reader may have to wait for it. */
const lookMs = 100;

/** Answers with the log's last part and all that follows, until the reader leaves or `over` is aborted. False: there is no log. */
export async function streamLog(
  api: Pick<RuntimeApi, 'readLog'>,
  { whose, begun }: FollowedLog,
  response: ServerResponse,
  over: AbortSignal,
): Promise<boolean> {
  const first = await api.readLog({ ...whose, offset: -head, length: 0 });
  if (first === undefined && !begun) return false;
  const left = new AbortController();
  response.once('close', () => left.abort());
  const end = AbortSignal.any([over, left.signal]);
  // Without a length it is sent in chunks, which is what the client waits for.
  response.writeHead(200, { 'Content-Type': 'text/plain;charset=utf-8', 'X-Accel-Buffering': 'no' });
  response.flushHeaders();
  try {
    await send(response, first?.text ?? '', end);
    await follow(api, whose, response, first?.to ?? 0, end);
  } catch {
    // The reader has left, or the log's process is no more; neither needs another word.
  }
  response.end();
  return true;
}

async function follow(
  api: Pick<RuntimeApi, 'readLog'>,
  whose: FollowedLog['whose'],
  response: ServerResponse,
  from: number,
  end: AbortSignal,
): Promise<void> {
  let at = from;
  while (!end.aborted) {
    const piece = await api.readLog({ ...whose, offset: at, length: largest });
    // A file that is shorter than before was cleared, or begun again by a rotation.
    if (piece !== undefined && piece.size < at) at = 0;
    else if (piece !== undefined && piece.to > at) {
      at = piece.to;
      await send(response, piece.text, end);
    } else await delay(lookMs, undefined, { signal: end });
  }
}

/** A reader that is slower than the log is waited for; rejects when it leaves instead. */
async function send(response: ServerResponse, text: string, end: AbortSignal): Promise<void> {
  if (text !== '' && !response.write(text)) await once(response, 'drain', { signal: end });
}
