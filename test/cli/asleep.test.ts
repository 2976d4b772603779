/** A service that starts with the first request, as the terminal has it. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InstanceView } from '../../src/protocol/api.ts';
import { Cli, workspace } from '../support/cli.ts';
import { commandIn } from './control-support.ts';

const program = `import { createServer } from 'node:http';
createServer((_, answer) => answer.end('awake')).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('a service that is asleep', () => {
  it('keeps "up" from ending, is as it should be for "start" and for "ps", and wakes for a request', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services: { web: { command: node web.mjs, startOnRequest: true } }\n',
      'web.mjs': program,
    });
    const up = new Cli(test, folder, ['up', '--json']);
    const runtimes = commandIn(test, folder);
    const { url } = await up.event('listening', ({ what }) => what === 'web');
    await up.event('ready');
    const before = await runtimes('ps');
    assert.equal(before.stdout, `web.0     STOPPED   asleep, starts with the next request, ${url}\n`);
    assert.equal(before.code, 0);
    const started = await runtimes('start');
    assert.deepEqual([started.code, started.stdout, started.stderr], [0, 'web.0: asleep\n', '']);
    assert.equal(
      up.events.some(({ event }) => event === 'state'),
      false,
      'nothing has been spawned',
    );

    assert.equal(await (await fetch(url)).text(), 'awake');
    // What is counted is told once a second.
    const running = await until(
      async () => JSON.parse((await runtimes('ps', '--json')).stdout) as InstanceView,
      ({ traffic }) => traffic !== undefined,
    );
    assert.deepEqual([running.state, running.asleep, running.traffic?.requests], ['RUNNING', undefined, 1]);
    assert.match((await runtimes('ps')).stdout, /^web\.0 +RUNNING +.*, 1 request, median [\d.]+ m?s, http/);
    assert.equal((await runtimes('stop')).code, 0);
    assert.equal((await up.finished).code, 0, 'nothing is left that could run');
  });
});

/** Asks until the answer will do: each time a program runs to its end, so that nothing is waited for blindly. */
async function until<T>(ask: () => Promise<T>, willDo: (answer: T) => boolean): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (willDo(answer)) return answer;
  }
}
