/**
 * Where starts are planned and what they need is built: brings a service together with its recipe, with what is
 * remembered of the machine, and with its builds.
 *
 * Knows neither ports nor processes.
 */

import { maskText } from '../../config/secrets.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import type { Equipment } from '../model.ts';
import type { Outside, Said } from '../outside.ts';
import { Builds, type BuildsOptions, type BuildTicket } from './builds.ts';
import { Looking, type Surveyed } from './looking.ts';
import type { Aims, Build, BuildStep, Plan, Recipe, Unfit } from './recipe.ts';
import { isDebuggable, recipeOf } from './recipes.ts';
import { toolVariables } from './tool-variables.ts';

export interface WorkshopOptions extends Omit<BuildsOptions, 'outside'> {
  readonly outside: Pick<Outside, 'clock' | 'files' | 'programs'>;
  /** The environment children inherit. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly windows: boolean;
  /** As Node's `process.platform` has it. */
  readonly platform: string;
  /** The workspace folder. */
  readonly folder: string;
  /** An absolute path of a folder of ours for a service. */
  readonly workFolder: (service: string) => string;
  /** What the editor's extensions have told. */
  readonly equipment: () => Equipment;
  /** Which recipe a runtime means; absent: our table's, and those that other extensions have brought. */
  readonly recipeOf?: (runtime: string) => Recipe;
}

/** What is wanted of one start, as far as the workshop does not know it by itself. */
export type Purpose = Omit<Aims, 'windows' | 'platform' | 'workFolder' | 'debuggerFolder' | 'startedAt'>;

export interface Planned {
  readonly recipe: Recipe;
  readonly made: Plan | Unfit;
  /** Whether something that was looked at is another now. */
  readonly hasChanged: () => Promise<boolean>;
}

export class Workshop {
  readonly #options: WorkshopOptions;
  readonly #builds: Builds;
  readonly #startedAt: number;
  readonly #lookings = new Map<string, Looking>();

  constructor(options: WorkshopOptions) {
    this.#options = options;
    this.#builds = new Builds(options);
    this.#startedAt = options.outside.clock.wall();
  }

  recipeOf(spec: ServiceSpec): Recipe {
    const { recipeOf: other, equipment } = this.#options;
    return other?.(spec.runtime) ?? recipeOf(spec.runtime, equipment().recipes);
  }

  isDebuggable(spec: ServiceSpec): boolean {
    return isDebuggable(spec, this.recipeOf(spec));
  }

  /** How it is started now, or why it cannot be. */
  async plan(spec: ServiceSpec, purpose: Purpose): Promise<Planned> {
    const recipe = this.recipeOf(spec);
    const equipped = this.#equippedFor(recipe);
    const survey = await this.#lookingOf(spec.name).survey(this.#surveyed(spec));
    const made = masked(await recipe.plan(spec, survey.look, this.#aims(spec, recipe, purpose)), spec.env);
    return {
      recipe,
      made,
      hasChanged: async () => this.#equippedFor(recipe) !== equipped || survey.hasChanged(),
    };
  }

  /** Has it built, unless that is done already. */
  build(
    spec: ServiceSpec,
    facts: {
      readonly build: Build;
      readonly recipe: Recipe;
      readonly instance: string;
      readonly env: Readonly<Record<string, string>>;
      readonly begun: () => void;
      readonly said: Said;
    },
  ): BuildTicket {
    const { build, recipe, instance, env, begun, said } = facts;
    return this.#builds.order({
      build,
      service: spec.name,
      instance,
      language: recipe.title,
      workFolder: this.#options.workFolder(spec.name),
      env,
      own: this.#ownOf(spec),
      begun,
      said,
    });
  }

  /** Whether a build of it that has failed would be tried again. */
  wouldBuild(spec: ServiceSpec, build: Build): Promise<boolean> {
    return this.#builds.hasChanged({ build, service: spec.name, own: this.#ownOf(spec) });
  }

  /** Whether a build of it makes this file: a change of that is no reason to start again. */
  makes(service: string, path: string): boolean {
    return this.#builds.makes(service, path);
  }

  /** A person wants the service: what has failed is tried again as it is, and what was seen is looked at anew. */
  forgive(service: string): void {
    this.#builds.forgive(service);
    this.#lookings.get(service)?.forget();
  }

  /** On which its builds hang besides their inputs. */
  #ownOf(spec: ServiceSpec): Readonly<Record<string, string>> {
    return { ...toolVariables(this.#options.inherited), ...spec.env };
  }

  /** What the editor's extensions have told of a language, but for its interpreter, which is looked at. */
  #equippedFor({ name }: Recipe): string {
    const { recipes, debuggers } = this.#options.equipment();
    return JSON.stringify([debuggers?.[name], recipes?.find((each) => each.name === name)]);
  }

  #aims(spec: ServiceSpec, { name }: Recipe, purpose: Purpose): Aims {
    const { windows, platform, workFolder, equipment } = this.#options;
    const debuggerFolder = equipment().debuggers?.[name] ?? undefined;
    return {
      ...purpose,
      windows,
      platform,
      workFolder: workFolder(spec.name),
      startedAt: this.#startedAt,
      ...(debuggerFolder === undefined ? {} : { debuggerFolder }),
    };
  }

  #surveyed(spec: ServiceSpec): Surveyed {
    const { folder, equipment, windows } = this.#options;
    // A PORT of ours means nothing to anybody (RP-22).
    const { PORT: _ours, ...inherited } = this.#options.inherited;
    return {
      env: { ...inherited, ...spec.env },
      inherited,
      home: inherited[windows ? 'USERPROFILE' : 'HOME'],
      folder,
      cwd: spec.cwd,
      chosen: (language) => equipment().interpreters?.[language] ?? undefined,
    };
  }

  #lookingOf(service: string): Looking {
    const known = this.#lookings.get(service) ?? new Looking(this.#options);
    this.#lookings.set(service, known);
    return known;
  }
}

/** Secrets are no part of what is told of a plan; its tools get them as they are. */
function masked(made: Plan | Unfit, env: Readonly<Record<string, string>>): Plan | Unfit {
  if (made.kind === 'unfit') return made;
  const mask = (text: string): string => maskText(text, env);
  const { builds, warnings } = made;
  return {
    ...made,
    ...(builds === undefined ? {} : { builds: builds.map((build) => maskedBuild(build, mask)) }),
    ...(warnings === undefined ? {} : { warnings: warnings.map(mask) }),
  };
}

function maskedBuild(build: Build, mask: (text: string) => string): Build {
  const steps = build.steps.map((step): BuildStep => {
    const told = step.told ?? step.argv.join(' ');
    return mask(told) === told ? step : { ...step, told: mask(told) };
  });
  return { ...build, title: mask(build.title), steps };
}
