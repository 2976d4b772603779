/** The debug adapter on a real runtime with real Node processes, debugged over their real inspectors. */

import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import {
  type AttachConfiguration,
  type ChildSession,
  type ChildSessions,
  createRuntimesDebugAdapter,
} from '../../src/debug/adapter.ts';
import { createHome } from '../../src/host/home.ts';
import type { InstanceView, RuntimeApi, Snapshot } from '../../src/protocol/api.ts';
import { applyMessage } from '../../src/protocol/snapshot.ts';
import { DapClient } from '../support/dap-client.ts';
import { Inspector } from '../support/inspector.ts';

const sample = join(import.meta.dirname, '../workspaces/sample');

/** A workspace that runs for real, what is seen of it, and a debugger that takes every child session it is offered. */
class Stage {
  readonly api: RuntimeApi;
  readonly client: DapClient;
  readonly inspectors: Inspector[] = [];
  readonly #connecting: Promise<Inspector>[] = [];
  readonly #looks = new Set<() => void>();
  /** Debuggers that do not leave by themselves when a process is done. */
  debuggersStay = false;
  #snapshot: Snapshot | undefined;

  constructor(api: RuntimeApi) {
    this.api = api;
    api.subscribe((message) => {
      if (message.kind === 'snapshot') this.#snapshot = message.snapshot;
      else if (this.#snapshot !== undefined) this.#snapshot = applyMessage(this.#snapshot, message);
      this.#look();
    });
    const children: ChildSessions = { start: (configuration) => this.#connect(configuration) };
    this.client = new DapClient(createRuntimesDebugAdapter({ api, children }));
  }

  async #connect({ address, port }: AttachConfiguration): Promise<ChildSession> {
    const connecting = Inspector.connect({ host: String(address), port: Number(port) }, this.debuggersStay);
    this.#connecting.push(connecting);
    const inspector = await connecting;
    this.inspectors.push(inspector);
    this.#look();
    return { end: () => inspector.close() };
  }

  instances(service: string): readonly InstanceView[] {
    return this.#snapshot?.services.find(({ name }) => name === service)?.instances ?? [];
  }

  url(service: string): string {
    return this.#snapshot?.services.find(({ name }) => name === service)?.url ?? '';
  }

  async until(isSo: () => boolean): Promise<void> {
    while (!isSo()) await new Promise<void>((resolve) => this.#looks.add(resolve));
  }

  /** Every instance RUNNING, and so many child sessions begun since the start. */
  async settled(service: string, sessions: number): Promise<readonly InstanceView[]> {
    await this.until(
      () =>
        this.inspectors.length === sessions &&
        this.instances(service).every(({ state }) => state === 'RUNNING'),
    );
    return this.instances(service);
  }

  async close(): Promise<void> {
    this.client.dispose();
    await Promise.allSettled(this.#connecting);
    await Promise.all(this.inspectors.map((inspector) => inspector.close()));
    await this.api.shutdown(1000);
  }

  #look(): void {
    const looks = [...this.#looks];
    this.#looks.clear();
    for (const look of looks) look();
  }
}

async function stage(context: TestContext, services: string): Promise<Stage> {
  const folder = await mkdtemp(join(tmpdir(), 'runtimes-debug-'));
  context.after(() => rm(folder, { recursive: true, force: true }));
  await writeFile(join(folder, 'runtimes.yaml'), `version: 1\nservices:\n${services}`);
  const { api, outside } = createHome({ folder, storage: join(folder, '.storage'), trusted: true });
  const made = new Stage(api);
  context.after(async () => {
    await made.close();
    await outside.close();
  });
  return made;
}

const web = `  web:\n    command: node web/server.js\n    cwd: ${JSON.stringify(sample)}\n`;
/** The first statement of the sample's request handler. */
const handler = { file: /web\/server\.js$/, line: 13 };

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

function pidsOf(instances: readonly InstanceView[]): readonly (number | undefined)[] {
  return instances.map(({ pid }) => pid);
}

test('a breakpoint in a request handler stops the request, and going on answers it', async (context) => {
  const { stage: made, client, inspectors, url } = await launched(context, web, 'web', 1);
  const [inspector] = inspectors;
  assert.ok(inspector);
  assert.equal(await inspector.breakAt(handler.file, handler.line), 1);

  const answer = fetch(`${url}hello`);
  const paused = await inspector.next('Debugger.paused');
  const [frame] = paused['callFrames'] as readonly { functionName: string }[];
  assert.equal(frame?.functionName, 'handleRequest');
  await inspector.send('Debugger.resume');
  assert.deepEqual(await (await answer).json(), {
    service: 'web',
    pid: made.instances('web')[0]?.pid,
    port: made.instances('web')[0]?.port,
    requests: 1,
    greeting: 'Hello',
  });
  assert.match(client.console, /^web\.0 is starting\n(.*\n)*web\.0 is running \(pid \d+ · port \d+\)\n/);
});

test('every instance of a service gets a debugger of its own', async (context) => {
  const { stage: made } = await launched(context, `${web}    instances: 2\n`, 'web', 2);
  const ports = made.instances('web').map(({ inspector }) => inspector?.port);
  assert.equal(new Set(ports).size, 2);
});

test('a service that runs without a debugger is restarted under one', async (context) => {
  const made = await stage(context, web);
  await made.api.start({ kind: 'service', service: 'web' });
  const before = pidsOf(await made.settled('web', 0));
  assert.equal(made.instances('web')[0]?.inspector, undefined);

  await made.client.request('launch', { service: 'web' });
  const after = pidsOf(await made.settled('web', 1));
  assert.notDeepEqual(after, before);
  assert.ok(!isAlive(before[0]));
});

test('a crash and a restart from elsewhere are each attached to again, and the session goes on', async (context) => {
  const { stage: made, url } = await launched(context, web, 'web', 1);
  const pids = new Set(pidsOf(made.instances('web')));
  process.kill(Number([...pids][0]), 'SIGKILL');
  for (const pid of pidsOf(await made.settled('web', 2))) pids.add(pid);

  await made.api.restart({ kind: 'instance', instance: 'web.0' });
  for (const pid of pidsOf(await made.settled('web', 3))) pids.add(pid);
  assert.equal(pids.size, 3);

  const [, , inspector] = made.inspectors;
  assert.equal(await inspector?.breakAt(handler.file, handler.line), 1);
  const answer = fetch(url);
  await inspector?.next('Debugger.paused');
  await inspector?.send('Debugger.resume');
  assert.equal((await answer).status, 200);
  assert.equal(made.client.count('terminated'), 0);
  assert.match(made.client.console, /web\.0 was killed by SIGKILL/);
});

test('a process that is done ends even when its debugger would stay', async (context) => {
  const made = await stage(context, web);
  made.debuggersStay = true;
  await made.client.request('launch', { service: 'web' });
  const before = pidsOf(await made.settled('web', 1));
  await fetch(`${made.url('web')}crash`);
  const after = pidsOf(await made.settled('web', 2));
  assert.notDeepEqual(after, before);
  assert.ok(!isAlive(before[0]));
});

test('restarting the session brings a new process under the same session', async (context) => {
  const { stage: made, client } = await launched(context, web, 'web', 1);
  const before = pidsOf(made.instances('web'));
  await client.request('restart');
  const after = pidsOf(await made.settled('web', 2));
  assert.notDeepEqual(after, before);
  assert.equal(client.count('terminated'), 0);
});

test('stopping the session leaves no process, even one that is held at a breakpoint', async (context) => {
  const { stage: made, client, url } = await launched(context, web, 'web', 1);
  const [inspector] = made.inspectors;
  const pids = pidsOf(made.instances('web'));
  await inspector?.breakAt(handler.file, handler.line);
  const answer = fetch(url).then(
    (response) => response.status,
    () => 'cut off',
  );
  await inspector?.next('Debugger.paused');

  await client.request('terminate');
  assert.deepEqual(pids.map(isAlive), [false]);
  assert.equal(made.instances('web')[0]?.state, 'STOPPED');
  assert.equal(client.count('terminated'), 1);
  // It was let go of first, so that it heard the signal and ended in its own way.
  assert.match(
    (await made.api.follow('web.0', 5)).lines.map(({ text }) => text).join('\n'),
    /web says goodbye/,
  );
  await answer;
});

test('attaching finds the running debugger, and disconnecting leaves the service running', async (context) => {
  const made = await stage(context, web);
  await made.api.start({ kind: 'service', service: 'web' }, { debug: true });
  await made.until(() => made.instances('web').every(({ inspector }) => inspector !== undefined));
  await made.client.request('attach', { service: 'web' });
  const pids = pidsOf(await made.settled('web', 1));
  await made.client.request('disconnect');
  assert.deepEqual(pids.map(isAlive), [true]);
  assert.equal(made.instances('web')[0]?.state, 'RUNNING');
});

test('a service that dies at once ends the session, which says where it threw', async (context) => {
  const made = await stage(
    context,
    `  worker:\n    command: node worker/main.js\n    cwd: ${JSON.stringify(sample)}\n    handshake: none\n    startRetries: 0\n`,
  );
  await made.client.request('launch', { service: 'worker' });
  await made.client.until(() => made.client.count('terminated') === 1);
  assert.match(made.client.console, /The setting QUEUE_URL is missing/);
  assert.match(made.client.console, /worker\.0 is FATAL/);
  const fault = made.client.events.find(
    ({ event, body }) => event === 'output' && body.category === 'stderr',
  );
  assert.deepEqual([fault?.body.source.path, fault?.body.line], [join(sample, 'worker/settings.js'), 5]);
});

interface Launched {
  readonly stage: Stage;
  readonly client: DapClient;
  readonly inspectors: readonly Inspector[];
  readonly url: string;
}

/** A session that has begun: every instance RUNNING and debugged. */
async function launched(
  context: TestContext,
  services: string,
  service: string,
  sessions: number,
): Promise<Launched> {
  const made = await stage(context, services);
  await made.client.request('initialize', { adapterID: 'runtimes' });
  await made.client.request('launch', { service });
  await made.client.request('configurationDone');
  await made.settled(service, sessions);
  return { stage: made, client: made.client, inspectors: made.inspectors, url: made.url(service) };
}
