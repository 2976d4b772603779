/** Puts what the system says of a failed exchange with an instance into words of ours. */

import type { UpstreamFailure } from '../../core/outside.ts';

/** What it was when nothing more is known than that the connection is gone. */
const closed = 'ECONNRESET';

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection was closed before an answer came',
  EPIPE: 'the connection was closed before an answer came',
  ETIMEDOUT: 'the connection timed out',
  ENOTFOUND: 'its host name is not known',
  EADDRNOTAVAIL: 'no local port was free to connect from',
  ENOENT: 'its socket is not there',
  EACCES: 'its socket is not open to us',
  EAGAIN: 'too many connections wait for it already',
  EMFILE: 'too many files are open',
};

/**
 * What went wrong with an instance before its response had come.
 *
 * `error`: undefined when the connection was closed in an orderly way. `begun`: bytes of a response came, but no
 * whole head. Then the instance does speak, only not HTTP.
 */
export function failureOf(error: Error | undefined, begun: boolean): UpstreamFailure {
  const code = error === undefined ? closed : codeOf(error);
  if (begun) return { kind: 'bad-response', reason: 'the answer ended before its head did' };
  return {
    kind: 'unreachable',
    reason: reasons[code] ?? (error?.message || code || 'nothing is known of why'),
    refused: wasRefused(error),
  };
}

/** Whether a connection was closed under us, as happens to one that had been idle. */
export function wasClosed(error: Error | undefined): boolean {
  return error === undefined || ['ECONNRESET', 'EPIPE'].includes(codeOf(error));
}

/** Whether nobody took the connection, so that nobody saw what was to go over it. */
function wasRefused(error: Error | undefined): boolean {
  return ['ECONNREFUSED', 'ENOENT', 'EAGAIN'].includes(codeOf(error));
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

export function wordsOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
