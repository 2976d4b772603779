import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'node:test';
import { promisify } from 'node:util';

const at = (path: string): string => JSON.stringify(new URL(`../../src/host/${path}`, import.meta.url).href);

/** Reaches a host that is in the midst of a message when the connection ends. */
const script = `
  import { mkdirSync } from 'node:fs';
  import { createServer } from 'node:net';
  import { join } from 'node:path';
  import { connectToHost } from ${at('control-socket.ts')};
  import { realFolder, storageOf } from ${at('storage.ts')};
  const storage = storageOf(realFolder(process.cwd()));
  mkdirSync(storage, { recursive: true });
  const server = createServer((socket) => socket.end('Content-Length: 100\\r\\n\\r\\n{"jsonrpc":'));
  await new Promise((resolve) => server.listen(join(storage, 'control.sock'), resolve));
  const host = await connectToHost(process.cwd());
  host.api.subscribe(() => undefined);
  await host.closed;
  host.dispose();
  server.close();
  console.log('left');
`;

it(
  'a command that leaves in the midst of a message from its host ends',
  { skip: process.platform === 'win32' },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'left-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      ['--input-type=module', '--eval', script],
      { cwd: folder, timeout: 20_000, env: { ...process.env, XDG_STATE_HOME: join(folder, '.state') } },
    );
    assert.equal(stdout, 'left\n');
  },
);
