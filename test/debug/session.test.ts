import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { createRuntimesDebugAdapter } from '../../src/debug/adapter.ts';
import type { ChildSession, ChildSessions } from '../../src/debug/session.ts';
import { DapClient } from '../support/dap-client.ts';
import { debugged, instanceOf, RuntimeDouble, serviceOf, snapshotOf } from '../support/runtime-double.ts';

const at = '2026-01-02T03:04:05.678Z';
const twoOfWeb = serviceOf('web', { instances: [instanceOf('web.0'), instanceOf('web.1')] });

function sessionOn(context: TestContext, runtime: RuntimeDouble, children?: ChildSessions): DapClient {
  const adapter = createRuntimesDebugAdapter({
    api: runtime,
    ...(children === undefined ? {} : { children }),
  });
  const client = new DapClient(adapter);
  context.after(() => client.dispose());
  return client;
}

async function launched(
  context: TestContext,
  runtime: RuntimeDouble,
  children?: ChildSessions,
): Promise<DapClient> {
  const client = sessionOn(context, runtime, children);
  await client.request('initialize', { adapterID: 'runtimes' });
  await client.request('launch', { service: 'web' });
  return client;
}

test('it tells the editor that it can be restarted, ended, and left running', async (context) => {
  const client = sessionOn(context, new RuntimeDouble(snapshotOf(serviceOf('web'))));
  assert.deepEqual(await client.request('initialize', { adapterID: 'runtimes' }), {
    supportsConfigurationDoneRequest: true,
    supportsTerminateRequest: true,
    supportsRestartRequest: true,
    supportTerminateDebuggee: true,
  });
});

test('launching starts the service under its debugger and attaches to every instance once', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(twoOfWeb, serviceOf('shop')));
  const client = await launched(context, runtime);
  assert.deepEqual(runtime.orders, ['start service web (debug)']);
  assert.equal(client.count('initialized'), 1);
  assert.deepEqual(client.children, []);

  runtime.change(debugged('web.0', 41, 9229));
  runtime.change(debugged('web.1', 42, 9230));
  runtime.change({ ...debugged('web.0', 41, 9229), port: 8080 });
  runtime.change(debugged('shop.0', 43, 9231));
  assert.deepEqual(
    client.children.map(({ type, name, port }) => [type, name, port]),
    [
      ['node', 'web.0', 9229],
      ['node', 'web.1', 9230],
    ],
  );
});

test('launching one instance concerns that one alone', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(twoOfWeb));
  const client = sessionOn(context, runtime);
  await client.request('launch', { service: 'web', instance: 'web.1' });
  runtime.change(debugged('web.0', 41, 9229));
  runtime.change(debugged('web.1', 42, 9230));
  assert.deepEqual(runtime.orders, ['start instance web.1 (debug)']);
  assert.deepEqual(
    client.children.map(({ name }) => name),
    ['web.1'],
  );
});

test('an instance that comes back as another process is attached to again', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  const client = await launched(context, runtime);
  runtime.change(debugged('web.0', 41, 9229));
  runtime.change(instanceOf('web.0', { state: 'BACKOFF', nextTryAt: 5000 }));
  runtime.change(instanceOf('web.0', { state: 'STARTING', pid: 44 }));
  runtime.change(debugged('web.0', 44, 9229));
  assert.equal(client.children.length, 2);
  assert.equal(client.count('terminated'), 0);
});

test('a service that already runs under a debugger is attached to as it is', async (context) => {
  const runtime = new RuntimeDouble(
    snapshotOf(serviceOf('web', { instances: [debugged('web.0', 41, 9229)] })),
  );
  const client = await launched(context, runtime);
  assert.deepEqual(
    client.children.map(({ port }) => port),
    [9229],
  );
});

test('stopping the session stops the service and ends the session', async (context) => {
  const runtime = new RuntimeDouble(
    snapshotOf(serviceOf('web', { instances: [debugged('web.0', 41, 9229)] })),
  );
  const client = await launched(context, runtime);
  await client.request('terminate');
  await client.request('disconnect');
  assert.deepEqual(runtime.orders, ['start service web (debug)', 'stop service web']);
  assert.equal(client.count('terminated'), 1);
  assert.equal(runtime.listened, false);
});

/** Child sessions that write down what becomes of them. */
function recorded(into: string[]): ChildSessions {
  return {
    start: async ({ name, port }) => {
      into.push(`attach ${name} ${String(port)}`);
      return { end: async () => void into.push(`let go ${name} ${String(port)}`) };
    },
  };
}

