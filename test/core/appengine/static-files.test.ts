import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { HandlerSpec } from '../../../src/config/spec.ts';
import { contentTypeOf } from '../../../src/core/appengine/content-types.ts';
import type { Admission } from '../../../src/core/appengine/front.ts';
import type { Headers } from '../../../src/core/outside.ts';
import { type Ask, bodyOf, Front, handler, somebody, value } from './support.ts';

type StaticPart = Partial<HandlerSpec>;

const folder = (part: StaticPart = {}): HandlerSpec =>
  handler({ url: '/static', serves: { kind: 'static-dir', folder: 'files' }, ...part });
const files = (path: string, upload?: string): HandlerSpec =>
  handler({
    url: String.raw`/(.*\.(gif|png))`,
    serves: { kind: 'static-files', path, ...(upload === undefined ? {} : { upload }) },
  });

/** An application with some files in it, and a few around it. */
function site(handlers: readonly HandlerSpec[], part: ConstructorParameters<typeof Front>[0] = {}): Front {
  const front = new Front({ handlers, ...part });
  for (const path of ['a.txt', 'b/c.html', 'ü.css', '.env', '.well-known/x', 'x.gif']) {
    front.world.texts.set(`/w/app/files/${path}`, `the text of ${path}`);
  }
  front.world.texts.set('/w/app/main.py', 'secret');
  front.world.texts.set('/w/secret', 'secret');
  front.world.modified = Date.parse('2023-11-14T22:13:20.500Z');
  return front;
}

/** What became of it, in a few words. */
function told(admission: Admission): string {
  if (admission.kind === 'file') return `file ${admission.path}`;
  return admission.kind === 'answer' ? String(admission.answer.status) : 'script';
}

async function fileOf(front: Front, ask: Ask): Promise<Extract<Admission, { kind: 'file' }>> {
  const admission = await front.admit(ask);
  if (admission.kind !== 'file') throw new Error(`It is no file: ${told(admission)}`);
  return admission;
}

describe('a file that is not there', () => {
  it('is told by the path that was asked for, as a page to a browser and in plain text to others', async () => {
    const front = site([folder()]);
    const html: Headers = [['Accept', 'text/html,*/*;q=0.8']];
    const plain = await front.answer({ target: '/static/none%0A<b>.css?v=1' });
    assert.deepEqual(
      [plain.status, value(plain.headers, 'content-type'), value(plain.headers, 'x-local-runtimes')],
      [404, 'text/plain; charset=utf-8', 'not-found'],
    );
    assert.equal(
      bodyOf(plain),
      'There is no file for /static/none <b>.css.\n' +
        'The handler "/static" answers here. It serves files, and this path leads to none of them.\n',
    );
    const page = await front.answer({
      target: '/static/none%0A<b>.css',
      headers: [['Host', 'localhost:8081'], ...html],
    });
    assert.equal(value(page.headers, 'content-type'), 'text/html; charset=utf-8');
    assert.match(bodyOf(page), /<h1>There is no file for \/static\/none &lt;b&gt;\.css<\/h1>/u);
    assert.match(bodyOf(page), /data-watch="by-hand"/u);
  });
});

