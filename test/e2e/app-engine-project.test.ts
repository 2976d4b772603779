import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import type { Page } from 'playwright-core';
import { Editor } from '../support/editor.ts';
import { systemPython } from '../support/system-packages.ts';
import { picture } from './pictures.ts';
import { servicesIn } from './system.ts';

/** The services of the sample, with what each answers at its own path of the front door. */
const answers: Readonly<Record<string, readonly [path: string, answer: RegExp]>> = {
  default: ['/', /default: Welcome/],
  greeter: ['/greeter/', /^greeter: Hello from Python$/m],
  counter: ['/counter/', /./],
  news: ['/news/', /./],
  clock: ['/clock/', /./],
  bell: ['/bell/', /ding/],
  tools: ['/tools/', /./],
};

describe('an App Engine project, opened as it is (issue 5)', () => {
  let editor: Editor;
  let tab: Page;

  before(async () => {
    editor = await Editor.open({
      workspace: 'app-engine',
      size: { width: 1280, height: 800 },
      settings: { 'editor.minimap.enabled': false, 'editor.scrollBeyondLastLine': false },
    });
    // What App Engine would install: this Python needs nothing more.
    await promisify(execFile)(systemPython, [
      ...['-m', 'venv', '--without-pip', join(editor.folder, 'greeter', '.venv')],
    ]);
  });
  after(async () => await editor.close());

  it('has its services in the sidebar, without a file of ours', async () => {
    const names = await readdir(editor.folder, { recursive: true });
    assert.deepEqual(
      names.filter((name) => name.includes('runtimes.yaml')),
      [],
    );
    await editor.openView('Runtimes');
    await editor.widenSideBar(130);
    for (const name of Object.keys(answers)) await editor.row(`${name}, service`).waitFor();
  });

  it('tells at its line what cannot be done on this machine', async () => {
    await editor.openFile('app.yaml', 36);
    await editor.page.locator('.monaco-editor .squiggly-info').first().waitFor();
    const problems = await editor.waitFor('the remark', async () => {
      const all = await editor.problems();
      return all.some((each) => each.includes('vpc_access_connector')) && all;
    });
    assert.ok(
      problems.every((each) => !each.startsWith('Error:')),
      problems.join('\n'),
    );
    await editor.command('View: Hide Panel');
    await editor.page.locator('.quick-input-widget').waitFor({ state: 'hidden' });
  });

  it('starts by one click, and every service answers at its path of the front door', async () => {
    await editor.titleAction('Start All Services');
    for (const name of Object.keys(answers)) {
      await editor.waitFor(
        `${name} to run or to sleep`,
        async () => /RUNNING|asleep/.test(await editor.label(`${name}, service`)),
        90,
      );
    }
    const opening = editor.page.context().waitForEvent('page');
    await editor.command('Local Runtimes: Open Front Door in Browser');
    tab = await opening;
    await tab.getByRole('heading', { name: 'default: Welcome' }).waitFor();
    for (const [path, answer] of Object.values(answers)) {
      const response = await fetch(new URL(path, tab.url().replace('localhost', '127.0.0.1')));
      assert.equal(response.status, 200, path);
      assert.match(await response.text(), answer, path);
    }
    await tab.screenshot({ path: editor.picture('app-engine-page') });
    await editor.page.bringToFront();
    await editor.restMouse();
    await picture(editor, 'app-engine');
  });

  it('stops by one click, and leaves no process', async () => {
    await editor.titleAction('Stop All Services');
    await editor.waitFor('all to be at rest', async () => {
      const rows = (await editor.rowLabels()).filter((label) => label.includes(', service, '));
      // Requests at one time may have brought a second instance.
      return rows.every((label) => /, (?:\d+ )?STOPPED\b/.test(label));
    });
    await editor.waitFor('no process', async () => (await servicesIn(editor.folder)).length === 0);
  });
});
