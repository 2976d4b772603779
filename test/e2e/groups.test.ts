import assert from 'node:assert/strict';
import { mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { isAlive, pidIn, untilGone } from './reading.ts';

const config = `version: 1
services:
  front:
    command: node server.js front
  db:
    command: node server.js db
    priority: 1
    group: back
  queue:
    command: node server.js queue
    priority: 2
    group: back
  cache:
    command: node server.js cache
    instances: 2
`;

/** Leaves a line in a file when it begins and when it is told to end. */
const server = `import { appendFileSync } from 'node:fs';
import { createServer } from 'node:http';
const [, , name] = process.argv;
appendFileSync('noted.txt', 'start ' + name + '\\n');
process.on('SIGTERM', () => {
  appendFileSync('noted.txt', 'stop ' + name + '\\n');
  process.exit(0);
});
createServer((_, answer) => answer.end(name)).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('groups and selections in the Runtimes view', () => {
  let editor: Editor;
  let folder: string;
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'local-runtimes-groups-')));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
    await writeFile(join(folder, 'server.js'), server);
    await writeFile(join(folder, 'runtimes.yaml'), config);
    editor = await Editor.open({ folder });
    await editor.openView('Runtimes');
    await editor.row('cache.1').waitFor();
    await editor.widenSideBar(100);
  });
  after(async () => {
    await editor.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  /** What the services wrote since the last look, sorted: which of two processes runs its first line first is up to the system. */
  async function noted(): Promise<readonly string[]> {
    const text = await readFile(join(folder, 'noted.txt'), 'utf8');
    await rm(join(folder, 'noted.txt'));
    return text.trimEnd().split('\n').toSorted();
  }

  async function select(...labels: readonly string[]): Promise<void> {
    const [first = '', ...others] = labels;
    const name = (label: string): ReturnType<Editor['row']> => editor.row(label).first();
    await name(first).locator('.label-name').click();
    for (const other of others)
      await name(other)
        .locator('.label-name')
        .click({ modifiers: ['ControlOrMeta'] });
    await editor.waitFor(`${labels.length} selected rows`, async () => {
      const selected = editor.page.locator('.sidebar .monaco-list-row[aria-selected="true"]');
      return (await selected.count()) === labels.length;
    });
  }

  it('a group is the parent of its services; what is in none stands beside it', async () => {
    assert.deepEqual(
      await editor.rows.evaluateAll((rows) =>
        rows.map((row) => `${row.getAttribute('aria-level')} ${row.getAttribute('aria-label')}`),
      ),
      [
        '1 front, service, STOPPED',
        '2 front.0, instance, STOPPED',
        '1 back, group, 2 STOPPED',
        '2 db, service, STOPPED',
        '3 db.0, instance, STOPPED',
        '2 queue, service, STOPPED',
        '3 queue.0, instance, STOPPED',
        '1 cache, service, 2 STOPPED',
        '2 cache.0, instance, STOPPED',
        '2 cache.1, instance, STOPPED',
      ],
    );
  });

  it('starts as one, in the order of its priorities, and leaves the others alone', async () => {
    await editor.rowAction('back,', 'Start Group');
    await editor.row('back, group, 2 RUNNING').waitFor();
    assert.deepEqual(await noted(), ['start db', 'start queue']);
    assert.ok(pidIn(await editor.label('db.0')) < pidIn(await editor.label('queue.0')));
    assert.match(await editor.label('front,'), /^front, service, STOPPED/);
    assert.ok(await editor.row('back,').locator('.codicon-pass-filled').isVisible());
    assert.deepEqual(await editor.rowActions('back,'), [
      'Stop Group',
      'Restart Group',
      'Open Group in Browser',
    ]);
    await editor.restMouse();
    await editor.screenshot('groups-running');
  });

  it('collapsed, it shows that some of it runs and some does not', async () => {
    await editor.rowAction('queue.0', 'Stop Instance');
    await editor.row('queue.0, instance, STOPPED').waitFor();
    await editor.row('back, group, 1/2 RUNNING, STOPPED').waitFor();
    assert.ok(await editor.row('back,').locator('.codicon-color-mode').isVisible());
    assert.deepEqual(await editor.menuEntries('back,'), [
      'Open Group in Browser',
      'Go to Group Definition',
      'Start Group',
      'Stop Group',
      'Restart Group',
    ]);
  });

  it('goes to where it is defined', async () => {
    await editor.rowMenu('back,', 'Go to Group Definition');
    await editor.tab('runtimes.yaml').waitFor();
  });

  it('what is selected is started together, an instance inside a selected group only once', async () => {
    await editor.rowAction('back,', 'Stop Group');
    await editor.row('back, group, 2 STOPPED').waitFor();
    assert.deepEqual(await noted(), ['stop db', 'stop queue']);
    await select('db.0', 'back,', 'front,');
    const menu = await editor.menuEntries('front,');
    assert.ok(
      ['Start Selected', 'Stop Selected', 'Restart Selected'].every((each) => menu.includes(each)),
      menu.join(' | '),
    );
    assert.ok(!menu.includes('Start Service'), menu.join(' | '));
    await editor.row('front,').first().click({ button: 'right' });
    await editor.page.locator('.context-view .monaco-menu').waitFor();
    await editor.screenshot('groups-selection');
    await editor.page.keyboard.press('Escape');
    await editor.rowMenu('front,', 'Start Selected');
    await editor.row('back, group, 2 RUNNING').waitFor();
    await editor.row('front, service, RUNNING').waitFor();
    assert.deepEqual(await noted(), ['start db', 'start front', 'start queue']);
    assert.match(await editor.label('cache,'), /^cache, service, 2 STOPPED/);
  });

  it('an inline button acts on the whole selection when its row is part of it', async () => {
    const pids = await Promise.all(
      ['db.0', 'queue.0', 'front.0'].map(async (name) => pidIn(await editor.label(name))),
    );
    await editor.rowAction('front,', 'Stop Service');
    await editor.row('back, group, 2 STOPPED').waitFor();
    await editor.row('front, service, STOPPED').waitFor();
    await untilGone(pids);
    assert.ok(!pids.some(isAlive));
  });

  it('a button of a row outside the selection acts on that row alone', async () => {
    await editor.rowAction('cache.1', 'Start Instance');
    await editor.row('cache.1, instance, RUNNING').waitFor();
    assert.match(await editor.label('front,'), /^front, service, STOPPED/);
    assert.match(await editor.label('cache.0'), /STOPPED/);
  });

  it('a service is scaled by a number that makes sense', async () => {
    await editor.rowMenu('cache,', 'Scale Service');
    const box = editor.page.locator('.quick-input-widget');
    await box.locator('input[type="text"]').fill('none');
    await box.getByText('A whole number from 1 to 100, please.').first().waitFor();
    await editor.screenshot('groups-scale');
    await box.locator('input[type="text"]').fill('3');
    await editor.page.keyboard.press('Enter');
    await editor.row('cache.2').waitFor();
  });
});