describe('a folder of static files', () => {
  it('has its files by the paths below it, and nothing else', async () => {
    const front = site([folder()]);
    const rows: readonly (readonly [string, string])[] = [
      ['/static/a.txt', 'file /w/app/files/a.txt'],
      ['/static/a.txt?v=1', 'file /w/app/files/a.txt'],
      ['/static/b/c.html', 'file /w/app/files/b/c.html'],
      ['/static/%C3%BC.css', 'file /w/app/files/ü.css'],
      ['/static/b', '404'],
      ['/static/', '404'],
      ['/static/none', '404'],
      ['/static/%FF', '404'],
      // Not below it at all: the next handler's.
      ['/static', 'script'],
      ['/staticx', 'script'],
    ];
    for (const [target, expected] of rows)
      assert.equal(told(await front.admit({ target })), expected, target);
  });

  it('gives nothing from outside it, however the path says so', async () => {
    const front = site([folder()]);
    for (const target of [
      // Dot segments are worked off before any handler is asked, encoded or not.
      ...[
        '/static/../main.py',
        '/static/%2e%2e/main.py',
        '/static/..%2fmain.py',
        '/static/b/../../../secret',
      ],
      // The system ends a path at a nought byte.
      '/static/a.txt%00.png',
      '/static/%00',
      // Absolute below the folder, not below the root.
      '/static//w/secret',
      ...['/static/.env', '/static/b/.git/config'],
    ]) {
      const said = told(await front.admit({ target }));
      assert.ok(said === '404' || said === '302', `${target}: ${said}`);
    }
    assert.equal(
      told(await front.admit({ target: '/static/.well-known/x' })),
      'file /w/app/files/.well-known/x',
    );
  });

  it('gives nothing from outside it on Windows, where a backslash parts folders and a colon names a drive', async () => {
    const front = new Front({ handlers: [folder()], root: String.raw`C:\app` });
    for (const path of [String.raw`C:\app\files\a.txt`, String.raw`C:\app\secret`])
      front.world.texts.set(path, 'text');
    front.world.files.real = (path) => Promise.resolve(path);
    assert.equal(told(await front.admit({ target: '/static/a.txt' })), String.raw`file C:\app\files\a.txt`);
    for (const target of [
      '/static/..%5Csecret',
      '/static/b%5C..%5C..%5Csecret',
      '/static/a.txt::$DATA',
      '/static/C:/app/secret',
    ]) {
      assert.equal(told(await front.admit({ target })), '404', target);
    }
  });

  it('gives nothing to which a link in it leads out of the application', async () => {
    const front = site([folder()]);
    const links: Readonly<Record<string, string>> = {
      '/w/app/files/a.txt': '/w/secret',
      '/w/app/files/b/c.html': '/w/app/main.py',
    };
    front.world.files.real = (path) => Promise.resolve(links[path] ?? path);
    assert.equal(told(await front.admit({ target: '/static/a.txt' })), '404');
    assert.equal(told(await front.admit({ target: '/static/b/c.html' })), 'file /w/app/main.py');
  });

  it('may itself be a link to somewhere else, since the config names it', async () => {
    const front = site([folder()]);
    front.world.files.real = (path) => Promise.resolve(path.replace('/w/app/files', '/elsewhere/build'));
    assert.equal(told(await front.admit({ target: '/static/a.txt' })), 'file /elsewhere/build/a.txt');
  });
});

describe('static files by a pattern', () => {
  it('are at the path that the groups of the match make', async () => {
    const front = site([files(String.raw`files/\1`)]);
    assert.equal(told(await front.admit({ target: '/x.gif' })), 'file /w/app/files/x.gif');
    assert.equal(told(await front.admit({ target: '/y.png' })), '404');
    assert.equal(told(await front.admit({ target: '/y.jpg' })), 'script');
  });

  it('are left to the next handler where they are not among those to upload', async () => {
    const front = site([
      files(String.raw`files/\1`, String.raw`files/.*\.png`),
      handler({ url: '/x.*', serves: { kind: 'script', script: 'x.py' } }),
    ]);
    const admission = await front.admit({ target: '/x.gif' });
    assert.equal(told(admission), 'script');
    assert.equal(told(await front.admit({ target: '/y.png' })), '404');
  });

  it('cannot be made to lie outside by what a group matches', async () => {
    const front = site([
      handler({ url: '/x(.*)', serves: { kind: 'static-files', path: String.raw`files/.\1` } }),
    ]);
    for (const target of ['/x./../secret', '/x.%2fmain.py', '/x./main.py']) {
      const said = told(await front.admit({ target }));
      assert.ok(said === '404' || said === '302', `${target}: ${said}`);
    }
  });
});

