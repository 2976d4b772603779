/**
 * What the extension host's own thread feels of the front door at full load: its event loop's delay while nothing
 * happens, while the window's front door is asked as fast as it answers, and while nginx is asked in its stead, so that
 * what a busy machine costs anybody is told from what we cost.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedExtension } from '../../support/packed.ts';
import { EditorServer } from '../../support/server.ts';
import { figureOf, printTable, shown } from '../figures.ts';
import { figuresFromWindow, figuresMarker } from '../window.ts';
import { Bench, bring, freePort } from './peers.ts';
import { onCore } from './pins.ts';

const rounds = 3;

/** Runs inside the extension host, where `runTests` would run tests. */
const suite = (plan: unknown): string => `
const vscode = require('vscode');
const { execFile } = require('node:child_process');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const { folder, nginx, command, seconds, rounds } = ${JSON.stringify(plan)};

async function delays(load) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  const said = await load();
  histogram.disable();
  return { p50: histogram.percentile(50) / 1e6, p99: histogram.percentile(99) / 1e6, ...said };
}
const idle = () => new Promise((resolve) => setTimeout(() => resolve({}), seconds * 1000));
const load = (url) => () => new Promise((resolve, reject) => {
  const [program, ...args] = command;
  execFile(program, [...args, url], (error, stdout) => {
    const rate = /Requests\\/sec:\\s*([\\d.]+)/.exec(stdout);
    if (error || rate === null || /Non-2xx|Socket errors/.test(stdout)) reject(error ?? new Error(stdout));
    else resolve({ rate: Number(rate[1]) });
  });
});
exports.run = async () => {
  const { exports: api } = await Promise.resolve(vscode.extensions.getExtension('local-runtimes.local-runtimes'))
    .then(async (extension) => { await extension.activate(); return extension; });
  await api.ready;
  await api.start(folder, { kind: 'all' });
  const door = await new Promise((resolve) => {
    const look = () => {
      const [snapshot] = api.snapshots();
      const runs = snapshot?.services[0]?.instances[0]?.state === 'RUNNING';
      if (runs && snapshot.frontDoor !== undefined) resolve(snapshot.frontDoor);
    };
    api.onDidChange(look);
    look();
  });
  const figures = {};
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, how] of [['idle', idle], ['ours', load(door + '1k')], ['nginx', load(nginx)]]) {
      for (const [key, value] of Object.entries(await delays(how))) figures[name + ' ' + key + ' ' + round] = value;
    }
  }
  await api.stop(folder, { kind: 'all' });
  console.log(${JSON.stringify(figuresMarker)} + JSON.stringify(figures));
};
`;

const emptyManifest = {
  name: 'empty',
  publisher: 'empty',
  version: '1.0.0',
  engines: { vscode: '^1.101.0' },
  main: './main.js',
  activationEvents: ['onCommand:empty.never'],
};

export async function benchLoopDelay(seconds: number): Promise<void> {
  for (const program of ['wrk', 'nginx'] as const) {
    const missing = await bring(program);
    if (missing !== undefined) throw new Error(`${program} is ${missing}.`);
  }
  const home = await mkdtemp(join(tmpdir(), 'runtimes-bench-'));
  const [empty, folder, tests] = [join(home, 'empty'), join(home, 'folder'), join(home, 'suite.js')];
  for (const each of [empty, folder]) await mkdir(each);
  await writeFile(join(empty, 'package.json'), JSON.stringify(emptyManifest));
  await writeFile(join(empty, 'main.js'), 'exports.activate = () => undefined;\n');
  const bench = await Bench.open();
  const server = await EditorServer.start({
    trusting: true,
    automation: true,
    extensions: [await packedExtension()],
  });
  try {
    const upstream = await bench.startOrigin(bench.nginxOrigin);
    const nginx = await bench.startPeer('nginx', upstream, bench.nginxOrigin);
    if (typeof nginx === 'string') throw new Error(nginx);
    const port = await freePort();
    const services = { origin: { command: await bench.nginxOrigin(port), port } };
    await writeFile(join(folder, 'runtimes.yaml'), JSON.stringify({ services }));
    const command = onCore('load', ['wrk', '-t', '1', '-c', '64', '-d', `${seconds}s`]);
    const plan = { folder, nginx: `http://127.0.0.1:${nginx.port}/1k`, command, seconds, rounds };
    await writeFile(tests, suite(plan));
    const figures = await figuresFromWindow(server, { folder, tests, development: empty });
    print(figures);
  } finally {
    await server.stop();
    await bench.close();
    await rm(home, { recursive: true, force: true });
  }
}

function print(figures: Readonly<Record<string, number>>): void {
  const cell = (who: string, what: string, digits: number): string => {
    const values = Array.from(
      { length: rounds },
      (_, round) => figures[`${who} ${what} ${round}`] ?? Number.NaN,
    );
    return Number.isNaN(values[0]) ? '' : shown(figureOf(values), digits);
  };
  printTable(
    "Event-loop delay of the extension host's own thread, ms",
    ['while', 'p50 (min to max)', 'p99 (min to max)', 'requests/s'],
    [
      ['nothing happens', 'idle'],
      ['the front door of the window is at full load', 'ours'],
      ['nginx in front of the same origin is', 'nginx'],
    ].map(([title = '', who = '']) => [
      title,
      cell(who, 'p50', 2),
      cell(who, 'p99', 2),
      cell(who, 'rate', 0),
    ]),
  );
}
