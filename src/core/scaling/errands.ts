/** The requests of our own in the life of a run, and what they do to its books: to get ready, to stop, to run a thread. */

import type { FrontLayer, InternalRequest } from '../appengine/front.ts';
import type { Outside } from '../outside.ts';
import type { Hands, Unanswered } from './dispatch.ts';
import type { Member } from './member.ts';
import { ask, type Asked, type Reply } from './ready-requests.ts';
import type { Refusal } from './serving.ts';
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
    if (member.serving.take('ready') !== undefined) return;
    this.#options.hands.changed(member.instance);
    // A start that never comes to its end would keep the instance busy for all of its farewell.
    const { promise: calledOff, resolve: callOff } = Promise.withResolvers<void>();
    const over = this.#ask(member, { kind }, 0, { calledOff }).then((reply) => this.#tell(reply));
    await this.#follow(member, { type: 'ready', over, callOff });
  }

  /** Goes on with what another way has sent, where its run still takes part in anything. */
  async adopt(member: Member, unanswered: Unanswered): Promise<void> {
    if (member.serving.adopt(unanswered.type)) await this.#follow(member, unanswered);
  }

  /** It is in the books already, and stands there until it is over. */
  async #follow(member: Member, unanswered: Unanswered): Promise<void> {
    const { hands, outside } = this.#options;
    const { serving, instance, underWay } = member;
    const { type, over, callOff } = unanswered;
    const since = outside.clock.now();
    underWay.add(unanswered);
    if (callOff !== undefined) member.callOff = callOff;
    await over;
    underWay.delete(unanswered);
    serving.done(type, since);
    if (type === 'ready') hands.changed(instance);
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

  /**
   * Reserves a background thread and has the application run it; gives the reason when it has no more (IN-53).
   *
   * @param thread Told to the application in the request's header.
   * @param begun Called once the request has been sent, and when it is over; with why when it came to nothing.
   */
  background(member: Member, thread: string, begun: (failure?: string) => void): Refusal | undefined {
    const refusal = member.serving.reserveBackground();
    if (refusal === undefined) void this.#runBackground(member, thread, begun);
    return refusal;
  }

  /** It may take hours: nobody waits for it but the thread's place. */
  async #runBackground(member: Member, thread: string, begun: (failure?: string) => void): Promise<void> {
    member.serving.take('background');
    let failure: string | undefined;
    const asked = this.#ask(member, { kind: 'background', id: thread }, 0, { sent: () => begun() });
    const over = asked.then(({ text, failed }) => {
      this.#tell({ text: failed ? `Internal error while handling request. ${text}` : text, failed });
      if (failed) failure = text;
    });
    await this.#follow(member, { type: 'background', over });
    begun(failure);
  }

  #ask(
    member: Member,
    request: InternalRequest,
    timeoutMs: number,
    also: Pick<Asked, 'calledOff' | 'sent'> = {},
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
        ...also,
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
