import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it, type TestContext } from 'node:test';
import { root } from '../../src/build/paths.ts';
import { Editor } from '../support/editor.ts';
import { untilGone } from './reading.ts';
import { commandLines } from './system.ts';

/** Each clings to life in its own way; together with the sample's three they make ten processes. */
const clinging = {
  'forks-a-grandchild': 2,
  'hides-a-grandchild': 2,
  'forks-a-daemon': 2,
  'ignores-sigterm': 1,
};
const expected = 3 + Object.values(clinging).reduce((sum, count) => sum + count, 0);

describe('leaving the editor (issue 2, point 9)', () => {
  let editor: Editor;
  before(async () => {
    editor = await Editor.open();
    const services = Object.keys(clinging).map((name) => {
      const command = `node ${join(root, 'test', 'programs', `${name}.mjs`)}`;
      // A minute to stop is more than anyone gets who leaves.
      return `  ${name}:\n    command: ${command}\n    handshake: none\n    startSeconds: 0\n    stopSeconds: 60\n`;
    });
    await appendFile(join(editor.folder, 'runtimes.yaml'), `\n${services.join('')}`);
    // A page that closes may ask whether it should.
    editor.page.on('dialog', (dialog) => void dialog.accept());
  });
  after(async () => {
    const left = await commandLines(editor.folder);
    await editor.close();
    for (const { pid } of left) process.kill(pid, 'SIGKILL');
  });

  /** Starts everything and resolves with the process ids of all children and grandchildren. */
  async function startAll(): Promise<readonly number[]> {
    await editor.openView('Runtimes');
    await editor.row('forks-a-daemon.0').waitFor();
    await editor.titleAction('Start All Services');
    const found = await editor.waitFor('all children and grandchildren', async () => {
      // Named one by one, since the editor may have a helper of its own at work in the folder.
      const all = (await commandLines(editor.folder)).filter(
        ({ command }) =>
          /web\/server|api\/server|test\/programs\//.test(command) && !command.includes(' -e '),
      );
      return all.length === expected && all;
    });
    await editor.row('web.0, instance, RUNNING').waitFor();
    return found.map(({ pid }) => pid);
  }

  async function allGone(t: TestContext, what: string, pids: readonly number[]): Promise<number> {
    const took = await untilGone(pids);
    t.diagnostic(`${what}: ${pids.length} processes gone after ${took.toFixed(0)} ms`);
    await editor.waitFor(
      'no process of the folder',
      async () => (await commandLines(editor.folder)).length === 0,
    );
    return took;
  }

  it('reloading the window leaves no child and no grandchild', async (t) => {
    const pids = await startAll();
    await editor.screenshot('leaving-started');
    const reloaded = editor.reload();
    await allGone(t, 'after a reload', pids);
    await reloaded;
    await editor.row('web, service, 2 STOPPED').waitFor();
  });

  it('with the extension host killed by SIGKILL all are gone within two seconds', async (t) => {
    const pids = await startAll();
    await editor.killExtensionHost();
    const took = await allGone(t, 'after SIGKILL', pids);
    assert.ok(took <= 2000, `It took ${took} ms.`);
    await editor.screenshot('leaving-killed');
    await editor.reload();
    await editor.row('web, service, 2 STOPPED').waitFor();
  });

  it('closing the window leaves no child and no grandchild', async (t) => {
    const pids = await startAll();
    await editor.page.close({ runBeforeUnload: true });
    const took = await untilGone(pids);
    t.diagnostic(`after closing: ${pids.length} processes gone after ${took.toFixed(0)} ms`);
    assert.deepEqual(await commandLines(editor.folder), []);
  });
});
