import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { launchPlan } from '../../../src/core/handshake/launch.ts';
import { type Given, givenTo } from '../../../src/core/topology/given.ts';
import { specOf } from '../../support/spec.ts';
import { apiServer, app, backend, Crew } from './crew.ts';

const other = specOf({ name: 'other' });
const specs = [apiServer(), app(), backend('Worker', 1, { instances: 2 }), backend('my-cache', 2), other];
const ports: Readonly<Record<string, number>> = {
  'shop.0': 9000,
  'Worker.0': 9100,
  'Worker.1': 9101,
  'my-cache.0': 9200,
};
const where = {
  specs,
  api: { host: 'localhost', port: 9300 },
  portOf: (service: string, index: number) => ports[`${service}.${index}`],
  balancerOf: (service: string) => ({ Worker: 9199, 'my-cache': 9299 })[service],
};
const given = (name: string, index = 0): Given =>
  givenTo(specs.find((spec) => spec.name === name) ?? other, index, where);

describe('what the processes of an application are told', () => {
  const dotted = {
    'BACKEND_PORT.worker': '9199',
    'BACKEND_PORT.worker.0': '9100',
    'BACKEND_PORT.worker.1': '9101',
    'BACKEND_PORT.my-cache': '9299',
    'BACKEND_PORT.my-cache.0': '9200',
  };

  it('are the ports of all balancers and all instances, with names in lower case (MP-5)', () => {
    for (const name of ['api-server', 'shop', 'Worker', 'my-cache', 'other']) {
      const told = Object.entries(given(name).env).filter(([key]) => key.startsWith('BACKEND_PORT.'));
      assert.deepEqual(Object.fromEntries(told), dotted, name);
    }
  });

  it('are the same once more under names that a shell can read', () => {
    const { env } = given('shop');
    assert.deepEqual(
      [env['BACKEND_PORT_WORKER'], env['BACKEND_PORT_WORKER_1'], env['BACKEND_PORT_MY_CACHE_0']],
      ['9199', '9101', '9200'],
    );
  });

  it('is who they are only for backends, and the port of the application only for their instances (MP-11, MP-23)', () => {
    const own = (name: string, index = 0): readonly (string | undefined)[] => {
      const { env, frontendPort } = given(name, index);
      return [env['BACKEND_ID'], env['INSTANCE_ID'], env['FRONTEND_PORT'], frontendPort?.toString()];
    };
    assert.deepEqual(own('Worker', 1), ['Worker', '1', '9000', '9000']);
    for (const name of ['shop', 'api-server', 'other'])
      assert.deepEqual(own(name), [undefined, undefined, undefined, undefined], name);
  });

  it('is the address of the API server, but not for itself', () => {
    assert.deepEqual(given('other').api, { host: 'localhost', port: 9300 });
    assert.deepEqual([given('other').env['API_HOST'], given('other').env['API_PORT']], ['localhost', '9300']);
    assert.deepEqual([given('api-server').api, given('api-server').env['API_PORT']], [undefined, undefined]);
  });

  it('reaches arguments and environment in every handshake; a shell reads the environment (RP-22)', () => {
    for (const handshake of ['port', 'none', 'stdout', 'discover'] as const) {
      const spec = backend('Worker', 1, {
        handshake,
        command: ['run', '{api_host}:{api_port}', '--front={frontend_port}'],
      });
      const plan = launchPlan(spec, { index: 0, inherited: {}, given: given('Worker') });
      assert.deepEqual(plan.argv, ['run', 'localhost:9300', '--front=9000'], handshake);
      assert.equal(plan.env['API_PORT'], '9300');
    }
    const shell = launchPlan(specOf({ shell: true, command: ['run {api_port}'] }), {
      index: 0,
      inherited: {},
      given: given('other'),
    });
    assert.deepEqual(shell.argv, ['/bin/sh', '-c', 'run {api_port}']);
  });

  it('gives way to what the definition says, and before what was inherited', () => {
    const inherited = {
      API_PORT: '1',
      'BACKEND_PORT.gone': '2',
      BACKEND_ID: 'x',
      INSTANCE_ID: '3',
      HOME: '/h',
    };
    const plan = launchPlan(specOf({ name: 'other', env: { API_HOST: 'mine' } }), {
      index: 0,
      inherited,
      given: given('other'),
    });
    const { env } = plan;
    assert.deepEqual([env['API_HOST'], env['API_PORT'], env['HOME']], ['mine', '9300', '/h']);
    assert.deepEqual(
      [env['BACKEND_PORT.gone'], env['BACKEND_ID'], env['INSTANCE_ID']],
      [undefined, undefined, undefined],
    );
    const alone = givenTo(other, 0, { specs: [other], portOf: () => undefined, balancerOf: () => undefined });
    assert.deepEqual(launchPlan(other, { index: 0, inherited, given: alone }).env, inherited);
  });
});

