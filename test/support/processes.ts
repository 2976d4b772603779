/** Runs the programs that tests and scripts need, and sees to it that none of them outlives us. */

import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

export interface RunOptions {
  readonly cwd?: string;
  readonly env?: NodeJS.ProcessEnv;
  /** Shows the program's output as it comes, instead of only keeping it. */
  readonly show?: boolean;
}

/**
 * Runs a program to its end and gives back what it printed, both streams together.
 * Rejects with the output in the message when it does not leave with 0.
 */
export async function run(
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<string> {
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: options.env ?? process.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    // npm and its kin are .cmd files on Windows, which only a shell can start.
    shell: process.platform === 'win32' && !command.endsWith('.exe'),
  });
  let output = '';
  for (const [stream, target] of [
    [child.stdout, process.stdout],
    [child.stderr, process.stderr],
  ] as const) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (options.show === true) target.write(text);
    });
  }
  const code = await new Promise<number | NodeJS.Signals | null>((settle, reject) => {
    child.once('error', reject);
    child.once('close', (exit, signal) => settle(exit ?? signal));
  });
  if (code === 0) return output;
  throw new Error(`"${[command, ...args].join(' ')}" left with ${code}:\n${output.trim()}`);
}

/** Runs npm with the Node that runs us, whatever the machine's own is. */
export async function npm(args: readonly string[], options: RunOptions = {}): Promise<string> {
  const script = process.env['npm_execpath'];
  return script?.endsWith('.js') === true
    ? await run(process.execPath, [script, ...args], options)
    : await run('npm', args, options);
}

/** A long-running program in a process group of its own, so that it goes with all its children. */
export class Group {
  static readonly #alive = new Set<Group>();
  readonly child: ChildProcess;
  readonly #exited: Promise<unknown>;
  #output = '';

  constructor(command: string, args: readonly string[], options: RunOptions = {}) {
    Group.#watchOurOwnEnd();
    this.child = spawn(command, args, {
      cwd: options.cwd,
      env: options.env ?? process.env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    Group.#alive.add(this);
    this.#exited = once(this.child, 'exit').finally(() => Group.#alive.delete(this));
    this.#exited.catch(() => undefined);
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.setEncoding('utf8').on('data', (text: string) => {
        // Enough to tell a failure by; a chatty program must not fill our memory.
        this.#output = (this.#output + text).slice(-200_000);
      });
    }
  }

  /** The last of what it printed, both streams together. */
  get output(): string {
    return this.#output;
  }

  get pid(): number | undefined {
    return this.child.pid;
  }

  /** Resolves with the first match of `sign` in the output; rejects when the program ends without giving it. */
  async says(sign: RegExp): Promise<RegExpExecArray> {
    return await new Promise((resolve, reject) => {
      const look = (): void => {
        const match = sign.exec(this.#output);
        if (match === null) return;
        stopLooking();
        resolve(match);
      };
      const ended = (): void => {
        stopLooking();
        reject(new Error(`The program ended before it said ${String(sign)}:\n${this.#output.trim()}`));
      };
      const stopLooking = (): void => {
        this.child.stdout?.off('data', look);
        this.child.stderr?.off('data', look);
        this.child.off('exit', ended).off('error', ended);
      };
      this.child.stdout?.on('data', look);
      this.child.stderr?.on('data', look);
      this.child.once('exit', ended).once('error', ended);
      look();
    });
  }

  /** Resolves when the program is gone, whoever ended it. */
  get ended(): Promise<unknown> {
    return this.#exited;
  }

  /** Ends the whole group at once and waits until its leader is gone. May be called twice. */
  async stop(): Promise<void> {
    this.#kill();
    if (this.child.pid !== undefined) await this.#exited;
  }

  #kill(): void {
    const { pid } = this.child;
    if (pid === undefined) return;
    if (process.platform === 'win32') {
      spawnSync('taskkill', ['/pid', String(pid), '/t', '/f']);
      return;
    }
    try {
      process.kill(-pid, 'SIGKILL');
    } catch (error) {
      // The group is gone already, which is what was wanted.
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
  }

  static #watching = false;

  static #watchOurOwnEnd(): void {
    if (Group.#watching) return;
    Group.#watching = true;
    process.once('exit', () => {
      for (const group of Group.#alive) group.#kill();
    });
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
      // A listener of ours replaces the default of dying; whoever cleans up more sets one of their own before.
      if (process.listenerCount(signal) === 0) process.once(signal, () => process.exit(130));
    }
  }
}
