/** Where the version managers of Ruby keep what they install. */

import { resolvePath } from '../../../base/path.ts';
import type { Installed, Store } from '../common/installed.ts';
import type { Look } from '../recipe.ts';

const named = /^ruby-(\d+\.\d+\.\d+)$/;

export function rubyStores({ env, home }: Look): readonly Store[] {
  const below = (variable: string, fallback: string, rest: string): readonly string[] => {
    const folder = env[variable] ?? (home === undefined ? undefined : resolvePath(home, fallback));
    return folder === undefined || folder === '' ? [] : [resolvePath(folder, rest)];
  };
  const plain = [
    ...below('RBENV_ROOT', '.rbenv', 'versions'),
    ...below('ASDF_DATA_DIR', '.asdf', 'installs/ruby'),
    ...below('MISE_DATA_DIR', '.local/share/mise', 'installs/ruby'),
  ];
  const withName = [...below('rvm_path', '.rvm', 'rubies'), ...below('', '.rubies', '.'), '/opt/rubies'];
  return [
    ...plain.map((folder) => ({ folder, programs: 'bin' })),
    ...withName.map((folder) => ({ folder, programs: 'bin', name: named })),
  ];
}

/** What a Ruby of RVM is told besides, since its gems are not where it would look by itself. */
export function gemVariables({ home }: Pick<Installed, 'home'>): Readonly<Record<string, string>> {
  const match = /^(.*[\\/]\.?rvm)[\\/]rubies[\\/]([^\\/]+)$/.exec(home);
  if (match?.[1] === undefined || match[2] === undefined) return {};
  const gems = `${match[1]}/gems/${match[2]}`;
  return { GEM_HOME: gems, GEM_PATH: `${gems}:${gems}@global` };
}
