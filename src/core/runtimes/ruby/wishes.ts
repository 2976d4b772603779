/** Which Ruby a project asks for, and in which line of which file. Looks for none. */

import type { ServiceSpec } from '../../../config/spec.ts';
import { type NearbyText, nearestText, upwardsWithin } from '../common/nearby.ts';
import type { Wish } from '../common/version.ts';
import { choiceIn, wishAt } from '../common/wish.ts';
import type { Look } from '../recipe.ts';
import { readChoice, readRequirements } from './range.ts';

/** Bundler refuses to run with another Ruby than its Gemfile asks for; without it, that is only said. */
export async function wishOf(
  { cwd }: Pick<ServiceSpec, 'cwd'>,
  look: Look,
  throughBundler: boolean,
): Promise<Wish | undefined> {
  const folders = upwardsWithin(cwd, look.folder);
  const said = await choiceIn(look, folders, ['.ruby-version'], ['ruby']);
  if (said !== undefined) {
    const range = readChoice(said.word);
    // Another kind of Ruby, which only its manager knows.
    if (range === undefined) return undefined;
    return wishAt(look, said.nearby, { range, text: said.word, at: said.at, chooses: true });
  }
  const gemfile = await nearestText(look, folders, 'Gemfile');
  return gemfile === undefined ? undefined : ofGemfile(look, gemfile, throughBundler);
}

/** Remarks of many lines, and all behind the end of the program, are spaces: places stay what they are. */
function withoutRemarks(text: string): string {
  return text.replaceAll(/^=begin\b[\s\S]*?^=end\b|^__END__$[\s\S]*/gm, (remark) =>
    remark.replaceAll(/[^\n]/g, ' '),
  );
}

function ofGemfile(look: Look, gemfile: NearbyText, chooses: boolean): Wish | undefined {
  // Elsewhere than at the beginning of a line, it may be for certain cases alone.
  const match = /^ruby[ \t(]+((?:(["'])[^"'\n]+\2[ \t]*,?[ \t]*)+)\)?[ \t]*(?:#.*)?$/m.exec(
    withoutRemarks(gemfile.text),
  );
  if (match?.[1] === undefined) return undefined;
  const texts = [...match[1].matchAll(/["']([^"']+)["']/g)].map(([, text = '']) => text);
  const range = readRequirements(texts);
  if (range === undefined) return undefined;
  const at = match.index + match[0].indexOf('ruby');
  return wishAt(look, gemfile, { range, text: texts.join(', '), at, chooses });
}
