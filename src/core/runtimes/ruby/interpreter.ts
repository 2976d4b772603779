/** Finds the Ruby that a service runs with: the one its file names, one of the version its project asks for, else the PATH's. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { bestInstalled } from '../common/installed.ts';
import { isPath } from '../common/line.ts';
import { otherVersion, unfit, wrongVersion } from '../common/unfit.ts';
import { isWithin, readVersion, type Version, type Wish, written } from '../common/version.ts';
import type { Look, Unfit } from '../recipe.ts';
import { gemVariables, rubyStores } from './stores.ts';
import { wishOf } from './wishes.ts';

export interface RubyFound {
  readonly program: string;
  /** Folders to put before the PATH so that it is what `ruby` means. */
  readonly path: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  /** The file names it. */
  readonly named: boolean;
  readonly warnings: readonly string[];
}

/** `word` is how the command names its Ruby, if it does. */
export async function findRuby(
  spec: ServiceSpec,
  look: Look,
  word: string | undefined,
  throughBundler: boolean,
): Promise<RubyFound | Unfit> {
  if (spec.interpreter !== undefined) return findNamed(spec.interpreter, spec, look);
  if (word !== undefined && isPath(word)) return plain(resolvePath(spec.cwd, word));
  const wish = await wishOf(spec, look, throughBundler);
  const free = spec.env['PATH'] === undefined && (word === undefined || !/\d\./.test(word));
  if (wish?.chooses === true && free) {
    const installed = await installedOf(wish, look);
    if (installed !== undefined) return installed;
  }
  const found = await look.program([spec.proposed === undefined ? (word ?? 'ruby') : 'ruby']);
  if (found.kind === 'nowhere') {
    const installed = wish === undefined || !free ? undefined : await installedOf(wish, look);
    return installed ?? missingRuby(found.looked, word ?? 'ruby', wish);
  }
  if (wish === undefined || !free) return plain(found.path);
  const version = await versionOf(found.path, spec, look);
  if (version === undefined || isWithin(version, wish.range)) return plain(found.path);
  const at = { version, path: found.path };
  if (wish.chooses) return wrongVersion('Ruby', at, wish, wayTo(wish));
  const installed = await installedOf(wish, look);
  return installed ?? { ...plain(found.path), warnings: [otherVersion('Ruby', at, wish)] };
}

async function findNamed(name: string, { cwd }: ServiceSpec, look: Look): Promise<RubyFound | Unfit> {
  const wanted = isPath(name) ? resolvePath(cwd, name) : name;
  const found = await look.program([wanted]);
  if (found.kind === 'found') {
    return { ...plain(found.path), path: [folderOf(found.path)], named: true };
  }
  const params = {
    what: 'The Ruby that "interpreter" names',
    programs: [wanted],
    looked: found.looked,
    install: 'Correct "interpreter", or remove it: then Ruby is looked for.',
  };
  return unfit({ code: 'missing-program', params }, 'interpreter');
}

function plain(program: string): RubyFound {
  return { program, path: [], env: {}, named: false, warnings: [] };
}

async function installedOf(wish: Wish, look: Look): Promise<RubyFound | undefined> {
  const best = await bestInstalled(look, rubyStores(look), 'ruby', wish.range);
  if (best === undefined) return undefined;
  const env = gemVariables(best);
  const gems = env['GEM_PATH']?.split(':').map((folder) => `${folder}/bin`) ?? [];
  return { ...plain(best.program), path: [...gems, best.bin], env };
}

/** Asked where the service runs, because the shims of version managers answer by their folder. */
async function versionOf(program: string, { cwd }: ServiceSpec, look: Look): Promise<Version | undefined> {
  const told = await look.ask([program, '-e', 'puts RUBY_VERSION'], { cwd });
  return told?.exit.code === 0 ? readVersion(told.stdout) : undefined;
}

function missingRuby(looked: readonly string[], word: string, wish: Wish | undefined): Unfit {
  const install =
    wish === undefined
      ? 'Install Ruby from https://www.ruby-lang.org, or with your package manager.'
      : wayTo(wish);
  const params = { what: 'Ruby', programs: [word], looked, install };
  return unfit({ code: 'missing-program', params }, 'command', wish === undefined ? [] : [wish.place]);
}

/** How a Ruby of this version is got. */
function wayTo({ range, text }: Wish): string {
  const lowest = range[0]?.find(({ relation }) => relation === '=' || relation === '>=')?.version;
  const version = lowest === undefined ? text : written(lowest);
  return `Run "rbenv install ${version}" (or rvm, asdf, mise: whichever you use), or name a Ruby with "interpreter".`;
}
