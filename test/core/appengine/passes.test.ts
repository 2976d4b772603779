import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { normalised } from '../../../src/core/appengine/path.ts';
import { at, bodyOf, Front, handler, headOf, value, values } from './support.ts';

const megabyte = 1024 * 1024;

describe('a request with a body', () => {
  it('that may have none is refused in these words (HP-35)', async () => {
    const front = new Front();
    for (const method of ['GET', 'HEAD', 'DELETE', 'TRACE']) {
      const answer = await front.answer({ method, headers: [['Content-Length', '1']] });
      assert.deepEqual(
        [answer.status, bodyOf(answer)],
        [400, `"${method}" requests may not contain bodies.`],
      );
      const chunked = await front.answer({ method, headers: [['Transfer-Encoding', 'chunked']] });
      assert.equal(chunked.status, 400, method);
      front.script({ method, headers: [['Content-Length', '0']] });
    }
    for (const method of ['POST', 'PUT', 'PATCH', 'OPTIONS'])
      front.script({ method, headers: [['Content-Length', '1']] });
  });

  it('of more than 32 MiB is refused, and up to 64 MiB read so that the client sees it (HP-36)', async () => {
    const upload = (length: number, target = '/') =>
      new Front().admit({ method: 'POST', target, headers: [['Content-Length', String(length)]] });
    assert.equal((await upload(32 * megabyte)).kind, 'script');
    const rows = [
      [32 * megabyte + 1, 64 * megabyte],
      [64 * megabyte, 64 * megabyte],
      [64 * megabyte + 1, undefined],
    ] as const;
    for (const [length, drain] of rows) {
      const admission = await upload(length);
      assert.ok(admission.kind === 'answer');
      const { status, reason } = admission.answer;
      assert.deepEqual([status, reason], [413, 'Request Entity Too Large']);
      assert.equal(bodyOf(admission.answer), 'Upload limited to 32 megabytes.');
      assert.equal(admission.drain, drain, String(length));
    }
    assert.equal((await upload(100 * megabyte, '/_ah/upload/x')).kind, 'script');
  });
});

describe('a path', () => {
  it('with dot segments is sent to where it leads, and double slashes stay (HP-37)', async () => {
    const front = new Front();
    const answer = await front.answer({ target: '/a/../b' });
    assert.equal(answer.status, 302);
    assert.equal(value(answer.headers, 'location'), 'http://localhost:8081/b');
    assert.equal(value(answer.headers, 'content-length'), String(Buffer.byteLength(bodyOf(answer))));
    assert.equal(front.sent({ target: '//a' }).target, '//a');
    assert.equal(front.sent({ target: '/a//b/' }).target, '/a//b/');
    assert.equal(front.sent({ target: '/.a/b..c/...' }).target, '/.a/b..c/...');
  });

  it('is normalised as it is meant, not as it is spelled (HP-37)', async () => {
    const rows = [
      ['/a/./b', '/b', '/a/b'],
      ['/../../b', '', '/b'],
      ['/a/..', '', '/'],
      ['/a/b/../c/.', '', '/a/c'],
      ['/a/%2e%2E/b', '', '/b'],
    ] as const;
    for (const [target, , expected] of rows) {
      const { headers } = await new Front().answer({ target });
      assert.equal(value(headers, 'location'), `http://localhost:8081${expected}`, target);
    }
  });

  it('takes its query along, encoded where it has to be (HP-37)', async () => {
    const { headers } = await new Front().answer({ target: '/./a%20b?x=%20y&z="<>%&u=ä' });
    assert.equal(value(headers, 'location'), 'http://localhost:8081/a%20b?x=%20y&z=%22%3C%3E%25&u=%E4');
  });

  it('never leads to another host, though two slashes come to stand first', async () => {
    // `Location: //evil.example/` is another host's address.
    const { headers } = await new Front().answer({ target: '/x/..//evil.example/' });
    assert.equal(value(headers, 'location'), 'http://localhost:8081//evil.example/');
    const old = await new Front().answer({ target: '/x/..//evil.example/', version: '1.0' });
    assert.equal(value(old.headers, 'location'), 'http://localhost:8081//evil.example/');
  });

  it('is normal once it was normalised, and has no dot segment then', () => {
    const segment = fc.constantFrom('', '.', '..', 'a', '...', '.a');
    fc.assert(
      fc.property(fc.array(segment), (segments) => {
        const once = normalised(`/${segments.join('/')}`);
        assert.equal(normalised(once), once);
        assert.ok(
          once.startsWith('/') && !once.split('/').some((each) => each === '.' || each === '..'),
          once,
        );
      }),
    );
  });
});

