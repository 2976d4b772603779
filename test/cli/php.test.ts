/** A `supervisord.conf` with php-cgi on a shared socket, run by the command line and asked through the front door. */

import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { createProcessTable } from '../../src/node/processes.ts';
import { createSockets } from '../../src/node/sockets.ts';
import { Cli, workspace } from '../support/cli.ts';
import { phpCgi } from '../support/php.ts';

const options = { timeout: 60_000 };

const config = (php: string, socket: string, autorestart: boolean): string => `
[supervisord]
logfile=%(here)s/main.log

[fcgi-program:php]
command=${php} -d log_errors=1 -d display_errors=0
socket=${socket}
process_name=%(program_name)s_%(process_num)d
numprocs=3
autorestart=${autorestart}
`;

const index = `<?php
if ($_SERVER['PATH_INFO'] === '/say') error_log('a word of PHP');
usleep(2000);
echo json_encode(['pid' => getmypid(), 'path' => $_SERVER['PATH_INFO'], 'name' => getenv('SUPERVISOR_PROCESS_NAME')]);
`;

interface Seen {
  readonly pid: number;
  readonly path: string;
  readonly name: string | false;
}

async function ask(url: string, path = '/'): Promise<Seen> {
  const response = await fetch(new URL(path, url), { signal: AbortSignal.timeout(10_000) });
  const text = await response.text();
  assert.equal(response.status, 200, text);
  return JSON.parse(text) as Seen;
}

/** Three processes behind a socket, all of them RUNNING. */
async function three(
  test: TestContext,
  socketIn: (folder: string) => Promise<string> | string,
  autorestart = true,
) {
  const folder = await workspace(test, { 'index.php': index });
  const socket = await socketIn(folder);
  await writeFile(join(folder, 'supervisord.conf'), config(await phpCgi(), socket, autorestart));
  const cli = new Cli(test, folder, ['up', '--json']);
  await cli.event('ready');
  const { url } = await cli.event('listening', ({ what }) => what === 'php');
  const pids = await Promise.all([0, 1, 2].map((index) => runningPid(cli, `php.${index}`)));
  return { cli, url, pids, folder };
}

async function runningPid(cli: Cli, instance: string, not?: number): Promise<number> {
  const { pid } = await cli.event(
    'state',
    (event) => event.instance === instance && event.to === 'RUNNING' && event.pid !== not,
  );
  if (pid === undefined) throw new Error(`${instance} runs and has no pid`);
  return pid;
}

/** Asks until each of these has answered; waits for no time, since the kernel hands requests out as it likes. */
async function untilAllAnswer(url: string, pids: readonly number[]): Promise<void> {
  const missing = new Set(pids);
  while (missing.size > 0) {
    const answers = await Promise.all(Array.from({ length: 12 }, () => ask(url)));
    for (const { pid } of answers) {
      assert.ok(pids.includes(pid), `${pid} is none of ${pids.join(', ')}`);
      missing.delete(pid);
    }
  }
}

const sockets: readonly (readonly [kind: string, (folder: string) => Promise<string> | string])[] = [
  ['unix', (folder) => `unix://${join(folder, 'php.sock')}`],
  ['tcp', async () => `tcp://127.0.0.1:${await createSockets(createProcessTable()).freePort()}`],
];

for (const [kind, socketIn] of sockets) {
  describe(`[fcgi-program:php] on a ${kind} socket`, () => {
    it(
      'is reached over HTTP, and each of its three processes answers (SV-80, SV-81)',
      options,
      async (test) => {
        const { url, pids } = await three(test, socketIn);
        await untilAllAnswer(url, pids);
        const { path, name } = await ask(url, '/users/7');
        assert.equal(path, '/users/7');
        assert.match(String(name), /^php_[012]$/);
      },
    );

    it(
      'loses no later request when one of them is killed, and the new one answers as well (SV-80)',
      options,
      async (test) => {
        const { cli, url, pids } = await three(test, socketIn);
        const [victim = 0, ...others] = pids;
        process.kill(victim, 'SIGKILL');
        // What it had taken by then is gone with it; once it is seen to be gone, those that live take what comes.
        await cli.event('state', ({ instance, from }) => instance === 'php.0' && from === 'RUNNING');
        for (let turn = 0; turn < 20; turn += 1) {
          await Promise.all(Array.from({ length: 5 }, () => ask(url)));
        }
        const next = await runningPid(cli, 'php.0', victim);
        await untilAllAnswer(url, [next, ...others]);
      },
    );
  });
}

describe('a FastCGI program', () => {
  it(
    'goes on with the one process that is left, and its socket stays open for it (SV-80)',
    options,
    async (test) => {
      const { cli, url, pids, folder } = await three(test, (in_) => `unix://${join(in_, 'php.sock')}`, false);
      for (const pid of pids.slice(1)) process.kill(pid, 'SIGKILL');
      for (const each of [1, 2]) {
        await cli.event('state', ({ instance, to }) => instance === `php.${each}` && to === 'EXITED');
      }
      assert.equal((await ask(url)).pid, pids[0]);
      assert.ok(existsSync(join(folder, 'php.sock')));
    },
  );

  it('has what it says about a request in the main log', options, async (test) => {
    const { cli, url, folder } = await three(test, (in_) => `unix://${join(in_, 'php.sock')}`);
    await ask(url, '/say');
    cli.process.kill('SIGTERM');
    await cli.finished;
    const log = await readFile(join(folder, 'main.log'), 'utf8');
    assert.match(log, /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} WARN php said over FastCGI: .*a word of PHP/m);
    assert.match(log, /INFO Creating socket unix:\/\//);
    assert.match(log, /INFO Closing socket unix:\/\//);
    assert.equal(existsSync(join(folder, 'php.sock')), false);
  });
});
