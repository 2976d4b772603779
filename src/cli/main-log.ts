/** `runtimes logs --main`: what became of the processes, as the main log of the running workspace tells it. */

import { setTimeout as delay } from 'node:timers/promises';
import type { RuntimeApi } from '../protocol/api.ts';
import type { LogsOptions } from './follow.ts';
import { interruption, misuse, withHost } from './host.ts';

/** Of the end of the file, in bytes: more lines than anybody asks for. */
const tailBytes = 1024 ** 2;
/** How long after a line was written it is printed at the latest. */
const lookMs = 200;

export function mainLog(names: readonly string[], { follow, lines }: LogsOptions): Promise<number> {
  if (names.length > 0)
    return Promise.resolve(misuse('The main log is of everything: give --main without names.'));
  return withHost(async ({ api }) => {
    const end = await api.readLog({ offset: -tailBytes, length: 0 });
    process.stdout.write(lastLines(end?.text ?? '', lines));
    if (follow) await printNew(api, end?.to ?? 0);
    return 0;
  });
}

async function printNew(api: Pick<RuntimeApi, 'readLog'>, from: number): Promise<void> {
  const over = new AbortController();
  void interruption().then(() => over.abort());
  let at = from;
  while (!over.signal.aborted) {
    const piece = await api.readLog({ offset: at, length: tailBytes });
    // A file that is shorter than before was cleared, or begun again by a rotation.
    if (piece !== undefined && piece.size < at) at = 0;
    else if (piece !== undefined && piece.to > at) {
      at = piece.to;
      process.stdout.write(piece.text);
    } else await delay(lookMs);
  }
}

function lastLines(text: string, count: number): string {
  const lines = text.split('\n');
  // Behind the last line break there is none, unless one is being written.
  const ended = lines.at(-1) === '' ? lines.slice(0, -1) : lines;
  return count === 0
    ? ''
    : ended
        .slice(-count)
        .map((line) => `${line}\n`)
        .join('');
}
