import assert from 'node:assert/strict';
import { posix, win32 } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { folderOf, isAbsolutePath, nameOf, resolvePath } from '../../src/base/path.ts';

test('a path is seen from its folder', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['/a/b', 'c', '/a/b/c'],
    ['/a/b', './c/../d', '/a/b/d'],
    ['/a/b', '../../../..', '/'],
    ['/a/b/', '.', '/a/b'],
    ['/a', '/x/y', '/x/y'],
    ['/', 'x', '/x'],
    ['C:\\a', 'b/c', 'C:\\a\\b\\c'],
    ['C:\\a', '..\\b', 'C:\\b'],
    ['C:\\a', 'D:/x', 'D:\\x'],
    ['\\\\host\\share\\a', '..\\b', '\\\\host\\share\\b'],
    ['/a', 'b\\c', '/a/b\\c'],
  ];
  assert.deepEqual(
    cases.map(([folder, path]) => [folder, path, resolvePath(folder, path)]),
    cases,
  );
});

test('folder and name of a path are told apart', () => {
  assert.deepEqual(
    ['/a/b.yaml', '/a', '/', 'C:\\a\\b', 'C:\\'].map((path) => [
      folderOf(path),
      nameOf(path),
      isAbsolutePath(path),
    ]),
    [
      ['/a', 'b.yaml', true],
      ['/', 'a', true],
      ['/', '/', true],
      ['C:\\a', 'b', true],
      ['C:\\', 'C:', true],
    ],
  );
  assert.equal(isAbsolutePath('a/b'), false);
});

test('paths resolve as the operating systems resolve them', () => {
  const part = fc.constantFrom('a', 'b.c', '.', '..', 'd e');
  const relative = fc.array(part, { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(relative, relative, (folder, path) => {
      assert.equal(
        resolvePath(`/${folder.join('/')}`, path.join('/')),
        posix.resolve(`/${folder.join('/')}`, path.join('/')),
      );
      assert.equal(
        resolvePath(`C:\\${folder.join('\\')}`, path.join('\\')),
        win32.resolve(`C:\\${folder.join('\\')}`, path.join('\\')),
      );
    }),
  );
});
