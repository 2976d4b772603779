/** The watch over the files of a config: real folders, a real home, and nothing started in it. */

import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { watchConfig } from '../../src/host/config-watch.ts';
import { createHome } from '../../src/host/home.ts';
import { workspace } from '../support/cli.ts';

const program = (name: string): string => `[program:${name}]\ncommand=/bin/sleep 100\nautostart=false\n`;
const main = `[supervisord]\nlogfile=%(here)s/state/main.log\n${program('first')}`;
const including = `${main}[include]\nfiles=conf.d/*.conf\n`;

interface Watching {
  readonly start: () => Promise<void>;
  readonly folder: string;
  readonly said: readonly string[];
  readonly names: () => readonly string[];
  /** Resolves once as many lines were said. */
  readonly lines: (count: number) => Promise<void>;
}

async function watching(
  test: TestContext,
  text: string,
  prepare: (folder: string) => void = () => undefined,
  file = 'supervisord.conf',
): Promise<Watching> {
  const folder = await workspace(test, { [file]: text });
  mkdirSync(join(folder, 'conf.d'));
  prepare(folder);
  const home = createHome({ folder, storage: join(folder, 'state'), trusted: true });
  const said: string[] = [];
  let wake = (): void => undefined;
  const watched = watchConfig(home, folder, (line) => {
    said.push(line);
    wake();
  });
  test.after(async () => {
    watched.dispose();
    await home.runtime.shutdown(1_000);
    await home.close();
    await home.outside.close();
  });
  return {
    folder,
    said,
    start: () => home.runtime.start({ kind: 'all' }),
    names: () => home.runtime.config.services.map(({ name }) => name),
    async lines(count) {
      while (said.length < count) await new Promise<void>((resolve) => (wake = resolve));
    },
  };
}

describe('the watch over the files of a config', () => {
  it(
    'names new services that have to be started, and none that a request wakes',
    { timeout: 20_000 },
    async (test) => {
      const sleeper = (name: string): string => `  ${name}: { command: sleep 100, startOnRequest: true }\n`;
      const before = `services:\n${sleeper('first')}`;
      const { folder, said, start, lines } = await watching(test, before, undefined, 'runtimes.yaml');
      await start();
      const after = `${before}${sleeper('second')}  third: { command: sleep 100 }\n`;
      writeFileSync(join(folder, 'runtimes.yaml'), after);
      await lines(1);
      assert.deepEqual(said, [
        'runtimes.yaml has changed: 3 services; new, to be started with "runtimes start third".',
      ]);
    },
  );

  it('goes on seeing new includes however often it has looked', { timeout: 60_000 }, async (test) => {
    // A few looks at so many names are more than one reading may take.
    const many = 12_000;
    const { folder, names, lines } = await watching(test, including, (at) => {
      for (let index = 0; index < many; index += 1) writeFileSync(join(at, `conf.d/${index}.txt`), '');
    });
    for (let index = 1; index <= 6; index += 1) {
      writeFileSync(join(folder, `conf.d/p${index}.conf`), program(`p${index}`));
      await lines(index);
    }
    assert.deepEqual(names(), ['first', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6']);
  });

  it('sees into a folder that was deleted and made again', { timeout: 20_000 }, async (test) => {
    const { folder, names, lines } = await watching(test, including, (at) =>
      writeFileSync(join(at, 'conf.d/old.conf'), program('old')),
    );
    rmSync(join(folder, 'conf.d'), { recursive: true });
    mkdirSync(join(folder, 'conf.d'));
    writeFileSync(join(folder, 'conf.d/one.conf'), program('one'));
    await lines(1);
    assert.deepEqual(names(), ['first', 'one']);
    writeFileSync(join(folder, 'conf.d/two.conf'), program('two'));
    await lines(2);
    assert.deepEqual(names(), ['first', 'one', 'two']);
  });

  it('tells of a file that has left the config no second time', { timeout: 20_000 }, async (test) => {
    const { folder, said, lines } = await watching(test, including, (at) =>
      writeFileSync(join(at, 'conf.d/old.conf'), program('old')),
    );
    writeFileSync(join(folder, 'supervisord.conf'), main);
    await lines(1);
    // The next look would find it gone once more.
    writeFileSync(join(folder, 'supervisord.conf'), `${main}${program('second')}`);
    await lines(2);
    assert.match(said[1] ?? '', /^supervisord\.conf has changed/);
  });
});