test('a child lets go of its process as soon as that is to stop, is done, or is another one', async (context) => {
  const told: string[] = [];
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  const client = await launched(context, runtime, recorded(told));
  const { inspector: _inspector, ...done } = debugged('web.0', 42, 9230);
  for (const instance of [
    debugged('web.0', 41, 9229),
    instanceOf('web.0', { state: 'STOPPING', pid: 41 }),
    debugged('web.0', 42, 9230),
    done,
    debugged('web.0', 43, 9231),
    debugged('web.0', 44, 9232),
  ]) {
    runtime.change(instance);
    await client.request('threads');
  }
  assert.deepEqual(told, [
    'attach web.0 9229',
    'let go web.0 9229',
    'attach web.0 9230',
    'let go web.0 9230',
    'attach web.0 9231',
    'attach web.0 9232',
    'let go web.0 9231',
  ]);
});

test('a child that began only after its process was to stop lets go at once', async (context) => {
  const told: string[] = [];
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  const began = Promise.withResolvers<void>();
  const client = await launched(context, runtime, {
    async start() {
      await began.promise;
      return { end: async () => void told.push('let go') };
    },
  });
  runtime.change(debugged('web.0', 41, 9229));
  runtime.change(instanceOf('web.0', { state: 'STOPPING', pid: 41 }));
  assert.deepEqual(told, []);
  began.resolve();
  await client.request('threads');
  assert.deepEqual(told, ['let go']);
});

test('nothing is attached to while the session is being stopped', async (context) => {
  const told: string[] = [];
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  const client = await launched(context, runtime, recorded(told));
  const gate = Promise.withResolvers<void>();
  runtime.gate = gate.promise;
  const terminating = client.request('terminate');
  runtime.change(debugged('web.0', 41, 9229));
  gate.resolve();
  await terminating;
  assert.deepEqual(told, []);
});

test('disconnecting without an end of the service lets go of its processes', async (context) => {
  const told: string[] = [];
  const running = serviceOf('web', { instances: [debugged('web.0', 41, 9229)] });
  const client = await launched(context, new RuntimeDouble(snapshotOf(running)), recorded(told));
  await client.request('disconnect', { terminateDebuggee: false });
  assert.deepEqual(told, ['attach web.0 9229', 'let go web.0 9229']);
});

test('disconnecting ends what was launched, unless it is told to leave it running', async (context) => {
  const running = snapshotOf(serviceOf('web', { instances: [debugged('web.0', 41, 9229)] }));
  const cases: readonly (readonly [object, readonly string[]])[] = [
    [{}, ['stop service web']],
    [{ terminateDebuggee: true }, ['stop service web']],
    [{ terminateDebuggee: false }, []],
  ];
  for (const [args, expected] of cases) {
    const runtime = new RuntimeDouble(running);
    const client = await launched(context, runtime);
    await client.request('disconnect', args);
    assert.deepEqual(runtime.orders.slice(1), expected, JSON.stringify(args));
    assert.equal(runtime.listened, false);
  }
});

test('attaching starts nothing, and leaves everything running at its end', async (context) => {
  const runtime = new RuntimeDouble(
    snapshotOf(serviceOf('web', { instances: [debugged('web.0', 41, 9229)] })),
  );
  const client = sessionOn(context, runtime);
  await client.request('attach', { service: 'web' });
  assert.deepEqual(
    client.children.map(({ name }) => name),
    ['web.0'],
  );
  await client.request('disconnect');
  assert.deepEqual(runtime.orders, []);
});

test('attaching to what is not there to attach to says what to do', async (context) => {
  const resting = sessionOn(context, new RuntimeDouble(snapshotOf(serviceOf('web'))));
  await assert.rejects(
    resting.request('attach', { service: 'web' }),
    /"web" is not running\. Use "request": "launch"/,
  );
  const plain = instanceOf('web.0', { state: 'RUNNING', pid: 41 });
  const running = sessionOn(context, new RuntimeDouble(snapshotOf(serviceOf('web', { instances: [plain] }))));
  await assert.rejects(
    running.request('attach', { instance: 'web.0' }),
    /"web\.0" is running without a debugger/,
  );
});

