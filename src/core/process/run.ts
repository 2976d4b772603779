/** All that belongs to one start, from the order to what it leaves behind. */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Readiness } from '../handshake/await-ready.ts';
import type { InstanceView } from '../model.ts';
import type { Child } from '../outside.ts';
import type { Debugging, Plan } from '../runtimes/recipe.ts';
import type { SocketClaim } from './socket-claims.ts';

/** What is wrong with the port that a child told. */
export type BadPort = Extract<Readiness, { readonly kind: 'bad-port' }>;

export interface Run {
  /** The effective definition it was started by. */
  readonly spec: ServiceSpec;
  /** What its recipe has made of that; absent: as it is written. */
  plan?: Plan;
  /** How the debugger that it is started under is found; absent: it is started under none. */
  debugging?: Debugging;
  /** What is done before there is a child. */
  preparing?: NonNullable<InstanceView['preparing']>;
  /** Resolved, and `isCalledOff`, when it was stopped before there was a child. */
  callOff?: PromiseWithResolvers<undefined>;
  isCalledOff?: true;
  child?: Child;
  host?: string;
  port?: number;
  inspector?: { readonly host: string; readonly port: number };
  inspectorPort?: number;
  files?: { readonly configuration: string; readonly port: string };
  /** What its child was told of the other processes of its application. */
  told?: Readonly<Record<string, string>>;
  /** Its hold on the socket it shares with the others of its group. */
  claim?: SocketClaim;
  /** What the reference says when this run ends early. */
  sentence?: string;
  /** It told no usable port, and has a moment for its last words. */
  badPort?: BadPort;
  /** We have killed it in the midst of its life, so its end is no crash. */
  killed?: true;
}
