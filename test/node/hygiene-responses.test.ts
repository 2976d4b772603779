/**
 * Instances that lie about where their answers end (response splitting and smuggling).
 *
 * The attack: who can make one service say what he likes, by a page that repeats a parameter in a header, or by a
 * service that fetches from elsewhere, gets it to say two answers in place of one. The second one waits on the
 * connection, and the next person who is given that connection gets it as the answer to his request. With a cache or a
 * login behind it that is the worst that can happen to a proxy. So: what is no proper answer is not passed on; what is
 * said beyond an answer is thrown away with the connection; a part is never passed off as a whole.
 */

import assert from 'node:assert/strict';
import { describe, it, type TestContext } from 'node:test';
import type { UpstreamFailure } from '../../src/core/outside.ts';
import { RawClient } from './http-support.ts';
import { readAnswers } from './hygiene-readers.ts';
import { seen, target } from './hygiene-support.ts';
import { until } from './support.ts';

const options = { timeout: 120_000 };
const evil = 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil';

/** What the client got of the attack, in words. */
type Got = string;

interface Row {
  readonly attack: string;
  readonly says: string;
  /** The instance closes after its words. */
  readonly ends?: true;
  readonly method?: string;
  /**
   * `bad`: it is told as no answer. `cut`: the connection ends before the answer is whole. Else the status and the body
   * as they reach the client, `200 body`.
   */
  readonly gets: Got;
}

interface Result {
  readonly gets: Got;
  /** What the next client got, who asked for something else. */
  readonly next: string;
  /** Everything that the client received. */
  readonly all: string;
}

