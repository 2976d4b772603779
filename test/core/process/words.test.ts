import assert from 'node:assert/strict';
import { test } from 'node:test';
import { becauseOf } from '../../../src/core/process/words.ts';

test('a program’s own last error is told without the secrets of its environment', () => {
  const env = { API_TOKEN: 'supersecret', MODE: 'dev' };
  assert.equal(becauseOf('Error: supersecret is refused in dev.', env), ': Error: •••••• is refused in dev');
  assert.doesNotMatch(becauseOf('Error: cannot reach postgres://ann:hunter2@db', env), /hunter2/);
  assert.equal(becauseOf(undefined, env), '');
});
