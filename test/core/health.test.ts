import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Check, ServiceSpec } from '../../src/config/spec.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';

const all = { kind: 'all' } as const;
const check = (part: Partial<Check>): { readonly health: Check } => ({
  health: { intervalMs: 1000, timeoutMs: 5000, failures: 3, ...part },
});
const http = (part: Partial<Check> = {}): { readonly health: Check } => check({ http: '/health', ...part });
const gets = (stage: Stage): readonly number[] =>
  stage.world.looks.filter(({ what }) => what === 'GET /health').map(({ at }) => at);
const faults = (stage: Stage): readonly string[] =>
  stage.events.flatMap((event) => (event.event === 'fault' ? [event.message] : []));

async function running(specs: readonly Partial<ServiceSpec>[]): Promise<Stage> {
  return new Stage(specs).up();
}

describe('a running instance with a health check', () => {
  it('is unknown at first, then healthy, and only then is everything ready', async () => {
    const stage = new Stage([http()]);
    const { promise, resolve } = Promise.withResolvers<number>();
    stage.world.status = () => promise;
    await stage.up();
    assert.deepEqual([stage.view().state, stage.view().health], ['RUNNING', 'unknown']);
    assert.equal(
      stage.events.some(({ event }) => event === 'ready'),
      false,
    );
    resolve(200);
    await stage.world.settle();
    assert.equal(stage.view().health, 'healthy');
    assert.equal(stage.events.filter(({ event }) => event === 'ready').length, 1);
  });

  it('is looked at once each interval, never twice at once, and a look that hangs ends at its time', async () => {
    const stage = await running([http({ timeoutMs: 2500 })]);
    const first = gets(stage).length;
    const begun = stage.world.clock.now();
    await stage.world.pass(3000);
    assert.equal(gets(stage).length - first, 3);
    stage.world.status = () => new Promise(() => undefined);
    await stage.world.pass(1000);
    const hanging = gets(stage).length;
    await stage.world.pass(2400);
    assert.equal(gets(stage).length, hanging);
    await stage.world.pass(2000);
    assert.equal(gets(stage).length, hanging + 1);
    assert.ok(begun < stage.world.clock.now());
  });

  it('that fails several looks in a row is unhealthy, which is told, and is started again', async () => {
    const health = { ...specOf({}).source, line: 7 };
    const stage = await running([{ ...http(), keys: { health } }]);
    stage.world.status = () => 503;
    await stage.world.pass(2500);
    assert.deepEqual([stage.view().health, stage.view().state], ['healthy', 'RUNNING']);
    await stage.world.pass(1000);
    const { state, fault } = stage.view();
    assert.deepEqual(
      [state, fault?.code, fault?.severity, fault?.message, fault?.places],
      [
        'STOPPING',
        'unhealthy',
        'warning',
        'api.0 is not healthy: 3 checks in a row failed; GET /health answered 503.',
        [health],
      ],
    );
    assert.equal(faults(stage).length, 1);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stage.world.pass(50);
    assert.deepEqual([stage.view().state, stage.view().health], ['RUNNING', 'unknown']);
    assert.equal(stage.view().fault?.code, 'unhealthy');
    stage.world.status = () => 200;
    await stage.world.pass(1000);
    assert.deepEqual([stage.view().health, stage.view().fault], ['healthy', undefined]);
    assert.ok(stage.journal.includes('api.0 is healthy again'));
  });

  /** Fails until it is told to end, ends, and is fine again; gives how long it was waited for. */
  async function fallsIll(stage: Stage): Promise<number> {
    stage.world.status = () => 500;
    await stage.world.pass(1000);
    assert.equal(stage.view().fault?.code, 'unhealthy');
    const { child, clock } = stage.world;
    const from = clock.now();
    while (child.signals.length === 0 && clock.now() - from < 60_000) await stage.world.pass(100);
    const waited = clock.now() - from;
    stage.world.status = () => 200;
    child.end({ signal: 'SIGTERM' });
    await stage.world.pass(50);
    assert.deepEqual([stage.view().state, stage.view().health], ['RUNNING', 'healthy']);
    return waited;
  }

  it('that falls ill again and again is restarted after growing pauses, until it was healthy for a minute', async () => {
    const stage = await running([http({ failures: 1 })]);
    const waited: number[] = [];
    for (let round = 0; round < 13; round += 1) waited.push(await fallsIll(stage));
    const seconds = waited.map((ms) => Math.round(ms / 1000));
    assert.deepEqual(seconds, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 10, 10]);
    const hints = stage.events.flatMap((event) => (event.event === 'fault' ? [event.hint ?? ''] : []));
    assert.match(hints[0] ?? '', /^It is restarted\. /);
    assert.match(hints[1] ?? '', /^It was restarted once, and is again in 1 s if no check passes before\. /);
    assert.match(hints[12] ?? '', /^It was restarted 12 times in a row, and is again in 10 s if /);
    await stage.world.pass(60_000);
    assert.equal(await fallsIll(stage), 0);
  });

  it('that is fine again before its restart comes is left alone', async () => {
    const stage = await running([http({ failures: 1 })]);
    for (let round = 0; round < 3; round += 1) await fallsIll(stage);
    for (let round = 0; round < 10; round += 1) {
      stage.world.status = () => 500;
      await stage.world.pass(1000);
      assert.equal(stage.view().health, 'unhealthy');
      stage.world.status = () => 200;
      await stage.world.pass(1000);
      assert.deepEqual([stage.view().health, stage.view().fault], ['healthy', undefined]);
    }
    assert.deepEqual([stage.world.children.length, stage.world.child.signals], [4, []]);
  });

  it('is forgiven a failed look when the next one is good', async () => {
    const stage = await running([http()]);
    for (const status of [500, 500, 200, 500, 500, 200]) {
      stage.world.status = () => status;
      await stage.world.pass(1000);
    }
    assert.deepEqual([stage.view().health, stage.view().state, faults(stage)], ['healthy', 'RUNNING', []]);
  });

  it('that is never to be restarted is only told of', async () => {
    const stage = await running([{ ...http({ failures: 1 }), restart: 'never' }]);
    stage.world.status = () => 404;
    await stage.world.pass(5000);
    assert.deepEqual([stage.view().state, stage.view().health], ['RUNNING', 'unhealthy']);
    assert.equal(faults(stage).length, 1);
    assert.match(stage.view().fault?.hint ?? '', /"restart" is never/);
    stage.world.status = () => 200;
    await stage.world.pass(1000);
    assert.deepEqual([stage.view().health, stage.view().fault], ['healthy', undefined]);
  });

  it('that was never healthy is told of and given more time', async () => {
    const stage = new Stage([http()]);
    stage.world.status = () => 503;
    await stage.up();
    await stage.world.pass(2500);
    assert.deepEqual([stage.view().health, faults(stage)], ['unknown', []]);
    await stage.world.pass(10_000);
    assert.deepEqual([stage.view().state, stage.view().health], ['RUNNING', 'unhealthy']);
    assert.match(stage.view().fault?.hint ?? '', /given more time/);
    stage.world.status = () => 200;
    await stage.world.pass(1000);
    assert.deepEqual([stage.view().health, stage.view().fault], ['healthy', undefined]);
  });

  it('is looked at no more once its child is gone, and nothing is left that would', async () => {
    const stage = await running([{ ...check({ exec: ['ok'] }), restart: 'never' }]);
    stage.world.child.end({ code: 0 });
    await stage.world.pass(300);
    assert.equal(stage.world.clock.nextDue(), undefined);
    const looks = stage.world.looks.length;
    await stage.world.pass(5000);
    assert.deepEqual([stage.world.looks.length, stage.view().health], [looks, undefined]);
  });

  it('forgets what was found once a person starts it anew', async () => {
    const stage = await running([{ ...http({ failures: 1 }), restart: 'never' }]);
    stage.world.status = () => 404;
    await stage.world.pass(2000);
    const stopping = stage.runtime.stop(all);
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopping;
    assert.deepEqual([stage.view().fault, stage.view().health], [undefined, undefined]);
  });

  it('is looked at in another way as soon as the file says so, without a restart', async () => {
    const stage = await running([http()]);
    stage.config = stage.configOf([check({ exec: ['ok', '{port}'] })]);
    await stage.runtime.reload();
    await stage.world.pass(1000);
    const port = stage.view().port ?? 0;
    assert.deepEqual([stage.world.children.length, stage.world.looks.at(-1)?.what], [1, `ok ${port}`]);
    stage.config = stage.configOf([{}]);
    await stage.runtime.reload();
    await stage.world.settle();
    assert.equal(stage.view().health, undefined);
  });
});

