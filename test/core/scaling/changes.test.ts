/** Which instances a change restarts, spec 3.12. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppEngineSpec, HandlerSpec, ServiceSpec } from '../../../src/config/spec.ts';
import { difference } from '../../../src/core/topology/difference.ts';
import { answered, automatic, Crew, type Part, serviceOf } from './crew.ts';

const handler = (url: string, line: number): HandlerSpec => ({
  url,
  serves: { kind: 'script' },
  login: 'optional',
  onAuthFail: 'redirect',
  secure: 'optional',
  redirectCode: 302,
  httpHeaders: {},
  source: { file: '/w/app.yaml', line, column: 1, endLine: line, endColumn: 9 },
});

const base: Part = {
  profile: 'appengine',
  scaling: automatic({ minIdle: 2 }),
  requests: { concurrency: 1 },
  appengine: { handlers: [handler('/.*', 4)] },
};

describe('a change of a file', () => {
  const restarted = async (restartOnChange: AppEngineSpec['restartOnChange']): Promise<unknown> => {
    const crew = await new Crew({ ...base, appengine: { restartOnChange } }).begin();
    crew.taken().done(answered);
    return crew.way.filesChanged()?.map(({ name }) => name);
  };

  it('restarts all instances, those that had a request, or none, as the policy of automatic scaling says (IN-47)', async () => {
    assert.deepEqual(await restarted('always'), ['web.0', 'web.1']);
    assert.deepEqual(await restarted('after-first-request'), ['web.0']);
    assert.deepEqual(await restarted('never'), []);
  });

  it('restarts whatever runs of a service that is no application', async () => {
    const crew = await new Crew({ scaling: automatic({ minIdle: 1 }) }).begin();
    assert.equal(crew.way.filesChanged(), undefined);
  });
});

describe('a change of the configuration', () => {
  const restarts = (was: Part, now: Part): boolean => {
    const config = {
      files: [],
      services: [serviceOf(now)],
      frontDoor: { host: '', port: 'auto', routes: {}, dispatch: [], allowedHosts: [] },
      problems: [],
    } as const;
    return difference([serviceOf(was)], config).changed.length > 0;
  };
  const withApp = (appengine: Partial<AppEngineSpec>, part: Partial<ServiceSpec> = {}): Part => ({
    ...base,
    ...part,
    appengine: { ...base.appengine, ...appengine },
  });

  it('restarts instances where it is one of handlers, environment or command (IN-48)', () => {
    assert.equal(restarts(base, withApp({ handlers: [handler('/api/.*', 4)] })), true);
    assert.equal(restarts(base, withApp({}, { env: { MODE: 'new' } })), true);
    assert.equal(restarts(base, withApp({}, { command: ['other'] })), true);
  });

  it('restarts nothing where it is any other (IN-48)', () => {
    assert.equal(restarts(base, withApp({ handlers: [handler('/.*', 40)] })), false, 'a line further down');
    assert.equal(restarts(base, withApp({ inboundServices: ['warmup'] })), false);
    assert.equal(restarts(base, withApp({ defaultExpirationSeconds: 5 })), false);
    assert.equal(restarts(base, withApp({}, { scaling: automatic({ minIdle: 3 }) })), false);
    assert.equal(restarts(base, withApp({}, { publish: 8081, balance: 'least-busy' })), false);
  });

  it('restarts those that had no request, too, unless the policy says never (IN-47)', () => {
    const changed = { env: { MODE: 'new' } };
    for (const restartOnChange of ['always', 'after-first-request', 'never'] as const) {
      const was = withApp({ restartOnChange });
      const now = withApp({ restartOnChange }, changed);
      assert.equal(restarts(was, now), restartOnChange !== 'never');
    }
    const manual = { scaling: { kind: 'manual' } } as const;
    const never = withApp({ restartOnChange: 'never' }, manual);
    assert.equal(restarts(never, withApp({ restartOnChange: 'never' }, { ...manual, ...changed })), true);
  });
});
