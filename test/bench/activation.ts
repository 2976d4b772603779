/**
 * Activation in the real extension host beside that of an empty extension: from the call of `activate` to its return,
 * which is loading the bundle and running it.
 */

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packedExtension } from '../support/packed.ts';
import { EditorServer } from '../support/server.ts';
import { figureOf, printTable, shown } from './figures.ts';
import { figuresFromWindow, figuresMarker } from './window.ts';

const rounds = 7;

/** Runs inside the extension host, where `runTests` would run tests. */
const suite = `
const vscode = require('vscode');
// A window that has just opened is busy with itself: waits for a second without a late timer.
async function quiet() {
  for (let calm = 0; calm < 20; ) {
    const due = performance.now() + 50;
    await new Promise((resolve) => setTimeout(resolve, 50));
    calm = performance.now() - due < 5 ? calm + 1 : 0;
  }
}
exports.run = async () => {
  const figures = {};
  const ids = ['local-runtimes.local-runtimes', 'empty.empty'];
  // Turn about, so that neither always pays for being first.
  if (Date.now() % 2) ids.reverse();
  for (const id of ids) {
    await quiet();
    const extension = vscode.extensions.getExtension(id);
    if (extension === undefined) throw new Error(id + ' is missing');
    if (extension.isActive) throw new Error(id + ' is active already');
    const begun = performance.now();
    await extension.activate();
    figures[id] = performance.now() - begun;
  }
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

export async function benchActivation(): Promise<void> {
  const packed = await packedExtension();
  const home = await mkdtemp(join(tmpdir(), 'runtimes-bench-'));
  const [empty, folder, tests] = [join(home, 'empty'), join(home, 'folder'), join(home, 'suite.js')];
  for (const each of [empty, folder]) await mkdir(each);
  await writeFile(join(empty, 'package.json'), JSON.stringify(emptyManifest));
  await writeFile(join(empty, 'main.js'), 'exports.activate = () => undefined;\n');
  await writeFile(tests, suite);
  const server = await EditorServer.start({ trusting: true, automation: true, extensions: [packed] });
  const ours: number[] = [];
  const nothing: number[] = [];
  try {
    for (let round = -1; round < rounds; round += 1) {
      const figures = await figuresFromWindow(server, { folder, tests, development: empty });
      // The first window fills caches that a person's second one has.
      if (round < 0) continue;
      ours.push(figures['local-runtimes.local-runtimes'] ?? Number.NaN);
      nothing.push(figures['empty.empty'] ?? Number.NaN);
    }
  } finally {
    await server.stop();
    await rm(home, { recursive: true, force: true });
  }
  const [high, low] = [figureOf(ours), figureOf(nothing)];
  printTable(
    'Activation in the extension host, ms',
    ['', 'median (min to max)', 'difference'],
    [
      ['an empty extension', shown(low), ''],
      ['Local Runtimes, in a folder without a config', shown(high), (high.median - low.median).toFixed(1)],
    ],
  );
}
