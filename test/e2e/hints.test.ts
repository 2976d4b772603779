import assert from 'node:assert/strict';
import { appendFile, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { isAlive, pidIn } from './reading.ts';
import { files } from './system.ts';

const service = (name: string): string =>
  `  ${name}:\n    command: sh -c 'echo ${name} is here; exec sleep 1000'\n    handshake: none\n    startSeconds: 0\n`;

describe('what the editor says when something is not as a person expects', () => {
  let editor: Editor;
  let folder: string;
  before(async () => {
    folder = await realpath(await mkdtemp(join(tmpdir(), 'local-runtimes-hints-')));
    await writeFile(join(folder, 'runtimes.yaml'), `version: 1\nservices:\n${service('web')}`);
    editor = await Editor.open({ folder });
    await editor.openView('Runtimes');
    await editor.row('web.0').waitFor();
  });
  after(async () => {
    await editor.close();
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  const said = (part: string): Promise<string> =>
    editor.waitFor(part, async () => (await editor.notifications()).find((each) => each.includes(part)));
  const press = (button: string): Promise<void> =>
    editor.page.locator('.notifications-toasts').getByRole('button', { name: button, exact: true }).click();

  it('a service that a save brings is offered while others run, and then alone, and runs after one click', async () => {
    await appendFile(join(folder, 'runtimes.yaml'), service('quiet'));
    await editor.row('quiet.0, instance, STOPPED').waitFor();
    await editor.titleAction('Start All Services');
    await editor.row('quiet.0, instance, RUNNING').waitFor();
    await appendFile(join(folder, 'runtimes.yaml'), service('clock'));
    await said('clock is new');
    // What was told of the other would still be in sight.
    assert.deepEqual(await editor.notifications(), ['clock is new and does not run yet.']);
    await editor.screenshot('hint-new');
    assert.match(await editor.label('clock.0'), /STOPPED/);
    await press('Start');
    await editor.row('clock.0, instance, RUNNING').waitFor();
    assert.ok(isAlive(pidIn(await editor.label('clock.0'))));
    assert.deepEqual(await editor.notifications(), []);
  });

  it('a log file that was deleted is said to be gone, and the channel is one click away', async () => {
    const [log] = await files(join(editor.server.home, 'data'), /^web\.0\.log$/);
    assert.ok(log !== undefined);
    await rm(log);
    await editor.rowMenu('web.0', 'Open Instance Log File');
    await said('The log file of web.0 is not there');
    await editor.screenshot('hint-log');
    await press('Show Instance Log');
    await editor.waitFor('the line in the channel', async () =>
      (await editor.outputLines()).some((line) => line.includes('web is here')),
    );
  });

  it('scaling a program says what decides instead', async () => {
    await editor.titleAction('Stop All Services');
    await editor.row('clock.0, instance, STOPPED').waitFor();
    await rm(join(folder, 'runtimes.yaml'));
    await writeFile(join(folder, 'supervisord.conf'), '[supervisord]\n[program:cat]\ncommand=/bin/cat\n');
    await editor.reload();
    await editor.row('cat.0, instance, STOPPED').waitFor();
    await editor.command('Local Runtimes: Scale Service');
    await said('"numprocs" in supervisord.conf decides how many processes');
    await editor.screenshot('hint-scale');
  });
});
