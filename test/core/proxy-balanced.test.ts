/** How requests are given to the instances of a service, as its door decides them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { RequestSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Forward, Headers } from '../../src/core/outside.ts';
import { Stage } from '../support/stage.ts';
import { answerOf, forwarded, settled } from '../support/decisions.ts';

const refused = { kind: 'unreachable', reason: 'connection refused', refused: true } as const;
const broken = { kind: 'unreachable', reason: 'it was reset', refused: false } as const;

const api = (requests: Partial<RequestSpec>, more: Partial<ServiceSpec> = {}): Partial<ServiceSpec> => ({
  ...more,
  requests: { ...usualRequests, ...requests },
});

const ask = async (stage: Stage, head: { headers?: Headers; target?: string } = {}): Promise<Forward> =>
  forwarded(await stage.ask(head, 'api'));

/** A request that comes to an end with this status. */
async function served(stage: Stage, head: { headers?: Headers } = {}, status = 200): Promise<Forward> {
  const decision = await ask(stage, head);
  decision.answered?.(status);
  decision.done();
  return decision;
}

/** One that its instance refuses, with nobody asked instead. */
async function failed(stage: Stage, failure: typeof refused | typeof broken = refused): Promise<string> {
  const decision = await ask(stage);
  void decision.failed(failure);
  decision.done();
  return decision.instance;
}

const settings = (decision: Forward): readonly string[] =>
  (decision.addHeaders ?? []).map(([name, value]) => `${name}: ${value}`);

describe('a service with a limit of requests at once', () => {
  it('never gives an instance more, and serves those who wait in the order they came', async () => {
    const stage = await new Stage([api({ concurrency: 2 }, { instances: 2 })]).up();
    const first = [await ask(stage), await ask(stage), await ask(stage), await ask(stage)];
    assert.deepEqual(
      first.map(({ instance }) => instance),
      ['api.0', 'api.1', 'api.0', 'api.1'],
    );
    const waiting = [settled(stage.ask({}, 'api')), settled(stage.ask({}, 'api'))];
    await stage.world.settle();
    assert.deepEqual(
      waiting.map((each) => each()),
      [undefined, undefined],
    );
    first[1]?.done();
    await stage.world.settle();
    assert.deepEqual(
      waiting.map((each) => each()?.kind),
      ['forward', undefined],
    );
    assert.equal(forwarded(waiting[0]?.()).instance, 'api.1');
    first[0]?.done();
    await stage.world.settle();
    assert.equal(forwarded(waiting[1]?.()).instance, 'api.0');
  });

  it('answers 503, with when to ask again, to who has waited long enough', async () => {
    const stage = await new Stage([api({ concurrency: 1, queueMs: 2000 })]).up();
    const first = await ask(stage);
    const waiting = settled(stage.ask({}, 'api'));
    await stage.world.pass(1999);
    assert.equal(waiting(), undefined);
    assert.equal(stage.service('api').queue, 1);
    await stage.world.pass(2);
    const { status, headers, body } = answerOf(waiting());
    assert.equal(status, 503);
    assert.equal(new Map(headers).get('Retry-After'), '1');
    assert.match(body, /^api is busy \(RUNNING\)\./);
    assert.match(body, /as many requests as it may have at once, and none came free within 2 s\./);
    first.done();
    assert.equal((await ask(stage)).instance, 'api.0');
    await stage.world.pass(1000);
    assert.equal(stage.service('api').queue, undefined);
  });

  it('gives room back for an exchange that lasts', async () => {
    const stage = await new Stage([api({ concurrency: 1 })]).up();
    const socket = await ask(stage);
    const waiting = settled(stage.ask({}, 'api'));
    await stage.world.settle();
    assert.equal(waiting(), undefined);
    socket.lasting?.();
    await stage.world.settle();
    assert.equal(waiting()?.kind, 'forward');
    socket.done();
  });

  it('has those who wait for one instance wait for no other', async () => {
    const stage = await new Stage([api({ concurrency: 1 }, { instances: 2 })]).up();
    const [zero, one] = [await ask(stage), await ask(stage)];
    const host: Headers = [['Host', 'api.1.localhost']];
    const any = settled(stage.ask({}, 'api'));
    const directed = settled(stage.ask({ headers: host }, 'api'));
    const second = settled(stage.ask({}, 'api'));
    zero.done();
    await stage.world.settle();
    assert.deepEqual([any()?.kind, directed(), second()], ['forward', undefined, undefined]);
    one.done();
    await stage.world.settle();
    // The first who can have it is served first.
    assert.equal(forwarded(directed()).instance, 'api.1');
    assert.equal(second(), undefined);
  });

  it('tells those who wait how it is when it is stopped', async () => {
    const stage = await new Stage([api({ concurrency: 1 })]).up();
    await ask(stage);
    const waiting = settled(stage.ask({}, 'api'));
    await stage.world.settle();
    void stage.runtime.stop({ kind: 'service', service: 'api' });
    await stage.world.settle();
    assert.match(answerOf(waiting()).body, /^api is stopping/);
  });
});

