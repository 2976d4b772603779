import assert from 'node:assert/strict';
import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import type { Page } from 'playwright-core';
import { Editor } from '../support/editor.ts';
import { rewrite } from './files.ts';
import { picture } from './pictures.ts';
import { pidIn, urlIn } from './reading.ts';

/** Dies before it listens, with a stack trace. */
const orders = `
  orders:
    command: node orders.js
    startRetries: 0
`;

interface Who {
  readonly service: string;
  readonly pid: number;
}

async function askWho(url: string): Promise<Who> {
  return (await (await fetch(url)).json()) as Who;
}

describe('the front door (issue 2, point 3)', () => {
  let editor: Editor;
  let tab: Page;
  before(async () => {
    editor = await Editor.open();
    await writeFile(
      join(editor.folder, 'orders.js'),
      "console.error('opening the database');\nthrow new Error('The database is gone');\n",
    );
    await appendFile(join(editor.folder, 'runtimes.yaml'), orders);
    await editor.openView('Runtimes');
    await editor.row('orders.0').waitFor();
    await editor.titleAction('Start All Services');
    for (const settled of [
      'web.0, instance, RUNNING',
      'web.1, instance, RUNNING',
      'legacy.0, instance, FATAL',
    ])
      await editor.row(settled).waitFor();
  });
  after(async () => await editor.close());

  it('two instances of a service share its requests, turn by turn', async () => {
    const url = urlIn(await editor.label('web,'));
    const asked: Who[] = [];
    for (let count = 0; count < 10; count += 1) asked.push(await askWho(url));
    const pids = await Promise.all(['web.0', 'web.1'].map(async (name) => pidIn(await editor.label(name))));
    assert.deepEqual(
      pids.map((pid) => asked.filter((who) => who.pid === pid).length),
      [5, 5],
    );
  });

  it('the address can be copied and opened from the view', async () => {
    const url = urlIn(await editor.label('web,'));
    await editor.rowMenu('web,', 'Copy Service URL');
    await editor.waitFor('the address on the clipboard', async () => {
      return (await editor.page.evaluate<string>('navigator.clipboard.readText()')) === url;
    });
    const opening = editor.page.context().waitForEvent('page');
    await editor.rowAction('web,', 'Open Service in Browser');
    const opened = await opening;
    await opened.getByText('Hello from the sample').waitFor();
    assert.equal(opened.url(), url);
    // What it streams comes through the front door too.
    await opened.getByText(/\d+ from process \d+/).waitFor();
    await opened.setViewportSize({ width: 1280, height: 800 });
    await opened.screenshot({ path: editor.picture('front-door-web') });
    await opened.close();
  });

  it('the address stays the same over a restart, and the new instances answer there', async () => {
    const url = urlIn(await editor.label('web,'));
    const before = new Set([(await askWho(url)).pid, (await askWho(url)).pid]);
    await editor.rowAction('web,', 'Restart Service');
    await editor.waitFor('two new instances', async () => {
      const labels = await Promise.all(['web.0', 'web.1'].map((name) => editor.label(name)));
      return labels.every((label) => label.includes('RUNNING') && !before.has(pidIn(label)));
    });
    assert.equal(urlIn(await editor.label('web,')), url);
    assert.ok(!before.has((await askWho(url)).pid));
  });

  it('a request whose instance dies meanwhile is told so, in the sentence of the reference (spec 1.10)', async () => {
    const url = urlIn(await editor.label('web,'));
    const response = await fetch(new URL('/crash', url));
    assert.match(
      await response.text(),
      /the runtime process for the instance running on port \d+ has unexpectedly quit/,
    );
    assert.equal(response.status, 503);
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain/);
    await editor.row('web, service, 2 RUNNING').waitFor();
  });

  it('a service without a usable port gets a readable page: state, reason, sentence, last words (RP-8)', async () => {
    const url = urlIn(await editor.label('legacy,'));
    tab = await editor.page.context().newPage();
    await tab.setViewportSize({ width: 1280, height: 800 });
    const response = await tab.goto(url);
    assert.equal(response?.status(), 503);
    assert.ok(response.headers()['retry-after'] !== undefined);
    await tab.getByRole('heading', { name: 'legacy could not be started' }).waitFor();
    const text = await tab.locator('body').innerText();
    assert.match(text, /FATAL/);
    assert.ok(text.includes(String.raw`bad runtime process port ['Legacy service 1.0 starting\n']`), text);
    assert.match(text, /reading the old settings/);
    await tab.screenshot({ path: editor.picture('front-door-bad-port') });
  });

  it('the page reloads itself once the service is repaired and started', async () => {
    await rewrite(join(editor.folder, 'runtimes.yaml'), (text) =>
      text.replace('node legacy/server.js', 'node legacy/server.js --no-banner'),
    );
    await editor.rowMenu('legacy,', 'Start Service');
    await editor.row('legacy.0, instance, RUNNING').waitFor();
    await tab.getByText('"service":"legacy"').waitFor();
  });

  it('a service that died gets a page with its exit, the sentence and its stack trace (RP-30)', async () => {
    await editor.row('orders.0, instance, FATAL').waitFor();
    const url = urlIn(await editor.label('orders,'));
    await tab.goto(url);
    const text = await tab.locator('body').innerText();
    assert.match(text, /FATAL/);
    assert.match(text, /exit code 1/);
    assert.match(text, /Cannot connect to the instance on localhost:\d+/);
    assert.match(text, /opening the database[^]*Error: The database is gone/);
    await picture(editor, 'error-page', tab);
    // A program rather than a browser asks for no page and gets plain text.
    const plain = await fetch(url);
    assert.equal(plain.status, 503);
    assert.match(plain.headers.get('content-type') ?? '', /^text\/plain/);
    assert.match(
      await plain.text(),
      /Cannot connect to the instance on localhost:\d+[^]*The database is gone/,
    );
  });

  it('and reloads itself too, by itself and in the background', async () => {
    await writeFile(
      join(editor.folder, 'orders.js'),
      "import { createServer } from 'node:http';\n" +
        "createServer((_, response) => response.end('alive again')).listen(process.env.PORT, '127.0.0.1');\n",
    );
    await editor.rowAction('orders,', 'Start Service');
    await editor.row('orders.0, instance, RUNNING').waitFor();
    await tab.getByText('alive again').waitFor();
  });
});
