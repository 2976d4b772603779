/** The pictures of the README: made on every run for eyes, kept in `media/screenshots` when somebody asks for it. */

import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { root } from '../../src/build/paths.ts';
import type { Editor } from '../support/editor.ts';

/** Takes a picture of the editor's window, or of another page. With LOCAL_RUNTIMES_PICTURES=keep it replaces the committed one. */
export async function picture(editor: Editor, name: string, page: Page = editor.page): Promise<void> {
  const made = editor.picture(name);
  await page.screenshot({ path: made });
  if (process.env['LOCAL_RUNTIMES_PICTURES'] !== 'keep') return;
  const folder = join(root, 'media', 'screenshots');
  await mkdir(folder, { recursive: true });
  await copyFile(made, join(folder, `${name}.png`));
}
