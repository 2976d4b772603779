import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { type Policy, policyOf } from '../../../src/core/process/policy.ts';
import { isParting, type ProcessState, stateName } from '../../../src/core/process/state.ts';
import { type ProcessEvent, step } from '../../../src/core/process/step.ts';
import { specOf } from '../../support/spec.ts';
import { programService, Solo } from './solo.ts';

const policy: Policy = policyOf(
  specOf({ requests: { ...specOf({}).requests, drainMs: 1000 }, stopMs: 10_000 }),
);
const parts: ProcessState = { kind: 'stopping', pid: 7, parting: true, killAt: 1250, next: 'stopped' };
const running: ProcessState = { kind: 'running', pid: 7, since: 0, quick: 0 };

/** Where it is afterwards, and what was ordered, each in a word. */
function told(state: ProcessState, event: ProcessEvent, now: number, rules: Policy = policy): string {
  const { states, effects } = step(state, event, rules, now);
  const last = states.at(-1) ?? state;
  const words = effects.map((effect) => {
    if (effect.kind === 'arm') return `arm ${effect.at}`;
    return effect.kind === 'signal' ? `signal ${effect.name}` : effect.kind;
  });
  return [`${stateName(last)}${isParting(last) ? ' parting' : ''}`, ...words].join(', ');
}

describe('an instance that parts', () => {
  for (const [title, state, event, now, expected] of [
    ['is STOPPING at once, and is not signalled', running, 'stop', 0, 'STOPPING parting, part, arm 1250'],
    ['does so before a restart, too', running, 'restart', 0, 'STOPPING parting, part, arm 1250'],
    [
      'gets the stop signal once its requests are answered',
      parts,
      'parted',
      500,
      'STOPPING, signal TERM, arm 10500',
    ],
    ['gets it in any case when its time is over', parts, 'time', 1250, 'STOPPING, signal TERM, arm 11250'],
    ['is left alone until then', parts, 'time', 1249, 'STOPPING parting, arm 1250'],
    ['is cut short by a second stop', parts, 'stop', 10, 'STOPPING, signal TERM, arm 10010'],
    ['is not cut short by a restart', parts, 'restart', 10, 'STOPPING parting'],
    [
      'does not go on when it is started, for its requests were told to leave',
      parts,
      'start',
      10,
      'STOPPING parting',
    ],
    ['may end by itself', parts, { kind: 'exited', exit: { code: 0 } }, 10, 'STOPPED, disarm'],
    ['hears of it once', { ...parts, parting: undefined }, 'parted', 10, 'STOPPING'],
    ['that is gone is not signalled', { kind: 'stopped' }, 'parted', 10, 'STOPPED'],
    ['is not signalled when it runs once more', running, 'parted', 10, 'RUNNING'],
  ] as const) {
    it(title, () => {
      const given = Object.fromEntries(Object.entries(state).filter(([, value]) => value !== undefined));
      const happens = typeof event === 'string' ? { kind: event } : event;
      assert.equal(told(given as ProcessState, happens, now), expected);
    });
  }

  it('is killed afterwards where it was asked to end by itself, and by a second stop only signalled (MP-25)', () => {
    const rules = { ...policy, killsParted: true };
    assert.equal(told(parts, { kind: 'parted' }, 0, rules), 'STOPPING, signal KILL, arm 10000');
    assert.equal(told(parts, { kind: 'stop' }, 0, rules), 'STOPPING, signal TERM, arm 10000');
  });

  it('does not when it is still starting, when a stranger has its port, or when it takes no signals', () => {
    const young: ProcessState = { kind: 'starting', since: 0, attempt: 0, pid: 7, ready: false, quick: 0 };
    assert.equal(told(young, { kind: 'stop' }, 0), 'STOPPING, signal TERM, arm 10000');
    assert.equal(told(running, { kind: 'handshakeFailed' }, 0), 'STOPPING, signal TERM, arm 10000');
    assert.equal(told({ kind: 'unknown', pid: 7 }, { kind: 'stop' }, 0), 'STOPPING, signal TERM, arm 10000');
  });

  it('is one with requests and time for them, or with a request that ends it; never a program of Supervisor', () => {
    const { requests } = specOf({});
    const stopRequest = { path: '/quit', withinMs: 5000 };
    const stop = { path: '/_ah/stop', withinMs: 30_000 };
    const hurried = { ...requests, drainMs: 0 };
    const table: readonly [Partial<ServiceSpec>, number][] = [
      [{ requests: { ...requests, drainMs: 1000 } }, 1250],
      [{ requests: hurried }, 0],
      [{ requests: hurried, stopRequest }, 5250],
      [{ handshake: 'none', stopRequest }, 0],
      [{ handshake: 'stdout' }, 1250],
      [{ profile: 'appengine', scaling: { kind: 'manual' }, stopRequest: stop }, 30_250],
      [{ scaling: { kind: 'manual' }, stopRequest: stop }, 31_250],
      [programService({ stopRequest, handshake: 'port' }), 0],
    ];
    for (const [part, ms] of table) assert.equal(policyOf(specOf(part)).partMs, ms, JSON.stringify(part));
  });
});

/** A service that runs, has requests as long as nobody calls `answer`, and is being stopped. */
async function leaving(part: Partial<ServiceSpec> = {}): Promise<Solo & { answer: () => void }> {
  const solo = new Solo(specOf(part));
  const { promise, resolve } = Promise.withResolvers<void>();
  solo.parting = () => promise;
  solo.instance.start(false);
  await solo.world.settle();
  solo.world.openPorts.add(Number(solo.world.child.plan.env['PORT']));
  await solo.world.pass(5);
  assert.equal(solo.instance.stateName, 'RUNNING');
  void solo.instance.stop();
  await solo.world.settle();
  return Object.assign(solo, { answer: resolve });
}

