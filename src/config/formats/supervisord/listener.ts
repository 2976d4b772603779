/** What an `[eventlistener:x]` has beyond a program (spec 6.7 and 6.11). Knows the names of events, not when they happen. */

import { closest } from '../../../base/spelling.ts';
import type { ProgramSpec } from '../../spec.ts';
import type { SectionReader } from './reader.ts';
import { asText, boolean, integer, listOfTexts } from './types.ts';

/** Spec 6.10, with the abstract ones. */
const eventNames: ReadonlySet<string> = new Set([
  'EVENT',
  'PROCESS_STATE',
  'PROCESS_STATE_STARTING',
  'PROCESS_STATE_RUNNING',
  'PROCESS_STATE_BACKOFF',
  'PROCESS_STATE_STOPPING',
  'PROCESS_STATE_EXITED',
  'PROCESS_STATE_STOPPED',
  'PROCESS_STATE_FATAL',
  'PROCESS_STATE_UNKNOWN',
  'PROCESS_LOG',
  'PROCESS_LOG_STDOUT',
  'PROCESS_LOG_STDERR',
  'PROCESS_COMMUNICATION',
  'PROCESS_COMMUNICATION_STDOUT',
  'PROCESS_COMMUNICATION_STDERR',
  'REMOTE_COMMUNICATION',
  'SUPERVISOR_STATE_CHANGE',
  'SUPERVISOR_STATE_CHANGE_RUNNING',
  'SUPERVISOR_STATE_CHANGE_STOPPING',
  'TICK',
  'TICK_5',
  'TICK_60',
  'TICK_3600',
  'PROCESS_GROUP',
  'PROCESS_GROUP_ADDED',
  'PROCESS_GROUP_REMOVED',
]);

const standardHandler = 'supervisor.dispatchers:default_handler';

export function listenerOf(reader: SectionReader): NonNullable<ProgramSpec['listener']> {
  const { name } = reader.section;
  const bufferSize = reader.get('buffer_size', integer, 10);
  if (bufferSize < 1)
    reader.refuse('buffer_size', `[${name}] section sets invalid buffer_size (${bufferSize})`);
  const handler = reader.get('result_handler', asText, standardHandler);
  if (handler !== standardHandler) {
    // Whoever names one of Supervisor's own meant the standard one; a stranger's is Python, and there may be one.
    if (!/^[\w.]+:[\w.]+$/.test(handler) || handler.startsWith('supervisor.'))
      reader.refuse('result_handler', `${handler} cannot be resolved within [${name}]`);
    else reader.differ('result_handler', 'it is Python, which is not run here; the standard handler is used');
  }
  const events = [...new Set(reader.get('events', listOfTexts, []).map((each) => each.toUpperCase()))];
  if (events.length === 0) reader.refuse('events', `[${name}] section requires an "events" line`);
  for (const event of events.filter((each) => !eventNames.has(each))) {
    const nearest = closest(event, eventNames);
    reader.refuse(
      'events',
      `Unknown event type ${event} in [${name}] events`,
      nearest === undefined ? undefined : `The nearest of them is ${nearest}.`,
    );
  }
  if (reader.get('redirect_stderr', boolean, false)) {
    reader.refuse(
      'redirect_stderr',
      `[${name}] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol`,
    );
  }
  return { events, bufferSize };
}
