/** What a PHP application's first script needs from Composer, where that is plain from its text. */

import { folderOf, resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { placeAt } from '../common/nearby.ts';
import { unfit, wrongVersion } from '../common/unfit.ts';
import { isWithin, readVersion } from '../common/version.ts';
import type { Look, Unfit } from '../recipe.ts';

/** @param entry Absolute. */
export async function unfitComposer(
  service: ServiceSpec,
  entry: string,
  look: Look,
  php: string,
): Promise<Unfit | undefined> {
  const text = await look.text(entry);
  if (text === undefined) return undefined;
  const autoload = autoloadOf(text, entry);
  if (autoload === undefined) return undefined;
  const vendor = folderOf(autoload);
  const root = folderOf(vendor);
  const composer = resolvePath(root, 'composer.json');
  const described = await look.text(composer);
  if (described === undefined) return undefined;
  if ((await look.kind(autoload)) === 'file') return tooOld(look, php, { vendor, composer, text: described });
  return unfit({
    code: 'missing-dependencies',
    params: {
      service: service.name,
      because: `${entry} requires ${autoload}`,
      looked: (await look.kind(vendor)) === undefined ? vendor : autoload,
      command: `composer install${root === resolvePath(service.cwd, '.') ? '' : ` --working-dir=${root}`}`,
    },
  });
}

/** The file that a script requires without looking for it first: `require __DIR__.'/../vendor/autoload.php'`. */
function autoloadOf(text: string, entry: string): string | undefined {
  if (/\b(?:file_exists|is_file|is_readable)\s*\(/u.test(text)) return undefined;
  const plain = text.replaceAll(/\/\*[^]*?\*\/|^\s*(?:\/\/|#(?!\[)).*$/gmu, '');
  const found =
    /\brequire(?:_once)?\s*\(?\s*(?:__DIR__|dirname\(\s*__FILE__\s*\))\s*\.\s*["']([^"'$]*\/autoload\.php)["']/u.exec(
      plain,
    );
  if (found?.[1] !== undefined) return resolvePath(folderOf(entry), `./${found[1]}`);
  const above =
    /\brequire(?:_once)?\s*\(?\s*dirname\(\s*__DIR__\s*\)\s*\.\s*["']([^"'$]*\/autoload\.php)["']/u.exec(
      plain,
    );
  return above?.[1] === undefined ? undefined : resolvePath(folderOf(folderOf(entry)), `./${above[1]}`);
}

interface Installed {
  readonly vendor: string;
  readonly composer: string;
  /** Of `composer.json`. */
  readonly text: string;
}

/** Composer writes down which PHP everything together needs, and has it refuse an older one as the first thing. */
async function tooOld(look: Look, php: string, installed: Installed): Promise<Unfit | undefined> {
  const { vendor, composer, text } = installed;
  const check = await look.text(resolvePath(vendor, 'composer/platform_check.php'));
  const id = Number(/PHP_VERSION_ID >= (\d+)/u.exec(check ?? '')?.[1] ?? Number.NaN);
  if (Number.isNaN(id)) return undefined;
  const least = [Math.floor(id / 10_000), Math.floor(id / 100) % 100, id % 100];
  const told = await look.ask([php, '-v']);
  const version = readVersion(/PHP (\d+\.\d+\.\d+)/u.exec(told?.stdout ?? '')?.[1] ?? '');
  const range = [[{ relation: '>=', version: least }]] as const;
  if (version === undefined || isWithin(version, range)) return undefined;
  const at = Math.max(0, text.search(/"php"\s*:/u));
  return wrongVersion(
    'PHP',
    { version, path: php },
    {
      range,
      text: `${least.join('.')} or later`,
      by: 'composer.json, with what it requires,',
      place: placeAt({ path: composer, text }, at),
      chooses: false,
    },
    'Install such a PHP and name it with "interpreter", or run "composer update" with the one that you have.',
  );
}
