/**
 * Keeps what is built: one build of an identity at a time, whoever asks; what was made from the same inputs is not made
 * again, and what failed is not tried again before one of them changes (RT-21, RT-22, RT-29).
 *
 * What a build is, and what its failure means, is the recipe's to say.
 */

import type { Outside, Said } from '../outside.ts';
import type { BuildEvent } from './build-events.ts';
import { type BuildEnd, BuildRun, type FailedBuild } from './build-run.ts';
import { type Found, inputsOf, stampOf } from './build-stamp.ts';
import { nothingWritten, Writings } from './build-writings.ts';
import { BuiltFile } from './built-file.ts';
import type { Build } from './recipe.ts';

export type { BuildEnd, FailedBuild } from './build-run.ts';

export interface BuildOrder {
  readonly build: Build;
  readonly service: string;
  readonly instance: string;
  /** Of the recipe: `Go`. */
  readonly language: string;
  /** The service's. */
  readonly workFolder: string;
  /** Of a step that has none of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** The service's own variables. */
  readonly own: Readonly<Record<string, string>>;
  /** It is really built, or about to be, by this order or another one. */
  readonly begun: () => void;
  readonly said: Said;
}

export interface BuildTicket {
  /** Never rejects, unless the machine's own files do. */
  readonly end: Promise<BuildEnd>;
  /** This one does not want it any more. It is killed once nobody does; then `end` resolves when nothing is left. */
  cancel(): void;
}

export interface BuildsOptions {
  readonly outside: Pick<Outside, 'clock' | 'files' | 'programs'>;
  readonly told: (event: BuildEvent) => void;
  /** Into the main log. */
  readonly say: (level: 'info' | 'warn', text: string) => void;
}

/** One identity. */
interface Site {
  readonly built: BuiltFile;
  run?: BuildRun;
  /** What it was begun with. */
  before?: ReadonlySet<string>;
  writings?: Writings;
  failed?: { readonly stamp: string; readonly build: FailedBuild };
  /** The last attempt came to nothing. */
  isBroken: boolean;
}

export class Builds {
  readonly #options: BuildsOptions;
  readonly #sites = new Map<string, Site>();
  readonly #files = new Map<string, BuiltFile>();

  constructor(options: BuildsOptions) {
    this.#options = options;
  }

  order(order: BuildOrder): BuildTicket {
    const called = Promise.withResolvers<void>();
    let isCalledOff = false;
    const ticket = {
      get isCalledOff() {
        return isCalledOff;
      },
      calledOff: called.promise,
    };
    return {
      end: this.#perform(order, ticket),
      cancel: () => {
        isCalledOff = true;
        called.resolve();
      },
    };
  }

