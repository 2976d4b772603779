/**
 * The tee: what one child prints goes to a bounded tail, to the log files and to whoever listens.
 *
 * In the order of spec 6.9: what is captured is taken out, the rest is kept as it came, and the log and those who
 * listen to bytes get it without colours where the plan says so.
 *
 * Under a flood only the first two cost anything: chunks are kept and written as they came, and lines are cut
 * when somebody listens or asks for the tail.
 */

import { adjoin, ChunkRing } from '../base/chunk-ring.ts';
import type { Disposable } from '../base/disposable.ts';
import { Emitter } from '../base/event.ts';
import { LineSplitter } from '../base/line-splitter.ts';
import { AnsiStripper } from '../core/log/strip-ansi.ts';
import { Capture, type Captured } from '../core/supervisor/capture.ts';
import type { Line, Output, SpawnPlan, Stream } from '../core/outside.ts';
import { FirstLine } from './first-line.ts';
import type { Intake } from './intake.ts';
import type { LogHandle } from './log-file.ts';

/** Kept of each stream, in bytes: thousands of ordinary lines, and the last 100 even if they are long. */
const tailBytes = 512 * 1024;

/** The lines of a tail when nobody says otherwise (RP-34). */
const tailLines = 100;

type Hold = 'reader' | 'log';
type PerStream<T> = Readonly<Partial<Record<Stream, T>>>;

export interface OutputParts {
  readonly stdout: Intake;
  /** Absent: what the child writes there comes through stdout (SV-13). */
  readonly stderr: Intake | undefined;
  /** One handle may be both. */
  readonly logs?: PerStream<LogHandle>;
  readonly stripAnsi?: boolean;
  readonly capture?: SpawnPlan['capture'];
}

