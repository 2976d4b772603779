/** Which service a request is for: rules, names, versions and ports of spec 3.13. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DispatchRule } from '../../../src/config/spec.ts';
import {
  dispatchRules,
  findSoftly,
  findStrictly,
  type Listening,
  nextPort,
  resolveHost,
} from '../../../src/core/scaling/dispatcher.ts';

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

  it('that name a host are for that host alone (IN-52, mended)', () => {
    const hosts = dispatchRules([
      rule('api.example.com/*', 'api'),
      rule('*.example.com/*', 'tenant'),
      rule('plain.example.org', 'plain'),
    ]);
    assert.deepEqual(
      ['api.example.com', 'shop.example.com', 'example.com', 'plain.example.org', 'localhost'].map(
        (host) => hosts(host, '/x').service,
      ),
      ['api', 'tenant', undefined, 'plain', undefined],
    );
  });
});

describe('the lookup of a service by its name', () => {
  const web = { name: 'default', version: '1' };
  const api = { name: 'api', version: 'v2' };
  const any = { name: 'any' };
  const reasonOf = (found: object): unknown => ('reason' in found ? found.reason : found);

  it('is strict where a wrong name or version must not pass (IN-51)', () => {
    assert.equal(findStrictly([web, api], 'api'), api);
    assert.equal(findStrictly([web, api], undefined), web);
    assert.equal(findStrictly([web, api], 'api', 'v2'), api);
    assert.equal(findStrictly([any], 'any', 'v9'), any);
    assert.equal(reasonOf(findStrictly([web, api], 'shop')), 'there is no service "shop"');
    assert.equal(reasonOf(findStrictly([api], undefined)), 'there is no service "default"');
    assert.equal(reasonOf(findStrictly([web, api], 'api', 'v1')), 'service "api" has version "v2", not "v1"');
  });

  it('is soft where anybody will do: the default service, without one any, but never another version (IN-51)', () => {
    assert.equal(findSoftly([api, web], 'shop'), web);
    assert.equal(findSoftly([api, any], 'shop'), api);
    assert.equal(findSoftly([api, web], 'api'), api);
    assert.equal(findSoftly([api, web], 'shop', '1'), web);
    assert.equal(reasonOf(findSoftly([], 'shop')), 'there are no services');
    assert.equal(reasonOf(findSoftly([web], 'shop', '2')), 'service "default" has version "1", not "2"');
  });
});

describe('the resolution of a host name', () => {
  const at: Listening = {
    host: 'localhost',
    port: 8080,
    ports: new Map<number, { readonly service: string } | 'rules'>([
      [8081, { service: 'api' }],
      [8090, 'rules'],
      [80, { service: 'web' }],
    ]),
  };

  it('leaves the default address to the rules, and takes the service from the last part of a prefix (IN-51)', () => {
    const table: [string | undefined, unknown][] = [
      [undefined, 'rules'],
      ['', 'rules'],
      ['localhost:8080', 'rules'],
      ['LOCALHOST:8080', 'rules'],
      ['api.localhost:8080', { service: 'api' }],
      ['v1.api.localhost:8080', { service: 'api' }],
      ['0.v1.api.localhost:8080', { service: 'api' }],
      ['localhost:8081', { service: 'api' }],
      ['127.0.0.1:8090', 'rules'],
      ['localhost', { service: 'web' }],
      ['localhost:9999', { reason: 'nothing is served at "localhost:9999"' }],
    ];
    for (const [host, expected] of table) assert.deepEqual(resolveHost(host, at), expected);
  });

  it('leaves out the port where that is 80 (IN-51)', () => {
    const usual: Listening = { host: 'localhost', port: 80, ports: new Map() };
    assert.equal(resolveHost('localhost', usual), 'rules');
    assert.equal(resolveHost('localhost:80', usual), 'rules');
    assert.deepEqual(resolveHost('api.localhost', usual), { service: 'api' });
    assert.deepEqual(resolveHost('example.org', usual), { reason: 'nothing is served at "example.org"' });
  });
});

describe('the ports of services', () => {
  it('go up from the first, past those that somebody has, until there are none (IN-54)', () => {
    assert.equal(nextPort('api', 8080, new Set()), 8080);
    assert.equal(nextPort('api', 8080, new Set([8080, 8081, 8083])), 8082);
    assert.equal(nextPort('api', 0, new Set([8080])), 0);
    assert.deepEqual(nextPort('api', 65_534, new Set([65_534, 65_535])), {
      reason: 'Cannot find port for service api',
    });
  });
});
