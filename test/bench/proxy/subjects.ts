/** What is measured of each peer: one round of each subject gives one set of figures. */

import { run } from '../../support/processes.ts';
import type { Bench, OriginCommand, Peer, PeerName } from './peers.ts';
import { cpuMicroseconds, onCore } from './pins.ts';
import { wrk } from './wrk.ts';

/** One round's figures of one peer, by name. */
export type Figures = Readonly<Record<string, number>>;

export interface Column {
  readonly figure: string;
  readonly title: string;
  readonly digits: number;
  /** Shown as what comes on top of `direct`. */
  readonly added?: true;
  /** Shown as multiples of these peers. */
  readonly beside?: readonly PeerName[];
}

export interface Subject {
  readonly name: string;
  readonly title: string;
  readonly needsWrk: boolean;
  readonly leftOut?: readonly PeerName[];
  readonly columns: readonly Column[];
  origin(bench: Bench): OriginCommand;
  /** `seconds`: how long a round may take. */
  measure(bench: Bench, peer: Peer, seconds: number): Promise<Figures>;
}

const perSecond = (title: string, digits: number): Column => ({
  figure: 'perSecond',
  title,
  digits,
  beside: ['nginx', 'relay'],
});
const cpu: Column = { figure: 'cpu', title: 'CPU µs a request', digits: 1, beside: ['nginx', 'relay'] };

function byWrk(path: string, connections: number, scale = 1, script?: string): Subject['measure'] {
  return async (bench, { port, pid }, seconds) => {
    const file = script === undefined ? {} : { script: await bench.file('upload.lua', script) };
    const load = { url: `http://127.0.0.1:${port}${path}`, connections, ...file };
    const before = pid === undefined ? 0 : cpuMicroseconds(pid);
    const { requests, perSecond } = await wrk({ ...load, seconds });
    const used = pid === undefined ? Number.NaN : cpuMicroseconds(pid) - before;
    return { perSecond: perSecond * scale, cpu: used / requests };
  };
}

function byClient(kind: string, count: (seconds: number) => number): Subject['measure'] {
  return async (bench, { port }, seconds) => {
    const argv = [
      process.execPath,
      await bench.program('client'),
      kind,
      String(port),
      String(count(seconds)),
    ];
    const [program, ...args] = onCore('load', argv);
    const took = (JSON.parse(await run(program, args)) as number[]).toSorted((a, b) => a - b);
    const at = (share: number): number => (took[Math.floor(took.length * share)] ?? Number.NaN) * 1000;
    return { median: at(0.5), p99: at(0.99) };
  };
}

const upload = `
wrk.method = "POST"
wrk.body = string.rep("x", 1048576)
wrk.headers["Content-Type"] = "application/octet-stream"
`;

export const subjects: readonly Subject[] = [
  {
    name: 'get',
    title: '1 KB GET at 64 connections',
    needsWrk: true,
    columns: [perSecond('requests/s', 0), cpu],
    origin: (bench) => bench.nginxOrigin,
    measure: byWrk('/1k', 64),
  },
  {
    name: 'large',
    title: '100 KB responses at 16 connections',
    needsWrk: true,
    columns: [perSecond('responses/s', 0), cpu],
    origin: (bench) => bench.nginxOrigin,
    measure: byWrk('/100k', 16),
  },
  {
    name: 'upload',
    title: '1 MB uploads at 8 connections',
    needsWrk: true,
    columns: [perSecond('MB/s', 0), cpu],
    origin: (bench) => bench.nodeOrigin,
    measure: byWrk('/', 8, 1, upload),
  },
  {
    name: 'latency',
    title: 'Latency added at 2,000 requests/s',
    needsWrk: false,
    columns: [
      { figure: 'median', title: 'median, µs', digits: 0, added: true, beside: ['relay'] },
      { figure: 'p99', title: 'p99, µs', digits: 0, added: true },
    ],
    origin: (bench) => bench.nginxOrigin,
    measure: byClient('latency', (seconds) => seconds * 2_000),
  },
  {
    name: 'sse',
    title: 'First event of an event stream, added',
    needsWrk: false,
    columns: [{ figure: 'median', title: 'median, µs', digits: 0, added: true, beside: ['relay'] }],
    origin: (bench) => bench.nodeOrigin,
    measure: byClient('events', (seconds) => seconds * 150),
  },
  {
    name: 'websocket',
    title: 'Echo over a WebSocket, added',
    needsWrk: false,
    leftOut: ['fast-proxy'],
    columns: [{ figure: 'median', title: 'median, µs', digits: 0, added: true, beside: ['relay'] }],
    origin: (bench) => bench.nodeOrigin,
    measure: byClient('echoes', (seconds) => seconds * 1_000),
  },
];
