/** App Engine's front layer with everything real around it: from a config's text through our doors to a child's socket. */

import assert from 'node:assert/strict';
import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { request as send, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import type { Runtime } from '../../src/core/runtime.ts';
import { createOutside } from '../../src/node/outside.ts';
import { runtimeIn } from './runtime-support.ts';
import { folderFor, program, until } from './support.ts';

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  /** Names and values in turn, as they came. */
  readonly raw: readonly string[];
  readonly body: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

class Application {
  readonly runtime: Runtime;
  readonly folder: string;
  readonly journal: string[] = [];
  readonly #outside = createOutside();

  private constructor(folder: string, appengine: string) {
    const outside = this.#outside;
    const command = JSON.stringify(program('answers-as-an-application.mjs'));
    const text = `services: { app: { command: ${command}, profile: appengine, restart: never, appengine: ${appengine} } }\n`;
    const config = loadConfig({
      folder,
      files: [{ path: join(folder, 'runtimes.yaml'), text }],
      environment: {},
      readFile: () => undefined,
    });
    assert.deepEqual(
      config.problems.map(({ message }) => message),
      [],
    );
    this.folder = folder;
    this.runtime = runtimeIn(folder, outside, () => config);
    this.runtime.journal.onLine((line) => this.journal.push(line.slice(24).trimEnd()));
  }

  async #close(): Promise<void> {
    this.runtime.killAll();
    await this.runtime.shutdown(500);
    await this.#outside.close();
  }

  /** Running, and serving. */
  static async up(t: TestContext, appengine = '{}'): Promise<Application> {
    const made: Application[] = [];
    // Before the folder goes: whoever still writes a log there would keep it from going.
    t.after(() => Promise.all(made.map((each) => each.#close())));
    const app = new Application(await folderFor(t), appengine);
    made.push(app);
    await app.runtime.start({ kind: 'all' });
    await until('the application to serve', () => app.#instance.state === 'RUNNING');
    return app;
  }

  get #instance() {
    const [instance] = this.runtime.snapshot().services.flatMap(({ instances }) => instances);
    return instance ?? assert.fail('there is no instance');
  }

  get port(): number {
    return this.#instance.port ?? assert.fail('it has no port');
  }

  ask(target: string, { method = 'GET', headers = {}, body }: Asking = {}): Promise<Answered> {
    const { host, port } = new URL(
      this.runtime.snapshot().frontDoor ?? assert.fail('there is no front door'),
    );
    return new Promise((resolve, reject) => {
      const request = send(
        { host: '127.0.0.1', port, path: target, method, agent: false, headers: { Host: host, ...headers } },
        (response) => {
          const pieces: Buffer[] = [];
          response.on('data', (piece: Buffer) => pieces.push(piece));
          response.on('error', reject);
          response.on('end', () =>
            resolve({
              status: response.statusCode ?? 0,
              headers: response.headers,
              raw: response.rawHeaders,
              body: Buffer.concat(pieces).toString('latin1'),
            }),
          );
        },
      );
      request.on('error', reject);
      request.end(body);
    });
  }

  /** Everything that comes back for these bytes until the connection ends. */
  async say(bytes: string, url = this.runtime.snapshot().frontDoor): Promise<string> {
    const { port } = new URL(url ?? assert.fail('there is no door'));
    const socket = connect(Number(port), '127.0.0.1');
    socket.setEncoding('latin1').write(bytes);
    let text = '';
    for await (const piece of socket) text += String(piece);
    return text;
  }

  /** What the child has printed. */
  async lines(): Promise<readonly string[]> {
    return (await this.runtime.follow('app.0', 100)).lines.map(({ text }) => text);
  }

  /** So many connections of the child have ended, and it was asked no more often. */
  async over(count: number): Promise<void> {
    await until(`${count} connections to end`, async () => {
      const lines = await this.lines();
      return lines.filter((line) => line === 'over').length === count;
    });
    const lines = await this.lines();
    assert.equal(lines.filter((line) => line.startsWith('asked ')).length <= count, true);
  }
}

test('a GET arrives as the reference sends it, and its answer with repeated headers and our name (HP-1, HP-46)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/get%20request?key=value', {
    headers: { 'X-Appengine-User-Id': '123', TE: 'trailers' },
  });
  const [line, ...headers] = answer.body.split('\r\n');
  assert.equal(line, 'GET /get%20request?key=value HTTP/1.1');
  for (const header of ['X-Appengine-User-Id: ', 'X-AppEngine-Country: ZZ', 'Connection: close']) {
    assert.ok(headers.includes(header), `${header} in ${answer.body}`);
  }
  assert.doesNotMatch(answer.body, /^(?:te|content-length|transfer-encoding):/im);
  assert.match(answer.body, /\r\n\r\n$/, 'There is no body.');
  const foo = answer.raw.filter((_, at) => answer.raw[at - 1] === 'Foo');
  assert.deepEqual(foo, ['a', 'b']);
  assert.equal(answer.headers.server, 'Development/2.0');
  assert.equal(answer.headers['cache-control'], 'no-cache');
  await app.over(1);
});

test('a POST brings just as many bytes as it has told (HP-3)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/post', {
    method: 'POST',
    headers: { 'Content-Type': 'text/x', Cookie: 'a=b' },
    body: 'twelve bytes',
  });
  assert.match(answer.body, /^CONTENT-TYPE: text\/x$/m);
  assert.match(answer.body, /^COOKIE: a=b$/m);
  assert.match(answer.body, /^content-length: 12$/im);
  assert.match(answer.body, /\r\n\r\ntwelve bytes$/);
});

