/** A folder with a project in it and a whole runtime over it, for tests with real toolchains. All of it ends with its test. */

import assert from 'node:assert/strict';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';
import type { Config } from '../../src/config/spec.ts';
import type { Fault } from '../../src/faults/fault.ts';
import type { InstanceView } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { readConfig } from '../../src/host/home.ts';
import { createOutside } from '../../src/node/outside.ts';
import { runtimeIn } from './runtime-support.ts';
import { env, folderFor, until } from './support.ts';

/** A toolchain may take its time on a busy machine. */
const patienceMs = 45_000;

/** Text by path; what begins with `#!` can be run. */
export type ProjectFiles = Readonly<Record<string, string>>;

export class Project {
  readonly folder: string;
  readonly runtime: Runtime;
  #printed = new Map<string, string[]>();

  private constructor(t: TestContext, folder: string, environment: Readonly<Record<string, string>>) {
    this.folder = folder;
    const outside = createOutside();
    this.runtime = runtimeIn(folder, outside, () => this.#load(), environment);
    this.runtime.subscribe((message) => {
      if (message.kind !== 'log') return;
      const lines = this.#printed.get(message.batch.instance) ?? [];
      this.#printed.set(message.batch.instance, [...lines, ...message.batch.lines.map(({ text }) => text)]);
    });
    t.after(async () => {
      this.runtime.killAll();
      await this.runtime.shutdown(500);
      await outside.close();
    });
  }

  /** With a `runtimes.yaml` of these files; `${folder}` stands for the project's own folder, in texts and in variables. */
  static async of(
    t: TestContext,
    files: ProjectFiles,
    more: Readonly<Record<string, string>> = {},
  ): Promise<Project> {
    const folder = await folderFor(t);
    await writeFiles(folder, files);
    const own = Object.entries(more).map(([name, value]) => [name, value.replaceAll('${folder}', folder)]);
    return new Project(t, folder, { ...env, HOME: join(folder, 'home'), ...Object.fromEntries(own) });
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

  instance(service: string): InstanceView {
    const found = this.runtime
      .snapshot()
      .services.flatMap(({ instances }) => instances)
      .find((each) => each.name === `${service}.0`);
    return found ?? assert.fail(`there is no ${service}`);
  }

  /** Waits until it runs, and asks it by its own door. */
  async answer(service: string, path = '/'): Promise<string> {
    await this.becomes(service, 'RUNNING');
    const url = this.runtime.snapshot().services.find(({ name }) => name === service)?.url;
    const response = await fetch(new URL(path, url ?? assert.fail(`${service} has no door`)));
    return response.text();
  }

  async becomes(service: string, state: InstanceView['state']): Promise<InstanceView> {
    let last: InstanceView | undefined;
    try {
      return await until(
        `${service} to be ${state}`,
        () => {
          last = this.instance(service);
          if (state === 'RUNNING' && last.state === 'FATAL') throw new Error('it is FATAL');
          return last.state === state ? last : undefined;
        },
        patienceMs,
      );
    } catch (error) {
      const told = JSON.stringify(
        { state: last?.state, fault: last?.fault?.message, printed: this.printed(service).slice(-10) },
        null,
        1,
      );
      throw new Error(`${service}: ${told}`, { cause: error });
    }
  }

  /** Waits until it has been given up, and tells why. */
  async fault(service: string): Promise<Fault> {
    return (await this.becomes(service, 'FATAL')).fault ?? assert.fail('it has no fault');
  }

  /** Waits until it has been started again by itself, because what it lacked is there. */
  async mended(service: string, path = '/'): Promise<string> {
    await until(`${service} to be tried again`, () => this.instance(service).state !== 'FATAL', patienceMs);
    return this.answer(service, path);
  }

  /** Where its debugger listens. */
  async debugger(service: string): Promise<{ readonly host: string; readonly port: number }> {
    await this.becomes(service, 'RUNNING');
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
