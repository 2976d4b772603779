/** The real Supervisor, as Debian packages it: what tests run beside our own. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync, watch } from 'node:fs';
import { onPath } from './system-packages.ts';

const advice = 'Install Supervisor 4 ("apt-get install supervisor", or "pip install supervisor").';

/** The real supervisord. Fails with how to get it. */
export function supervisord(): string {
  const path = onPath(['supervisord']);
  assert.ok(path, `The tests compare with the real supervisord, and there is none on the PATH. ${advice}`);
  return path;
}

/** The Python that has Supervisor's modules: the one supervisord itself is run by. */
export function supervisorPython(): string {
  const [first = ''] = readFileSync(supervisord(), 'utf8').split('\n', 1);
  const python = first.replace(/^#!\s*/, '').split(' ')[0] ?? '';
  assert.ok(existsSync(python), `supervisord is run by "${first}", which is not there. ${advice}`);
  return python;
}

/** Waits until something can be found, looking again whenever a file of the folders changes. */
export async function found<T>(folders: readonly string[], look: () => T | undefined): Promise<T> {
  let wake = (): void => undefined;
  const watchers = folders.map((folder) => watch(folder, () => wake()));
  try {
    for (;;) {
      const changed = new Promise<void>((resolve) => {
        wake = resolve;
      });
      const seen = look();
      if (seen !== undefined) return seen;
      await changed;
    }
  } finally {
    for (const watcher of watchers) watcher.close();
  }
}

/** What a recording listener was sent. */
export interface Recorded {
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

/** What a recorder has written to its file so far. */
export function recorded(path: string): readonly Recorded[] {
  if (!existsSync(path)) return [];
  const lines = readFileSync(path, 'utf8').split('\n');
  // The last one may still be being written.
  return lines.slice(0, -1).map((line) => JSON.parse(line) as Recorded);
}

/** A listener as people write them, with Supervisor's own `childutils`: it notes each event in a file. */
export const recorder = `
import json
import sys
from supervisor import childutils

with open(sys.argv[1], 'a') as notes:
    while True:
        headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
        notes.write(json.dumps({'headers': headers, 'payload': payload}) + '\\n')
        notes.flush()
        childutils.listener.ok(sys.stdout)
`;
