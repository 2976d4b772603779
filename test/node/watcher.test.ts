/** Watching real files. */

import assert from 'node:assert/strict';
import { appendFile, mkdir, realpath, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import test, { type TestContext } from 'node:test';
import { globsOf } from '../../src/node/watch-globs.ts';
import { createWatcher } from '../../src/node/watcher.ts';
import { folderFor, until } from './support.ts';

interface Watched {
  readonly root: string;
  readonly seen: string[];
  readonly failures: string[];
  write(path: string, text?: string): Promise<void>;
  /** Resolves once a change of this file is told, which is the last one made. */
  saw(path: string): Promise<void>;
  stop(): void;
}

/** Watches a folder whose watching is known to have begun: a file that is touched until it is noticed says so. */
async function watched(
  t: TestContext,
  paths: readonly string[],
  ignore: readonly string[] = [],
  prepare: (root: string) => Promise<void> = () => Promise.resolve(),
): Promise<Watched> {
  const root = await realpath(await folderFor(t));
  await prepare(root);
  const watcher = createWatcher();
  t.after(() => watcher.close());
  const seen: string[] = [];
  const failures: string[] = [];
  const sign = 'sign.of.life';
  const watch = watcher.watch({
    root,
    paths: [...paths, sign],
    ignore,
    changed: (path) => seen.push(relative(root, path)),
    failed: (reason) => failures.push(reason),
  });
  await until('watching has begun', async () => {
    await appendFile(join(root, sign), '.');
    return seen.includes(sign);
  });
  seen.length = 0;
  return {
    root,
    seen,
    failures,
    async write(path, text = 'text') {
      await writeFile(join(root, path), text);
    },
    saw: async (path) => {
      await until(`${path} is told`, () => seen.includes(path));
    },
    stop: () => watch.dispose(),
  };
}

/** What was told besides the sign of life, which may be late. */
const told = (at: Watched): readonly string[] =>
  [...new Set(at.seen)].filter((path) => path !== 'sign.of.life');

test('files that appear, change and go are told, also in folders that are new', async (t) => {
  const at = await watched(t, ['src/**/*.ts'], [], (root) => mkdir(join(root, 'src')));
  await at.write('src/a.ts');
  await at.saw('src/a.ts');
  at.seen.length = 0;
  await appendFile(join(at.root, 'src/a.ts'), 'more');
  await at.saw('src/a.ts');
  await mkdir(join(at.root, 'src/deep/er'), { recursive: true });
  await at.write('src/deep/er/b.ts');
  await at.saw('src/deep/er/b.ts');
  at.seen.length = 0;
  await rm(join(at.root, 'src/a.ts'));
  await at.saw('src/a.ts');
  assert.deepEqual(told(at), ['src/a.ts']);
});

test('a file that is replaced by renaming another counts as changed', async (t) => {
  const at = await watched(t, ['*.conf'], [], (root) => writeFile(join(root, 'app.conf'), 'old'));
  await at.write('app.conf.new', 'new');
  await rename(join(at.root, 'app.conf.new'), join(at.root, 'app.conf'));
  await at.saw('app.conf');
  assert.deepEqual(told(at), ['app.conf']);
});

test('what is ignored, or not meant, is not told', async (t) => {
  const at = await watched(
    t,
    ['**/*.js', 'conf/'],
    ['**/node_modules', 'dist/**', '*.min.js'],
    async (root) => {
      for (const folder of ['node_modules/x', 'dist', 'conf/deep', 'lib'])
        await mkdir(join(root, folder), { recursive: true });
    },
  );
  for (const path of ['node_modules/x/a.js', 'dist/a.js', 'a.min.js', 'a.txt', 'lib/a.txt'])
    await at.write(path);
  await at.write('conf/deep/any.txt');
  await at.saw('conf/deep/any.txt');
  await at.write('lib/last.js');
  await at.saw('lib/last.js');
  assert.deepEqual(told(at).toSorted(), ['conf/deep/any.txt', 'lib/last.js']);
});

test('a folder that does not exist yet is noticed when it comes', async (t) => {
  const at = await watched(t, ['later/**']);
  await mkdir(join(at.root, 'later'));
  await at.write('later/a');
  await at.saw('later/a');
  assert.deepEqual(at.failures, []);
});

test('nothing is told after the end', async (t) => {
  const at = await watched(t, ['**']);
  const other = await watched(t, ['**']);
  at.stop();
  await at.write('a');
  await other.write('b');
  await other.saw('b');
  assert.deepEqual(told(at), []);
});

test('a link that leads round in circles holds nobody up', async (t) => {
  const at = await watched(t, ['src/**'], [], async (root) => {
    await mkdir(join(root, 'src'));
    await symlink('..', join(root, 'src/up'));
  });
  // The folder is looked through apart from the sign of life, and going round takes its time.
  await until('a file beside the link is told', async () => {
    await appendFile(join(at.root, 'src/a'), '.');
    return at.seen.includes('src/a');
  });
});

test('globs mean what they say, and only what they can mean is looked at', () => {
  const { matches, isIdle, tops } = globsOf(
    ['./src/**/*.ts', 'conf/', 'a.json', 'src/deep/*.js'],
    ['**/gen/**', 'conf/x'],
  );
  assert.deepEqual(tops, ['src', 'conf', 'a.json']);
  assert.deepEqual(
    [
      'src/a.ts',
      'src/x/.y/a.ts',
      'src/gen/a.ts',
      'conf/z/1',
      'conf/x/1',
      'a.json',
      'b.json',
      'src/deep/a.js',
    ].map(matches),
    [true, true, false, true, false, true, false, true],
  );
  assert.deepEqual(['', 'src', 'src/x', 'src/gen', 'conf/x', 'other', 'a.json', 'b.json'].map(isIdle), [
    false,
    false,
    false,
    true,
    true,
    true,
    false,
    true,
  ]);
});
