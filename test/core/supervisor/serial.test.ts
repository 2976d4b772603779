import assert from 'node:assert/strict';
import { test } from 'node:test';

import { Serial } from '../../../src/core/supervisor/serial.ts';

test('Serial numbers start at 0, increase, and begin again after the maximum (SV-71)', () => {
  const serial = new Serial(3);
  assert.deepEqual(
    Array.from({ length: 6 }, () => serial.take()),
    [0, 1, 2, 3, 0, 1],
  );
});