describe('affinity by cookie', () => {
  const sticky = api({ affinity: 'cookie' }, { instances: 3 });
  const cookie = (value: string): { headers: Headers } => ({ headers: [['Cookie', value]] });

  it('brings a client back to the instance it had, and tells it only once', async () => {
    const stage = await new Stage([sticky]).up();
    const first = await served(stage);
    assert.deepEqual(settings(first), ['Set-Cookie: local-runtimes-api=0; Path=/; HttpOnly; SameSite=Lax']);
    for (let turn = 0; turn < 3; turn += 1) {
      const next = await served(stage, cookie('a=b; local-runtimes-api=0; c=d'));
      assert.deepEqual([next.instance, settings(next)], ['api.0', []]);
    }
    assert.equal((await served(stage)).instance, 'api.1');
  });

  it('believes nothing of a cookie: what it names must be there and ready, else there is a new one', async () => {
    const stage = await new Stage([sticky]).up();
    for (const value of ['9', '-1', 'x', '0x1', '1;', '', '99999999', '1.5', '../1']) {
      const next = await served(stage, cookie(`local-runtimes-api=${value === '1;' ? ' 1' : value}`));
      assert.equal(settings(next).length, 1, value);
    }
    void stage.runtime.stop({ kind: 'instance', instance: 'api.2' });
    const next = await served(stage, cookie('local-runtimes-api=2'));
    assert.notEqual(next.instance, 'api.2');
    assert.deepEqual(settings(next), [
      `Set-Cookie: local-runtimes-api=${next.instance.slice(-1)}; Path=/; HttpOnly; SameSite=Lax`,
    ]);
  });

  it('is a wish alone: who finds its instance full goes to another', async () => {
    const stage = await new Stage([api({ affinity: 'cookie', concurrency: 1 }, { instances: 2 })]).up();
    const one = await ask(stage, cookie('local-runtimes-api=1'));
    const other = await ask(stage, cookie('local-runtimes-api=1'));
    assert.deepEqual([one.instance, other.instance, settings(other).length], ['api.1', 'api.0', 1]);
  });

  it('means nothing where a service does not want it', async () => {
    const stage = await new Stage([api({}, { instances: 2 })]).up();
    const next = await served(stage, cookie('local-runtimes-api=1'));
    assert.deepEqual([next.instance, next.addHeaders], ['api.0', undefined]);
  });
});

