/**
 * A real runtime in a process of its own, so that its memory can be told: `host.ts FOLDER`. Prints a JSON object a
 * line: where its door is, which instances run and end, and on the order `memory` what it holds. `end` ends it.
 */

import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { createHome } from '../../src/host/home.ts';

export type HostLine =
  | { readonly kind: 'door'; readonly port: number }
  | { readonly kind: 'runs'; readonly instance: string; readonly pid: number }
  | { readonly kind: 'rests'; readonly instance: string }
  | { readonly kind: 'memory'; readonly resident: number; readonly heap: number };

const say = (line: HostLine): void => void process.stdout.write(`${JSON.stringify(line)}\n`);
const collect = (globalThis as { gc?: () => void }).gc;

async function main(folder: string): Promise<void> {
  const home = createHome({ folder, storage: join(folder, '.state'), trusted: true });
  home.runtime.subscribe((message) => {
    if (message.kind !== 'event') return;
    const { event } = message;
    if (event.event === 'listening' && event.what === 'front-door')
      say({ kind: 'door', port: Number(new URL(event.url).port) });
    if (event.event !== 'state') return;
    if (event.to === 'RUNNING' && event.pid !== undefined)
      say({ kind: 'runs', instance: event.instance, pid: event.pid });
    else if (event.from === 'RUNNING') say({ kind: 'rests', instance: event.instance });
  });
  await home.runtime.start({ kind: 'all' });

  for await (const order of createInterface({ input: process.stdin })) {
    if (order !== 'memory') break;
    for (let round = 0; round < 2; round += 1) collect?.();
    const { rss, heapUsed } = process.memoryUsage();
    say({ kind: 'memory', resident: rss, heap: heapUsed });
  }
  await home.runtime.shutdown(3_000);
  await home.outside.close();
  process.exit(0);
}

void main(process.argv[2] ?? '.');
