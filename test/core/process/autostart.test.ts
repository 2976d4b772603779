import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Stage } from '../../support/stage.ts';
import { programService } from './solo.ts';

describe('autostart', () => {
  it('is for what was never started: what was stopped stays so, over any time and a reload (SV-23)', async () => {
    const stage = new Stage([
      { ...programService(), name: 'cat' },
      { ...programService(), name: 'dog', autostart: false },
    ]);
    await stage.runtime.start({ kind: 'all' });
    await stage.world.pass(1001);
    assert.deepEqual([stage.view('cat.0').state, stage.view('dog.0').state], ['RUNNING', 'STOPPED']);
    const stopping = stage.runtime.stop({ kind: 'service', service: 'cat' });
    await stage.world.settle();
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopping;
    await stage.runtime.reload();
    await stage.world.pass(3_600_000);
    assert.deepEqual([stage.view('cat.0').state, stage.world.children.length], ['STOPPED', 1]);
  });

  it('does not start again what ended or gave up by itself (SV-23, SV-24)', async () => {
    const stage = new Stage([
      { ...programService({ restart: 'never' }), name: 'cat' },
      { ...programService({ startRetries: 0 }), name: 'dog' },
    ]);
    await stage.runtime.start({ kind: 'all' });
    await stage.world.settle();
    stage.world.child.end({ code: 1 });
    await stage.world.pass(1001);
    stage.world.children[0]?.end({ code: 0 });
    await stage.world.settle();
    assert.deepEqual([stage.view('cat.0').state, stage.view('dog.0').state], ['EXITED', 'FATAL']);
    await stage.runtime.reload();
    await stage.world.pass(3_600_000);
    assert.equal(stage.world.children.length, 2);
  });
});
