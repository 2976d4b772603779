/** One build under way: its steps, those who wait for it, and its end when none of them does any more. */

import { clipped } from '../log/clip.ts';
import type { Line, Outside, ProgramAnswer, ProgramRun, Said, SpawnFailure } from '../outside.ts';
import { whenAll } from '../when-all.ts';
import { typed } from './failed-step.ts';
import { KeptLines } from './kept-lines.ts';
import type { Build, BuildFailure, BuildStep, CompilerMessage, FailedStep } from './recipe.ts';

export type BuildEnd =
  | { readonly kind: 'done' }
  | { readonly kind: 'failed'; readonly failed: FailedBuild }
  /** Nothing of it runs any more. */
  | { readonly kind: 'cancelled' };

export interface FailedBuild {
  readonly step: BuildStep;
  readonly failure: BuildFailure;
  readonly messages: readonly CompilerMessage[];
  /** The end of what was printed. */
  readonly printed: readonly string[];
}

export interface BuildRunOptions {
  readonly outside: Pick<Outside, 'files' | 'programs'>;
  readonly build: Build;
  readonly workFolder: string;
  /** Of a step that has none of its own. */
  readonly env: Readonly<Record<string, string>>;
  /** Comes before the first step. */
  readonly prepared: () => Promise<void>;
  /** The last line of what is printed: how it ended. */
  readonly closing: (end: Exclude<BuildEnd, { readonly kind: 'cancelled' }>) => string;
  /** Comes before anybody who waits is told. */
  readonly over: (end: BuildEnd) => Promise<void>;
}

export class BuildRun {
  readonly #options: BuildRunOptions;
  readonly #readers = new Set<Said>();
  readonly #end: Promise<BuildEnd>;
  /** Of all steps, for finding what compilers say of single lines. */
  readonly #printed = new KeptLines();
  #step: ProgramRun | undefined;
  #isCancelled = false;

  constructor(options: BuildRunOptions) {
    this.#options = options;
    this.#end = this.#perform();
  }

  /** Waits for its end; whoever leaves last ends it. */
  async join(said: Said, calledOff: Promise<void>): Promise<BuildEnd> {
    // Whoever leaves is waited for no more.
    const left = calledOff.then((): 'left' => 'left');
    const reader: Said = (lines) => {
      const room = said(lines);
      return room && Promise.race([room, left.then(() => undefined)]);
    };
    this.#readers.add(reader);
    const first = await Promise.race([this.#end, left]);
    this.#readers.delete(reader);
    if (first !== 'left') return first;
    if (this.#readers.size > 0) return { kind: 'cancelled' };
    this.#isCancelled = true;
    this.#step?.cancel();
    await this.#end;
    return { kind: 'cancelled' };
  }

  async #perform(): Promise<BuildEnd> {
    const end = await this.#build();
    if (end.kind !== 'cancelled') void this.#say([{ stream: 'stdout', text: this.#options.closing(end) }]);
    await this.#options.over(end);
    return end;
  }

  async #build(): Promise<BuildEnd> {
    const { outside, build, workFolder, env, prepared } = this.#options;
    await prepared();
    await outside.files.makeFolder(workFolder);
    for (const folder of build.empties ?? []) await this.#empty(folder);
    for (const step of build.steps) {
      // Asked each time: whoever cancels may do so while something is awaited.
      if (this.#isCancelled) return { kind: 'cancelled' };
      void this.#say([{ stream: 'stdout', text: `> ${step.told ?? typed(step)}` }]);
      this.#step = outside.programs.run({
        argv: step.argv,
        cwd: step.cwd,
        env: step.env ?? env,
        said: (lines) => this.#heard(lines),
      });
      const answer = await this.#step.ended;
      this.#step = undefined;
      if (this.#isCancelled) return { kind: 'cancelled' };
      const failed = failureOf(step, answer);
      if (failed !== undefined) return this.#failed(failed);
    }
    const missing = await this.#missing();
    const last = build.steps.at(-1);
    if (missing === undefined || last === undefined) return { kind: 'done' };
    return this.#failed({ step: last, reason: `it did not make ${missing}`, stdout: '', stderr: '' });
  }

  async #empty(root: string): Promise<void> {
    const { files } = this.#options.outside;
    const found = await files.matching({ root, paths: ['**'], ignore: [] });
    await Promise.all(found.map(({ path }) => files.remove(path)));
  }

  async #missing(): Promise<string | undefined> {
    for (const path of this.#options.build.makes)
      if ((await this.#options.outside.files.kind(path)) === undefined) return path;
    return undefined;
  }

  #failed(failed: FailedStep): BuildEnd {
    const { build } = this.#options;
    return {
      kind: 'failed',
      failed: {
        step: failed.step,
        failure: build.failure(failed),
        messages: build.read?.(this.#printed.all.join('\n'), failed.step.cwd) ?? [],
        printed: clipped(this.#printed.last(100)),
      },
    };
  }

  #heard(lines: readonly Line[]): Promise<void> | undefined {
    for (const { text } of lines) this.#printed.push(text);
    return this.#say(lines);
  }

  /** Gives when all who listen take more. */
  #say(lines: readonly Line[]): Promise<void> | undefined {
    return whenAll([...this.#readers].map((reader) => reader(lines)));
  }
}

function failureOf(step: BuildStep, answer: ProgramAnswer | SpawnFailure): FailedStep | undefined {
  if ('reason' in answer) return { step, reason: answer.reason, stdout: '', stderr: '' };
  return answer.exit.code === 0 ? undefined : { step, ...answer };
}