  /** Whether a build that has failed would be tried again, because its inputs are others now. */
  async hasChanged({ build, service, own }: Pick<BuildOrder, 'build' | 'service' | 'own'>): Promise<boolean> {
    const failed = this.#sites.get(keyOf(service, build))?.failed;
    if (failed === undefined) return true;
    return stampOf(build, own, await inputsOf(this.#options.outside.files, build)) !== failed.stamp;
  }

  /** Whether a build of this service makes this file itself, so that a change of it means nothing. */
  makes(service: string, path: string): boolean {
    return [...this.#sites].some(([key, { run, before, writings }]) => {
      if (!key.startsWith(keyStart(service)) || writings === undefined) return false;
      if (run === undefined || before === undefined) return writings.hasMade(path);
      // What comes to be in the midst of a build is its work.
      return writings.isOwn(path) || !before.has(path);
    });
  }

  /** A person wants the service: what has failed is tried again, whether or not anything has changed. */
  forgive(service: string): void {
    for (const [key, site] of this.#sites) if (key.startsWith(keyStart(service))) delete site.failed;
  }

  async #perform(order: BuildOrder, ticket: Ticket): Promise<BuildEnd> {
    const { build, own, service } = order;
    const { files } = this.#options.outside;
    const site = this.#siteOf(order);
    while (!ticket.isCalledOff) {
      if (site.run === undefined) {
        const found = await inputsOf(files, build);
        const stamp = stampOf(build, own, found);
        const known = site.run === undefined ? await this.#known(site, build, stamp) : undefined;
        if (ticket.isCalledOff) break;
        if (known !== undefined) return known;
        if (build.writesInputs === true)
          site.writings ??= new Writings((await site.built.of(build.id)).written ?? nothingWritten);
        site.run ??= this.#begin(site, order, found);
      }
      order.begun();
      const end = await site.run.join(order.said, ticket.calledOff);
      // It may have been killed for others who did not want it any more.
      if (end.kind !== 'cancelled') return end;
      if (!ticket.isCalledOff) this.#options.say('info', `${service}: ${build.title} begins anew`);
    }
    return { kind: 'cancelled' };
  }

  /** What need not be built, or not be tried. */
  async #known(site: Site, build: Build, stamp: string): Promise<BuildEnd | undefined> {
    if (site.failed?.stamp === stamp) return { kind: 'failed', failed: site.failed.build };
    if ((await site.built.of(build.id)).stamp !== stamp) return undefined;
    const kinds = await Promise.all(build.makes.map((path) => this.#options.outside.files.kind(path)));
    return kinds.includes(undefined) ? undefined : { kind: 'done' };
  }

  #begin(site: Site, order: BuildOrder, found: Found): BuildRun {
    const { outside, told } = this.#options;
    const { build, service, instance, workFolder, env } = order;
    const since = outside.clock.now();
    const event = { event: 'build', service, instance, title: build.title } as const;
    site.before = new Set(found.within.map(({ path }) => path));
    told({ ...event, outcome: 'started', ms: 0 });
    return new BuildRun({
      outside,
      build,
      workFolder,
      env,
      // Half of it is nothing: whatever becomes of this one, what was there before does not count any more.
      prepared: () => this.#note(site, build),
      closing: ({ kind }) => {
        const seconds = ((outside.clock.now() - since) / 1000).toFixed(1);
        return `${build.title}: ${kind === 'done' ? 'done in' : 'failed after'} ${seconds} s`;
      },
      over: async (end) => {
        await this.#settle(site, order, found, end);
        delete site.run;
        delete site.before;
        told({ ...event, outcome: end.kind, ms: Math.round(outside.clock.now() - since) });
      },
    });
  }

  #note(site: Site, { id }: Build, stamp?: string): Promise<void> {
    const written = site.writings?.written;
    return site.built.note(id, {
      ...(stamp === undefined ? {} : { stamp }),
      ...(written === undefined ? {} : { written }),
    });
  }

  async #settle(
    site: Site,
    { build, own, language }: BuildOrder,
    found: Found,
    end: BuildEnd,
  ): Promise<void> {
    const { say, outside } = this.#options;
    const after = site.writings && (await inputsOf(outside.files, build));
    const within = after && site.writings?.weigh(found.within, after.within);
    const stamp = stampOf(build, own, within === undefined ? found : { ...found, within });
    if (end.kind === 'done') {
      await this.#note(site, build, stamp);
      if (site.isBroken) say('info', `${language} application successfully built.`);
      site.isBroken = false;
      delete site.failed;
    } else if (end.kind === 'failed') {
      site.isBroken = true;
      site.failed = { stamp, build: end.failed };
      if (site.writings !== undefined) await this.#note(site, build);
      say('warn', `Failed to build ${language} application: ${end.failed.failure.text}`);
    }
  }

  #siteOf({ build, service, workFolder }: BuildOrder): Site {
    const key = keyOf(service, build);
    const known = this.#sites.get(key);
    if (known !== undefined) return known;
    const built = this.#files.get(workFolder) ?? new BuiltFile(this.#options.outside.files, workFolder);
    this.#files.set(workFolder, built);
    const site: Site = { built, isBroken: false };
    this.#sites.set(key, site);
    return site;
  }
}

interface Ticket {
  readonly isCalledOff: boolean;
  readonly calledOff: Promise<void>;
}

/** Two services never share a build, whatever their recipes call it (RT-29). */
function keyOf(service: string, { id }: Build): string {
  return keyStart(service) + id;
}

function keyStart(service: string): string {
  return `${service}\n`;
}
