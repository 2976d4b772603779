/**
 * The requests that we make of an instance ourselves (spec 2.6): to start, to warm up, to stop, to run in the
 * background. They go to the child straight away, past every door.
 */

import type { FrontLayer, InternalRequest } from '../appengine/front.ts';
import type { Instance } from '../instance.ts';
import type { HttpClient, SentHead } from '../outside.ts';

/** Which request, where to, and as whom. */
export interface Asked {
  readonly request: InternalRequest;
  readonly instance: Instance;
  readonly host: string;
  readonly port: number;
  /** The instance id of spec 3.1. */
  readonly id: string;
  /** For the whole exchange; 0: no limit. */
  readonly timeoutMs: number;
  /** Nobody wants its answer any more once it resolves. */
  readonly calledOff?: Promise<void>;
  /** Called once all of the request has been handed to a connection that stands. */
  readonly sent?: () => void;
}

export interface AskOptions {
  readonly http: HttpClient;
  /** Only with `profile: appengine`: the headers that such an application is promised. */
  readonly internalRequest?: FrontLayer['internalRequest'] | undefined;
}

/** What came of it, for a person to read. `failed`: no whole answer came. */
export interface Reply {
  readonly text: string;
  readonly failed: boolean;
}

const pathOf = {
  warmup: '/_ah/warmup',
  start: '/_ah/start',
  stop: '/_ah/stop',
  background: '/_ah/background',
} as const satisfies Record<InternalRequest['kind'], string>;

/** Asks, and tells what came of it: any answer will do, as in the reference. Never rejects. */
export async function ask(asked: Asked, { http, internalRequest }: AskOptions): Promise<Reply> {
  const { request, instance, host, port, id, timeoutMs, calledOff, sent } = asked;
  const at = { name: instance.name, index: instance.index, id, host, port };
  const sending = internalRequest?.(request, at);
  const head = sending?.head ?? plainHead(request, host, port);
  try {
    const answer = await http.send({
      ...{ host, port, head, timeoutMs, limit: 0 },
      ...(calledOff === undefined ? {} : { calledOff }),
      ...(sent === undefined ? {} : { sent }),
    });
    const what = `${instance.name}: ${head.method} ${head.target}`;
    return 'kind' in answer
      ? { text: `${what} came to nothing: ${answer.reason}`, failed: true }
      : { text: `${what} answered ${answer.status}`, failed: false };
  } finally {
    sending?.end();
  }
}

function plainHead(request: InternalRequest, host: string, port: number): SentHead {
  return {
    method: 'GET',
    target: pathOf[request.kind],
    headers: [
      ['Host', `${host.includes(':') ? `[${host}]` : host}:${port}`],
      ...(request.kind === 'background' ? [['X-AppEngine-BackgroundRequest', request.id] as const] : []),
    ],
  };
}
