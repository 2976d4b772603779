import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { picture } from './pictures.ts';
import { pidIn, untilGone, urlIn } from './reading.ts';

/** The first statement of the sample's request handler. */
const statement = 'requests += 1;';
const handlerLine = 13;
const instances = ['web.0', 'web.1'];

const yes = (): boolean => true;
const no = (): boolean => false;

describe('debugging a service (issue 2, point 7)', () => {
  let editor: Editor;
  let url: string;
  before(async () => {
    editor = await Editor.open({ settings: { 'editor.minimap.enabled': false } });
    await editor.openView('Runtimes');
    await editor.row('web.1').waitFor();
    await editor.openFile('web/server.js');
  });
  after(async () => await editor.close());

  it('the launch configuration starts it under the inspector, and a breakpoint binds', async () => {
    await editor.page.locator('.view-line').filter({ hasText: statement }).click();
    await editor.page.keyboard.press('F9');
    await editor.page.locator('.glyph-margin-widgets .codicon-debug-breakpoint').waitFor();
    await editor.page.keyboard.press('F5');
    await running();
    await breakpointBound();
    await editor.page.locator('.debug-toolbar').waitFor();
    url = urlIn(await editor.label('web, service'));
  });

  it('a request for the front-door URL stops at the breakpoint, and going on answers it', async () => {
    const answer = ask();
    await held();
    const frame = editor.page
      .locator('.debug-call-stack .monaco-list-row')
      .filter({ hasText: 'handleRequest' });
    await frame.waitFor();
    assert.match((await frame.textContent()) ?? '', new RegExp(`\\D${handlerLine}:`));
    await picture(editor, 'debugging');
    await goOn();
    assert.equal((await answer).service, 'web');
  });

  it('an instance that was killed comes back under the debugger', async () => {
    const pids = await running();
    process.kill(pids[0] ?? 0, 'SIGKILL');
    const again = await running((now) => now[0] !== pids[0]);
    assert.equal(again[1], pids[1]);
    // A request that comes before the debugger is there again is answered at once.
    const seen = new Set<number>();
    await editor.waitFor('a request held in each of both instances', async () => {
      const answer = ask();
      const isHeld = await Promise.race([answer.then(() => false), held().then(yes, no)]);
      if (!isHeld) return false;
      await goOn();
      seen.add((await answer).pid);
      return again.every((pid) => seen.has(pid));
    });
  });

  it('stopping the session leaves no process, even while a request is held', async () => {
    const pids = await running();
    const answer = ask().catch(() => undefined);
    await held();
    await editor.page.keyboard.press('Shift+F5');
    await untilGone(pids);
    await editor.page.locator('.debug-toolbar').waitFor({ state: 'hidden' });
    await editor.openView('Runtimes');
    await editor.waitFor('both instances to be STOPPED', async () => {
      const labels = await Promise.all(instances.map((name) => editor.label(name)));
      return labels.every((label) => label.includes('STOPPED'));
    });
    await editor.screenshot('debug-stopped');
    await answer;
  });

  /** The process ids of both instances, once they run and `fits` is true of them. */
  async function running(
    fits: (pids: readonly number[]) => boolean = () => true,
  ): Promise<readonly number[]> {
    await editor.openView('Runtimes');
    return await editor.waitFor('both instances to be RUNNING', async () => {
      const labels = await Promise.all(instances.map((name) => editor.label(name)));
      if (!labels.every((label) => label.includes('RUNNING'))) return undefined;
      const pids = labels.map(pidIn);
      return fits(pids) && pids;
    });
  }

  async function breakpointBound(): Promise<void> {
    await editor.waitFor('a bound breakpoint', async () => {
      const glyphs = editor.page.locator('.glyph-margin-widgets .codicon');
      const classes = await glyphs.evaluateAll((all) => all.map(({ className }) => className));
      return classes.some((name) => name.split(' ').includes('codicon-debug-breakpoint'));
    });
  }

  /** The editor shows where a process is held. */
  async function held(): Promise<void> {
    await editor.page.locator('.debug-top-stack-frame-line').first().waitFor();
  }

  /** Lets the held process go on, also when another one that was attached meanwhile has taken the focus. */
  async function goOn(): Promise<void> {
    const top = editor.page.locator('.debug-top-stack-frame-line').first();
    const frame = editor.page
      .locator('.debug-call-stack .monaco-list-row')
      .filter({ hasText: 'handleRequest' });
    await editor.waitFor('the held request to go on', async () => {
      await editor.page.keyboard.press('F5');
      if (await top.waitFor({ state: 'detached', timeout: 2000 }).then(yes, no)) return true;
      await editor.openView('Run and Debug');
      if ((await frame.count()) > 0) await frame.first().click();
      return false;
    });
  }

  async function ask(): Promise<{ readonly service: string; readonly pid: number }> {
    const answer: unknown = await (await fetch(url, { headers: { accept: 'application/json' } })).json();
    return answer as { readonly service: string; readonly pid: number };
  }
});
