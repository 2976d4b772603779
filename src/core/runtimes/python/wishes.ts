/** Which Python a project asks for, and in which line of which file. Looks for none. */

import type { ServiceSpec } from '../../../config/spec.ts';
import { nearestText, upwardsWithin } from '../common/nearby.ts';
import type { Wish } from '../common/version.ts';
import { choiceIn, wishAt } from '../common/wish.ts';
import type { Look } from '../recipe.ts';
import { readChoice, readSpecifiers } from './range.ts';

/** What a `.python-version` says: a version, or the name of an environment that pyenv keeps. */
export type Choice = Wish | { readonly environment: string };

export async function choiceOf({ cwd }: Pick<ServiceSpec, 'cwd'>, look: Look): Promise<Choice | undefined> {
  const said = await choiceIn(look, upwardsWithin(cwd, look.folder), ['.python-version'], ['python']);
  if (said === undefined) return undefined;
  const range = readChoice(said.word);
  if (range !== undefined)
    return wishAt(look, said.nearby, { range, text: said.word, at: said.at, chooses: true });
  return said.word === 'system' ? undefined : { environment: said.word };
}

/** What a `pyproject.toml` says of the versions it works with. */
export async function requirementOf(
  { cwd }: Pick<ServiceSpec, 'cwd'>,
  look: Look,
): Promise<Wish | undefined> {
  const nearby = await nearestText(look, upwardsWithin(cwd, look.folder), 'pyproject.toml');
  if (nearby === undefined) return undefined;
  const match =
    /^[ \t]*requires-python[ \t]*=[ \t]*(["'])([^"'\n]*)\1/m.exec(nearby.text) ??
    /^\[tool\.poetry\.dependencies\](?:\n(?!\[).*)*?\npython[ \t]*=[ \t]*(["'])([^"'\n]*)\1/m.exec(
      nearby.text,
    );
  const text = match?.[2];
  const range = text === undefined ? undefined : readSpecifiers(text);
  if (match === null || text === undefined || range === undefined) return undefined;
  const at = match.index + match[0].lastIndexOf(text);
  return wishAt(look, nearby, { range, text, at, chooses: false });
}
