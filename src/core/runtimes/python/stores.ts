/** Where the version managers of Python keep what they install. */

import { resolvePath } from '../../../base/path.ts';
import type { Store } from '../common/installed.ts';
import type { Aims, Look } from '../recipe.ts';

/** The folder of pyenv's versions and environments. */
export function pyenvVersions({ env, home }: Look, { windows }: Aims): string | undefined {
  const root =
    env['PYENV_ROOT'] ?? env['PYENV'] ?? (home === undefined ? undefined : resolvePath(home, '.pyenv'));
  if (root === undefined || root === '') return undefined;
  return resolvePath(root, windows && env['PYENV'] === undefined ? 'pyenv-win/versions' : 'versions');
}

export function pythonStores(look: Look, aims: Aims): readonly Store[] {
  const { env, home } = look;
  const programs = aims.windows ? '.' : 'bin';
  const pyenv = pyenvVersions(look, aims);
  const below = (variable: string, fallback: string, rest: string): readonly string[] => {
    const folder = env[variable] ?? (home === undefined ? undefined : resolvePath(home, fallback));
    return folder === undefined || folder === '' ? [] : [resolvePath(folder, rest)];
  };
  return [
    ...(pyenv === undefined ? [] : [{ folder: pyenv, programs }]),
    ...below('ASDF_DATA_DIR', '.asdf', 'installs/python').map((folder) => ({ folder, programs })),
    ...below('MISE_DATA_DIR', '.local/share/mise', 'installs/python').map((folder) => ({ folder, programs })),
    ...below(
      'UV_PYTHON_INSTALL_DIR',
      aims.windows ? 'AppData/Roaming/uv/python' : '.local/share/uv/python',
      '.',
    ).map((folder) => ({ folder, programs, name: /^cpython-(\d+\.\d+\.\d+)-/ })),
  ];
}
