/** What becomes of a request for a service behind FastCGI: variables for its program, or an answer of ours. */

import type { FastCgiSpec } from '../../config/spec.ts';
import type { Answer, FileKind, RequestHead } from '../outside.ts';
import { answer } from './answers.ts';
import { fromByteText } from './byte-text.ts';
import { type Params, paramsOf } from './fastcgi-params.ts';
import { findScript, isPhp } from './fastcgi-script.ts';
import { pathOf } from './target.ts';

export interface FastCgiService {
  /** argv of its program. */
  readonly command: readonly string[];
  /** The document root. */
  readonly cwd: string;
  /** Where the definition says what is asked for: then the files among the scripts are served as well. */
  readonly fastcgi?: FastCgiSpec;
}

export interface FastCgiSurroundings {
  /** The address of the door that the request came through. */
  readonly door: { readonly host: string; readonly port: number };
  readonly look: (path: string) => Promise<FileKind | undefined>;
}

export type FastCgiPlan =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'params'; readonly params: Params }
  /** An absolute path below the document root. */
  | { readonly kind: 'file'; readonly path: string };

export async function planFastCgi(
  head: RequestHead,
  { command, cwd, fastcgi }: FastCgiService,
  { door, look }: FastCgiSurroundings,
): Promise<FastCgiPlan> {
  if (head.upgrade) {
    return plain(501, 'This service is reached over FastCGI, which cannot leave HTTP for another protocol.');
  }
  const path = pathOf(head.target);
  const root = fastcgi?.root ?? cwd;
  const script = await findScript({
    path,
    root,
    look,
    php: isPhp(command) || fastcgi?.index.endsWith('.php') === true,
    ...(fastcgi === undefined ? {} : { index: fastcgi.index, files: true }),
  });
  if (script.kind === 'refused') return plain(script.status, script.reason);
  if (script.kind === 'file') {
    return { kind: 'file', path: root.replace(/\/+$/u, '') + fromByteText(script.name) };
  }
  if (script.kind !== 'folder') return { kind: 'params', params: paramsOf(head, { root, script, door }) };
  // A path that began with two slashes would be taken for the name of another server.
  const location = `${path.replace(/^\/+/u, '/')}/${head.target.slice(path.length)}`;
  // 308: whoever sends a form there sends it again, with its body.
  return {
    kind: 'answer',
    answer: answer(308, { text: `The folder is at ${location}\n` }, [['Location', location]]),
  };
}

function plain(status: number, text: string): FastCgiPlan {
  return { kind: 'answer', answer: answer(status, { text: `${text}\n` }) };
}