describe('a look', () => {
  it('at a port needs somebody who accepts connections', async () => {
    const stage = await running([check({ tcp: true, failures: 1 })]);
    const { port } = stage.view();
    assert.equal(stage.view().health, 'healthy');
    stage.world.openPorts.clear();
    await stage.world.pass(1000);
    assert.equal(
      faults(stage)[0],
      `api.0 is not healthy: its check failed; nothing accepts connections on port ${port}.`,
    );
  });

  it('at a port that swallows connections fails at its time', async () => {
    const stage = await running([check({ tcp: true, failures: 1, timeoutMs: 500 })]);
    stage.world.connects = () => new Promise(() => undefined);
    await stage.world.pass(1400);
    assert.equal(stage.view().health, 'healthy');
    await stage.world.pass(200);
    assert.match(faults(stage)[0] ?? '', /nothing accepts connections/);
  });

  it('by a command needs an exit with 0; it gets the port and the service’s variables', async () => {
    const stage = new Stage([
      { ...check({ exec: ['pg_isready', '-p', '{port}'], failures: 1 }), env: { A: 'b' } },
    ]);
    const seen: string[] = [];
    stage.world.ending = (argv, env) => {
      seen.push(`${argv.join(' ')} ${env['PORT']} ${env['A']} ${env['PATH']}`);
      return { code: 0 };
    };
    await stage.up();
    const { port } = stage.view();
    assert.deepEqual([stage.view().health, seen[0]], ['healthy', `pg_isready -p ${port} ${port} b /bin`]);
    stage.world.ending = () => ({ code: 2 });
    await stage.world.pass(1000);
    assert.match(faults(stage)[0] ?? '', /"pg_isready -p \d+" exited with code 2\.$/);
  });

  it('by a command that does not end in time fails', async () => {
    const stage = await running([check({ exec: ['slow'], failures: 1 })]);
    stage.world.ending = () => undefined;
    await stage.world.pass(1000);
    assert.match(faults(stage)[0] ?? '', /"slow" did not end within 5 s\.$/);
  });

  it('for a line is met by one of this life, once for all of it', async () => {
    const stage = new Stage([{ ...check({ log: '^ready' }), handshake: 'none' }]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    assert.equal(stage.view().health, 'unknown');
    stage.world.child.output.print('ready to serve');
    await stage.world.pass(5000);
    assert.equal(stage.view().health, 'healthy');
    stage.world.child.end({ code: 1 });
    await stage.world.pass(5);
    assert.deepEqual([stage.view().state, stage.view().health], ['RUNNING', 'unknown']);
  });

  it('for a line sees one that came before RUNNING', async () => {
    const stage = new Stage([{ ...check({ log: '^ready' }), handshake: 'none', startMs: 1000 }]);
    await stage.runtime.start(all);
    await stage.world.pass(5);
    stage.world.child.output.print('ready to serve');
    await stage.world.pass(1100);
    assert.equal(stage.view().health, 'healthy');
  });
});

it('a dependency on health is met by the check, and not healthy any more is told as such', async () => {
  const stage = new Stage([
    { name: 'db', env: { SERVICE: 'db' }, ...http({ failures: 1 }), restart: 'never' },
    { name: 'api', env: { SERVICE: 'api' }, dependsOn: { db: 'healthy' } },
  ]);
  stage.world.status = () => 503;
  await stage.up();
  assert.equal(stage.states, 'db.0 RUNNING, api.0 STOPPED');
  assert.equal(stage.view('api.0').waitingFor?.[0]?.reason, 'not healthy yet');
  await stage.world.pass(2000);
  assert.equal(stage.view('api.0').waitingFor?.[0]?.reason, 'not healthy');
  stage.world.status = () => 200;
  await stage.world.pass(1000);
  assert.equal(stage.states, 'db.0 RUNNING, api.0 STARTING');
});
