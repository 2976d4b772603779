/**
 * A parent of many children in a process of its own, so that its memory can be told: `ours FOLDER` is the real
 * runtime over the folder's config, `floor COMMAND…` is a bare one. Takes orders on stdin, a line each.
 */

import { createInterface } from 'node:readline';
import { FloorParent } from './floor-parent.ts';
import { createHome } from '../../src/host/home.ts';

const [kind, folder = '', ...argv] = process.argv.slice(2);
const everything = { kind: 'service', service: 'x' } as const;
const home = kind === 'ours' ? createHome({ folder, storage: `${folder}/.state`, trusted: true }) : undefined;
const floor = new FloorParent([folder, ...argv]);

const collect = (globalThis as { gc?: () => void }).gc;
for await (const line of createInterface({ input: process.stdin })) {
  const [order, count = '1'] = line.split(' ');
  if (order === 'start') {
    if (home === undefined) floor.start(Number(count));
    else void home.runtime.start(everything);
  } else if (order === 'stop') {
    if (home === undefined) floor.stop();
    else void home.runtime.stop(everything);
  } else if (order === 'collect') {
    for (let round = 0; round < 3; round += 1) collect?.();
    process.stdout.write('collected\n');
  } else {
    break;
  }
}
floor.stop();
await home?.runtime.shutdown(1_500);
await home?.outside.close();
process.exit(0);
