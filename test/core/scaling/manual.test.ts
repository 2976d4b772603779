/** Manual scaling, spec 3.9. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { InternalRequest } from '../../../src/core/appengine/front.ts';
import type { Taken } from '../../../src/core/scaling/dispatch.ts';
import { answered, Crew, type Part, refusedConnection, slowAnswer } from './crew.ts';

const manual: Part = { scaling: { kind: 'manual' }, requests: { concurrency: 2 } };
const reference: Part = { ...manual, profile: 'appengine' };

const page = '<HTML><BODY>503 - This request has timed out.</BODY></HTML>';

function names(...taken: readonly Taken[]): readonly string[] {
  return taken.map(({ instance }) => instance.name);
}

describe('manual scaling', () => {
  it('sends /_ah/start to the port of an instance that is up, which serves nobody before its answer (IN-33)', async () => {
    const crew = new Crew(manual);
    const start = slowAnswer();
    crew.world.answers = () => start.promise;
    await crew.begin();
    assert.deepEqual(crew.asked, [`GET /_ah/start at ${crew.at(0).address?.port}`]);
    assert.equal(crew.way.outOfService(crew.at(0)), 'its ready request is not answered yet');
    const request = crew.waits();
    start.come(404);
    await crew.world.settle();
    assert.deepEqual(names(request.taken), ['web.0']);
    assert.equal(crew.way.outOfService(crew.at(0)), undefined);
    assert.deepEqual(crew.said, ['info web.0: GET /_ah/start answered 404']);
  });

  it('sends nothing where the start came to nothing (IN-33)', async () => {
    const crew = new Crew(manual);
    crew.world.spawnFailure = { reason: 'there is no such program', way: '' };
    await crew.begin();
    assert.equal(crew.at(0).stateName, 'BACKOFF');
    assert.deepEqual(crew.asked, []);
    assert.deepEqual(await crew.take(), { kind: 'nobody' });
  });

  it('serves although its ready request came to nothing, and tells a person', async () => {
    const crew = new Crew(manual);
    crew.world.answers = () => Promise.resolve({ kind: 'unreachable', reason: 'reset', refused: false });
    await crew.begin();
    assert.deepEqual(names(crew.taken()), ['web.0']);
    assert.deepEqual(crew.said, ['warn web.0: GET /_ah/start came to nothing: reset']);
  });

  it('asks in the name of the profile where there is one: as the front layer makes such requests', async () => {
    const made: InternalRequest[] = [];
    let open = 0;
    const crew = new Crew(reference, 1, {
      internalRequest: (request, at) => {
        made.push(request);
        open += 1;
        assert.equal(at.id, '0');
        return {
          id: 'abc',
          head: { method: 'GET', target: '/_ah/start', headers: [['X-AppEngine-Country', 'ZZ']] },
          end: () => {
            open -= 1;
          },
        };
      },
    });
    await crew.begin();
    assert.deepEqual(made, [{ kind: 'start' }]);
    assert.deepEqual(crew.world.asked[0]?.head.headers, [['X-AppEngine-Country', 'ZZ']]);
    assert.equal(open, 0, 'its request id is live no longer');
  });

  it('takes the first in order that has room, and waits when none has (IN-35)', async () => {
    const crew = await new Crew(manual, 2).begin();
    const four = [crew.taken(), crew.taken(), crew.taken(), crew.taken()];
    assert.deepEqual(names(...four), ['web.0', 'web.0', 'web.1', 'web.1']);
    const fifth = crew.waits();
    const sixth = crew.waits();
    assert.equal(crew.way.waiting, 2);
    four[2]?.done(answered);
    await crew.world.settle();
    assert.deepEqual(names(fifth.taken), ['web.1']);
    assert.equal(sixth.outcome, undefined);
    assert.equal(crew.way.waiting, 1);
  });

  it('answers with the page of the reference after ten seconds; for one instance alone without a body (IN-36)', async () => {
    const crew = await new Crew(reference, 2).begin();
    for (let count = 0; count < 4; count += 1) crew.taken();
    const any = crew.waits();
    const one = crew.waits({ directed: 1 });
    await crew.world.pass(9_999);
    assert.equal(any.outcome, undefined);
    await crew.world.pass(1);
    assert.equal(any.answer.status, 503);
    assert.equal(any.answer.body, page);
    assert.deepEqual(any.answer.headers, [
      ['Content-Type', 'text/html'],
      ['Content-Length', String(page.length)],
    ]);
    assert.equal(one.answer.status, 503);
    assert.equal(one.answer.reason, 'Service Unavailable');
    assert.equal(one.answer.body, '');
  });

  it('answers a request for one instance at once with 503 when that has quit (IN-36)', async () => {
    const crew = await new Crew({ ...reference, restart: 'never' }, 2).begin();
    crew.taken({ directed: 1 });
    crew.taken({ directed: 1 });
    const one = crew.waits({ directed: 1 });
    const any = crew.taken();
    crew.child(1).end({ code: 1 });
    await crew.world.settle();
    assert.equal(one.answer.status, 503);
    assert.equal(one.answer.body, '');
    assert.deepEqual(names(any), ['web.0']);
  });

  it('tells the front door why, where the service is not one of the reference', async () => {
    const crew = await new Crew(manual).begin();
    crew.taken();
    crew.taken();
    const late = crew.waits();
    await crew.world.pass(10_000);
    assert.deepEqual(late.outcome, { kind: 'nobody', full: true });
  });

  it('starts and serves with one more while it runs, and does not start it while it is stopped (IN-34)', async () => {
    const crew = await new Crew(manual).begin();
    const more = crew.grow();
    more.start(false);
    await crew.up();
    assert.equal(crew.asked.length, 2);
    assert.deepEqual(names(crew.taken({ directed: 1 })), ['web.1']);

    await crew.end();
    crew.grow();
    await crew.up();
    assert.equal(crew.states, 'web.0 STOPPED, web.1 STOPPED, web.2 STOPPED');
    assert.deepEqual(
      crew.way.begin().map(({ name }) => name),
      ['web.0', 'web.1', 'web.2'],
    );
  });

  it('ends those beyond the number gracefully, from the end, and leaves the others alone (IN-37)', async () => {
    const crew = await new Crew(reference, 3).begin();
    const port = crew.at(2).address?.port;
    const request = crew.taken({ directed: 2 });
    const gone = crew.shrink();
    await crew.world.settle();
    assert.equal(crew.asked.at(-1), `GET /_ah/stop at ${port}`);
    assert.deepEqual(gone.child.signals, [], 'it still has a request');
    request.done(answered);
    await crew.world.settle();
    assert.deepEqual(gone.child.signals, ['TERM']);
    assert.deepEqual(names(crew.taken(), crew.taken({ directed: 1 })), ['web.0', 'web.1']);
    assert.deepEqual(crew.take({ directed: 2 }), { kind: 'nobody' });
    const before = crew.world.children.length;
    crew.way.redefined(crew.spec);
    assert.equal(crew.world.children.length, before, 'the same number changes nothing');
  });

  it('is left half a minute for its graceful end, whatever it has, and is put down then (IN-32)', async () => {
    const crew = await new Crew({
      ...reference,
      stopRequest: { path: '/_ah/stop', withinMs: 30_000 },
    }).begin();
    const stop = slowAnswer();
    crew.world.answers = () => stop.promise;
    crew.taken();
    const child = crew.child(0);
    void crew.at(0).stop();
    await crew.world.pass(10_000);
    stop.come();
    await crew.world.pass(19_999);
    assert.deepEqual(child.signals, []);
    await crew.world.pass(2);
    assert.deepEqual(child.signals, ['TERM']);
    assert.equal(crew.asked.filter((each) => each.includes('/_ah/stop')).length, 1);
  });

  it('waits for a start that never comes to its end no longer than for the answer to its stop request (IN-32)', async () => {
    const crew = new Crew(reference);
    const stop = slowAnswer();
    crew.world.answers = ({ head }) =>
      head.target === '/_ah/stop' ? stop.promise : new Promise(() => undefined);
    await crew.begin();
    const child = crew.child(0);
    void crew.at(0).stop();
    await crew.world.pass(1000);
    assert.deepEqual(child.signals, [], 'it may take its time to answer');
    stop.come();
    await crew.world.settle();
    assert.deepEqual(child.signals, ['TERM']);
    assert.deepEqual(crew.said, [
      'info web.0: GET /_ah/stop answered 200',
      'warn web.0: GET /_ah/start came to nothing: it was called off',
    ]);
    // The next run asks again.
    child.end({ code: 0 });
    await crew.world.pass(1);
    await crew.begin();
    assert.equal(crew.asked.at(-1), `GET /_ah/start at ${crew.at(0).address?.port}`);
    assert.equal(crew.way.outOfService(crew.at(0)), 'its ready request is not answered yet');
  });

  it('answers 404 while it is stopped, and goes on as before once it is started; twice is as once (IN-38)', async () => {
    const crew = await new Crew(reference, 2).begin();
    await crew.end();
    const outcome = crew.take();
    assert.ok(!(outcome instanceof Promise) && outcome.kind === 'refused');
    assert.equal(outcome.answer.status, 404);
    assert.equal(outcome.answer.reason, 'Not Found');
    assert.equal(outcome.answer.body, '');
    // Stopping what is stopped is no error here: whoever says it has what they want.
    crew.way.end();
    await crew.begin();
    await crew.begin();
    assert.equal(crew.states, 'web.0 RUNNING, web.1 RUNNING');
    assert.deepEqual(names(crew.taken({ directed: 1 })), ['web.1']);
  });

  it('has the front door tell that it is stopped, where the service is not one of the reference (IN-38)', async () => {
    const crew = await new Crew(manual).begin();
    crew.taken();
    crew.taken();
    const waiting = crew.waits();
    await crew.end();
    assert.deepEqual(waiting.outcome, { kind: 'nobody' });
    assert.deepEqual(crew.take(), { kind: 'nobody' });
  });

  it('restarts an instance in its place, with its id, and sends requests there again (IN-39)', async () => {
    const crew = await new Crew(reference, 2).begin();
    assert.equal(crew.way.idOf(crew.at(1)), '1');
    const old = crew.child(1);
    crew.at(1).restart();
    await crew.world.settle();
    const during = crew.waits({ directed: 1 });
    old.end({ code: 0 });
    await crew.up();
    assert.deepEqual(names(during.taken), ['web.1']);
    assert.notEqual(crew.child(1), old);
    assert.equal(crew.way.idOf(crew.at(1)), '1');
  });

  it('waits for the requests of one that is restarted no longer than for any other that is stopped (IN-39)', async () => {
    const crew = await new Crew(reference).begin();
    crew.taken();
    const old = crew.child(0);
    crew.at(0).restart();
    await crew.world.pass(999);
    assert.deepEqual(old.signals, []);
    await crew.world.pass(2);
    assert.deepEqual(old.signals, ['TERM']);
  });

  it('restarts all that run when a file changes, whatever the policy says (IN-40)', async () => {
    const crew = await new Crew({ ...reference, appengine: { restartOnChange: 'never' } }, 2).begin();
    assert.equal(crew.way.filesChanged(), undefined);
  });

  it('gives no request to an instance that refuses connections, until it takes them again', async () => {
    const crew = await new Crew(manual, 2).begin();
    const port = crew.at(0).address?.port ?? 0;
    crew.world.openPorts.delete(port);
    crew.taken().done(refusedConnection);
    await crew.world.settle();
    assert.equal(crew.way.outOfService(crew.at(0)), 'it accepts no connections; it is tried again by itself');
    assert.deepEqual(names(crew.taken({ without: ['web.0'] }), crew.taken()), ['web.1', 'web.1']);
    const third = crew.waits();
    crew.world.openPorts.add(port);
    await crew.world.pass(100);
    assert.deepEqual(names(third.taken), ['web.0']);
    assert.equal(crew.way.outOfService(crew.at(0)), undefined);
  });

  it('never lets another try of a refused request wait', async () => {
    const crew = await new Crew(manual).begin();
    assert.deepEqual(crew.take({ without: ['web.0'] }), { kind: 'nobody' });
  });

  it('prefers whoever had the requests of that client before, as long as there is room', async () => {
    const crew = await new Crew(manual, 2).begin();
    const three = [1, 2, 3].map(() => crew.taken({ prefer: 'web.1' }));
    assert.deepEqual(names(...three), ['web.1', 'web.1', 'web.0']);
  });
});

describe('background requests', () => {
  const threads: Part = { ...reference, appengine: { backgroundThreads: 1 } };
  const thread = (crew: Crew, id: string, begun: (failure?: string) => void = () => undefined) =>
    crew.way.background(crew.at(0), id, begun);

  it('reserve a thread first, tell the application which in a header, and are refused at the limit (IN-53)', async () => {
    const crew = await new Crew(threads).begin();
    const run = slowAnswer();
    crew.world.answers = () => run.promise;
    assert.equal(thread(crew, 'thread-7'), undefined);
    assert.equal(thread(crew, 'thread-8'), 'Instance has no additional background thread capacity');
    const { head } = crew.world.asked.at(-1)!;
    assert.equal(head.target, '/_ah/background');
    assert.deepEqual(head.headers.at(-1), ['X-AppEngine-BackgroundRequest', 'thread-7']);
    assert.equal(crew.way.busy(crew.at(0)), 0, 'it takes no room of others');
    run.come();
    await crew.world.settle();
    assert.equal(crew.said.at(-1), 'info web.0: GET /_ah/background answered 200');
    assert.equal(thread(crew, 'thread-9'), undefined);
  });

  it('that come to nothing are told in the log and raise nothing; whoever was refused hears it at once (IN-54)', async () => {
    const crew = await new Crew(threads).begin();
    crew.world.answers = () => Promise.resolve({ kind: 'unreachable', reason: 'reset', refused: false });
    const begun: unknown[] = [];
    assert.equal(
      thread(crew, 'thread-1', (failure) => begun.push(failure)),
      undefined,
    );
    await crew.world.settle();
    assert.deepEqual(begun, ['web.0: GET /_ah/background came to nothing: reset']);
    assert.equal(
      crew.said.at(-1),
      'warn Internal error while handling request. web.0: GET /_ah/background came to nothing: reset',
    );
    await crew.end();
    assert.equal(thread(crew, 'thread-2'), 'Instance has been quit');
  });

  it('and everything else can be ended before anything was begun (IN-54)', () => {
    for (const kind of ['manual', 'basic', 'automatic'] as const) {
      const crew = new Crew({ ...manual, scaling: Crew.scaling(kind) });
      crew.way.end();
      crew.way.dispose();
      assert.deepEqual(crew.take(), { kind: 'nobody' });
      assert.equal(crew.world.children.length, 0);
    }
  });
});
