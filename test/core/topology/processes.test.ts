import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { named, processesOf, textForm, typeOf } from '../../../src/core/topology/processes.ts';
import { specOf } from '../../support/spec.ts';
import { apiServer, app, backend, Crew } from './crew.ts';

const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
const topology = { app: 'shop', minPort: 9000, source };

describe('the processes of an application', () => {
  it('are the API server, the application, and each backend with its balancer, in the order of the file (MP-2, MP-7)', () => {
    const services = [
      specOf({ name: 'other' }),
      backend('cache', 2),
      backend('worker', 1, { instances: 2 }),
      app(),
      apiServer(),
    ];
    assert.deepEqual(processesOf({ services, topology }).map(textForm), [
      '[API Server]',
      '[App Instance] [0]',
      '[Backend Instance] [worker.0]',
      '[Backend Instance] [worker.1]',
      '[Backend Balancer] [worker]',
      '[Backend Instance] [cache.0]',
      '[Backend Balancer] [cache]',
    ]);
    assert.equal(textForm({ type: 'Master', service: 'shop' }), '[Master]');
  });

  it('have their types from their roles alone, so that none can be unknown or be set twice (MP-2)', () => {
    const types = [specOf({}), app(), backend('worker', 1), apiServer()].map((spec) => typeOf(spec, true));
    assert.deepEqual(types, [undefined, 'App Instance', 'Backend Instance', 'API Server']);
  });

  it('are called by what they do and where they listen', () => {
    assert.equal(
      named({ type: 'App Instance', service: 'shop', index: 0 }, 'http://h:1'),
      'App Instance [http://h:1]',
    );
    assert.equal(
      named({ type: 'Backend Instance', service: 'worker', index: 1 }, 'http://h:2'),
      'Backend Instance: worker.1 [http://h:2]',
    );
    assert.equal(
      named({ type: 'Backend Balancer', service: 'worker' }, 'http://h:3'),
      'Backend Balancer: worker [http://h:3]',
    );
  });

  it('are none without backends: nothing is said, told or asked (MP-1)', async () => {
    const services = [app(), specOf({ name: 'other' })];
    assert.deepEqual(processesOf({ services }), []);
    assert.equal(typeOf(app(), false), undefined);
    const crew = await new Crew(services).start('shop.0', 'other.0');
    await crew.world.pass(60_000);
    assert.deepEqual(
      crew.said.filter((line) => line.includes('[')),
      [],
    );
    assert.deepEqual(crew.world.asked, []);
    assert.deepEqual(Object.keys(crew.world.child.plan.env), ['PATH', 'PORT']);
  });
});
