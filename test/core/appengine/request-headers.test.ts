import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import type { ScalingSpec } from '../../../src/config/spec.ts';
import type { RequestType } from '../../../src/core/scaling/dispatch.ts';
import { dialects } from '../../../src/core/appengine/dialect.ts';
import { internalEnvironment } from '../../../src/core/appengine/internal-request.ts';
import { sentHead } from '../../../src/core/appengine/request-headers.ts';
import { admin, at, Front, handler, value, values } from './support.ts';

const token = 'X-Appengine-Dev-Request-Id';

describe('the request that a child gets', () => {
  it('has its path encoded but for letters, digits and _ . - /, and its query as it came (HP-1)', () => {
    const front = new Front();
    const rows: readonly (readonly [string, string])[] = [
      ['/get%20request?key=value', '/get%20request?key=value'],
      ['/~user/%7Euser', '/%7Euser/%7Euser'],
      ['/a_b.c-d/E', '/a_b.c-d/E'],
      ['/%c3%a4?x=%20y', '/%C3%A4?x=%20y'],
      ["/a'(b)!*", '/a%27%28b%29%21%2A'],
      ['/%', '/%25'],
      ['/a?', '/a'],
      ['/a?b?c', '/a?b?c'],
    ];
    for (const [target, expected] of rows) {
      const sent = front.sent({ target });
      assert.deepEqual([sent.method, sent.target], ['GET', expected], target);
    }
  });

  it('has the names of headers in capitals, also that of the type and of cookies (HP-3)', () => {
    const headers = [
      ['content-type', 'text/x'],
      ['Cookie', 'a=b'],
      ['x-some-thing', '1'],
    ] as const;
    const sent = new Front().sent({ method: 'POST', headers });
    const names = sent.headers.map(([name]) => name);
    for (const name of ['CONTENT-TYPE', 'COOKIE', 'X-SOME-THING', 'HOST'])
      assert.ok(names.includes(name), name);
    assert.deepEqual(values(sent.headers, 'cookie'), ['a=b']);
  });

  it('has one cookie header of several, and one line of any other', () => {
    const { headers } = new Front().sent({
      headers: [
        ['Cookie', 'a=b'],
        ['cookie', 'c=d'],
        ['Accept', 'x'],
        ['accept', 'y'],
      ],
    });
    assert.equal(value(headers, 'cookie'), 'a=b; c=d');
    assert.equal(value(headers, 'accept'), 'x, y');
  });

  it('tells the user of the login, whatever the client says of one (HP-2, HP-5)', () => {
    const { headers } = new Front().sent({
      headers: [
        ['X-Appengine-User-Id', '123'],
        ['X_Appengine_User_Is_Admin', '1'],
        ['X-APPENGINE-USER-EMAIL', 'root@example.com'],
      ],
    });
    for (const name of ['User-Id', 'User-Email', 'User-Nickname', 'User-Organization']) {
      assert.deepEqual(values(headers, `X-Appengine-${name}`), [''], name);
    }
    assert.deepEqual(values(headers, 'X-Appengine-User-Is-Admin'), ['0']);
  });

  it('tells who is logged in (HP-4)', () => {
    const told = (headers: Parameters<typeof value>[0], prefix: string) =>
      ['Email', 'Nickname', 'Organization', 'Is-Admin', 'Id'].map((name) =>
        value(headers, `${prefix}-User-${name}`),
      );
    const expected = ['user@example.com', 'user', 'example.com', '1', '12345'];
    assert.deepEqual(told(new Front().sent({ headers: admin }).headers, 'X-Appengine'), expected);
    const internal = new Front({ dialect: 'internal' }).sent({ headers: admin });
    assert.deepEqual(told(internal.headers, 'X-Appengine-Internal'), expected);
    assert.equal(value(internal.headers, 'X-Appengine-User-Email'), undefined);
  });

  it('tells the country ZZ, and of TLS only where the client spoke it (HP-6)', () => {
    const front = new Front();
    const plain = front.sent({
      headers: [
        ['X-AppEngine-Country', 'DE'],
        ['X-Appengine-Dev-LocalSSL', '1'],
      ],
    });
    assert.deepEqual(values(plain.headers, 'X-AppEngine-Country'), ['ZZ']);
    assert.equal(value(plain.headers, 'X-Appengine-Dev-LocalSSL'), undefined);
    const encrypted = front.sent({ context: { scheme: 'https' } });
    assert.equal(value(encrypted.headers, 'X-Appengine-Dev-LocalSSL'), '1');
    const internal = new Front({ dialect: 'internal' }).sent({ context: { scheme: 'https' } });
    assert.equal(value(internal.headers, 'X-Appengine-Dev-LocalSSL'), undefined);
  });

  it('bears its request id under the name of its dialect (HP-7)', () => {
    const front = new Front();
    const admission = front.script();
    const { send } = admission.toInstance(at);
    assert.equal(value(send?.headers ?? [], token), admission.id);
    const internal = new Front({ dialect: 'internal' }).sent();
    assert.match(value(internal.headers, 'X-Appengine-Internal-Request-Id') ?? '', /^[A-Za-z]{10}$/);
    assert.equal(value(internal.headers, token), undefined);
  });

  it('names the script of its handler, with groups of the match in it (HP-8)', () => {
    const front = new Front({
      handlers: [
        handler({ url: '/(get|post).*', serves: { kind: 'script', script: String.raw`\1.py` } }),
        handler({ url: '/(?P<what>[a-z]+)', serves: { kind: 'script', script: String.raw`x/\g<what>.py` } }),
        handler({ url: '/.*', serves: { kind: 'script' } }),
      ],
    });
    const scriptOf = (target: string) => value(front.sent({ target }).headers, 'X-APPENGINE-DEV-SCRIPT');
    assert.equal(scriptOf('/get%20request'), 'get.py');
    assert.equal(scriptOf('/post'), 'post.py');
    assert.equal(scriptOf('/other'), 'x/other.py');
    assert.equal(scriptOf('/none/at/all'), undefined);
  });

  it('is told the name, port and protocol of the server, and never in the client’s words (HP-9)', () => {
    const { headers } = new Front().sent({
      headers: [
        ['Host', 'myhost:8081'],
        ['X-AppEngine-Server-Name', 'injected'],
      ],
      context: { doorHost: '0.0.0.0' },
    });
    assert.equal(value(headers, 'X-AppEngine-Server-Name'), 'myhost');
    assert.equal(value(headers, 'X-AppEngine-Server-Port'), '8081');
    assert.equal(value(headers, 'X-AppEngine-Server-Protocol'), 'HTTP/1.1');
    assert.equal(value(headers, 'X-AppEngine-Default-Version-Hostname'), 'myhost:8080');
    assert.equal(value(headers, 'X-AppEngine-Remote-Addr'), '127.0.0.1');
  });

  it('keeps what stands there already under an internal name, where nothing was stripped (HP-9)', () => {
    const environment = new Map([
      ['HTTP_X_APPENGINE_SERVER_NAME', 'as it was'],
      ['SERVER_NAME', 'localhost'],
      ['SERVER_PORT', '8081'],
    ]);
    const { headers } = sentHead(environment, {
      requestId: 'a',
      user: undefined,
      type: 'normal',
      dialect: dialects.dev,
    });
    assert.equal(value(headers, 'X-AppEngine-Server-Name'), 'as it was');
    assert.equal(value(headers, 'X-AppEngine-Server-Port'), '8081');
  });

  it('has no header for what is not in its environment (HP-10)', () => {
    const front = new Front();
    const { headers } = front.sent();
    for (const name of ['API-HOST', 'API-PORT', 'MODULE-YAML-PATH']) {
      assert.equal(value(headers, `X-APPENGINE-${name}`), undefined, name);
    }
    front.addresses = { ...front.addresses, api: { host: '127.0.0.1', port: 9300 } };
    assert.equal(value(front.sent().headers, 'X-AppEngine-Api-Port'), '9300');
    const { headers: bare } = sentHead(new Map(), {
      requestId: 'a',
      user: undefined,
      type: 'normal',
      dialect: dialects.dev,
    });
    assert.deepEqual(bare.map(([name]) => name).toSorted(), [
      'X-AppEngine-Country',
      'X-Appengine-Dev-Request-Id',
      'X-Appengine-User-Email',
      'X-Appengine-User-Id',
      'X-Appengine-User-Is-Admin',
      'X-Appengine-User-Nickname',
      'X-Appengine-User-Organization',
    ]);
  });

  it('is told of the application in the dialect that tells it', () => {
    const told = value(new Front().sent().headers, 'X-AppEngine-Gae-Module-Name');
    assert.equal(told, 'api');
    const internal = new Front({ dialect: 'internal' }).sent();
    assert.equal(value(internal.headers, 'X-AppEngine-Internal-Gae-Module-Name'), undefined);
    assert.equal(value(internal.headers, 'X-AppEngine-Internal-Server-Name'), 'localhost');
  });

  it('is told of an application whatever its folder is called', () => {
    const { headers } = new Front({ application: 'grüße\n☃', version: 'v\r1' }).sent();
    assert.equal(value(headers, 'X-AppEngine-Gae-Module-Version'), 'v1');
    const name = value(headers, 'X-AppEngine-Gae-Long-App-Id') ?? '';
    assert.equal(Buffer.from(name, 'latin1').toString(), 'grüße☃');
  });

  it('bears its type where it is to run a thread or to stop the program, and none else (HP-11)', () => {
    const typeOf = (type: RequestType, dialect: keyof typeof dialects) => {
      const { headers } = sentHead(new Map(), {
        requestId: 'a',
        user: undefined,
        type,
        dialect: dialects[dialect],
      });
      return value(
        headers,
        dialect === 'dev' ? 'X-APPENGINE-DEV-REQUEST-TYPE' : 'X-APPENGINE-INTERNAL-REQUEST-TYPE',
      );
    };
    for (const dialect of ['dev', 'internal'] as const) {
      for (const type of ['background', 'shutdown'] as const) assert.equal(typeOf(type, dialect), type);
      for (const type of ['normal', 'ready'] as const) assert.equal(typeOf(type, dialect), undefined);
    }
  });

  it('lets no client say what is ours to say, in either dialect and either spelling (HP-12)', () => {
    const injected = [
      'X-Appengine-Dev-Request-Type',
      'X-Appengine-Internal-Request-Type',
      'X_APPENGINE_DEV_REQUEST_TYPE',
      'X-Appengine-Dev-Script',
      'X-Appengine-Internal-Whatever',
      'X-AppEngine-Backend-Id',
      'X-AppEngine-API-Host',
      'X-AppEngine-BackgroundRequest',
    ];
    for (const dialect of ['dev', 'internal'] as const) {
      const front = new Front({ dialect });
      const { headers } = front.sent({ headers: injected.map((name) => [name, 'injected'] as const) });
      assert.deepEqual(
        headers.filter(([, said]) => said === 'injected'),
        [],
        dialect,
      );
    }
  });

  it('is without what speaks of the client’s connection, and with its type and what nobody knows (HP-23)', () => {
    const gone = [
      ...['Accept-Encoding', 'Connection', 'Keep-Alive', 'Proxy-Authorization', 'TE', 'Trailer'],
      ...['X-Appengine-Fake-Is-Admin', 'x-appengine-fake-logged-in', 'Upgrade'],
    ];
    const kept = ['Content-Type', 'X-Foo', 'Accept', 'X-AppEngine-Cron', 'X-AppEngine-QueueName'];
    const { headers } = new Front().sent({
      method: 'POST',
      headers: [...gone, ...kept].map((name) => [name, 'said'] as const),
    });
    for (const name of gone) assert.deepEqual(values(headers, name), [], name);
    for (const name of kept) assert.deepEqual(values(headers, name), ['said'], name);
  });

  it('never has a length or a framing of the client’s making beside our own', () => {
    const { headers } = new Front().sent({
      method: 'POST',
      headers: [
        ['Content_Length', '3'],
        ['Transfer_Encoding', 'chunked'],
        ['Transfer-Encoding', 'chunked'],
      ],
    });
    for (const name of ['Content-Length', 'Transfer-Encoding'])
      assert.deepEqual(values(headers, name), [], name);
  });

  it('has a Host, also where the client knew of none', () => {
    const { headers } = new Front().sent({ version: '1.0' });
    assert.equal(value(headers, 'Host'), '127.0.0.1:34567');
  });

  it('tells the instance’s own port where that instance was asked for, and the balanced one elsewhere (HP-42)', () => {
    const portOf = (front: Front, directed: boolean) =>
      value(front.sent({ context: { directed } }).headers, 'X-AppEngine-Server-Port');
    assert.equal(portOf(new Front(), true), '34567');
    assert.equal(portOf(new Front(), false), '8081');
    assert.equal(portOf(new Front({}, { scaling: { kind: 'manual' } }), true), '34567');
    const automatic: ScalingSpec = {
      kind: 'automatic',
      minPendingMs: 100,
      maxPendingMs: 500,
      minIdle: 1,
      maxIdle: 2,
      maxInstances: 3,
      rounding: 'down',
    };
    assert.equal(portOf(new Front({}, { scaling: automatic }), true), '8081');
  });

  it('says which backend it is for, and the version where it is for none', () => {
    const idOf = (front: Front) => value(front.sent().headers, 'X-AppEngine-Backend-Id');
    assert.equal(idOf(new Front({ version: 'v2.17' })), 'v2');
    const backend = {
      name: 'memdb',
      class: 'B2',
      public: false,
      dynamic: false,
      failFast: false,
      index: 1,
    } as const;
    assert.equal(idOf(new Front({}, { role: 'backend', backend })), 'memdb');
  });

  it('holds no header that a path or a header of the client has made', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'binary-ascii', maxLength: 12 }),
        fc.constantFrom('X-A', 'X_Appengine_User_Id', 'X-Appengine-Dev-Script', 'Host2'),
        async (piece, name) => {
          const front = new Front({
            handlers: [handler({ url: '/([^]*)', serves: { kind: 'script', script: String.raw`\1.py` } })],
          });
          const said = piece.replaceAll(/[^ -~]/gu, '');
          const admission = await front.admit({
            target: `/${encodeURIComponent(piece)}`,
            headers: [[name, said]],
          });
          if (admission.kind !== 'script') return;
          const { send } = admission.toInstance(at);
          for (const [key, text] of send?.headers ?? [])
            assert.match(`${key}: ${text}`, /^[ -~\u0080-\u00FF]*$/);
          assert.equal(value(send?.headers ?? [], 'X-Appengine-User-Id'), '');
          assert.match(send?.target ?? '', /^[\w%.\-/]+$/);
        },
      ),
    );
  });

  it('whose script would break out of its header is refused', async () => {
    const front = new Front({
      handlers: [handler({ url: '/([^.]+)', serves: { kind: 'script', script: String.raw`\1.py` } })],
    });
    const { status } = await front.answer({ target: '/a%0D%0AX-Appengine-User-Is-Admin:%201' });
    assert.equal(status, 400);
  });
});

