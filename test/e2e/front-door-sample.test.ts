import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { Editor } from '../support/editor.ts';
import { picture } from './pictures.ts';

describe('the sample of the front door, as its first comment says to try it (issue 4)', () => {
  let editor: Editor;
  let tab: Page;
  const body = (): Promise<string> => tab.locator('body').innerText();

  before(async () => {
    editor = await Editor.open({
      workspace: 'front-door',
      size: { width: 1280, height: 789 },
      settings: {
        'editor.minimap.enabled': false,
        'editor.stickyScroll.enabled': false,
        'editor.scrollBeyondLastLine': false,
        'editor.wordWrap': 'on',
      },
    });
    await editor.openView('Runtimes');
    await editor.row('docs.0').waitFor();
    await editor.openFile('runtimes.yaml', 43);
    await editor.page.locator('.view-line').filter({ hasText: 'python3 docs/server.py' }).waitFor();
    await editor.titleAction('Start All Services');
    for (const settled of [
      'api-server.0, instance, RUNNING',
      'shop.0, instance, RUNNING',
      'reports.0, instance, RUNNING',
      'reports.1, instance, RUNNING',
      'docs.0, instance, STOPPED, asleep',
    ])
      await editor.row(settled).waitFor();
  });
  after(async () => await editor.close());

  it('says in the usual width of the sidebar what each one is and who is asleep', async () => {
    for (const [name, seen] of [
      ['api-server,', 'RUNNING · API server'],
      ['shop,', 'RUNNING · application'],
      ['reports,', '2 RUNNING · backend'],
      ['docs,', 'asleep, starts'],
      ['docs.0,', 'asleep, starts'],
    ] as const) {
      const text = editor.row(name).locator('.label-description');
      assert.ok((await text.innerText()).startsWith(seen), await text.innerText());
      // As much of it as that can be read: the rest may be cut off.
      const isWhole = await text.evaluate((element, length) => {
        const [node] = element.childNodes;
        const row = element.closest('.monaco-icon-label-container');
        if (node === undefined || row === null) return false;
        const range = element.ownerDocument.createRange();
        range.setStart(node, 0);
        range.setEnd(node, length);
        return range.getBoundingClientRect().right <= row.getBoundingClientRect().right;
      }, seen.length);
      assert.ok(isWhole, name);
    }
    await editor.restMouse();
    await editor.screenshot('front-door-narrow');
    await editor.widenSideBar(130);
  });

  it('the front door opens the shop, which counts its visitors with the API server', async () => {
    const opening = editor.page.context().waitForEvent('page');
    await editor.command('Local Runtimes: Open Front Door in Browser');
    tab = await opening;
    await tab.setViewportSize({ width: 1280, height: 800 });
    for (let visitor = 1; visitor <= 12; visitor += 1) {
      await tab.getByText(`You are visitor number ${visitor},`).waitFor();
      await tab.reload();
    }
    assert.match(await body(), /served by shop \(pid \d+\)/);
    await tab.screenshot({ path: editor.picture('front-door-shop') });
  });

  it('the tree shows what was asked, who is asleep, the backend and the API server', async () => {
    await editor.page.bringToFront();
    await editor.waitFor('the requests in the row of the shop', async () =>
      /, \d+ requests?( a second)?$/.test(await editor.label('shop.0')),
    );
    await editor.row('docs, service, STOPPED, asleep, starts with the first request').waitFor();
    await editor.restMouse();
    await picture(editor, 'front-door');
  });

  it('a reader wakes the docs', async () => {
    await tab.goto(new URL('/docs/intro', tab.url()).href);
    assert.equal((await body()).trim(), 'You read /docs/intro of the manual.');
    await editor.row('docs, service, RUNNING').waitFor();
    await editor.row('docs.0, instance, RUNNING').waitFor();
  });

  it('the admin’s page asks who one is, and lets administrators in', async () => {
    await tab.goto(new URL('/admin', tab.url()).href);
    assert.match(tab.url(), /\/_ah\/login\?continue=/);
    await tab.screenshot({ path: editor.picture('front-door-login') });
    await tab.getByLabel('E-mail').fill('boss@example.com');
    await tab.getByLabel('Administrator').check();
    await tab.getByRole('button', { name: 'Log in' }).click();
    await tab.getByText('Hello boss@example.com.').waitFor();
    assert.equal(new URL(tab.url()).pathname, '/admin');
  });

  it('two slow reports are made at once, and a third one is told that all are busy', async () => {
    const url = new URL('/reports/sales', tab.url());
    // The name is this machine's, whatever its resolver makes of names below "localhost".
    url.hostname = '127.0.0.1';
    const answers = await Promise.all(
      [1, 2, 3].map(async () => {
        const answer = await fetch(url);
        return `${answer.status} ${(await answer.text()).trim()}`;
      }),
    );
    const [first, second, busy] = answers.toSorted();
    assert.match(first ?? '', /^200 Nobody bought anything, says \S+ 0\.$/);
    assert.match(second ?? '', /^200 Nobody bought anything, says \S+ 1\.$/);
    assert.match(busy ?? '', /^503 .*busy/i);
  });
});