async function result(t: TestContext, { says, ends, method = 'GET' }: Row): Promise<Result> {
  const failures: UpstreamFailure[] = [];
  const { door, upstream } = await target(
    t,
    {
      failed: (failure) => {
        failures.push(failure);
        return { status: 502, headers: [], body: failure.kind };
      },
    },
    (request) => (request.includes('/evil') ? { bytes: says, ends: ends === true } : seen(request)),
  );
  const first = new RawClient(t, door.port);
  first.send(`${method} /evil HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
  const ended = first.ended.then(() => true);
  await Promise.race([ended, until('an end', () => first.socket.closed, 5_000).catch(() => false)]);
  // On the same connection to the instance, if it was kept.
  const before = upstream.connections.items.length;
  const second = new RawClient(t, door.port);
  second.send('GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
  const next = await second.rest();
  assert.ok(before > 0);
  const read = readAnswers(first.received, [method]);
  return {
    gets: inWords(read, failures),
    next: bodyOf(next),
    all: first.received,
  };
}

function bodyOf(answer: string): string {
  return answer.slice(answer.indexOf('\r\n\r\n') + 4);
}

function inWords(read: ReturnType<typeof readAnswers>, failures: readonly UpstreamFailure[]): Got {
  if ('odd' in read) return read.odd.startsWith('the end of a connection') ? 'cut' : `odd: ${read.odd}`;
  const answers = read.filter(({ status }) => status >= 200);
  const [answer] = answers;
  if (answers.length > 1 || failures.length > 1) return `${answers.length} answers`;
  if (failures[0]?.kind === 'bad-response' && answer?.body === 'bad-response') return 'bad';
  if (failures.length > 0) return JSON.stringify(failures);
  if (answer === undefined || answer.broken) return 'cut';
  return `${answer.status} ${answer.body}`.trim();
}

function corpus(title: string, rows: readonly Row[]): void {
  it(title, options, async (t) => {
    const wrong: unknown[] = [];
    for (const row of rows) {
      const { gets, next } = await result(t, row);
      if (gets !== row.gets || next !== 'seen GET /next 0')
        wrong.push({ ...row, says: row.says.slice(0, 200), was: gets, next });
    }
    assert.deepEqual(wrong, []);
  });
}

const ok = 'HTTP/1.1 200 OK\r\n';

describe('an answer', () => {
  corpus('whose end can be told in two ways is none', [
    { attack: 'two lengths', says: `${ok}Content-Length: 0\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'two lengths in one header', says: `${ok}Content-Length: 0, 4\r\n\r\nbody`, gets: 'bad' },
    {
      attack: 'a length and chunks',
      says: `${ok}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`,
      gets: 'bad',
    },
    { attack: 'a length with a sign', says: `${ok}Content-Length: +4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'a negative length', says: `${ok}Content-Length: -4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'a length with something after it', says: `${ok}Content-Length: 4 4\r\n\r\nbody`, gets: 'bad' },
    {
      attack: 'a length beyond all numbers',
      says: `${ok}Content-Length: 18446744073709551620\r\n\r\nbody`,
      gets: 'bad',
    },
    {
      attack: 'a coding that only contains the word',
      says: `${ok}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n`,
      gets: 'bad',
    },
    {
      attack: 'chunks twice',
      says: `${ok}Transfer-Encoding: chunked, chunked\r\n\r\n0\r\n\r\n`,
      gets: 'bad',
    },
    {
      attack: 'a coding of the hop besides chunks',
      says: `${ok}Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n`,
      gets: 'bad',
    },
    {
      attack: 'a vertical tab before the coding',
      says: `${ok}Transfer-Encoding: \vchunked\r\n\r\n0\r\n\r\n`,
      gets: 'bad',
    },
  ]);

  corpus('with an odd head is none', [
    { attack: 'lines that end at LF', says: `HTTP/1.1 200 OK\nContent-Length: 4\n\nbody`, gets: 'bad' },
    {
      attack: 'one line that ends at LF',
      says: `${ok}X: a\nSet-Cookie: evil\r\nContent-Length: 4\r\n\r\nbody`,
      gets: 'bad',
    },
    {
      attack: 'a bare CR in a value, which ends the line for some browsers',
      says: `${ok}Location: /\rSet-Cookie: evil\r\nContent-Length: 0\r\n\r\n`,
      gets: 'bad',
    },
    { attack: 'a null in a value', says: `${ok}X: a\0b\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    {
      attack: 'a line that goes on',
      says: `${ok}X: a\r\n Set-Cookie: evil\r\nContent-Length: 4\r\n\r\nbody`,
      gets: 'bad',
    },
    { attack: 'a space before the colon', says: `${ok}Content-Length : 4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'a space in a name', says: `${ok}Bad Name: 1\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'no colon', says: `${ok}Nonsense\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    {
      attack: 'a control byte in the reason',
      says: `HTTP/1.1 200 O\x01K\r\nContent-Length: 4\r\n\r\nbody`,
      gets: 'bad',
    },
    {
      attack: 'a bare CR in the reason',
      says: `HTTP/1.1 200 O\rK\r\nContent-Length: 4\r\n\r\nbody`,
      gets: 'bad',
    },
    { attack: 'no status', says: `HTTP/1.1 OK\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    {
      attack: 'a status of two digits',
      says: `HTTP/1.1 99 OK\r\nContent-Length: 4\r\n\r\nbody`,
      gets: 'bad',
    },
    {
      attack: 'a status of four digits',
      says: `HTTP/1.1 2000 OK\r\nContent-Length: 4\r\n\r\nbody`,
      gets: 'bad',
    },
    { attack: 'a status below 100', says: `HTTP/1.1 099 OK\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'another version', says: `HTTP/2.0 200 OK\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'another protocol', says: `ICY 200 OK\r\nContent-Length: 4\r\n\r\nbody`, gets: 'bad' },
    { attack: 'no head at all (HTTP/0.9)', says: `<html>hello</html>\r\n\r\n`, ends: true, gets: 'bad' },
    { attack: 'a head without an end', says: `${ok}Content-Le`, ends: true, gets: 'bad' },
    { attack: 'an endless header', says: `${ok}X: ${'x'.repeat(300_000)}`, gets: 'bad' },
    { attack: 'endless headers', says: `${ok}${'X: 1\r\n'.repeat(100_000)}`, gets: 'bad' },
    { attack: 'an endless status line', says: `HTTP/1.1 200 ${'x'.repeat(300_000)}`, gets: 'bad' },
    {
      attack: 'a protocol that nobody asked for',
      says: `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nhello`,
      gets: 'bad',
    },
  ]);

  corpus('ends where it says, and what is said beyond it reaches nobody', [
    {
      attack: 'another answer behind it',
      says: `${ok}Content-Length: 4\r\n\r\nbody${evil}`,
      gets: '200 body',
    },
    { attack: 'a longer body than told', says: `${ok}Content-Length: 2\r\n\r\nbody`, gets: '200 bo' },
    {
      attack: 'another answer behind chunks',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n${evil}`,
      gets: '200 body',
    },
    {
      attack: 'a body where there is none: 204',
      says: `HTTP/1.1 204 No Content\r\n\r\n${evil}`,
      gets: '204',
    },
    {
      attack: 'a length where there is no body: 204',
      says: `HTTP/1.1 204 No Content\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
      gets: '204',
    },
    {
      attack: 'chunks where there is no body: 204',
      says: `HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n`,
      gets: '204',
    },
    {
      attack: 'a body where there is none: 304',
      says: `HTTP/1.1 304 Not Modified\r\nContent-Length: ${evil.length}\r\n\r\n${evil}`,
      gets: '304',
    },
    {
      attack: 'a body where there is none: HEAD',
      says: `${ok}Content-Length: ${evil.length}\r\n\r\n${evil}`,
      method: 'HEAD',
      gets: '200',
    },
    {
      attack: 'chunks where there is no body: HEAD',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${evil}`,
      method: 'HEAD',
      gets: '200',
    },
    {
      attack: 'a line end behind it, as careless programs send it',
      says: `${ok}Content-Length: 4\r\n\r\nbody\r\n`,
      gets: '200 body',
    },
    {
      attack: 'an early answer before the real one',
      says: `HTTP/1.1 100 Continue\r\n\r\n${ok}Content-Length: 4\r\n\r\nbody`,
      gets: '200 body',
    },
    {
      attack: 'a length in an early answer, by which some would read a body',
      says: `HTTP/1.1 103 Early Hints\r\nContent-Length: ${ok.length}\r\n\r\n${ok}Content-Length: 4\r\n\r\nbody`,
      gets: '200 body',
    },
    {
      attack: 'no framing: all up to the end is the body',
      says: `${ok}\r\nbody${evil}`,
      ends: true,
      gets: `200 body${evil}`,
    },
  ]);

  corpus('that is not whole does not pass for one', [
    {
      attack: 'closed before its length',
      says: `${ok}Content-Length: 40\r\n\r\nbody`,
      ends: true,
      gets: 'cut',
    },
    {
      attack: 'closed in a chunk',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n40\r\nbody`,
      ends: true,
      gets: 'cut',
    },
    {
      attack: 'closed before the last chunk',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n`,
      ends: true,
      gets: 'cut',
    },
    {
      attack: 'closed in the last chunk',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n`,
      ends: true,
      gets: 'cut',
    },
    {
      attack: 'a size that is none',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\nzz\r\n`,
      gets: 'cut',
    },
    {
      attack: 'a size that wraps',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n10000000000000000\r\n`,
      gets: 'cut',
    },
    {
      attack: 'a chunk longer than its size',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n2\r\nbody\r\n0\r\n\r\n`,
      gets: 'cut',
    },
    {
      attack: 'a size line that ends at LF',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\nbody\r\n0\r\n\r\n`,
      gets: 'cut',
    },
    {
      attack: 'endless trailers',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n${'X: 1\r\n'.repeat(100_000)}`,
      gets: 'cut',
    },
    {
      attack: 'an odd trailer',
      says: `${ok}Transfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\nX : 1\r\n\r\n`,
      gets: 'cut',
    },
  ]);

  it('cannot set by a trailer what only a head may say', options, async (t) => {
    const trailers =
      'Content-Length: 9\r\nSet-Cookie: evil\r\nTransfer-Encoding: x\r\nLocation: /\r\nX-Sum: 1\r\n';
    const says = `${ok}Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n4\r\nbody\r\n0\r\n${trailers}\r\n`;
    const { gets, next, all } = await result(t, { attack: '', says, gets: '' });
    assert.equal(gets, '200 body');
    assert.doesNotMatch(all.slice(all.indexOf('body')), /evil|Content-Length|Transfer-Encoding|Location/iu);
    assert.equal(next, 'seen GET /next 0');
  });

  it('cannot keep anybody by early answers without end', options, async (t) => {
    const { door, failures } = await target(t, {}, () => ({
      bytes: 'HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n'.repeat(20_000),
    }));
    const client = new RawClient(t, door.port).send(
      'GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n',
    );
    await client.ended;
    assert.equal(failures[0]?.kind, 'bad-response');
    assert.ok(client.received.length < 100_000, `${client.received.length} bytes of early answers`);
  });
});

