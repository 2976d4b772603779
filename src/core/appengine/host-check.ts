/** Under which names a service answers (HP-45), as the reference tells it. Which names those are, `proxy/host.ts` knows. */

import type { Answer, RequestHead } from '../outside.ts';
import { isHostAllowed } from '../proxy/host.ts';
import { headerOf } from '../proxy/target.ts';
import { plainAnswer } from './front-answers.ts';

/** `allowed`: names besides those of this machine; `*.` stands for one level, `**.` for any depth. */
export function hostRefusal(
  head: RequestHead,
  doorHost: string,
  allowed: readonly string[],
): Answer | undefined {
  const host = headerOf(head.headers, 'host');
  if (host === undefined) {
    // Such clients do not know of the header.
    return head.version === '1.0' ? undefined : plainAnswer(400, 'No Host header set in request.');
  }
  if (isHostAllowed(host, doorHost, allowed)) return undefined;
  return plainAnswer(
    400,
    'This host name is not served here. A name of your own has to stand in "frontDoor.allowedHosts".',
  );
}
