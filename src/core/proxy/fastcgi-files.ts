/**
 * The files among the scripts of a service behind FastCGI: pictures, styles and the like, which PHP would run as scripts.
 *
 * Which path is such a file has been found out before, in `fastcgi-script.ts`.
 */

import type { Answer, Decision, Files, RequestHead } from '../outside.ts';
import { contentTypeOf } from '../appengine/content-types.ts';
import { answer } from './answers.ts';

export interface ServedFile {
  readonly service: string;
  /** Absolute. */
  readonly path: string;
  /** The document root. */
  readonly root: string;
}

/** Never rejects, as the files do not. A link that leads out of the root leads to nothing. */
export async function serveFile(
  { method }: RequestHead,
  { service, path, root }: ServedFile,
  files: Pick<Files, 'real'>,
): Promise<Decision> {
  const reply = (status: number, text: string): Decision => ({
    kind: 'answer',
    service,
    answer: answer(status, { text }),
  });
  if (method !== 'GET' && method !== 'HEAD') return reply(405, 'This is a file, which can only be read.\n');
  const [real, home] = await Promise.all([files.real(path), files.real(root)]);
  if (real === undefined || home === undefined || !isBelow(real, home)) return reply(404, noFile);
  const type = contentTypeOf(path);
  return {
    kind: 'file',
    service,
    path: real,
    status: 200,
    headers: [
      ['Content-Type', type],
      ['Cache-Control', 'no-cache'],
    ],
    gone,
  };
}

const noFile = 'There is no such file.\n';
const gone: Answer = answer(404, { text: noFile });

function isBelow(path: string, folder: string): boolean {
  const separator = folder.startsWith('/') ? '/' : '\\';
  return path.startsWith(folder.endsWith(separator) ? folder : folder + separator);
}
