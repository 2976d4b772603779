/** XML-RPC servers that follow the config, also where something stands against one of them. */

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { chmod } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { it, type TestContext } from 'node:test';
import type { ControlServerSpec } from '../../src/config/spec.ts';
import type { Fault } from '../../src/faults/fault.ts';
import { RpcServers } from '../../src/host/rpc-servers.ts';
import { workspace } from '../support/cli.ts';
import { RuntimeDouble, snapshotOf } from '../support/runtime-double.ts';

const skip = process.platform === 'win32' ? 'pipes are no files there' : false;

/** Lets nobody write to a folder, not even root; gives what ends that. */
async function writeProtected(test: TestContext, folder: string): Promise<() => Promise<void>> {
  const isRoot = process.geteuid?.() === 0;
  const end = async (): Promise<void> => {
    if (isRoot) process.seteuid?.(0);
    await chmod(folder, 0o755);
  };
  // A test that fails in between leaves nobody without rights.
  test.after(() => (isRoot ? process.seteuid?.(0) : undefined));
  await chmod(folder, 0o555);
  if (isRoot) process.seteuid?.(65_534);
  return end;
}

it(
  'one whose file cannot be taken away is told of, and stops no other from being opened',
  { skip },
  async (test) => {
    const folder = await workspace(test, {});
    const source = { file: join(folder, 'supervisord.conf'), line: 1, column: 1, endLine: 1, endColumn: 2 };
    const specOf = (name: string): ControlServerSpec => ({
      at: { kind: 'unix', path: join(folder, name), mode: 0o700 },
      source,
    });
    const faults: Fault[] = [];
    const servers = new RpcServers({
      api: new RuntimeDouble(snapshotOf()),
      tellFault: (raised) => faults.push(raised),
    });
    test.after(() => servers.close());
    await servers.arrange([specOf('a.sock')]);
    const end = await writeProtected(test, folder);
    await servers.arrange([]);
    await end();
    assert.deepEqual(
      faults.map(({ code, severity }) => [code, severity]),
      [['socket-left', 'warning']],
    );
    await servers.arrange([specOf('a.sock'), specOf('b.sock')]);
    for (const name of ['a.sock', 'b.sock']) {
      const socket = connect(join(folder, name));
      await once(socket, 'connect');
      socket.destroy();
    }
    assert.equal(faults.length, 1);
  },
);
