/**
 * The balancer of a backend: every request goes to the first instance that takes it (spec 5.6, 5.7).
 *
 * There is no rotation: the first instance has all the traffic it can take. Each instance begins with a start request,
 * which is sent to it until it is answered (spec 5.5).
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Answer, Client, UpstreamFailure } from '../outside.ts';
import type { Dispatch, Hands, Outcome, Taken, Wish } from '../scaling/dispatch.ts';
import { BackendWorker, startPath, type Turn, type WorkerRules } from './backend-worker.ts';
import { allBusy, instanceBusy, notStarted, protocolError } from './backend-words.ts';
import { StartLoop, type StartLoopOptions } from './start-loop.ts';

export interface BackendDispatchOptions extends Pick<StartLoopOptions, 'outside' | 'internalRequest'> {
  readonly hands: Hands;
  /** Resolves once start requests are to be sent: see `Topology.complete`. */
  readonly complete: () => Promise<void>;
}

/** Bodies are kept so that the next instance can have them; as large as App Engine lets a request be. */
const keepBody = 32 * 1024 * 1024;

interface Request {
  readonly wish: Wish;
  readonly client: Client | undefined;
}

interface Seat {
  readonly worker: BackendWorker;
  readonly loop: StartLoop;
}

export class BackendDispatch implements Dispatch {
  readonly #options: BackendDispatchOptions;
  readonly #seats = new Map<Instance, Seat>();
  #over = false;
  /** Another way has taken its place. */
  #hasYielded = false;

  constructor(options: BackendDispatchOptions) {
    this.#options = options;
    this.redefined(options.hands.spec);
  }

  // -------------------------------------------------------------------------------------------------- giving

  take(wish: Wish, client?: Client): Outcome | Promise<Outcome> {
    if (this.#over) return { kind: 'nobody' };
    const { instances } = this.#options.hands;
    const request = { wish, client };
    if (wish.directed === undefined) return this.#balance(request, instances, undefined);
    const one = instances.find(({ index }) => index === wish.directed);
    if (one?.address === undefined || wish.without.includes(one.name)) return { kind: 'nobody' };
    const turn = this.#turnAt(one, request);
    const settle = (at: Turn): Outcome => {
      if (at.kind === 'gone') return { kind: this.#hasYielded ? 'moved' : 'nobody' };
      if (at.kind === 'now') return this.#taken(one, at.end, undefined);
      return { kind: 'refused', answer: at.kind === 'busy' ? instanceBusy : notStarted };
    };
    return turn instanceof Promise ? turn.then(settle) : settle(turn);
  }

  /** From the first of these on. `exhausted`: what is answered where nobody is left; undefined: the front door's page, if nobody runs. */
  #balance(
    request: Request,
    left: readonly Instance[],
    exhausted: Answer | undefined,
  ): Outcome | Promise<Outcome> {
    const { wish, client } = request;
    if (client?.hasLeft === true) return { kind: 'nobody' };
    if (this.#hasYielded) return { kind: 'moved' };
    let isAnyUp = false;
    for (const [position, instance] of left.entries()) {
      if (wish.without.includes(instance.name) || instance.address === undefined) continue;
      isAnyUp = true;
      const turn = this.#turnAt(instance, request);
      const further = left.slice(position + 1);
      if (turn instanceof Promise)
        return turn.then(
          (late) =>
            this.#settled(late, instance, request, further) ?? this.#balance(request, further, allBusy),
        );
      const outcome = this.#settled(turn, instance, request, further);
      if (outcome !== undefined) return outcome;
    }
    if (exhausted === undefined && !isAnyUp && wish.without.length === 0) return { kind: 'nobody' };
    return { kind: 'refused', answer: allBusy };
  }

  /** Undefined: the next one is to be asked, as after a 503. */
  #settled(
    turn: Turn,
    instance: Instance,
    request: Request,
    further: readonly Instance[],
  ): Outcome | undefined {
    switch (turn.kind) {
      case 'now':
        if (instance.address !== undefined) return this.#taken(instance, turn.end, { request, further });
        turn.end();
        return undefined;
      case 'not started':
        return { kind: 'refused', answer: notStarted };
      case 'busy':
      case 'gone':
        return undefined;
    }
  }

  #turnAt(instance: Instance, { wish: { path, type }, client }: Request): Turn | Promise<Turn> {
    return this.#seatOf(instance).worker.take(type === 'ready' ? startPath : path, client);
  }

