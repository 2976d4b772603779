import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ProcessSpec, ProgramSpec, ServiceSpec, SocketSpec } from '../../src/config/spec.ts';
import type { Answer, Decision } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';
import { settled } from '../support/decisions.ts';

const refused = { kind: 'unreachable', reason: 'connection refused', refused: true } as const;

const all = { kind: 'all' } as const;

function answerOf(decision: Decision | undefined): Answer {
  if (decision?.kind !== 'answer') throw new Error('It was not answered.');
  return decision.answer;
}

function forwarded(decision: Decision): Extract<Decision, { kind: 'forward' }> {
  if (decision.kind !== 'forward') throw new Error(`It was not forwarded: ${JSON.stringify(decision)}`);
  return decision;
}

/** What a `[fcgi-program:php]` section comes down to. */
function fcgiProgram(count: number, socket: SocketSpec): ProgramSpec {
  const stream = { log: { kind: 'none' }, captureBytes: 0, events: false } as const;
  const process = (index: number): ProcessSpec => ({
    name: `php_${index}`,
    command: ['php-cgi'],
    cwd: '/w',
    env: {},
    stdout: stream,
    stderr: stream,
  });
  return {
    kind: 'fcgi-program',
    processes: [process(0), ...Array.from({ length: count - 1 }, (_, index) => process(index + 1))],
    group: 'php',
    groupPriority: 999,
    stopAsGroup: false,
    killAsGroup: false,
    redirectStderr: false,
    stripAnsi: false,
    socket,
  };
}

