/** The pictures of the README: made on every run for eyes, kept in `media/screenshots` when somebody asks for it. */

import { copyFile, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../../src/build/paths.ts';
import type { Editor } from '../support/editor.ts';

/** With LOCAL_RUNTIMES_PICTURES=keep the picture replaces the committed one. */
export async function picture(editor: Editor, name: string): Promise<void> {
  const made = await editor.screenshot(name);
  if (process.env['LOCAL_RUNTIMES_PICTURES'] !== 'keep') return;
  const folder = join(root, 'media', 'screenshots');
  await mkdir(folder, { recursive: true });
  await copyFile(made, join(folder, `${name}.png`));
}