test('restarting restarts the service, and the session goes on with the new process', async (context) => {
  const runtime = new RuntimeDouble(
    snapshotOf(serviceOf('web', { instances: [debugged('web.0', 41, 9229)] })),
  );
  const client = await launched(context, runtime);
  await client.request('restart');
  assert.deepEqual(runtime.orders, ['start service web (debug)', 'restart service web']);
  runtime.change({ ...debugged('web.0', 41, 9229), state: 'STOPPING' });
  runtime.change(instanceOf('web.0', { state: 'STARTING' }));
  runtime.change(debugged('web.0', 45, 9240));
  assert.deepEqual(
    client.children.map(({ port }) => port),
    [9229, 9240],
  );
  assert.equal(client.count('terminated'), 0);
});

test('the session ends when every instance is FATAL, and says why', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(twoOfWeb));
  const client = await launched(context, runtime);
  for (const name of ['web.0', 'web.1']) runtime.change(instanceOf(name, { state: 'STARTING', pid: 41 }));
  const place = { file: '/home/ann/shop/web/server.js', line: 7, column: 9 };
  runtime.tell({
    at,
    event: 'fault',
    code: 'instance-died',
    service: 'web',
    instance: 'web.0',
    message: 'web.0 exited with code 1.',
    hint: 'Its last words are below.',
    places: [{ file: '/home/ann/shop/runtimes.yaml', line: 3, column: 3 }, place],
  });
  runtime.tell({
    at,
    event: 'state',
    service: 'web',
    instance: 'web.0',
    from: 'BACKOFF',
    to: 'FATAL',
    reason: 'exited with code 1 too quickly',
  });
  runtime.change(instanceOf('web.0', { state: 'FATAL' }));
  assert.equal(client.count('terminated'), 0, 'the other one may still come up');
  runtime.change(instanceOf('web.1', { state: 'FATAL' }));
  assert.equal(client.count('terminated'), 1);
  assert.equal(
    client.console,
    'web.0 exited with code 1. Its last words are below.\n' +
      'web.0 is FATAL: exited with code 1 too quickly\n',
  );
  const fault = client.events.find(({ event }) => event === 'output');
  assert.deepEqual(fault?.body, {
    category: 'stderr',
    output: 'web.0 exited with code 1. Its last words are below.\n',
    source: { name: 'server.js', path: place.file },
    line: 7,
    column: 9,
  });
});

test('the session ends when a person stops the service elsewhere, or takes it out of the config', async (context) => {
  const running = serviceOf('web', { instances: [debugged('web.0', 41, 9229)] });
  const stopped = new RuntimeDouble(snapshotOf(running));
  const first = await launched(context, stopped);
  stopped.change(instanceOf('web.0'));
  assert.equal(first.count('terminated'), 1);

  const removed = new RuntimeDouble(snapshotOf(running));
  const second = await launched(context, removed);
  removed.become(snapshotOf(serviceOf('shop')));
  assert.equal(second.count('terminated'), 1);
});

test('an end from before the start was ordered does not end the session', async (context) => {
  const stopping = instanceOf('web.0', { state: 'STOPPING', pid: 40 });
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web', { instances: [stopping] })));
  const gate = Promise.withResolvers<void>();
  runtime.gate = gate.promise;
  const client = sessionOn(context, runtime);
  const launching = client.request('launch', { service: 'web' });
  await client.until(() => client.count('initialized') === 1);
  runtime.change({ ...stopping, pid: 40 });
  runtime.change(instanceOf('web.0'));
  gate.resolve();
  await launching;
  runtime.change(instanceOf('web.0', { state: 'STARTING' }));
  runtime.change(debugged('web.0', 41, 9229));
  assert.equal(client.count('terminated'), 0);
  assert.equal(client.children.length, 1);
});

test('the session ends when its service leaves the config before it came up', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  const client = await launched(context, runtime);
  runtime.become(snapshotOf(serviceOf('shop')));
  assert.equal(client.count('terminated'), 1);
});

test('a child session that fails because everything is over is not worth a word', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  const child = Promise.withResolvers<ChildSession>();
  const client = await launched(context, runtime, {
    start: () => child.promise,
  });
  runtime.change(debugged('web.0', 41, 9229));
  runtime.change(instanceOf('web.0', { state: 'FATAL' }));
  child.reject(new Error('connection refused'));
  await client.request('threads');
  assert.equal(client.console, '');
  assert.equal(runtime.listened, false);
});

