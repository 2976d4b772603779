import { test } from 'node:test';
import type { Locator } from 'playwright-core';
import { Editor } from '../support/editor.ts';
import { picture } from './pictures.ts';

test('one window shows what runs, what failed and why, and where in the file', async () => {
  await using editor = await Editor.open({
    size: { width: 1280, height: 760 },
    settings: { 'editor.minimap.enabled': false },
  });
  await editor.openView('Runtimes');
  await editor.row('legacy.0').waitFor();
  await editor.widenSideBar(80);
  await editor.openFile('runtimes.yaml');
  await editor.page.locator('.view-line').filter({ hasText: 'node web/server.js' }).waitFor();
  await editor.titleAction('Start All Services');
  await editor.waitFor('every instance to be RUNNING or FATAL', async () => {
    const labels = (await editor.rowLabels()).filter((label) => label.includes(', instance, '));
    return labels.length > 0 && labels.every((label) => /RUNNING|FATAL/.test(label));
  });
  await editor.problems();
  const problem = (text: string): Locator =>
    editor.page.locator('.markers-panel .monaco-list-row[aria-level="2"]').filter({ hasText: text });
  await foldedUp(problem('worker.0 exited with code 1').first());
  await foldedUp(problem('"legacy" gave no usable port: bad runtime process port'));
  await problem('The setting QUEUE_URL is missing').last().waitFor();
  // Where one of them is in the file, as a click on it shows.
  await problem('worker.0 exited with code 1').first().click();
  await editor.page.locator('.view-line').filter({ hasText: 'node legacy/server.js' }).waitFor();
  await editor.restMouse();
  await picture(editor, 'overview');
});

/** Hides what stands below a row, so that the next one comes into sight. */
async function foldedUp(row: Locator): Promise<void> {
  await row.waitFor();
  if ((await row.getAttribute('aria-expanded')) === 'true') await row.locator('.monaco-tl-twistie').click();
}
