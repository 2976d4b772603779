import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Editor } from '../support/editor.ts';

test('the packed extension installs, and its view lists the services of the folder', async () => {
  await using editor = await Editor.open();
  await editor.openView('Runtimes');
  await editor.rows.first().waitFor();
  await editor.screenshot('smoke');
  const labels = await editor.rowLabels();
  for (const service of ['web', 'api', 'worker', 'legacy']) {
    assert.ok(
      labels.some((label) => label.startsWith(service)),
      `${service} is missing among: ${labels.join(' | ')}`,
    );
  }
});
