import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { treatmentOf } from '../../src/core/treatment.ts';
import type { ServiceView } from '../../src/core/model.ts';
import { programSpec } from '../support/program.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';

describe('what a service’s definition says about its requests', () => {
  const { requests } = specOf({});
  const backend = {
    name: 'reports',
    class: 'B2',
    public: false,
    dynamic: true,
    failFast: true,
    index: 1,
  } as const;

  it('is nothing where all of it is as usual', () => {
    assert.equal(treatmentOf(specOf({})), undefined);
    assert.equal(treatmentOf(specOf({ scaling: { kind: 'manual' } })), undefined);
  });

  it('is its profile, how many at once, and who stays where', () => {
    assert.deepEqual(
      treatmentOf(
        specOf({ profile: 'appengine', requests: { ...requests, concurrency: 2, affinity: 'cookie' } }),
      ),
      { profile: 'appengine', concurrency: 2, queueMs: requests.queueMs, affinity: 'cookie' },
    );
  });

  it('is the limits within which requests scale it', () => {
    assert.deepEqual(treatmentOf(specOf({ scaling: { kind: 'basic', maxInstances: 5, idleMs: 300_000 } })), {
      maxInstances: 5,
      idleMs: 300_000,
    });
    const automatic = {
      minPendingMs: 30,
      maxPendingMs: 90,
      minIdle: 1,
      maxIdle: 4,
      rounding: 'down',
    } as const;
    assert.deepEqual(treatmentOf(specOf({ scaling: { kind: 'automatic', maxInstances: 3, ...automatic } })), {
      maxInstances: 3,
      idle: { least: 1, most: 4 },
    });
    assert.deepEqual(treatmentOf(specOf({ requests: { ...requests, idleMs: 60_000 } })), { idleMs: 60_000 });
  });

  it('is what kind of backend it is, whose instances take one at a time unless told otherwise', () => {
    const kind = { failFast: true, dynamic: true, public: false };
    assert.deepEqual(treatmentOf(specOf({ role: 'backend', backend })), { concurrency: 1, backend: kind });
  });
});

describe('a service as the faces see it', () => {
  const viewOf = (more: ConstructorParameters<typeof Stage>[0][number]): ServiceView | undefined =>
    new Stage([more]).runtime.snapshot().services[0];

  it('tells the port that the file fixes', () => {
    assert.equal(viewOf({ port: 8080 })?.fixedPort, 8080);
    assert.equal(viewOf({})?.fixedPort, undefined);
  });

  it('takes input where it is a program of Supervisor’s whose stdin stays open', () => {
    assert.equal(viewOf(programSpec({ name: 'cat' }))?.takesInput, true);
    assert.equal(viewOf({})?.takesInput, undefined);
  });
});
