/** What our pages are told when they ask how things are. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { Answer } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';

async function poll(stage: Stage, host: string): Promise<Answer> {
  const decision = await stage.ask({
    headers: [
      ['Host', host],
      ['Accept', 'text/html'],
      ['X-Local-Runtimes-Poll', '1'],
    ],
  });
  if (decision.kind !== 'answer') throw new Error('A question of ours was given to an instance.');
  return decision.answer;
}

const markerOf = ({ headers }: Answer): string | undefined =>
  headers.find(([name]) => name === 'X-Local-Runtimes')?.[1];

it('a page about an instance which there is not is told so again, and not that its service is up', async () => {
  const stage = await new Stage([{}]).up();
  const answer = await poll(stage, 'api.7.localhost');
  assert.deepEqual([answer.status, markerOf(answer)], [404, 'not-found']);
  assert.equal(markerOf(await poll(stage, 'api.0.localhost')), 'up');
});

it('a page about a stopped instance does not take the others of its service for it', async () => {
  const stage = await new Stage([{ instances: 2 }]).up();
  void stage.runtime.stop({ kind: 'instance', instance: 'api.1' });
  await stage.world.settle();
  stage.world.children[1]?.end({ code: 0 });
  await stage.world.settle();
  assert.equal(stage.states, 'api.0 RUNNING, api.1 STOPPED');
  assert.equal(markerOf(await poll(stage, 'api.1.localhost')), 'unavailable');
  assert.equal(markerOf(await poll(stage, 'api.localhost')), 'up');
});
