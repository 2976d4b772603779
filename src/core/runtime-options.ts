/** What a running workspace is told once, by whoever runs it. */

import type { RecipeDefinition } from '../config/registered.ts';
import type { Config } from '../config/spec.ts';
import type { PortMemory } from './front-door.ts';
import type { Neighbour } from './model.ts';
import type { DoorRequest, Line, Outside } from './outside.ts';
import type { Recipe } from './runtimes/recipe.ts';

export interface RuntimeOptions {
  readonly folder: string;
  readonly outside: Outside;
  readonly memory: PortMemory;
  /** The environment children inherit. */
  readonly environment: Readonly<Record<string, string>>;
  readonly windows: boolean;
  readonly trusted: boolean;
  /** Of the process we live in, as Supervisor's tools are told it. */
  readonly pid: number;
  /** Letters and digits that no other run has, for names of files. */
  readonly tag: string;
  /** `recipes`: those of other extensions. */
  load(recipes: readonly RecipeDefinition[]): Config;
  /** A log file of ours by its name without `.log`: an instance's, or the main log. */
  logPath(name: string): string;
  /** A folder of ours for what is built for a service. */
  workFolder(service: string): string;
  /** As Node's `process.platform` has it. */
  readonly platform: string;
  /** Which recipe a runtime means; without it our table's, and those that other extensions have brought. */
  readonly recipeOf?: (runtime: string) => Recipe;
  /** All hosts of this user on this machine; without it none is known. */
  neighbours?(): Promise<readonly Neighbour[]>;
  /** Every line of every instance, and every request: for a terminal. Without it neither costs anything. */
  readonly tap?: {
    lines?(instance: string, lines: readonly Line[]): void;
    request?(request: DoorRequest): void;
  };
}
