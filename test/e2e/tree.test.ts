import assert from 'node:assert/strict';
import { appendFile, mkdtemp, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { type Workspace, workspaceCopy } from '../support/workspace.ts';
import { rewrite } from './files.ts';
import { isAlive, pidIn, statesOf } from './reading.ts';

/** One that never gets ready and one that dies again and again, for a person who stops them meanwhile. */
const slowAndFlapping = `
  slow:
    command: node slow.js
  flapping:
    command: node flapping.js
    handshake: none
    startRetries: 50
`;

describe('the Runtimes view (issue 2, points 1 and 2)', () => {
  let editor: Editor;
  let workspace: Workspace;
  before(async () => {
    workspace = await workspaceCopy();
    // Up within a blink it would be STARTING for less time than the view takes to draw it.
    await rewrite(join(workspace.path, 'runtimes.yaml'), (text) =>
      text.replace('command: python3 api/server.py\n', '$&    startSeconds: 1\n'),
    );
    editor = await Editor.open({ folder: workspace.path });
  });
  after(async () => {
    await editor.close();
    await workspace[Symbol.asyncDispose]();
  });

  it('lists the services and their instances, stopped, and starts nothing by being opened', async () => {
    await editor.openView('Runtimes');
    await editor.rows.first().waitFor();
    assert.deepEqual(await editor.rowLabels(), [
      'web, service, 2 STOPPED',
      'web.0, instance, STOPPED',
      'web.1, instance, STOPPED',
      'api, service, STOPPED',
      'api.0, instance, STOPPED',
      'worker, service, STOPPED',
      'worker.0, instance, STOPPED',
      'legacy, service, STOPPED',
      'legacy.0, instance, STOPPED',
    ]);
    await editor.status('0/4 running').waitFor();
    assert.equal(await editor.activity('Runtimes').locator('.badge-content').isVisible(), false);
    await editor.screenshot('tree-stopped');
  });

  it('start all moves every state before the eyes: STARTING, RUNNING, BACKOFF, FATAL (SV-15)', async () => {
    const seen = await editor.watchRows();
    await editor.titleAction('Start All Services');
    const settled = /^(?:web\.\d.*RUNNING|api\.0.*RUNNING|worker\.0.*FATAL|legacy\.0.*FATAL)/;
    await editor.waitFor('every instance to be RUNNING or FATAL', async () => {
      const instances = (await editor.rowLabels()).filter((label) => label.includes(', instance, '));
      return instances.every((label) => settled.test(label));
    });
    const labels = await seen();
    // Each of its states lasts; what is shorter than a blink need not be drawn.
    assert.deepEqual(statesOf('api.0', labels), ['STOPPED', 'STARTING', 'RUNNING']);
    assert.equal(statesOf('web.0', labels).at(-1), 'RUNNING');
    assert.equal(statesOf('legacy.0', labels).at(-1), 'FATAL');
    const worker = statesOf('worker.0', labels);
    assert.ok(worker.includes('BACKOFF'), worker.join(' → '));
    assert.deepEqual([worker[0], worker.at(-1)], ['STOPPED', 'FATAL']);
    await editor.restMouse();
    await editor.screenshot('tree-started');
  });

  it('a running instance shows state as icon and word, its port and pid; a failed one its reason', async () => {
    const running = await editor.label('web.0');
    assert.match(running, /^web\.0, instance, RUNNING, port \d+, pid \d+$/);
    assert.ok(isAlive(pidIn(running)));
    assert.ok(await editor.row('web.0').locator('.codicon-pass-filled').isVisible());
    assert.match(await editor.label('worker.0'), /FATAL, gave up after 4 starts: exited with code 1/);
    assert.ok(await editor.row('worker.0').locator('.codicon-error').isVisible());
    assert.match(
      await editor.label('legacy.0'),
      /FATAL, bad runtime process port \['Legacy service 1\.0 starting\\n'\]$/,
    );
  });

  it('hovering a failed instance tells the reason and its last words', async () => {
    const hover = await editor.hoverRow('worker.0', 'QUEUE_URL');
    assert.match(
      (await hover.textContent()) ?? '',
      /exited with code 1.*QUEUE_URL is missing.*settings\.js:5/s,
    );
    await editor.screenshot('tree-hover');
    await editor.restMouse();
    await hover.waitFor({ state: 'detached' });
  });

  it('a badge counts what needs attention, and the status bar says 2/4 running and focuses the view', async () => {
    const icon = editor.activity('Runtimes');
    assert.equal(await icon.locator('.badge-content').textContent(), '2');
    assert.equal(await icon.locator('a').getAttribute('aria-label'), 'Runtimes - 2 things need attention');
    await editor.openView('Explorer');
    await editor.row('web,').waitFor({ state: 'detached' });
    await editor.status('2/4 running').click();
    await editor.row('web,').waitFor();
  });

  it('a collapsed service rolls its instances up: the gravest state, or how many run', async () => {
    await editor.rowAction('web.1', 'Stop Instance');
    await editor.row('web.1, instance, STOPPED').waitFor();
    await editor.titleAction('Collapse All');
    await editor.row('web.0').waitFor({ state: 'detached' });
    await editor.restMouse();
    const icons = await Promise.all(
      [
        ['web, service, 1/2 RUNNING, STOPPED', 'color-mode'],
        ['api, service, RUNNING', 'pass-filled'],
        ['worker, service, FATAL', 'error'],
        ['legacy, service, FATAL', 'error'],
      ].map(
        async ([label, icon]) =>
          await editor
            .row(label ?? '')
            .locator(`.codicon-${icon}`)
            .isVisible(),
      ),
    );
    await editor.screenshot('tree-collapsed');
    assert.deepEqual(icons, [true, true, true, true]);
    await editor.status('2/4 running').waitFor();
    for (const service of ['web', 'api', 'worker', 'legacy']) await editor.expand(`${service},`);
  });

  it('each row offers what can be done to it, inline and in its context menu', async () => {
    assert.deepEqual(await editor.rowActions('api,'), [
      'Stop Service',
      'Restart Service',
      'Open Service in Browser',
    ]);
    assert.deepEqual(await editor.rowActions('worker.0'), ['Start Instance', 'Show Instance Log']);
    assert.deepEqual(await editor.menuEntries('api,'), [
      'Open Service in Browser',
      'Show Service Log',
      'Go to Service Definition',
      'Stop Service',
      'Restart Service',
      'Debug Service',
      'Scale Service',
      'Copy Service URL',
      'Copy Named Service URL',
    ]);
    assert.deepEqual(await editor.menuEntries('web,'), [
      'Open Service in Browser',
      'Show Service Log',
      'Go to Service Definition',
      'Start Service',
      'Stop Service',
      'Restart Service',
      'Debug Service',
      'Scale Service',
      'Copy Service URL',
      'Copy Named Service URL',
    ]);
    await editor.row('web,').click({ button: 'right' });
    await editor.page.locator('.context-view .monaco-menu').waitFor();
    await editor.screenshot('tree-menu');
    await editor.page.keyboard.press('Escape');
  });

  it('every action is in the palette too, with a quick pick of what it fits', async () => {
    await editor.command('Local Runtimes: Restart Service');
    assert.deepEqual(await editor.picks(), ['web', 'api']);
    await editor.screenshot('tree-quick-pick');
    const before = pidIn(await editor.label('api.0'));
    await editor.pick('api');
    await editor.waitFor('another process of api', async () => {
      const label = await editor.label('api.0');
      return label.includes('RUNNING') && pidIn(label) !== before;
    });
    assert.equal(isAlive(before), false);
  });

  it('go to definition opens runtimes.yaml where the service stands', async () => {
    await editor.rowMenu('legacy.0', 'Go to Instance Definition');
    await editor.tab('runtimes.yaml').waitFor();
    const lines = (await readFile(join(editor.folder, 'runtimes.yaml'), 'utf8')).split('\n');
    const line = lines.findIndex((text) => text.startsWith('  legacy:')) + 1;
    await editor.status(`Ln ${line}, Col 9 (6 selected)`).waitFor();
  });

  it('stop works while STARTING and in BACKOFF, and no process is left (SV-28, SV-29)', async () => {
    await writeFile(join(editor.folder, 'slow.js'), 'setInterval(() => {}, 1000);\n');
    await writeFile(join(editor.folder, 'flapping.js'), 'process.exit(3);\n');
    await appendFile(join(editor.folder, 'runtimes.yaml'), slowAndFlapping);
    await editor.row('slow.0').waitFor();

    await editor.rowAction('slow.0', 'Start Instance');
    const starting = await editor.waitFor('slow.0 with a process', async () => {
      const label = await editor.label('slow.0');
      return label.includes('STARTING') && label.includes('pid') && label;
    });
    assert.ok(isAlive(pidIn(starting)));
    assert.ok(await editor.row('slow.0').locator('.codicon-loading').isVisible());
    await editor.rowAction('slow.0', 'Stop Instance');
    await editor.row('slow.0, instance, STOPPED').waitFor();
    assert.equal(isAlive(pidIn(starting)), false);

    await editor.rowAction('flapping.0', 'Start Instance');
    // After the second try the pause is long enough to look and to click.
    await editor.row('flapping.0, instance, BACKOFF, attempt 2').waitFor();
    await editor.restMouse();
    await editor.screenshot('tree-backoff');
    await editor.rowAction('flapping.0', 'Stop Instance');
    await editor.row('flapping.0, instance, STOPPED').waitFor();
  });

  it('stop all stops everything', async () => {
    const pids = (await editor.rowLabels()).flatMap((label) => (label.includes('pid') ? [pidIn(label)] : []));
    assert.ok(pids.length >= 2);
    await editor.titleAction('Stop All Services');
    await editor.status('0/6 running').waitFor();
    await editor.waitFor('no process', () => Promise.resolve(!pids.some(isAlive)));
  });

  it('a service that an error keeps from running has a row that says why, and a click leads to its line', async () => {
    const path = join(editor.folder, 'runtimes.yaml');
    const at = (await readFile(path, 'utf8')).split('\n').length + 1;
    await appendFile(path, '\n  broken: { command: x, port: far }\n');
    const row = editor.row('broken, service, not run: ');
    await row.waitFor();
    await editor.status('0/7 running, 1 not run').waitFor();
    await row.click();
    await editor.status(`Ln ${at}, Col 9 (6 selected)`).waitFor();
  });

  it('in a folder without a config a welcome view offers to create runtimes.yaml, and does', async () => {
    const folder = await realpath(await mkdtemp(join(tmpdir(), 'local-runtimes-empty-')));
    try {
      await writeFile(join(folder, 'package.json'), JSON.stringify({ scripts: { dev: 'node server.js' } }));
      await editor.open(folder);
      await editor.openView('Runtimes');
      const create = editor.page
        .locator('.welcome-view')
        .getByRole('button', { name: 'Create runtimes.yaml' });
      await create.waitFor();
      await editor.restMouse();
      await editor.screenshot('tree-welcome');
      await create.click();
      await editor.tab('runtimes.yaml').waitFor();
      await editor.row('web.0').waitFor();
      await editor.screenshot('tree-created');
      const text = await readFile(join(folder, 'runtimes.yaml'), 'utf8');
      assert.match(text, /^ {2}web:\n {4}command: npm run dev$/m);
      assert.deepEqual(await editor.rowLabels(), ['web, service, STOPPED', 'web.0, instance, STOPPED']);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });
});
