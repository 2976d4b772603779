/**
 * What a client's connection is to the request under way on it: where that comes from and what it may have done with
 * the connection. What a carrier may do is in `sides.ts`.
 */

import type { Socket } from 'node:net';
import type { Decision } from '../../core/outside.ts';
import type { HeldBack } from './ahead.ts';
import type { Deciding } from './exchange.ts';
import type { Problem } from './fields.ts';
import type { Limits } from './limits.ts';
import type { Carrier, ClientSide, Taken } from './sides.ts';

/** Who decides about requests, and has them carried. */
export interface Carriage {
  readonly door: Deciding;
  readonly limits: Limits;
  /** Has a request carried as it was decided. A carrier is told what happens to the client; without one it is answered. */
  carry(client: ClientSide, decision: Decision): Carrier | undefined;
}

/** The connection, as far as a request that came over it has to do with it. */
export interface Line {
  readonly socket: Socket;
  readonly unread: HeldBack;
  /** The client says nothing more. */
  readonly hasEnded: boolean;
  /** This request is what the connection is occupied with. */
  readonly isBusy: boolean;
  /** Sees to it that somebody looks, in so many milliseconds at the latest. */
  lookIn(ms: number): void;
  /** Has it seen to whether the client, which has ended its side, still takes what it is sent. */
  awaitMove(): void;
  /** Has it seen to that what comes after the request can be one. */
  lookAhead(): void;
  pause(): void;
  /** Both the request and its response are through. */
  becomeFree(): void;
  refuse(problem: Problem): void;
  close(): void;
  /** Ends it with what is written. */
  breakOff(): void;
  takeOver(): Taken;
}