describe('a request of our own', () => {
  it('has just this environment (HP-41)', () => {
    assert.deepEqual(Object.fromEntries(internalEnvironment({ kind: 'start' }, 'localhost', 9100)), {
      HTTP_X_APPENGINE_FAKE_IS_ADMIN: '1',
      HTTP_X_APPENGINE_FAKE_LOGGED_IN: '1',
      CONTENT_LENGTH: '0',
      PATH_INFO: '/_ah/start',
      QUERY_STRING: '',
      REQUEST_METHOD: 'GET',
      REMOTE_ADDR: '0.1.0.3',
      SERVER_NAME: 'localhost',
      SERVER_PORT: '9100',
      SERVER_PROTOCOL: 'HTTP/1.1',
      'wsgi.url_scheme': 'http',
      HTTP_HOST: 'localhost:9100',
    });
    const background = internalEnvironment({ kind: 'background', id: 'abc' }, 'localhost', 80);
    assert.equal(background.get('HTTP_X_APPENGINE_BACKGROUNDREQUEST'), 'abc');
    assert.equal(background.has('HTTP_X_APPENGINE_FAKE_LOGGED_IN'), false);
  });

  it('tells its host with the port unless that is 80, and brackets an IPv6 address before one (HP-41)', () => {
    const hostOf = (host: string, port: number) =>
      internalEnvironment({ kind: 'stop' }, host, port).get('HTTP_HOST');
    assert.equal(hostOf('localhost', 80), 'localhost');
    assert.equal(hostOf('localhost', 8081), 'localhost:8081');
    assert.equal(hostOf('::1', 8081), '[::1]:8081');
    assert.equal(hostOf('::1', 80), '::1');
  });

  it('goes to the child with its path, its type and the script of its handler (HP-11, HP-41)', () => {
    const front = new Front({ inboundServices: ['warmup'] });
    const rows = [
      [{ kind: 'warmup' }, '/_ah/warmup', '8081', undefined, undefined],
      [{ kind: 'start' }, '/_ah/start', '34567', undefined, undefined],
      [{ kind: 'stop' }, '/_ah/stop', '34567', 'shutdown', '/'],
      [{ kind: 'background', id: 'abc' }, '/_ah/background', '34567', 'background', '/'],
    ] as const;
    for (const [request, target, port, type, script] of rows) {
      const sending = front.layer.internalRequest(request, at);
      const { method, headers, target: sent } = sending.head;
      assert.deepEqual([method, sent], ['GET', target]);
      assert.equal(value(headers, 'Host'), `localhost:${port}`);
      assert.equal(value(headers, 'X-AppEngine-Server-Port'), port);
      assert.equal(value(headers, 'X-AppEngine-Remote-Addr'), '0.1.0.3');
      assert.equal(value(headers, 'X-AppEngine-Dev-Request-Type'), type);
      assert.equal(value(headers, 'X-AppEngine-Dev-Script'), script);
      assert.equal(
        value(headers, 'X-AppEngine-BackgroundRequest'),
        request.kind === 'background' ? 'abc' : undefined,
      );
      assert.equal(value(headers, 'X-AppEngine-Fake-Is-Admin'), undefined);
      assert.equal(front.ids.facts(sending.id)?.instance, 'api.0');
      sending.end();
      assert.equal(front.ids.facts(sending.id), undefined);
    }
  });

  it('has the script of the application’s own handler where it has one', () => {
    const front = new Front({
      handlers: [
        handler({ url: '/_ah/start', serves: { kind: 'script', script: 'start.app' } }),
        handler({ url: '/.*' }),
      ],
    });
    const scriptOf = (kind: 'start' | 'warmup') =>
      value(front.layer.internalRequest({ kind }, at).head.headers, 'X-AppEngine-Dev-Script');
    assert.equal(scriptOf('start'), 'start.app');
    assert.equal(scriptOf('warmup'), 'main.app');
  });
});
