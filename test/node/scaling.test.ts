/** The three ways of scaling with real children, from the text of a config to the last end (spec section 3). */

import assert from 'node:assert/strict';
import { request as send } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import type { Config } from '../../src/config/spec.ts';
import type { InstanceView, RuntimeEvent } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { createOutside } from '../../src/node/outside.ts';
import { runtimeIn } from './runtime-support.ts';
import { folderFor, living, program, until } from './support.ts';

const command = JSON.stringify(program('remembers-its-requests.mjs'));

interface Head {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

class Site {
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[] = [];
  readonly journal: string[] = [];
  config: Config;
  readonly #read: (text: string) => Config;

  private constructor(t: TestContext, folder: string, text: string) {
    const outside = createOutside();
    this.#read = (own) => {
      const files = [{ path: join(folder, 'runtimes.yaml'), text: own }];
      const config = loadConfig({ folder, files, environment: {}, readFile: () => undefined });
      assert.deepEqual(
        config.problems.map(({ message }) => message),
        [],
      );
      return config;
    };
    this.config = this.#read(text);
    this.runtime = runtimeIn(folder, outside, () => this.config);
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

  /** A workspace with one service, `web`, whose further keys are these. */
  static async of(t: TestContext, keys: string): Promise<Site> {
    const site = new Site(t, await folderFor(t), Site.#text(keys));
    await site.runtime.start({ kind: 'all' });
    return site;
  }

  static #text(keys: string): string {
    return `services:\n  web: { command: ${command}, stopSeconds: 2, ${keys} }\n`;
  }

  async redefine(keys: string): Promise<void> {
    this.config = this.#read(Site.#text(keys));
    await this.runtime.reload();
  }

  get instances(): readonly InstanceView[] {
    return this.runtime.snapshot().services.flatMap(({ instances }) => instances);
  }

  /** `web.0 RUNNING, web.1 STOPPED`. */
  get states(): string {
    return this.instances.map(({ name, state }) => `${name} ${state}`).join(', ');
  }

  instance(name: string): InstanceView {
    return this.instances.find((each) => each.name === name) ?? assert.fail(`there is no ${name}`);
  }

  async shows(states: string): Promise<void> {
    await until(states, () => this.states === states).catch(() => assert.equal(this.states, states));
  }

  /** Through the front door, by its own name or by another one of this machine. */
  get(path = '/', name = '127.0.0.1'): Promise<{ readonly status: number; readonly body: string }> {
    const { port } = new URL(this.runtime.snapshot().frontDoor ?? assert.fail('no door is open'));
    return new Promise((resolve, reject) => {
      const headers = { host: `${name}:${port}` };
      const sent = send({ host: '127.0.0.1', port, path, headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
        response.on('error', reject);
      });
      sent.on('error', reject).end();
    });
  }

  /** Past the front door, at the instance itself. */
  async at(name: string, path: string): Promise<string> {
    return (await fetch(`http://127.0.0.1:${this.instance(name).port}${path}`)).text();
  }

