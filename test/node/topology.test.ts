/** An application with backends whose processes are real, from the text of its config to its last end (spec section 5). */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/spec.ts';
import type { RuntimeEvent } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { createOutside } from '../../src/node/outside.ts';
import { runtimeIn } from './runtime-support.ts';
import { env, folderFor, living, program, until } from './support.ts';

const all = { kind: 'all' } as const;
const command = JSON.stringify(program('serves-as-a-backend.mjs'));

/** An app with an API server and backends; ports are the system's choice. */
const shop = (backends: string, more: { api?: string; app?: string } = {}): string => `
api: { command: ${command}${more.api ?? ''} }
services:
  shop: { command: ${command}, stopSeconds: 2${more.app ?? ''} }
backends:
  minPort: 0
  list: ${backends}
`;

class Town {
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[] = [];
  readonly journal: string[] = [];

  private constructor(t: TestContext, folder: string, config: Config) {
    const outside = createOutside();
    this.runtime = runtimeIn(folder, outside, () => config, { ...env, BACKEND_ID: 'misleading' });
    this.runtime.subscribe((message) => {
      if (message.kind === 'event') this.events.push(message.event);
    });
    this.runtime.journal.onLine((line) => this.journal.push(line.slice(24).trimEnd()));
    t.after(async () => {
      this.runtime.killAll();
      await this.runtime.shutdown(500);
      await outside.close();
    });
  }

  static async of(t: TestContext, text: string, change = (config: Config): Config => config): Promise<Town> {
    const folder = await folderFor(t);
    const files = [{ path: join(folder, 'runtimes.yaml'), text }];
    const config = loadConfig({ folder, files, environment: {}, readFile: () => undefined });
    assert.deepEqual(
      config.problems.map(({ message }) => message),
      [],
    );
    return new Town(t, folder, change(config));
  }

  async up(): Promise<this> {
    await this.runtime.start(all);
    await until('the setup to be complete', () => this.said('Multiprocess Setup Complete:').length > 0);
    return this;
  }

  said(part: string): readonly string[] {
    return this.journal.filter((line) => line.includes(part));
  }

  state(instance: string): string | undefined {
    return this.#instance(instance)?.state;
  }

  #instance(name: string) {
    return this.runtime
      .snapshot()
      .services.flatMap(({ instances }) => instances)
      .find((each) => each.name === name);
  }

  pid(instance: string): number {
    return this.#instance(instance)?.pid ?? assert.fail(`${instance} does not run`);
  }

  /** The address of a service's own door, or of an instance itself. */
  url(name: string, path = ''): string {
    const service = this.runtime.snapshot().services.find((each) => each.name === name)?.url;
    const port = this.#instance(name)?.port;
    const at = service ?? (port === undefined ? undefined : `http://localhost:${port}/`);
    return `${at?.replace(/\/$/, '') ?? assert.fail(`${name} is nowhere`)}${path}`;
  }

  /** The moves of all instances in their order. */
  get moves(): readonly string[] {
    return this.events.flatMap((event) => (event.event === 'state' ? [`${event.instance} ${event.to}`] : []));
  }

  async environmentOf(instance: string): Promise<Readonly<Record<string, string>>> {
    return (await (await fetch(this.url(instance, '/env'))).json()) as Record<string, string>;
  }

  /** All instances of a backend have answered their start requests. */
  async isServing(backend: string): Promise<void> {
    await until(`${backend} to have been started`, () =>
      this.runtime
        .snapshot()
        .services.find(({ name }) => name === backend)
        ?.instances.every(({ state, outOfService }) => state === 'RUNNING' && outOfService === undefined),
    );
  }
}

