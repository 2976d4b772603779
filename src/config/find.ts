/** Which file of a folder is its config. Asks whether files exist, and reads none. */

import { resolvePath } from '../base/path.ts';

/** Where we look, in this order: our own file hides a foreign one beside it. */
export const configFileNames = [
  'runtimes.yaml',
  '.vscode/runtimes.yaml',
  'supervisord.conf',
  'etc/supervisord.conf',
] as const;

/** The absolute paths at which a folder's config may stand, the first choice first. */
export function configCandidates(folder: string): readonly string[] {
  return configFileNames.map((name) => resolvePath(folder, name));
}

/** The absolute path of a folder's config, or undefined when it has none. */
export function findConfig(folder: string, exists: (path: string) => boolean): string | undefined {
  return configCandidates(folder).find(exists);
}
