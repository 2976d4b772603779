import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import { problemsOf, read } from './reading.ts';

function service(body: string): ServiceSpec {
  const config = read(`services:\n  api: { command: x, ${body} }\n`);
  assert.deepEqual(problemsOf(config), []);
  const [spec] = config.services;
  assert.ok(spec !== undefined);
  return spec;
}

/** What is said of the keys of a service. */
function said(body: string): readonly string[] {
  return problemsOf(read(`services:\n  api: { command: x, ${body} }\n`)).map((line) =>
    line.replace(/^2:\d+-\d+ /, ''),
  );
}

const automatic = {
  kind: 'automatic',
  minPendingMs: 100,
  maxPendingMs: 500,
  minIdle: 1,
  maxIdle: 1000,
  maxInstances: 20,
  rounding: 'down',
};

describe('automatic scaling', () => {
  it('has its defaults for what is unset and for what is called automatic (IN-18)', () => {
    const word = 'automatic';
    for (const body of [
      'scaling: automatic',
      'scaling: { kind: automatic }',
      `scaling: { kind: ${word}, minPending: ${word}, maxPending: ${word}, minIdle: ${word}, maxIdle: ${word} }`,
    ])
      assert.deepEqual(service(body).scaling, automatic);
  });

  it('reads latencies in milliseconds and in seconds, and idle limits as whole numbers (IN-18)', () => {
    const { scaling } = service(
      'scaling: { kind: automatic, minPending: 1234ms, maxPending: 5.67s, minIdle: 3, maxIdle: 20, rounding: up, maxInstances: 7 }',
    );
    assert.deepEqual(scaling, {
      ...automatic,
      minPendingMs: 1234,
      maxPendingMs: 5670,
      minIdle: 3,
      maxIdle: 20,
      rounding: 'up',
      maxInstances: 7,
    });
  });

  it('begins with one instance, which handles ten requests at once unless told otherwise, and stops without being asked', () => {
    const spec = service('scaling: automatic');
    assert.deepEqual([spec.instances, spec.requests.concurrency, spec.stopRequest], [1, 10, undefined]);
    assert.equal(service('scaling: automatic, concurrency: 3').requests.concurrency, 3);
  });
});

describe('basic scaling', () => {
  it('reads minutes and seconds, and has all its instances from the beginning (IN-46)', () => {
    assert.deepEqual(service('scaling: basic').scaling, { kind: 'basic', maxInstances: 1, idleMs: 900_000 });
    const spec = service('scaling: { kind: basic, maxInstances: 4, idleTimeout: 10s }');
    assert.deepEqual(spec.scaling, { kind: 'basic', maxInstances: 4, idleMs: 10_000 });
    assert.equal(service('scaling: { kind: basic, idleTimeout: 15m }').scaling?.kind, 'basic');
    assert.deepEqual([spec.instances, spec.stopRequest], [4, { path: '/_ah/stop', withinMs: 30_000 }]);
  });
});

describe('manual scaling', () => {
  it('has as many instances as are told, each asked to stop before its signal', () => {
    const spec = service('scaling: manual, instances: 3');
    assert.deepEqual(
      [spec.scaling, spec.instances, spec.stopRequest],
      [{ kind: 'manual' }, 3, { path: '/_ah/stop', withinMs: 30_000 }],
    );
    assert.equal(service('scaling: manual, port: 3000').port, 3000);
  });
});

describe('scaling beside other keys', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'scaling: basic, instances: 2': [
      'bad-value "instances": with "scaling: basic" the requests decide how many there are. → Set "maxInstances" below "scaling" instead.',
    ],
    'scaling: automatic, port: 3000': [
      'bad-value "port": one port cannot serve the 20 instances that "scaling" allows. → Remove "port", so that each instance gets its own; "publish" fixes the address people use.',
    ],
    'scaling: { kind: basic, maxInstances: 1 }, port: 3000': [],
    'scaling: manual, instances: 2, port: 3000': [
      'bad-value "port": one port cannot serve 2 instances. → Remove "port", so that each instance gets its own; "publish" fixes the address people use.',
    ],
    'scaling: automatic, balance: least-busy, queueSeconds: 5s, startOnRequest: true': [
      'bad-value "balance": with "scaling: automatic", its own rules choose the instance. → Remove it.',
      'bad-value "queueSeconds": with "scaling: automatic", a request waits until there is an instance for it, however long that takes. → Remove it.',
      'bad-value "startOnRequest": with "scaling: automatic", it decides itself when instances start. → Remove it.',
    ],
    'scaling: automatic, balance: round-robin, affinity: cookie, startOnRequest: false': [],
    'scaling: automatic, stopWhenIdle: 5m': [],
    'scaling: manual, queueSeconds: 5s': [],
    'scaling: basic, stopWhenIdle: 5m': [
      'bad-value "stopWhenIdle": with "scaling: basic", it decides itself when instances stop. → Set "idleTimeout" below "scaling".',
    ],
    'scaling: { kind: manual, maxInstances: 2, idleTimeout: 1m }': [
      'bad-value "scaling.maxInstances": it means nothing with "manual". → Set "instances" beside "scaling" instead.',
      'bad-value "scaling.idleTimeout": it means nothing with "manual". → Remove it, or choose another "kind".',
    ],
    'scaling: { kind: basic, minIdle: 2 }': [
      'bad-value "scaling.minIdle": it means nothing with "basic". → Remove it, or choose another "kind".',
    ],
    'scaling: { kind: automatic, minIdle: 5, maxIdle: 2 }': [
      'bad-value "scaling.maxIdle": 2 is less than the 5 of "minIdle". → Make it at least as large.',
    ],
    'scaling: { kind: automatic, minIdle: 5, maxInstances: 2 }': [
      'bad-value "scaling.minIdle": 5 is more than the 2 of "maxInstances". → So many are never there: make one of the two fit the other.',
    ],
    'scaling: { kind: automatic, minIdle: 21 }': [
      'bad-value "scaling.minIdle": 21 is more than the 20 of "maxInstances", its default. → So many are never there: make one of the two fit the other.',
    ],
    'handshake: none, balance: least-busy': [
      'bad-value "balance": with "handshake: none" there is no port, so no request comes. → Remove it, or set "handshake: port".',
    ],
    'scaling: { maxInstances: 2 }': ['missing-key "scaling" needs "kind". → For example: kind: automatic'],
    'scaling: { kind: basic_scaling, max_instances: 2 }': [
      'bad-value "scaling.kind": "basic_scaling" is not one of manual, basic, automatic. → Did you mean "basic"?',
      'unknown-key "max_instances" is not a key of "scaling". → Did you mean "maxInstances"?',
    ],
    'scaling: { kind: automatic, min_pending_latency: 30ms }': [
      'unknown-key "min_pending_latency" is not a key of "scaling". → Did you mean "minPending"?',
    ],
    'automatic_scaling: {}': [
      'unknown-key "automatic_scaling" is not a key of a service. → Did you mean "scaling"?',
    ],
  };
  for (const [body, expected] of Object.entries(cases))
    it(`${body} ${expected.length === 0 ? 'is fine' : 'is told what is wrong'}`, () =>
      assert.deepEqual(said(body), expected));
});