test('an application with backends starts behind its API server, and each child knows where all others are (MP-4, MP-5, MP-7, MP-11, MP-23)', async (t) => {
  const town = await Town.of(t, shop('[{ name: worker, instances: 2 }, { name: cache }]'));
  await town.up();
  const { moves } = town;
  const served = moves.indexOf('api-server.0 RUNNING');
  assert.equal(served >= 0, true);
  for (const name of ['shop.0', 'worker.0', 'worker.1', 'cache.0'])
    assert.equal(moves.indexOf(`${name} STARTING`) > served, true, name);

  const portOf = (name: string): string => new URL(town.url(name)).port;
  const ports = {
    'BACKEND_PORT.worker': portOf('worker'),
    'BACKEND_PORT.worker.0': portOf('worker.0'),
    'BACKEND_PORT.worker.1': portOf('worker.1'),
    'BACKEND_PORT.cache': portOf('cache'),
    'BACKEND_PORT.cache.0': portOf('cache.0'),
  };
  const api = { API_HOST: 'localhost', API_PORT: portOf('api-server.0') };
  assert.equal(new Set([...Object.values(ports), api.API_PORT, portOf('shop.0')]).size, 7);
  for (const name of ['shop.0', 'worker.0', 'worker.1', 'cache.0']) {
    const told = await town.environmentOf(name);
    for (const [key, port] of Object.entries({ ...ports, ...api }))
      assert.equal(told[key], port, `${name} ${key}`);
    const isBackend = name !== 'shop.0';
    const [id, index] = name.split('.');
    assert.deepEqual(
      [told['BACKEND_ID'], told['INSTANCE_ID'], told['FRONTEND_PORT']],
      isBackend ? [id, index, portOf('shop.0')] : [undefined, undefined, undefined],
      name,
    );
  }
  const [complete] = town.said('Multiprocess Setup Complete:');
  assert.equal(complete, 'INFO [Master] Multiprocess Setup Complete:');
  assert.equal(
    town.said(`Backend Instance: worker.1 [http://localhost:${ports['BACKEND_PORT.worker.1']}]`).length,
    1,
  );
});

test('without backends nothing of that is there (MP-1)', async (t) => {
  const town = await Town.of(t, `services: { shop: { command: ${command} } }`);
  await town.runtime.start(all);
  await until('shop to run', () => town.state('shop.0') === 'RUNNING');
  const told = await town.environmentOf('shop.0');
  assert.deepEqual(
    Object.keys(told).filter((key) => key.startsWith('BACKEND_PORT') || key.startsWith('API_')),
    [],
  );
  assert.equal(told['BACKEND_ID'], 'misleading');
  assert.deepEqual(town.said('['), []);
});

test('a backend answers 403 until its start request was answered well, and the request is repeated until then (MP-12, MP-14)', async (t) => {
  const town = await Town.of(t, shop('[{ name: worker }]', { app: ', env: { START: "500,302,404" }' }));
  await town.up();
  const early = await fetch(town.url('worker', '/'));
  assert.deepEqual([early.status, early.statusText], [403, 'Waiting for start request to finish.']);
  await town.isServing('worker');
  // The application itself is behind no such gate, and is asked for nothing.
  assert.equal((await fetch(town.url('shop', '/'))).status, 200);
  const { lines } = await town.runtime.follow('worker.0', 100);
  assert.equal(lines.filter(({ text }) => text === 'GET /_ah/start').length, 3);
});

test('a balancer tries its instances from the first, and all busy is 503 (MP-16, MP-19, MP-20)', async (t) => {
  const town = await Town.of(t, shop('[{ name: worker, instances: 2, options: failfast }]'));
  await town.up();
  await town.isServing('worker');
  const who = async (): Promise<string | null> => (await fetch(town.url('worker', '/'))).headers.get('x-who');
  assert.deepEqual([await who(), await who()], ['worker.0', 'worker.0']);
  const holds: Promise<Response>[] = [];
  for (const instance of ['worker.0', 'worker.1']) {
    holds.push(fetch(town.url('worker', '/hold')));
    await until(`${instance} to hold`, async () =>
      (await town.runtime.follow(instance, 100)).lines.some(({ text }) => text === 'GET /hold'),
    );
  }
  const busy = await fetch(town.url('worker', '/'));
  assert.deepEqual([busy.status, busy.statusText, await busy.text()], [503, 'Busy', 'Busy']);
  for (const instance of ['worker.0', 'worker.1']) await fetch(town.url(instance, '/release'));
  assert.deepEqual(await Promise.all(holds.map(async (each) => (await each).text())), [
    'released',
    'released',
  ]);
  assert.equal(await who(), 'worker.0');
});

test('an answer with 503 sends a request on with its body and headers, and the next answer comes as it is (MP-19, MP-21)', async (t) => {
  const town = await Town.of(t, shop('[{ name: worker, instances: 2 }]'));
  await town.up();
  await town.isServing('worker');
  const passed = await fetch(town.url('worker', '/503'), {
    method: 'POST',
    body: 'a body',
    headers: { 'X-Mark': 'marked' },
  });
  assert.equal(await passed.text(), 'worker.1 POST marked a body');
  assert.equal(passed.headers.get('x-odd-case'), 'kept  as it is');
  const wrong = await fetch(town.url('worker', '/garbage'));
  assert.equal(wrong.status, 500);
  assert.notEqual(await wrong.text(), '');
  assert.equal((await fetch(town.url('worker', '/'))).headers.get('x-who'), 'worker.0');
});