describe('a handler that is for one scheme', () => {
  const handlers = [
    handler({ url: '/always', secure: 'always' }),
    handler({ url: '/never', secure: 'never', redirectCode: 301 }),
  ];

  it('sends the other one there, where there is a port for it', async () => {
    const front = new Front({ handlers });
    front.addresses = { ...front.addresses, tls: 8443 };
    const always = await front.answer({ target: '/always?a=b' });
    assert.deepEqual(
      [always.status, value(always.headers, 'location')],
      [302, 'https://localhost:8443/always?a=b'],
    );
    const never = await front.answer({ target: '/never?a=b', context: { scheme: 'https' } });
    assert.deepEqual([never.status, value(never.headers, 'location')], [301, 'http://localhost:8081/never']);
    front.script({ target: '/always', context: { scheme: 'https' } });
    front.script({ target: '/never' });
  });

  it('is for any where there is none', () => {
    const front = new Front({ handlers });
    front.script({ target: '/always' });
    front.script({ target: '/never', context: { scheme: 'https' } });
  });
});

describe('the check of host names', () => {
  const allowed = ['code.example.com', '*.one.example', '**.deep.example'];
  const ask = (host: string | undefined, version = '1.1') =>
    new Front({}, {}, allowed).admit({
      // A head without a Host is made by hand: the others all have one.
      ...headOf({ version: '1.0' }),
      version,
      headers: host === undefined ? [] : [['Host', host]],
    });

  it('lets local names and those of the list pass, with wildcards for one level and for any (HP-45)', async () => {
    const rows: readonly (readonly [string, boolean])[] = [
      ['localhost', true],
      ['localhost:8081', true],
      ['127.0.0.1:8081', true],
      ['[::1]:8081', true],
      ['api.localhost', true],
      ['code.example.com', true],
      ['CODE.example.com:1', true],
      ['x.code.example.com', false],
      ['a.one.example', true],
      ['a.b.one.example', false],
      ['one.example', false],
      ['a.b.deep.example', true],
      ['a.deep.example', true],
      ['deep.example', false],
      ['evil.example', false],
      ['', false],
    ];
    for (const [host, passes] of rows) {
      const admission = await ask(host);
      assert.equal(admission.kind === 'script', passes, host);
      if (admission.kind === 'answer') assert.equal(admission.answer.status, 400);
    }
  });

  it('lets a request without a name pass only in HTTP/1.0, where there is none (HP-45)', async () => {
    assert.equal((await ask(undefined, '1.0')).kind, 'script');
    const front = new Front({}, {}, allowed);
    const admission = await front.layer.admit({ ...headOf({}), headers: [] }, { doorHost: '127.0.0.1' });
    assert.ok(admission.kind === 'answer');
    assert.deepEqual(
      [admission.answer.status, bodyOf(admission.answer)],
      [400, 'No Host header set in request.'],
    );
  });
});

