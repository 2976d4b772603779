/** Asking for a background thread: what comes of it, and what is told where none begins (spec 3.4). */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import type { HttpClient } from '../../src/core/outside.ts';
import { FaultError } from '../../src/faults/make.ts';
import { Stage } from '../support/stage.ts';
import { appOf } from './appengine/support.ts';

/** Allowed so many threads. */
const scaled = (backgroundThreads: number): Partial<ServiceSpec> => ({
  scaling: { kind: 'manual' },
  profile: 'appengine',
  appengine: appOf({ backgroundThreads }),
});

/** The fault's code and its message, as whoever has asked gets them. */
async function refusalOf(asked: Promise<unknown>): Promise<string> {
  const error = await asked.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof FaultError)) throw new Error(`It was not refused: ${String(error)}`);
  return `${error.fault.code}: ${error.message}`;
}

describe('asking for a background thread', () => {
  it('gives the id that its request bears once that is sent, and waits for no end of it', async () => {
    const stage = await new Stage([scaled(2)]).up();
    await stage.world.settle();
    stage.world.answers = ({ sent }) => {
      sent?.();
      return new Promise<never>(() => undefined);
    };
    const ids = [await stage.runtime.background('api.0'), await stage.runtime.background('api.0')];
    assert.notEqual(ids[0]?.id, ids[1]?.id);
    const heads = stage.world.asked
      .slice(-2)
      .map(({ head }) => [
        `${head.method} ${head.target}`,
        head.headers.find(([name]) => name.toLowerCase() === 'x-appengine-backgroundrequest')?.[1],
      ]);
    assert.deepEqual(
      heads,
      ids.map(({ id }) => ['GET /_ah/background', id]),
    );
  });

  it('is refused in the words of the reference before the start, at the limit, and after the end (IN-8)', async () => {
    const stage = new Stage([scaled(1)]);
    const ask = (): Promise<unknown> => stage.runtime.background('api.0');
    const words = 'background-refused: api.0 begins no background thread: Instance';
    assert.equal(await refusalOf(ask()), `${words} has not started.`);
    await stage.up();
    stage.world.answers = ({ sent, head }) => {
      sent?.();
      return head.target === '/_ah/background' ? new Promise<never>(() => undefined) : answered;
    };
    await ask();
    const full = `${words} has no additional background thread capacity`;
    assert.equal(await refusalOf(ask()), `${full} (limit reached: "backgroundThreads" is 1).`);
    const stopped = stage.runtime.stop({ kind: 'all' });
    await stage.world.settle();
    stage.world.child.end({ signal: 'SIGTERM' });
    await stopped;
    assert.equal(await refusalOf(ask()), `${words} has been quit.`);
  });

  it('is told that none is allowed where nothing is said of them', async () => {
    const stage = await new Stage([scaled(0)]).up();
    assert.match(
      await refusalOf(stage.runtime.background('api.0')),
      /capacity \(limit reached: "backgroundThreads" is 0, which allows none\)\.$/,
    );
  });

  it('is refused with the reason where its request comes to nothing, and leaves the place to the next', async () => {
    const stage = await new Stage([scaled(1)]).up();
    await stage.world.settle();
    stage.world.answers = () => Promise.resolve({ kind: 'unreachable', reason: 'reset', refused: false });
    for (let at = 0; at < 2; at += 1)
      assert.equal(
        await refusalOf(stage.runtime.background('api.0')),
        'background-refused: api.0 begins no background thread: api.0: GET /_ah/background came to nothing: reset.',
      );
  });

  it('is refused without scaling, to a backend, without trust, and where there is no such instance', async () => {
    const stage = await new Stage([{}]).up();
    assert.equal(
      await refusalOf(stage.runtime.background('api.0')),
      'background-unscaled: api.0 has no background threads: its service has no "scaling".',
    );
    const source = { file: '/w/runtimes.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const backend: Partial<ServiceSpec> = {
      name: 'worker',
      role: 'backend',
      backend: { name: 'worker', class: 'B2', public: true, dynamic: false, failFast: true, index: 1 },
    };
    const topology = { app: 'web', minPort: 0, source };
    const site = await new Stage([{ name: 'web', role: 'app' }, backend], true, { topology }).up();
    assert.equal(
      await refusalOf(site.runtime.background('worker.0')),
      'background-unscaled: worker.0 has no background threads: it is a backend.',
    );
    assert.match(await refusalOf(stage.runtime.background('api.7')), /^no-such-service: /);
    assert.match(await refusalOf(new Stage([scaled(1)], false).runtime.background('api.0')), /^untrusted: /);
  });
});

const answered: ReturnType<HttpClient['send']> = Promise.resolve({
  ...{ status: 200, reason: 'OK', headers: [], body: new Uint8Array(), length: 0, broken: false },
});