test('an instance that cannot be reached is passed over (MP-22)', async (t) => {
  const town = await Town.of(t, shop('[{ name: worker, instances: 2 }]'));
  await town.up();
  await town.isServing('worker');
  const answered = async (): Promise<string | null> =>
    (await fetch(town.url('worker', '/'), { method: 'POST', body: 'x' })).headers.get('x-who');
  assert.equal(await answered(), 'worker.0');
  await fetch(town.url('worker.0', '/deaf')).catch(() => undefined);
  await until('worker.0 to listen no more', () =>
    fetch(town.url('worker.0', '/')).then(
      () => false,
      () => true,
    ),
  );
  assert.equal(await answered(), 'worker.1');
  process.kill(town.pid('worker.0'), 'SIGKILL');
  await until('the next life of worker.0', async () => (await answered()) === 'worker.0');
});

test('an instance that does not fail fast has its requests one after the other (MP-17)', async (t) => {
  const town = await Town.of(t, shop('[{ name: worker }]'));
  await town.up();
  await town.isServing('worker');
  const held = fetch(town.url('worker', '/hold'));
  await until('the request to be held', async () =>
    (await town.runtime.follow('worker.0', 100)).lines.some(({ text }) => text === 'GET /hold'),
  );
  const order: string[] = [];
  const next = fetch(town.url('worker', '/next')).then(() => order.push('next'));
  await until('the next one to wait', () =>
    town.runtime.snapshot().services.some(({ name, queue }) => name === 'worker' && queue === 1),
  );
  order.push('release');
  await fetch(town.url('worker.0', '/release'));
  await Promise.all([held, next]);
  assert.deepEqual(order, ['release', 'next']);
});

test('at the end the API server is the last, and is asked to quit (MP-24, MP-25)', async (t) => {
  const town = await Town.of(t, shop('[{ name: worker }]'));
  await town.up();
  const pids = ['api-server.0', 'shop.0', 'worker.0'].map((name) => town.pid(name));
  await town.runtime.stopInOrder();
  assert.deepEqual(await living(pids), []);
  const { moves } = town;
  for (const name of ['shop.0', 'worker.0'])
    assert.equal(moves.indexOf(`${name} STOPPED`) < moves.indexOf('api-server.0 STOPPING'), true, name);
  const { lines } = await town.runtime.follow('api-server.0', 10);
  assert.equal(lines.at(-1)?.text, 'GET /quit');
  assert.deepEqual(town.said('did not quit'), []);
  const exit = town.events.findLast(
    (event) => event.event === 'state' && event.instance === 'api-server.0' && event.to === 'STOPPED',
  );
  assert.equal(exit?.event === 'state' && exit.exit?.code, 0);
});

test('an API server that does not quit is killed, with a warning (MP-25)', async (t) => {
  const hurried = (config: Config): Config => ({
    ...config,
    services: config.services.map((spec) =>
      spec.stopRequest === undefined
        ? spec
        : { ...spec, stopRequest: { ...spec.stopRequest, withinMs: 200 } },
    ),
  });
  const town = await Town.of(t, shop('[{ name: worker }]', { api: ', env: { STAYS: "1" }' }), hurried);
  await town.up();
  const pid = town.pid('api-server.0');
  await town.runtime.stopInOrder();
  assert.deepEqual(await living([pid]), []);
  assert.deepEqual(town.said('did not quit'), ['WARN api_server did not quit cleanly, killing']);
});

test('an API server that ends before it serves keeps all others from starting, with a fault that names it (MP-9)', async (t) => {
  const api = JSON.stringify(program('exits-with.mjs', '3'));
  const text = shop('[{ name: worker }]').replace(command, api);
  const town = await Town.of(t, text);
  await town.runtime.start(all);
  await until('the API server to be given up', () => town.state('api-server.0') === 'FATAL');
  const faults = await until('the others to say why', () => {
    const said = town.events.flatMap((event) => (event.event === 'fault' ? [event] : []));
    return said.some(({ service }) => service === 'worker') ? said : undefined;
  });
  assert.deepEqual([town.state('shop.0'), town.state('worker.0')], ['STOPPED', 'STOPPED']);
  const ofShop = faults.find(({ service }) => service === 'shop');
  assert.deepEqual([ofShop?.code, ofShop?.message.includes('api-server')], ['dependency-failed', true]);
  assert.deepEqual(town.said('Setup Complete'), []);
});
