/**
 * The door to the App Engine profile (spec section 2): what the front door and the ways of scaling ask of it.
 *
 * Here are only the words. `layer.ts` puts the passes together; which instance has a request is not known here.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type {
  Answer,
  Clock,
  Files,
  Forward,
  Headers,
  RequestHead,
  SentHead,
  UpstreamFailure,
} from '../outside.ts';
import type { RequestIds } from './request-ids.ts';

/** Where things listen. Asked anew for each request, since doors open and services start later than they are defined. */
export interface Addresses {
  /** The host under which the service is reached, for requests without `Host` and for those of our own. */
  readonly host: string;
  /** The service's own front-door port, behind which its instances are balanced. */
  readonly balanced: number;
  /** The port of the default module: of `default`, else the main front door's. */
  readonly main: number;
  /** The port that speaks TLS. Without one, `secure` means nothing (spec 2.1, 7). */
  readonly tls?: number;
  readonly api?: { readonly host: string; readonly port: number };
}

export interface FrontLayerOptions {
  /** With `profile: appengine`, so `appengine` is there. */
  readonly spec: ServiceSpec;
  readonly files: Pick<Files, 'facts' | 'real' | 'bytes'>;
  readonly clock: Pick<Clock, 'wall'>;
  /** One for all services: ids are unique among all that are live. */
  readonly ids: RequestIds;
  /** `FrontDoorSpec.allowedHosts`. */
  readonly allowedHosts: readonly string[];
  addresses(): Addresses;
  /** The access log and what goes wrong, in whole lines. */
  log(level: LogLevel, line: string): void;
}

export type LogLevel = 'debug' | 'info' | 'warn' | 'error';

/** What is known of a request besides its head. */
export interface RequestContext {
  /** The host that its door listens on, as configured: the guard on host names goes by it (HP-45). */
  readonly doorHost: string;
  /** `http` unless told otherwise. */
  readonly scheme?: 'http' | 'https';
  /** It asks for one instance by its index (`api.0.localhost`), so `SERVER_PORT` is that instance's own (HP-42). */
  readonly directed?: boolean;
}

/** The instance that has a request. */
export interface InstanceAt {
  /** `api.0`. */
  readonly name: string;
  readonly index: number;
  /** The instance id of spec 3.1: 36 hexadecimal digits, or the index. */
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

/** What the front layer makes of a request. */
export type Admission =
  | { readonly kind: 'answer'; readonly answer: Answer; readonly drain?: number }
  | {
      readonly kind: 'file';
      readonly path: string;
      readonly status: number;
      readonly headers: Headers;
      readonly gone: Answer;
    }
  | ScriptAdmission;

/** The child is to answer. Its request id is live until `end` is called. */
export interface ScriptAdmission {
  readonly kind: 'script';
  readonly id: string;
  /** Spread into the `Forward`; called again where another instance gets the request instead. */
  toInstance(at: InstanceAt): Pick<Forward, 'send' | 'collect' | 'ownConnection'>;
  /** The instance failed before the head of its answer came (spec 1.10, 2.4). */
  failed(facts: FailureFacts): Answer;
  /** Nobody can take the request: somebody else's words (404, 503 …) in the front layer's form. */
  instead(answer: Answer): Answer;
  /** The exchange is over, however it ended. Calling it again does nothing. */
  end(): void;
}

export interface FailureFacts {
  readonly failure: UpstreamFailure;
  /** Whether the process that was asked is still alive, a moment later. */
  readonly alive: boolean;
  readonly port: number;
  /** What is in its stderr buffer, as it printed it. */
  readonly stderr: string;
}

/** The requests that we make ourselves (spec 2.6). */
export type InternalRequest =
  | { readonly kind: 'warmup' }
  | { readonly kind: 'start' }
  | { readonly kind: 'stop' }
  /** `id` is told to the child as `X-AppEngine-BackgroundRequest`. */
  | { readonly kind: 'background'; readonly id: string };

/** A request of ours that is under way; it has a request id like any other. */
export interface InternalSending {
  readonly id: string;
  /** For `HttpClient.send`. None of them has a body. */
  readonly head: SentHead;
  end(): void;
}

/** One for each service with `profile: appengine`; a new definition makes a new one. */
export interface FrontLayer {
  /** At once where no file has to be looked at. Never throws, never rejects. */
  admit(head: RequestHead, context: RequestContext): Admission | Promise<Admission>;
  /** For ready, stop and background requests to an instance. */
  internalRequest(request: InternalRequest, at: InstanceAt): InternalSending;
}
