/** Ports and who is behind them. Never throws: what cannot be told is undefined. */

import type { Sockets, Stranger } from '../core/outside.ts';
import { canConnect, httpStatus } from './connect.ts';
import { createPortFinder } from './free-port.ts';
import { createListenerTable, type ListenerTable } from './listeners.ts';
import { relatives } from './process-tree.ts';
import type { ProcessTable } from './process-table.ts';
import { SettlingStamps } from './settling-stamp.ts';

const commandLength = 80;

export function createSockets(
  processes: ProcessTable,
  listeners: ListenerTable = createListenerTable(),
): Sockets {
  /** A child, its descendants, its group, and what carries its mark though it has left both. */
  const kinOf = async (child: number): Promise<readonly number[]> => {
    const rows = await processes.scan();
    const mark = rows.find((row) => row.pid === child)?.mark;
    return relatives(rows, { pids: [child], groups: [child], ...(mark === undefined ? {} : { mark }) });
  };

  const named = async (pid: number): Promise<Stranger> => ({
    pid,
    command: shortened((await listeners.command(pid)) ?? 'an unknown program'),
  });

  const stamps = new SettlingStamps();

  return {
    freePort: createPortFinder(),
    canConnect,
    httpStatus,
    listenersOf: (pid) => quiet(async () => listeners.of(await processes.family(pid))),
    descriptorStamp: (pid) =>
      quiet(async () => stamps.settle(pid, listeners.stamp(await processes.family(pid)), performance.now())),
    ownerOf: (port, child) =>
      quiet(async () => {
        const own = await listeners.of(await processes.family(child));
        if (own?.some((listener) => listener.port === port) === true) return 'ours';
        const [first, ...others] = (await listeners.on(port)) ?? [];
        if (first === undefined) return undefined;
        const kin = await kinOf(child);
        return [first, ...others].some((pid) => kin.includes(pid)) ? 'ours' : named(first);
      }),
    strangerOn: (port) =>
      quiet(async () => {
        const [first] = (await listeners.on(port)) ?? [];
        return first === undefined ? undefined : named(first);
      }),
  };
}

function shortened(command: string): string {
  const line = command.replaceAll(/\s+/gu, ' ');
  return line.length <= commandLength ? line : `${line.slice(0, commandLength - 1)}…`;
}

/** A look at the system that fails tells nothing, and nobody may fall over it. */
async function quiet<T>(look: () => Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await look();
  } catch {
    return undefined;
  }
}
