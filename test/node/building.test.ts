/** Services that are built before they start, with real tools: small scripts of the shell. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import type { InstanceView, RuntimeEvent } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { createOutside } from '../../src/node/outside.ts';
import { runtimeIn } from './runtime-support.ts';
import { folderFor, living, until } from './support.ts';

const all = { kind: 'all' } as const;

/** Makes the program of its source, or says what is wrong with it; `slow` never ends by itself. */
const compiler = `#!/bin/sh
echo compiling
echo $$ >> runs
if grep -q slow source.mjs; then sleep 1000 & echo $! >> helpers; wait; fi
if grep -q broken source.mjs; then echo "$PWD/source.mjs:1:4: error: this is broken" >&2; exit 3; fi
cp source.mjs made.mjs
`;

const source = (answer: string): string =>
  `import { createServer } from 'node:http';
createServer((_, response) => response.end('${answer}')).listen(process.env.PORT, '127.0.0.1');
`;

class Site {
  readonly folder: string;
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[] = [];
  readonly journal: string[] = [];
  readonly #end: () => Promise<void>;

  constructor(t: TestContext, folder: string, more = '') {
    this.folder = folder;
    const outside = createOutside();
    const text = `services:
  api:
    command: ${JSON.stringify([process.execPath, 'made.mjs'])}
    runtime: custom
    build: { command: sh compiler.sh, inputs: [source.mjs], outputs: [made.mjs] }
${more}`;
    const files = [{ path: join(folder, 'runtimes.yaml'), text }];
    const config = loadConfig({ folder, files, environment: {}, readFile: () => undefined });
    assert.deepEqual(config.problems, []);
    this.runtime = runtimeIn(folder, outside, () => config);
    this.runtime.subscribe((message) => {
      if (message.kind === 'event') this.events.push(message.event);
    });
    this.runtime.journal.onLine((line) => this.journal.push(line.slice(24).trimEnd()));
    let ended: Promise<void> | undefined;
    this.#end = () => (ended ??= this.runtime.shutdown(500).then(() => outside.close()));
    t.after(this.#end);
  }

  static async of(t: TestContext, text: string, more = ''): Promise<Site> {
    const folder = await folderFor(t);
    await writeFile(join(folder, 'compiler.sh'), compiler);
    await writeFile(join(folder, 'source.mjs'), text);
    return new Site(t, folder, more);
  }

  view(index = 0): InstanceView {
    const found = this.runtime.snapshot().services[0]?.instances[index];
    return found ?? assert.fail('there is no such instance');
  }

  is(state: InstanceView['state'], index = 0): Promise<true> {
    return until(`${state} at ${index}`, () => this.view(index).state === state || undefined);
  }

  async answer(): Promise<{ readonly status: number; readonly text: string }> {
    const url = this.runtime.snapshot().services[0]?.url ?? assert.fail('there is no door');
    const response = await fetch(url);
    return { status: response.status, text: await response.text() };
  }

  /** The pids of all builds so far. */
  runs(file = 'runs'): readonly number[] {
    try {
      return readFileSync(join(this.folder, file), 'utf8').trim().split('\n').map(Number);
    } catch {
      // Nothing has been written yet.
      return [];
    }
  }

  write(text: string): Promise<void> {
    return writeFile(join(this.folder, 'source.mjs'), text);
  }

  builds(): readonly string[] {
    return this.events.flatMap((event) => (event.event === 'build' ? [event.outcome] : []));
  }

  end(): Promise<void> {
    return this.#end();
  }
}

test('a service is built with its first start, not with the next one, and again when its source has changed (RT-21)', async (t) => {
  const site = await Site.of(t, source('one'));
  await site.runtime.start(all);
  await site.is('RUNNING');
  assert.equal((await site.answer()).text, 'one');
  assert.match(await readFile(join(site.folder, 'api.0.log'), 'utf8'), /> sh compiler\.sh\ncompiling\n/);
  await site.runtime.stop(all);
  await site.runtime.start(all);
  await site.is('RUNNING');
  assert.equal(site.runs().length, 1);
  await site.runtime.stop(all);
  await site.write(source('two'));
  await site.runtime.start(all);
  await site.is('RUNNING');
  assert.equal((await site.answer()).text, 'two');
  assert.deepEqual(site.builds(), ['started', 'done', 'started', 'done']);
  await site.runtime.stop(all);
  await rm(join(site.folder, 'made.mjs'));
  await site.runtime.start(all);
  await site.is('RUNNING');
  assert.equal(site.runs().length, 3);
});

test('what was built is known to the next session', async (t) => {
  const site = await Site.of(t, source('one'));
  await site.runtime.start(all);
  await site.is('RUNNING');
  await site.end();
  const next = new Site(t, site.folder);
  await next.runtime.start(all);
  await next.is('RUNNING');
  assert.equal(next.runs().length, 1);
  assert.deepEqual(next.builds(), []);
});

test('two instances wait for one build', async (t) => {
  const site = await Site.of(t, source('one'), '    instances: 2\n');
  await site.runtime.start(all);
  await Promise.all([site.is('RUNNING', 0), site.is('RUNNING', 1)]);
  assert.equal(site.runs().length, 1);
});

test('a build that fails is a fault with the compiler at its line and a page at the door; repaired, it runs by itself (RT-22, RT-30)', async (t) => {
  const site = await Site.of(t, 'broken');
  await site.runtime.start(all);
  await site.is('FATAL');
  const { fault } = site.view();
  assert.equal(fault?.code, 'build-failed');
  assert.match(fault.message, /"api" could not be built: sh compiler\.sh exited with code 3\./);
  assert.deepEqual(
    fault.findings?.map(({ message, place }) => [message, place]),
    [['this is broken', { file: join(site.folder, 'source.mjs'), line: 1, column: 4 }]],
  );
  for (let count = 0; count < 3; count += 1) {
    const { status, text } = await site.answer();
    assert.equal(status, 503);
    assert.match(text, /error: this is broken/);
  }
  assert.equal(site.runs().length, 1);
  await site.write(source('repaired'));
  await site.is('RUNNING');
  assert.equal((await site.answer()).text, 'repaired');
  assert.equal(site.view().fault, undefined);
  assert.ok(site.journal.some((line) => line.includes('Failed to build Custom application: ')));
  assert.ok(site.journal.some((line) => line.includes('Custom application successfully built.')));
});

test('a stop calls a slow build off: no process is left, and nothing counts as built', async (t) => {
  const site = await Site.of(t, 'slow');
  await site.runtime.start(all);
  await until('the helper of the compiler', () => site.runs('helpers').length > 0);
  assert.equal(site.view().preparing?.title, 'sh compiler.sh');
  const pids = [...site.runs(), ...site.runs('helpers')];
  assert.equal((await living(pids)).length, 2);
  await site.runtime.stop(all);
  assert.equal(site.view().state, 'STOPPED');
  assert.deepEqual(await living(pids), []);
  assert.deepEqual(site.builds(), ['started', 'cancelled']);
  await site.write(source('quick'));
  await site.runtime.start(all);
  await site.is('RUNNING');
});

test('a shutdown in the midst of a build leaves nothing', async (t) => {
  const site = await Site.of(t, 'slow');
  await site.runtime.start(all);
  await until('the helper of the compiler', () => site.runs('helpers').length > 0);
  const pids = [...site.runs(), ...site.runs('helpers')];
  await site.end();
  assert.deepEqual(await living(pids), []);
});

test('a request builds a service that starts with a request, and is answered once it runs (RT-21)', async (t) => {
  const site = await Site.of(t, source('woken'), '    startOnRequest: true\n');
  await site.runtime.start(all);
  assert.equal(site.runs().length, 0);
  assert.equal((await site.answer()).text, 'woken');
  assert.equal(site.runs().length, 1);
});

test('a watched service is restarted when its source changes, and built before', async (t) => {
  const site = await Site.of(t, source('one'), '    watch: { paths: [source.mjs], debounce: 0.05 }\n');
  await site.runtime.start(all);
  await site.is('RUNNING');
  const { pid } = site.view();
  // The watcher takes a moment to look for the first time, and tells nobody when it has.
  await until('the change is seen', async () => {
    await site.write(source('two'));
    return site.view().pid !== pid || undefined;
  });
  await site.is('RUNNING');
  await until('the new answer', async () => (await site.answer()).text === 'two' || undefined);
});
