import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Editor } from '../support/editor.ts';
import { rewrite } from './files.ts';
import { isAlive, pidIn, untilGone } from './reading.ts';

describe('editing runtimes.yaml (issue 2, point 6)', () => {
  let editor: Editor;
  before(async () => {
    editor = await Editor.open();
    // A worker that lives, so that there is something to compare.
    await rewrite(join(editor.folder, 'runtimes.yaml'), (text) =>
      text.replace('# env:\n    #   QUEUE_URL: memory://jobs', 'env:\n      QUEUE_URL: memory://jobs'),
    );
    await editor.openView('Runtimes');
    await editor.rows.first().waitFor();
    await editor.openFile('runtimes.yaml');
  });
  after(async () => await editor.close());

  /** Puts the cursor behind a text of the open file. */
  async function goBehind(text: string): Promise<void> {
    const { page } = editor;
    await page.keyboard.press('Control+F');
    const find = page.locator('.find-widget.visible');
    await find.waitFor();
    await find.getByRole('textbox', { name: 'Find' }).fill(text);
    await find.locator('.matchesCount').filter({ hasText: /^1 of/ }).waitFor();
    await page.keyboard.press('Escape');
    await find.waitFor({ state: 'detached' }).catch(() => undefined);
    await page.keyboard.press('ArrowRight');
  }

  it('hovering a key tells what it does', async () => {
    const { page } = editor;
    await page
      .locator('.view-line span')
      .getByText(/^\s*instances$/)
      .hover();
    const hover = page
      .locator('.monaco-resizable-hover, .monaco-hover')
      .filter({ hasText: 'Runs this many instances' });
    await hover.first().waitFor();
    await editor.screenshot('config-hover');
    await editor.restMouse();
  });

  it('typing completes keys, values and names, with what they mean', async () => {
    const { page } = editor;
    await goBehind('GREETING: Hello from the sample');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.type('bal');
    const suggestion = page
      .locator('.suggest-widget.visible .monaco-list-row')
      .filter({ hasText: 'balance' });
    await suggestion.first().waitFor();
    await editor.screenshot('config-completion');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Control+Space');
    const value = page.locator('.suggest-widget.visible .monaco-list-row').filter({ hasText: 'least-busy' });
    await value.first().click();
    await page.locator('.view-line').getByText('least-busy').waitFor();
  });

  it('a slip of the fingers is underlined while typing, with what was meant', async () => {
    const { page } = editor;
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('instnaces: 3');
    await page.locator('.squiggly-error').first().waitFor();
    const problems = await editor.waitFor('the problem in the list', async () => {
      const all = await editor.problems();
      return all.some((each) => each.includes('"instnaces" is not a key')) && all;
    });
    assert.ok(
      problems.some((each) => each.includes('Did you mean "instances"?')),
      problems.join('\n'),
    );
    assert.equal(problems.filter((each) => each.includes('"instnaces"')).length, 1);
    await editor.screenshot('config-squiggle');
  });

  it('correcting it takes the underline away', async () => {
    const { page } = editor;
    await page.locator('.view-line').getByText('instnaces').click();
    await page.keyboard.press('End');
    await page.keyboard.press('Shift+Home');
    await page.keyboard.press('Delete');
    await page.locator('.squiggly-error').first().waitFor({ state: 'detached' });
    await page.keyboard.press('Control+S');
    await editor.tab('runtimes.yaml').and(page.locator(':not(.dirty)')).waitFor();
  });

  it('saving applies the difference: the unchanged runs on, the changed restarts, the removed stops', async () => {
    const { page } = editor;
    await editor.titleAction('Start All Services');
    for (const name of ['web.0', 'web.1', 'api.0', 'worker.0'])
      await editor.row(`${name}, instance, RUNNING`).waitFor();
    const [web, api, worker] = await Promise.all(
      ['web.0', 'api.0', 'worker.0'].map(async (name) => pidIn(await editor.label(name))),
    );
    assert.ok(web !== undefined && api !== undefined && worker !== undefined);

    await page.locator('.view-line').getByText('Hello from the sample').click();
    await page.keyboard.press('End');
    await page.keyboard.type(', changed');
    await editor.openFile('runtimes.yaml');
    await goBehind('  worker:');
    // The service's name and its four lines.
    for (const key of ['Home', 'Home']) await page.keyboard.press(key);
    for (let line = 0; line < 5; line += 1) await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Delete');
    await editor.screenshot('config-edited');
    await page.keyboard.press('Control+S');

    await editor.row('worker,').waitFor({ state: 'detached' });
    await editor.waitFor('another process of web', async () => {
      const label = await editor.label('web.0');
      return label.includes('RUNNING') && pidIn(label) !== web;
    });
    await untilGone([web, worker]);
    assert.equal(pidIn(await editor.label('api.0')), api);
    assert.ok(isAlive(api));
    await editor.screenshot('config-saved');
  });
});