test('what happens to the service is told in the console, and nothing about others', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web'), serviceOf('shop')));
  const client = await launched(context, runtime);
  const tell = (
    instance: string,
    from: 'STOPPED' | 'STARTING' | 'RUNNING',
    to: 'STARTING' | 'RUNNING' | 'EXITED',
    more: object,
  ): void =>
    runtime.tell({ at, event: 'state', service: instance.slice(0, -2), instance, from, to, ...more });
  tell('web.0', 'STOPPED', 'STARTING', {});
  tell('shop.0', 'STOPPED', 'STARTING', {});
  tell('web.0', 'STARTING', 'RUNNING', { pid: 41, port: 8080 });
  tell('web.0', 'RUNNING', 'EXITED', { exit: { signal: 'SIGSEGV', expected: false } });
  tell('web.0', 'STOPPED', 'STARTING', { attempt: 2 });
  assert.equal(
    client.console,
    'web.0 is starting\nweb.0 is running (pid 41 · port 8080)\nweb.0 was killed by SIGSEGV\nweb.0 is starting, try 3\n',
  );
});

test('a launch that cannot be is refused in words a person can act on', async (context) => {
  const api = serviceOf('api', { runtime: 'python', debuggable: false });
  const refused = async (args: object, snapshot = snapshotOf(serviceOf('web'), api)): Promise<string> => {
    const runtime = new RuntimeDouble(snapshot);
    const client = sessionOn(context, runtime);
    const error = await client.request('launch', args).then(
      () => new Error('it was launched'),
      (reason: unknown) => reason,
    );
    assert.deepEqual(runtime.orders, []);
    return error instanceof Error ? error.message : String(error);
  };
  assert.equal(
    await refused({ service: 'wbe' }),
    'There is no service or instance "wbe". Did you mean "web"?',
  );
  assert.equal(
    await refused({ instance: 'web.7' }),
    'There is no service or instance "web.7". Did you mean "web.0"?',
  );
  assert.match(await refused({ service: 'api' }), /"debug: false"/);
  assert.match(await refused({}), /names no service/);
  assert.match(
    await refused({ service: 'web' }, { ...snapshotOf(serviceOf('web')), trusted: false }),
    /not trusted/,
  );
});

test('a start that the runtime refuses is answered with its reason', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  runtime.failure = new Error('This runtime has been shut down.');
  const client = sessionOn(context, runtime);
  await assert.rejects(client.request('launch', { service: 'web' }), /has been shut down/);
});

test('a child session that cannot begin is told, and the next process is tried again', async (context) => {
  const runtime = new RuntimeDouble(snapshotOf(serviceOf('web')));
  const tried: unknown[] = [];
  const client = await launched(context, runtime, {
    async start({ port }) {
      tried.push(port);
      throw new Error('the debugger for "node" is switched off');
    },
  });
  runtime.change(debugged('web.0', 41, 9229));
  await client.until(() => client.console !== '');
  runtime.change(debugged('web.0', 42, 9230));
  assert.equal(client.console, 'Could not attach to web.0: the debugger for "node" is switched off\n');
  assert.deepEqual(tried, [9229, 9230]);
});

test('breakpoints are left to the child sessions, and unknown requests are refused by name', async (context) => {
  const client = await launched(context, new RuntimeDouble(snapshotOf(serviceOf('web'))));
  assert.deepEqual(
    await client.request('setBreakpoints', { source: {}, breakpoints: [{ line: 3 }, { line: 9 }] }),
    {
      breakpoints: [{ verified: false }, { verified: false }],
    },
  );
  assert.deepEqual(await client.request('threads'), { threads: [] });
  await assert.rejects(client.request('stepBack'), /"stepBack" is not something this debugger does/);
});

test('a debugger that is called by PHP listens before the process is there, and once for each start', async (context) => {
  const told: string[] = [];
  const service = serviceOf('web', { runtime: 'php' });
  const runtime = new RuntimeDouble(snapshotOf(service));
  const client = await launched(context, runtime, recorded(told));
  const { pid: _pid, ...coming } = { ...debugged('web.0', 41, 9003), state: 'STARTING' } as const;
  for (const instance of [
    coming,
    debugged('web.0', 41, 9003),
    instanceOf('web.0', { state: 'STOPPING', pid: 41 }),
    { ...debugged('web.0', 42, 9004), state: 'STARTING' as const },
  ]) {
    runtime.change(instance);
    await client.request('threads');
  }
  assert.deepEqual(told, ['attach web.0 9003', 'let go web.0 9003', 'attach web.0 9004']);
});
