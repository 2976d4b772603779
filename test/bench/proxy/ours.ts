/**
 * The whole of us: a real runtime whose one service is the origin, asked at the address for everything.
 * `ours FOLDER`, in which there is a config. Says `listening PORT` once the service runs.
 */

import { join } from 'node:path';
import type { RuntimeMessage } from '../../../src/core/model.ts';
import { createHome } from '../../../src/host/home.ts';

async function main(folder: string): Promise<void> {
  const home = createHome({ folder, storage: join(folder, '.state'), trusted: true });
  const seen: { port?: string; running?: boolean } = {};
  const look = (message: RuntimeMessage): void => {
    if (message.kind !== 'event') return;
    const { event } = message;
    if (event.event === 'listening' && event.what === 'front-door') seen.port = new URL(event.url).port;
    if (event.event === 'fault') console.error(event.message);
    if (event.event !== 'state' || event.to !== 'RUNNING') return;
    seen.running = true;
    console.log(`listening ${seen.port ?? ''}`);
  };
  home.runtime.subscribe(look);
  const end = async (): Promise<void> => {
    await home.runtime.shutdown(1_500);
    await home.outside.close();
    process.exit(0);
  };
  process.once('SIGTERM', () => void end());
  await home.runtime.start({ kind: 'all' });
}

void main(process.argv[2] ?? '.');
