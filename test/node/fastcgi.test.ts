/** Requests that go to the real php-cgi over a socket of ours that its processes share. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { request as send, type IncomingMessage, type RequestOptions } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { bodyOf, RawClient } from './http-support.ts';
import { type Php, php } from './fastcgi-support.ts';
import { until } from './support.ts';

const options = { timeout: 60_000 };

/** Sends a request whose body comes in chunks of its own, without a length. */
async function chunked(
  { door }: Php,
  path: string,
  pieces: readonly Buffer[],
  more: RequestOptions = {},
): Promise<{ response: IncomingMessage; body: string }> {
  const sent = send({ host: '127.0.0.1', port: door.port, path, method: 'POST', ...more });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve);
    sent.once('error', reject);
  });
  for (const piece of pieces) sent.write(piece);
  sent.end();
  const response = await answered;
  return { response, body: await bodyOf(response) };
}

const server = 'header("Content-Type: application/json"); echo json_encode($_SERVER);';

for (const kind of ['unix', 'tcp'] as const) {
  describe(`php-cgi on a shared ${kind} socket (SV-81)`, () => {
    it('sees the request in the variables of CGI, with the rest of the path', options, async (t) => {
      const { url, root, requests } = await php(t, { 'app.php': server }, { kind });
      const response = await fetch(`${url}/app.php/users/7%20a?x=1&y=%20`, {
        headers: { 'X-Foo': 'bar', Proxy: 'http://evil.example', Cookie: 'a=1' },
      });
      const seen = (await response.json()) as Record<string, unknown>;
      const names = [
        'SCRIPT_FILENAME',
        'SCRIPT_NAME',
        'PATH_INFO',
        'DOCUMENT_ROOT',
        'REQUEST_URI',
        'QUERY_STRING',
        'PHP_SELF',
        'HTTP_X_FOO',
        'HTTP_COOKIE',
        'HTTP_PROXY',
        'REMOTE_ADDR',
        'GATEWAY_INTERFACE',
        'SERVER_PORT',
      ];
      assert.deepEqual(
        names.map((name) => seen[name]),
        [
          join(root, 'app.php'),
          '/app.php',
          '/users/7 a',
          root,
          '/app.php/users/7%20a?x=1&y=%20',
          'x=1&y=%20',
          '/app.php/users/7 a',
          'bar',
          'a=1',
          undefined,
          '127.0.0.1',
          'CGI/1.1',
          '8080',
        ],
      );
      assert.equal(response.headers.get('content-type'), 'application/json');
      // Which process took it, nobody knows, and so nobody says.
      assert.deepEqual(await requests.length(1), [
        { service: 'api', method: 'GET', path: '/app.php/users/7%20a', status: 200 },
      ]);
    });

    it('is handed on by many requests at once, each with its own answer', options, async (t) => {
      const { url } = await php(t, { 'n.php': 'usleep(5000); echo $_GET["n"];' }, { kind, children: 2 });
      const numbers = Array.from({ length: 40 }, (_, index) => String(index));
      const answers = await Promise.all(
        numbers.map(async (n) => (await fetch(`${url}/n.php?n=${n}`)).text()),
      );
      assert.deepEqual(answers, numbers);
    });
  });
}

