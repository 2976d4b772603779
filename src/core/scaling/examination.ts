/**
 * Whether an instance that failed a request still accepts connections: while it does not, it gets no requests, and it
 * comes back by itself.
 */

import type { Outside } from '../outside.ts';
import type { Member } from './member.ts';

const firstPauseMs = 100;
const longestPauseMs = 1_000;

/** Looks until it accepts connections again, or its run is over. `changed`: it went out of service, or came back. */
export async function examine(
  member: Member,
  { clock, sockets }: Pick<Outside, 'clock' | 'sockets'>,
  changed: () => void,
): Promise<void> {
  const { serving, host, port } = member;
  if (serving.isExamined) return;
  serving.isExamined = true;
  for (let pause = firstPauseMs; ; pause = Math.min(pause * 2, longestPauseMs)) {
    const connects = await sockets.canConnect(host, port);
    if (member.serving !== serving || serving.isOver) break;
    const was = serving.isHealthy;
    serving.setHealthy(connects);
    if (was !== connects) changed();
    if (connects) break;
    await new Promise<void>((resolve) => void clock.after(pause, resolve));
  }
  serving.isExamined = false;
}
