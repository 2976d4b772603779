/** An instance among those of its service: what it does with requests in its present run, and whether it is well. */

import type { Instance } from '../instance.ts';
import { isComing } from '../proxy/hope.ts';
import type { Choosable } from './choose.ts';
import type { Unanswered } from './dispatch.ts';
import type { Serving } from './serving.ts';

export class Member implements Choosable {
  readonly instance: Instance;
  readonly index: number;
  /** Of the present run, or of the last one. */
  serving: Serving;
  /** Where the present run listens. */
  host = '';
  port = 0;
  /** Its start is decided: it may wait for others still (the flag of spec 3.10). */
  asked = false;
  /** Its next run begins with a ready request. */
  warm = false;
  /** Ends its ready request, when nobody waits for its answer any more. */
  callOff: (() => void) | undefined;
  /** What its present run has of the requests of our own that are handed on to another way. */
  underWay = new Set<Unanswered>();
  /** What waits for its run to be over. */
  released: (() => void) | undefined;

  constructor(instance: Instance, servingOf: (member: Member) => Serving) {
    this.instance = instance;
    this.index = instance.index;
    this.serving = servingOf(this);
  }

  get canAccept(): boolean {
    return this.serving.canAccept && this.port !== 0;
  }

  get outstanding(): number {
    return this.serving.busy;
  }

  get remaining(): number {
    return this.serving.remaining;
  }

  /** It has failed to start, or has ended by itself, and nobody knows whether the next time will be better. */
  get hasFailed(): boolean {
    const { kind } = this.instance.state;
    return kind === 'backoff' || kind === 'fatal' || kind === 'exited' || kind === 'unknown';
  }

  /** A request may come to be its own: it runs, or is on its way. */
  get isHopeful(): boolean {
    const { kind } = this.instance.state;
    if (kind === 'running') return !this.serving.hasQuit;
    return isComing(this.instance) || (this.asked && kind === 'stopped');
  }

  /** Why it gets no requests although it runs. */
  get outOfService(): string | undefined {
    if (this.instance.state.kind !== 'running') return undefined;
    if (this.serving.hasQuit) return 'it is about to be stopped';
    if (this.serving.isHandlingReady) return 'its ready request is not answered yet';
    return this.serving.isHealthy ? undefined : 'it accepts no connections; it is tried again by itself';
  }
}
