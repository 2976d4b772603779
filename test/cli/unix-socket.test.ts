/** A socket file that several processes want at once. */

import assert from 'node:assert/strict';
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { isAlive } from '../../src/host/turn-taking.ts';
import { workspace } from '../support/cli.ts';

const skip = process.platform === 'win32' ? 'pipes are no files there' : false;

function start(test: TestContext, name: string, ...args: readonly string[]): ChildProcess {
  const child = fork(fileURLToPath(new URL(`../programs/${name}`, import.meta.url)), args, {
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const gone = once(child, 'exit');
  test.after(async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL');
    await gone;
  });
  return child;
}

describe('a socket file', { skip }, () => {
  it('whose owner is dead is taken over by one alone, however many come at once', async (test) => {
    const folder = await workspace(test, {});
    const path = join(folder, 's.sock');
    const children = Array.from({ length: 6 }, () => start(test, 'takes-a-socket.ts'));
    await Promise.all(children.map((child) => once(child, 'message')));
    const ask = (message: string): Promise<readonly string[]> =>
      Promise.all(
        children.map(async (child) => {
          const answered = once(child, 'message');
          child.send(message);
          return String((await answered)[0]);
        }),
      );
    // The first round begins without a file, all others with a dead one.
    for (let round = 0; round < 40; round += 1) {
      const answers = await ask(path);
      assert.deepEqual(
        answers.filter((answer) => answer !== 'SocketInUse'),
        ['ok'],
        `round ${round}`,
      );
      assert.equal(await isAlive(path), true);
      await ask('leave');
      assert.equal(await isAlive(path), false);
    }
    assert.deepEqual(readdirSync(folder), ['s.sock']);
  });

  it('is looked after in turns, of which those that end with their process hold nobody up', async (test) => {
    const folder = await workspace(test, {});
    const path = join(folder, 's');
    const killed = (): Promise<unknown> => once(start(test, 'takes-turns.ts', path, '1', 'dies'), 'exit');
    await killed();
    await killed();
    const racing = Array.from({ length: 4 }, () => once(start(test, 'takes-turns.ts', path, '30'), 'exit'));
    const dying = [killed(), killed()];
    assert.deepEqual(
      (await Promise.all(racing)).map(([code]: readonly unknown[]) => code),
      [0, 0, 0, 0],
    );
    await Promise.all(dying);
    const [code]: readonly unknown[] = await once(start(test, 'takes-turns.ts', path, '1'), 'exit');
    assert.equal(code, 0);
  });
});
