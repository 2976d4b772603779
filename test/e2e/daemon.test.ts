import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Cli, type Finished, workspace } from '../support/cli.ts';
import { Editor, type EditorOptions } from '../support/editor.ts';
import { isAlive, pidIn, untilGone } from './reading.ts';
import { commandLines } from './system.ts';

const files = {
  'runtimes.yaml': `version: 1
services:
  web:
    command: node server.js
  clock:
    command: sleep 1000
    handshake: none
    startSeconds: 0
`,
  'server.js': `const server = require('node:http').createServer((_, answer) => answer.end('web'));
server.listen(Number(process.env.PORT), '127.0.0.1', () => console.log('web is open'));
`,
};

/** A folder, its command line, and windows on it that find the same hosts. Nothing of it outlives the test. */
async function stage(test: TestContext): Promise<{
  readonly folder: string;
  readonly runtimes: (...args: readonly string[]) => Promise<Finished>;
  readonly window: (options?: EditorOptions) => Promise<Editor>;
}> {
  const folder = await workspace(test, files);
  return {
    folder,
    runtimes: (...args) => new Cli(test, folder, args).finished,
    window: async (options = {}) => {
      const env = { XDG_STATE_HOME: join(folder, '.state') };
      const editor = await Editor.open({ folder, env, ...options });
      test.after(() => editor.close());
      return editor;
    },
  };
}

/** Its process id. Killed with all it runs, should the test fail. */
async function startedDaemon(
  test: TestContext,
  runtimes: (...args: readonly string[]) => Promise<Finished>,
): Promise<number> {
  const { code, stdout, stderr } = await runtimes('daemon', 'start');
  assert.equal(code, 0, stderr);
  const pid = Number(/pid (\d+)/.exec(stdout)?.[1]);
  test.after(() => {
    if (isAlive(pid)) process.kill(pid, 'SIGKILL');
  });
  return pid;
}

/** Process ids by instance, as the rows tell them. */
async function shownPids(editor: Editor): Promise<Readonly<Record<'web' | 'clock', number>>> {
  await editor.row('web.0, instance, RUNNING').waitFor();
  await editor.row('clock.0, instance, RUNNING').waitFor();
  return { web: pidIn(await editor.label('web.0')), clock: pidIn(await editor.label('clock.0')) };
}

async function runsOnce(folder: string): Promise<void> {
  assert.equal((await commandLines(folder, 'server.js')).length, 1);
  assert.equal((await commandLines(folder, 'sleep')).length, 1);
}

describe('a folder that a daemon runs', () => {
  it('is shown as it runs; what the window stops is stopped, and closing it stops nothing more', async (test) => {
    const { folder, runtimes, window } = await stage(test);
    const daemon = await startedDaemon(test, runtimes);
    // Opening may start services by the user's own word, and must not start these again.
    const editor = await window({ settings: { 'localRuntimes.startOnOpen': true } });
    await editor.openView('Runtimes');
    const pids = await shownPids(editor);
    assert.ok(isAlive(pids.web) && isAlive(pids.clock));
    await runsOnce(folder);
    await editor.page.locator('.sidebar').getByText(`Run by a daemon (pid ${daemon})`).waitFor();
    await editor.rowAction('web.0', 'Show Instance Log');
    await editor.waitFor('the line in the channel', async () =>
      (await editor.outputLines()).some((line) => line.includes('web is open')),
    );
    await editor.restMouse();
    await editor.screenshot('daemon-shown');

    await editor.rowAction('clock.0', 'Stop Instance');
    await editor.row('clock.0, instance, STOPPED').waitFor();
    await untilGone([pids.clock]);
    await editor.reload();
    await editor.row('clock.0, instance, STOPPED').waitFor();
    assert.equal(pidIn(await editor.label('web.0')), pids.web);
    await editor.close();
    assert.ok(isAlive(daemon) && isAlive(pids.web));
    const { stdout } = await runtimes('ps');
    assert.match(stdout, new RegExp(`web\\.0 +RUNNING.*${pids.web}`));

    await runtimes('daemon', 'stop');
    await untilGone([daemon, pids.web]);
    assert.deepEqual(await commandLines(folder), []);
  });

  it('is joined at the next start by a window that ran nothing, and is the window’s own when the daemon ends', async (test) => {
    const { folder, runtimes, window } = await stage(test);
    const editor = await window();
    await editor.openView('Runtimes');
    await editor.row('web.0, instance, STOPPED').waitFor();
    const daemon = await startedDaemon(test, runtimes);
    await editor.titleAction('Start All Services');
    const pids = await shownPids(editor);
    await runsOnce(folder);
    await editor.page.locator('.sidebar').getByText(`Run by a daemon (pid ${daemon})`).waitFor();

    await runtimes('daemon', 'stop');
    await editor.row('web.0, instance, STOPPED').waitFor();
    const news = editor.page.locator('.notifications-toasts .notification-list-item-message').filter({
      hasText: 'is stopped: what ran it ended.',
    });
    await news.waitFor();
    // All of it can be read, without a click.
    assert.ok(await news.evaluate(({ scrollWidth, clientWidth }) => scrollWidth <= clientWidth));
    await editor.screenshot('daemon-ended');
    await untilGone([daemon, pids.web, pids.clock]);
    assert.equal(await editor.page.locator('.sidebar').getByText('Run by').count(), 0);

    await editor.titleAction('Start All Services');
    const own = await shownPids(editor);
    await runsOnce(folder);
    assert.equal((await runtimes('daemon', 'start')).code, 1);
    assert.match((await runtimes('ps')).stdout, new RegExp(`web\\.0 +RUNNING.*${own.web}`));
    await editor.close();
    await untilGone([own.web, own.clock]);
    assert.deepEqual(await commandLines(folder), []);
  });

  it('is not asked by a window that does not trust it, until it does', async (test) => {
    const { runtimes, window } = await stage(test);
    await startedDaemon(test, runtimes);
    const editor = await window({ trusted: false });
    await editor.openView('Runtimes');
    await editor.row('web.0, instance, STOPPED').waitFor();
    await editor.command('Local Runtimes: Manage Workspace Trust');
    await editor.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .click();
    await shownPids(editor);
    await editor.close();
    await runtimes('daemon', 'stop');
  });
});