describe('a form that is posted to PHP', () => {
  it('is there as fields and files', options, async (t) => {
    const script = `
      $file = $_FILES['file'] ?? null;
      echo json_encode([$_POST, $file ? [$file['name'], md5_file($file['tmp_name'])] : null]);`;
    const { url } = await php(t, { 'form.php': script });
    const plain = await fetch(`${url}/form.php`, {
      method: 'POST',
      body: new URLSearchParams({ a: '1', b: 'ü' }),
    });
    assert.deepEqual(await plain.json(), [{ a: '1', b: 'ü' }, null]);
    const form = new FormData();
    const content = 'x'.repeat(300_000);
    form.set('a', '2');
    form.set('file', new Blob([content]), 'name.txt');
    const multipart = await fetch(`${url}/form.php`, { method: 'POST', body: form });
    assert.deepEqual(await multipart.json(), [
      { a: '2' },
      ['name.txt', createHash('md5').update(content).digest('hex')],
    ]);
  });

  it(
    'without a length is collected first, in memory or beyond it in a file that is gone afterwards',
    options,
    async (t) => {
      const script = 'echo $_SERVER["CONTENT_LENGTH"], " ", md5(file_get_contents("php://input"));';
      const door = await php(t, { 'in.php': script }, { limits: { spoolMemory: 100_000 } });
      const left = async () =>
        (await readdir(tmpdir())).filter((name) => name.startsWith('local-runtimes-body-'));
      const before = await left();
      for (const count of [0, 1, 3, 40]) {
        const pieces = Array.from({ length: count }, (_, index) => Buffer.alloc(30_000, index + 1));
        const whole = Buffer.concat(pieces);
        const { body } = await chunked(door, '/in.php', pieces);
        assert.equal(body, `${whole.length} ${createHash('md5').update(whole).digest('hex')}`);
      }
      await until('the temporary file is gone', async () =>
        (await left()).every((name) => before.includes(name)),
      );
    },
  );

  it(
    'without a length and longer than may be kept is refused, and PHP hears nothing of it',
    options,
    async (t) => {
      const script = 'file_put_contents(__DIR__ . "/called", "");';
      const door = await php(t, { 'in.php': script }, { limits: { spoolMemory: 1000, spool: 50_000 } });
      const { response, body } = await chunked(door, '/in.php', [Buffer.alloc(30_000), Buffer.alloc(30_000)]);
      assert.equal(response.statusCode, 413);
      assert.match(body, /may be 50000 bytes long/);
      assert.equal(existsSync(join(door.root, 'called')), false);
    },
  );

  it(
    'whose client leaves in the middle leaves nothing behind, and PHP hears nothing of it',
    options,
    async (t) => {
      const script = 'file_put_contents(__DIR__ . "/called", "");';
      const { door, root, requests } = await php(t, { 'in.php': script }, { limits: { spoolMemory: 10 } });
      const left = async () =>
        (await readdir(tmpdir())).filter((name) => name.startsWith('local-runtimes-body-'));
      const before = await left();
      const client = new RawClient(t, door.port);
      client.send('POST /in.php HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n');
      client.send(`14\r\n${'x'.repeat(20)}\r\n`);
      await until('the file is there', async () => (await left()).some((name) => !before.includes(name)));
      client.socket.destroy();
      assert.equal((await requests.length(1))[0]?.status, 499);
      await until('the file is gone', async () => (await left()).every((name) => before.includes(name)));
      assert.equal(existsSync(join(root, 'called')), false);
    },
  );

  it(
    'and that PHP does not read is no hindrance to its answer, nor to the next request',
    options,
    async (t) => {
      const { door } = await php(
        t,
        { 'deaf.php': 'echo "answer";' },
        { settings: ['enable_post_data_reading=0'] },
      );
      const client = new RawClient(t, door.port);
      const body = 'x'.repeat(3_000_000);
      for (let turn = 0; turn < 2; turn += 1) {
        client.send(
          `POST /deaf.php HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
        );
        await client.until('answer');
      }
    },
  );

  it('is asked for with 100 Continue where the client waits for that', options, async (t) => {
    const { door } = await php(t, { 'in.php': 'echo file_get_contents("php://input");' });
    const client = new RawClient(t, door.port);
    client.send(
      'POST /in.php HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n',
    );
    await client.until('HTTP/1.1 100 Continue\r\n\r\n');
    client.send('hello');
    assert.match(await client.until('hello'), /^HTTP\/1\.1 200 OK\r\n/);
  });
});

describe('an answer of PHP', () => {
  it('says its status, redirects and cookies', options, async (t) => {
    const { url } = await php(t, {
      'gone.php': 'http_response_code(410); echo "no more";',
      'local.php': 'header("Location: /there?a=1");',
      'away.php': 'header("Location: https://example.test/x", true, 301);',
      'cookies.php': 'setcookie("a", "1"); setcookie("b", "2");',
    });
    const gone = await fetch(`${url}/gone.php`);
    assert.deepEqual([gone.status, await gone.text()], [410, 'no more']);
    const local = await fetch(`${url}/local.php`, { redirect: 'manual' });
    assert.deepEqual([local.status, local.headers.get('location')], [302, '/there?a=1']);
    const away = await fetch(`${url}/away.php`, { redirect: 'manual' });
    assert.deepEqual([away.status, away.headers.get('location')], [301, 'https://example.test/x']);
    assert.deepEqual((await fetch(`${url}/cookies.php`)).headers.getSetCookie(), ['a=1', 'b=2']);
  });

  it('is 404 for a script that is not there, and PHP is not asked for other files', options, async (t) => {
    const { url } = await php(t, {
      'dir/index.php': 'echo "index";',
      '.env': 'SECRET=1',
      'evil.jpg': '<?php echo 1;',
    });
    const missing = await fetch(`${url}/missing.php`);
    assert.deepEqual([missing.status, (await missing.text()).trim()], [404, 'No input file specified.']);
    for (const path of ['/.env', '/evil.jpg', '/evil.jpg/x.php']) {
      const response = await fetch(url + path);
      const text = await response.text();
      assert.deepEqual([response.status, /SECRET|1$/.test(text)], [404, false], path);
    }
    assert.equal((await fetch(`${url}/`)).status, 404);
    assert.equal(await (await fetch(`${url}/dir`)).text(), 'index');
  });

  it('comes from the front controller for what is no script', options, async (t) => {
    const { url } = await php(t, {
      'index.php': 'echo $_SERVER["PATH_INFO"] ?? "-", " ", $_SERVER["REQUEST_URI"];',
    });
    assert.equal(await (await fetch(`${url}/`)).text(), '- /');
    assert.equal(await (await fetch(`${url}/users/7?a`)).text(), '/users/7 /users/7?a');
  });

  it('to HEAD has its head alone, and the connection goes on', options, async (t) => {
    const { door } = await php(t, {
      'a.php': 'header("Content-Length: 5"); header("X-A: 1"); echo "hello";',
    });
    const client = new RawClient(t, door.port);
    client.send(
      'HEAD /a.php HTTP/1.1\r\nHost: localhost\r\n\r\nGET /a.php HTTP/1.1\r\nHost: localhost\r\n\r\n',
    );
    const head = await client.until('\r\n\r\n');
    assert.match(head, /X-A: 1\r\n/);
    assert.match(head, /Content-Length: 5\r\n/i);
    assert.match(await client.until('hello'), /^HTTP\/1\.1 200 OK\r\n/);
  });

  it('arrives piece by piece, while PHP is still at it', options, async (t) => {
    const script =
      'echo "one\\n"; flush(); while (!file_exists("go")) { clearstatcache(); usleep(1000); } echo "two\\n";';
    const { door, root } = await php(t, { 'slow.php': script });
    const client = new RawClient(t, door.port);
    client.send('GET /slow.php HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('one\n');
    await writeFile(join(root, 'go'), '');
    await client.until('two\n');
  });

  it('is wanted no more once the client has left, and PHP learns of it', options, async (t) => {
    const script = `
      register_shutdown_function(fn() => file_put_contents(__DIR__ . '/end', connection_aborted()));
      for (;;) { echo str_repeat('x', 1000); flush(); usleep(1000); }`;
    const { door, root, done } = await php(t, { 'endless.php': script });
    const client = new RawClient(t, door.port);
    client.send('GET /endless.php HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await client.until('xxx');
    client.socket.destroy();
    await done.length(1);
    await until('PHP has noticed', () => existsSync(join(root, 'end')));
    assert.equal(await readFile(join(root, 'end'), 'utf8'), '1');
  });
});

describe('a script that dies', () => {
  it('of an error of its own answers 500, and its words come on the error stream', options, async (t) => {
    const { url, words } = await php(t, {
      'bad.php': 'error_log("a word"); throw new Exception("asked to");',
    });
    assert.equal((await fetch(`${url}/bad.php`)).status, 500);
    const lines = (await words.length(2)).join('\n');
    assert.match(lines, /a word/);
    assert.match(lines, /Uncaught Exception: asked to/);
  });

  it(
    'with its whole process leaves a request without an answer, and the next one has another process',
    options,
    async (t) => {
      const scripts = { 'die.php': 'exec("kill -9 " . getmypid());', 'pid.php': 'echo getmypid();' };
      const { url, failures, children } = await php(t, scripts, { children: 2 });
      const response = await fetch(`${url}/die.php`);
      assert.equal(response.status, 503);
      assert.deepEqual(failures, [
        { kind: 'unreachable', reason: 'the connection was closed before an answer came', refused: false },
      ]);
      const pid = Number(await (await fetch(`${url}/pid.php`)).text());
      assert.ok(children.some((child) => child.pid === pid));
    },
  );

  it(
    'in the middle of its answer cuts the client off, for half an answer is no answer',
    options,
    async (t) => {
      const { url } = await php(t, { 'half.php': 'echo "half"; flush(); exec("kill -9 " . getmypid());' });
      const response = await fetch(`${url}/half.php`);
      assert.equal(response.status, 200);
      await assert.rejects(response.text());
    },
  );
});

/** Everything together: client and door are in one process here. The bodies are 200 MB each. */
const allowance = 60 * 1024 * 1024;
const piece = Buffer.alloc(64 * 1024, 'x');
const pieces = 3_200;

describe('a body of 200 MB', () => {
  /** How far the memory grows while something happens. */
  async function growth(run: () => Promise<void>): Promise<number> {
    const before = process.memoryUsage().rss;
    let peak = before;
    const watch = setInterval(() => {
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 5);
    await run().finally(() => clearInterval(watch));
    return peak - before;
  }

  async function flat(run: () => Promise<void>): Promise<void> {
    // The first one warms up.
    await run();
    const grown = await growth(run);
    assert.ok(grown < allowance, `grew by ${Math.round(grown / 1024 / 1024)} MB`);
  }

  async function upload({ door }: Php, length: boolean): Promise<string> {
    const headers = length ? { 'Content-Length': piece.length * pieces } : {};
    const sent = send({ host: '127.0.0.1', port: door.port, path: '/in.php', method: 'PUT', headers });
    const answered = new Promise<IncomingMessage>((resolve, reject) => {
      sent.once('response', resolve);
      sent.once('error', reject);
    });
    for (let index = 0; index < pieces; index += 1) {
      if (!sent.write(piece)) await new Promise<void>((resolve) => void sent.once('drain', resolve));
    }
    sent.end();
    return bodyOf(await answered);
  }

  const sum =
    '$n = 0; $f = fopen("php://input", "r"); while (!feof($f)) $n += strlen(fread($f, 65536)); echo $n;';

  for (const length of [true, false]) {
    it(
      `goes up ${length ? 'as it comes' : 'by way of a file where its length is not told'}, and the memory stays flat`,
      { timeout: 120_000 },
      async (t: TestContext) => {
        const door = await php(t, { 'in.php': sum });
        await flat(async () => assert.equal(await upload(door, length), String(piece.length * pieces)));
      },
    );
  }

  it('comes down, and the memory stays flat', { timeout: 120_000 }, async (t) => {
    const script = `$piece = str_repeat('x', ${piece.length}); for ($i = 0; $i < ${pieces}; $i += 1) echo $piece;`;
    const { url } = await php(t, { 'out.php': script });
    await flat(async () => {
      let bytes = 0;
      for await (const chunk of (await fetch(`${url}/out.php`)).body ?? [])
        bytes += (chunk as Uint8Array).length;
      assert.equal(bytes, piece.length * pieces);
    });
  });

  it('that nobody reads holds PHP back, and comes when it is read again', { timeout: 120_000 }, async (t) => {
    const script = `
      $piece = str_repeat('x', ${piece.length});
      for ($i = 0; $i < ${pieces}; $i += 1) { echo $piece; flush(); file_put_contents('at', $i); }`;
    const { door, root } = await php(t, { 'out.php': script });
    const sent = send({ host: '127.0.0.1', port: door.port, path: '/out.php' }).end();
    const response = await new Promise<IncomingMessage>((resolve) => void sent.once('response', resolve));
    response.pause();
    const at = async () => Number(await readFile(join(root, 'at'), 'utf8').catch(() => '-1'));
    let last = -2;
    let same = 0;
    await until('PHP stands still', async () => {
      const now = await at();
      same = now === last && now > 0 ? same + 1 : 0;
      last = now;
      return same > 20;
    });
    assert.ok(last < pieces / 2, `${last} pieces are on their way`);
    let bytes = 0;
    for await (const chunk of response) bytes += (chunk as Buffer).length;
    assert.equal(bytes, piece.length * pieces);
  });
});
