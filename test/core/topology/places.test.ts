import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { inPlaces } from '../../../src/core/topology/places.ts';

describe('the order of services when a file is read again', () => {
  const table: readonly [string, string, string, string][] = [
    ['is the order of the file', 'a b c', 'c a b', 'c a b'],
    ['has new ones where the file has them', 'a b new', 'a new b', 'a new b'],
    ['keeps one that the file lacks behind the one it stood behind', 'a b c', 'a c', 'a b c'],
    ['keeps the first one first', 'a b c', 'b c', 'a b c'],
    ['keeps several in their order', 'a b c d', 'a d', 'a b c d'],
    ['keeps all of a file that has none any more', 'a b c', '', 'a b c'],
    ['keeps them behind one that was moved', 'a b c', 'c a', 'c a b'],
    ['leaves out what is not there', 'a b', 'a gone b', 'a b'],
  ];
  for (const [title, before, file, after] of table) {
    it(title, () => {
      const names = (text: string): readonly string[] => text.split(' ').filter((name) => name !== '');
      assert.deepEqual(inPlaces(names(before), names(file)), names(after));
    });
  }
});
