/** What a fault's row says, and to whom: the shape that every row of the catalogue has. */

import type { Severity } from './fault.ts';

export interface FaultRow<P> {
  readonly severity: Severity;
  /** What the front door answers with while this fault stands. */
  readonly http: number;
  /** What `runtimes` exits with when this is the end of the story. */
  readonly exit: 0 | 1 | 2;
  /** One sentence for the manual: when a person meets this. */
  readonly when: string;
  message(params: P): string;
  hint(params: P): string | undefined;
}

export const row = <P>(value: FaultRow<P>): FaultRow<P> => value;
