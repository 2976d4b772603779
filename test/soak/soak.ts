/**
 * Many requests through a real front door while its instances are killed, each of them accounted for.
 *
 * No request may be answered twice, none may reach two children unless it is idempotent and the first of them died over
 * it, none may be lost that had not reached a child, and each answer has to be the one to its request.
 */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ask } from './client.ts';
import type { HostLine } from './host.ts';
import { Ledger, type Tally } from './ledger.ts';

export interface SoakOptions {
  /** How many at most. */
  readonly requests: number;
  /** After so long no further request is sent. */
  readonly milliseconds?: number;
  readonly connections: number;
  readonly instances: number;
  /** An instance is killed whenever so many requests are over. */
  readonly killEvery: number;
  readonly seed: number;
  /** How a program is run on the one side or the other. */
  readonly place?: (side: 'proxy' | 'load', argv: readonly string[]) => readonly string[];
  /** A program of this folder in another form than its own file. */
  readonly program?: (name: 'host' | 'child') => string;
  readonly say?: (line: string) => void;
}

export interface Sample {
  /** How many requests were over. */
  readonly requests: number;
  /** In bytes; the heap after a collection. */
  readonly resident: number;
  readonly heap: number;
}

export interface SoakReport {
  readonly requests: number;
  readonly milliseconds: number;
  readonly kills: number;
  readonly tally: Tally;
  /** What must not be, in sentences. */
  readonly wrong: readonly string[];
  readonly memory: readonly Sample[];
}

const samples = 20;

export async function soak(options: SoakOptions): Promise<SoakReport> {
  const folder = await mkdtemp(join(tmpdir(), 'runtimes-soak-'));
  const host = await Host.start(folder, options);
  try {
    await host.until(() => host.running.size === options.instances && host.port > 0);
    const ledger = new Ledger(options.requests);
    const run = new Run(options, host, ledger);
    await run.toItsEnd();
    await host.end();
    return { ...run.facts, ...ledger.close(folder, run.facts.requests) };
  } finally {
    await host.end();
    await rm(folder, { recursive: true, force: true });
  }
}

class Run {
  readonly #options: SoakOptions;
  readonly #host: Host;
  readonly #ledger: Ledger;
  readonly #random: () => number;
  readonly #memory: Sample[] = [];
  #measuring: Promise<void> = Promise.resolve();
  #sent = 0;
  #over = 0;
  #kills = 0;
  #trouble = 0;
  #milliseconds = 0;

  constructor(options: SoakOptions, host: Host, ledger: Ledger) {
    this.#options = options;
    this.#host = host;
    this.#ledger = ledger;
    this.#random = randomFrom(options.seed);
  }

  get facts(): Pick<SoakReport, 'requests' | 'milliseconds' | 'kills' | 'memory'> {
    return {
      requests: this.#sent,
      milliseconds: this.#milliseconds,
      kills: this.#kills,
      memory: this.#memory,
    };
  }

  async toItsEnd(): Promise<void> {
    const { requests, connections, milliseconds = Number.POSITIVE_INFINITY } = this.#options;
    const begun = performance.now();
    const supply = {
      port: this.#host.port,
      ledger: this.#ledger,
      next: () => {
        if (this.#sent >= requests || performance.now() - begun >= milliseconds) return undefined;
        this.#sent += 1;
        return this.#sent - 1;
      },
      trouble: () => this.#trouble,
      over: () => this.#counted(),
    };
    await Promise.all(Array.from({ length: connections }, () => ask(supply)));
    this.#milliseconds = performance.now() - begun;
    await this.#measuring;
    await this.#measure();
  }

  #counted(): void {
    this.#over += 1;
    const { requests, killEvery } = this.#options;
    if (this.#over % Math.ceil(requests / samples) === 0) {
      this.#measuring = this.#measuring.then(() => this.#measure());
    }
    if (this.#over % killEvery === 0) this.#kill();
  }

  async #measure(): Promise<void> {
    const requests = this.#over;
    const sample = { requests, ...(await this.#host.memory()) };
    this.#memory.push(sample);
    const megabytes = (bytes: number): string => (bytes / 2 ** 20).toFixed(1);
    this.#options.say?.(
      `${requests} requests, ${this.#kills} kills, resident ${megabytes(sample.resident)} MB, heap ${megabytes(sample.heap)} MB`,
    );
  }

  /** One at a time, so that there is always somebody else to ask. */
  #kill(): void {
    const { running } = this.#host;
    if (this.#trouble % 2 === 1 || running.size < this.#options.instances) return;
    const [instance, pid] = [...running][Math.floor(this.#random() * running.size)] ?? [];
    if (instance === undefined || pid === undefined) return;
    this.#kills += 1;
    this.#trouble += 1;
    this.#ledger.killed(pid);
    process.kill(pid, 'SIGKILL');
    void this.#host
      .until(() => running.get(instance) !== pid)
      .then(() => {
        this.#trouble += 1;
      });
  }
}

function fileOf(name: string): string {
  return join(import.meta.dirname, `${name}.ts`);
}

class Host {
  readonly running = new Map<string, number>();
  port = 0;
  readonly #child;
  readonly #exited: Promise<unknown>;
  readonly #looks = new Set<() => void>();
  readonly #memories: ((line: Extract<HostLine, { kind: 'memory' }>) => void)[] = [];

  private constructor(argv: readonly string[]) {
    const [program = '', ...args] = argv;
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    this.#exited = once(this.#child, 'exit');
    this.#exited.catch(() => undefined);
    createInterface({ input: this.#child.stdout }).on('line', (line) =>
      this.#heard(JSON.parse(line) as HostLine),
    );
  }

  static async start(
    folder: string,
    { instances, place = (_, argv) => argv, program = fileOf }: SoakOptions,
  ): Promise<Host> {
    const command = place('load', [process.execPath, program('child'), folder]);
    const services = { web: { command, instances, restart: 'always' } };
    // JSON is YAML.
    await writeFile(join(folder, 'runtimes.yaml'), JSON.stringify({ services }));
    return new Host(place('proxy', [process.execPath, '--expose-gc', program('host'), folder]));
  }

  /** Resolves once it is so; rejects when the host has gone. */
  async until(isSo: () => boolean): Promise<void> {
    const gone = this.#exited.then(() => Promise.reject(new Error('The host of the soak has ended.')));
    gone.catch(() => undefined);
    await Promise.race([
      gone,
      new Promise<void>((resolve) => {
        const look = (): void => {
          if (!isSo()) return;
          this.#looks.delete(look);
          resolve();
        };
        this.#looks.add(look);
        look();
      }),
    ]);
  }

  memory(): Promise<{ readonly resident: number; readonly heap: number }> {
    this.#child.stdin.write('memory\n');
    return new Promise((resolve) => {
      this.#memories.push(({ resident, heap }) => resolve({ resident, heap }));
    });
  }

  async end(): Promise<void> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) this.#child.stdin.end('end\n');
    await this.#exited;
  }

  #heard(line: HostLine): void {
    if (line.kind === 'door') this.port = line.port;
    else if (line.kind === 'runs') this.running.set(line.instance, line.pid);
    else if (line.kind === 'rests') this.running.delete(line.instance);
    else this.#memories.shift()?.(line);
    for (const look of this.#looks) look();
  }
}

/** A small generator (mulberry32), so that a run can be had again by its seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
