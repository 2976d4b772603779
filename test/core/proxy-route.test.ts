/** Which service a request is for, and who is turned away, as tables. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { RequestHead } from '../../src/core/outside.ts';
import { hostName, isHostAllowed } from '../../src/core/proxy/host.ts';
import { Router } from '../../src/core/proxy/route.ts';
import { inOriginForm, refusal } from '../../src/core/proxy/target.ts';

function request(host: string | undefined, target: string): RequestHead {
  return {
    method: 'GET',
    target,
    version: '1.1',
    headers: host === undefined ? [] : [['Host', host]],
    remote: '127.0.0.1',
    upgrade: false,
  };
}

const table = {
  host: '127.0.0.1',
  services: ['api', 'web', 'Admin_2', 'old.api'],
  routes: { '/api': 'api', '/api/v2/': 'web', '/': 'web' },
};

const router = new Router(table);

test('the main front door goes by host name first, then by the longest path prefix', () => {
  const cases: [string | undefined, string, string][] = [
    ['api.localhost:8080', '/', 'api'],
    ['API.LocalHost', '/anything', 'api'],
    ['admin_2.localhost.', '/', 'Admin_2'],
    ['tenant.api.localhost:1', '/', 'api'],
    ['old.api.localhost:1', '/', 'old.api'],
    ['127.0.0.1:8080', '/api', 'api'],
    ['localhost', '/api/users?x=/api/v2', 'api'],
    ['localhost', '/api?x', 'api'],
    ['localhost', '/api/v2', 'web'],
    ['localhost', '/api/v2/x', 'web'],
    ['localhost', '/apiary', 'web'],
    [undefined, '/api', 'api'],
  ];
  assert.deepEqual(
    cases.map(([host, target]) => router.main(request(host, target))),
    cases.map(([, , service]) => ({ kind: 'service', service })),
  );
});

test('a host name may say which instance it means, at both kinds of door', () => {
  const numbered = new Router({ ...table, services: [...table.services, 'v1.0'] });
  const cases: [string, string, number | undefined][] = [
    ['api.0.localhost:8080', 'api', 0],
    ['API.12.LocalHost.', 'api', 12],
    ['tenant.api.1.localhost', 'api', 1],
    ['old.api.2.localhost', 'old.api', 2],
    // A service whose own name ends in a number is meant itself first.
    ['v1.0.localhost', 'v1.0', undefined],
    ['v1.0.3.localhost', 'v1.0', 3],
  ];
  assert.deepEqual(
    cases.map(([host]) => numbered.main(request(host, '/'))),
    cases.map(([, service, instance]) => ({
      kind: 'service',
      service,
      ...(instance === undefined ? {} : { instance }),
    })),
  );
  assert.deepEqual(
    ['api.1.localhost', 'web.1.localhost'].map((host) => numbered.own(request(host, '/'), 'api')),
    [
      { kind: 'service', service: 'api', instance: 1 },
      { kind: 'service', service: 'api' },
    ],
  );
});

test('a host name that ought to name a service and names none leads to no other', () => {
  const to = (host: string, more: Partial<ConstructorParameters<typeof Router>[0]> = {}) =>
    new Router({ ...table, ...more }).main(request(host, '/api'));
  const cases = [
    ['nosuch.localhost:8080', 'nosuch'],
    ['Nosuch.LocalHost.', 'nosuch'],
    ['api.1234567.localhost', 'api.1234567'],
    ['0.localhost', '0'],
  ] as const;
  assert.deepEqual(
    cases.map(([host]) => to(host)),
    cases.map(([, label]) => ({ kind: 'unknown-name', label })),
  );
  const api = { kind: 'service', service: 'api' };
  // A person, or a rule, says what such a name is for; and one service alone is meant by any.
  for (const extraHosts of [['nosuch.localhost'], ['*.localhost']])
    assert.deepEqual(to('nosuch.localhost', { extraHosts }), api);
  const dispatch = (host: string): string | undefined => (host === 'nosuch.localhost' ? 'api' : undefined);
  assert.deepEqual(to('nosuch.localhost', { dispatch }), api);
  assert.deepEqual(to('nosuch.localhost', { services: ['api'], routes: {} }), api);
  assert.deepEqual(router.own(request('nosuch.localhost', '/'), 'api'), api);
});

test('however many host names a client makes up, each is judged alike', () => {
  const names = Array.from({ length: 1200 }, (_, index) => `t${index}.api.localhost`);
  for (const name of [...names, ...names])
    assert.deepEqual(router.main(request(name, '/')), { kind: 'service', service: 'api' });
  assert.equal(router.main(request('evil.example', '/')).kind, 'forbidden');
});

test('without a route there is the only service, else the list of services, else nothing', () => {
  const none = { host: '127.0.0.1', routes: {} };
  const two = { ...none, services: ['a', 'b'] };
  assert.deepEqual(
    [
      new Router({ ...none, services: ['only'] }).main(request('localhost', '/deep/path')),
      new Router(two).main(request('localhost', '/?q')),
      new Router(two).main(request('localhost', '/deep/path?q')),
      new Router({ ...none, services: [] }).main(request('localhost', '/')),
    ],
    [
      { kind: 'service', service: 'only' },
      { kind: 'directory' },
      { kind: 'not-found', path: '/deep/path' },
      { kind: 'directory' },
    ],
  );
});

test("a service's own door leads to it, whatever name and path", () => {
  assert.deepEqual(
    [router.own(request('api.localhost', '/api'), 'web'), router.own(request('evil.example', '/'), 'web')],
    [
      { kind: 'service', service: 'web' },
      { kind: 'forbidden', host: 'evil.example' },
    ],
  );
});

test('a host name that could be re-pointed at us is turned away at both kinds of door', () => {
  assert.deepEqual(router.main(request('evil.example:8080', '/api')), {
    kind: 'forbidden',
    host: 'evil.example:8080',
  });
});

test('a door on loopback serves loopback names and listed ones only (HP-45)', () => {
  const extra = ['code.example.com', '*.one.test', '**.any.test'];
  const allowed = [
    'localhost',
    'LOCALHOST:80',
    'a.localhost',
    'a.b.localhost:1',
    'localhost.',
    '127.0.0.1',
    '127.8.9.1:99',
    '[::1]:80',
    '[::1]',
    '[::ffff:127.0.0.1]',
    'code.example.com',
    'CODE.example.com:443',
    'x.one.test',
    'x.any.test',
    'x.y.any.test',
    undefined,
  ];
  const refused = [
    'evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'evillocalhost',
    '10.0.0.1',
    'x.code.example.com',
    'one.test',
    'x.y.one.test',
    'any.test',
    'xany.test',
    '',
    '0.0.0.0',
    '[fe80::1]',
    '127.0.0.1@evil.example',
    'localhost:80.evil.example',
    '1270.0.0.1',
  ];
  assert.deepEqual(
    allowed.filter((host) => !isHostAllowed(host, '127.0.0.1', extra)),
    [],
  );
  assert.deepEqual(
    refused.filter((host) => isHostAllowed(host, '127.0.0.1', extra)),
    [],
  );
});

test('a door that listens beyond loopback serves any name: whoever opened it has said so', () => {
  assert.deepEqual(
    ['0.0.0.0', '::', '192.168.1.7', 'box.lan', 'localhost', '::1'].map((door) =>
      isHostAllowed('box.lan', door),
    ),
    [true, true, true, true, false, false],
  );
});

test('a host name is read without port, brackets, case and last dot', () => {
  assert.deepEqual(['A.Test:80', '[::1]:80', '[::1]', 'a.', ' a ', 'a:'].map(hostName), [
    'a.test',
    '::1',
    '::1',
    'a',
    'a',
    'a',
  ]);
});

test('an absolute target becomes path and query, and its authority the host: Host is not believed beside it', () => {
  const outcome = [
    'http://evil.example:80/a?b=http://c',
    'HTTP://user@evil.example',
    'http://evil.example?q',
    '/http://x',
    '*',
    '//evil.example/x',
  ].map((target) => {
    const { target: path, headers } = inOriginForm(request('localhost', target));
    return [path, headers.map(([, value]) => value).join()];
  });
  assert.deepEqual(outcome, [
    ['/a?b=http://c', 'evil.example:80'],
    ['/', 'evil.example'],
    ['/?q', 'evil.example'],
    ['/http://x', 'localhost'],
    ['*', 'localhost'],
    ['//evil.example/x', 'localhost'],
  ]);
});

test('a head that two readers could take differently is refused', () => {
  const outcome = (
    [
      [
        '1.1',
        [
          ['Host', 'a'],
          ['Transfer-Encoding', 'chunked'],
        ],
      ],
      [
        '1.1',
        [
          ['Host', 'a'],
          ['host', 'a'],
        ],
      ],
      [
        '1.1',
        [
          ['Host', 'a'],
          ['Transfer-Encoding', 'gzip, chunked'],
        ],
      ],
      [
        '1.1',
        [
          ['Host', 'a'],
          ['Transfer-Encoding', 'chunked'],
          ['Transfer-Encoding', 'chunked'],
        ],
      ],
      ['1.0', [['Transfer-Encoding', 'chunked']]],
    ] as [string, [string, string][]][]
  ).map(([version, headers]) => refusal({ ...request('a', '/'), version, headers })?.status);
  assert.deepEqual(outcome, [undefined, 400, 501, 501, 400]);
});

test('an upgrade that a page of another host asks for is turned away, at both kinds of door', () => {
  const upgrade = (origin: string | undefined, host = 'api.localhost:8080'): RequestHead => ({
    ...request(host, '/'),
    headers: [['Host', host], ...(origin === undefined ? [] : [['origin', origin] as const])],
    upgrade: true,
  });
  const outcome = (head: RequestHead) => {
    const doors = new Router({ ...table, extraHosts: ['code.example.com'] });
    const own = doors.own(head, 'api');
    assert.deepEqual(doors.main(head), own);
    return own.kind;
  };
  const foreign = [
    'http://evil.example',
    'https://evil.example:8080',
    'HTTP://EVIL.EXAMPLE',
    'http://localhost.evil.example',
    'http://localhost@evil.example',
    'http://',
    'https://x.code.example.com',
    'null',
    'file://',
    'localhost',
    '',
  ];
  const welcome = [
    undefined,
    'vscode-webview://0k3',
    'vscode-file://vscode-app',
    'moz-extension://0k3',
    'http://localhost:3000',
    'https://web.localhost',
    'http://[::1]:5173',
    'https://code.example.com',
  ];
  assert.deepEqual(
    foreign.filter((origin) => outcome(upgrade(origin)) !== 'foreign'),
    [],
  );
  assert.deepEqual(
    welcome.filter((origin) => outcome(upgrade(origin)) !== 'service'),
    [],
  );
  // Whom to let read a plain answer across origins is the service's own matter.
  assert.equal(outcome({ ...upgrade('http://evil.example'), upgrade: false }), 'service');
  // A door that was opened wider serves any name, and pages of any.
  assert.equal(
    new Router({ ...table, host: '0.0.0.0' }).own(upgrade('http://box.lan', 'box.lan'), 'api').kind,
    'service',
  );
});

test('a target that is no path, a host that is no name and headers that pass for a length are refused', () => {
  const refusals = (heads: readonly Partial<RequestHead>[]) =>
    heads.map((head) => refusal({ ...request('localhost', '/'), ...head })?.status);
  const bad = ['@evil.example', 'x', '', 'evil.example:80', 'ftp://localhost/', '*', '/a#b', '/#'];
  assert.deepEqual(
    refusals(bad.map((target) => ({ target }))),
    bad.map(() => 400),
  );
  assert.deepEqual(refusals(['/', '//x', '/a?b=/c', '/\xe9'].map((target) => ({ target }))), [
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
  assert.deepEqual(refusals([{ target: '*', method: 'OPTIONS' }]), [undefined]);
  const hosts = [
    'a b',
    'a/b',
    'a,b',
    'user@localhost',
    'a#.localhost',
    'a?b',
    'a\\b',
    'a\x7f',
    '"a"',
    'caf\xe9',
  ];
  assert.deepEqual(
    refusals(hosts.map((host) => ({ headers: [['Host', host]] }))),
    hosts.map(() => 400),
  );
  const names = ['Content_Length', 'content_LENGTH', 'Transfer_Encoding', 'TRANSFER_encoding'];
  assert.deepEqual(
    refusals(names.map((name) => ({ headers: [[name, '1']] }))),
    names.map(() => 400),
  );
  const fine = ['Content-Length', 'Content_Lengths', 'X_Y', 'Transfer-Encodin'];
  assert.deepEqual(
    refusals(fine.map((name) => ({ headers: [[name, '1']] }))),
    fine.map(() => undefined),
  );
  assert.deepEqual(
    refusals([
      {
        headers: [
          ['Content-Length', '4'],
          ['Transfer-Encoding', 'chunked'],
        ],
      },
    ]),
    [400],
  );
});

test('a request that goes round in a circle is told so', () => {
  const by = (count: number, lines: number): RequestHead => ({
    ...request('localhost', '/'),
    headers: Array.from({ length: lines }, () => [
      'x-forwarded-For',
      Array.from({ length: count }, () => '127.0.0.1').join(', '),
    ]),
  });
  assert.deepEqual(
    [by(19, 1), by(20, 1), by(1, 19), by(2, 10)].map((head) => refusal(head)?.status),
    [undefined, 508, undefined, 508],
  );
});
