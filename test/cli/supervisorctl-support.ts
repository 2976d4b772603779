/** Debian's `supervisorctl`, and a host for it to drive: ours, or the real supervisord on the same file. */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';
import { found, supervisord, supervisorPython } from '../support/supervisor.ts';
import { onPath } from '../support/system-packages.ts';

export function supervisorctl(): string {
  const path = onPath(['supervisorctl']);
  assert.ok(path, 'There is no supervisorctl on the PATH. It comes with Supervisor.');
  return path;
}

export interface Told {
  readonly code: number | null;
  readonly text: string;
}

/** The file, with a socket in its folder; programs follow. */
export function conf(programs: string, more = ''): string {
  return `[unix_http_server]
file=%(here)s/s.sock
${more}
[supervisord]
logfile=%(here)s/main.log
pidfile=%(here)s/main.pid
childlogdir=%(here)s
[rpcinterface:supervisor]
supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
[supervisorctl]
serverurl=unix://%(here)s/s.sock
${programs}`;
}

/** What `supervisorctl` does with its arguments, for one line after another, without starting Python for each. */
const main = `
import io, json, sys
from supervisor.options import ClientOptions
from supervisor.supervisorctl import Controller

for line in sys.stdin.read().splitlines():
    options = ClientOptions()
    options.realize(['-c', sys.argv[1]] + line.split())
    said = io.StringIO()
    controller = Controller(options, stdout=said)
    controller.onecmd(' '.join(options.args))
    print(json.dumps({'code': controller.exitstatus, 'text': said.getvalue()}))
`;

export class Driven {
  readonly folder: string;
  /** Absent beside the real one. */
  readonly cli: Cli | undefined;
  readonly #test: TestContext;

  private constructor(test: TestContext, folder: string, cli?: Cli) {
    this.#test = test;
    this.folder = folder;
    this.cli = cli;
  }

  static async ours(test: TestContext, text: string): Promise<Driven> {
    const folder = await workspace(test, { 'supervisord.conf': text });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.until(() => (existsSync(join(folder, 's.sock')) ? true : undefined));
    return new Driven(test, folder, cli);
  }

  static async real(test: TestContext, text: string): Promise<Driven> {
    const folder = await workspace(test, { 'supervisord.conf': text });
    const process = spawn(supervisord(), ['-n', '-c', 'supervisord.conf'], { cwd: folder, stdio: 'ignore' });
    const gone = once(process, 'exit');
    test.after(async () => {
      process.kill('SIGTERM');
      await gone;
    });
    // Its socket file is there before it listens, and this one only after.
    await found([folder], () => existsSync(join(folder, 'main.pid')) || undefined);
    return new Driven(test, folder);
  }

  /** Waits until each of these logs of processes, named as AUTO names them, has something in it. */
  async written(...logs: readonly string[]): Promise<void> {
    await found([this.folder], () => {
      const files = readdirSync(this.folder);
      const isWritten = (log: string): boolean =>
        files.some(
          (file) =>
            file.startsWith(`${log}---`) &&
            (statSync(join(this.folder, file), { throwIfNoEntry: false })?.size ?? 0) > 0,
        );
      return logs.every(isWritten) || undefined;
    });
  }

  /** What `supervisorctl` says to each of these command lines. */
  async session(lines: readonly string[]): Promise<readonly Told[]> {
    const child = spawn(supervisorPython(), ['-c', main, join(this.folder, 'supervisord.conf')], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#test.after(() => void child.kill('SIGKILL'));
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.stdin.end(lines.join('\n'));
    await once(child, 'close');
    return text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Told);
  }

  /** Runs `supervisorctl` with these arguments to its end. */
  async ctl(...args: readonly string[]): Promise<Told> {
    return this.at(['-c', join(this.folder, 'supervisord.conf')], ...args);
  }

  async at(options: readonly string[], ...args: readonly string[]): Promise<Told> {
    const child = this.start(options, args);
    let text = '';
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    child.stdin?.end();
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, text };
  }

  /** Leaves it running, for commands that do not end by themselves. */
  start(options: readonly string[], args: readonly string[]): ChildProcess {
    const child = spawn(supervisorctl(), [...options, ...args], {
      cwd: this.folder,
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#test.after(() => void child.kill('SIGKILL'));
    return child;
  }

  following(...args: readonly string[]): Following {
    return new Following(this.start(['-c', join(this.folder, 'supervisord.conf')], args));
  }
}

/** A command that goes on printing. */
export class Following {
  readonly #child: ChildProcess;
  #text = '';
  readonly #waiting = new Set<() => void>();

  constructor(child: ChildProcess) {
    this.#child = child;
    child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
      this.#text += chunk;
      for (const wake of [...this.#waiting]) wake();
    });
    child.once('close', () => {
      for (const wake of [...this.#waiting]) wake();
    });
  }

  type(text: string): void {
    this.#child.stdin?.write(text);
  }

  async until(part: string): Promise<void> {
    while (!this.#text.includes(part)) {
      assert.equal(this.#child.exitCode, null, `It ended before it said "${part}": ${this.#text}`);
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  /** Ctrl-C; gives all that it printed. */
  async interrupt(): Promise<string> {
    const closed = once(this.#child, 'close');
    this.#child.kill('SIGINT');
    await closed;
    return this.#text;
  }
}
