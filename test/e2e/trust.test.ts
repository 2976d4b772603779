import assert from 'node:assert/strict';
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { workspaceCopy, type Workspace } from '../support/workspace.ts';
import { isAlive, pidIn } from './reading.ts';
import { commandLines } from './system.ts';

describe('a workspace that is not trusted (issue 2, point 8)', () => {
  let workspace: Workspace;
  let editor: Editor;
  before(async () => {
    workspace = await workspaceCopy();
    await appendFile(join(workspace.path, 'runtimes.yaml'), '\n  broken:\n    comand: node broken.js\n');
    editor = await Editor.open({
      folder: workspace.path,
      trusted: false,
      // Even a person who wants services started on opening wants that only where they trust.
      settings: { 'localRuntimes.startOnOpen': true },
    });
    await editor.status('Restricted Mode').waitFor();
  });
  after(async () => {
    await editor.close();
    await workspace[Symbol.asyncDispose]();
  });

  it('shows its services and the problems of its config, and spawns nothing', async () => {
    await editor.openView('Runtimes');
    await editor.row('web.0, instance, STOPPED').waitFor();
    const problems = await editor.waitFor('the problems of the config', async () => {
      const all = await editor.problems();
      return all.some((each) => each.includes('"comand" is not a key')) && all;
    });
    assert.ok(
      problems.some((each) => each.includes('Did you mean "command"?')),
      problems.join('\n'),
    );
    assert.deepEqual(await commandLines(editor.folder, 'server.'), []);
  });

  it('says in the view how to trust, and offers no start', async () => {
    const say = editor.page.locator('.sidebar').getByText('not trusted');
    await say.waitFor();
    assert.deepEqual(await editor.menuEntries('web,'), ['Show Service Log', 'Go to Service Definition']);
    await editor.restMouse();
    await editor.screenshot('trust-restricted');
  });

  it('a start from the palette starts nothing and says why', async () => {
    await editor.command('Local Runtimes: Start All Services');
    await editor.waitFor('the reason', async () => {
      return (await editor.notifications()).some((each) => each.includes('not trusted'));
    });
    await editor.screenshot('trust-asked');
    assert.deepEqual(await commandLines(editor.folder, 'server.'), []);
  });

  it('once the workspace is trusted, its services start', async () => {
    await editor.command('Local Runtimes: Manage Workspace Trust');
    await editor.page
      .locator('.workspace-trust-editor')
      .getByRole('button', { name: 'Trust', exact: true })
      .click();
    await editor.row('web.0, instance, RUNNING').waitFor();
    assert.ok(isAlive(pidIn(await editor.label('web.0'))));
    await editor.page.locator('.sidebar').getByText('not trusted').waitFor({ state: 'detached' });
    await editor.screenshot('trust-given');
  });
});