describe('the life of an instance that parts', () => {
  it('takes no more requests from the order on, and gets its signal when the last one is answered', async () => {
    const solo = await leaving();
    assert.deepEqual(
      [solo.instance.stateName, solo.instance.address, solo.world.child.signals],
      ['STOPPING', undefined, []],
    );
    solo.instance.note({ draining: 2, outOfService: 'waits', asleep: true });
    const { draining, outOfService, asleep } = solo.instance.view();
    assert.deepEqual([draining, outOfService, asleep], [2, undefined, undefined]);
    solo.answer();
    await solo.world.settle();
    assert.deepEqual(solo.world.child.signals, ['TERM']);
    await solo.world.pass(9999);
    assert.deepEqual(solo.world.child.signals, ['TERM']);
    await solo.world.pass(1);
    assert.deepEqual(solo.world.child.signals, ['TERM', 'KILL']);
  });

  it('without requests is signalled in the same breath', async () => {
    const solo = new Solo(specOf({ handshake: 'port' }));
    solo.instance.start(false);
    await solo.world.settle();
    solo.world.openPorts.add(Number(solo.world.child.plan.env['PORT']));
    await solo.world.pass(5);
    void solo.instance.stop();
    assert.deepEqual(solo.world.child.signals, ['TERM']);
  });

  it('ends with its child, whoever still waits for an answer', async () => {
    const solo = await leaving({ restart: 'always' });
    await solo.ends({ signal: 'SIGSEGV' });
    assert.equal(solo.instance.stateName, 'STOPPED');
    solo.instance.start(false);
    await solo.world.settle();
    solo.world.openPorts.add(Number(solo.world.child.plan.env['PORT']));
    await solo.world.pass(5);
    // The next life leaves as well, and an answer of the last one does not hurry it.
    solo.parting = () => Promise.withResolvers<void>().promise;
    void solo.instance.stop();
    solo.answer();
    await solo.world.settle();
    assert.deepEqual([solo.world.children.length, solo.world.child.signals], [2, []]);
  });

  it('is cut short by SIGKILL to everything', async () => {
    const solo = await leaving();
    solo.instance.kill();
    assert.deepEqual(solo.world.child.signals, ['KILL']);
    await solo.ends({ signal: 'SIGKILL' });
    assert.equal(solo.instance.stateName, 'STOPPED');
  });

  it('is asked to end after its requests and before the signal, which it then does not need', async () => {
    const solo = await leaving({ stopRequest: { path: '/quit', withinMs: 5000 } });
    assert.equal(solo.world.asked.length, 0);
    solo.answer();
    await solo.world.settle();
    const [asked] = solo.world.asked;
    assert.deepEqual(
      [asked?.head.method, asked?.head.target, asked?.port],
      ['GET', '/quit', solo.instance.lastPort],
    );
    await solo.world.pass(3000);
    assert.deepEqual(solo.world.child.signals, []);
    await solo.ends({ code: 0 });
    assert.equal(solo.instance.stateName, 'STOPPED');
    // What may be left of its group is swept in any case.
    assert.deepEqual(solo.world.child.signals, ['KILL']);
  });

  it('is not asked any more once somebody did not want to wait for its requests', async () => {
    const solo = await leaving({ stopRequest: { path: '/quit', withinMs: 5000 } });
    void solo.instance.stop();
    solo.answer();
    await solo.world.settle();
    assert.deepEqual([solo.world.asked.length, solo.world.child.signals], [0, ['TERM']]);
  });

  it('goes on to the signal when nobody hears the request, or when that only told it of its end', async () => {
    const deaf = await leaving({ stopRequest: { path: '/quit', withinMs: 5000 } });
    deaf.world.answers = () =>
      Promise.resolve({ kind: 'unreachable', reason: 'connect ECONNREFUSED', refused: true });
    deaf.answer();
    await deaf.world.settle();
    assert.deepEqual(deaf.world.child.signals, ['TERM']);
    const told = await leaving({ stopRequest: { path: '/_ah/stop', withinMs: 30_000 } });
    told.answer();
    await told.world.settle();
    assert.deepEqual(told.world.child.signals, ['TERM']);
  });

  it('is not asked twice where its way of scaling asks in its own manner', async () => {
    const solo = await leaving({
      profile: 'appengine',
      scaling: { kind: 'manual' },
      stopRequest: { path: '/_ah/stop', withinMs: 30_000 },
    });
    solo.answer();
    await solo.world.settle();
    assert.deepEqual([solo.world.asked.length, solo.world.child.signals], [0, ['TERM']]);
  });

  it('that hangs over the request to end is signalled after its time', async () => {
    const solo = await leaving({ stopRequest: { path: '/_ah/stop', withinMs: 5000 } });
    solo.world.answers = () => Promise.withResolvers<never>().promise;
    solo.answer();
    await solo.world.pass(4999);
    assert.deepEqual(solo.world.child.signals, []);
    await solo.world.pass(1);
    assert.deepEqual(solo.world.child.signals, ['TERM']);
  });

  it('of an API server that does not quit within 5 s is a SIGKILL and a warning (MP-25)', async () => {
    const solo = await leaving({
      name: 'api-server',
      role: 'api-server',
      stopRequest: { path: '/quit', withinMs: 5000 },
    });
    solo.answer();
    await solo.world.pass(4999);
    assert.deepEqual([solo.world.asked.length, solo.world.child.signals], [1, []]);
    await solo.world.pass(1);
    assert.deepEqual(solo.world.child.signals, ['KILL']);
    assert.equal(solo.said.includes('WARN api_server did not quit cleanly, killing'), true);
  });
});
