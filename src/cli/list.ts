/** `runtimes list`: who runs what on this machine, from which folder. */

import { neighbours } from '../host/neighbours.ts';
import { realFolder } from '../host/storage.ts';
import { inWords } from '../host/who-runs.ts';
import type { Neighbour } from '../protocol/api.ts';

export function list(json: boolean): number {
  const here = realFolder(process.cwd());
  const all = neighbours();
  const lines = json
    ? all.map(({ self: _self, ...host }) => JSON.stringify({ ...host, here: host.folder === here }))
    : peopleRead(all, here);
  process.stdout.write(lines.map((line) => `${line}\n`).join(''));
  return 0;
}

function peopleRead(all: readonly Neighbour[], here: string): readonly string[] {
  if (all.length === 0) return ['Nothing runs on this machine.'];
  return all.flatMap((host) => {
    const { folder, frontDoor, services } = host;
    const kind = host.kind === 'window' ? 'editor' : host.kind;
    const width = Math.max(8, ...services.map(({ name }) => name.length)) + 2;
    const address = frontDoor === undefined ? '' : `, ${frontDoor}`;
    return [
      `${folder}${folder === here ? ' (here)' : ''}: ${inWords({ ...host, kind })}${address}`,
      ...services.map((service) =>
        `  ${service.name.padEnd(width)}${runningOf(service).padEnd(7)} ${service.url ?? ''}`.trimEnd(),
      ),
    ];
  });
}

/** What sleeps is as it should be: its service is only smaller for the moment. */
function runningOf({ running, instances, asleep = 0 }: Neighbour['services'][number]): string {
  return asleep > 0 && running === 0 && asleep === instances ? 'asleep' : `${running}/${instances}`;
}
