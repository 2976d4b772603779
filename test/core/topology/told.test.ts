/** A config that changes while an application runs: whoever was told what is no more true starts again. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { Stage } from '../../support/stage.ts';
import type { FakeChild } from '../../support/world.ts';
import { apiServer, app, backend } from './crew.ts';

const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
const topology = { app: 'shop', minPort: 9000, source };
const behind = { dependsOn: { 'api-server': 'ready' } } as const;

/** The API server's port and the first of the backends; undefined: they are for us to choose. */
function application(api: number | undefined, workers: number | undefined): readonly ServiceSpec[] {
  return [
    apiServer({ env: { SERVICE: 'api' }, ...(api === undefined ? {} : { ports: [api] }) }),
    app({ ...behind, env: { SERVICE: 'shop' }, ports: [9000] }),
    backend('worker', 1, {
      ...behind,
      env: { SERVICE: 'worker' },
      ...(workers === undefined ? {} : { ports: [workers] }),
    }),
  ];
}

async function settle(stage: Stage): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    await stage.world.settle();
    for (const child of stage.world.children) if (child.signals.length > 0) gone(stage, child);
    await stage.world.settle();
    for (const { plan, signals } of stage.world.children)
      if (signals.length === 0) stage.world.openPorts.add(Number(plan.env['PORT']));
    await stage.world.pass(50);
  }
}

function gone(stage: Stage, child: FakeChild): void {
  stage.world.openPorts.delete(Number(child.plan.env['PORT']));
  child.end({ signal: 'SIGTERM' });
}

async function started(specs: readonly ServiceSpec[]): Promise<Stage> {
  const stage = new Stage(specs, true, { topology });
  await stage.runtime.start({ kind: 'all' });
  await settle(stage);
  assert.equal(stage.states, 'api-server.0 RUNNING, shop.0 RUNNING, worker.0 RUNNING');
  return stage;
}

async function changedTo(stage: Stage, specs: readonly ServiceSpec[]): Promise<void> {
  stage.config = stage.configOf(specs, { topology });
  await stage.runtime.reload();
  await settle(stage);
}

const told = (stage: Stage, name: string): Readonly<Record<string, string | undefined>> =>
  stage.child(name).plan.env;

describe('a change of where the processes of an application listen', () => {
  for (const next of [9400, undefined])
    it(`starts all again that were told the API server's address, which moves to ${next ?? 'any port'}`, async () => {
      const stage = await started(application(9300, 9100));
      assert.equal(told(stage, 'shop')['API_PORT'], '9300');
      await changedTo(stage, application(next, 9100));
      const now = told(stage, 'api')['PORT'];
      assert.notEqual(now, '9300');
      assert.deepEqual(
        ['shop', 'worker'].map((name) => told(stage, name)['API_PORT']),
        [now, now],
      );
      assert.equal(stage.states, 'api-server.0 RUNNING, shop.0 RUNNING, worker.0 RUNNING');
      assert.equal(stage.world.children.length, 6, 'each of them once');
    });

  it('starts all again that were told the ports of backends', async () => {
    const stage = await started(application(9300, 9100));
    assert.equal(told(stage, 'shop')['BACKEND_PORT.worker.0'], '9100');
    await changedTo(stage, application(9300, 9200));
    assert.equal(told(stage, 'shop')['BACKEND_PORT.worker.0'], '9200');
    assert.equal(stage.world.children.length, 6);
  });

  it('leaves alone what a change of another kind has nothing to do with', async () => {
    const stage = await started(application(undefined, undefined));
    const [api, ...others] = application(undefined, undefined);
    if (api === undefined) throw new Error('It has none.');
    await changedTo(stage, [{ ...api, env: { ...api.env, MORE: 'x' } }, ...others]);
    assert.equal(told(stage, 'api')['MORE'], 'x');
    assert.equal(stage.world.children.length, 4);
    await changedTo(stage, application(undefined, undefined));
    assert.equal(stage.world.children.length, 5);
  });

  it('does not bring back what a person has stopped', async () => {
    const stage = await started(application(9300, 9100));
    const stopping = stage.runtime.stop({ kind: 'service', service: 'shop' });
    await settle(stage);
    await stopping;
    await changedTo(stage, application(9400, 9100));
    assert.equal(stage.states, 'api-server.0 RUNNING, shop.0 STOPPED, worker.0 RUNNING');
  });
});
