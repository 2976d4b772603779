/** The ways that requests go behind one front door: by rules, through App Engine's layer, to scaled services. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { AppEngineSpec, FrontDoorSpec, ScalingSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Answer, Forward, Headers } from '../../src/core/outside.ts';
import { appEngineOf } from '../support/application.ts';
import { Stage } from '../support/stage.ts';
import { answerOf, forwarded, settled } from '../support/decisions.ts';

const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
const service = (name: string) => ({ kind: 'service', service: name }) as const;

async function comeUp(stage: Stage): Promise<void> {
  await stage.world.settle();
  stage.open();
  await stage.world.pass(50);
}

const host = (name: string): { headers: Headers } => ({ headers: [['Host', name]] });

describe('rules of a dispatch.yaml', () => {
  const door: FrontDoorSpec = {
    host: '127.0.0.1',
    port: 'auto',
    routes: { '/v1': 'web' },
    dispatch: [
      { url: '*/v1/users*', service: 'api', source },
      { url: 'admin.example/*', service: 'admin', source },
      { url: '*/_ah/*', service: 'api', source },
      { url: '*/ghosts*', service: 'nobody', source },
    ],
    allowedHosts: ['admin.example'],
  };

  it('come before prefixes of paths, after names of services, and leave what is reserved alone (IN-52)', async () => {
    const stage = await new Stage([{ name: 'web' }, { name: 'api' }, { name: 'admin' }], true, {
      frontDoor: door,
    }).up();
    const to = async (name: string, target: string): Promise<string> => {
      const decision = await stage.ask({ ...host(name), target });
      return decision.kind === 'forward' ? decision.service : String(answerOf(decision).status);
    };
    assert.deepEqual(
      [
        await to('localhost:1', '/v1/users/7?a'),
        await to('localhost:1', '/v1/other'),
        await to('web.localhost:1', '/v1/users'),
        await to('admin.example', '/v1/other'),
        await to('localhost:1', '/_ah/api/x'),
        await to('localhost:1', '/_ah/start'),
        await to('localhost:1', '/ghosts'),
        await to('other.example', '/v1'),
      ],
      ['api', 'web', 'web', 'admin', 'api', '404', '404', '403'],
    );
    await to('localhost:1', '/_ah/stop');
    assert.equal(stage.journal.filter((line) => line.includes('is no rule for')).length, 1);
  });
});

const appengine = appEngineOf({ module: 'default' });
const gae: Partial<ServiceSpec> = { name: 'default', profile: 'appengine', appengine };