describe('a connection to an instance', () => {
  it('on which it speaks without being asked is given to nobody', options, async (t) => {
    const { door, upstream } = await target(t);
    const ask = async (path: string): Promise<string> => {
      const client = new RawClient(t, door.port);
      return bodyOf(
        await client.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`).rest(),
      );
    };
    assert.equal(await ask('/first'), 'seen GET /first 0');
    const [kept] = await upstream.connections.length(1);
    // The end of the connection is the sign that the unasked words were heard.
    const closed = new Promise((resolve) => kept?.socket.once('close', resolve));
    kept?.socket.write(evil);
    await closed;
    assert.equal(await ask('/second'), 'seen GET /second 0');
    assert.equal(upstream.connections.items.length, 2);
  });

  it('on which something stood behind an answer is given to nobody', options, async (t) => {
    // The rest of it would come later, in place of the next client's answer.
    const { door, upstream } = await target(t, {}, (request) => {
      const { bytes } = seen(request);
      return { bytes: request.includes('/first') ? `${bytes}HTTP/1.1 200 OK\r\nContent-` : bytes };
    });
    for (const path of ['/first', '/second']) {
      const client = new RawClient(t, door.port);
      client.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n`);
      assert.equal(bodyOf(await client.rest()), `seen GET ${path} 0`);
    }
    assert.equal(upstream.connections.items.length, 2);
  });

  it(
    'is not used again after a GET with a body that the instance may not have read (CL.0)',
    options,
    async (t) => {
      // The attack: a handler that looks at no body leaves it on the connection, where it is the next request. What it
      // answers to that one would be the answer to the next client's.
      const smuggled = 'GET /evil HTTP/1.1\r\nHost: localhost\r\n\r\n';
      const { door, upstream } = await target(t, {}, seen);
      const [first, second] = [new RawClient(t, door.port), new RawClient(t, door.port)];
      first.send(
        `GET /first HTTP/1.1\r\nHost: localhost\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      );
      await first.until(`seen GET /first ${smuggled.length}`);
      const [used] = await upstream.connections.length(1);
      // An instance of that kind would say this now.
      used?.socket.write(evil);
      second.send('GET /second HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
      assert.equal(bodyOf(await second.rest()), 'seen GET /second 0');
    },
  );

  it('on which an answer came before the request was sent is not used again', options, async (t) => {
    const answered = Promise.withResolvers<void>();
    const { door, upstream } = await target(t);
    const early = new RawClient(t, door.port);
    early.send('POST /early HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\npart');
    const [used] = await upstream.connections.length(1);
    await until('the part is there', () => used?.bytes.includes('part'));
    used?.socket.write('HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig', () => answered.resolve());
    await answered.promise;
    await early.until('big');
    const next = new RawClient(t, door.port);
    next.send('GET /next HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n');
    assert.equal(bodyOf(await next.rest()), 'seen GET /next 0');
    assert.equal(upstream.connections.items.length, 2);
    assert.doesNotMatch(upstream.connections.items[0]?.bytes ?? '', /next/u);
  });
});

describe('a header of ours', () => {
  it('is not believed from an instance, nor is one of its connection', options, async (t) => {
    const says = `${ok}X-Local-Runtimes: up\r\nConnection: close, X-Inner\r\nX-Inner: 1\r\nKeep-Alive: timeout=1\r\nProxy-Authenticate: Basic\r\nContent-Length: 4\r\n\r\nbody`;
    const { gets, all } = await result(t, { attack: '', says, gets: '' });
    assert.equal(gets, '200 body');
    assert.doesNotMatch(all, /x-local-runtimes|x-inner|keep-alive:|proxy-authenticate/iu);
  });
});
