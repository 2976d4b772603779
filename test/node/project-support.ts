/** A folder with a project in it and a whole runtime over it, for tests with real toolchains. All of it ends with its test. */

import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { request as send } from 'node:http';
import { connect } from 'node:net';
import { homedir, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from '../../src/config/spec.ts';
import type { Fault } from '../../src/faults/fault.ts';
import type { InstanceView } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { readConfig } from '../../src/host/home.ts';
import { createOutside } from '../../src/node/outside.ts';
import { onPath } from '../support/system-packages.ts';
import { runtimeIn } from './runtime-support.ts';
import { env, folderFor, until } from './support.ts';

/** A toolchain may take its time on a busy machine. */
const patienceMs = 50_000;

/** Text by path; what begins with `#!` can be run. */
export type ProjectFiles = Readonly<Record<string, string>>;

/** What every test with a compiler shares, so that the libraries of a language are made once for all of them. */
const caches = join(tmpdir(), 'local-runtimes-test-caches');

/** Nothing is fetched, and nothing of the person's is touched. */
const toolEnvironment: Readonly<Record<string, string>> = {
  ...env,
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

export interface ProjectOptions {
  readonly files: ProjectFiles;
  /** What stands below `services:`. */
  readonly services: string;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Answered {
  readonly status: number;
  readonly type: string | undefined;
  readonly body: string;
}

interface Asking {
  readonly service?: string;
  readonly method?: string;
  readonly body?: string;
  readonly accept?: string;
}

export class Project {
  readonly folder: string;
  readonly runtime: Runtime;
  /** The main log. */
  readonly journal: string[] = [];
  readonly #outside = createOutside();
  #printed = new Map<string, string[]>();

  private constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.folder = folder;
    this.runtime = runtimeIn(folder, this.#outside, () => this.#load(), environment);
    this.runtime.journal.onLine((line) => this.journal.push(line.slice(24).trimEnd()));
    this.runtime.subscribe((message) => {
      if (message.kind !== 'log') return;
      const lines = this.#printed.get(message.batch.instance) ?? [];
      this.#printed.set(message.batch.instance, [...lines, ...message.batch.lines.map(({ text }) => text)]);
    });
  }

  static async #in(
    t: TestContext,
    files: ProjectFiles,
    environment: (folder: string) => Readonly<Record<string, string>>,
  ): Promise<Project> {
    const made: Project[] = [];
    // Before the folder goes: whoever still writes a log there would keep it from going.
    t.after(() => Promise.all(made.map((each) => each.#close())));
    const folder = await folderFor(t);
    await writeFiles(folder, files);
    const project = new Project(folder, environment(folder));
    made.push(project);
    return project;
  }

  /**
   * With a `runtimes.yaml` of these files, and a home of its own; `${folder}` stands for the project's own folder, in
   * texts and in variables.
   */
  static of(
    t: TestContext,
    files: ProjectFiles,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Project> {
    return Project.#in(t, files, (folder) => {
      const own = Object.entries(more).map(([name, value]) => [name, value.replaceAll('${folder}', folder)]);
      return { ...env, HOME: join(folder, 'home'), ...Object.fromEntries(own) };
    });
  }

  /** With compilers, which keep what they made where they always do; nothing is started yet. */
  static withTools(t: TestContext, options: ProjectOptions): Promise<Project> {
    const files = { ...options.files, 'runtimes.yaml': `version: 1\nservices:\n${options.services}` };
    return Project.#in(t, files, () => ({ ...toolEnvironment, ...options.env }));
  }

  /** The same, started and serving. */
  static async up(t: TestContext, options: ProjectOptions): Promise<Project> {
    const project = await Project.withTools(t, options);
    await project.runtime.start({ kind: 'all' });
    await project.reach('RUNNING');
    return project;
  }

  async #close(): Promise<void> {
    this.runtime.killAll();
    await this.runtime.shutdown(500);
    await this.#outside.close();
  }

  #load(): Config {
    const config = readConfig(this.folder, undefined);
    const errors = config.problems.filter(({ severity }) => severity === 'error');
    assert.deepEqual(
      errors.map(({ message }) => message),
      [],
    );
    return config;
  }

  write(files: ProjectFiles): Promise<void> {
    return writeFiles(this.folder, files);
  }

  at(path: string): string {
    return join(this.folder, path);
  }

  /** Starts everything; with `debug`, under debuggers. */
  async start(debug = false): Promise<this> {
    await this.runtime.start({ kind: 'all' }, { debug });
    for (const { name } of this.runtime.snapshot().services) await this.follow(`${name}.0`);
    return this;
  }

  async follow(instance: string): Promise<void> {
    const { lines } = await this.runtime.follow(instance, 100);
    this.#printed.set(
      instance,
      lines.map(({ text }) => text),
    );
  }

  /** The lines that the first instance of a service has printed. */
  printed(service: string): readonly string[] {
    return this.#printed.get(`${service}.0`) ?? [];
  }

  /** By its own name or by that of its service, whose first it then is; else the first of all. */
  instance(name?: string): InstanceView {
    const all = this.runtime.snapshot().services.flatMap(({ instances }) => instances);
    return (
      all.find((each) => name === undefined || each.name === name || each.name === `${name}.0`) ??
      assert.fail(`there is no ${name ?? 'instance'}`)
    );
  }

  /** Asks by the front door, under the name of a service. */
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

  /** Waits until it runs, and asks it by its own door. */
  async answer(service: string, path = '/'): Promise<string> {
    await this.reach('RUNNING', service);
    const url = this.runtime.snapshot().services.find(({ name }) => name === service)?.url;
    const response = await fetch(new URL(path, url ?? assert.fail(`${service} has no door`)));
    return response.text();
  }

  async reach(state: InstanceView['state'], name?: string): Promise<InstanceView> {
    let last: InstanceView | undefined;
    try {
      return await until(
        `${name ?? 'the instance'} to be ${state}`,
        () => {
          last = this.instance(name);
          return last.state === state ? last : undefined;
        },
        patienceMs,
      );
    } catch (error) {
      const told = {
        state: last?.state,
        fault: last?.fault?.message,
        preparing: last?.preparing,
        printed: (this.#printed.get(last?.name ?? '') ?? []).slice(-10),
        journal: this.journal.slice(-20),
      };
      throw new Error(`${String(error)}: ${JSON.stringify(told, null, 1)}`, { cause: error });
    }
  }

  /** Waits until it has been given up, and tells why. */
  async fault(service: string): Promise<Fault> {
    return (await this.reach('FATAL', service)).fault ?? assert.fail('it has no fault');
  }

  /** Waits until it has been started again by itself, because what it lacked is there. */
  async mended(service: string, path = '/'): Promise<string> {
    await until(`${service} to be tried again`, () => this.instance(service).state !== 'FATAL', patienceMs);
    return this.answer(service, path);
  }

  /** Where its debugger listens. */
  async debugger(service: string): Promise<{ readonly host: string; readonly port: number }> {
    await this.reach('RUNNING', service);
    return until(`the debugger of ${service}`, () => this.instance(service).inspector, patienceMs);
  }
}

export async function writeFiles(folder: string, files: ProjectFiles): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text.replaceAll('${folder}', folder));
    if (text.startsWith('#!')) await chmod(file, 0o755);
  }
}

/** Begins a conversation with a debugger in the editor's protocol, and gives what it first answers. */
export async function initialized(at: { readonly host: string; readonly port: number }): Promise<string> {
  const body = JSON.stringify({
    seq: 1,
    type: 'request',
    command: 'initialize',
    arguments: { adapterID: 'test', clientID: 'test', pathFormat: 'path', linesStartAt1: true },
  });
  const socket = connect(at.port, at.host);
  try {
    let heard = '';
    socket.on('data', (bytes) => {
      heard += bytes.toString('utf8');
    });
    const ended = new Promise<never>((_, reject) => {
      socket.on('error', reject);
      socket.on('close', () => reject(new Error(`it hung up, having said ${JSON.stringify(heard)}`)));
    });
    ended.catch(() => undefined);
    socket.write(`Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    const answered = until(
      'an answer to "initialize"',
      () => (/"command":\s*"initialize"/.test(heard) ? heard : undefined),
      patienceMs,
    );
    return await Promise.race([answered, ended]);
  } finally {
    socket.destroy();
  }
}