describe('the ports of an application', () => {
  const laidOut = [
    apiServer({ ports: [9300] }),
    app({ ports: [9000] }),
    backend('worker', 1, { instances: 2, ports: [9100, 9101] }),
    backend('cache', 2, { ports: [9200] }),
  ];

  it('are those of the layout, for each instance its own (MP-3)', async () => {
    const crew = new Crew(laidOut);
    await crew.start('api-server.0', 'shop.0', 'worker.0', 'worker.1', 'cache.0');
    assert.deepEqual(
      crew.instances.map(({ name, address }) => `${name} ${address?.port}`),
      ['api-server.0 9300', 'shop.0 9000', 'worker.0 9100', 'worker.1 9101', 'cache.0 9200'],
    );
  });

  it('that are taken by somebody else are a fault that names the port, and the key that moves it', async () => {
    const minPort = { file: '/w/runtimes.yaml', line: 9, column: 3, endLine: 9, endColumn: 10 };
    const crew = new Crew(laidOut.map((spec) => ({ ...spec, keys: { ...spec.keys, port: minPort } })));
    crew.world.owner = { pid: 9, command: 'nginx' };
    crew.world.openPorts.add(9101);
    crew.instance('worker.1').start(false);
    await crew.world.settle();
    assert.deepEqual([crew.faults[0]?.code, crew.instance('worker.1').stateName], ['port-taken', 'BACKOFF']);
    assert.equal(crew.faults[0]?.message.includes('9101'), true);
    assert.equal(crew.faults[0]?.hint, 'Stop nginx (pid 9), or set "minPort: 0" to let us choose free ones.');
    assert.deepEqual(crew.faults[0]?.places, [minPort]);
  });

  it('are all chosen before the first child starts where there is no layout, and all of them differ (MP-4)', async () => {
    const free = laidOut.map(({ ports: _ports, ...spec }) => spec);
    const crew = new Crew(free);
    crew.urls.set('worker', 'http://127.0.0.1:50001/');
    await crew.start('worker.0');
    const { env } = crew.world.child.plan;
    const told = [
      'BACKEND_PORT.worker.0',
      'BACKEND_PORT.worker.1',
      'BACKEND_PORT.cache.0',
      'API_PORT',
      'FRONTEND_PORT',
    ].map((name) => Number(env[name]));
    assert.equal(new Set(told).size, 5);
    assert.equal(
      told.every((port) => port > 0),
      true,
    );
    assert.deepEqual([env['PORT'], env['BACKEND_PORT.worker']], [env['BACKEND_PORT.worker.0'], '50001']);
    await crew.start('worker.1', 'cache.0', 'api-server.0', 'shop.0');
    const real = ['worker.0', 'worker.1', 'cache.0', 'api-server.0', 'shop.0'].map(
      (name) => crew.instance(name).address?.port,
    );
    assert.deepEqual(real, told);
  });

  it('are none that the layout gives to somebody else', async () => {
    // The first that the world would give.
    const crew = await new Crew([app({ port: 40_001 }), backend('worker', 1)]).start('worker.0');
    assert.equal(crew.world.child.plan.env['BACKEND_PORT.worker.0'], '40002');
  });

  it('are chosen once for all that start in the same breath', async () => {
    const crew = new Crew([app(), backend('worker', 1)]);
    for (const instance of crew.instances) instance.start(false);
    await crew.world.settle();
    const told = crew.world.children.map(({ plan }) => plan.env['BACKEND_PORT.worker.0']);
    assert.deepEqual(told, [told[0], told[0]]);
    assert.deepEqual(crew.world.children.map(({ plan }) => plan.env['PORT']).includes(told[0]), true);
  });

  it('stay what they are over a restart, and move for all when somebody else has taken one meanwhile', async () => {
    const crew = new Crew([app(), backend('worker', 1)]);
    await crew.start('worker.0');
    const before = crew.instance('worker.0').address?.port ?? 0;
    crew.world.openPorts.delete(before);
    crew.world.child.end({ code: 1 });
    await crew.world.settle();
    assert.equal(crew.world.child.plan.env['PORT'], String(before));
    crew.world.openPorts.add(before);
    crew.world.child.end({ code: 1 });
    await crew.world.pass(2000);
    const after = crew.world.child.plan.env['PORT'];
    assert.notEqual(after, String(before));
    await crew.start('shop.0');
    assert.equal(crew.world.child.plan.env['BACKEND_PORT.worker.0'], after);
  });
});
