/** A request that an instance has, until it is over. */

import type { Instance } from '../instance.ts';
import type { Ending, RequestType, Taken } from './dispatch.ts';
import type { Member } from './member.ts';
import type { Serving } from './serving.ts';

/** Who gave it away, and hears what becomes of it. */
export interface Giver {
  /** It has become an exchange that lasts. */
  lasts(member: Member, type: RequestType): void;
  /** The run that had it may be over by now. */
  ended(member: Member, serving: Serving, facts: Facts): void;
}

export interface Facts {
  readonly type: RequestType;
  readonly lasted: boolean;
  readonly ending: Ending;
}

export class Grip implements Taken {
  readonly kind = 'taken';
  readonly instance: Instance;
  readonly host: string;
  readonly port: number;
  readonly #member: Member;
  /** The run that has the request: a later one has nothing to do with it. */
  readonly #serving: Serving;
  readonly #type: RequestType;
  readonly #since: number;
  readonly #giver: Giver;
  #lasts = false;
  #over = false;

  constructor(member: Member, type: RequestType, since: number, giver: Giver) {
    this.instance = member.instance;
    this.host = member.host;
    this.port = member.port;
    this.#member = member;
    this.#serving = member.serving;
    this.#type = type;
    this.#since = since;
    this.#giver = giver;
  }

  lasting(): void {
    if (this.#lasts || this.#over) return;
    this.#lasts = true;
    this.#giver.lasts(this.#member, this.#type);
    this.#serving.lasts();
  }

  done(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    const facts = { type: this.#type, lasted: this.#lasts, ending };
    this.#giver.ended(this.#member, this.#serving, facts);
    this.#serving.done(this.#type, this.#since, this.#lasts);
  }
}
