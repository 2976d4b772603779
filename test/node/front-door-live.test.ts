/** The front door with real children behind it, which are killed, restarted and stopped while requests are under way. */

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { Agent, request as send } from 'node:http';
import test, { type TestContext } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { Config, RequestSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { InstanceView } from '../../src/core/model.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { createOutside } from '../../src/node/outside.ts';
import { specOf } from '../support/spec.ts';
import { runtimeIn } from './runtime-support.ts';
import { folderFor, program, until } from './support.ts';

type Part = Omit<Partial<ServiceSpec>, 'requests'> & { readonly requests?: Partial<RequestSpec> };

interface Answered {
  readonly id: string;
  readonly status: number;
  readonly body: string;
  readonly cookie: string | undefined;
}

/** A running workspace of real children, all gone when the test ends. */
class Site {
  readonly runtime: Runtime;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 64 });
  /** The last identifier given to a request. */
  #id = 0;

  private constructor(t: TestContext, folder: string, services: readonly Part[]) {
    const outside = createOutside();
    const config: Config = {
      files: [],
      services: services.map(({ requests, ...part }) =>
        specOf({
          command: program('answers-requests.mjs'),
          cwd: folder,
          ready: { tcp: true, intervalMs: 20, timeoutMs: 1000, failures: 3 },
          ...part,
          requests: { ...usualRequests, ...requests },
        }),
      ),
      frontDoor: { host: '127.0.0.1', port: 'auto', routes: {}, dispatch: [], allowedHosts: [] },
      problems: [],
    };
    this.runtime = runtimeIn(folder, outside, () => config);
    t.after(async () => {
      this.#agent.destroy();
      await this.runtime.shutdown(500);
      await outside.close();
    });
  }

  static async up(t: TestContext, ...services: readonly Part[]): Promise<Site> {
    const site = new Site(t, await folderFor(t), services);
    await site.runtime.start({ kind: 'all' });
    return site;
  }

  get instances(): readonly InstanceView[] {
    return this.runtime.snapshot().services.flatMap(({ instances }) => instances);
  }

  instance(name: string): InstanceView {
    return this.instances.find((each) => each.name === name) ?? assert.fail(`there is no ${name}`);
  }

  async running(...names: readonly string[]): Promise<void> {
    await until(`${names.join()} RUNNING`, () =>
      names.every((name) => this.instance(name).state === 'RUNNING'),
    );
  }

  /** One request; a status of 0 stands for a connection that broke. */
  get(path: string, headers: Readonly<Record<string, string>> = {}, method = 'GET'): Promise<Answered> {
    this.#id += 1;
    const id = String(this.#id);
    const url = new URL(path, this.runtime.snapshot().frontDoor);
    return new Promise((resolve) => {
      const broken = (error: Error): void =>
        resolve({ id, status: 0, body: error.message, cookie: undefined });
      const upstream = send(url, { method, agent: this.#agent, headers: { 'x-id': id, ...headers } });
      upstream.on('error', broken);
      upstream.on('response', (response) => {
        let body = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (body += piece));
        response.on('error', broken);
        response.on('end', () =>
          resolve({
            id,
            status: response.statusCode ?? 0,
            body,
            cookie: response.headers['set-cookie']?.[0],
          }),
        );
      });
      upstream.end();
    });
  }

  /** Requests without a pause, so many at once, until `stop` is called, which gives all answers. */
  load(atOnce: number, path = '/'): { readonly stop: () => Promise<readonly Answered[]>; count(): number } {
    const answers: Answered[] = [];
    const until = { stopped: false };
    const clients = Array.from({ length: atOnce }, async () => {
      while (!until.stopped) answers.push(await this.get(path));
    });
    return {
      count: () => answers.length,
      stop: async () => {
        until.stopped = true;
        await Promise.all(clients);
        return answers;
      },
    };
  }

  /** What each of the instances has said that it got. */
  async got(name: string): Promise<ReadonlySet<string>> {
    // There is no file before the first line.
    const text = await readFile(this.instance(name).logFile ?? '', 'utf8').catch(() => '');
    const lines = text.matchAll(/^got (\d+)$/gmu);
    return new Set([...lines].map(([, id]) => id ?? ''));
  }
}

const options = { timeout: 60_000 };

test(
  'an instance that is killed under load takes no request with it that it had not got',
  options,
  async (t) => {
    const site = await Site.up(t, { name: 'web', instances: 3 });
    await site.running('web.0', 'web.1', 'web.2');
    // A request on a connection that is made just then may have been read or not; nobody can know. So all are made before.
    await Promise.all(Array.from({ length: 24 }, () => site.get('/slow?ms=300')));
    const load = site.load(8);
    await until('the load is under way', () => load.count() > 300);
    const before = load.count();
    const { pid } = site.instance('web.1');
    process.kill(pid ?? 0, 'SIGKILL');
    await until('it lives again', () => {
      const { state, pid: now } = site.instance('web.1');
      return state === 'RUNNING' && now !== pid && load.count() > before + 600;
    });
    const answers = await load.stop();
    const lost = answers.filter(({ status }) => status !== 200);
    const got = await site.got('web.1');
    // What a child had got may have done its work, so nobody else is asked. All that is told of the others is their end.
    assert.deepEqual(
      lost.filter(({ id }) => !got.has(id)).map(({ id, status, body }) => [id, status, body.slice(0, 200)]),
      [],
    );
    // As many at most as it can have had at once.
    assert.ok(lost.length <= 8, `${lost.length} of ${answers.length}`);
  },
);

test('instances restarted one after the other under load lose no request', options, async (t) => {
  const site = await Site.up(t, { name: 'web', instances: 3, requests: { drainMs: 5000 } });
  await site.running('web.0', 'web.1', 'web.2');
  const load = site.load(8, '/slow?ms=5');
  await until('the load is under way', () => load.count() > 100);
  for (const name of ['web.0', 'web.1', 'web.2']) {
    const { pid } = site.instance(name);
    await site.runtime.restart({ kind: 'instance', instance: name });
    await until(`${name} lives again`, () => {
      const { state, pid: now } = site.instance(name);
      return state === 'RUNNING' && now !== pid;
    });
  }
  const before = load.count();
  await until('the last one has its share', () => load.count() > before + 100);
  const answers = await load.stop();
  assert.deepEqual(
    answers.filter(({ status }) => status !== 200),
    [],
  );
  const pids = new Set(answers.slice(-50).map(({ body }) => Number(body.split(' ')[0])));
  assert.deepEqual(pids, new Set(['web.0', 'web.1', 'web.2'].map((name) => site.instance(name).pid)));
});

test(
  'a slow request is finished before its instance is stopped, and no longer than it may',
  options,
  async (t) => {
    const site = await Site.up(t, { name: 'web', requests: { drainMs: 3000 } });
    await site.running('web.0');
    const slow = site.get('/slow?ms=700');
    await until('the child has it', async () => (await site.got('web.0')).size === 1);
    const stopped = site.runtime.stop({ kind: 'all' });
    await until('it says that it still has a request', () => site.instance('web.0').draining === 1);
    assert.equal((await site.get('/')).status, 503);
    assert.equal((await slow).status, 200);
    await stopped;
    assert.equal(site.instance('web.0').state, 'STOPPED');

    await site.runtime.start({ kind: 'all' });
    await site.running('web.0');
    const endless = site.get('/slow?ms=60000');
    await until('the child has it', async () => (await site.got('web.0')).size === 2);
    const since = performance.now();
    await site.runtime.stop({ kind: 'all' });
    const took = performance.now() - since;
    assert.ok(took >= 2900 && took < 10_000, `${took} ms`);
    assert.equal((await endless).status, 503);
  },
);

test('a client with a cookie keeps its instance, and gets another when that is gone', options, async (t) => {
  const site = await Site.up(t, { name: 'web', instances: 3, requests: { affinity: 'cookie' } });
  await site.running('web.0', 'web.1', 'web.2');
  const first = await site.get('/');
  const cookie = first.cookie?.split(';')[0] ?? assert.fail('there is no cookie');
  const [pid] = first.body.split(' ');
  for (let turn = 0; turn < 5; turn += 1) {
    const next = await site.get('/', { cookie });
    assert.deepEqual([next.body.split(' ')[0], next.cookie], [pid, undefined]);
  }
  const { name } = site.instances.find((each) => each.pid === Number(pid)) ?? assert.fail();
  await site.runtime.stop({ kind: 'instance', instance: name });
  const other = await site.get('/', { cookie });
  assert.equal(other.status, 200);
  assert.notEqual(other.cookie?.split(';')[0], cookie);
});

test('one instance is reached by its name, and sleepers wake for a request', options, async (t) => {
  const site = await Site.up(
    t,
    { name: 'web', instances: 2 },
    { name: 'lazy', requests: { startOnRequest: true, idleMs: 300 } },
  );
  await site.running('web.0', 'web.1');
  const named = async (host: string): Promise<Answered> => site.get('/', { host });
  for (const index of [1, 0, 1]) {
    const { body } = await named(`web.${index}.localhost`);
    assert.equal(Number(body.split(' ')[0]), site.instance(`web.${index}`).pid);
  }
  assert.equal((await named('web.7.localhost')).status, 404);
  assert.deepEqual([site.instance('lazy.0').state, site.instance('lazy.0').asleep], ['STOPPED', true]);
  assert.equal((await named('lazy.localhost')).status, 200);
  await until('it sleeps again', () => site.instance('lazy.0').asleep === true);
  assert.equal((await named('lazy.localhost')).status, 200);
});
