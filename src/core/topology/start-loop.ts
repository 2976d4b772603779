/**
 * Sends an instance of a backend its start request, a second after each that came to nothing, until one is answered
 * (spec 5.5). The child's next life begins with it anew.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { InternalRequest, InternalSending } from '../appengine/front.ts';
import { plainGet } from '../handshake/plain-get.ts';
import type { Instance } from '../instance.ts';
import type { Outside, Received, UpstreamFailure } from '../outside.ts';
import { type BackendWorker, isStarted, startPath } from './backend-worker.ts';
import { named, textForm } from './processes.ts';

export interface StartLoopOptions {
  readonly instance: Instance;
  readonly worker: BackendWorker;
  readonly outside: Pick<Outside, 'clock' | 'http'>;
  /** In the form that the service's profile gives it; undefined: as it is written. */
  readonly internalRequest?: (instance: Instance, request: InternalRequest) => InternalSending | undefined;
  /** Resolves once the first one may be sent. */
  readonly complete: () => Promise<void>;
  /** The instance serves everything from now on. */
  readonly started: () => void;
  readonly say: (text: string) => void;
}

const everyMs = 1000;

export class StartLoop {
  readonly #options: StartLoopOptions;
  /** One for each life of the child that is asked; what comes back to an earlier one is dropped. */
  #round: object | undefined;
  #timer: Disposable | undefined;

  constructor(options: StartLoopOptions) {
    this.#options = options;
  }

  /** The child runs. */
  begin(): void {
    if (this.#round !== undefined) return;
    const round = {};
    this.#round = round;
    void this.#options.complete().then(() => this.#ask(round));
  }

  /** It does no more. */
  end(): void {
    this.#round = undefined;
    this.#timer?.dispose();
    this.#timer = undefined;
  }

  async #ask(round: object): Promise<void> {
    if (this.#round !== round) return;
    const status = await this.#send(round);
    if (this.#round !== round) return;
    if (isStarted(status)) {
      this.#options.started();
      return;
    }
    this.#timer = this.#options.outside.clock.after(everyMs, () => void this.#ask(round));
  }

  /** It has its turn like any request, and no limit: a backend may do all its work in it. */
  async #send(round: object): Promise<number | undefined> {
    const { instance, worker, outside, internalRequest } = this.#options;
    const turn = await worker.take(startPath);
    if (turn.kind !== 'now') return undefined;
    const { address } = instance;
    if (this.#round !== round || address === undefined) {
      turn.end();
      return undefined;
    }
    const sending = internalRequest?.(instance, { kind: 'start' });
    const head = sending?.head ?? plainGet(startPath, address.port);
    const answer = await outside.http.send({ ...address, head, timeoutMs: 0, limit: 0 });
    sending?.end();
    const status = statusOf(answer);
    turn.end(status);
    if ('reason' in answer && status === undefined && this.#round === round) this.#complain(answer.reason);
    return status;
  }

  #complain(reason: string): void {
    const { instance, say } = this.#options;
    const process = { type: 'Backend Instance', service: instance.spec.name, index: instance.index } as const;
    const at = `http://localhost:${instance.address?.port ?? 0}`;
    say(`${textForm(process)} Failed start request to ${named(process, at)}: ${reason}`);
  }
}

function statusOf(answer: Received | UpstreamFailure): number | undefined {
  return 'status' in answer ? answer.status : undefined;
}