describe('every answer', () => {
  it('says by whom it is, whoever else says something about that (HP-46)', async () => {
    const front = new Front({
      handlers: [handler({ url: '/a.*' }), handler({ url: '/in', login: 'required' })],
    });
    const answers = [
      await front.finish(
        {
          headers: [
            ['Server', 'nginx'],
            ['server', 'x'],
          ],
        },
        { target: '/a' },
      ),
      await front.finish({ status: 304 }, { target: '/a' }),
      await front.finish({ length: 33_554_433 }, { target: '/a' }),
      await front.answer({ target: '/none' }),
      await front.answer({ target: '/in' }),
      await front.answer({ target: '/./a' }),
      await front.answer({ target: '/_ah/login' }),
      await front.answer({ target: '/a', headers: [['Content-Length', '1']] }),
      front.script({ target: '/a' }).instead({ status: 503, headers: [['Server', 'x']], body: 'Busy' }),
      front.script({ target: '/a' }).failed({
        failure: { kind: 'bad-response', reason: 'x' },
        alive: true,
        port: 1,
        stderr: '',
      }),
    ];
    for (const { headers, status } of answers)
      assert.deepEqual(values(headers, 'Server'), ['Development/2.0'], String(status));
  });

  it('stands in the access log, which tells of health only to who wants to know all', async () => {
    const front = new Front();
    await front.finish({}, { target: '/a?b=c', method: 'POST' });
    await front.finish({ status: 204 }, { target: '/_ah/health?x' });
    await front.finish({ headers: [['Content-Length', '9']], body: '' }, { method: 'HEAD' });
    await front.answer({ target: '/a/../b', version: '1.0' });
    assert.deepEqual(front.lines.slice(0, 3), [
      'info api: "POST /a?b=c HTTP/1.1" 200 5',
      'debug api: "GET /_ah/health?x HTTP/1.1" 204 -',
      'info api: "HEAD / HTTP/1.1" 200 9',
    ]);
    assert.match(front.lines[3] ?? '', /^info api: "GET \/a\/\.\.\/b HTTP\/1\.0" 302 \d+$/);
  });

  it('of somebody else’s words keeps them, in the form of a child’s answer', () => {
    const { status, reason, headers, body, bytes } = new Front().script().instead({
      status: 403,
      reason: 'Waiting for start request to finish.',
      headers: [],
      body: 'wörds',
    });
    assert.deepEqual(
      [status, reason, body, bytes],
      [403, 'Waiting for start request to finish.', 'wörds', undefined],
    );
    assert.deepEqual(headers, [
      ['Content-Type', 'text/html'],
      ['Cache-Control', 'no-cache'],
      ['Expires', 'Fri, 01 Jan 1990 00:00:00 GMT'],
      ['Content-Length', '6'],
      ['Server', 'Development/2.0'],
    ]);
  });

  it('is an empty 500 where something went wrong that nobody has foreseen, and the log names the path', async () => {
    const front = new Front({
      handlers: [handler({ url: '/x', serves: { kind: 'static-files', path: 'x' } })],
    });
    front.world.files.facts = () => Promise.reject(new Error('the disk has gone'));
    const late = await front.answer({ target: '/x' });
    const broken = new Front();
    Object.defineProperty(broken, 'addresses', {
      get: () => {
        throw new TypeError('no address');
      },
    });
    const early = await broken.answer({ target: "/it's%20?q" });
    for (const answer of [late, early]) {
      assert.deepEqual([answer.status, bodyOf(answer)], [500, '']);
      assert.deepEqual(answer.headers, [
        ['Content-Length', '0'],
        ['Server', 'Development/2.0'],
      ]);
    }
    assert.equal(broken.lines[0], `error Request to "/it's " failed`);
    assert.match(broken.lines[1] ?? '', /^debug TypeError/);
    assert.equal(front.lines[0], "error Request to '/x' failed");
  });
});

describe('what is asked of a script', () => {
  it('is answered at once, without a promise', () => {
    const front = new Front({ handlers: [handler({ url: '/.*' })] });
    assert.equal(front.admit({ target: '/a' }) instanceof Promise, false);
    const { collect } = front.script().toInstance(at);
    const answer = collect?.finish({
      status: 200,
      reason: '',
      headers: [],
      body: new Uint8Array(),
      length: 0,
      broken: false,
    });
    assert.equal(answer instanceof Promise, false);
  });
});
