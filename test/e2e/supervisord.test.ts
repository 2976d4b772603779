import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { rewrite } from './files.ts';
import { picture } from './pictures.ts';
import { isAlive, pidIn, untilGone } from './reading.ts';

describe('a folder with a supervisord.conf and nothing of ours', () => {
  let editor: Editor;
  before(async () => {
    editor = await Editor.open({ workspace: 'supervisord', settings: { 'editor.minimap.enabled': false } });
    await editor.openView('Runtimes');
    await editor.row('web.1').waitFor();
    await editor.widenSideBar(100);
  });
  after(async () => await editor.close());

  const folderFile = (...parts: readonly string[]): string => join(editor.folder, ...parts);

  it('shows its programs: groups as parents, numprocs as instances, included files too', async () => {
    const [leftOut = '', ...programs] = (await editor.rowLabels()).toReversed();
    assert.match(leftOut, /^mail, service, not run: .*'ten' in section 'program:mail'/);
    assert.deepEqual(programs.toReversed(), [
      'site, group, 3 STOPPED',
      'clock, service, STOPPED',
      'clock.0, instance, STOPPED',
      'web, service, 2 STOPPED',
      'web.0, instance, STOPPED',
      'web.1, instance, STOPPED',
      'prepare, service, STOPPED',
      'prepare.0, instance, STOPPED',
      'watcher, service, STOPPED',
      'watcher.0, instance, STOPPED',
    ]);
    await editor.screenshot('supervisord-stopped');
  });

  it('a bad value is a problem at its line, in a file that is not open', async () => {
    const text = await readFile(folderFile('conf.d', 'mail.conf'), 'utf8');
    const line = text.split('\n').findIndex((each) => each.startsWith('stopwaitsecs')) + 1;
    const problem = await editor.waitFor('the problem of stopwaitsecs', async () => {
      return (await editor.problems()).find((each) => each.includes("'ten'"));
    });
    assert.match(problem, new RegExp(`at line ${line} and character \\d+`));
    await editor.restMouse();
    await editor.screenshot('supervisord-problem');
  });

  it('the problem stays while the file is open, which keeps the editor’s own language', async () => {
    await editor.page
      .locator('.markers-panel .monaco-list-row')
      .filter({ hasText: "'ten'" })
      .first()
      .dblclick();
    await editor.tab('mail.conf').waitFor();
    await editor.page.locator('.monaco-editor .squiggly-error').first().waitFor();
    assert.ok((await editor.problems()).some((each) => each.includes("'ten'")));
    await editor.status('Properties').waitFor();
    await editor.restMouse();
    await editor.screenshot('supervisord-squiggle');
  });

  it('starts them all; a job is done, the group runs', async () => {
    await editor.titleAction('Start All Services');
    await editor.row('site, group, 3 RUNNING').waitFor();
    await editor.row('watcher.0, instance, RUNNING').waitFor();
    await editor.row('prepare.0, instance, EXITED').waitFor();
    assert.ok(await editor.row('prepare,').locator('.codicon-pass').isVisible());
    await editor.status('3/4 running, 1 not run').waitFor();
    await editor.restMouse();
    await picture(editor, 'supervisord');
  });

  it('the listener heard of it in Supervisor’s words', async () => {
    const heard = await editor.waitFor('what the listener heard', async () => {
      const text = await readFile(folderFile('watcher.log'), 'utf8').catch(() => '');
      return text.includes('PROCESS_STATE_RUNNING processname:clock') && text;
    });
    assert.match(
      heard,
      /^PROCESS_STATE_RUNNING processname:web_01 groupname:site from_state:STARTING pid:\d+/m,
    );
  });

  it('hovering names a process as supervisorctl does, and its log files', async () => {
    const hover = await editor.hoverRow('clock.0', 'Log file of stderr');
    assert.match((await hover.textContent()) ?? '', /site:clock.*clock\.log.*clock-errors\.log/s);
    await editor.screenshot('supervisord-hover');
    await hover.getByText('clock-errors.log').click();
    await editor.tab('clock-errors.log').waitFor();
    await editor.restMouse();
    await editor.command('View: Close All Editors');
  });

  it('shows what a process writes, and writes it where the file says', async () => {
    await editor.rowAction('web.0', 'Show Instance Log');
    await editor.waitFor('the line in the channel', async () =>
      (await editor.outputLines()).some((line) => line.includes('web 0 is up')),
    );
    assert.match(await readFile(folderFile('web_00.log'), 'utf8'), /^web 0 is up$/m);
    assert.match(await readFile(folderFile('clock-errors.log'), 'utf8'), /^no battery$/m);
    await editor.restMouse();
    await editor.screenshot('supervisord-log');
  });

  it('sends a signal that is picked from a list', async () => {
    await editor.rowMenu('web.0', 'Send Signal to Instance');
    await editor.picks();
    await editor.screenshot('supervisord-signal');
    await editor.pick('HUP');
    await editor.waitFor('what the signal made it do', async () =>
      (await editor.outputLines()).some((line) => line.includes('web 0 reads its settings again')),
    );
  });

  it('asks which of two log files to open', async () => {
    await editor.rowMenu('clock.0', 'Open Instance Log File');
    assert.deepEqual(await editor.picks(), ['stdout', 'stderr']);
    await editor.pick('stderr');
    await editor.tab('clock-errors.log').waitFor();
    await editor.command('View: Close All Editors');
  });

  it('clears a log, in the channel and on the disk', async () => {
    await editor.rowMenu('web.0', 'Clear Instance Log');
    await editor.waitFor('an empty channel', async () =>
      (await editor.outputLines()).every((line) => line.trim() === ''),
    );
    assert.equal(await readFile(folderFile('web_00.log'), 'utf8'), '');
  });

  it('shows the main log', async () => {
    await editor.command('Local Runtimes: Show Main Log');
    await editor.tab('supervisord.log').waitFor();
    await editor.page.locator('.view-line').filter({ hasText: 'entered RUNNING state' }).first().waitFor();
    await editor.restMouse();
    await editor.screenshot('supervisord-main-log');
  });

  it('go to definition leads to the section, also in an included file', async () => {
    await editor.rowMenu('watcher.0', 'Go to Instance Definition');
    await editor.tab('watcher.conf').waitFor();
    await editor.status('Ln 2').waitFor();
  });

  it('a corrected included file is read again: the problem goes and the program comes', async () => {
    await rewrite(folderFile('conf.d', 'mail.conf'), (text) => text.replace('=ten', '=10'));
    await editor.row('mail, service, STOPPED').waitFor();
    await editor.waitFor('no problem left', async () => {
      return !(await editor.problems()).some((each) => each.includes("'ten'"));
    });
    assert.match(await editor.label('site,'), /3 RUNNING/);
  });

  it('sends a line to a program’s standard input', async () => {
    await editor.rowAction('mail.0', 'Start Instance');
    await editor.row('mail.0, instance, RUNNING').waitFor();
    await editor.rowAction('mail.0', 'Show Instance Log');
    await editor.rowMenu('mail.0', 'Send Input to Instance');
    const box = editor.page.locator('.quick-input-widget');
    await box.getByText('Send Input to mail.0').waitFor();
    await box.locator('input[type="text"]').fill('is anybody there?');
    await editor.page.keyboard.press('Enter');
    await editor.waitFor('the answer', async () =>
      (await editor.outputLines()).some((line) => line.includes('is anybody there?')),
    );
  });

  it('has as many processes as the file says: scaling is not offered', async () => {
    const menu = await editor.menuEntries('web,');
    assert.ok(menu.includes('Restart Service') && !menu.includes('Scale Service'), menu.join(' | '));
  });

  it('stops everything, from the group down to the last process', async () => {
    const labels = (await editor.rowLabels()).filter((label) => label.includes('pid'));
    const pids = labels.map(pidIn);
    assert.ok(pids.length >= 4, labels.join('\n'));
    await editor.rowAction('site,', 'Stop Group');
    await editor.row('site, group, 3 STOPPED').waitFor();
    assert.match(await editor.label('watcher.0'), /RUNNING/);
    await editor.titleAction('Stop All Services');
    await editor.row('watcher.0, instance, STOPPED').waitFor();
    await untilGone(pids);
    assert.ok(!pids.some(isAlive));
  });
});
