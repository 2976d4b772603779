/**
 * The path of a request: decoded, normalised, encoded again (spec 2.1, 5; 2.3).
 *
 * Paths are byte texts here: each character stands for one byte, as in a head.
 */

export interface Resource {
  /** Decoded: `PATH_INFO`. */
  readonly path: string;
  /** As sent, without the question mark. */
  readonly query: string;
}

/** Takes a request's target apart. */
export function resourceOf(target: string): Resource {
  const hash = target.indexOf('#');
  const whole = hash === -1 ? target : target.slice(0, hash);
  const mark = whole.indexOf('?');
  return mark === -1
    ? { path: decoded(whole), query: '' }
    : { path: decoded(whole.slice(0, mark)), query: whole.slice(mark + 1) };
}

function decoded(path: string): string {
  if (!path.includes('%')) return path;
  return path.replaceAll(/%([\dA-Fa-f]{2})/gu, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
}

/** Percent-encoded but for ASCII letters, digits, `_`, `.`, `-` and `/`. */
function encodedPath(path: string): string {
  return path.replaceAll(/[^\w.\-/]/gu, percent);
}

/** A query with whatever may not stand in a URL encoded; what is encoded already stays so. */
export function encodedQuery(query: string): string {
  return query.replaceAll(/%(?![\dA-Fa-f]{2})|[^!$%&'()*+,\-./:;=?@\w~]/gu, percent);
}

/** Path and query as one, fit for a request line or a `Location`. */
export function targetOf({ path, query }: Resource): string {
  return encodedPath(path) + (query === '' ? '' : `?${query}`);
}

/** Without `.` segments, and with `..` taking the segment before it away. Empty segments stay (HP-37). */
export function normalised(path: string): string {
  // Nearly all paths have nothing of it.
  if (!path.includes('/.')) return path;
  const segments: string[] = [];
  for (const segment of path.split('/')) {
    if (segment === '..') {
      if (segments.length > 1) segments.pop();
    } else if (segment !== '.') segments.push(segment);
  }
  const whole = segments.join('/');
  return whole.startsWith('/') ? whole : `/${whole}`;
}

function percent(byte: string): string {
  return `%${(byte.charCodeAt(0) & 0xff).toString(16).toUpperCase().padStart(2, '0')}`;
}
