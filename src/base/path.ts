/**
 * Paths as texts, for rooms that may not ask the operating system. Understands `/a/b`, `C:\a\b` and `\\host\share`;
 * whether a path exists is not known here.
 */

const drive = /^[A-Za-z]:[\\/]/;

export function isAbsolutePath(path: string): boolean {
  return path.startsWith('/') || path.startsWith('\\\\') || drive.test(path);
}

/** The separator a path is written with: a backslash only where the path is plainly a Windows one. */
function separatorOf(path: string): '/' | '\\' {
  return drive.test(path) || path.startsWith('\\\\') ? '\\' : '/';
}

/** A path seen from an absolute folder, with `.` and `..` worked off. An absolute path stands for itself. */
export function resolvePath(folder: string, path: string): string {
  const whole = isAbsolutePath(path) ? path : `${folder}${separatorOf(folder)}${path}`;
  const separator = separatorOf(whole);
  const root = rootOf(whole);
  const parts: string[] = [];
  for (const part of whole.slice(root.length).split(separator === '\\' ? /[\\/]+/ : /\/+/)) {
    if (part === '' || part === '.') continue;
    if (part === '..') parts.pop();
    else parts.push(part);
  }
  return (separator === '\\' ? root.replaceAll('/', '\\') : root) + parts.join(separator);
}

function rootOf(path: string): string {
  if (path.startsWith('\\\\')) return /^\\\\[^\\/]+[\\/]+[^\\/]+[\\/]?/.exec(path)?.[0] ?? '\\\\';
  return drive.test(path) ? path.slice(0, 3) : '/';
}

/** The folder a path stands in; the root stands in itself. */
export function folderOf(path: string): string {
  return resolvePath(path, '..');
}

/** The last part of a path. */
export function nameOf(path: string): string {
  const parts = path.split(separatorOf(path) === '\\' ? /[\\/]+/ : /\/+/).filter((part) => part !== '');
  return parts.at(-1) ?? path;
}
