/** What is answered when the child's answer never began (spec 1.10, 2.4). */

import type { Answer } from '../outside.ts';
import { sentenceAnswer } from '../proxy/answers.ts';
import { badResponse, unexpectedlyQuit } from '../proxy/sentences.ts';
import type { FailureFacts } from './front.ts';

/** Undefined: the child lives, and the failure is nobody's to tell of; the front layer has broken down (HP-20). */
export function failureAnswer({ failure, alive, port, stderr }: FailureFacts): Answer | undefined {
  if (failure.kind === 'bad-response') return sentenceAnswer(badResponse(failure.reason), stderr);
  return alive ? undefined : sentenceAnswer(unexpectedlyQuit(port), stderr);
}
