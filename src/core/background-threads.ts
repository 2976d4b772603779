/**
 * Background threads of applications (spec 3.4): has an instance begin one, or says why it does not.
 *
 * Which instance may have how many more is for its service's way of scaling to know.
 */

import { fault, FaultError } from '../faults/make.ts';
import type { Roster } from './roster.ts';
import { refusals } from './scaling/serving.ts';

/**
 * Resolves with the thread's id, which its request bears, once that request has been sent; the thread may go on for
 * hours. Rejects with a `FaultError` where none begins.
 */
export function beginThread(roster: Roster, name: string): Promise<{ readonly id: string }> {
  const instance = roster.instance(name);
  const { dispatch, spec } = roster.service(instance.spec.name);
  if (dispatch.background === undefined) {
    const isBackend = spec.role === 'backend';
    return Promise.reject(new FaultError(fault('background-unscaled', { instance: name, isBackend })));
  }
  const begin = dispatch.background.bind(dispatch);
  const id = crypto.randomUUID().replaceAll('-', '');
  return new Promise((resolve, reject) => {
    const refuse = (reason: string): void => {
      const limit = reason === refusals.noBackground ? (spec.appengine?.backgroundThreads ?? 0) : undefined;
      reject(new FaultError(fault('background-refused', { instance: name, reason, limit })));
    };
    const refusal = begin(instance, id, (failure) => {
      if (failure === undefined) resolve({ id });
      else refuse(failure);
    });
    if (refusal !== undefined) refuse(refusal);
  });
}
