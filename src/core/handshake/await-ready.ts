/**
 * Waits until a new child is reachable, or cannot be any more (spec 1.3 to 1.5, config.md).
 *
 * Looks often and cheaply: at once when the child prints, else by `schedule.ts`. It never gives up on a child that
 * lives, except for a port file (spec 1.4); it tells notes on the way.
 */

import type { Disposable } from '../../base/disposable.ts';
import type { Check, ServiceSpec } from '../../config/spec.ts';
import type { Child, Listener, Outside } from '../outside.ts';
import { isListening } from './knock.ts';
import { handshakes } from './launch.ts';
import { badPortSentence, isBadPort, readPort } from './port-line.ts';
import { nextCheckMs, nextLookMs, portFileLimitMs, slowStartMs, wrongPortGraceMs } from './schedule.ts';

export type Readiness =
  | { readonly kind: 'ready'; readonly host: string; readonly port?: number }
  | { readonly kind: 'bad-port'; readonly sentence: string; readonly how: string }
  /** The child ended first. `sentence` is what the reference says in that case. */
  | { readonly kind: 'gone'; readonly sentence?: string };

export type Note =
  | { readonly kind: 'slow'; readonly seconds: number; readonly awaited: string }
  | { readonly kind: 'wrong-port'; readonly listeners: readonly Listener[] };

export interface AwaitReadyOptions {
  readonly spec: ServiceSpec;
  readonly child: Child;
  readonly outside: Pick<Outside, 'clock' | 'sockets' | 'files'>;
  readonly env: Readonly<Record<string, string>>;
  /** The port we gave, where the handshake gives one. */
  readonly port?: number;
  /** A debugger's port, which is never the service's own. */
  readonly inspectorPort?: () => number | undefined;
  readonly portFile?: string;
  note(note: Note): void;
}

/** How long a child with a closed stdout may take to end before we call it alive without a port. */
const dyingMs = 200;

export async function awaitReady(options: AwaitReadyOptions): Promise<Readiness> {
  const looking = new Looking(options);
  try {
    const address = await learnPort(options, looking);
    if (address.kind !== 'ready') return address;
    return await meetCheck(options, looking, address);
  } finally {
    looking.dispose();
  }
}

type Address = Extract<Readiness, { kind: 'ready' }>;

async function learnPort(options: AwaitReadyOptions, looking: Looking): Promise<Readiness> {
  const { spec, child } = options;
  switch (handshakes[spec.handshake].reports) {
    case 'nothing':
      return {
        kind: 'ready',
        host: 'localhost',
        ...(options.port === undefined ? {} : { port: options.port }),
      };
    case 'stdout': {
      const line = await firstLine(child, looking);
      const answer = readPort(line, { tab: true });
      if (!isBadPort(answer)) return { kind: 'ready', ...answer };
      // A child that dies before it told its port has a crash to show, not a bad port to mend.
      if (line === '' && (await looking.endsWithin(dyingMs)))
        return { kind: 'gone', sentence: answer.sentence };
      return { kind: 'bad-port', sentence: answer.sentence, how: 'the first line it printed to stdout' };
    }
    case 'file':
      return readPortFile(options, looking);
    case 'sockets':
      return discover(options, looking);
  }
}

/** Waits beside the line, so that it can be said when it takes long. */
async function firstLine(child: Child, looking: Looking): Promise<string> {
  let told: string | undefined;
  const line = child.output.firstLine().then((text) => {
    told = text;
    return text;
  });
  void line.then(() => looking.wake());
  // A child that ends has closed its stdout, so the line comes in any case.
  return (await looking.until(() => Promise.resolve(told), 'has not printed its port')) ?? line;
}

/** Spec 1.4: the whole text once it holds a newline; nothing once the child has ended or the time is over. */
async function readPortFile(options: AwaitReadyOptions, looking: Looking): Promise<Readiness> {
  const empty = badPortSentence('');
  const text = await looking.until(async () => {
    if (looking.elapsed > portFileLimitMs) return '';
    const read = await options.outside.files.read(options.portFile ?? '');
    return read?.includes('\n') === true ? read : undefined;
  }, 'has not written its port file');
  if (text === undefined) return { kind: 'gone', sentence: empty };
  const answer = readPort(text, { tab: false });
  if (!isBadPort(answer)) return { kind: 'ready', ...answer };
  return { kind: 'bad-port', sentence: answer.sentence, how: 'what it wrote to its port file' };
}

