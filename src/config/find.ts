/** Which file of a folder is its config. Asks whether files exist and which there are, and reads none. */

import { resolvePath } from '../base/path.ts';
import { appYamlsBelow } from './formats/appengine/project.ts';

/** Where we look, in this order: our own file hides a foreign one beside it. */
export const configFileNames = [
  'runtimes.yaml',
  '.vscode/runtimes.yaml',
  'supervisord.conf',
  'etc/supervisord.conf',
] as const;

/** Then, by which a folder is an App Engine project. */
export const projectFileNames = ['app.yaml', 'app.yml', 'dispatch.yaml'] as const;

/** The absolute paths at which a folder's config may stand, the first choice first. */
export function configCandidates(folder: string): readonly string[] {
  return [...configFileNames, ...projectFileNames].map((name) => resolvePath(folder, name));
}

/**
 * The absolute path of a folder's config, or undefined when it has none. Where nothing stands in the folder itself, it
 * is the first `app.yaml` of a sub folder, which stands for those of all of them.
 */
export function findConfig(
  folder: string,
  exists: (path: string) => boolean,
  list: (folder: string) => readonly string[] | undefined = () => undefined,
): string | undefined {
  return configCandidates(folder).find(exists) ?? appYamlsBelow(folder, list)[0];
}