describe('a request for a service', () => {
  it('goes to its instances in turn', async () => {
    const stage = await new Stage([{ instances: 2 }]).up();
    const names: string[] = [];
    for (let turn = 0; turn < 3; turn += 1) names.push(forwarded(await stage.ask({}, 'api')).instance);
    assert.deepEqual(names, ['api.0', 'api.1', 'api.0']);
  });

  it('never goes to an instance that is not RUNNING', async () => {
    const stage = await new Stage([{ instances: 2 }]).up();
    const stopping = stage.runtime.stop({ kind: 'instance', instance: 'api.0' });
    for (let turn = 0; turn < 3; turn += 1) {
      assert.equal(forwarded(await stage.ask({}, 'api')).instance, 'api.1');
    }
    stage.world.children[0]?.end({ code: 0 });
    await stopping;
  });

  it('that is starting waits a while for it', async () => {
    const stage = new Stage([{}]);
    await stage.runtime.start(all);
    await stage.world.settle();
    const decision = settled(stage.ask({}, 'api'));
    await stage.world.pass(1000);
    assert.equal(decision(), undefined);
    stage.open();
    await stage.world.pass(20);
    assert.equal(decision()?.kind, 'forward');
  });

  it('that starts for longer is answered with its state', async () => {
    const stage = new Stage([{}]);
    await stage.runtime.start(all);
    await stage.world.settle();
    const decision = settled(stage.ask({}, 'api'));
    await stage.world.pass(1501);
    assert.equal(answerOf(decision()).status, 503);
    assert.match(answerOf(decision()).body, /STARTING/);
  });

  it('whose start waits for another service is told what for', async () => {
    const stage = new Stage([{ name: 'db' }, { name: 'api', dependsOn: { db: 'ready' } }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    const decision = settled(stage.ask({}, 'api'));
    await stage.world.pass(1501);
    assert.equal(answerOf(decision()).status, 503);
    assert.match(answerOf(decision()).body, /^api is waiting for db \(STARTING\) \(STOPPED\)\./);
  });

  it('with a bad port is answered with the sentence whatever it holds, and no connection is opened (RP-42)', async () => {
    const stage = new Stage([{ handshake: 'stdout', profile: 'appengine' }]);
    await stage.runtime.start(all);
    await stage.world.settle();
    stage.world.child.output.tellPort('hello 30001');
    await stage.world.pass(101);
    const looks = stage.world.looks.length;
    const empty = { method: '', target: '', headers: [] };
    for (let turn = 0; turn < 2; turn += 1) {
      const { status, body } = answerOf(await stage.ask(empty, 'api'));
      assert.deepEqual([status, body], [500, `bad runtime process port ['hello 30001']`]);
    }
    assert.equal(stage.world.looks.length, looks);
  });
});

describe('a request that failed on its way to an instance', () => {
  it('is answered after a pause for the last words, with them (RP-36)', async () => {
    const stage = await new Stage([{ profile: 'appengine', restart: 'never' }]).up();
    const decision = forwarded(await stage.ask({}, 'api'));
    const answer = settled(decision.failed(refused));
    stage.world.child.end({ code: 1 });
    await stage.world.pass(99);
    assert.equal(answer(), undefined);
    stage.world.child.output.print('so long');
    await stage.world.pass(2);
    assert.equal(
      answer()?.body,
      `the runtime process for the instance running on port ${decision.port} has unexpectedly quit\n\nso long\n`,
    );
  });

  it('shows what it printed to stdout where nothing came on stderr, but not in the reference form', async () => {
    for (const profile of ['plain', 'appengine'] as const) {
      const stage = await new Stage([{ profile, restart: 'never' }]).up();
      const decision = forwarded(await stage.ask({}, 'api'));
      const answer = settled(decision.failed(refused));
      stage.world.child.output.print('so long', 'stdout');
      stage.world.child.end({ code: 1 });
      await stage.world.pass(101);
      const body = answer()?.body ?? '';
      if (profile === 'plain') assert.match(body, /Last words of api\.0 on stdout:\nso long\n$/);
      else assert.match(body, /has unexpectedly quit$/);
    }
  });

  it('is the living child’s failure when it lives, and the next request is tried again (RP-43)', async () => {
    const stage = await new Stage([{ profile: 'appengine' }]).up();
    const decision = forwarded(await stage.ask({}, 'api'));
    const answer = decision.failed(refused);
    await stage.world.pass(101);
    assert.equal((await answer).body, `cannot connect to runtime on port ${decision.port}`);
    assert.equal((await stage.ask({}, 'api')).kind, 'forward');
  });

  it('is the dead child’s failure even when another one listens there by now', async () => {
    const stage = await new Stage([{ profile: 'appengine' }]).up();
    const decision = forwarded(await stage.ask({}, 'api'));
    stage.world.child.end({ code: 1 });
    const answer = decision.failed(refused);
    await stage.world.pass(101);
    assert.equal(stage.view().state, 'RUNNING');
    assert.match((await answer).body, /has unexpectedly quit/);
  });
});

describe('a request whose connection was refused', () => {
  it('goes to each other instance, once, and those before are free again', async () => {
    const stage = await new Stage([{ instances: 3, balance: 'least-busy' }]).up();
    const first = forwarded(await stage.ask({}, 'api'));
    const second = first.elsewhere?.();
    first.done();
    const third = second?.elsewhere?.();
    second?.done();
    assert.deepEqual(
      [first.instance, second?.instance, third?.instance, third?.elsewhere?.()],
      ['api.0', 'api.1', 'api.2', undefined],
    );
    assert.equal(forwarded(await stage.ask({}, 'api')).instance, 'api.0');
    third?.done();
    assert.equal(forwarded(await stage.ask({}, 'api')).instance, 'api.1');
    assert.equal(forwarded(await stage.ask({}, 'api')).instance, 'api.2');
  });

  it('has nowhere else to go when the others do not run', async () => {
    const stage = await new Stage([{ instances: 2 }]).up();
    const decision = forwarded(await stage.ask({}, 'api'));
    const stopping = stage.runtime.stop({ kind: 'instance', instance: 'api.1' });
    assert.equal(decision.elsewhere?.(), undefined);
    stage.world.children[1]?.end({ code: 0 });
    await stopping;
  });
});

describe('an instance that is not healthy', () => {
  it('gets a request only when no other one is left', async () => {
    const health = { tcp: true, intervalMs: 1000, timeoutMs: 100, failures: 1 } as const;
    const stage = await new Stage([{ instances: 3, restart: 'never', health }]).up();
    const ports = stage.world.children.map(({ plan }) => Number(plan.env['PORT']));
    const asked = async () => {
      const names: string[] = [];
      for (let turn = 0; turn < 3; turn += 1) names.push(forwarded(await stage.ask({}, 'api')).instance);
      return names.toSorted();
    };
    await stage.world.pass(1500);
    assert.deepEqual(await asked(), ['api.0', 'api.1', 'api.2']);
    stage.world.openPorts.delete(ports[1] ?? 0);
    await stage.world.pass(2000);
    assert.deepEqual([stage.view('api.1').state, stage.view('api.1').health], ['RUNNING', 'unhealthy']);
    assert.deepEqual(new Set(await asked()), new Set(['api.0', 'api.2']));
    for (const port of ports) stage.world.openPorts.delete(port);
    await stage.world.pass(2000);
    assert.deepEqual(await asked(), ['api.0', 'api.1', 'api.2']);
  });
});

describe('a service with a shared socket', () => {
  const socket = {
    url: 'unix:///run/php.sock',
    at: { kind: 'unix', path: '/run/php.sock', mode: 0o700 },
  } as const;
  const service: Partial<ServiceSpec> = {
    name: 'php',
    command: ['php-cgi'],
    handshake: 'none',
    instances: 2,
    program: fcgiProgram(2, socket),
  };

  async function up(): Promise<Stage> {
    const stage = new Stage([service, { name: 'web' }]);
    stage.world.texts.set('/w/index.php', '');
    return stage.up();
  }

  it('has an address of its own and a place on the common one, and is asked over FastCGI', async () => {
    const stage = await up();
    const byName = forwarded(await stage.ask({ headers: [['Host', 'php.localhost']], target: '/users?a=1' }));
    const { fastcgi } = forwarded(await stage.ask({ target: '/users?a=1' }, 'php'));
    for (const each of [fastcgi, byName.fastcgi]) {
      assert.deepEqual(each?.at, socket.at);
      const params = Object.fromEntries(each?.params ?? []);
      assert.deepEqual(
        [params['SCRIPT_FILENAME'], params['PATH_INFO'], params['QUERY_STRING']],
        ['/w/index.php', '/users', 'a=1'],
      );
    }
    assert.equal(Object.fromEntries(fastcgi?.params ?? [])['SERVER_PORT'], '50001');
  });

  it('answers as long as one of its instances is RUNNING, and with the usual page when none is', async () => {
    const stage = await up();
    for (const instance of ['php.0', 'php.1']) {
      assert.equal((await stage.ask({}, 'php')).kind, 'forward');
      const stopping = stage.runtime.stop({ kind: 'instance', instance });
      await stage.world.settle();
      for (const child of stage.world.children) if (child.signals.length > 0) child.end({ code: 0 });
      await stopping;
    }
    const answer = answerOf(await stage.ask({}, 'php'));
    assert.equal(answer.status, 503);
    assert.match(answer.body, /^php is stopped \(STOPPED/);
  });

  it('is up for our page once one instance runs', async () => {
    const stage = await up();
    const poll = answerOf(await stage.ask({ headers: [['X-Local-Runtimes-Poll', '1']] }, 'php'));
    assert.equal(poll.status, 204);
  });

  it('and a bad answer is 502, with what was said about the request and nobody blamed by name', async () => {
    const stage = await up();
    const decision = forwarded(await stage.ask({}, 'php'));
    decision.fastcgi?.said('PHP message: oops');
    const answer = decision.failed({ kind: 'bad-response', reason: 'its answer has no header' });
    await stage.world.pass(101);
    const { status, body } = await answer;
    assert.equal(status, 502);
    assert.match(body, /^php gave a bad HTTP response: its answer has no header\.$/m);
    assert.match(body, /the runtime process gave a bad HTTP response: its answer has no header/);
    assert.match(body, /Last words of php on stderr:\nPHP message: oops/);
  });

  it('and the one that died with a request is named, if it can be only one', async () => {
    const stage = await up();
    const decision = forwarded(await stage.ask({}, 'php'));
    const second = stage.world.children.find(({ plan }) => plan.env['SUPERVISOR_PROCESS_NAME'] === 'php_1');
    second?.end({ signal: 'SIGSEGV' });
    const answer = decision.failed({
      kind: 'unreachable',
      reason: 'the connection was closed',
      refused: false,
    });
    await stage.world.pass(101);
    const { status, body } = await answer;
    assert.equal(status, 503);
    assert.match(body, /php\.1 ended before it had answered: the connection was closed\./);
    assert.match(body, /the instance running on unix:\/\/\/run\/php\.sock has unexpectedly quit/);
  });

  it('and a connection that was refused is nobody’s death', async () => {
    const stage = await up();
    const decision = forwarded(await stage.ask({}, 'php'));
    const answer = decision.failed(refused);
    await stage.world.pass(101);
    assert.match((await answer).body, /php is running, but did not answer: connection refused\./);
  });
});

describe('the one address for everything', () => {
  it('knows services by host name, lists them at its root, and turns strangers’ names away', async () => {
    const stage = await new Stage([
      { name: 'web' },
      { name: 'api' },
      { name: 'job', handshake: 'none' },
    ]).up();
    const host = (name: string): { headers: [string, string][] } => ({ headers: [['Host', name]] });
    assert.equal(forwarded(await stage.ask(host('api.localhost:1'))).service, 'api');
    assert.match(answerOf(await stage.ask(host('localhost:1'))).body, /web .*RUNNING.*\n.*api .*RUNNING/);
    assert.equal(answerOf(await stage.ask({ ...host('localhost'), target: '/nowhere' })).status, 404);
    assert.equal(answerOf(await stage.ask(host('evil.example'))).status, 403);
  });
});

describe('a door', () => {
  const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 10 };

  it('whose port is taken is a fault at its place that names the owner; the services run all the same', async () => {
    const stage = new Stage([{}]);
    stage.config = {
      ...stage.config,
      frontDoor: { host: '127.0.0.1', port: 8080, routes: {}, dispatch: [], allowedHosts: [], source },
    };
    await stage.runtime.reload();
    stage.world.takenPorts.add(8080);
    stage.world.owner = { pid: 9, command: 'nginx' };
    await stage.runtime.start(all);
    await stage.world.settle();
    const { faults, frontDoor } = stage.runtime.snapshot();
    assert.deepEqual(
      [frontDoor, faults?.map(({ message, places }) => [message, places])],
      [undefined, [['The front door wants port 8080, but nginx (pid 9) is using it.', [source]]]],
    );
    assert.equal(stage.world.children.length, 1);
  });

  it('whose port is taken is a fault at the key that says it, be it "port" or the "minPort" of a layout', async () => {
    const at = (line: number) => ({ ...source, line, endLine: line });
    const backend = {
      name: 'api',
      class: 'B2',
      public: false,
      dynamic: false,
      failFast: false,
      index: 1,
    } as const;
    const stage = new Stage([{ role: 'backend', backend, publish: 9199, keys: { publish: at(7) } }]);
    stage.config = {
      ...stage.config,
      frontDoor: { ...stage.config.frontDoor, port: 8080, source, keys: { port: at(2) } },
    };
    await stage.runtime.reload();
    for (const port of [8080, 9199]) stage.world.takenPorts.add(port);
    stage.world.owner = { pid: 9, command: 'nginx' };
    await stage.runtime.start(all);
    await stage.world.settle();
    const { faults, services } = stage.runtime.snapshot();
    assert.deepEqual(
      [...(faults ?? []), ...(services[0]?.faults ?? [])].map(({ hint, places }) => [hint, places]),
      [
        ['Stop nginx (pid 9), or remove the fixed port to let us choose a free one.', [at(2)]],
        ['Stop nginx (pid 9), or set "minPort: 0" to let us choose free ones.', [at(7)]],
      ],
    );
  });

  it('stays open while the routes behind it change', async () => {
    const stage = await new Stage([{ name: 'web' }, { name: 'api' }]).up();
    const opened = stage.world.doorsOpened.length;
    assert.equal((await stage.ask({ target: '/v1/users' })).kind, 'answer');
    stage.config = {
      ...stage.config,
      frontDoor: {
        host: '127.0.0.1',
        port: 'auto',
        routes: { '/v1': 'api' },
        dispatch: [],
        allowedHosts: [],
      },
    };
    await stage.runtime.reload();
    assert.equal(forwarded(await stage.ask({ target: '/v1/users' })).service, 'api');
    assert.equal(stage.world.doorsOpened.length, opened);
  });
});