describe('an instance to which requests fail', () => {
  const three = api({}, { instances: 3 });

  /** All of them are asked until one has failed so often that it is taken out. */
  async function outOfService(stage: Stage): Promise<void> {
    for (let round = 0; round < 3; round += 1)
      for (let turn = 0; turn < 3; turn += 1) {
        const decision = await ask(stage);
        if (decision.instance === 'api.1') void decision.failed(refused);
        else decision.answered?.(200);
        decision.done();
      }
    await stage.world.settle();
  }
  const names = async (stage: Stage, count = 6): Promise<ReadonlySet<string>> => {
    const found = new Set<string>();
    for (let turn = 0; turn < count; turn += 1) found.add((await served(stage)).instance);
    return found;
  };

  it('three times in a row is taken out, is told so, and comes back once it accepts connections', async () => {
    const stage = await new Stage([three]).up();
    let accepts = false;
    stage.world.connects = () => accepts;
    await outOfService(stage);
    assert.deepEqual(await names(stage), new Set(['api.0', 'api.2']));
    assert.match(stage.view('api.1').outOfService ?? '', /failed several times in a row/);
    assert.equal(stage.view('api.0').outOfService, undefined);
    await stage.world.pass(1000);
    assert.deepEqual(await names(stage), new Set(['api.0', 'api.2']));
    accepts = true;
    await stage.world.pass(2000);
    assert.deepEqual(await names(stage), new Set(['api.0', 'api.1', 'api.2']));
    assert.equal(stage.view('api.1').outOfService, undefined);
  });

  it('is looked at ever more rarely, half a minute at most', async () => {
    const stage = await new Stage([three]).up();
    stage.world.connects = () => false;
    await outOfService(stage);
    const port = Number(stage.world.children[1]?.plan.env['PORT']);
    const from = stage.world.clock.now();
    await stage.world.pass(125_000);
    const looks = stage.world.looks.filter(({ at, what }) => at > from && what === `connect ${port}`);
    assert.deepEqual(
      looks.map(({ at }) => Math.round((at - from) / 1000)),
      [1, 3, 7, 15, 31, 61, 91, 121],
    );
  });

  it('is on trial when it is back: one more failure takes it out again, for longer', async () => {
    const stage = await new Stage([three]).up();
    await outOfService(stage);
    await stage.world.pass(1000);
    for (let turn = 0; turn < 3; turn += 1) {
      const decision = await ask(stage);
      if (decision.instance === 'api.1') void decision.failed(broken);
      decision.done();
    }
    assert.deepEqual(await names(stage), new Set(['api.0', 'api.2']));
    await stage.world.pass(1999);
    assert.deepEqual(await names(stage), new Set(['api.0', 'api.2']));
    await stage.world.pass(2);
    assert.deepEqual(await names(stage), new Set(['api.0', 'api.1', 'api.2']));
  });

  it('is back at once when it has started again', async () => {
    const stage = await new Stage([three]).up();
    stage.world.connects = () => false;
    await outOfService(stage);
    stage.world.connects = (port) => stage.world.openPorts.has(port);
    stage.world.children[1]?.end({ code: 1 });
    await stage.world.settle();
    stage.open();
    await stage.world.pass(50);
    assert.equal(stage.view('api.1').state, 'RUNNING');
    assert.deepEqual(await names(stage), new Set(['api.0', 'api.1', 'api.2']));
  });

  it('now and then stays: an answer makes what was before past', async () => {
    const stage = await new Stage([api({}, { instances: 2 })]).up();
    for (let round = 0; round < 3; round += 1) {
      assert.equal(await failed(stage), 'api.0');
      await served(stage);
      await served(stage, {}, 500);
      await served(stage);
    }
    assert.deepEqual(await names(stage, 4), new Set(['api.0', 'api.1']));
  });

  it('goes on to have all requests where there is no other', async () => {
    const stage = await new Stage([{}]).up();
    for (let turn = 0; turn < 9; turn += 1) assert.equal(await failed(stage), 'api.0');
    assert.equal((await ask(stage)).instance, 'api.0');
    assert.equal(stage.view().outOfService, undefined);
  });

  it('is asked all the same when the only other one has just failed', async () => {
    const stage = await new Stage([three]).up();
    stage.world.connects = () => false;
    await outOfService(stage);
    const first = await ask(stage);
    const second = first.elsewhere?.();
    const third = second?.elsewhere?.();
    assert.deepEqual(
      [first.instance, second?.instance, third?.instance, third?.elsewhere?.()],
      ['api.0', 'api.2', 'api.1', undefined],
    );
  });

  it('in a life before this one has none of it to answer for', async () => {
    const stage = await new Stage([api({}, { instances: 2 })]).up();
    const old: Forward[] = [];
    for (let turn = 0; turn < 8; turn += 1) old.push(await ask(stage));
    for (const child of [...stage.world.children]) child.end({ code: 1 });
    await stage.world.settle();
    stage.open();
    await stage.world.pass(50);
    for (const each of old.filter(({ instance }) => instance === 'api.1')) {
      void each.failed(broken);
      each.done();
    }
    assert.deepEqual(await names(stage, 2), new Set(['api.0', 'api.1']));
  });
});

