import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Received } from '../../../src/core/outside.ts';
import { app, backend, Crew, received } from './crew.ts';

const paths = (crew: Crew): readonly string[] => crew.world.asked.map(({ head }) => head.target);

describe('the start request of a backend', () => {
  for (const status of [500, 302, 503, 403]) {
    it(`is sent again every second as long as it is answered with ${status} (MP-12)`, async () => {
      const crew = new Crew([backend('worker', 1)]);
      crew.answer(status);
      await crew.start('worker.0');
      assert.deepEqual(paths(crew), ['/_ah/start']);
      await crew.world.pass(990);
      assert.equal(crew.world.asked.length, 1);
      await crew.world.pass(10);
      assert.equal(crew.world.asked.length, 2);
      await crew.world.pass(5000);
      assert.equal(crew.world.asked.length, 7);
    });
  }

  for (const status of [200, 299, 404]) {
    it(`is over when it is answered with ${status} (MP-12, MP-15)`, async () => {
      const crew = new Crew([backend('worker', 1)]);
      crew.answer(status);
      await crew.start('worker.0');
      await crew.world.pass(10_000);
      assert.equal(crew.world.asked.length, 1);
      const outcome = crew.dispatch('worker').take({ type: 'normal', without: [], path: '/' });
      assert.equal(outcome instanceof Promise ? 'waits' : outcome.kind, 'taken');
    });
  }

  it('that finds nobody is told and sent again (MP-12)', async () => {
    const crew = new Crew([backend('worker', 1)]);
    crew.answer(undefined);
    await crew.start('worker.0');
    const port = crew.instance('worker.0').address?.port;
    assert.deepEqual(
      crew.said.filter((line) => line.includes('Failed')),
      [
        `WARN [Backend Instance] [worker.0] Failed start request to Backend Instance: worker.0 [http://localhost:${port}]: connect ECONNREFUSED 127.0.0.1`,
      ],
    );
    crew.answer(200);
    await crew.world.pass(1000);
    assert.equal(crew.world.asked.length, 2);
  });

  it('goes to the instances of backends, and to nobody else (MP-13)', async () => {
    const crew = new Crew([app(), backend('worker', 1, { instances: 2 })]);
    await crew.start('shop.0', 'worker.0', 'worker.1');
    await crew.world.pass(2000);
    const ports = ['worker.0', 'worker.1'].map((name) => crew.instance(name).address?.port);
    assert.deepEqual(
      crew.world.asked.map(({ port }) => port),
      ports,
    );
  });

  it('is sent anew to the next life of a child', async () => {
    const crew = new Crew([backend('worker', 1)]);
    await crew.start('worker.0');
    assert.equal(crew.world.asked.length, 1);
    const port = crew.instance('worker.0').address?.port ?? 0;
    crew.world.openPorts.delete(port);
    crew.world.child.end({ code: 1 });
    await crew.world.settle();
    crew.world.openPorts.add(port);
    await crew.world.pass(50);
    assert.equal(crew.world.asked.length, 2);
  });

  it('has no limit, and keeps other requests waiting meanwhile; its answer serves them', async () => {
    const crew = new Crew([backend('worker', 1)]);
    const { promise, resolve } = Promise.withResolvers<Received>();
    crew.world.answers = () => promise;
    await crew.start('worker.0');
    const waiting = Promise.resolve(crew.dispatch('worker').take({ type: 'normal', without: [], path: '/' }));
    await crew.world.pass(60_000);
    assert.deepEqual([crew.dispatch('worker').waiting, crew.world.asked[0]?.timeoutMs], [1, 0]);
    resolve(received(200));
    assert.equal((await waiting).kind, 'taken');
  });

  it('has the form that the profile of its service gives it, and an end for each beginning', async () => {
    const crew = new Crew([backend('worker', 1)]);
    const heard: string[] = [];
    crew.profile = ({ name }, { kind }) => {
      heard.push(`${kind} ${name}`);
      const head = { method: 'GET', target: '/_ah/start', headers: [['X-AppEngine-Mine', '1']] } as const;
      return { id: 'a', head, end: () => heard.push('end') };
    };
    crew.answer(503);
    await crew.start('worker.0');
    assert.deepEqual(crew.world.asked[0]?.head.headers, [['X-AppEngine-Mine', '1']]);
    assert.deepEqual(heard, ['start worker.0', 'end']);
  });

  it('is sent by one loop alone, however often the definition is read again', async () => {
    const crew = new Crew([backend('worker', 1)]);
    crew.answer(500);
    await crew.start('worker.0');
    for (const spec of crew.specs) crew.dispatch('worker').redefined(spec);
    await crew.world.pass(1990);
    assert.equal(crew.world.asked.length, 2);
  });

  it('is no more sent when its instance is stopped', async () => {
    const crew = new Crew([backend('worker', 1)]);
    crew.answer(500);
    await crew.start('worker.0');
    void crew.instance('worker.0').stop();
    await crew.world.pass(5000);
    assert.equal(crew.world.asked.length, 1);
  });
});
