/** A command's way to the host that runs this folder. */

import { fault } from '../faults/make.ts';
import { connectToHost, type ControlClient } from '../host/control-socket.ts';
import { inWords, type WhoRuns } from '../host/who-runs.ts';
import type { Snapshot } from '../protocol/api.ts';
import { Present } from '../protocol/supervisor/present.ts';

export interface Reached extends ControlClient {
  readonly present: Present;
  /** As it was when the host was reached. */
  readonly snapshot: Snapshot;
}

/** What these commands end with, beside 0. */
export const failed = 1;
export const misused = 2;

/** Does something with the host of this folder. Ends with 1 when there is none, or when it ends in between. */
export async function withHost(act: (host: Reached) => Promise<number>): Promise<number> {
  const folder = process.cwd();
  const client = await connectToHost(folder);
  if (client === undefined) {
    process.stderr.write(
      `Nothing runs ${folder}. Start it with "runtimes up" or "runtimes daemon start", or start it in the editor.\n`,
    );
    return failed;
  }
  const present = new Present(client.api);
  const left = client.closed.then(() => 'left' as const);
  try {
    const snapshot = await Promise.race([present.until(() => present.snapshot), left]);
    if (snapshot === 'left') return gone();
    const code = await Promise.race([act({ ...client, present, snapshot }), left]);
    return code === 'left' ? gone() : code;
  } catch (error) {
    process.stderr.write(`${reasonOf(error)}\n`);
    return failed;
  } finally {
    present.dispose();
    client.dispose();
  }
}

function gone(): number {
  process.stderr.write('The host has ended.\n');
  return failed;
}

/** Two hosts of one folder would run everything twice, over each other's files. */
export function refuse(folder: string, other: WhoRuns | 'unknown'): number {
  const [who, kind] = other === 'unknown' ? ['another host', undefined] : [inWords(other), other.kind];
  const end = {
    editor: 'close it there',
    up: 'end it with Ctrl-C',
    daemon: 'stop it with "runtimes daemon stop"',
  };
  process.stderr.write(
    `${who} runs ${folder} already.\n` +
      `  "runtimes ps" tells what runs there, "runtimes start" starts more in it; or ${kind === undefined ? 'end it' : end[kind]}.\n` +
      '  --anyway runs a second one beside it, which no other command reaches.\n',
  );
  return failed;
}

/** Ctrl-C leaves; what runs goes on. */
export function interruption(): Promise<void> {
  return new Promise((resolve) => {
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(name, () => resolve());
    process.stdout.once('error', () => resolve());
  });
}

/** Complains of a command line that makes no sense here. */
export function misuse(sentence: string): number {
  process.stderr.write(`${sentence}\n`);
  return misused;
}

/** What the host said, without what the wire says around it. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  const reason = text.replace(/^Request \w+ failed with message: /, '');
  return reason === fault('shutting-down', {}).message ? 'It is stopping.' : reason;
}