describe('a static file', () => {
  it('comes with what it is, since when, and how long it holds', async () => {
    const { status, headers } = await fileOf(site([folder()]), { target: '/static/a.txt' });
    assert.equal(status, 200);
    assert.deepEqual(headers, [
      ['Content-Type', 'text/plain'],
      ['ETag', `"${(1_700_000_000_500).toString(36)}-h"`],
      ['Last-Modified', 'Tue, 14 Nov 2023 22:13:20 GMT'],
      ['Cache-Control', 'no-cache'],
      ['Expires', 'Fri, 01 Jan 1990 00:00:00 GMT'],
      ['Server', 'Development/2.0'],
    ]);
  });

  it('holds as long as its handler says, or else the application', async () => {
    const held = async (handlerSeconds?: number, appSeconds?: number) => {
      const front = site(
        [folder(handlerSeconds === undefined ? {} : { expirationSeconds: handlerSeconds })],
        {
          ...(appSeconds === undefined ? {} : { defaultExpirationSeconds: appSeconds }),
        },
      );
      const { headers } = await fileOf(front, { target: '/static/a.txt' });
      const until = Date.parse(value(headers, 'expires') ?? '') - front.world.clock.wall();
      return [value(headers, 'cache-control'), Math.round(until / 1000)] as const;
    };
    assert.deepEqual(await held(60, 3600), ['public, max-age=60', 60]);
    assert.deepEqual(await held(undefined, 3600), ['public, max-age=3600', 3600]);
    assert.deepEqual(await held(0, 3600), ['public, max-age=0', 0]);
  });

  it('has the type and the headers that its handler says, if they can stand in a head', async () => {
    const front = site([
      folder({
        mimeType: 'text/x-own',
        httpHeaders: { 'X-Foo': 'bar', 'cache-control': 'immutable', 'X-Bad': 'a\r\nSet-Cookie: b' },
      }),
    ]);
    const { headers } = await fileOf(front, { target: '/static/a.txt' });
    assert.equal(value(headers, 'content-type'), 'text/x-own');
    assert.equal(value(headers, 'x-foo'), 'bar');
    assert.equal(value(headers, 'cache-control'), 'immutable');
    assert.equal(value(headers, 'x-bad'), undefined);
    const broken = await fileOf(site([folder({ mimeType: 'a\nb' })]), { target: '/static/a.txt' });
    assert.equal(value(broken.headers, 'content-type'), 'text/plain');
  });

  it('is not sent again to who has it', async () => {
    const front = site([folder()]);
    const { headers } = await fileOf(front, { target: '/static/a.txt' });
    const tag = value(headers, 'etag') ?? '';
    const since = value(headers, 'last-modified') ?? '';
    const rows: readonly (readonly [Headers, string])[] = [
      [[['If-None-Match', tag]], '304'],
      [[['If-None-Match', `"other", W/${tag}`]], '304'],
      [[['If-None-Match', '*']], '304'],
      [[['If-None-Match', '"other"']], 'file'],
      [[['If-Modified-Since', since]], '304'],
      [[['If-Modified-Since', 'Tue, 14 Nov 2023 22:13:19 GMT']], 'file'],
      [[['If-Modified-Since', 'whenever']], 'file'],
      // The tag tells more than the date.
      [
        [
          ['If-None-Match', '"other"'],
          ['If-Modified-Since', since],
        ],
        'file',
      ],
      [[['If-Match', '"other"']], '412'],
      [[['If-Match', tag]], 'file'],
      [[['If-Unmodified-Since', 'Tue, 14 Nov 2023 22:13:19 GMT']], '412'],
      [[['If-Unmodified-Since', since]], 'file'],
    ];
    for (const [conditions, expected] of rows) {
      const said = told(await front.admit({ target: '/static/a.txt', headers: conditions }));
      assert.equal(said.split(' ')[0], expected, JSON.stringify(conditions));
    }
    const {
      status,
      headers: left,
      body,
    } = await front.answer({ target: '/static/a.txt', headers: [['If-None-Match', tag]] });
    assert.deepEqual([status, body, value(left, 'etag')], [304, '', tag]);
    assert.equal(value(left, 'content-type'), undefined);
    assert.equal(value(left, 'content-length'), undefined);
  });

  it('is only read', async () => {
    const front = site([folder()]);
    assert.equal(
      told(await front.admit({ method: 'HEAD', target: '/static/a.txt' })),
      'file /w/app/files/a.txt',
    );
    const { status, headers } = await front.answer({ method: 'POST', target: '/static/a.txt' });
    assert.deepEqual([status, value(headers, 'allow')], [405, 'GET, HEAD']);
  });

  it('is for who is logged in, where its handler says so', async () => {
    const front = site([folder({ login: 'required' })]);
    assert.equal(told(await front.admit({ target: '/static/a.txt' })), '302');
    assert.equal(
      told(await front.admit({ target: '/static/a.txt', headers: somebody })),
      'file /w/app/files/a.txt',
    );
  });

  it('stands in the access log with its length', async () => {
    const front = site([folder()]);
    await front.admit({ target: '/static/a.txt' });
    assert.deepEqual(front.lines, ['info api: "GET /static/a.txt HTTP/1.1" 200 17']);
  });

  it('is of the type that its name ends with', () => {
    const rows = [
      ['/a/b.html', 'text/html'],
      ['/a/b.MIN.JS', 'text/javascript'],
      ['/a.b/c', 'application/octet-stream'],
      ['/a.constructor', 'application/octet-stream'],
      ['/a.svg', 'image/svg+xml'],
    ] as const;
    for (const [path, type] of rows) assert.equal(contentTypeOf(path), type, path);
  });
});
