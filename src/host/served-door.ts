/**
 * The one door, with what stands open beside it: XML-RPC servers once something is started, and a control socket.
 *
 * They are no other doors: what they are asked for, they ask of this one.
 */

import type { ControlServerSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { reasonOf } from '../node/error-words.ts';
import type { RuntimeApi } from '../protocol/api.ts';
import { Clients } from './clients.ts';
import type { ControlSocket } from './control-socket.ts';
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
  /** Opens the control socket; without it there is none. */
  readonly openControl: ((clients: Clients) => Promise<ControlSocket>) | undefined;
}

export interface ServedDoor {
  readonly api: RuntimeApi;
  /** Everything is being stopped: servers refuse calls from now on. */
  stopping(): void;
  /** Stops everything, reads the config again and starts what starts by itself, as Supervisor's restart does. */
  restart(): Promise<void>;
  /** Resolves to why there is no control socket; to nothing when there is one, or none was asked for. */
  readonly control: Promise<string | undefined>;
  /** Closes what stands open beside the door. */
  close(): Promise<void>;
  /** Whether the config asks for servers: then somebody may yet have something started, though nothing runs. */
  isServed(): boolean;
  /** Resolves when it was shut down, through whichever door. */
  readonly ended: Promise<void>;
}

export function createServedDoor(options: ServedDoorOptions): ServedDoor {
  const { door, servers, tellFault, resident } = options;
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
  /** The first order opens the servers before its children, who are told the address; it is carried out before a call. */
  const begin = async (order: () => Promise<void>): Promise<void> => {
    if (opened) return order();
    let begun = (): void => undefined;
    rpc.hold(new Promise((resolve) => (begun = resolve)));
    try {
      await open();
      await order();
    } finally {
      begun();
    }
  };
  const api: RuntimeApi = {
    ...door,
    start: (target, options) => begin(() => door.start(target, options)),
    restart: (target) => begin(() => door.restart(target)),
    async reload() {
      await door.reload();
      await arrange();
    },
    async shutdown(graceMs) {
      rpc.stopping();
      await door.shutdown(graceMs);
      opened = false;
      await rpc.close();
      // Nobody finds it any more; who is connected hears the answer first.
      await (await control)?.hide();
      end();
    },
  };
  const close = async (): Promise<void> => {
    await rpc.close();
    await (await control)?.close();
  };
  const rest = async (): Promise<void> => {
    rpc.stopping();
    await door.stop({ kind: 'all' });
    opened = false;
    await rpc.close();
  };
  const rpc = new RpcServers({ api: resident ? { ...api, shutdown: rest } : api, tellFault });
  const clients = new Clients(api);
  let whyNot: string | undefined;
  const control = options.openControl?.(clients).catch((error: unknown) => {
    whyNot = reasonOf(error);
    return undefined;
  });
  return {
    api: clients.join(),
    stopping: () => rpc.stopping(),
    isServed: () => servers().length > 0,
    restart: () => rpc.restart(),
    control: Promise.resolve(control).then(() => whyNot),
    close,
    ended,
  };
}

function isTrusted(door: RuntimeApi): boolean {
  let trusted = false;
  const subscription = door.subscribe((message) => {
    if (message.kind === 'snapshot') trusted = message.snapshot.trusted;
  });
  subscription.dispose();
  return trusted;
}