describe('one instance by its name', () => {
  const at = (index: number): { headers: Headers } => ({
    headers: [['Host', `api.${index}.localhost:8080`]],
  });

  it('is the only one that is asked, at the common door and at the service’s own', async () => {
    const stage = await new Stage([api({}, { instances: 2 }), { name: 'web' }]).up();
    for (const door of [undefined, 'api'])
      for (const index of [1, 0, 1])
        assert.equal(forwarded(await stage.ask(at(index), door)).instance, `api.${index}`);
    assert.deepEqual(
      [stage.view('api.1').url, stage.service('api').namedUrl],
      ['http://api.1.localhost:50000/', 'http://api.localhost:50000/'],
    );
  });

  it('that there is not is answered kindly with 404, and one that does not run with its state', async () => {
    const stage = await new Stage([api({}, { instances: 2 }), { name: 'web' }]).up();
    const missing = answerOf(await stage.ask(at(7)));
    assert.equal(missing.status, 404);
    assert.match(missing.body, /^There is no instance api\.7 of api: it has api\.0, api\.1\n/);
    void stage.runtime.stop({ kind: 'instance', instance: 'api.1' });
    await stage.world.settle();
    const down = answerOf(await stage.ask(at(1)));
    assert.equal(down.status, 503);
    assert.match(down.body, /STOPPING/);
    assert.doesNotMatch(down.body, /api\.0/);
    assert.equal(forwarded(await stage.ask(at(0))).instance, 'api.0');
  });

  it('has nobody asked instead when it refuses the connection', async () => {
    const stage = await new Stage([api({}, { instances: 2 })]).up();
    const decision = forwarded(await stage.ask(at(1), 'api'));
    assert.equal(decision.elsewhere?.(), undefined);
  });
});

describe('a request that took too long', () => {
  it('is answered with 504, and what to do about it', async () => {
    const stage = await new Stage([{}]).up();
    const decision = await ask(stage);
    const answer = decision.failed({ kind: 'timed-out', reason: 'no answer began within 5 s' });
    await stage.world.pass(101);
    const { status, body } = await answer;
    assert.equal(status, 504);
    assert.match(body, /^api did not answer in time \(RUNNING\)\./);
    assert.match(body, /api\.0 did not answer in time: no answer began within 5 s\./);
    assert.match(body, /raise its "timeouts"/);
  });
});

describe('deciding', () => {
  it('makes no promise where somebody is free', async () => {
    const stage = await new Stage([{ name: 'web' }, { name: 'api' }]).up();
    const head = { method: 'GET', target: '/', version: '1.1', remote: '127.0.0.1', upgrade: false };
    const decisions = stage.world.doorsOpened.map(({ decide }) =>
      decide({ ...head, headers: [['Host', 'api.localhost']] }),
    );
    assert.deepEqual(
      decisions.map((each) => (each instanceof Promise ? 'later' : each.kind)),
      ['forward', 'forward', 'forward'],
    );
  });
});
