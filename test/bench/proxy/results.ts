/** All rounds' figures, their tables, and what they say about the targets. */

import { figureOf, printTable, shown } from '../figures.ts';
import { libraries, type PeerName, titles } from './peers.ts';
import type { Figures, Subject } from './subjects.ts';

export class Results {
  readonly #rounds = new Map<string, Figures[]>();
  readonly #memory = new Map<string, number>();

  add(subject: string, peer: PeerName, figures: Figures): void {
    const key = `${subject} ${peer}`;
    this.#rounds.set(key, [...(this.#rounds.get(key) ?? []), figures]);
  }

  remember(subject: string, peer: PeerName, megabytes: number): void {
    this.#memory.set(`${subject} ${peer}`, megabytes);
  }

  memory(subject: string, peer: PeerName): number | undefined {
    return this.#memory.get(`${subject} ${peer}`);
  }

  /** The rounds of one figure; with `added`, what each round had on top of the direct one of the same round. */
  values(subject: string, peer: PeerName, figure: string, added = false): readonly number[] {
    const rounds = this.#rounds.get(`${subject} ${peer}`) ?? [];
    const direct = this.#rounds.get(`${subject} direct`) ?? [];
    return rounds.map(
      (each, round) => (each[figure] ?? Number.NaN) - (added ? (direct[round]?.[figure] ?? Number.NaN) : 0),
    );
  }

  /** The median of what the rounds say: both were measured within seconds of each other, on the same busy machine. */
  ratio(
    subject: string,
    { figure, added = false }: { readonly figure: string; readonly added?: boolean },
    peer: PeerName,
    other: PeerName,
  ): number {
    const others = this.values(subject, other, figure, added);
    return figureOf(
      this.values(subject, peer, figure, added).map((value, round) => value / (others[round] ?? Number.NaN)),
    ).median;
  }

  print(
    subject: Subject,
    peers: readonly PeerName[],
    about: {
      readonly versions: ReadonlyMap<PeerName, string>;
      readonly missing: ReadonlyMap<PeerName, string>;
    },
  ): void {
    const head = [
      'who',
      'version',
      ...subject.columns.flatMap(({ title, added, beside = [] }) => [
        `${added === true ? 'added, ' : ''}${title} (min to max)`,
        ...beside.map((other) => `× ${other}`),
      ]),
      'memory, MB',
    ];
    const rows = peers.map((peer) => {
      const names = [titles[peer], about.versions.get(peer) ?? ''];
      const missing = subject.leftOut?.includes(peer) === true ? 'cannot' : about.missing.get(peer);
      if (missing !== undefined) return [...names, missing];
      return [
        ...names,
        ...subject.columns.flatMap((column) => this.#cells(subject.name, peer, column)),
        this.memory(subject.name, peer)?.toFixed(0) ?? '',
      ];
    });
    printTable(subject.title, head, rows);
  }

  #cells(
    subject: string,
    peer: PeerName,
    { figure, digits, added, beside = [] }: Subject['columns'][number],
  ): readonly string[] {
    const isAdded = added === true && peer !== 'direct';
    const own = figureOf(this.values(subject, peer, figure, isAdded));
    if (Number.isNaN(own.median)) return ['', ...beside.map(() => '')];
    const ratios = beside.map((other) => {
      if (added === true && peer === 'direct') return '';
      const ratio = this.ratio(subject, { figure, added: isAdded }, peer, other);
      return Number.isFinite(ratio) ? ratio.toFixed(2) : '';
    });
    return [shown(own, digits), ...ratios];
  }

  /** The last table of the performance page, judged. `who`: the one of our two rows that is meant. */
  printTargets(who: PeerName): void {
    // The best library is the one that we are the least ahead of.
    const ahead = libraries
      .map((library) => this.ratio('get', { figure: 'perSecond' }, who, library))
      .filter((each) => !Number.isNaN(each));
    const over = (subject: string, figure: string, other: PeerName, added = false): number =>
      this.ratio(subject, { figure, added }, who, other);
    const cpuOver = (other: PeerName): number => this.ratio('get', { figure: 'cpu' }, other, who);
    const memory = (this.memory('get', who) ?? Number.NaN) / (this.memory('get', 'relay') ?? Number.NaN);
    const rows: readonly (readonly [
      what: string,
      wanted: string,
      got: number,
      met: (got: number) => boolean,
    ])[] = [
      ['1 KB GET × nginx', '≥ 0.5', over('get', 'perSecond', 'nginx'), (got) => got >= 0.5],
      ['1 KB GET × nginx, by CPU', '≥ 0.5', cpuOver('nginx'), (got) => got >= 0.5],
      ['1 KB GET × the relay', '≥ 0.65', over('get', 'perSecond', 'relay'), (got) => got >= 0.65],
      ['1 KB GET × the relay, by CPU', '≥ 0.65', cpuOver('relay'), (got) => got >= 0.65],
      ['1 KB GET × the best Node library', '≥ 3', Math.min(...ahead), (got) => got >= 3],
      ['100 KB × nginx', '≥ 0.8', over('large', 'perSecond', 'nginx'), (got) => got >= 0.8],
      ['1 MB upload × the relay', '≥ 0.95', over('upload', 'perSecond', 'relay'), (got) => got >= 0.95],
      ['added median × the relay', '≤ 1.15', over('latency', 'median', 'relay', true), (got) => got <= 1.15],
      ['SSE first event × the relay', '≤ 0.55', over('sse', 'median', 'relay', true), (got) => got <= 0.55],
      ['WebSocket × the relay', '≤ 1', over('websocket', 'median', 'relay', true), (got) => got <= 1],
      ['memory after the GETs × the relay', '≤ 1.1', memory, (got) => got <= 1.1],
    ];
    const measured = rows.filter(([, , got]) => Number.isFinite(got));
    if (measured.length === 0) return;
    printTable(
      `Targets, ${titles[who]}`,
      ['what', 'wanted', 'got', ''],
      measured.map(([what, wanted, got, met]) => [what, wanted, got.toFixed(2), met(got) ? 'met' : 'missed']),
    );
  }
}
