/**
 * Takes leave of an instance that is about to be signalled: the requests it has are waited for, then it is asked to
 * end by itself where its definition says so.
 *
 * Knows nothing of who sends requests, nor of signals.
 */

import type { ServiceSpec } from '../../config/spec.ts';
import type { Instance } from '../instance.ts';
import { plainGet } from '../handshake/plain-get.ts';
import type { UpstreamFailure } from '../outside.ts';
import { isAskedByScaling } from '../scaling/stopping.ts';
import { within } from '../within.ts';
import type { Run } from './run.ts';
import type { Surroundings } from './surroundings.ts';

export interface PartingOptions {
  readonly instance: Instance;
  readonly run: Run;
  readonly around: Pick<Surroundings, 'outside' | 'part'>;
  /** It has been cut short by nobody yet, and the child is still there. */
  readonly isStillParting: () => boolean;
  readonly warn: (text: string) => void;
}

type StopRequest = NonNullable<ServiceSpec['stopRequest']>;

/** The reference's words for an API server that has to be killed (MP-25). */
const didNotQuit = 'api_server did not quit cleanly, killing';

/** Resolves when it may be signalled; undefined: at once. Never rejects. */
export function partingOf(options: PartingOptions): Promise<void> | undefined {
  const { around, instance } = options;
  const { spec } = instance;
  const { stopRequest } = spec;
  const drained = around.part?.(instance);
  if (stopRequest === undefined || isAskedByScaling(spec)) return drained;
  return leave(options, stopRequest, drained);
}

async function leave(
  options: PartingOptions,
  stopRequest: StopRequest,
  drained: Promise<void> | undefined,
): Promise<void> {
  if (drained !== undefined) await drained;
  const { instance, run, around, isStillParting, warn } = options;
  const { child } = run;
  if (child === undefined || !isStillParting()) return;
  const { clock } = around.outside;
  const until = clock.now() + stopRequest.withinMs;
  const isRefused = await ask(options, stopRequest);
  if (endsByItself(stopRequest) && !isRefused) await within(until - clock.now(), child.exited, clock);
  if (instance.spec.role === 'api-server' && isStillParting()) warn(didNotQuit);
}

/** Whether there was nobody to hear it. */
async function ask({ run, around }: PartingOptions, { path, withinMs }: StopRequest): Promise<boolean> {
  const { host, port, child } = run;
  if (host === undefined || port === undefined) return true;
  const head = plainGet(path, port);
  const sent = around.outside.http.send({ host, port, head, timeoutMs: withinMs, limit: 0 });
  const answer = await Promise.race([sent, child?.exited.then(() => undefined)]);
  return answer !== undefined && isFailure(answer) && answer.kind === 'unreachable' && answer.refused;
}

/** App Engine's applications only hear of their end by `/_ah/stop` and leave it to the signal (spec 3.9). */
function endsByItself({ path }: StopRequest): boolean {
  return !path.startsWith('/_ah/');
}

function isFailure(answer: object): answer is UpstreamFailure {
  return 'kind' in answer;
}
