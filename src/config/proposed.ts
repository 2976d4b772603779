/** The command of a service that says none: what is proposed for its folder, or a problem that says what was looked for. */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { suggestionIn } from '../faults/suggestion.ts';
import { byRecipe, servicesOf, telltales } from './detect/detect.ts';
import type { Folder } from './detect/folder.ts';
import type { Proposal } from './detect/proposal.ts';
import type { RecipeDefinition } from './registered.ts';
import type { RawService } from './schema.ts';
import { recipeNames } from './schema/runtime.ts';
import type { At } from './tree.ts';

export interface Lacking {
  readonly raw: Partial<RawService>;
  /** Its name, as somebody may have named a part of the project. */
  readonly name: string;
  readonly source: At;
  /** As in a message: `Service "web"`. */
  readonly owner: string;
  /** It runs in; absent where nobody can tell what is there. */
  readonly folder: Folder | undefined;
  /** Absent where nobody knows which there are. */
  readonly recipes: readonly RecipeDefinition[] | undefined;
  readonly windows: boolean;
}

/** @param problems Of this service, as far as they are known. */
export function proposalFor(
  { raw, name, source, owner, folder, recipes, windows }: Lacking,
  problems: Problem[],
): Proposal | undefined {
  if (raw.fastcgi !== undefined && [undefined, 'php'].includes(raw.runtime)) return phpCgi;
  const meant = problems.some((each) => each.code === 'unknown-key' && suggestionIn(each) === 'command');
  const all = folder === undefined || meant ? [] : servicesOf(folder, { windows, recipes: recipes ?? [] });
  const fitting = raw.runtime === undefined ? all : all.filter(({ runtime }) => runtime === raw.runtime);
  const found = fitting.find((each) => each.name === name) ?? fitting[0];
  if (found !== undefined) return found;
  const brought = recipes?.find((each) => each.name === raw.runtime);
  const [usual] = brought === undefined ? [] : byRecipe(brought, `the recipe ${brought.title} says so`);
  if (usual !== undefined) return usual;
  // The recipe of an extension that is not known here may have a command.
  if (recipes === undefined && raw.runtime !== undefined && !recipeNames.includes(raw.runtime))
    return undefined;
  problems.push(
    problem('missing-key', source, {
      key: 'command',
      where: owner,
      example: 'command: node server.js --port {port}',
      ...(folder === undefined || meant ? {} : { looked: lookedFor(folder) }),
    }),
  );
  return undefined;
}

function lookedFor({ path }: Folder): string {
  return `To propose one, ${path} was looked through for ${telltales.join(', ')}`;
}

const phpCgi: Proposal = {
  name: 'php',
  runtime: 'php',
  command: 'php-cgi -b 127.0.0.1:{port}',
  because: 'the service speaks FastCGI',
  sure: true,
};