export class ChildOutput implements Output {
  readonly #streams: PerStream<Intake>;
  readonly #logs: PerStream<LogHandle>;
  readonly #strippers: PerStream<AnsiStripper>;
  readonly #captures: PerStream<Capture>;
  readonly #rings: Readonly<Record<Stream, ChunkRing>> = {
    stdout: new ChunkRing(tailBytes),
    stderr: new ChunkRing(tailBytes),
  };
  readonly #lines = new Emitter<readonly Line[]>();
  readonly #activity = new Emitter<number>();
  readonly #pieces = new Emitter<readonly [Stream, Uint8Array]>();
  readonly #captured = new Emitter<readonly [Stream, Uint8Array]>();
  readonly #holds: Readonly<Record<Stream, Set<Hold>>> = { stdout: new Set(), stderr: new Set() };
  readonly #open = new Set<Stream>();
  readonly #closed = Promise.withResolvers<void>();
  #splitters: Readonly<Record<Stream, LineSplitter>> | undefined;
  #first: FirstLine | undefined;
  #uncut: { readonly stream: Stream; bytes: Uint8Array }[] = [];
  #told: NodeJS.Immediate | undefined;
  #stdoutBytes = 0;
  #order = 0;
  #latest: Stream | undefined;
  #draining = false;
  #bytes = 0;

  constructor({ stdout, stderr, logs = {}, stripAnsi = false, capture = {} }: OutputParts) {
    this.#streams = { stdout, ...(stderr === undefined ? {} : { stderr }) };
    this.#logs = logs;
    this.#strippers = stripAnsi ? { stdout: new AnsiStripper(), stderr: new AnsiStripper() } : {};
    this.#captures = { ...captureOf('stdout', capture.stdout), ...captureOf('stderr', capture.stderr) };
    for (const stream of ['stdout', 'stderr'] as const) {
      const intake = this.#streams[stream];
      if (intake === undefined) continue;
      this.#open.add(stream);
      intake.open({ take: (bytes) => this.#take(stream, bytes), ended: () => this.#close(stream) });
      logs[stream]?.onBackpressure((full) => this.#hold(stream, 'log', full));
    }
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Resolves once both streams have ended and all of their lines were given. */
  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  tail(lines: number = tailLines, stream?: Stream): readonly Line[] {
    const wanted: readonly Stream[] = stream === undefined ? ['stdout', 'stderr'] : [stream];
    const chunks = wanted
      .flatMap((name) => this.#rings[name].last(lines).map((chunk) => ({ stream: name, ...chunk })))
      .toSorted((a, b) => a.order - b.order);
    const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
    const out: Line[] = [];
    for (const { stream: name, bytes } of chunks) {
      for (const text of splitters[name].push(bytes)) out.push({ stream: name, text });
    }
    for (const name of wanted) {
      for (const text of splitters[name].end()) out.push({ stream: name, text });
    }
    return lines > 0 ? out.slice(-lines) : [];
  }

  onLines(listener: (lines: readonly Line[]) => void): Disposable {
    this.#splitters ??= this.#splittersFromHere();
    const listening = this.#lines.event(listener);
    return {
      dispose: () => {
        listening.dispose();
        if (this.#lines.listened) return;
        this.#splitters = undefined;
        this.#uncut = [];
      },
    };
  }

  onActivity(listener: () => void): Disposable {
    return this.#activity.event(() => listener());
  }

  onBytes(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable {
    return this.#pieces.event(([stream, bytes]) => listener(stream, bytes));
  }

  onCaptured(listener: (stream: Stream, bytes: Uint8Array) => void): Disposable {
    return this.#captured.event(([stream, bytes]) => listener(stream, bytes));
  }

  firstLine(): Promise<string> {
    if (this.#first === undefined) {
      this.#first = new FirstLine();
      // Too late to take it: it is told all the same, from what is still kept.
      if (this.#stdoutBytes > 0) this.#retell(this.#first);
      if (!this.#open.has('stdout')) this.#first.end();
    }
    return this.#first.line;
  }

  pause(): void {
    for (const stream of this.#open) this.#hold(stream, 'reader', true);
  }

  resume(): void {
    for (const stream of this.#open) this.#hold(stream, 'reader', false);
  }

  /** The child is gone: read what is left whether or not somebody has paused; a pipe holds little. */
  drain(): void {
    this.#draining = true;
    for (const stream of this.#open) this.#flow(stream);
  }

  /** Ends both streams, though somebody else may still hold their other ends. */
  abandon(): void {
    this.#streams.stdout?.destroy();
    this.#streams.stderr?.destroy();
  }

  #take(stream: Stream, chunk: Uint8Array): void {
    this.#bytes += chunk.length;
    let rest: Uint8Array | undefined = chunk;
    if (stream === 'stdout') {
      if (this.#first !== undefined && !this.#first.done) rest = this.#first.take(chunk);
      this.#stdoutBytes += chunk.length;
    }
    if (rest !== undefined && rest.length > 0) this.#sift(stream, rest);
    // Whoever writes a line at a time makes many small chunks of one turn of the loop: they are told together.
    this.#told ??= setImmediate(() => this.#tell());
  }

  /** Takes out what stands between the capture tokens. */
  #sift(stream: Stream, bytes: Uint8Array): void {
    const capture = this.#captures[stream];
    if (capture === undefined) this.#tee(stream, bytes);
    else this.#sorted(stream, capture.push(bytes));
  }

  #sorted(stream: Stream, parts: readonly Captured[]): void {
    for (const { kind, bytes } of parts) {
      if (kind === 'text') this.#tee(stream, bytes);
      else this.#captured.fire([stream, bytes]);
    }
  }

  #tee(stream: Stream, bytes: Uint8Array): void {
    if (stream !== this.#latest) {
      this.#latest = stream;
      this.#order += 1;
    }
    const kept = this.#rings[stream].push(this.#order, bytes);
    this.#pass(stream, this.#strippers[stream]?.push(kept) ?? kept);
    if (this.#splitters === undefined) return;
    const last = this.#uncut.at(-1);
    const joined = last?.stream === stream ? adjoin(last.bytes, kept) : undefined;
    if (last !== undefined && joined !== undefined) last.bytes = joined;
    else this.#uncut.push({ stream, bytes: kept });
  }

  /** Gives the lines that have come, and says that something has. */
  #tell(): void {
    clearImmediate(this.#told);
    this.#told = undefined;
    const uncut = this.#uncut;
    this.#uncut = [];
    for (const { stream, bytes } of uncut) {
      if (this.#splitters !== undefined) this.#fire(stream, this.#splitters[stream].push(bytes));
    }
    if (this.#activity.listened) this.#activity.fire(this.#bytes);
  }

  #fire(stream: Stream, texts: readonly string[]): void {
    if (texts.length > 0) this.#lines.fire(texts.map((text) => ({ stream, text })));
  }

  #pass(stream: Stream, bytes: Uint8Array): void {
    if (bytes.length === 0) return;
    this.#logs[stream]?.write(bytes);
    if (this.#pieces.listened) this.#pieces.fire([stream, bytes]);
  }

  #close(stream: Stream): void {
    if (!this.#open.delete(stream)) return;
    this.#sorted(stream, this.#captures[stream]?.end() ?? []);
    this.#pass(stream, this.#strippers[stream]?.end() ?? new Uint8Array());
    if (this.#told !== undefined) this.#tell();
    if (stream === 'stdout') this.#endFirstLine();
    // A fragment without a newline is a line, too (RP-35).
    if (this.#splitters !== undefined) this.#fire(stream, this.#splitters[stream].end());
    if (this.#open.size > 0) return;
    this.#logs.stdout?.release();
    this.#logs.stderr?.release();
    this.#closed.resolve();
  }

  #endFirstLine(): void {
    if (this.#first !== undefined && !this.#first.done) this.#first.end();
  }

  #hold(stream: Stream, hold: Hold, held: boolean): void {
    if (held) this.#holds[stream].add(hold);
    else this.#holds[stream].delete(hold);
    this.#flow(stream);
  }

  #flow(stream: Stream): void {
    if (!this.#open.has(stream)) return;
    if (this.#holds[stream].size > 0 && !this.#draining) this.#streams[stream]?.pause();
    else this.#streams[stream]?.resume();
  }

  /** Splitters that know the line under way, so that a late listener never gets half a line. */
  #splittersFromHere(): Readonly<Record<Stream, LineSplitter>> {
    const splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() };
    for (const stream of this.#open) {
      const [unfinished] = this.#rings[stream].last(1).slice(-1);
      if (unfinished === undefined || unfinished.bytes.at(-1) === 0x0a) continue;
      for (const { bytes } of this.#rings[stream].last(1)) splitters[stream].push(bytes);
    }
    return splitters;
  }

  #retell(first: FirstLine): void {
    for (const { bytes } of this.#rings.stdout.last(Infinity)) {
      if (first.take(bytes) !== undefined) return;
    }
  }
}

function captureOf(stream: Stream, maxBytes: number | undefined): PerStream<Capture> {
  return maxBytes === undefined || maxBytes === 0 ? {} : { [stream]: new Capture(maxBytes) };
}
