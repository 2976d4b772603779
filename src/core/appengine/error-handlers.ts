/** What stands in for the answer of a child that says it has failed (spec 2.4). */

import { resolvePath } from '../../base/path.ts';
import type { AppEngineSpec } from '../../config/spec.ts';
import type { Files } from '../outside.ts';
import type { Response } from './response.ts';
import { responseLimit } from './response.ts';

/** The file that is shown; undefined: there is none (HP-17). */
export function errorFileOf({
  root,
  errorHandlers,
}: Pick<AppEngineSpec, 'root' | 'errorHandlers'>): string | undefined {
  const chosen = errorHandlers.find(({ code }) => code === undefined || code === '' || code === 'default');
  return chosen === undefined ? undefined : resolvePath(root, chosen.file);
}

/** Its content as an answer. Read each time, so that a change of the file shows. */
export async function errorResponse(file: string, files: Pick<Files, 'bytes'>): Promise<Response> {
  const content = await files.bytes(file, responseLimit);
  const body = content ?? new TextEncoder().encode('Failed to load error handler');
  return { status: 500, headers: [['Content-Type', 'text/html']], body, length: body.length };
}
