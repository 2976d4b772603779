/**
 * Gives a request its instance: what the front door asks, and what each way of scaling answers in its own manner.
 *
 * Here are only the words between them. A service has one `Dispatch`, which outlives its instances.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import type { StateName } from '../model.ts';
import type { Answer, Client, UpstreamFailure } from '../outside.ts';
import type { Refusal } from './serving.ts';

/** The kinds of requests (spec 2.6). */
export type RequestType = 'normal' | 'ready' | 'background' | 'shutdown';

/** What is known of a request before it has an instance. */
export interface Wish {
  readonly type: RequestType;
  /** The index of the only instance that will do (`api.0.localhost`). */
  readonly directed?: number;
  /** The name of the instance that had this client's requests before; a wish, no more. */
  readonly prefer?: string;
  /** The names of those that have refused it already. */
  readonly without: readonly string[];
  /** Its path, without the query: a backend's instance that has not been started yet serves `/_ah/start` alone (spec 5.6). */
  readonly path?: string;
  /** Since when it has waited, by our clock, where that began with another way (`moved`). Absent: it comes now. */
  readonly since?: number;
}

/** What became of a request, for the counters and for taking out instances that fail. */
export interface Ending {
  /** Of the answer, or undefined when there was none. */
  readonly status?: number;
  /** Nobody accepted the connection, or it broke before an answer came. */
  readonly failed: boolean;
}

export interface Taken {
  readonly kind: 'taken';
  readonly instance: Instance;
  readonly host: string;
  readonly port: number;
  /** The exchange has become one that lasts, so that nobody who stops the instance waits for it. */
  lasting(): void;
  /** The exchange is over. Called once. */
  done(ending: Ending): void;
  /**
   * Asked when the head of the answer has come: undefined lets it through; else it is dropped, and this is what
   * becomes of the request instead (`Forward.again`). Calls `done` by itself then.
   */
  again?(status: number): Outcome | Promise<Outcome> | undefined;
  /** So much of the request's body is kept for that, in bytes (`Forward.keepBody`). */
  readonly keepBody?: number;
  /** What is answered where the instance did not answer in HTTP (`Forward.failed`); undefined: the usual page. */
  failed?(failure: UpstreamFailure): Answer | undefined;
}

export type Outcome =
  | Taken
  /** Answered in the words of this way of scaling: the exact 404s and 503s of spec 3.8 to 3.10 and 5.6. */
  | { readonly kind: 'refused'; readonly answer: Answer }
  /**
   * Nobody is there to take it: the front door tells why, as it does for every service that cannot answer. `full`: it
   * has waited for room in vain.
   */
  | { readonly kind: 'nobody'; readonly full?: true }
  /** It has waited, and another way gives requests to the service's instances by now (`Dispatch.yieldTo`). */
  | { readonly kind: 'moved' };

/** A request of our own that an instance has not answered yet: it gets ready with it, or runs a background thread. */
export interface Unanswered {
  readonly type: 'ready' | 'background';
  /** Resolves once it is over, however it ended. Never rejects. */
  readonly over: Promise<void>;
  /** Nobody waits for its answer any more. Absent: it takes as long as it takes. */
  readonly callOff?: () => void;
}

export interface Dispatch {
  /**
   * At once where somebody is free: then no promise is made, for each request would pay for it. A client that leaves
   * takes its request out of wherever it waits; what the promise comes to then is nobody's concern.
   */
  take(wish: Wish, client?: Client): Outcome | Promise<Outcome>;
  /**
   * Another way takes its place: those who wait are sent there (`moved`), and what instances have is counted there, too,
   * until it is over. `end` and `dispose` follow.
   */
  yieldTo?(heir: Dispatch): void;
  /**
   * Counts a request that an instance has from the way before this one, whatever room there is. Undefined: it has
   * nothing to do with requests at present.
   */
  adopt?(instance: Instance): Taken | undefined;
  /**
   * Counts a request of our own that the way before this one has sent, until it is over. Absent: this way has no such
   * requests, so that nobody has to get ready and no threads are counted.
   */
  adoptOwn?(instance: Instance, unanswered: Unanswered): void;
  /** Requests that wait for an instance. */
  readonly waiting: number;
  /** Requests that an instance has now, without those that last. */
  busy(instance: Instance): number;
  /** Why an instance that runs gets no requests, in words; undefined: it does. */
  outOfService(instance: Instance): string | undefined;
  /** The instance id of its present run (spec 3.1); absent: its index. */
  idOf?(instance: Instance): string;
  /** It sleeps until a request wants it. */
  isAsleep(instance: Instance): boolean;
  /** A person (or another service that needs it) wants the service to run. What this starts at once is for the scaling to say; others start when wanted. */
  begin(): readonly Instance[];
  /** The service is not wanted any more: nothing is started for a request, waiting ones are refused. */
  end(): void;
  /** An instance has changed its state; told after the change. */
  moved(instance: Instance, to: StateName): void;
  /** Something else about it has changed that may concern requests: its health, its fault, what its start waits for. */
  noticed?(instance: Instance): void;
  /**
   * It is being stopped, in this way's own manner: asked with a request, and given time for what it has (IN-32). Takes
   * the place of draining and of the stop request. Undefined: it has no manner of its own. Never rejects.
   */
  part?(instance: Instance): Promise<void> | undefined;
  /**
   * Has an instance run a background thread (spec 3.4); gives the reference's reason when it cannot. Absent: this way
   * counts no threads.
   *
   * @param thread Told to the application in the request's header.
   * @param begun Called once the request has been sent, and when it is over; with why when it came to nothing, of which
   *   the log tells, too.
   */
  background?(instance: Instance, thread: string, begun: (failure?: string) => void): Refusal | undefined;
  /** The service has a new definition, or its instances have been added to or taken from. */
  redefined(spec: ServiceSpec): void;
  /** Files below its folder have changed; gives the instances that are to be restarted (spec 3.12). Undefined: all that run. */
  filesChanged(): readonly Instance[] | undefined;
  /** Nothing happens any more; timers are called off. */
  dispose(): void;
}

/** What a way of scaling may do with its service. */
export interface Hands {
  readonly spec: ServiceSpec;
  /** In the order of their indices, which may have gaps. */
  readonly instances: readonly Instance[];
  /** Orders a start, with all it depends on, as a person would. */
  start(instance: Instance): void;
  /** Orders a stop; resolves when nothing of it is left. Draining and the stop request come before the signal. */
  stop(instance: Instance): Promise<void>;
  /** One more instance, with the lowest free index, at rest. */
  add(): Instance;
  /** Stops it and takes it out of the service. */
  remove(instance: Instance): Promise<void>;
  /** Something a view shows has changed. */
  changed(instance: Instance): void;
  /** Tells a person, in the main log and as a fault's message does. */
  say(level: 'info' | 'warn', text: string): void;
}
