/** The short form of `npm run bench:proxy -- soak`: a few thousand requests, a dozen kills, each request accounted for. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { soak } from '../soak/soak.ts';

test('While instances are killed under load no request is answered twice, repeated against the rules, lost before a child had it, or given another answer', async () => {
  const report = await soak({ requests: 6_000, connections: 16, instances: 3, killEvery: 500, seed: 4 });
  assert.deepEqual(report.wrong, []);
  assert.equal(report.requests, 6_000);
  assert.ok(report.kills > 0, 'Nobody was killed.');
  const { answered, lostInChild, lostOnTheWay, broken } = report.tally;
  assert.equal(answered + lostInChild + lostOnTheWay + broken, 6_000);
});
