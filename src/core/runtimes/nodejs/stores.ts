/** Where the version managers of Node keep what they install. */

import { resolvePath } from '../../../base/path.ts';
import type { Store } from '../common/installed.ts';
import type { Aims, Look } from '../recipe.ts';

export function nodeStores({ env, home }: Look, { windows, platform }: Aims): readonly Store[] {
  const programs = windows ? '.' : 'bin';
  const below = (variable: string, fallback: string | undefined, rest: string): readonly string[] => {
    const folder =
      env[variable] ??
      (home === undefined || fallback === undefined ? undefined : resolvePath(home, fallback));
    return folder === undefined || folder === '' ? [] : [resolvePath(folder, rest)];
  };
  const store = (folders: readonly string[], inside = programs): readonly Store[] =>
    folders.map((folder) => ({ folder, programs: inside }));
  const fnm = [
    ...below('FNM_DIR', '.local/share/fnm', 'node-versions'),
    ...(platform === 'darwin' ? below('', 'Library/Application Support/fnm', 'node-versions') : []),
    ...(windows ? below('', 'AppData/Roaming/fnm', 'node-versions') : []),
    ...below('', '.fnm', 'node-versions'),
  ];
  return [
    ...(windows
      ? store(below('NVM_HOME', undefined, '.'), '.')
      : store(below('NVM_DIR', '.nvm', 'versions/node'))),
    ...store(fnm, windows ? 'installation' : 'installation/bin'),
    ...store(below('VOLTA_HOME', windows ? 'AppData/Local/Volta' : '.volta', 'tools/image/node')),
    ...store(below('ASDF_DATA_DIR', '.asdf', 'installs/nodejs')),
    ...store(below('MISE_DATA_DIR', '.local/share/mise', 'installs/node')),
    ...store(below('NODENV_ROOT', '.nodenv', 'versions')),
    ...(windows ? [] : store(below('N_PREFIX', undefined, 'n/versions/node'))),
  ];
}
