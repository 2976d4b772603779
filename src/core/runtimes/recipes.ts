/** Which recipe `runtime` means: the table of ours, and those that other extensions have brought. */

import type { RecipeDefinition } from '../../config/registered.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { custom, generic } from './custom.ts';
import { debugLaunch, readInspector, saysDone } from './debugging.ts';
import { go } from './go.ts';
import { java } from './java.ts';
import { php } from './php.ts';
import type { Plan, Recipe } from './recipe.ts';
import { registeredRecipe } from './registered.ts';

const table: readonly Recipe[] = [
  custom,
  generic,
  go,
  java,
  {
    ...plain('node', 'Node.js'),
    plan: (service, look, { debugPort }) =>
      Promise.resolve(
        debugPort === undefined ? asWritten(service) : underInspector(service, debugPort, look.env),
      ),
    debugging: { address: readInspector, isDone: saysDone },
  },
  php,
  plain('python', 'Python'),
  plain('ruby', 'Ruby'),
];

const ours: ReadonlyMap<string, Recipe> = new Map(table.map((recipe) => [recipe.name, recipe]));

/** What is known of a runtime; a word that nobody knows is run as it is written. */
export function recipeOf(runtime: string, registered: readonly RecipeDefinition[] = []): Recipe {
  const brought = registered.find(({ name }) => name === runtime);
  return ours.get(runtime) ?? (brought === undefined ? custom : registeredRecipe(brought));
}

/** It can be started under a debugger, and its definition does not forbid it. */
export function isDebuggable(spec: ServiceSpec, registered: readonly RecipeDefinition[] = []): boolean {
  return spec.debug !== false && recipeOf(spec.runtime, registered).debugging !== undefined;
}

/** A start without anything to know. */
function plain(name: string, title: string): Recipe {
  return { name, title, plan: (service) => Promise.resolve(asWritten(service)) };
}

function asWritten(service: ServiceSpec): Plan {
  return { kind: 'plan', command: service.command };
}

function underInspector(service: ServiceSpec, port: number, env: Readonly<Record<string, string>>): Plan {
  const { args, env: added } = debugLaunch(service, port, env);
  const [program = '', ...rest] = service.command;
  return {
    kind: 'plan',
    command: [program, ...args, ...rest],
    environment: { inherits: 'all', beneath: {}, own: 'over', above: added },
  };
}
