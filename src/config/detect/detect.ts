/** All that a folder could be run as: each language is asked, and what is sure comes before what is guessed. */

import type { RecipeDefinition } from '../registered.ts';
import type { Folder } from './folder.ts';
import { goServices } from './go.ts';
import { javaServices } from './java.ts';
import { nodeServices } from './node.ts';
import { phpServices } from './php.ts';
import type { Proposal } from './proposal.ts';
import { pythonServices } from './python.ts';
import { rubyServices } from './ruby.ts';
import { rustServices } from './rust.ts';

export interface Surroundings {
  readonly windows: boolean;
  readonly recipes: readonly RecipeDefinition[];
}

/** What makes a project of a folder that holds it, whether or not it says what to run; by runtime. */
export const telltalesOf: Readonly<Record<string, readonly string[]>> = {
  node: ['package.json'],
  python: ['pyproject.toml', 'requirements.txt', 'Pipfile', 'manage.py'],
  go: ['go.mod'],
  java: ['pom.xml', 'build.gradle', 'build.gradle.kts'],
  php: ['composer.json'],
  ruby: ['Gemfile', 'config.ru'],
  custom: ['Cargo.toml'],
};

export const telltales: readonly string[] = Object.values(telltalesOf).flat();

/** The best known of what is recognised, for people who wonder what was looked for. */
export const usualSigns =
  'package.json, server.js, manage.py, main.py, go.mod, pom.xml, build.gradle, *.java, *.jar, index.php, config.ru, app.rb, Cargo.toml';

/**
 * The likeliest first. Frameworks of other languages stand before Node.js: a folder of Rails, Laravel or Django most
 * often has a `package.json` too, for what is shown in a browser.
 */
export function servicesOf(folder: Folder, { windows, recipes }: Surroundings): readonly Proposal[] {
  const all = [
    ...phpServices(folder),
    ...rubyServices(folder),
    ...pythonServices(folder, windows),
    ...javaServices(folder, windows),
    ...goServices(folder),
    ...nodeServices(folder),
    ...rustServices(folder),
    ...recipes.flatMap((each) => registeredService(folder, each)),
  ];
  return [...all.filter(({ sure }) => sure), ...all.filter(({ sure }) => !sure)];
}

function registeredService(folder: Folder, recipe: RecipeDefinition): readonly Proposal[] {
  const file = recipe.detects?.find((each) => folder.has(each));
  return file === undefined ? [] : byRecipe(recipe, `there is a ${file} (${recipe.title})`);
}

/** What a service of a recipe is that says nothing else. */
export function byRecipe(
  { name, command, handshake }: RecipeDefinition,
  because: string,
): readonly Proposal[] {
  if (command === undefined) return [];
  const known = handshakes.find((each) => each === handshake);
  return [
    {
      name,
      runtime: name,
      command,
      ...(known === undefined ? {} : { handshake: known }),
      because,
      sure: true,
    },
  ];
}

const handshakes = ['port', 'discover', 'none', 'stdout', 'file', 'reverse', 'reverse-no-file'] as const;
