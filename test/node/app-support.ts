/** An application of real files in a folder of its own, run by a whole runtime with the real world around it. */

import assert from 'node:assert/strict';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { InstanceView } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { readConfig } from '../../src/host/home.ts';
import { createOutside } from '../../src/node/outside.ts';
import { onPath } from '../support/system-packages.ts';
import { runtimeIn } from './runtime-support.ts';
import { folderFor, until } from './support.ts';

/** What every test with a toolchain shares, so that the libraries of a language are made once for all of them. */
export const caches = join(tmpdir(), 'local-runtimes-test-caches');

/** Nothing is fetched, and nothing of the person's is touched. */
export const toolEnvironment: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: homedir(),
  GOFLAGS: '-mod=mod',
  GOPROXY: 'off',
  GOCACHE: join(caches, 'go'),
  COMPOSER_DISABLE_NETWORK: '1',
};

/** The programs that a test needs; without them it fails, and says what to install. */
export function needs(...programs: readonly string[]): void {
  const missing = programs.filter((name) => onPath([name]) === undefined);
  if (missing.length > 0)
    throw new Error(`These are not on the PATH: ${missing.join(', ')} (see bringPrograms).`);
}

export interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

export interface AppOptions {
  readonly files: Readonly<Record<string, string>>;
  /** What stands below `services:`. */
  readonly services: string;
  readonly env?: Readonly<Record<string, string>>;
}

export class App {
  readonly folder: string;
  readonly runtime: Runtime;
  /** The main log. */
  readonly journal: string[] = [];
  readonly #outside = createOutside();

  private constructor(folder: string, { env = {} }: AppOptions) {
    this.folder = folder;
    this.runtime = runtimeIn(folder, this.#outside, () => this.#load(), { ...toolEnvironment, ...env });
    this.runtime.journal.onLine((line) => this.journal.push(line.slice(24).trimEnd()));
  }

  /** With its files written, and nothing started yet. */
  static async in(t: TestContext, options: AppOptions): Promise<App> {
    const made: App[] = [];
    // Before the folder goes: whoever still writes a log there would keep it from going.
    t.after(() => Promise.all(made.map((each) => each.#close())));
    const folder = await folderFor(t);
    const files = { ...options.files, 'runtimes.yaml': `version: 1\nservices:\n${options.services}` };
    await Promise.all(Object.entries(files).map(([path, text]) => writeIn(folder, path, text)));
    const app = new App(folder, options);
    made.push(app);
    return app;
  }

  /** Started, and serving. */
  static async up(t: TestContext, options: AppOptions): Promise<App> {
    const app = await App.in(t, options);
    await app.runtime.start({ kind: 'all' });
    await app.reach('RUNNING');
    return app;
  }

  #load() {
    const config = readConfig(this.folder, undefined);
    assert.deepEqual(
      config.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message),
      [],
    );
    return config;
  }

  async #close(): Promise<void> {
    this.runtime.killAll();
    await this.runtime.shutdown(500);
    await this.#outside.close();
  }

  instance(name?: string): InstanceView {
    const all = this.runtime.snapshot().services.flatMap(({ instances }) => instances);
    return (
      all.find((each) => name === undefined || each.name === name) ?? assert.fail('there is no instance')
    );
  }

  /** Building takes its time the first time. */
  async reach(state: InstanceView['state'], name?: string): Promise<InstanceView> {
    try {
      return await until(
        `${name ?? 'the instance'} to be ${state}`,
        () => {
          const instance = this.instance(name);
          return instance.state === state ? instance : undefined;
        },
        50_000,
      );
    } catch (error) {
      const { fault, state: last, preparing } = this.instance(name);
      throw new Error(
        `${String(error)}; it is ${last}: ${JSON.stringify({ fault, preparing, journal: this.journal })}`,
        { cause: error },
      );
    }
  }

  write(path: string, text: string): Promise<void> {
    return writeIn(this.folder, path, text);
  }

  remove(path: string): Promise<void> {
    return rm(join(this.folder, path), { recursive: true, force: true });
  }

  /** By the front door, under the name of a service. */
  ask(path: string, { service, method = 'GET', body, accept }: Asking = {}): Promise<Answered> {
    const url = this.runtime.snapshot().frontDoor ?? assert.fail('there is no front door');
    const { port } = new URL(url);
    const name = service ?? this.runtime.snapshot().services[0]?.name ?? '';
    return new Promise((resolve, reject) => {
      const headers = {
        Host: `${name}.localhost:${port}`,
        ...(accept === undefined ? {} : { Accept: accept }),
      };
      const request = send({ host: '127.0.0.1', port, path, method, agent: false, headers }, (response) => {
        const pieces: Buffer[] = [];
        response.on('data', (piece: Buffer) => pieces.push(piece));
        response.once('error', reject);
        response.once('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            type: response.headers['content-type'],
            body: Buffer.concat(pieces).toString('utf8'),
          }),
        );
      });
      request.once('error', reject);
      request.end(body);
    });
  }
}

interface Asking {
  readonly service?: string;
  readonly method?: string;
  readonly body?: string;
  readonly accept?: string;
}

async function writeIn(folder: string, path: string, text: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), text);
  if (text.startsWith('#!')) await chmod(join(folder, path), 0o755);
}