test('a child that says it failed is answered for by a file that is read each time (HP-13, HP-15)', async (t) => {
  const app = await Application.up(t, '{ errorHandlers: [{ file: error.html }] }');
  const missing = await app.ask('/failed');
  assert.deepEqual([missing.status, missing.body], [500, 'Failed to load error handler']);
  await writeFile(join(app.folder, 'error.html'), '<b>Sorry</b>');
  const answer = await app.ask('/failed');
  assert.deepEqual(
    [answer.status, answer.body, answer.headers['content-type'], answer.headers['content-length']],
    [500, '<b>Sorry</b>', 'text/html', '12'],
  );
  await app.over(2);
});

test('a child that says it failed speaks for itself where there is no file (HP-14)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/failed');
  assert.deepEqual([answer.status, answer.body], [200, 'my own words']);
  assert.equal(answer.headers['x-appengine-error-code'], undefined);
});

test('what is no HTTP is told with what the child wrote to stderr (HP-18, HP-22)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/garbage');
  assert.equal(answer.status, 500);
  assert.equal(answer.headers['content-type'], 'text/plain');
  assert.match(answer.body, /^the runtime process gave a bad HTTP response: .+\n\nready to fail\n$/);
  const nothing = await app.ask('/nothing');
  const sentence = 'the runtime process gave a bad HTTP response: IncompleteRead(0 bytes read)';
  assert.deepEqual([nothing.status, nothing.body], [500, `${sentence}\n\nready to fail\n`]);
  await app.over(2);
});

test('an answer that breaks off keeps its status and the bytes that came (HP-19, HP-22, HP-26)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/half');
  assert.deepEqual(
    [answer.status, answer.body, answer.headers['content-length']],
    [200, 'as far as it', '12'],
  );
  const short = await app.ask('/short');
  assert.deepEqual([short.status, short.body, short.headers['content-length']], [200, 'Hello', '5']);
  await app.over(2);
});

test('a child that lives and refuses makes an empty 500 (HP-20, HP-22)', async (t) => {
  const app = await Application.up(t);
  assert.equal((await app.ask('/deaf')).body, 'deaf from now on');
  await app.over(1);
  const refused = await app.ask('/any');
  assert.deepEqual([refused.status, refused.body, refused.headers.server], [500, '', 'Development/2.0']);
  assert.ok(app.journal.some((line) => line.includes("Request to '/any' failed")));
});

test('a child that dies over a request is told of, with its last words (HP-21)', async (t) => {
  const app = await Application.up(t);
  const { port } = app;
  const answer = await app.ask('/dies');
  const sentence = `the runtime process for the instance running on port ${port} has unexpectedly quit`;
  assert.deepEqual([answer.status, answer.body], [500, `${sentence}\n\nready to fail\nso long\n`]);
  assert.equal(answer.headers['content-length'], String(answer.body.length));
});

test('an answer of a byte too many is a page that says so (HP-27)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/huge');
  assert.deepEqual(
    [answer.status, answer.body],
    [500, 'HTTP response was too large: 33554433. The limit is: 33554432.\n'],
  );
  assert.equal(answer.headers['content-length'], '63');
});

test('HEAD keeps the length that the child told, and has no body (HP-28)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/half', { method: 'HEAD' });
  assert.deepEqual([answer.status, answer.body, answer.headers['content-length']], [200, '', '1000']);
});

test('a GET with a body, and an upload of more than 32 MiB, are refused where the client can see it (HP-35, HP-36)', async (t) => {
  const app = await Application.up(t);
  const early = await app.ask('/', { headers: { 'Content-Length': '3' }, body: 'abc' });
  assert.deepEqual([early.status, early.body], [400, '"GET" requests may not contain bodies.']);
  const body = Buffer.alloc(32 * 1024 * 1024 + 1);
  const large = await app.ask('/', {
    method: 'POST',
    headers: { 'Content-Length': String(body.length) },
    body,
  });
  assert.deepEqual([large.status, large.body], [413, 'Upload limited to 32 megabytes.']);
  assert.deepEqual(
    (await app.lines()).filter((line) => line.startsWith('asked ')),
    [],
  );
});

