/** The least a Node parent can do: pipes, a restart at once, and nothing remembered. */

import { type ChildProcess, spawn } from 'node:child_process';

export class FloorParent {
  readonly #argv: readonly string[];
  #children: ChildProcess[] = [];
  #stopping = false;

  constructor(argv: readonly string[]) {
    this.#argv = argv;
  }

  start(count: number): void {
    this.#stopping = false;
    this.#children = Array.from({ length: count }, () => this.#spawn());
  }

  stop(): void {
    this.#stopping = true;
    for (const child of this.#children) child.kill('SIGTERM');
  }

  #spawn(): ChildProcess {
    const [program = '', ...args] = this.#argv;
    const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: {} });
    child.stdout.resume();
    child.stderr.resume();
    child.once('exit', () => {
      if (!this.#stopping) this.#children = [this.#spawn()];
    });
    return child;
  }
}
