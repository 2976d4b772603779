import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configurationsOf, resolveConfiguration } from '../../src/debug/configurations.ts';
import { instanceOf, serviceOf, snapshotOf } from '../support/runtime-double.ts';

const web = serviceOf('web', { instances: [instanceOf('web.0'), instanceOf('web.1')] });
const shop = serviceOf('shop');
const api = serviceOf('api', { runtime: 'python', debuggable: false });
const debugWeb = { type: 'runtimes', request: 'launch', name: 'Debug web', service: 'web' };
const debugShop = { type: 'runtimes', request: 'launch', name: 'Debug shop', service: 'shop' };

test('there is one configuration for each service that can be debugged, in the order of the file', () => {
  assert.deepEqual(configurationsOf(snapshotOf(shop, api, web)), [debugShop, debugWeb]);
});

test('names go through the editor’s translation', () => {
  const german = (sentence: string, ...values: (string | number)[]): string =>
    sentence.replace('Debug {0}', `${values[0]} debuggen`);
  assert.equal(configurationsOf(snapshotOf(web), german)[0]?.name, 'web debuggen');
});

test('F5 without a launch.json means the only service that can be debugged', () => {
  assert.deepEqual(resolveConfiguration({}, snapshotOf(api, web)), {
    kind: 'ready',
    configuration: debugWeb,
  });
});

test('F5 without a launch.json asks when several services can be debugged', () => {
  assert.deepEqual(resolveConfiguration({}, snapshotOf(web, shop)), {
    kind: 'pick',
    choices: [debugWeb, debugShop],
  });
});

test('F5 where nothing can be debugged says so', () => {
  const resolution = resolveConfiguration({}, snapshotOf(api));
  assert.deepEqual(resolution, {
    kind: 'nothing',
    message: 'There is no service here that can be debugged.',
  });
});

test('a configuration that names a service keeps all it says, and gets what it leaves out', () => {
  const sketch = { type: 'runtimes', service: 'web', preLaunchTask: 'build' };
  assert.deepEqual(resolveConfiguration(sketch, snapshotOf(web, shop)), {
    kind: 'ready',
    configuration: { ...debugWeb, preLaunchTask: 'build' },
  });
});

test('an instance alone names its service', () => {
  assert.deepEqual(resolveConfiguration({ instance: 'web.1', request: 'attach' }, snapshotOf(web, shop)), {
    kind: 'ready',
    configuration: {
      type: 'runtimes',
      request: 'attach',
      name: 'Debug web.1',
      service: 'web',
      instance: 'web.1',
    },
  });
});

test('a wrong name is left for the debugger to answer, which knows the right ones', () => {
  const resolution = resolveConfiguration({ service: 'wbe', name: 'Mine' }, snapshotOf(web));
  assert.deepEqual(resolution, {
    kind: 'ready',
    configuration: { type: 'runtimes', request: 'launch', name: 'Mine', service: 'wbe' },
  });
});

test('attaching without a name attaches to the only one there is', () => {
  const resolution = resolveConfiguration({ request: 'attach' }, snapshotOf(web));
  assert.deepEqual(resolution, { kind: 'ready', configuration: { ...debugWeb, request: 'attach' } });
});
