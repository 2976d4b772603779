/** The requests of our own in the life of a run, and what they do to its books: to get ready and to stop. */

import type { FrontLayer, InternalRequest } from '../appengine/front.ts';
import type { Outside } from '../outside.ts';
import type { Hands } from './dispatch.ts';
import type { Member } from './member.ts';
import { ask, type Reply } from './ready-requests.ts';
import { gracefully } from './stopping.ts';

export interface ErrandsOptions {
  readonly outside: Pick<Outside, 'clock' | 'http'>;
  readonly hands: Hands;
  /** The front layer's, with `profile: appengine`. */
  readonly internalRequest?: FrontLayer['internalRequest'];
}

export class Errands {
  readonly #options: ErrandsOptions;

  constructor(options: ErrandsOptions) {
    this.#options = options;
  }

  /** Its answer, whatever it is, makes the instance ready; without one it is ready, too, and a person is told. */
  async ready(member: Member, kind: 'start' | 'warmup'): Promise<void> {
    const { hands, outside } = this.#options;
    const { serving, instance } = member;
    const since = outside.clock.now();
    if (serving.take('ready') !== undefined) return;
    hands.changed(instance);
    // A start that never comes to its end would keep the instance busy for all of its farewell.
    const calledOff = new Promise<void>((resolve) => {
      member.callOff = resolve;
    });
    this.#tell(await this.#ask(member, { kind }, 0, calledOff));
    serving.done('ready', since);
    hands.changed(instance);
  }

  /** Asks it to stop, and resolves when it may be put down, at the latest after so many milliseconds. Never rejects. */
  part(member: Member, ms: number): Promise<void> {
    const { serving } = member;
    const over = new Promise<void>((resolve) => {
      member.released = resolve;
    });
    return gracefully({
      serving,
      clock: this.#options.outside.clock,
      ms,
      ask: async (timeoutMs) => {
        const reply = await this.#ask(member, { kind: 'stop' }, timeoutMs);
        if (member.serving !== serving) return;
        this.#tell(reply);
        member.callOff?.();
      },
      over,
    });
  }

  #ask(
    member: Member,
    request: InternalRequest,
    timeoutMs: number,
    calledOff?: Promise<void>,
  ): Promise<Reply> {
    const { instance, host, port, serving } = member;
    const { outside, hands, internalRequest } = this.#options;
    return ask(
      {
        request,
        instance,
        host,
        port,
        id: serving.id,
        timeoutMs,
        ...(calledOff === undefined ? {} : { calledOff }),
      },
      {
        http: outside.http,
        internalRequest: hands.spec.profile === 'appengine' ? internalRequest : undefined,
      },
    );
  }

  #tell({ text, failed }: Reply): void {
    this.#options.hands.say(failed ? 'warn' : 'info', text);
  }
}