  /** `balanced`: the answer is looked at before the client gets it, and may send the request to the next one. */
  #taken(
    instance: Instance,
    end: (status?: number) => void,
    balanced: { readonly request: Request; readonly further: readonly Instance[] } | undefined,
  ): Outcome {
    const { address } = instance;
    if (address === undefined) {
      end();
      return { kind: 'nobody' };
    }
    const taken: Taken = {
      kind: 'taken',
      instance,
      ...address,
      // What lasts (a WebSocket) was unknown to the reference; it would keep all others waiting.
      lasting: () => end(),
      done: ({ status }) => end(status),
    };
    if (balanced === undefined) return taken;
    return {
      ...taken,
      keepBody,
      again: (status) => {
        if (status !== 503) return undefined;
        end(status);
        return this.#balance(balanced.request, balanced.further, allBusy);
      },
      failed: protocolErrorOf,
    };
  }

  /** What is no backend any more starts again, being told other things: there are no requests to hand on. */
  yieldTo(): void {
    this.#hasYielded = true;
    for (const { worker } of this.#seats.values()) worker.dismissAll();
  }

  // ------------------------------------------------------------------------------------------------- telling

  get waiting(): number {
    let waiting = 0;
    for (const { worker } of this.#seats.values()) waiting += worker.waiting;
    return waiting;
  }

  busy(instance: Instance): number {
    return this.#seats.get(instance)?.worker.active ?? 0;
  }

  outOfService(instance: Instance): string | undefined {
    const { worker } = this.#seatOf(instance);
    if (instance.state.kind !== 'running' || worker.hasStarted) return undefined;
    return `GET ${startPath} is not answered yet`;
  }

  isAsleep(): boolean {
    return false;
  }

  // -------------------------------------------------------------------------------------------------- hearing

  begin(): readonly Instance[] {
    return this.#options.hands.instances;
  }

  end(): void {
    for (const { worker } of this.#seats.values()) worker.dismissAll();
  }

  moved(instance: Instance, to: StateName): void {
    const { worker, loop } = this.#seatOf(instance);
    if (to === 'RUNNING') {
      loop.begin();
      return;
    }
    loop.end();
    // One that parts may answer what it has; who waits goes elsewhere.
    if (to === 'STOPPING') worker.dismissAll();
    else worker.ended();
  }

  redefined(spec: ServiceSpec): void {
    const { instances } = this.#options.hands;
    const rules = rulesOf(spec);
    for (const [instance, { worker, loop }] of this.#seats) {
      worker.rules = rules;
      if (instances.includes(instance)) continue;
      loop.end();
      worker.ended();
      this.#seats.delete(instance);
    }
    for (const instance of instances)
      if (instance.state.kind === 'running') this.#seatOf(instance).loop.begin();
  }

  filesChanged(): undefined {
    return undefined;
  }

  dispose(): void {
    this.#over = true;
    for (const { worker, loop } of this.#seats.values()) {
      loop.end();
      worker.ended();
    }
  }

  #seatOf(instance: Instance): Seat {
    const known = this.#seats.get(instance);
    if (known !== undefined) return known;
    const { hands, outside, complete, internalRequest } = this.#options;
    const worker = new BackendWorker(rulesOf(hands.spec));
    const loop = new StartLoop({
      instance,
      worker,
      outside,
      complete,
      started: () => hands.changed(instance),
      say: (text) => hands.say('warn', text),
      ...(internalRequest === undefined ? {} : { internalRequest }),
    });
    const seat = { worker, loop };
    this.#seats.set(instance, seat);
    return seat;
  }
}

function rulesOf({ backend, requests }: ServiceSpec): WorkerRules {
  return { failFast: backend?.failFast ?? false, atOnce: requests.concurrency ?? 1 };
}

/** The reference answers what was no HTTP with its text, and asks nobody else (MP-21). */
function protocolErrorOf(failure: UpstreamFailure): Answer | undefined {
  const isProtocol = failure.kind === 'bad-response' || (failure.kind === 'unreachable' && !failure.refused);
  return isProtocol ? protocolError(failure.reason) : undefined;
}
