// A host with a guard and two children without its mark, whose numbers, as if they were used again, were another
// group's just before. The second is let go of for good. Prints both pids and stays until it is killed.
import { randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
import { createGuard } from '../../src/node/guard.ts';

const guard = createGuard({ mark: randomUUID() });
guard.start();
const pids = [1, 2].map(() => spawn('/bin/sleep', ['1000'], { detached: true, stdio: 'ignore' }).pid ?? 0);
for (const pid of pids) {
  guard.add(pid);
  guard.remove(pid);
  guard.add(pid);
}
// What is told at the end of a turn is told before what is done in a later one.
const later = (what: () => void): unknown => setImmediate(() => setImmediate(what));
later(() => {
  guard.remove(pids[1] ?? 0);
  later(() => console.log(`${pids.join(' ')}\nstarted`));
});