  /** What an instance was asked, but for what tests ask of it themselves. */
  async asked(name: string): Promise<readonly Head[]> {
    const heads = JSON.parse(await this.at(name, '/heads')) as readonly Head[];
    return heads.filter(({ url }) => url !== '/heads' && url !== '/release');
  }
}

test('automatic scaling grows with its load, wakes for a request, and goes to sleep when idle (IN-23, IN-28)', async (t) => {
  const scaling = '{ kind: automatic, minPending: 20ms, minIdle: 0, maxInstances: 3 }';
  const site = await Site.of(t, `concurrency: 1, stopWhenIdle: 400ms, scaling: ${scaling}`);
  assert.equal(site.states, 'web.0 STOPPED');
  assert.equal(site.instance('web.0').asleep, true);

  const held = [site.get('/hold')];
  await until('web.0 to have the first', () => site.instance('web.0').state === 'RUNNING');
  held.push(site.get('/hold'), site.get('/hold'));
  await site.shows('web.0 RUNNING, web.1 RUNNING, web.2 RUNNING');
  // There may be no more than three: the next one waits until somebody is free.
  const fourth = site.get('/');
  const pids = site.instances.map(({ pid }) => pid);
  for (const { name } of site.instances)
    await until(`${name} to hold one`, async () => (await site.asked(name)).length > 0);
  await site.at('web.1', '/release');
  const { status, body } = await fourth;
  assert.equal(status, 200);
  assert.equal(body, String(site.instance('web.1').pid));
  for (const name of ['web.0', 'web.2']) await site.at(name, '/release');
  const answered = await Promise.all(held);
  assert.deepEqual(new Set(answered.map((each) => Number(each.body))), new Set(pids));

  await until('all but one to be gone, and that one asleep', () => {
    const [only] = site.instances;
    return site.instances.length === 1 && only?.state === 'STOPPED' && only.asleep === true;
  });
  assert.deepEqual(await living(pids.map(Number)), []);
  assert.equal((await site.get()).status, 200);
});

test('automatic scaling warms up what is to spare with a request of App Engine, and replaces what is killed (IN-20)', async (t) => {
  const scaling = '{ kind: automatic, minIdle: 1, maxInstances: 3 }';
  const appengine = '{ inboundServices: [warmup] }';
  const site = await Site.of(t, `profile: appengine, appengine: ${appengine}, scaling: ${scaling}`);
  await site.shows('web.0 RUNNING');
  await until('the warm-up to be over', () => site.instance('web.0').outOfService === undefined);
  const [warmup] = await site.asked('web.0');
  assert.equal(warmup?.method, 'GET');
  assert.equal(warmup.url, '/_ah/warmup');
  assert.equal(warmup.headers['x-appengine-remote-addr'], '0.1.0.3');
  assert.equal(warmup.headers['x-appengine-country'], 'ZZ');
  assert.match(site.journal.join('\n'), /web\.0: GET \/_ah\/warmup answered 200/);

  const pid = site.instance('web.0').pid ?? 0;
  process.kill(pid, 'SIGKILL');
  await until('another process', () => {
    const now = site.instances.find(({ state }) => state === 'RUNNING');
    return now !== undefined && now.pid !== pid;
  });
  assert.equal((await site.get()).status, 200);
});

test('basic scaling starts on demand, asks its instance to start and to stop, and sleeps again (IN-41, IN-44)', async (t) => {
  const scaling = '{ kind: basic, maxInstances: 2, idleTimeout: 500ms }';
  const site = await Site.of(t, `profile: appengine, concurrency: 1, scaling: ${scaling}`);
  assert.equal(site.states, 'web.0 STOPPED, web.1 STOPPED');
  const held = site.get('/hold');
  await site.shows('web.0 RUNNING, web.1 STOPPED');
  await until('it to be held', async () => (await site.asked('web.0')).length === 2);
  const [start, request] = await site.asked('web.0');
  assert.equal(start?.url, '/_ah/start');
  assert.equal(start.headers['x-appengine-remote-addr'], '0.1.0.3');
  assert.equal(start.headers['x-appengine-server-port'], String(site.instance('web.0').port));
  assert.equal(request?.url, '/hold');
  // The first one is full, so a second one is woken.
  const second = await site.get('/');
  assert.equal(second.body, String(site.instance('web.1').pid));
  await site.shows('web.0 RUNNING, web.1 STOPPED');
  assert.equal(site.instance('web.1').asleep, true);
  assert.match(site.journal.join('\n'), /web\.1: GET \/_ah\/stop answered 200/);
  await site.at('web.0', '/release');
  assert.equal((await held).status, 200);
  await site.shows('web.0 STOPPED, web.1 STOPPED');
  // Whoever names an instance wakes it alone.
  assert.equal((await site.get('/', 'web.1.localhost')).status, 200);
  await site.shows('web.0 STOPPED, web.1 RUNNING');
});

test('manual scaling survives a kill, follows its number with graceful ends, and answers 404 while stopped (IN-33, IN-37, IN-38)', async (t) => {
  const keys = (instances: number): string => `profile: appengine, instances: ${instances}, scaling: manual`;
  const site = await Site.of(t, keys(2));
  await site.shows('web.0 RUNNING, web.1 RUNNING');
  for (const name of ['web.0', 'web.1'])
    await until(`${name} to be ready`, () => site.instance(name).outOfService === undefined);
  const [start] = await site.asked('web.1');
  assert.equal(start?.url, '/_ah/start');

  const first = site.instance('web.0').pid ?? 0;
  process.kill(first, 'SIGKILL');
  await until('another process', () => {
    const { state, pid, outOfService } = site.instance('web.0');
    return state === 'RUNNING' && pid !== first && outOfService === undefined;
  });
  assert.equal((await site.get()).body, String(site.instance('web.0').pid));

  const second = site.instance('web.1').pid ?? 0;
  await site.redefine(keys(1));
  await until('the second one to be gone', async () => (await living([second])).length === 0);
  assert.equal(site.states, 'web.0 RUNNING');
  assert.match(site.journal.join('\n'), /web\.1: GET \/_ah\/stop answered 200/);

  await site.runtime.stop({ kind: 'all' });
  assert.equal(site.states, 'web.0 STOPPED');
  assert.equal((await site.get()).status, 404);
  const before = site.runtime.snapshot().frontDoor;
  await site.runtime.start({ kind: 'all' });
  await site.shows('web.0 RUNNING');
  assert.equal(site.runtime.snapshot().frontDoor, before);
  assert.equal((await site.get()).status, 200);
});

test('an instance that never answers its start ends with its stop request all the same, not half a minute later (IN-32)', async (t) => {
  const keys = 'profile: appengine, env: { HOLD: /_ah/start }';
  const site = await Site.of(t, `${keys}, scaling: { kind: basic, maxInstances: 1 }`);
  const vain = site.get();
  await site.shows('web.0 RUNNING');
  await until('it to be asked', async () => (await site.asked('web.0')).length === 1);
  const since = performance.now();
  await site.runtime.stop({ kind: 'all' });
  assert.ok(performance.now() - since < 10_000);
  await site.shows('web.0 STOPPED');
  assert.match(site.journal.join('\n'), /web\.0: GET \/_ah\/stop answered 200/);
  assert.doesNotMatch(site.journal.join('\n'), /SIGKILL/);
  assert.equal((await vain).status, 404);
});

test('a service that is no application is scaled with plain requests and its own pages', async (t) => {
  const site = await Site.of(t, 'instances: 1, scaling: manual');
  await site.shows('web.0 RUNNING');
  await until('it to be ready', () => site.instance('web.0').outOfService === undefined);
  const [start] = await site.asked('web.0');
  assert.equal(start?.url, '/_ah/start');
  assert.deepEqual(Object.keys(start.headers).toSorted(), ['connection', 'host']);
  await site.runtime.stop({ kind: 'all' });
  const { status, body } = await site.get();
  assert.equal(status, 503);
  assert.match(body, /web/);
});

test('a background thread runs beside the requests of its instance, up to the limit, and its end makes room (IN-4, IN-53)', async (t) => {
  const keys = (threads: number): string =>
    `profile: appengine, concurrency: 1, scaling: manual, env: { HOLD: /_ah/background }, appengine: { backgroundThreads: ${threads} }`;
  const site = await Site.of(t, keys(1));
  await site.shows('web.0 RUNNING');
  await until('it to be ready', () => site.instance('web.0').outOfService === undefined);
  const { id } = await site.runtime.background('web.0');
  assert.match(id, /^[0-9a-f]{32}$/);
  const threads = async (): Promise<readonly Head[]> =>
    (await site.asked('web.0')).filter(({ url }) => url === '/_ah/background');
  await until('it to be told', async () => (await threads()).length === 1);
  const [told] = await threads();
  assert.equal(told?.method, 'GET');
  assert.equal(told.headers['x-appengine-backgroundrequest'], id);
  assert.equal(told.headers['x-appengine-dev-request-type'], 'background');
  assert.equal(told.headers['x-appengine-remote-addr'], '0.1.0.3');

  // The only place there is for requests is free all the same.
  for (let at = 0; at < 3; at += 1)
    assert.deepEqual(await site.get(), { status: 200, body: String(site.instance('web.0').pid) });
  await assert.rejects(site.runtime.background('web.0'), {
    message:
      'web.0 begins no background thread: Instance has no additional background thread capacity (limit reached: "backgroundThreads" is 1).',
  });
  assert.equal((await threads()).length, 1);
  assert.doesNotMatch(site.journal.join('\n'), /_ah\/background/);

  await site.at('web.0', '/release');
  await until('its end to be told', () =>
    /web\.0: GET \/_ah\/background answered 200/.test(site.journal.join('\n')),
  );
  assert.notEqual((await site.runtime.background('web.0')).id, id);
  await until('another one', async () => (await threads()).length === 2);
  await site.at('web.0', '/release');

  await site.runtime.stop({ kind: 'all' });
  await assert.rejects(site.runtime.background('web.0'), {
    message: 'web.0 begins no background thread: Instance has been quit.',
  });
});
