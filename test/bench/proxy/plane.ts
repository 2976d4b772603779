/** Our data plane alone, with a decision that costs nothing. `plane UPSTREAM_PORT`. Says `listening PORT`. */

import type { Decision } from '../../../src/core/outside.ts';
import { createDoors } from '../../../src/node/http/doors.ts';

const decision: Decision = {
  kind: 'forward',
  service: 'origin',
  instance: 'origin.0',
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  done: () => undefined,
  failed: (failure) =>
    Promise.resolve({ status: 503, headers: [], body: `${failure.kind}: ${failure.reason}` }),
};

async function main(): Promise<void> {
  const door = await createDoors().open({ host: '127.0.0.1', port: 0, decide: () => decision });
  // Leaves by itself, so that a profile is written.
  process.once('SIGTERM', () => void door.close().then(() => process.exit(0)));
  console.log(`listening ${door.port}`);
}

void main();
