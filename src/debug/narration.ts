/** What the debug console says while services come and go. Pure. */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { RuntimeEvent, StateName } from '../protocol/api.ts';
import { formatExit, joined } from '../view/format.ts';

type Told<E extends RuntimeEvent['event']> = Extract<RuntimeEvent, { event: E }>;

/** One line about a change of state. */
export function stateLine(event: Told<'state'>): string {
  const { reason, exit } = event;
  return sentences[event.to](event, reason ?? (exit === undefined ? undefined : formatExit(exit)));
}

const sentences: { readonly [S in StateName]: (event: Told<'state'>, why: string | undefined) => string } = {
  STARTING: ({ instance, attempt = 0 }) =>
    attempt === 0 ? `${instance} is starting` : `${instance} is starting, try ${attempt + 1}`,
  RUNNING: ({ instance, pid, port }) => {
    const facts = joined([
      pid === undefined ? undefined : `pid ${pid}`,
      port === undefined ? undefined : `port ${port}`,
    ]);
    return facts === '' ? `${instance} is running` : `${instance} is running (${facts})`;
  },
  BACKOFF: ({ instance }, why) => `${instance} failed to start${because(why)}`,
  FATAL: ({ instance }, why) => `${instance} is FATAL: ${why ?? 'it is not tried again'}`,
  STOPPING: ({ instance }) => `${instance} is stopping`,
  STOPPED: ({ instance }) => `${instance} has stopped`,
  EXITED: ({ instance }, why) => `${instance} ${why ?? 'has ended'}`,
  UNKNOWN: ({ instance }, why) => `${instance} could not be signalled${because(why)}`,
};

function because(why: string | undefined): string {
  return why === undefined ? '' : `: ${why}`;
}

/** A fault with its way out; a click leads to the line that threw, or else to the config. */
export function faultOutput(event: Told<'fault'>): DebugProtocol.OutputEvent['body'] {
  const place = event.places.at(-1);
  return {
    category: 'stderr',
    output: `${[event.message, event.hint].filter((part) => part !== undefined).join(' ')}\n`,
    ...(place === undefined
      ? {}
      : {
          source: { name: place.file.split(/[\\/]/).at(-1) ?? place.file, path: place.file },
          line: place.line,
          column: place.column,
        }),
  };
}