test('a path with dot segments leads to where it means (HP-37)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.ask('/a/../b');
  assert.equal(answer.status, 302);
  assert.equal(answer.headers.location, `${new URL(app.runtime.snapshot().frontDoor ?? '').origin}/b`);
});

test('files of a folder are sent by us, and none from outside it', async (t) => {
  const app = await Application.up(t, '{ handlers: [{ url: /static, staticDir: files }] }');
  await mkdir(join(app.folder, 'files'));
  await writeFile(join(app.folder, 'files', 'a.css'), 'b { color: red }');
  await writeFile(join(app.folder, 'secret'), 'secret');
  const outside = await folderFor(t);
  await writeFile(join(outside, 'secret'), 'secret');
  await symlink(join(outside, 'secret'), join(app.folder, 'files', 'link'));
  const answer = await app.ask('/static/a.css');
  assert.deepEqual(
    [answer.status, answer.body, answer.headers['content-type']],
    [200, 'b { color: red }', 'text/css'],
  );
  assert.equal(answer.headers.server, 'Development/2.0');
  const again = await app.ask('/static/a.css', { headers: { 'If-None-Match': answer.headers.etag ?? '' } });
  assert.deepEqual([again.status, again.body], [304, '']);
  for (const target of [
    '/static/link',
    '/static/..%2fsecret',
    '/static/%2e%2e/secret',
    '/static/../secret',
  ]) {
    assert.doesNotMatch((await app.ask(target)).body, /^secret/, target);
  }
  assert.match((await app.ask('/other')).body, /^GET \/other /);
});

test('a person logs in on the page, comes back, and is told to the child (HP-4, HP-44)', async (t) => {
  const app = await Application.up(t, '{ handlers: [{ url: /in, login: admin }] }');
  const first = await app.ask('/in?x=y');
  assert.equal(first.status, 302);
  const login = new URL(first.headers.location ?? '');
  assert.equal(login.pathname, '/_ah/login');
  const page = await app.ask(login.pathname + login.search);
  assert.match(page.body, /<form method="get" action="\/_ah\/login">/);
  login.searchParams.set('email', 'user@example.com');
  login.searchParams.set('admin', 'True');
  login.searchParams.set('action', 'Login');
  const done = await app.ask(login.pathname + login.search);
  assert.equal(done.headers.location, login.searchParams.get('continue'));
  const Cookie = done.headers['set-cookie']?.[0]?.split(';')[0] ?? '';
  const answer = await app.ask('/in?x=y', { headers: { Cookie } });
  assert.match(answer.body, /^X-Appengine-User-Email: user@example\.com$/m);
  assert.match(answer.body, /^X-Appengine-User-Is-Admin: 1$/m);
});

test('a client that knows of no Host is served in HTTP/1.0, and in HTTP/1.1 is not (HP-45)', async (t) => {
  const app = await Application.up(t);
  const old = await app.say('GET /old HTTP/1.0\r\n\r\n');
  assert.match(old, /^HTTP\/1\.1 200 /);
  assert.match(old, /^HOST: localhost:\d+$/m);
  const nameless = await app.say('GET /new HTTP/1.1\r\nConnection: close\r\n\r\n');
  assert.match(nameless, /^HTTP\/1\.1 400 /);
  const foreign = await app.say('GET /new HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n');
  assert.match(foreign, /^HTTP\/1\.1 403 /);
  // At its own door the words are the reference's.
  const own = await app.say(
    'GET /new HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n',
    app.runtime.snapshot().services[0]?.url,
  );
  assert.match(own, /^HTTP\/1\.1 400 [^]*\r\nServer: Development\/2\.0\r\n/);
  await app.over(1);
});

test('an upgrade is answered as the plain request that it also is, and the connection ends (HP-22)', async (t) => {
  const app = await Application.up(t);
  const answer = await app.say(
    'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, close\r\nUpgrade: websocket\r\n\r\n',
  );
  assert.match(answer, /^HTTP\/1\.1 200 /);
  assert.doesNotMatch(answer, /^UPGRADE:/im);
  await app.over(1);
});

test('an upload in chunks arrives as it was sent', async (t) => {
  const app = await Application.up(t);
  const answer = await app.say(
    'POST /up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nHello\r\n0\r\n\r\n',
  );
  assert.match(answer, /\r\n5\r\nHello\r\n0\r\n\r\n$/);
  assert.doesNotMatch(answer.slice(answer.indexOf('POST /up')), /content-length/i);
});

test('a body whose client has asked whether it may come arrives', async (t) => {
  const app = await Application.up(t);
  const answer = await app.say(
    'POST /up HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\nHello',
  );
  assert.match(answer, /\r\n\r\nHello$/);
});
