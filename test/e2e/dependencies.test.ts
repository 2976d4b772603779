import assert from 'node:assert/strict';
import { mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { rewrite } from './files.ts';
import { picture } from './pictures.ts';
import { isAlive, pidIn } from './reading.ts';

const config = `version: 1
services:
  web:
    command: node server.js
    dependsOn:
      db: healthy
      migrate: exited
  db:
    command: node server.js
    health: { http: /health, interval: 500ms, failures: 3 }
  migrate:
    command: node migrate.js
    handshake: none
    restart: never
    startSeconds: 0
  broken:
    command: node -e "process.exit(3)"
    startRetries: 0
    autostart: false
  vain:
    command: node server.js
    dependsOn: [broken]
    autostart: false
`;

/** Healthy from when a file says so. */
const server = `import { existsSync } from 'node:fs';
import { createServer } from 'node:http';
createServer(({ url }, answer) => {
  answer.statusCode = url === '/health' && !existsSync('healthy') ? 503 : 200;
  answer.end();
}).listen(Number(process.env.PORT), '127.0.0.1');
`;

describe('dependencies in the Runtimes view', () => {
  let editor: Editor;
  let folder: string;
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'local-runtimes-dependencies-')));
    await writeFile(join(folder, 'package.json'), '{ "type": "module" }\n');
    await writeFile(join(folder, 'server.js'), server);
    await writeFile(join(folder, 'migrate.js'), `console.log('the tables are there');\n`);
    await writeFile(join(folder, 'runtimes.yaml'), config);
    editor = await Editor.open({ folder });
    await editor.openView('Runtimes');
    await editor.row('vain.0').waitFor();
    await editor.widenSideBar(140);
  });
  after(async () => {
    await editor.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('a start brings along what the service needs, and the tree says what it still waits for', async () => {
    await editor.rowAction('web,', 'Start Service');
    await editor.row('db.0, instance, RUNNING').waitFor();
    await editor.row('migrate.0, instance, EXITED').waitFor();
    await editor.row('web, service, STOPPED, waiting for db (not healthy').waitFor();
    assert.match(await editor.label('web.0'), /^web\.0, instance, STOPPED, waiting for db \(not healthy/);
    assert.ok(await editor.row('web,').locator('.codicon-watch').isVisible());
    await editor.status('1 waiting').waitFor();
    await editor.restMouse();
    await picture(editor, 'dependencies');
  });

  it('hovering tells what it needs and how that fares', async () => {
    const hover = await editor.hoverRow('web,', 'Needs:');
    assert.match((await hover.textContent()) ?? '', /db \(healthy, not met yet\).*migrate \(exited\)/s);
    await editor.screenshot('dependencies-hover');
    await editor.restMouse();
    await hover.waitFor({ state: 'detached' });
  });

  it('an unhealthy service is a warning in the tree and says so', async () => {
    await editor.row('db, service, RUNNING, unhealthy').waitFor();
    assert.ok(await editor.row('db.0').locator('.codicon-warning').isVisible());
    assert.equal(await editor.activity('Runtimes').locator('.badge-content').textContent(), '1');
  });

  it('a stop calls the waiting off and leaves the others alone', async () => {
    assert.deepEqual(await editor.rowActions('web.0'), ['Stop Instance', 'Show Instance Log']);
    await editor.rowAction('web,', 'Stop Service');
    await editor.waitFor('web not to wait', async () => !(await editor.label('web,')).includes('waiting'));
    assert.match(await editor.label('db.0'), /RUNNING/);
  });

  it('can be started anyway, without what it needs', async () => {
    await editor.rowMenu('web,', 'Start Without What It Needs');
    await editor.row('web.0, instance, RUNNING').waitFor();
    assert.match(await editor.label('db.0'), /unhealthy/);
    const menu = await editor.menuEntries('web,');
    assert.ok(!menu.includes('Start Without What It Needs'), menu.join(' | '));
    await editor.rowAction('web,', 'Stop Service');
    await editor.row('web.0, instance, STOPPED').waitFor();
  });

  it('a waiting service starts by itself once what it needs is there', async () => {
    await editor.rowAction('web.0', 'Start Instance');
    await editor.row('web.0, instance, STOPPED, waiting for db').waitFor();
    await writeFile(join(folder, 'healthy'), '');
    await editor.row('web.0, instance, RUNNING').waitFor();
    assert.ok(isAlive(pidIn(await editor.label('web.0'))));
    await editor.waitFor('db to say nothing of its health', async () => {
      return !(await editor.label('db,')).includes('health');
    });
    await editor.status('2/4 running').waitFor();
    assert.equal(await editor.activity('Runtimes').locator('.badge-content').isVisible(), false);
  });

  it('jobs that are done show a check mark, and can be put out of sight and back', async () => {
    assert.ok(await editor.row('migrate,').locator('.codicon-pass').isVisible());
    await editor.command('Local Runtimes: Hide Finished Services');
    await editor.row('migrate,').waitFor({ state: 'detached' });
    await editor.page.locator('.sidebar').getByText('1 finished service is hidden.').waitFor();
    await editor.restMouse();
    await editor.screenshot('dependencies-hidden');
    await editor.command('Local Runtimes: Show Finished Services');
    await editor.row('migrate, service, EXITED').waitFor();
    // The rows move up once the message is gone, from under the mouse of whoever is quicker.
    await editor.page
      .locator('.sidebar')
      .getByText('1 finished service is hidden.')
      .waitFor({ state: 'hidden' });
  });

  it('what waits in vain says so, and a person is told where to look', async () => {
    await editor.rowAction('vain,', 'Start Service');
    await editor.row('broken.0, instance, FATAL').waitFor();
    await editor.row('vain, service, STOPPED, waiting for broken (FATAL)').waitFor();
    const problem = await editor.waitFor('the problem of what waits', async () => {
      return (await editor.problems()).find(
        (each) => each.includes('dependency-failed') || /vain.*broken/.test(each),
      );
    });
    assert.match(problem, /at line \d+/);
    assert.equal(await editor.activity('Runtimes').locator('.badge-content').textContent(), '2');
    await editor.restMouse();
    await editor.screenshot('dependencies-vain');
    await editor.rowAction('vain,', 'Stop Service');
    await editor.waitFor('vain not to wait', async () => !(await editor.label('vain,')).includes('waiting'));
  });

  it('with nothing left to see, the view says why and offers to show it', async () => {
    await rewrite(join(folder, 'runtimes.yaml'), (text) => {
      const [web, migrate, broken] = ['web', 'migrate', 'broken'].map((name) => text.indexOf(`\n  ${name}:`));
      return text.slice(0, web) + text.slice(migrate, broken);
    });
    await editor.row('web,').waitFor({ state: 'detached' });
    await editor.command('Local Runtimes: Hide Finished Services');
    await editor.row('migrate,').waitFor({ state: 'detached' });
    await editor.restMouse();
    await editor.screenshot('dependencies-all-hidden');
    await editor.status('1 finished').waitFor();
    await editor.page
      .locator('.welcome-view')
      .getByRole('button', { name: 'Show Finished Services' })
      .click();
    await editor.row('migrate, service, EXITED').waitFor();
  });
});
