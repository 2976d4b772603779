/** What stands against one instance: its fault, with evidence and places, and why it is in its state in words. */

import type { ServiceSpec } from '../../config/spec.ts';
import type { RunFaultCode } from '../../faults/catalogue.ts';
import type { Fault, Place } from '../../faults/fault.ts';
import { fault, type FaultFacts } from '../../faults/make.ts';
import { findTrace } from '../log/stack-trace.ts';
import type { Stream } from '../outside.ts';
import { withoutStop } from './words.ts';

/** The end of what a child has printed, and the log file that has all of it. */
export interface SaidLast {
  readonly stream: Stream;
  readonly lines: readonly string[];
  readonly file?: string;
}

export interface ComplaintsOptions {
  readonly instance: string;
  spec(): ServiceSpec;
  lastWords(): SaidLast | undefined;
  tell(fault: Fault): void;
}

export class Complaints {
  readonly #options: ComplaintsOptions;
  #fault: Fault | undefined;
  /** Of the definition: what the fault is about. */
  #key = 'command';
  reason: string | undefined;

  constructor(options: ComplaintsOptions) {
    this.#options = options;
  }

  get fault(): Fault | undefined {
    return this.#fault;
  }

  raise<C extends RunFaultCode>(
    code: C,
    params: Parameters<typeof fault<C>>[1],
    key: string,
    facts: Pick<FaultFacts, 'sentence' | 'evidence' | 'evidenceFrom' | 'places' | 'findings'> = {},
  ): void {
    const spec = this.#options.spec();
    const said = this.#options.lastWords();
    const trace = code === 'instance-died' ? findTrace(said?.lines ?? [], spec.cwd) : undefined;
    const raised = fault(code, params, {
      service: spec.name,
      instance: this.#options.instance,
      ...(said === undefined ? {} : evidenceOf(said)),
      ...facts,
      places: [this.#placeOf(key), ...(facts.places ?? []), ...(trace === undefined ? [] : [trace.place])],
    });
    this.#key = key;
    // Of a start that failed, the ending has it already.
    const isSaid = trace === undefined || raised.message.includes(withoutStop(trace.message));
    this.#fault = isSaid ? raised : { ...raised, message: asSentence(`${raised.message} ${trace.message}`) };
    this.#options.tell(this.#fault);
  }

  /** What a person's order makes past. */
  forget(): void {
    this.#fault = undefined;
    this.reason = undefined;
  }

  /** RUNNING again: a crash stays to be read, but stands in nobody's way. */
  rest(): void {
    this.reason = undefined;
    const old = this.#fault;
    this.#fault = old?.code === 'instance-died' ? { ...old, severity: 'warning' } : undefined;
  }

  /** All retries were used up by children that died. */
  gaveUp(tries: number): void {
    if (this.#fault?.code !== 'instance-died') return;
    this.reason = `gave up after ${tries} ${tries === 1 ? 'start' : 'starts'}: ${this.reason ?? ''}`;
  }

  /** The definition has moved in its file, and faults point at its lines. */
  moved(): void {
    const old = this.#fault;
    if (old === undefined) return;
    this.#fault = { ...old, places: [this.#placeOf(this.#key), ...old.places.slice(1)] };
  }

  #placeOf(key: string): Place {
    const { keys, source } = this.#options.spec();
    return keys[key] ?? keys['command'] ?? source;
  }
}

function evidenceOf({ stream, lines, file }: SaidLast): Pick<Fault, 'evidence' | 'evidenceFrom'> {
  return {
    evidence: lines.join('\n'),
    evidenceFrom: { stream, ...(file === undefined ? {} : { file }) },
  };
}

/** What a program threw seldom ends with a full stop, and a hint follows it. */
function asSentence(text: string): string {
  return /[.!?]$/.test(text) ? text : `${text}.`;
}
