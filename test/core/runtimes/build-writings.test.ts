import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { nothingWritten, Writings } from '../../../src/core/runtimes/build-writings.ts';

const stamp = (path: string, modified = 1) => ({ path, size: 1, modified });

describe('what a build writes among its inputs', () => {
  it('is what was not there before, of a kind that nobody writes here', () => {
    const writings = new Writings(nothingWritten);
    const before = [stamp('/w/a.ts')];
    assert.deepEqual(writings.weigh(before, [...before, stamp('/w/a.js'), stamp('/w/a.d.ts')]), [
      stamp('/w/a.ts'),
      stamp('/w/a.js'),
      stamp('/w/a.d.ts'),
    ]);
    assert.ok(writings.hasMade('/w/a.js') && writings.hasMade('/w/a.d.ts'));
  });

  it('is not a source that a person adds meanwhile, which asks for another build and is heard of later', () => {
    const writings = new Writings(nothingWritten);
    const before = [stamp('/w/a.ts')];
    assert.deepEqual(writings.weigh(before, [...before, stamp('/w/new.ts')]), before);
    assert.equal(writings.hasMade('/w/new.ts'), false);
  });

  it('is a source that each build makes anew, once that has been seen three times in a row', () => {
    const writings = new Writings(nothingWritten);
    let before = [stamp('/w/a.ts')];
    for (const round of [1, 2, 3]) {
      assert.equal(writings.isOwn('/w/made.ts'), false, `before build ${round}`);
      const after = [stamp('/w/a.ts'), stamp('/w/made.ts', round)];
      writings.weigh(before, after);
      before = after;
    }
    assert.ok(writings.isOwn('/w/made.ts'));
  });
});
