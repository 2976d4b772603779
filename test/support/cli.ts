/** Runs the bundled command line as users do, in a folder of its own that is cleared away with the test. */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, mkdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import type { TestContext } from 'node:test';
import type { RuntimeEvent } from '../../src/core/model.ts';

const cliBundle = resolve(import.meta.dirname, '../../dist/cli.js');

/** A fresh folder with these files; gone after the test. */
export async function workspace(test: TestContext, files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'runtimes-test-'));
  test.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, path)), { recursive: true });
    await writeFile(join(folder, path), text);
  }
  return folder;
}

export interface Finished {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export class Cli {
  readonly process: ChildProcess;
  readonly events: RuntimeEvent[] = [];
  readonly finished: Promise<Finished>;
  #stdout = '';
  #stderr = '';
  readonly #waiting = new Set<() => void>();

  constructor(
    test: TestContext,
    folder: string,
    args: readonly string[],
    env: Readonly<Record<string, string>> = {},
    stdin: 'ignore' | 'pipe' = 'ignore',
  ) {
    this.process = spawn(process.execPath, [cliBundle, ...args], {
      cwd: folder,
      env: { ...process.env, XDG_STATE_HOME: join(folder, '.state'), ...env },
      stdio: [stdin, 'pipe', 'pipe'],
    });
    this.process.stderr?.setEncoding('utf8').on('data', (text: string) => {
      this.#stderr += text;
      this.#wake();
    });
    if (this.process.stdout !== null) {
      createInterface({ input: this.process.stdout }).on('line', (line) => {
        this.#stdout += `${line}\n`;
        if (line.startsWith('{')) this.events.push(JSON.parse(line) as RuntimeEvent);
        this.#wake();
      });
    }
    this.finished = new Promise((done) => {
      this.process.once('close', (code) => {
        done({ code, stdout: this.#stdout, stderr: this.#stderr });
        this.#wake();
      });
    });
    // SIGTERM first: the guard behind it clears away what a failed test leaves.
    test.after(async () => {
      if (this.process.exitCode === null && this.process.signalCode === null) this.process.kill('SIGKILL');
      await this.finished;
    });
  }

  /** What it has written to stdout so far, in whole lines. */
  get printed(): string {
    return this.#stdout;
  }

  /** What it has written to stderr so far. */
  get complaints(): string {
    return this.#stderr;
  }

  #wake(): void {
    for (const wake of [...this.#waiting]) wake();
  }

  /** Waits until something can be found; fails with all that was printed when the program ends before. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      if (this.process.exitCode !== null || this.process.signalCode !== null) {
        await this.finished;
        const last = find();
        if (last !== undefined) return last;
        throw new Error(`It ended (${this.process.exitCode}) before that.\n${this.#stdout}\n${this.#stderr}`);
      }
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  async event<E extends RuntimeEvent['event']>(
    event: E,
    matches: (each: Extract<RuntimeEvent, { event: E }>) => boolean = () => true,
  ): Promise<Extract<RuntimeEvent, { event: E }>> {
    type Found = Extract<RuntimeEvent, { event: E }>;
    return this.until(() =>
      this.events.find((each): each is Found => each.event === event && matches(each as Found)),
    );
  }
}
