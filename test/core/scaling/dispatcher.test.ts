/** Which service a request or an order is for: rules and names of spec 3.13. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DispatchRule } from '../../../src/config/spec.ts';
import type { RequestHead } from '../../../src/core/outside.ts';
import { Router } from '../../../src/core/proxy/route.ts';
import { defaultModule, dispatchRules } from '../../../src/core/scaling/dispatcher.ts';
import { specOf } from '../../support/spec.ts';
import { Stage } from '../../support/stage.ts';
import { serviceOf as applicationOf } from './crew.ts';

const rule = (url: string, service: string): DispatchRule => ({
  url,
  service,
  source: { file: '/w/dispatch.yaml', line: 1, column: 1, endLine: 1, endColumn: 2 },
});

describe('dispatch rules', () => {
  const decide = dispatchRules([
    rule('*/favicon.ico', 'static'),
    rule('*/mobile/*', 'mobile'),
    rule('*/mobile/old/*', 'never'),
    rule('*/_ah/*', 'reserved'),
    rule('*/exact', 'exact'),
    rule('*/work*', 'work'),
  ]);
  const serviceOf = (path: string): string | undefined => decide('localhost', path).service;

  it('are tried in order, a star at the end takes whatever follows, and without one a path is itself alone (IN-52)', () => {
    assert.deepEqual(
      [
        '/favicon.ico',
        '/favicon.icon',
        '/mobile/',
        '/mobile/old/x',
        '/mobile',
        '/exact',
        '/exact/',
        '/workers/1',
        '/',
      ].map((path) => serviceOf(path)),
      ['static', undefined, 'mobile', 'mobile', undefined, 'exact', undefined, 'work', undefined],
    );
  });

  it('leave reserved paths to the default service, but for deferred tasks and APIs (IN-52)', () => {
    assert.equal(serviceOf('/_ah/warmup'), undefined);
    assert.equal(decide('localhost', '/_ah/warmup').skipped?.service, 'reserved');
    assert.equal(serviceOf('/_ah/queue/deferred'), 'reserved');
    assert.equal(serviceOf('/_ah/queue/deferred_x'), 'reserved');
    assert.equal(serviceOf('/_ah/api/users'), 'reserved');
    assert.equal(serviceOf('/_ah/queue/other'), undefined);
    assert.equal(decide('localhost', '/nothing').skipped, undefined);
  });

  it('leave what no rule is for to the default module (IN-52)', () => {
    const plain = (name: string) => specOf({ name });
    const application = (name: string, module = name) =>
      applicationOf({ name, profile: 'appengine', appengine: { module } });
    const app = specOf({ name: 'shop', role: 'app' });
    const backend = specOf({ name: 'reports', role: 'backend', profile: 'appengine' });
    const api = specOf({ name: 'api-server', role: 'api-server' });
    assert.deepEqual(
      [
        defaultModule([plain('default'), app, application('x', 'default')]),
        defaultModule([plain('default'), application('x', 'default')]),
        defaultModule([application('x'), plain('default')]),
        defaultModule([plain('a'), application('x'), backend, plain('b')]),
        defaultModule([api, plain('a')]),
        defaultModule([application('x'), application('y')]),
        defaultModule([plain('a'), plain('b')]),
        defaultModule([]),
      ],
      ['shop', 'x', 'default', 'x', 'a', undefined, undefined, undefined],
    );
  });

  it('that name a host are for that host alone (IN-52, mended)', () => {
    const hosts = dispatchRules([
      rule('api.example.com/*', 'api'),
      rule('*.example.com/*', 'tenant'),
      rule('plain.example.org/*', 'plain'),
      rule('no.path.example.net', 'never'),
    ]);
    assert.deepEqual(
      ['api.example.com', 'shop.example.com', 'example.com', 'plain.example.org', 'localhost'].map(
        (host) => hosts(host, '/x').service,
      ),
      ['api', 'tenant', undefined, 'plain', undefined],
    );
  });
});

describe('the resolution of a host name', () => {
  const router = new Router({
    host: '127.0.0.1',
    services: ['default', 'api', 'shop'],
    routes: {},
    fallback: 'default',
    dispatch: (_host, path) => decide(path),
  });
  const decide = (path: string): string | undefined => (path.startsWith('/by-rule/') ? 'shop' : undefined);
  const head = (host: string | undefined, target: string): RequestHead => ({
    method: 'GET',
    target,
    version: '1.1',
    headers: host === undefined ? [] : [['Host', host]],
    remote: '127.0.0.1',
    upgrade: false,
  });
  const serviceOf = (host: string | undefined, target = '/by-rule/x'): string => {
    const route = router.main(head(host, target));
    return route.kind === 'service' ? route.service : route.kind;
  };

  it('leaves the default address, and none, to the rules, and what they do not name to the default service (IN-51)', () => {
    for (const host of [undefined, 'localhost:8080', 'LOCALHOST:8080', '127.0.0.1:8080'])
      assert.equal(serviceOf(host), 'shop');
    assert.equal(serviceOf('localhost:8080', '/other'), 'default');
  });

  it('takes the service from the last part of a prefix of one to three parts, past a version before it (IN-51)', () => {
    assert.equal(serviceOf('api.localhost:8080'), 'api');
    assert.equal(serviceOf('v1.api.localhost:8080'), 'api');
    assert.equal(serviceOf('0.v1.api.localhost:8080'), 'api');
  });

  it('is soft: an unknown name means what no name would (IN-51)', () => {
    assert.equal(serviceOf('nobody.localhost:8080'), 'shop');
    assert.equal(serviceOf('nobody.localhost:8080', '/other'), 'default');
  });

  it('goes by the port where that is a service of its own, and turns away names that are not ours (IN-51)', () => {
    assert.deepEqual(router.own(head('localhost:8081', '/by-rule/x'), 'api'), {
      kind: 'service',
      service: 'api',
    });
    assert.deepEqual(router.main(head('example.org:8080', '/')), {
      kind: 'forbidden',
      host: 'example.org:8080',
    });
  });
});

describe('an order for a service', () => {
  it('is strict: an unknown name is an error that names the nearest one (IN-51)', async () => {
    const stage = new Stage([{ name: 'default' }, { name: 'api' }]);
    await assert.rejects(stage.runtime.start({ kind: 'service', service: 'apu' }), /apu/);
    await assert.rejects(stage.runtime.start({ kind: 'service', service: '' }));
    assert.equal(stage.world.children.length, 0);
  });
});
