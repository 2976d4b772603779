/**
 * The one door, with the XML-RPC servers that open beside it once something is started.
 *
 * They are no other door: what they are asked for, they ask of this one.
 */

import type { ControlServerSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import type { RuntimeApi } from '../protocol/api.ts';
import { RpcServers } from './rpc-servers.ts';

export interface ServedDoorOptions {
  readonly door: RuntimeApi;
  /** What the config asks for. */
  readonly servers: () => readonly ControlServerSpec[];
  readonly tellFault: (raised: Fault) => void;
  /**
   * Shutting down from one of the servers stops everything and closes them, and whoever owns the home goes on: an
   * editor does not end because a tool for Supervisor said so. Without it, it is the end of the home.
   */
  readonly resident: boolean;
}

export interface ServedDoor {
  readonly api: RuntimeApi;
  /** Everything is being stopped: servers refuse calls from now on. */
  stopping(): void;
  /** Whether the config asks for servers: then somebody may yet have something started, though nothing runs. */
  isServed(): boolean;
  /** Resolves when it was shut down, through whichever door. */
  readonly ended: Promise<void>;
}

export function createServedDoor({ door, servers, tellFault, resident }: ServedDoorOptions): ServedDoor {
  let opened = false;
  let end = (): void => undefined;
  const ended = new Promise<void>((resolve) => (end = resolve));

  const open = async (): Promise<void> => {
    // Nothing of an untrusted folder is listened for.
    if (!isTrusted(door)) return;
    opened = true;
    await arrange();
  };
  const arrange = async (): Promise<void> => {
    if (opened) await rpc.arrange(servers());
  };
  const api: RuntimeApi = {
    ...door,
    async start(target, options) {
      // Before its children, who are told the address.
      if (!opened) await open();
      await door.start(target, options);
    },
    async restart(target) {
      if (!opened) await open();
      await door.restart(target);
    },
    async reload() {
      await door.reload();
      await arrange();
    },
    async shutdown(graceMs) {
      rpc.stopping();
      await door.shutdown(graceMs);
      opened = false;
      await rpc.close();
      end();
    },
  };
  const rest = async (): Promise<void> => {
    rpc.stopping();
    await door.stop({ kind: 'all' });
    opened = false;
    await rpc.close();
  };
  const rpc = new RpcServers({ api: resident ? { ...api, shutdown: rest } : api, tellFault });
  return { api, stopping: () => rpc.stopping(), isServed: () => servers().length > 0, ended };
}

function isTrusted(door: RuntimeApi): boolean {
  let trusted = false;
  const subscription = door.subscribe((message) => {
    if (message.kind === 'snapshot') trusted = message.snapshot.trusted;
  });
  subscription.dispose();
  return trusted;
}
