import assert from 'node:assert/strict';
import { test } from 'node:test';
import { portLayout } from '../../src/config/backends/ports.ts';

test('two backends of two and one instances lie a hundred ports apart, each balancer at the end of its hundred (MP-3)', () => {
  assert.deepEqual(portLayout(9000, [2, 1]), {
    app: [9000],
    backends: [
      { instances: [9100, 9101], balancer: 9199 },
      { instances: [9200], balancer: 9299 },
    ],
    apiServer: 9300,
  });
});

test('the most instances a backend may have stay below its balancer, and more of the app follow its first', () => {
  const layout = portLayout(20_000, [20], 2);
  assert.deepEqual(layout.backends[0]?.instances.at(-1), 20_119);
  assert.equal(layout.backends[0]?.balancer, 20_199);
  assert.deepEqual(layout.app, [20_000, 20_001]);
  assert.equal(layout.apiServer, 20_200);
});
