import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { Stage } from '../../support/stage.ts';
import { apiServer, app, backend } from './crew.ts';

const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
const behind = { dependsOn: { 'api-server': 'ready' } } as const;
const hurried = { stopMs: 200 };

/** A whole application whose children have ports of the layout; each is found by its port. */
async function whole(part: Partial<ServiceSpec> = {}): Promise<Stage> {
  const stage = new Stage(
    [
      apiServer({ ports: [9300], stopRequest: { path: '/quit', withinMs: 5000 } }),
      app({ ...behind, ...hurried, ports: [9000], ...part }),
      backend('worker', 1, { ...behind, ...hurried, instances: 2, ports: [9100, 9101], ...part }),
    ],
    true,
    { topology: { app: 'shop', minPort: 9000, source } },
  );
  await stage.runtime.start({ kind: 'all' });
  await stage.world.settle();
  stage.open();
  await stage.world.pass(50);
  stage.open();
  await stage.world.pass(50);
  assert.equal(stage.states, 'api-server.0 RUNNING, shop.0 RUNNING, worker.0 RUNNING, worker.1 RUNNING');
  return stage;
}

function signals(stage: Stage): Readonly<Record<string, readonly string[]>> {
  return Object.fromEntries(
    stage.world.children.map(({ plan, signals: all }) => [plan.env['PORT'] ?? '', all]),
  );
}

describe('the start of an application with backends', () => {
  it('is ordered by its API server, which is there before anything else (MP-7)', async () => {
    const stage = await whole();
    assert.deepEqual(
      stage.events.flatMap((event) =>
        event.event === 'state' && event.to !== 'STOPPED' ? [`${event.instance} ${event.to}`] : [],
      ),
      [
        'api-server.0 STARTING',
        'api-server.0 RUNNING',
        'shop.0 STARTING',
        'worker.0 STARTING',
        'worker.1 STARTING',
        'shop.0 RUNNING',
        'worker.0 RUNNING',
        'worker.1 RUNNING',
      ],
    );
    assert.equal(stage.journal.filter((line) => line.includes('Multiprocess Setup Complete:')).length, 1);
  });
});

describe('the end of an application with backends', () => {
  it('is its stop signal for all at once, SIGKILL after its stop time, and the API server at last (MP-24, MP-25)', async () => {
    const stage = await whole();
    const ending = stage.runtime.stopInOrder();
    await stage.world.settle();
    assert.deepEqual(signals(stage), { 9000: ['TERM'], 9100: ['TERM'], 9101: ['TERM'], 9300: [] });
    await stage.world.pass(199);
    assert.deepEqual(signals(stage)['9100'], ['TERM']);
    await stage.world.pass(1);
    assert.deepEqual(signals(stage), {
      9000: ['TERM', 'KILL'],
      9100: ['TERM', 'KILL'],
      9101: ['TERM', 'KILL'],
      9300: [],
    });
    const quits = (): readonly string[] =>
      stage.world.asked.map(({ head }) => head.target).filter((path) => path === '/quit');
    assert.deepEqual(quits(), []);
    for (const child of stage.world.children)
      if (child.plan.env['PORT'] !== '9300') child.end({ signal: 'SIGKILL' });
    await stage.world.pass(10);
    assert.deepEqual([quits(), signals(stage)['9300']], [['/quit'], []]);
    await stage.world.pass(5000);
    assert.equal(signals(stage)['9300']?.[0], 'KILL');
    assert.equal(stage.journal.includes('api_server did not quit cleanly, killing'), true);
    stage.world.children.find(({ plan }) => plan.env['PORT'] === '9300')?.end({ signal: 'SIGKILL' });
    await stage.world.pass(10);
    await ending;
  });

  it('goes on with the others when one of them cannot be signalled, which is said (MP-24)', async () => {
    const stage = await whole();
    const stubborn = stage.world.children.find(({ plan }) => plan.env['PORT'] === '9100');
    if (stubborn === undefined) throw new Error('It is not there.');
    stubborn.refusesSignals = true;
    void stage.runtime.stopInOrder();
    await stage.world.settle();
    assert.deepEqual([signals(stage)['9000'], signals(stage)['9101']], [['TERM'], ['TERM']]);
    assert.equal(
      stage.journal.some((line) => line.includes('not permitted')),
      true,
    );
    await stage.world.pass(300);
    assert.deepEqual(signals(stage)['9101'], ['TERM', 'KILL']);
  });

  it('does not wait for anything once its time is over', async () => {
    const stage = await whole();
    stage.world.answers = () => Promise.withResolvers<never>().promise;
    const ending = stage.runtime.shutdown(1500);
    await stage.world.pass(1500);
    assert.equal(
      stage.world.children.every((child) => child.signals.includes('KILL')),
      true,
    );
    for (const child of stage.world.children) child.end({ signal: 'SIGKILL' });
    await stage.world.pass(10);
    await ending;
  });
});
