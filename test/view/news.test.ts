import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { newsIn, newsText } from '../../src/view/news.ts';
import { nothingText } from '../../src/view/nothing.ts';
import { fault, instance, running, service, snapshot } from './samples.ts';

const web = service('web', [running('web.0', 1)]);
const clock = service('clock', [instance('clock.0')]);

describe('what a saved config has brought', () => {
  it('is told when it is new, or has another name, while others run', () => {
    assert.deepEqual(newsIn(snapshot([web]), snapshot([web, clock])), ['clock']);
    const named = service('timer', [instance('timer.0')]);
    assert.deepEqual(newsIn(snapshot([web, clock]), snapshot([web, named])), ['timer']);
  });

  it('is told when it is mended', () => {
    const broken = service('clock', [instance('clock.0', { state: 'FATAL', fault: fault() })]);
    assert.deepEqual(newsIn(snapshot([web, broken]), snapshot([web, clock])), ['clock']);
    assert.deepEqual(newsIn(snapshot([web, broken]), snapshot([web, broken])), []);
  });

  it('is not told when nothing runs, when it runs already, or when it does not start by itself', () => {
    const stopped = service('web', [instance('web.0')]);
    assert.deepEqual(newsIn(snapshot([stopped]), snapshot([stopped, clock])), []);
    const started = service('clock', [instance('clock.0', { state: 'STARTING', pid: 7 })]);
    assert.deepEqual(newsIn(snapshot([web]), snapshot([web, started])), []);
    assert.deepEqual(newsIn(snapshot([web]), snapshot([web, { ...clock, autostart: false }])), []);
    assert.deepEqual(newsIn(snapshot([web, clock]), snapshot([web, clock])), []);
  });

  it('is named in one sentence', () => {
    assert.equal(newsText(['clock']), 'clock is new and does not run yet.');
    assert.equal(newsText(['clock', 'bell']), 'clock, bell are new and do not run yet.');
  });
});

describe('a command with nothing to act on', () => {
  it('says who decides how many processes a program has', () => {
    const supervisor = { identifier: 'supervisor', logFile: '/shop/main.log', pid: 1 };
    const programs = snapshot([web], { supervisor });
    assert.match(nothingText('canScale', [programs]), /"numprocs" in supervisord\.conf decides/);
    const other = 'There is nothing for this command to act on now.';
    assert.equal(nothingText('canStart', [programs]), other);
    assert.equal(nothingText('canScale', [snapshot([web])]), other);
    assert.equal(nothingText(undefined, []), other);
  });
});