describe('a service with the App Engine profile', () => {
  it('has the login page at the main door where rules lead to it, and comes back from there (IN-52)', async () => {
    const handlers: AppEngineSpec['handlers'] = [
      {
        ...{ url: '/admin.*', serves: { kind: 'script' }, login: 'admin', onAuthFail: 'redirect' },
        ...{ secure: 'optional', redirectCode: 302, httpHeaders: {}, source },
      },
    ];
    const frontDoor: FrontDoorSpec = {
      ...{ host: '127.0.0.1', port: 'auto', routes: {}, allowedHosts: [] },
      dispatch: [
        { url: '*/docs/*', service: 'docs', source },
        { url: '*/*', service: 'shop', source },
      ],
    };
    const shop = { ...gae, name: 'shop', appengine: { ...appengine, module: 'shop', handlers } };
    const stage = await new Stage([shop, { name: 'docs' }], true, { frontDoor }).up();
    for (const name of ['127.0.0.1:50001', 'shop.localhost:50001']) {
      const ask = (target: string, cookie?: string) =>
        stage.ask({
          headers: [['Host', name], ...(cookie === undefined ? [] : [['Cookie', cookie] as const])],
          target,
        });
      const to = (answer: Answer, header: string): string =>
        answer.headers.find(([key]) => key === header)?.[1] ?? '';
      const origin = `http://${name}`;
      const login = to(answerOf(await ask('/admin')), 'Location');
      assert.equal(login, `${origin}/_ah/login?continue=${encodeURIComponent(`${origin}/admin`)}`);
      const page = login.slice(origin.length);
      assert.match(answerOf(await ask(page)).body, /<h1>Log in<\/h1>/);
      const done = answerOf(await ask(`${page}&email=a%40b.c&admin=True&action=Login`));
      assert.equal(to(done, 'Location'), `${origin}/admin`);
      const [cookie] = to(done, 'Set-Cookie').split(';');
      assert.equal(forwarded(await ask('/admin', cookie)).service, 'shop');
    }
  });

  it('gets requests as App Engine’s, and its answers are read as a whole', async () => {
    const stage = await new Stage([gae]).up();
    const decision = forwarded(await stage.ask({ ...host('localhost:1'), target: '/a b' }, 'default'));
    const sent = new Map(decision.send?.headers.map(([name, value]) => [name.toLowerCase(), value]));
    assert.equal(decision.send?.target, '/a%20b');
    assert.match(sent.get('x-appengine-dev-request-id') ?? '', /^[A-Za-z]{10}$/);
    assert.equal(sent.get('x-appengine-server-port'), '50001');
    assert.deepEqual([typeof decision.collect?.limit, decision.ownConnection], ['number', true]);
    decision.done();
  });

  it('has a guard of its own on host names, at its own door (HP-45)', async () => {
    const stage = await new Stage([gae]).up();
    const foreign = answerOf(await stage.ask(host('evil.example'), 'default'));
    const missing = answerOf(await stage.ask({ headers: [] }, 'default'));
    assert.deepEqual(
      [foreign.status, missing.status, missing.body],
      [400, 400, 'No Host header set in request.'],
    );
    assert.equal(answerOf(await stage.ask(host('evil.example'))).status, 403);
    assert.equal((await stage.ask({ headers: [], version: '1.0' }, 'default')).kind, 'forward');
  });

  it('answers in the words of the reference when its instance has died (HP-21)', async () => {
    const stage = await new Stage([{ ...gae, restart: 'never' }]).up();
    const decision = forwarded(await stage.ask(host('localhost:1'), 'default'));
    const answer = decision.failed({ kind: 'unreachable', reason: 'connection refused', refused: true });
    stage.world.child.output.print('so long');
    stage.world.child.end({ code: 1 });
    await stage.world.pass(101);
    const { status, body, headers } = await answer;
    assert.equal(status, 500);
    assert.equal(
      body,
      `the runtime process for the instance running on port ${decision.port} has unexpectedly quit\n\nso long\n`,
    );
    assert.equal(new Map(headers).get('Server'), 'Development/2.0');
  });
});

