/** What macOS and the BSDs use instead of /proc, wherever the programs it asks are installed. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import test from 'node:test';
import { lsofListeners } from '../../src/node/listeners-lsof.ts';
import { psTable } from '../../src/node/processes-ps.ts';
import { createSockets } from '../../src/node/sockets.ts';
import { living, pidFrom, program, spawnerFor, started } from './support.ts';

function without(...programs: readonly string[]): string | false {
  const missing = programs.filter((name) => spawnSync(name, ['-v'], { stdio: 'ignore' }).error !== undefined);
  return missing.length === 0 ? false : `${missing.join(' and ')} is not installed`;
}

test('ps: a sweep ends a child and its grandchild', { skip: without('ps') }, async (t) => {
  const child = await started(spawnerFor(t, { table: psTable() }), program('forks-a-grandchild.mjs'));
  const pids = [child.pid, await pidFrom(child)];
  assert.deepEqual(await living(pids), pids);
  await child.sweep();
  assert.deepEqual(await living(pids), []);
});

test(
  "lsof: a grandchild's listener is the child's, and a stranger is named",
  { skip: without('ps', 'lsof') },
  async (t) => {
    const table = psTable();
    const sockets = createSockets(table, lsofListeners());
    const spawner = spawnerFor(t, { table });
    const child = await started(spawner, program('lets-a-grandchild-listen.mjs'));
    const other = await started(spawner, program('listens.mjs', '::1'));
    const [port, othersPort] = [await pidFrom(child), await pidFrom(other)];
    assert.deepEqual(
      (await sockets.listenersOf(child.pid))?.map((listener) => [listener.host, listener.port]),
      [['127.0.0.1', port]],
    );
    assert.equal(await sockets.ownerOf(port, child.pid), 'ours');
    const owner = await sockets.ownerOf(othersPort, child.pid);
    assert.ok(typeof owner === 'object');
    assert.equal(owner.pid, other.pid);
  },
);
