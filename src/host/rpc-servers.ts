/** All XML-RPC servers of a workspace: which are open follows what the config asks for. */

import { constants } from 'node:os';
import type { ControlServerSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { fault } from '../faults/make.ts';
import { codeOf, reasonOf } from '../node/error-words.ts';
import type { RuntimeApi } from '../protocol/api.ts';
import { Methods } from '../protocol/supervisor/methods.ts';
import { RpcServer } from './rpc-server.ts';
import { SocketInUse } from './unix-socket.ts';

export interface RpcServersOptions {
  readonly api: RuntimeApi;
  /** A server that cannot be opened, told once. */
  tellFault(raised: Fault): void;
}

interface Opened {
  readonly server: RpcServer;
  readonly spec: ControlServerSpec;
}

const what = 'The XML-RPC server';

export class RpcServers {
  readonly #options: RpcServersOptions;
  /** Shared by all servers: whether it shuts down is known to each. Made for the first one. */
  #methods: Methods | undefined;
  readonly #open = new Map<string, Opened>();
  /** What could not be opened, so that it is not told again by every start. */
  readonly #failed = new Map<string, string>();
  #turn: Promise<void> = Promise.resolve();
  /** Calls are answered from then on. */
  #begun: Promise<void> = Promise.resolve();

  constructor(options: RpcServersOptions) {
    this.#options = options;
  }

  /** Opens what is asked for and not open, and closes what is asked for no more. One at a time. */
  arrange(specs: readonly ControlServerSpec[]): Promise<void> {
    const turn = this.#turn.then(() => this.#arrange(specs));
    // Whatever goes wrong with this one is no fault of the next.
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  /** Servers can be found, and whoever calls is answered when this resolves. */
  hold(begun: Promise<void>): void {
    this.#begun = begun;
  }

  /** As a tool asks for it, whether or not there is a server; done when it is over. */
  async restart(): Promise<void> {
    await this.#known().restart();
  }

  /** Everything is being stopped, whoever said so: calls are refused from now on (SV-82). */
  stopping(): void {
    this.#methods?.stopping();
  }

  /** Until they are arranged again. */
  async close(): Promise<void> {
    await this.arrange([]);
    this.#methods?.dispose();
    this.#methods = undefined;
  }

  async #arrange(specs: readonly ControlServerSpec[]): Promise<void> {
    const wanted = new Map(specs.map((spec) => [identityOf(spec), spec]));
    for (const [identity, opened] of this.#open) {
      if (wanted.has(identity)) continue;
      this.#open.delete(identity);
      await this.#closeOne(opened);
    }
    for (const [identity, spec] of wanted) if (!this.#open.has(identity)) await this.#openOne(identity, spec);
  }

  /** A file that stays stops nobody else from being served. */
  async #closeOne({ server, spec }: Opened): Promise<void> {
    try {
      await server.close();
    } catch (error) {
      const path = spec.at.kind === 'unix' ? spec.at.path : spec.at.host;
      const raised = fault('socket-left', { what, path, reason: reasonOf(error) }, { places: [spec.source] });
      this.#options.tellFault(raised);
    }
  }

  #known(): Methods {
    this.#methods ??= new Methods({
      api: this.#options.api,
      signals: constants.signals,
      now: () => Date.now(),
      begun: () => this.#begun,
      failed: (reason) => this.#options.tellFault(fault('internal', { reason })),
    });
    return this.#methods;
  }

  async #openOne(identity: string, spec: ControlServerSpec): Promise<void> {
    const { api } = this.#options;
    const methods = this.#known();
    try {
      this.#open.set(identity, { server: await RpcServer.open({ spec, methods, api }), spec });
      this.#failed.delete(identity);
    } catch (error) {
      const raised = faultOf(spec, error);
      if (this.#failed.get(identity) === raised.message) return;
      this.#failed.set(identity, raised.message);
      this.#options.tellFault(raised);
    }
  }
}

/** Where it stands in the file does not make it another server. */
function identityOf({ source: _source, ...rest }: ControlServerSpec): string {
  return JSON.stringify(rest);
}

function faultOf({ at, source }: ControlServerSpec, error: unknown): Fault {
  const places = [source];
  if (at.kind === 'unix') {
    if (error instanceof SocketInUse) return fault('socket-taken', { what, path: at.path }, { places });
    return fault('cannot-open-socket', { what, path: at.path, reason: reasonOf(error) }, { places });
  }
  const { host, port } = at;
  if (codeOf(error) === 'EADDRINUSE') return fault('port-taken', { what, port }, { places });
  return fault('cannot-listen', { what, host, port, reason: reasonOf(error) }, { places });
}
