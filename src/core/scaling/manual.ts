/**
 * Manual scaling (spec 3.9): a fixed number of instances, each of which is told of its start and of its end by a
 * request. Requests go to the first that has room.
 */

import type { Instance } from '../instance.ts';
import { firstFree } from './choose.ts';
import type { Member } from './member.ts';
import { Way } from './way.ts';

export class Manual extends Way {
  protected override get usualConcurrency(): number {
    return Number.POSITIVE_INFINITY;
  }

  protected override choose(members: readonly Member[]): Member | undefined {
    return firstFree(members);
  }

  protected override idFor(instance: Instance): string {
    return String(instance.index);
  }

  protected override readyRequest(): 'start' {
    return 'start';
  }

  protected override summon(): void {
    // Instances start when a person says so, never for a request.
  }

  override begin(): readonly Instance[] {
    this.want();
    for (const member of this.members) member.asked = true;
    return this.hands.instances;
  }

  override filesChanged(): undefined {
    return undefined;
  }
}
