import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import { coalesced } from '../../src/base/coalesce.ts';

function counted(t: TestContext): {
  readonly work: ReturnType<typeof coalesced>;
  readonly runs: () => number;
} {
  t.mock.timers.enable({ apis: ['setTimeout'] });
  let runs = 0;
  const work = coalesced(() => {
    runs += 1;
  }, 50);
  t.after(() => work.dispose());
  return { work, runs: () => runs };
}

describe('coalesced work', () => {
  it('runs soon after the first request, and once for all of one turn', (t) => {
    const { work, runs } = counted(t);
    for (let count = 0; count < 100; count += 1) work.request();
    assert.equal(runs(), 0);
    t.mock.timers.tick(0);
    assert.equal(runs(), 1);
  });

  it('runs at most once an interval in a storm, and never forgets the last request', (t) => {
    const { work, runs } = counted(t);
    for (let ms = 0; ms < 500; ms += 1) {
      work.request();
      t.mock.timers.tick(1);
    }
    assert.ok(runs() >= 9 && runs() <= 11, `${runs()} runs`);
    const before = runs();
    t.mock.timers.tick(50);
    assert.equal(runs(), before + 1);
    t.mock.timers.tick(500);
    assert.equal(runs(), before + 1);
  });

  it('runs soon again after a rest', (t) => {
    const { work, runs } = counted(t);
    work.request();
    t.mock.timers.tick(0);
    t.mock.timers.tick(1000);
    work.request();
    t.mock.timers.tick(0);
    assert.equal(runs(), 2);
  });

  it('does nothing any more once it is disposed', (t) => {
    const { work, runs } = counted(t);
    work.request();
    work.dispose();
    t.mock.timers.tick(500);
    assert.equal(runs(), 0);
  });
});
