/**
 * Which program a path means, for a service behind FastCGI (documented in `docs/fastcgi.md`).
 *
 * What exists is asked of whoever may look; nothing is opened here. Paths are texts of bytes (see `byte-text.ts`).
 */

import { nameOf } from '../../base/path.ts';
import type { FileKind } from '../outside.ts';
import { fromByteText } from './byte-text.ts';

export type Script =
  /** A file below the root; what is left of the path is for the script to read. */
  | { readonly kind: 'script'; readonly name: string; readonly rest: string }
  /** The program is the application itself: every path is its own. */
  | { readonly kind: 'application'; readonly path: string }
  /** A folder with an index, asked for without its last slash: relative links in its page would miss. */
  | { readonly kind: 'folder' }
  /** A file that is no script, such as a picture: its path below the root. */
  | { readonly kind: 'file'; readonly name: string }
  | { readonly kind: 'refused'; readonly status: 400 | 404; readonly reason: string };

export interface ScriptQuestion {
  /** As on the request line, without the query. */
  readonly path: string;
  /** The document root, absolute. */
  readonly root: string;
  /** The program is PHP, so that what is no script at all has to be one that is missing. */
  readonly php: boolean;
  /** The script of the root that has what is for no other one; without it that is `index.php`. */
  readonly index?: string;
  /** Whoever asks serves the files among the scripts, but for hidden ones. */
  readonly files?: boolean;
  /** What stands at an absolute path. */
  readonly look: (path: string) => Promise<FileKind | undefined>;
}

/** Whether a command is PHP's own, from the name of its program: `php-cgi`, `php-cgi8.2`. */
export function isPhp(command: readonly string[]): boolean {
  return /^php(?:-?cgi|-?fpm)?[\d.]*(?:-cgi|-fpm)?(?:\.exe)?$/iu.test(nameOf(command[0] ?? ''));
}

/**
 * In this order: the first `.php` file on the way down the path, with what follows as its PATH_INFO; the `index.php`
 * of the folder that the path names; a file that is no script, where those are served; the `index.php` of the root (or
 * what stands for it), as a front controller with the whole path; else, for PHP, the path as it stands (which PHP answers with 404), and for every other program itself.
 */
export async function findScript(question: ScriptQuestion): Promise<Script> {
  const { path, root, php, look, index = 'index.php', files = false } = question;
  const decoded = decode(path);
  if (typeof decoded !== 'string') return decoded;
  const base = root.replace(/\/+$/u, '');
  const at = (name: string): Promise<FileKind | undefined> => look(base + fromByteText(name));
  const whole = decoded.split('/').filter(named).map(slashed).join('');
  const down = await descend(decoded, at);
  if (down.kind === 'file' && down.name.endsWith('.php')) {
    return { kind: 'script', name: down.name, rest: down.rest };
  }
  if (down.kind === 'folder' && (await at(`${whole}/index.php`)) === 'file') {
    return decoded.endsWith('/')
      ? { kind: 'script', name: `${whole}/index.php`, rest: '' }
      : { kind: 'folder' };
  }
  if (files && down.kind === 'file' && down.rest === '' && !isHidden(down.name)) {
    return { kind: 'file', name: down.name };
  }
  const front = `/${index.replace(/^(?:\.?\/)+/u, '')}`;
  if ((whole !== '' || front !== '/index.php') && (await at(front)) === 'file') {
    return { kind: 'script', name: front, rest: decoded };
  }
  if (!php) return { kind: 'application', path: decoded };
  // PHP would run whatever it is handed, and looks for a file up the path where there is none: a picture that
  // somebody uploaded, or `.env`.
  if (down.kind === 'file') {
    return {
      kind: 'refused',
      status: 404,
      reason: `${fromByteText(down.name)} is a file and no PHP script, and the front door serves no files by itself.`,
    };
  }
  return { kind: 'script', name: whole === '' ? front : whole, rest: '' };
}

/** `.env` and `.git` stand in many a folder that is served. */
function isHidden(name: string): boolean {
  return name.split('/').some((part) => part.startsWith('.') && part !== '.well-known');
}

type Descent =
  | { readonly kind: 'file'; readonly name: string; readonly rest: string }
  | { readonly kind: 'folder' }
  | { readonly kind: 'nothing' };

/** Walks down the path as long as there are folders: no more is looked at than exists. */
async function descend(path: string, at: (name: string) => Promise<FileKind | undefined>): Promise<Descent> {
  let name = '';
  let end = 0;
  for (const part of path.split('/')) {
    end += part.length;
    if (named(part)) {
      name += slashed(part);
      const kind = await at(name);
      if (kind === undefined) return { kind: 'nothing' };
      if (kind === 'file') return { kind: 'file', name, rest: path.slice(end) };
    }
    end += 1;
  }
  return { kind: 'folder' };
}

function named(part: string): boolean {
  return part !== '' && part !== '.';
}

function slashed(part: string): string {
  return `/${part}`;
}

/**
 * The path in its own bytes, or why it is not acted on.
 *
 * The attack: `/%2e%2e/%2e%2e/etc/passwd` leaves the root once it is decoded, a NUL ends a file's name early for a
 * program written in C, and a backslash is a slash to some.
 */
function decode(path: string): string | Script {
  const refuse = (reason: string): Script => ({ kind: 'refused', status: 400, reason });
  if (!path.startsWith('/')) return refuse('The path of a request begins with a slash.');
  if (/%(?![\dA-Fa-f]{2})/u.test(path))
    return refuse('The path has a "%" that is not followed by two digits.');
  const decoded = path.replaceAll(/%([\dA-Fa-f]{2})/gu, (_, digits: string) =>
    String.fromCodePoint(Number.parseInt(digits, 16)),
  );
  if (decoded.includes('\0')) return refuse('The path has a NUL.');
  if (decoded.includes('\\')) return refuse('The path has a backslash.');
  if (decoded.split('/').includes('..')) return refuse('The path leads upwards ("..").');
  return decoded;
}
