/** Ports and who listens on them, and the sockets that we hold for others. */

import type { SocketSpec } from '../../config/spec.ts';

export interface Listener {
  readonly host: string;
  readonly port: number;
  readonly pid: number;
}

/** Another process, as named in a fault. */
export interface Stranger {
  readonly pid: number;
  readonly command: string;
}

export interface Sockets {
  /** A port that nothing listens on at the loopback addresses; not given twice within a minute. */
  freePort(preferred?: number): Promise<number>;
  /** Whether somebody accepts a TCP connection. Never throws. */
  canConnect(host: string, port: number): Promise<boolean>;
  /** GETs a path and gives the status, or undefined when nothing answered in time. */
  httpStatus(host: string, port: number, path: string, timeoutMs: number): Promise<number | undefined>;
  /** TCP listeners of a child and all its descendants. `undefined`: the platform cannot tell. */
  listenersOf(pid: number): Promise<readonly Listener[] | undefined>;
  /** Cheap and changes whenever the child's (or a descendant's) open descriptors do; undefined: cannot tell. */
  descriptorStamp(pid: number): Promise<string | undefined>;
  /**
   * Who listens on a port: the child (or a descendant), a stranger, or undefined when it cannot be told.
   */
  ownerOf(port: number, childPid: number): Promise<'ours' | Stranger | undefined>;
  /** Who listens on a port, whoever it is. */
  strangerOn(port: number): Promise<Stranger | undefined>;
}

/** A listening socket that we hold and never accept from. */
export interface SharedSocket {
  readonly url: string;
  close(): Promise<void>;
}

export interface SharedSockets {
  /** Creates, binds and listens (spec 6.12). Rejects with an Error whose message is the reason. */
  open(spec: SocketSpec): Promise<SharedSocket>;
}
