/**
 * Follows one child from its birth until it is known to be reachable: its port, who really listens there, its
 * debugger, and what is worth a word while one waits.
 */

import { awaitReady, type Note } from '../handshake/await-ready.ts';
import type { Child, Outside } from '../outside.ts';
import { findDebugger } from '../handshake/find-debugger.ts';
import { fixedPort, fromLayout } from '../topology/settled-ports.ts';
import type { Complaints } from './complaints.ts';
import type { Run } from './run.ts';

/** How long an API server may take until it serves (spec 5.4). */
const apiServerLimitMs = 30_000;

/** How long a child that told no usable port may go on talking (RP-36). */
const lastWordsMs = 100;

export interface ReadinessOptions {
  readonly instance: string;
  readonly index: number;
  readonly run: Run;
  readonly child: Child;
  readonly env: Readonly<Record<string, string>>;
  readonly outside: Outside;
  readonly complaints: Complaints;
  /** The run is still the instance's present one. */
  readonly isCurrent: () => boolean;
  readonly isStarting: () => boolean;
  /** STARTING or RUNNING. */
  readonly isUp: () => boolean;
  /** Requests can be sent there from now on. */
  readonly reachable: (host: string, port: number) => void;
  /** Its free port is a stranger's: it is not to be taken again. */
  readonly portLost: () => void;
  /** The handshake and the ready check are met; undefined where they prove nothing. */
  readonly ready: (() => void) | undefined;
  /** They cannot be met any more; the complaint has been made. */
  readonly failed: () => void;
  readonly changed: () => void;
}

export class ReadinessWatch {
  readonly #options: ReadinessOptions;

  constructor(options: ReadinessOptions) {
    this.#options = options;
  }

  /** To be called before the child has had a chance to print. */
  begin(): void {
    const { run, child, env, outside } = this.#options;
    const ready = awaitReady({
      spec: run.spec,
      child,
      outside,
      env,
      ...(run.port === undefined ? {} : { port: run.port }),
      ...(run.files === undefined ? {} : { portFile: run.files.port }),
      inspectorPort: () => run.inspector?.port ?? run.inspectorPort,
      note: (note) => this.#noted(note),
    });
    this.#findDebugger();
    if (run.spec.role === 'api-server') this.#limit();
    void this.#settle(ready);
  }

  /** Gives up on a child that told no usable port. Does nothing when that is done, or the child is being stopped. */
  refuse(): void {
    const { run, complaints, isCurrent, isStarting, failed } = this.#options;
    const { badPort } = run;
    if (badPort === undefined || !isCurrent()) return;
    delete run.badPort;
    if (!isStarting()) return;
    const { sentence, how } = badPort;
    complaints.reason = sentence;
    complaints.raise('bad-port', { service: run.spec.name, sentence, how }, 'handshake', { sentence });
    failed();
  }

  /** All others wait for an API server, and so not for ever (MP-9). */
  #limit(): void {
    const { run, child, outside, complaints, isCurrent, isStarting, failed } = this.#options;
    const timer = outside.clock.after(apiServerLimitMs, () => {
      if (!isCurrent() || !isStarting()) return;
      const seconds = apiServerLimitMs / 1000;
      complaints.reason = `has not served within ${seconds} s`;
      complaints.raise('api-server-late', { service: run.spec.name, seconds }, 'command');
      failed();
    });
    void child.exited.then(() => timer.dispose());
  }

  #findDebugger(): void {
    const { run, child, outside, isCurrent, changed } = this.#options;
    const { debugging, inspectorPort: port } = run;
    if (debugging === undefined || port === undefined) return;
    findDebugger({
      debugging,
      port,
      child,
      outside,
      found: (at) => {
        if (at === undefined) delete run.inspector;
        else run.inspector = at;
        if (isCurrent()) changed();
      },
    });
  }

  async #settle(ready: ReturnType<typeof awaitReady>): Promise<void> {
    const { run, outside, complaints } = this.#options;
    try {
      const outcome = await ready;
      if (!this.#options.isCurrent()) return;
      switch (outcome.kind) {
        case 'gone':
          if (outcome.sentence !== undefined) run.sentence = outcome.sentence;
          return;
        case 'bad-port':
          run.badPort = outcome;
          // The last words may still be on their way, or not yet said (RP-36).
          await new Promise<void>((resolve) => void outside.clock.after(lastWordsMs, resolve));
          this.refuse();
          return;
        case 'ready':
          run.host = outcome.host;
          if (outcome.port !== undefined) {
            run.port = outcome.port;
            this.#options.reachable(outcome.host, outcome.port);
          }
          if (this.#options.ready === undefined) return;
          this.#options.ready();
          await this.#proveOwnership();
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      complaints.raise('internal', { reason }, 'command');
    }
  }

  /** What answers on the port must be this child or a descendant of it; a stranger is named. */
  async #proveOwnership(): Promise<void> {
    const { instance, index, run, child, outside, complaints } = this.#options;
    if (run.port === undefined) return;
    const { port } = run;
    const owner = await outside.sockets.ownerOf(port, child.pid);
    if (owner === undefined || owner === 'ours' || !this.#options.isCurrent()) return;
    if (!this.#options.isUp()) return;
    const named = `${owner.command} (pid ${owner.pid})`;
    complaints.reason = `port ${port} is answered by ${named}`;
    if (fixedPort(run.spec, index) === undefined) {
      complaints.raise('port-stranger', { instance, port, owner: named }, 'command');
      this.#options.portLost();
    } else {
      complaints.raise(
        'port-taken',
        { what: instance, port, owner: named, laidOut: fromLayout(run.spec, index) },
        'port',
      );
    }
    // No request may reach a stranger, and waiting will not make it leave.
    delete run.host;
    this.#options.failed();
  }

  #noted(note: Note): void {
    const { instance, run, complaints, isCurrent, isStarting, changed } = this.#options;
    if (!isCurrent() || !isStarting()) return;
    if (note.kind === 'slow') {
      complaints.raise('slow-start', { instance, seconds: note.seconds, awaited: note.awaited }, 'command');
      complaints.reason = note.awaited;
    } else {
      const actual = [...new Set(note.listeners.map((each) => `port ${each.port}`))];
      complaints.raise('wrong-port', { instance, port: run.port ?? 0, actual }, 'handshake');
      complaints.reason = `listens on ${actual.join(' and ')}, not on port ${run.port ?? 0}`;
    }
    changed();
  }
}
