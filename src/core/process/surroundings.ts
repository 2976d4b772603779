/** What an instance needs from the runtime around it, and what it tells of itself. */

import type { ServiceSpec, SocketSpec } from '../../config/spec.ts';
import type { Fault } from '../../faults/fault.ts';
import type { Instance } from '../instance.ts';
import type { ExitView, StateName } from '../model.ts';
import type { Outside } from '../outside.ts';
import type { Workshop } from '../runtimes/workshop.ts';
import type { Supervision } from '../supervisor/supervision.ts';
import type { Topology } from '../topology/topology.ts';
import type { InstanceLogs } from './logs.ts';
import type { SocketClaim } from './socket-claims.ts';

export interface Surroundings {
  readonly outside: Outside;
  /** The environment children inherit. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly windows: boolean;
  /** Front-door addresses by service. */
  urls(): Readonly<Record<string, string>>;
  /** Where its output is written; the definition is the effective one. See `logsOf` in `process/logs.ts`. */
  logsOf(instance: string, spec: ServiceSpec): InstanceLogs;
  /** A hold on the listening socket that the processes of a service share. See `process/socket-claims.ts`. */
  socketOf(service: string, socket: SocketSpec): Promise<SocketClaim>;
  /** Hears of what Supervisor would tell or log (spec 6.2 to 6.5, 6.10). */
  readonly supervision: Supervision;
  /**
   * It is being stopped: no more requests go to it. Resolves once those it has are answered, or after its
   * `requests.drainMs`; undefined when there are none. Never rejects. Without it nobody sends requests.
   */
  part?(instance: Instance): Promise<void> | undefined;
  /** Plans starts and builds what they need; without it everything is started as it is written. */
  readonly workshop?: Workshop;
  /** The port of a service's own door, while it is open. */
  doorPortOf?(service: string): number | undefined;
  /** The instance id of an instance's present run (spec 3.1); without it, its index. */
  idOf?(service: string, index: number): string | undefined;
  /** The application that it may be a process of. */
  readonly topology?: Topology;
  transition(instance: Instance, from: StateName, to: StateName, facts: TransitionFacts): void;
  portKnown(instance: Instance, host: string, port: number): void;
  faulted(fault: Fault): void;
  /** Something a view shows has changed. */
  changed(instance: Instance): void;
}

export interface TransitionFacts {
  readonly pid?: number;
  readonly port?: number;
  readonly exit?: ExitView;
  readonly reason?: string;
  readonly attempt?: number;
}
