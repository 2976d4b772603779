import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Shutdown } from '../../src/core/shutdown.ts';

function tale(): { shutdown: Shutdown; told: string[] } {
  const told: string[] = [];
  const shutdown = new Shutdown({
    begin: () => told.push('begin'),
    hurry: () => told.push('hurry'),
    abort: () => told.push('abort'),
    log: (level, message) => told.push(`${level}: ${message}`),
  });
  return { shutdown, told };
}

describe('orders to leave', () => {
  it('begin the end once, say so, and abort with the third signal (RP-45, RP-46)', () => {
    const { shutdown, told } = tale();
    assert.equal(shutdown.isOrdered, false);
    shutdown.signal();
    assert.equal(shutdown.isOrdered, true);
    assert.deepEqual(told, ['info: Shutting down.', 'begin']);
    shutdown.signal();
    assert.deepEqual(told.slice(2), ['info: Killing what is left.', 'hurry']);
    shutdown.signal();
    shutdown.signal();
    assert.deepEqual(told.slice(4), [
      'error: Received third interrupt signal. Terminating.',
      'abort',
      'error: Received third interrupt signal. Terminating.',
      'abort',
    ]);
  });

  it('may come from within, any number of times (RP-45)', () => {
    const { shutdown, told } = tale();
    shutdown.quit();
    shutdown.quit();
    assert.deepEqual(told, ['info: Shutting down.', 'begin']);
  });
});
