/** What becomes of a request for a service behind FastCGI: variables for its program, or an answer of ours. */

import type { Answer, FileKind, RequestHead } from '../outside.ts';
import { answer } from './answers.ts';
import { type Params, paramsOf } from './fastcgi-params.ts';
import { findScript, isPhp } from './fastcgi-script.ts';
import { pathOf } from './target.ts';

export interface FastCgiService {
  /** argv of its program. */
  readonly command: readonly string[];
  /** The document root. */
  readonly cwd: string;
}

export interface FastCgiSurroundings {
  /** The address of the door that the request came through. */
  readonly door: { readonly host: string; readonly port: number };
  readonly look: (path: string) => Promise<FileKind | undefined>;
}

export type FastCgiPlan =
  | { readonly kind: 'answer'; readonly answer: Answer }
  | { readonly kind: 'params'; readonly params: Params };

export async function planFastCgi(
  head: RequestHead,
  { command, cwd: root }: FastCgiService,
  { door, look }: FastCgiSurroundings,
): Promise<FastCgiPlan> {
  if (head.upgrade) {
    return plain(501, 'This service is reached over FastCGI, which cannot leave HTTP for another protocol.');
  }
  const path = pathOf(head.target);
  const script = await findScript({ path, root, php: isPhp(command), look });
  if (script.kind === 'refused') return plain(script.status, script.reason);
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