async function discover(options: AwaitReadyOptions, looking: Looking): Promise<Readiness> {
  const pattern = options.spec.ready?.log;
  if (pattern !== undefined && hasGroup(pattern)) {
    const told = await looking.until(
      () => Promise.resolve(looking.matched),
      `has printed no line that matches /${pattern}/`,
    );
    if (told === undefined) return { kind: 'gone' };
    const answer = readPort(told, { tab: false });
    if (!isBadPort(answer)) return { kind: 'ready', ...answer };
    return { kind: 'bad-port', sentence: answer.sentence, how: `what "ready.log" found in its output` };
  }
  let stamp: string | undefined = '';
  const listener = await looking.until(async () => {
    // Most children take the hint, and knocking costs next to nothing. Whose door it is, is checked once it runs.
    if (options.port !== undefined && (await options.outside.sockets.canConnect('localhost', options.port))) {
      return { host: 'localhost', port: options.port };
    }
    if (looking.elapsed < firstTableLookMs) return undefined;
    // Reading the kernel's socket table costs milliseconds, so only when the open files have changed.
    const now = await options.outside.sockets.descriptorStamp(options.child.pid);
    if (now !== undefined && now === stamp) return undefined;
    stamp = now;
    const listeners = await options.outside.sockets.listenersOf(options.child.pid);
    return chooseListener(listeners ?? [], options.port, options.inspectorPort?.());
  }, 'listens on no port');
  if (listener === undefined) return { kind: 'gone' };
  return { kind: 'ready', host: reachable(listener.host), port: listener.port };
}

/** Of several listeners: the port that was hinted at, else the lowest that is no debugger's. */
export function chooseListener(
  listeners: readonly Listener[],
  hinted: number | undefined,
  inspector: number | undefined,
): Listener | undefined {
  const own = listeners.filter((each) => each.port !== inspector);
  return own.find((each) => each.port === hinted) ?? own.toSorted((a, b) => a.port - b.port)[0];
}

/** An address to connect to, for one that is listened on. */
function reachable(host: string): string {
  if (host === '0.0.0.0' || host === '::' || host === '*' || host === '127.0.0.1' || host === '::1')
    return 'localhost';
  return host;
}

async function meetCheck(options: AwaitReadyOptions, looking: Looking, address: Address): Promise<Readiness> {
  const { spec, outside } = options;
  const check = spec.ready;
  if (check?.log !== undefined) {
    const met = await looking.until(
      () => Promise.resolve(looking.matched),
      `has printed no line that matches /${check.log}/`,
    );
    if (met === undefined) return { kind: 'gone' };
  }
  const { port } = address;
  if (check?.exec !== undefined) {
    const argv =
      port === undefined ? check.exec : check.exec.map((arg) => arg.replaceAll('{port}', String(port)));
    if (!(await meetExec(options, looking, check, argv))) return { kind: 'gone' };
  }
  if (port === undefined) {
    // Nothing to connect to. Without any check only time can tell (spec 6.2), which is the state machine's.
    return address;
  }
  if (check?.http !== undefined) {
    const path = check.http;
    const met = await looking.until(
      async () => {
        const status = await outside.sockets.httpStatus(address.host, port, path, check.timeoutMs);
        return status !== undefined && status < 400 ? status : undefined;
      },
      `GET ${path} on port ${port} gives no good answer`,
      (elapsed) => nextCheckMs(elapsed, check.intervalMs),
    );
    return met === undefined ? { kind: 'gone' } : address;
  }
  const watch = new WrongPortWatch(options, looking, port);
  const met = await looking.until(async () => {
    const door = { spec, child: options.child, sockets: outside.sockets, host: address.host, port };
    if (await isListening({ ...door, elapsed: looking.elapsed })) return true;
    await watch.look();
    return undefined;
  }, `nothing listens on port ${port}`);
  if (met !== undefined) return address;
  return { kind: 'gone' };
}

async function meetExec(
  options: AwaitReadyOptions,
  looking: Looking,
  check: Check,
  argv: readonly string[],
): Promise<boolean> {
  const met = await looking.until(
    async () => {
      const exit = await options.outside.files.run(argv, options.spec.cwd, options.env, check.timeoutMs);
      return exit?.code === 0 ? true : undefined;
    },
    `"${argv.join(' ')}" does not succeed`,
    (elapsed) => nextCheckMs(elapsed, check.intervalMs),
  );
  return met === true;
}

