/** Another's host of a folder, as a window meets it. It knows nothing of what the window runs itself. */

import { setTimeout as pause } from 'node:timers/promises';
import type { RuntimeApi, RuntimeMessage, Snapshot } from '../protocol/api.ts';
import { applyMessage } from '../protocol/snapshot.ts';
import { connectToHost, type ControlClient } from './control-socket.ts';
import { daemonPid } from './daemon.ts';
import { realFolder } from './storage.ts';

/** A host and what it shows now. */
export interface Side {
  readonly api: RuntimeApi;
  snapshot: Snapshot;
}

export interface Joined extends Side {
  readonly client: ControlClient;
  /** It is gone, or was left. */
  isClosed: boolean;
}

export interface Meeting {
  /** Hears what follows the first snapshot, which has taken it in. */
  readonly told: (from: Joined, message: RuntimeMessage) => void;
  readonly gone: (host: Joined) => void;
}

/** So long a host that accepts connections has to answer, in milliseconds; one that was suspended never does. */
export const answerMs = 3000;

/** The host that runs the folder, once it has shown what it runs; undefined when nobody does. */
export async function meetHost(
  folder: string,
  { told, gone }: Meeting,
): Promise<Joined | 'silent' | undefined> {
  const client = await connectToHost(folder);
  if (client === undefined) return undefined;
  const pid = daemonPid(realFolder(folder));
  // It may write the folder in another way than this window.
  const ours = (snapshot: Snapshot): Snapshot => ({
    ...snapshot,
    folder,
    runBy: pid === undefined ? { kind: 'other' } : { kind: 'daemon', pid },
  });
  let joined: Joined | undefined;
  const first = new Promise<Snapshot>((resolve) => {
    client.api.subscribe((message) => {
      const here: RuntimeMessage =
        message.kind === 'snapshot' ? { kind: 'snapshot', snapshot: ours(message.snapshot) } : message;
      if (here.kind === 'snapshot') resolve(here.snapshot);
      if (joined === undefined) return;
      joined.snapshot = applyMessage(joined.snapshot, here);
      told(joined, here);
    });
  });
  const closed = client.closed.then(() => undefined);
  const snapshot = await Promise.race([first, closed, pause(answerMs, 'silent' as const, { ref: false })]);
  if (snapshot === undefined || snapshot === 'silent') {
    client.dispose();
    return snapshot;
  }
  const met: Joined = { api: client.api, client, snapshot, isClosed: false };
  joined = met;
  void closed.then(() => {
    met.isClosed = true;
    gone(met);
  });
  return met;
}
