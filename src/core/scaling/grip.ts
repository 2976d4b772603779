/** A request that an instance has, until it is over. */

import type { Instance } from '../instance.ts';
import type { Ending, RequestType, Taken } from './dispatch.ts';
import type { Member } from './member.ts';
import type { Serving } from './serving.ts';

type Ended = (member: Member, serving: Serving, type: RequestType, ending: Ending) => void;

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
  readonly #ended: Ended;
  #lasts = false;
  #over = false;

  constructor(member: Member, type: RequestType, since: number, ended: Ended) {
    this.instance = member.instance;
    this.host = member.host;
    this.port = member.port;
    this.#member = member;
    this.#serving = member.serving;
    this.#type = type;
    this.#since = since;
    this.#ended = ended;
  }

  lasting(): void {
    if (this.#lasts || this.#over) return;
    this.#lasts = true;
    this.#serving.lasts();
  }

  done(ending: Ending): void {
    if (this.#over) return;
    this.#over = true;
    this.#ended(this.#member, this.#serving, this.#type, ending);
    this.#serving.done(this.#type, this.#since, this.#lasts);
  }
}