const firstWrongPortLookMs = 400;
/** The hint is taken within this time by a child that is quick; for the others it makes no difference. */
const firstTableLookMs = 8;

/** Notices a child that listens, but not where it was told to. */
class WrongPortWatch {
  readonly #options: AwaitReadyOptions;
  readonly #looking: Looking;
  readonly #port: number;
  #stamp: string | undefined = '';
  // Reading socket tables costs as much as a whole start, so a child that is up at once is never looked at.
  #lookAt = firstWrongPortLookMs;
  #seenAt: number | undefined;
  #told = false;
  #listeners: readonly Listener[] = [];

  constructor(options: AwaitReadyOptions, looking: Looking, port: number) {
    this.#options = options;
    this.#looking = looking;
    this.#port = port;
  }

  async look(): Promise<void> {
    const { elapsed } = this.#looking;
    if (this.#told || elapsed < this.#lookAt) return;
    this.#lookAt = elapsed + 250;
    const { sockets } = this.#options.outside;
    const stamp = await sockets.descriptorStamp(this.#options.child.pid);
    if (stamp === undefined || stamp !== this.#stamp) {
      this.#stamp = stamp;
      const all = (await sockets.listenersOf(this.#options.child.pid)) ?? [];
      const inspector = this.#options.inspectorPort?.();
      this.#listeners = all.filter((each) => each.port !== inspector && each.port !== this.#port);
    }
    if (this.#listeners.length === 0) {
      this.#seenAt = undefined;
      return;
    }
    this.#seenAt ??= elapsed;
    // A dev server may open a side port first, so the one it was given gets a grace.
    if (elapsed - this.#seenAt >= wrongPortGraceMs) {
      this.#told = true;
      this.#options.note({ kind: 'wrong-port', listeners: this.#listeners });
    }
  }
}

function hasGroup(pattern: string): boolean {
  return /\((?!\?)|\(\?</.test(pattern.replaceAll(/\\./g, ''));
}

/** Repeats a look until it finds something or the child is gone. */
class Looking implements Disposable {
  readonly #options: AwaitReadyOptions;
  readonly #begun: number;
  readonly #subscriptions: Disposable[] = [];
  #over = false;
  #slowTold = false;
  #wake: (() => void) | undefined;
  /** What `ready.log` found: its first group, or the whole match. */
  matched: string | undefined;

  constructor(options: AwaitReadyOptions) {
    this.#options = options;
    this.#begun = options.outside.clock.now();
    const { child, spec } = options;
    void child.exited.then(() => {
      this.#over = true;
      this.#wake?.();
    });
    this.#subscriptions.push(child.output.onActivity(() => this.#wake?.()));
    if (spec.ready?.log !== undefined) {
      const pattern = new RegExp(spec.ready.log);
      this.#subscriptions.push(
        child.output.onLines((lines) => {
          for (const { text } of lines) {
            if (this.matched !== undefined) return;
            const match = pattern.exec(text);
            if (match !== null) this.matched = match[1] ?? Object.values(match.groups ?? {})[0] ?? match[0];
          }
          this.#wake?.();
        }),
      );
    }
  }

  /** Milliseconds since the wait began. */
  get elapsed(): number {
    return this.#options.outside.clock.now() - this.#begun;
  }

  async until<T>(
    look: () => Promise<T | undefined>,
    awaited: string,
    next: (elapsed: number) => number = nextLookMs,
  ): Promise<T | undefined> {
    for (;;) {
      if (this.#over) return undefined;
      const found = await look();
      if (found !== undefined) return found;
      if (this.#over) return undefined;
      if (!this.#slowTold && this.elapsed >= slowStartMs) {
        this.#slowTold = true;
        this.#options.note({ kind: 'slow', seconds: Math.round(this.elapsed / 1000), awaited });
      }
      await this.#pause(next(this.elapsed));
    }
  }

  /** There is something new to look at. */
  wake(): void {
    this.#wake?.();
  }

  async endsWithin(ms: number): Promise<boolean> {
    const until = this.elapsed + ms;
    while (!this.#over && this.elapsed < until) await this.#pause(until - this.elapsed);
    return this.#over;
  }

  #pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const done = (): void => {
        timer.dispose();
        this.#wake = undefined;
        resolve();
      };
      const timer = this.#options.outside.clock.after(ms, done);
      this.#wake = done;
      if (this.#over) done();
    });
  }

  dispose(): void {
    for (const each of this.#subscriptions.splice(0)) each.dispose();
    this.#wake?.();
  }
}
