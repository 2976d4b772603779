/** The variables that a request becomes, as tables. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Headers, RequestHead } from '../../src/core/outside.ts';
import { planFastCgi } from '../../src/core/proxy/fastcgi.ts';
import { paramsOf, type Serving } from '../../src/core/proxy/fastcgi-params.ts';

const plain: RequestHead = {
  method: 'GET',
  target: '/app.php/users?id=7&x=%20',
  version: '1.1',
  headers: [['Host', 'web.localhost:8080']],
  remote: '::ffff:127.0.0.1',
  upgrade: false,
};

const serving: Serving = {
  root: '/w/grün/',
  script: { kind: 'script', name: '/app.php', rest: '/users' },
  door: { host: '127.0.0.1', port: 8080 },
};

function params(
  head: Partial<RequestHead> = {},
  more: Partial<Serving> = {},
): Readonly<Record<string, string>> {
  const list = paramsOf({ ...plain, ...head }, { ...serving, ...more });
  const names = list.map(([name]) => name);
  assert.equal(new Set(names).size, names.length, 'each variable stands there once');
  return Object.fromEntries(list);
}

function withHeaders(headers: Headers): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(params({ headers })).filter(([name]) => name.startsWith('HTTP_')));
}

describe('the variables of a request', () => {
  it('are those of CGI/1.1 and the ones PHP asks for besides, paths in bytes of UTF-8', () => {
    assert.deepEqual(params(), {
      GATEWAY_INTERFACE: 'CGI/1.1',
      SERVER_SOFTWARE: 'local-runtimes',
      SERVER_NAME: 'web.localhost',
      SERVER_PORT: '8080',
      SERVER_PROTOCOL: 'HTTP/1.1',
      REQUEST_METHOD: 'GET',
      REQUEST_SCHEME: 'http',
      REQUEST_URI: '/app.php/users?id=7&x=%20',
      QUERY_STRING: 'id=7&x=%20',
      DOCUMENT_ROOT: '/w/gr\u00C3\u00BCn',
      SCRIPT_NAME: '/app.php',
      SCRIPT_FILENAME: '/w/gr\u00C3\u00BCn/app.php',
      PATH_INFO: '/users',
      REMOTE_ADDR: '127.0.0.1',
      REDIRECT_STATUS: '200',
      HTTP_HOST: 'web.localhost:8080',
    });
  });

  it('say of a body what the client said, and no length where only its end will tell', () => {
    const type = ['Content-Type', 'text/plain'] as const;
    const told = params({ method: 'POST', headers: [type, ['Content-Length', '12']] });
    assert.deepEqual([told['CONTENT_TYPE'], told['CONTENT_LENGTH']], ['text/plain', '12']);
    const chunked = params({ method: 'POST', headers: [type, ['Transfer-Encoding', 'chunked']] });
    assert.deepEqual([chunked['CONTENT_TYPE'], chunked['CONTENT_LENGTH']], ['text/plain', undefined]);
    assert.equal('HTTP_TRANSFER_ENCODING' in chunked || 'HTTP_CONTENT_TYPE' in told, false);
  });

  it('have an empty query where there is none, and no PATH_INFO where nothing is left', () => {
    const none = params({ target: '/app.php' }, { script: { kind: 'script', name: '/app.php', rest: '' } });
    assert.deepEqual([none['QUERY_STRING'], 'PATH_INFO' in none], ['', false]);
    assert.equal(params({ target: '/a?b?c#d' })['QUERY_STRING'], 'b?c');
  });

  it('name an application by its whole path', () => {
    const { SCRIPT_NAME, PATH_INFO, ...rest } = params({}, { script: { kind: 'application', path: '/' } });
    assert.deepEqual([SCRIPT_NAME, PATH_INFO, 'SCRIPT_FILENAME' in rest], ['', '/', false]);
  });

  it('name the server after the Host, else after the door, and an address of IPv6 in brackets', () => {
    assert.equal(params({ headers: [] })['SERVER_NAME'], '127.0.0.1');
    assert.equal(params({ headers: [] }, { door: { host: '::1', port: 1 } })['SERVER_NAME'], '[::1]');
    assert.equal(params({ headers: [['Host', '[::1]:8080']] })['SERVER_NAME'], '[::1]');
  });

  it('say HTTPS where the first proxy says that the person speaks it', () => {
    const secure = params({ headers: [['X-Forwarded-Proto', 'https, http']] });
    assert.deepEqual([secure['HTTPS'], secure['REQUEST_SCHEME']], ['on', 'https']);
    assert.equal('HTTPS' in params({ headers: [['X-Forwarded-Proto', 'http']] }), false);
  });

  it('stand below the root of all as well', () => {
    const top = params({}, { root: '/' });
    assert.deepEqual([top['DOCUMENT_ROOT'], top['SCRIPT_FILENAME']], ['/', '/app.php']);
  });
});

describe('headers as variables', () => {
  it('are joined where they are repeated, cookies with semicolons', () => {
    assert.deepEqual(
      withHeaders([
        ['Accept', 'a'],
        ['X-Two', '1'],
        ['Cookie', 'a=1'],
        ['x-two', '2'],
        ['cookie', 'b=2'],
        ['Authorization', 'Basic eDp5'],
      ]),
      {
        HTTP_ACCEPT: 'a',
        HTTP_X_TWO: '1, 2',
        HTTP_COOKIE: 'a=1; b=2',
        HTTP_AUTHORIZATION: 'Basic eDp5',
      },
    );
  });

  it('never become HTTP_PROXY (httpoxy)', () => {
    assert.deepEqual(
      withHeaders([
        ['Proxy', 'http://evil.example'],
        ['pRoXy', 'x'],
        ['PROXY', 'y'],
      ]),
      {},
    );
  });

  it('with an underscore, or another name that is not plain, cannot pose as others', () => {
    assert.deepEqual(
      withHeaders([
        ['X_Forwarded_For', '1'],
        ['X-Real_IP', '2'],
        ['Pro_xy', '3'],
        ['X.Y', '4'],
        ['X-Y', '5'],
      ]),
      { HTTP_X_Y: '5' },
    );
  });

  it('that speak of one connection end there', () => {
    assert.deepEqual(
      withHeaders([
        ['Connection', 'close, X-Hop'],
        ['X-Hop', '1'],
        ['Keep-Alive', '5'],
        ['TE', 'trailers'],
        ['Upgrade', 'h2c'],
        ['Expect', '100-continue'],
        ['Trailer', 'X-Sum'],
        ['Proxy-Authorization', 'Basic eDp5'],
      ]),
      {},
    );
  });
});

describe('what becomes of a request', () => {
  const service = { command: ['php-cgi'], cwd: '/w' };
  const door = { host: '127.0.0.1', port: 8080 };
  const folder = async (target: string) => {
    const files = ['/w/blog/index.php', '/w/evil.example/index.php'];
    const look = (path: string) =>
      Promise.resolve(
        files.includes(path)
          ? ('file' as const)
          : files.some((each) => each.startsWith(`${path}/`))
            ? ('folder' as const)
            : undefined,
      );
    const plan = await planFastCgi({ ...plain, target }, service, { door, look });
    if (plan.kind !== 'answer') throw new Error('It goes to the program.');
    return plan.answer;
  };

  it('for a folder without its slash is the way to the folder, with the query, and never to another server', async () => {
    const { status, headers } = await folder('/blog?a=1');
    assert.deepEqual([status, headers.find(([name]) => name === 'Location')?.[1]], [308, '/blog/?a=1']);
    const sly = await folder('//evil.example');
    assert.equal(sly.headers.find(([name]) => name === 'Location')?.[1], '/evil.example/');
  });

  it('that wants to leave HTTP is no', async () => {
    const look = () => Promise.resolve(undefined);
    const plan = await planFastCgi({ ...plain, upgrade: true }, service, { door, look });
    assert.equal(plan.kind === 'answer' && plan.answer.status, 501);
  });
});