describe('a service with basic scaling', () => {
  const scaling: ScalingSpec = { kind: 'basic', maxInstances: 3, idleMs: 60_000 };

  it('has all its instances from the beginning, asleep, and starts one for a request', async () => {
    const stage = await new Stage([{ scaling, requests: { ...usualRequests, concurrency: 1 } }]).up();
    assert.equal(stage.states, 'api.0 STOPPED, api.1 STOPPED, api.2 STOPPED');
    assert.deepEqual([stage.view('api.2').asleep, stage.service('api').scaling], [true, 'basic']);
    const request = settled(stage.ask({}, 'api'));
    await comeUp(stage);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 STOPPED, api.2 STOPPED');
    assert.equal(forwarded(request()).instance, 'api.0');
  });

  it('is started by a person with its first instance', async () => {
    const stage = await new Stage([{ scaling }]).up();
    await stage.runtime.start(service('api'));
    await comeUp(stage);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 STOPPED, api.2 STOPPED');
  });

  it('is given more instances by a new definition, asleep as the others', async () => {
    const stage = await new Stage([{ scaling }]).up();
    await stage.runtime.start(service('api'));
    await comeUp(stage);
    stage.config = stage.configOf([{ scaling: { ...scaling, maxInstances: 4 } }]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.equal(stage.states, 'api.0 RUNNING, api.1 STOPPED, api.2 STOPPED, api.3 STOPPED');
    assert.equal(stage.view('api.3').asleep, true);
  });

  it('cannot be given another number by hand', async () => {
    const stage = await new Stage([{ scaling }]).up();
    await assert.rejects(stage.runtime.scale('api', 2), /its scaling is basic/);
  });
});

describe('a service with automatic scaling', () => {
  const scaling: ScalingSpec = {
    kind: 'automatic',
    minPendingMs: 100,
    maxPendingMs: 500,
    minIdle: 1,
    maxIdle: 10,
    maxInstances: 3,
    rounding: 'down',
  };
  const auto: Partial<ServiceSpec> = { scaling, requests: { ...usualRequests, concurrency: 1 } };

  /** Two requests at once, for which there are two instances then. */
  async function grown(): Promise<Stage> {
    const stage = await new Stage([auto]).up();
    assert.equal(stage.states, 'api.0 RUNNING');
    forwarded(await stage.ask({}, 'api'));
    const second = settled(stage.ask({}, 'api'));
    await stage.world.pass(150);
    await comeUp(stage);
    assert.equal(forwarded(second()).instance, 'api.1');
    return stage;
  }

  it('grows when a request has waited for a moment, and its new instance can be seen', async () => {
    const stage = await grown();
    assert.match(stage.states, /^api\.0 RUNNING, api\.1 RUNNING/);
    assert.match(stage.view('api.1').url ?? '', /api\.1\.localhost/);
  });

  it('keeps what it has grown to over a reload, also of a file that says more of others', async () => {
    const stage = await grown();
    const before = stage.states;
    const children = stage.world.children.length;
    await stage.runtime.reload();
    stage.config = stage.configOf([auto, { name: 'web' }]);
    await stage.runtime.reload();
    assert.equal(stage.states, `${before}, web.0 STOPPED`);
    assert.equal(stage.world.children.length, children);
  });

  it('is given up whole with a stop, and begins anew with a start', async () => {
    const stage = await grown();
    const stopping = stage.runtime.stop(service('api'));
    for (let turn = 0; turn < 3; turn += 1) {
      await stage.world.pass(1001);
      for (const child of stage.world.children) if (child.signals.length > 0) child.end({ code: 0 });
    }
    await stopping;
    assert.doesNotMatch(stage.states, /RUNNING|STARTING/);
    const children = stage.world.children.length;
    assert.equal((await stage.ask({}, 'api')).kind, 'answer');
    await stage.world.pass(5000);
    assert.equal(stage.world.children.length, children);
    await stage.runtime.start(service('api'));
    await comeUp(stage);
    assert.equal((await stage.ask({}, 'api')).kind, 'forward');
  });
});

describe('a new definition', () => {
  it('with another way of scaling goes that way at once, and what runs goes on', async () => {
    const stage = await new Stage([{ instances: 2 }]).up();
    stage.config = stage.configOf([{ instances: 2, scaling: { kind: 'manual' } }]);
    await stage.runtime.reload();
    assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING');
    assert.equal(stage.world.children.length, 2);
    assert.equal((await stage.ask({}, 'api')).kind, 'forward');
    stage.config = stage.configOf([{ instances: 2 }]);
    await stage.runtime.reload();
    assert.equal((await stage.ask({}, 'api')).kind, 'forward');
    assert.equal(stage.world.children.length, 2);
  });

  it('that only treats requests otherwise restarts nothing, and holds for the next request', async () => {
    const stage = await new Stage([{ instances: 2 }]).up();
    const affinity = { ...usualRequests, affinity: 'cookie' } as const;
    stage.config = stage.configOf([{ instances: 2, requests: affinity }]);
    await stage.runtime.reload();
    assert.equal(stage.world.children.length, 2);
    const decision = forwarded(await stage.ask({}, 'api'));
    assert.equal(decision.addHeaders?.length, 1);
  });
});

describe('a backend', () => {
  const backend: Partial<ServiceSpec> = {
    name: 'worker',
    role: 'backend',
    instances: 2,
    backend: { name: 'worker', class: 'B2', public: true, dynamic: false, failFast: true, index: 1 },
  };

  it('is balanced in its own way: nothing before its start request, then first come, first served (MP-16)', async () => {
    const topology = { app: 'web', minPort: 0, source };
    const stage = await new Stage([{ name: 'web', role: 'app' }, backend], true, { topology }).up();
    assert.equal(stage.service('worker').role, 'backend');
    const ask = async (): Promise<Forward> => forwarded(await stage.ask(host('localhost:1'), 'worker'));
    await stage.world.pass(1500);
    assert.ok(stage.world.asked.some(({ head }) => head.target === '/_ah/start'));
    const first = await ask();
    const second = await ask();
    assert.deepEqual([first.instance, second.instance], ['worker.0', 'worker.1']);
    // All are busy, and this one does not wait.
    assert.equal(answerOf(await stage.ask(host('localhost:1'), 'worker')).status, 503);
    first.answered?.(200);
    first.done();
    assert.equal((await ask()).instance, 'worker.0');
  });
});
