/** Makes problems and faults from rows of the catalogue; nobody else writes their texts. */

import { catalogue, type ConfigFaultCode, type FaultParams, type RunFaultCode } from './catalogue.ts';
import type { FaultRow } from './row.ts';
import type { Fault, Place, Problem } from './fault.ts';

export function problem<C extends ConfigFaultCode>(
  code: C,
  at: Required<Place>,
  params: FaultParams<C>,
): Problem {
  const row = catalogue[code] as FaultRow<FaultParams<C>>;
  const hint = row.hint(params);
  return {
    ...at,
    severity: row.severity,
    code,
    message: row.message(params),
    ...(hint === undefined ? {} : { hint }),
  };
}

export interface FaultFacts {
  readonly service?: string;
  readonly instance?: string;
  readonly evidence?: string;
  readonly evidenceFrom?: NonNullable<Fault['evidenceFrom']>;
  readonly sentence?: string;
  readonly places?: readonly Place[];
  readonly findings?: NonNullable<Fault['findings']>;
}

export function fault<C extends RunFaultCode>(
  code: C,
  params: FaultParams<C>,
  facts: FaultFacts = {},
): Fault {
  const row = catalogue[code] as FaultRow<FaultParams<C>>;
  const hint = row.hint(params);
  return {
    code,
    severity: row.severity,
    message: row.message(params),
    ...(hint === undefined ? {} : { hint }),
    ...facts,
    places: facts.places ?? [],
  };
}

/** An error that carries a fault, for the places where a failure has to be thrown. */
export class FaultError extends Error {
  readonly fault: Fault;

  constructor(value: Fault, cause?: unknown) {
    super(value.message, cause === undefined ? undefined : { cause });
    this.name = 'FaultError';
    this.fault = value;
  }
}
