/** Which version of Node a project asks for, and in which line of which file. Looks for none. */

import type { ServiceSpec } from '../../../config/spec.ts';
import { isObject, type NearbyText, nearestText, readObject, upwardsWithin } from '../common/nearby.ts';
import type { Wish } from '../common/version.ts';
import { choiceIn, wishAt } from '../common/wish.ts';
import type { Look } from '../recipe.ts';
import { readChoice, readRange } from './range.ts';

/** The first that says something we understand: files of version managers, then `package.json`. */
export async function wishOf({ cwd }: Pick<ServiceSpec, 'cwd'>, look: Look): Promise<Wish | undefined> {
  const folders = upwardsWithin(cwd, look.folder);
  const said = await choiceIn(look, folders, ['.nvmrc', '.node-version'], ['nodejs', 'node']);
  if (said !== undefined) {
    const range = readChoice(said.word);
    // It chooses, in words that only its tool understands: nobody else is asked.
    if (range === undefined) return undefined;
    return wishAt(look, said.nearby, { range, text: said.word, at: said.at, chooses: true });
  }
  const manifest = await nearestText(look, folders, 'package.json');
  return manifest === undefined ? undefined : ofManifest(look, manifest);
}

function ofManifest(look: Look, manifest: NearbyText): Wish | undefined {
  const value = readObject(manifest.text);
  for (const [key, chooses] of [
    ['volta', true],
    ['engines', false],
  ] as const) {
    const part = value?.[key];
    const text = isObject(part) ? part['node'] : undefined;
    const range = typeof text === 'string' ? readRange(text) : undefined;
    if (typeof text !== 'string' || range === undefined) continue;
    const after = Math.max(0, manifest.text.search(new RegExp(`"${key}"\\s*:`)));
    const at = Math.max(after, manifest.text.indexOf('"node"', after));
    return wishAt(look, manifest, { range, text, at, chooses });
  }
  return undefined;
}
