/** What Ruby's gems tell: whether a Gemfile's are installed, and where the debugger is. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { asSeenFrom, type NearbyText, nearestText, typedIn, upwardsWithin } from '../common/nearby.ts';
import { unfit } from '../common/unfit.ts';
import type { Look, Unfit } from '../recipe.ts';
import type { RubyFound } from './interpreter.ts';

export function gemfileOf({ cwd }: Pick<ServiceSpec, 'cwd'>, look: Look): Promise<NearbyText | undefined> {
  return nearestText(look, upwardsWithin(cwd, look.folder), 'Gemfile');
}

/** The environment in which this Ruby is asked. */
function askedWith({ program, path, env }: RubyFound, look: Look): Readonly<Record<string, string>> {
  const separator = /^[A-Za-z]:[\\/]/.test(program) ? ';' : ':';
  const all = [...path, look.env['PATH'] ?? ''].join(separator);
  return { ...look.env, ...env, ...(path.length === 0 ? {} : { PATH: all }) };
}

/** Folders in which gems are put; none where Ruby does not answer. */
export async function gemFolders(
  ruby: RubyFound,
  { cwd }: Pick<ServiceSpec, 'cwd'>,
  look: Look,
): Promise<readonly string[]> {
  const told = await look.ask([ruby.program, '-e', 'puts Gem.path'], { cwd, env: askedWith(ruby, look) });
  if (told?.exit.code !== 0) return [];
  return told.stdout.split('\n').filter((line) => line.startsWith('/') || /^[A-Za-z]:/.test(line));
}

/** Asks Bundler, which is to write no lock, and asks again once something has been installed. */
export async function missingGems(
  spec: ServiceSpec,
  look: Look,
  ruby: RubyFound,
  bundler: string,
): Promise<Unfit | undefined> {
  const gemfile = await gemfileOf(spec, look);
  if (gemfile === undefined) return undefined;
  const found = await look.program([bundler], ruby.path);
  if (found.kind === 'nowhere') return undefined;
  const folder = folderOf(gemfile.path);
  const below = (name: string): string => resolvePath(folder, name);
  const stores = [
    ...(await gemFolders(ruby, spec, look)),
    ...(await vendored(look, below('vendor/bundle/ruby'))),
    ...(await configured(look, folder)),
  ];
  const told = await look.ask([found.path, 'check', '--dry-run'], {
    cwd: spec.cwd,
    env: askedWith(ruby, look),
    dependsOn: [
      gemfile.path,
      below('Gemfile.lock'),
      below('.bundle/config'),
      below('vendor/bundle/ruby'),
      ...stores.map((each) => resolvePath(each, 'specifications')),
    ],
  });
  const said = told === undefined ? '' : `${told.stdout}\n${told.stderr}`;
  // It fails for other reasons, too, and says of these what our words would hide.
  if (told?.exit.code !== 1 || !/missing|not installed|could not find/i.test(said)) return undefined;
  const missing = [...said.matchAll(/^\s*\*\s+(\S+)/gm)].map(([, name = '']) => name);
  const params = {
    service: spec.name,
    because: `${asSeenFrom(look.folder, gemfile.path)} names gems that "bundle check" does not find`,
    looked: missing.length === 0 ? 'such gem' : missing.join(', '),
    command: typedIn(folder, look, 'bundle install'),
  };
  return unfit({ code: 'missing-dependencies', params }, 'command', [
    { file: gemfile.path, line: 1, column: 1 },
  ]);
}

/** Where Bundler is told to put gems. */
async function configured(look: Look, folder: string): Promise<readonly string[]> {
  const own = await look.text(resolvePath(folder, '.bundle/config'));
  const path = look.env['BUNDLE_PATH'] ?? /^BUNDLE_PATH:[ \t]*["']?([^"'\n]+)/m.exec(own ?? '')?.[1];
  return path === undefined ? [] : vendored(look, resolvePath(resolvePath(folder, path.trim()), 'ruby'));
}

async function vendored(look: Look, folder: string): Promise<readonly string[]> {
  return (await look.names(folder)).map((name) => resolvePath(folder, name));
}

/** The library of the debug gem that is required first; undefined: there is none. */
export async function debugLibrary(
  ruby: RubyFound,
  spec: Pick<ServiceSpec, 'cwd'>,
  look: Look,
): Promise<string | undefined> {
  const stores = await gemFolders(ruby, spec, look);
  const asks = 'puts Gem::Specification.find_by_name("debug").full_gem_path';
  const told = await look.ask([ruby.program, '-e', asks], {
    cwd: spec.cwd,
    env: askedWith(ruby, look),
    dependsOn: stores.map((each) => resolvePath(each, 'specifications')),
  });
  const folder = told?.exit.code === 0 ? told.stdout.trim() : '';
  return folder === '' ? undefined : resolvePath(folder, 'lib/debug/open_nonstop');
}
