/** Which requests are turned away for their bodies alone (spec 2.1, 3 and 4). */

import type { Answer } from '../outside.ts';
import type { Environment } from './environment.ts';
import { plainAnswer } from './front-answers.ts';

/** The largest upload, in bytes. */
const uploadLimit = 32 * 1024 * 1024;
/** What is more than this is not even read for the sake of politeness. */
const drainLimit = 2 * uploadLimit;

const withoutBody: ReadonlySet<string> = new Set(['GET', 'HEAD', 'DELETE', 'TRACE']);

export interface Limited {
  readonly answer: Answer;
  /** Read and drop so many bytes of the body first, so that the client gets to see the answer. */
  readonly drain?: number;
}

export function bodyRefusal(environment: Environment, target: string): Limited | undefined {
  const length = Number(environment.get('CONTENT_LENGTH') ?? 0);
  const method = environment.get('REQUEST_METHOD') ?? '';
  // Chunks are a body too; how long it is, is told by nobody.
  if (withoutBody.has(method) && (length !== 0 || environment.has('HTTP_TRANSFER_ENCODING'))) {
    return { answer: plainAnswer(400, `"${method}" requests may not contain bodies.`) };
  }
  if (length <= uploadLimit || target.startsWith('/_ah/')) return undefined;
  return {
    answer: { ...plainAnswer(413, 'Upload limited to 32 megabytes.'), reason: 'Request Entity Too Large' },
    ...(length <= drainLimit ? { drain: drainLimit } : {}),
  };
}
