/**
 * Requests that come under a false name or in a circle, and upgrades that are not what they seem; on real sockets, with
 * the routes and guards of the core.
 */

import assert from 'node:assert/strict';
import { connect } from 'node:net';
import { describe, it, type TestContext } from 'node:test';
import type { Decision, RequestHead } from '../../src/core/outside.ts';
import { Router } from '../../src/core/proxy/route.ts';
import { createDoors } from '../../src/node/http/doors.ts';
import { gullible, openDoor, RawClient } from './http-support.ts';
import { outcomeOf, target, type Target } from './hygiene-support.ts';

const options = { timeout: 60_000 };

/** A door that lets pass what the guards of a service's own door let pass. */
function guarded(t: TestContext): Promise<Target> {
  const router = new Router({
    host: '127.0.0.1',
    services: ['api'],
    routes: {},
    extraHosts: ['code.example.com'],
  });
  return target(t, {
    decide: (head: RequestHead, forward: () => Decision): Decision => {
      const route = router.own(head, 'api');
      if (route.kind === 'service') return forward();
      return { kind: 'answer', answer: { status: 403, headers: [], body: route.kind } };
    },
  });
}

describe('a page of elsewhere', () => {
  // The attack is told at `isHostAllowed`: a name whose address is changed to ours once the page is loaded.
  it('under a name that was re-pointed at us gets nothing (HP-45)', options, async (t) => {
    const { door, upstream } = await guarded(t);
    const heads = [
      'GET / HTTP/1.1\r\nHost: evil.example\r\n',
      `GET / HTTP/1.1\r\nHost: evil.example:${door.port}\r\n`,
      'GET / HTTP/1.1\r\nHost:\r\n',
      'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n',
      'GET / HTTP/1.0\r\nHost: evil.example\r\n',
      'GET / HTTP/1.1\r\nHost: localhost.evil.example\r\n',
      'GET / HTTP/1.1\r\nHost: evil.example\r\nX-Forwarded-Host: localhost\r\n',
      'GET / HTTP/1.1\r\nHost: evil.example\r\nForwarded: host=localhost\r\n',
      'GET / HTTP/1.1\r\nHost: evil.example\r\nOrigin: http://localhost\r\nReferer: http://localhost/\r\n',
    ];
    for (const head of heads) {
      const answer = await new RawClient(t, door.port).send(`${head}Connection: close\r\n\r\n`).rest();
      assert.match(answer, /^HTTP\/1\.1 40[03] /u, head);
    }
    assert.equal(upstream.connections.items.length, 0);
    for (const host of [
      'localhost',
      'api.localhost',
      `127.0.0.1:${door.port}`,
      '[::1]',
      'code.example.com',
    ]) {
      const client = new RawClient(t, door.port);
      client.send(`GET / HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`);
      assert.match(await client.rest(), /^HTTP\/1\.1 200 /u, host);
    }
  });

  it('is not meant by a request without a Host, which only HTTP/1.0 may be (HP-45)', options, async (t) => {
    const { door } = await guarded(t);
    const answer = (version: string) =>
      new RawClient(t, door.port).send(`GET / HTTP/${version}\r\nConnection: close\r\n\r\n`).rest();
    assert.match(await answer('1.1'), /^HTTP\/1\.1 400 .*\r\n\r\n.*No Host header set in request\./su);
    assert.match(await answer('1.0'), /^HTTP\/1\.1 200 /u);
  });

  // The attack is told at `foreignOrigin`.
  it('cannot open a WebSocket, and what it sends behind its request reaches nobody', options, async (t) => {
    const { door, upstream } = await guarded(t);
    const upgrade = 'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
    for (const origin of [
      'http://evil.example',
      'https://localhost.evil.example',
      'http://localhost@evil.example',
      // What a frame in a sandbox says, wherever it is from.
      'null',
      'Null',
      '',
      'localhost',
      'http://',
      'http://localhost, http://evil.example',
      'http://localhost\r\nOrigin: http://evil.example',
      'http://localhost:3000\r\nOrigin: null',
      'file://',
      'ftp://localhost',
      'data:text/html,x',
      'vscode-webview:',
      'x-vscode-webview://x',
    ]) {
      const client = new RawClient(t, door.port);
      client.send(`${upgrade}Origin: ${origin}\r\n\r\nGET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      assert.match(await client.rest(), /^HTTP\/1\.1 403 (?!.*HTTP)/su, origin);
    }
    assert.equal(upstream.connections.items.length, 0);
    for (const origin of [
      'Origin: http://localhost:3000\r\n',
      'Origin: http://[::1]:3000\r\n',
      'Origin: https://code.example.com\r\n',
      'Origin: vscode-webview://x\r\n',
      'Origin: vscode-file://vscode-app\r\n',
      'Origin: chrome-extension://abc\r\n',
      'Origin: tauri://localhost\r\n',
      '',
    ]) {
      const client = new RawClient(t, door.port);
      await client.send(`${upgrade}${origin}\r\n`).until('200 OK');
    }
  });
});

describe('an upgrade', () => {
  const websocket = 'GET /ws HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n';
  const smuggled = 'GET /smuggled HTTP/1.1\r\nHost: localhost\r\n\r\n';

  /** What reached an instance that answers this to an upgrade with another request behind it. */
  async function behind(
    t: TestContext,
    says: string,
    head = `${websocket}Sec-WebSocket-Version: 13\r\n\r\n`,
  ) {
    const both = await target(t, {}, () => ({ bytes: says }));
    const client = new RawClient(t, both.door.port).send(head + smuggled);
    return outcomeOf(client, both, 2);
  }

  // The attack: a proxy that sees an upgrade in the request alone stops reading, and everything behind it goes to the
  // instance unseen, past routes and guards. A bad version makes the instance refuse while the proxy believes.
  it('that the instance refuses is none: a request behind it does not slip by', options, async (t) => {
    for (const status of ['200 OK', '426 Upgrade Required', '400 Bad Request', '404 Not Found']) {
      const { bytes, forwarded } = await behind(t, `HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`);
      const seen = bytes.split('GET ').length - 1;
      assert.equal(
        seen,
        forwarded.length,
        `${status}: ${forwarded.length} were decided on, ${seen} were seen`,
      );
    }
  });

  it('is none without a proper 101, and nothing of what follows is passed on', options, async (t) => {
    const answers = [
      'HTTP/1.1 101 Switching Protocols\r\n\r\nhello',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\n\r\nhello',
      'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\nhello',
    ];
    for (const answer of answers) {
      const { bytes, statuses } = await behind(t, answer);
      assert.doesNotMatch(bytes, /smuggled/u, answer);
      assert.ok(statuses.length === 1 && (statuses[0] ?? 0) >= 500, `${answer}: ${String(statuses)}`);
    }
  });

  // The attack (h2c smuggling): an instance that agrees to h2c speaks HTTP/2 past us, with requests that nobody guards.
  it('to HTTP/2 is not asked of the instance', options, async (t) => {
    for (const names of ['h2c', 'H2C', 'websocket, h2c', 'h2', 'h2c\r\nUpgrade: websocket']) {
      const head = `GET /h2 HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: ${names}\r\nHTTP2-Settings: AAMAAABkAARAAAAAAAIAAAAA\r\n\r\n`;
      const { bytes } = await behind(t, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', head);
      assert.match(bytes, /^GET \/h2 HTTP\/1\.1\r\n/u);
      assert.doesNotMatch(bytes, /upgrade: .*h2|http2-settings/iu, names);
    }
  });

  it('with a body is none', options, async (t) => {
    for (const framing of [
      'Content-Length: 4\r\n\r\nbody',
      'Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
    ]) {
      const { bytes } = await behind(t, 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n', websocket + framing);
      assert.doesNotMatch(bytes, /\r\nupgrade:/iu);
    }
  });

  it('that was granted is the client’s alone: the connection goes to nobody after it', options, async (t) => {
    const { door, upstream } = await target(t, {}, (request) =>
      request.includes('/ws')
        ? { bytes: 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n' }
        : { bytes: 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok' },
    );
    const first = new RawClient(t, door.port).send(`${websocket}\r\n`);
    await first.until('101 Switching Protocols');
    first.socket.destroy();
    const second = new RawClient(t, door.port).send('GET /plain HTTP/1.1\r\nHost: localhost\r\n\r\n');
    await second.until('ok');
    assert.equal(upstream.connections.items.length, 2);
    assert.doesNotMatch(upstream.connections.items[0]?.bytes ?? '', /plain/u);
  });
});

describe('a circle', () => {
  // The attack, mostly by accident: told at `mostHops`.
  it('of a door that leads to itself ends with 508, and leaves no connection behind', options, async (t) => {
    let decided = 0;
    let done = 0;
    let port = 0;
    const door = await createDoors().open({
      host: '127.0.0.1',
      port: 0,
      decide: () => {
        decided += 1;
        return {
          kind: 'forward',
          service: 'api',
          instance: 'api.0',
          host: '127.0.0.1',
          port,
          done: () => (done += 1),
          failed: () => Promise.resolve({ status: 502, headers: [], body: 'failed' }),
        };
      },
    });
    t.after(() => door.close());
    port = door.port;
    for (const more of [
      '',
      'Connection: Upgrade\r\nUpgrade: websocket\r\n',
      'Connection: X-Forwarded-For\r\n',
    ]) {
      decided = 0;
      done = 0;
      const client = new RawClient(t, port);
      client.send(`GET / HTTP/1.1\r\nHost: localhost\r\n${more}\r\n`);
      await client.until(/^HTTP\/1\.1 508 [\s\S]*circle/u);
      assert.ok(decided <= 20, `${decided} turns`);
      assert.equal(done, decided);
    }
  });

  it(
    'through a program between is the same, as long as it keeps what is told of the way',
    options,
    async (t) => {
      // As a dev server does that passes on what it has no file for.
      let port = 0;
      const between = await gullible(t, (socket) => {
        const back = connect(port, '127.0.0.1');
        t.after(() => back.destroy());
        back.on('error', () => socket.destroy());
        back.on('close', () => socket.destroy());
        socket.on('close', () => back.destroy());
        socket.pipe(back);
        back.pipe(socket);
      });
      const { door, heads } = await openDoor(t, between);
      port = door.port;
      const client = new RawClient(t, port).send('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n');
      await client.until(/^HTTP\/1\.1 508 /u);
      assert.ok(heads.length <= 20, `${heads.length} turns`);
    },
  );
});
