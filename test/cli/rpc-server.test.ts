import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { constants } from 'node:os';
import type { ControlServerSpec } from '../../src/config/spec.ts';
import { RpcServer } from '../../src/host/rpc-server.ts';
import { SocketInUse } from '../../src/host/unix-socket.ts';
import { Methods } from '../../src/protocol/supervisor/methods.ts';
import { instanceOf, RuntimeDouble, serviceOf, snapshotOf } from '../support/runtime-double.ts';
import { workspace } from '../support/cli.ts';

const call = "<?xml version='1.0'?><methodCall><methodName>supervisor.getState</methodName></methodCall>";
const source = { file: '/w/supervisord.conf', line: 1, column: 1, endLine: 1, endColumn: 2 };

interface Answer {
  readonly status: number | undefined;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

interface Opened {
  readonly path: string;
  readonly api: RuntimeDouble;
  readonly server: RpcServer;
  readonly ask: (
    headers?: Readonly<Record<string, string>>,
    body?: string,
    at?: string,
    method?: string,
  ) => Promise<Answer>;
}

async function open(
  test: TestContext,
  more: Partial<ControlServerSpec> = {},
  path?: string,
): Promise<Opened> {
  const file = path ?? join(await workspace(test, {}), 's.sock');
  const web = serviceOf('web', {
    instances: [instanceOf('web.0', { process: 'web', group: 'web', logFile: '/logs/web', startedAt: 1 })],
  });
  const api = new RuntimeDouble(snapshotOf(web));
  const methods = new Methods({
    api,
    signals: constants.signals,
    now: () => Date.now(),
    failed: (reason) => assert.fail(reason),
  });
  const spec = { at: { kind: 'unix', path: file, mode: 0o700 }, source, ...more } as const;
  const server = await RpcServer.open({ spec, methods, api });
  test.after(() => server.close());
  const { at: place } = spec;
  return {
    path: file,
    api,
    server,
    ask: (headers = {}, body = call, at = '/RPC2', method = 'POST') =>
      new Promise((resolve, reject) => {
        const where =
          place.kind === 'unix' ? { socketPath: place.path } : { host: place.host, port: place.port };
        const asked = request({ ...where, path: at, method, headers, agent: false }, (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
          response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, text }));
        });
        asked.on('error', reject);
        asked.end(method === 'GET' ? undefined : body);
      }),
  };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return address !== null && typeof address === 'object' ? address.port : 0;
}

describe('an XML-RPC server', () => {
  it('answers calls as XML, and 400 to what is no call, 404 to what it does not have', async (test) => {
    const { ask } = await open(test);
    const answer = await ask();
    assert.deepEqual([answer.status, answer.headers['content-type']], [200, 'text/xml']);
    assert.match(answer.text, /<string>RUNNING<\/string>/);
    assert.equal((await ask({}, 'no XML')).status, 400);
    assert.equal((await ask({}, call, '/RPC2', 'GET')).status, 400);
    assert.equal((await ask({}, call, '/')).status, 404);
    assert.equal((await ask({}, call, '/logtail/other', 'GET')).status, 404);
    assert.equal((await ask({}, call, '/logtail/web/stderr', 'GET')).status, 404);
  });

  it('refuses a call that is larger than any has to be', async (test) => {
    const { ask } = await open(test);
    const answer = ask({}, 'x'.repeat(5 * 1024 ** 2));
    // The rest of it may meet a closed connection before the answer is read.
    const status = await answer.then(
      (each) => each.status,
      (error: NodeJS.ErrnoException) => error.code,
    );
    assert.ok([413, 'EPIPE', 'ECONNRESET'].includes(status ?? ''), String(status));
    assert.equal((await ask()).status, 200);
  });

  it('refuses what a page in a browser sends, whatever it claims to be', async (test) => {
    const { ask, api } = await open(test);
    const start = call.replace('getState', 'stopAllProcesses');
    for (const headers of [
      { Origin: 'http://evil.example', 'Content-Type': 'text/plain' },
      { Origin: 'null' },
      { Origin: 'http://127.0.0.1:9001' },
      { 'Sec-Fetch-Site': 'cross-site' },
      { 'Sec-Fetch-Site': 'same-site' },
    ])
      assert.equal((await ask(headers, start)).status, 403);
    assert.deepEqual(api.orders, []);
    assert.equal((await ask({ 'Sec-Fetch-Site': 'none' })).status, 200);
  });

  it('serves a port under names of this machine alone, since any other can be pointed at it', async (test) => {
    const port = await freePort();
    const { ask } = await open(test, { at: { kind: 'inet', host: '127.0.0.1', port } });
    for (const host of ['localhost', '127.0.0.1', `localhost:${port}`, `[::1]:${port}`])
      assert.equal((await ask({ Host: host })).status, 200, host);
    for (const host of ['evil.example', `evil.example:${port}`, '192.168.1.2'])
      assert.equal((await ask({ Host: host })).status, 403, host);
  });

  it('lets in the one name with its password, plain or hashed', async (test) => {
    const basic = (text: string): Record<string, string> => ({
      Authorization: `Basic ${Buffer.from(text).toString('base64')}`,
    });
    const hash = createHash('sha1').update('pass:word').digest('hex');
    for (const password of ['pass:word', `{SHA}${hash}`]) {
      const { ask } = await open(test, { username: 'ann', password });
      assert.equal((await ask(basic('ann:pass:word'))).status, 200);
      const wrong = ['ann:', 'ann', 'bob:pass:word', 'ann:pass:words', `ann:{SHA}${hash}`, `ann:${hash}`];
      for (const headers of [{}, { Authorization: 'Bearer x' }, ...wrong.map(basic)]) {
        const answer = await ask(headers);
        assert.deepEqual([answer.status, answer.headers['www-authenticate']], [401, 'Basic realm="default"']);
      }
    }
  });

  it('takes the place of a socket file whose owner is dead, and of no other file', async (test) => {
    const folder = await workspace(test, {});
    const path = join(folder, 's.sock');
    const dead = spawn(process.execPath, [
      '-e',
      `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`,
    ]);
    await once(dead, 'exit');
    assert.ok(existsSync(path));
    const { ask, server } = await open(test, {}, path);
    assert.equal((await ask()).status, 200);
    await assert.rejects(open(test, {}, path), SocketInUse);
    assert.equal((await ask()).status, 200);
    await server.close();
    assert.equal(existsSync(path), false);
    await writeFile(path, 'notes');
    await assert.rejects(open(test, {}, path), /there is a file that is no socket/);
  });

  it('goes on sending a log that grows, in chunks, until it closes', async (test) => {
    const { path, api, server } = await open(test);
    api.logPiece = { text: 'first\n', from: 0, to: 6, size: 6 };
    const chunks: string[] = [];
    const ended = new Promise<void>((resolve, reject) => {
      const asked = request({ socketPath: path, path: '/logtail/web/stdout', agent: false }, (response) => {
        assert.equal(response.headers['transfer-encoding'], 'chunked');
        response.setEncoding('utf8').on('data', (chunk: string) => {
          chunks.push(chunk);
          if (chunk === 'first\n') api.logPiece = { text: 'second\n', from: 6, to: 13, size: 13 };
          else void server.close();
        });
        response.on('end', resolve);
      });
      asked.on('error', reject);
      asked.end();
    });
    await ended;
    assert.deepEqual(chunks.slice(0, 2), ['first\n', 'second\n']);
  });
});
