/** A real runtime in this process, over a config that is written for the occasion. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RuntimeEvent } from '../../src/core/model.ts';
import { createHome, type Home } from '../../src/host/home.ts';

type State = Extract<RuntimeEvent, { event: 'state' }>;

export interface Stage extends Home {
  /** Resolves, with the time, at the next event that matches. */
  next(matches: (event: State) => boolean): Promise<{ readonly at: number; readonly event: State }>;
  end(): Promise<void>;
}

export function openStage(services: Readonly<Record<string, unknown>>): Stage {
  const folder = mkdtempSync(join(tmpdir(), 'runtimes-bench-'));
  // JSON is YAML.
  writeFileSync(join(folder, 'runtimes.yaml'), JSON.stringify({ services }));
  const home = createHome({ folder, storage: join(folder, '.state'), trusted: true });
  const waiting = new Set<(event: State, at: number) => void>();
  home.runtime.subscribe((message) => {
    if (message.kind !== 'event' || message.event.event !== 'state') return;
    const at = performance.now();
    for (const each of [...waiting]) each(message.event, at);
  });
  return {
    ...home,
    next: (matches) =>
      new Promise((resolve) => {
        const look = (event: State, at: number): void => {
          if (!matches(event)) return;
          waiting.delete(look);
          resolve({ at, event });
        };
        waiting.add(look);
      }),
    async end() {
      await home.runtime.shutdown(1500);
      await home.outside.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
