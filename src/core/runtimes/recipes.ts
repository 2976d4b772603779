/** Which recipe `runtime` means: the table of ours, and those that other extensions have brought. */

import type { RecipeDefinition } from '../../config/registered.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { custom, generic } from './custom.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { node } from './node.ts';
import { php } from './php.ts';
import { python } from './python.ts';
import type { Recipe } from './recipe.ts';
import { registeredRecipe } from './registered.ts';
import { ruby } from './ruby.ts';

const table: readonly Recipe[] = [custom, generic, go, java, node, php, python, ruby];

const ours: ReadonlyMap<string, Recipe> = new Map(table.map((recipe) => [recipe.name, recipe]));

/** What is known of a runtime; a word that nobody knows is run as it is written. */
export function recipeOf(runtime: string, registered: readonly RecipeDefinition[] = []): Recipe {
  const brought = registered.find(({ name }) => name === runtime);
  return ours.get(runtime) ?? (brought === undefined ? custom : registeredRecipe(brought));
}

/** It can be started under a debugger, and its definition does not forbid it. */
export function isDebuggable(
  spec: ServiceSpec,
  recipe: Pick<Recipe, 'debugging'> = recipeOf(spec.runtime),
): boolean {
  return spec.debug !== false && recipe.debugging !== undefined;
}
