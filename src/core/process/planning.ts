/**
 * Has a start planned by its recipe, and built what it needs, before anything else is made for it.
 *
 * Whoever stops it meanwhile calls it off: questions are not waited for, and builds that nobody else wants are ended.
 */

import { childEnvironment } from '../handshake/launch.ts';
import type { Line } from '../outside.ts';
import type { FailedBuild } from '../runtimes/builds.ts';
import type { Build, Recipe, Unfit } from '../runtimes/recipe.ts';
import type { Planned, Workshop } from '../runtimes/workshop.ts';
import type { Run } from './run.ts';
import type { Surroundings } from './surroundings.ts';

/** Why there will be no spawn before something is changed. */
export type Hindrance =
  | {
      readonly kind: 'unfit';
      readonly unfit: Unfit;
      /** Whether another try would come to something else: a few stats, and a plan anew where those say so. */
      readonly hasChanged: () => Promise<boolean>;
    }
  | {
      readonly kind: 'build-failed';
      readonly failed: FailedBuild;
      readonly build: Build;
      readonly hasChanged: () => Promise<boolean>;
      /** Whether its inputs are others now, which are all looked at. */
      readonly wouldBuild: () => Promise<boolean>;
    };

export interface PlanningOptions {
  readonly instance: string;
  readonly index: number;
  readonly around: Surroundings;
  /** The instance id of the present run (spec 3.1). */
  readonly id: () => string;
  /** What is printed before there is a child. */
  readonly said: (run: Run, lines: readonly Line[]) => Promise<void> | undefined;
  readonly changed: () => void;
}

export class Planning {
  readonly #options: PlanningOptions;
  #warned = '';

  constructor(options: PlanningOptions) {
    this.#options = options;
  }

  /** Undefined: nothing stands in its way, or it has been called off; `run.plan` is how it is started. */
  async plan(run: Run, workshop: Workshop, debugPort: number | undefined): Promise<Hindrance | undefined> {
    const planned = await Promise.race([this.#planned(run, workshop, debugPort), calledOff(run)]);
    if (planned === undefined || run.isCalledOff === true) return undefined;
    const { made, recipe } = planned;
    const hasChanged = this.#reconsidering(run, workshop, debugPort, planned);
    if (made.kind === 'unfit') return { kind: 'unfit', unfit: made, hasChanged };
    run.plan = made;
    if (debugPort !== undefined && recipe.debugging !== undefined) run.debugging = recipe.debugging;
    this.#warn(run, made.warnings ?? []);
    for (const build of made.builds ?? []) {
      const hindrance = await this.#build(run, workshop, recipe, hasChanged, build);
      if (hindrance !== undefined || run.isCalledOff === true) return hindrance;
    }
    return undefined;
  }

  /** The same, and nothing is built: what would be run is in `run.plan`. */
  async foresee(run: Run, workshop: Workshop): Promise<Unfit | undefined> {
    const { made } = await this.#planned(run, workshop, undefined);
    if (made.kind === 'unfit') return made;
    run.plan = made;
    return undefined;
  }

  /**
   * Whether a try would come to something else by now. Much of what is looked at (a folder in which files come and go)
   * changes without meaning anything, so it is planned again, and nobody hears of it unless that makes another plan.
   */
  #reconsidering(
    run: Run,
    workshop: Workshop,
    debugPort: number | undefined,
    first: Planned,
  ): () => Promise<boolean> {
    const before = JSON.stringify(first.made);
    let latest = first;
    return async () => {
      if (!(await latest.hasChanged())) return false;
      latest = await this.#planned(run, workshop, debugPort);
      return JSON.stringify(latest.made) !== before;
    };
  }

  #planned(run: Run, workshop: Workshop, debugPort: number | undefined): Promise<Planned> {
    const { instance, index, around, id } = this.#options;
    const { spec } = run;
    const api = around.topology?.given(spec, index).api;
    const doorPort = around.doorPortOf?.(spec.name);
    return workshop.plan(spec, {
      instance,
      index,
      id: id(),
      ...(debugPort === undefined ? {} : { debugPort }),
      ...(doorPort === undefined ? {} : { doorPort }),
      ...(api === undefined ? {} : { api }),
    });
  }

  async #build(
    run: Run,
    workshop: Workshop,
    recipe: Recipe,
    hasChanged: () => Promise<boolean>,
    build: Build,
  ): Promise<Hindrance | undefined> {
    const { instance, index, around, said, changed } = this.#options;
    const { spec, plan } = run;
    const given = around.topology?.given(spec, index);
    const ticket = workshop.build(spec, {
      build,
      recipe,
      instance,
      env: childEnvironment(spec, {
        inherited: around.inherited,
        windows: around.windows,
        ...(given === undefined ? {} : { given }),
        ...(plan === undefined ? {} : { plan }),
      }),
      begun: () => {
        run.preparing ??= { title: build.title, since: around.outside.clock.wall() };
        changed();
      },
      said: (lines) => said(run, lines),
    });
    void calledOff(run).then(() => ticket.cancel());
    const end = await ticket.end;
    delete run.preparing;
    if (end.kind !== 'failed') return undefined;
    const wouldBuild = (): Promise<boolean> => workshop.wouldBuild(spec, build);
    return { kind: 'build-failed', failed: end.failed, build, hasChanged, wouldBuild };
  }

  /** Once for each change of what there is to say. */
  #warn(run: Run, warnings: readonly string[]): void {
    const key = JSON.stringify(warnings);
    if (key === this.#warned) return;
    this.#warned = key;
    if (warnings.length > 0)
      void this.#options.said(
        run,
        warnings.map((text) => ({ stream: 'stderr', text })),
      );
  }
}

function calledOff(run: Run): Promise<undefined> {
  run.callOff ??= Promise.withResolvers<undefined>();
  return run.callOff.promise;
}
