import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { errorFileOf } from '../../../src/core/appengine/error-handlers.ts';
import type { FailureFacts } from '../../../src/core/appengine/front.ts';
import { at, bodyOf, errorHandler, Front, value, values } from './support.ts';

const refused: FailureFacts = {
  failure: { kind: 'unreachable', reason: 'the connection was refused', refused: true },
  alive: false,
  port: 123,
  stderr: '',
};

describe('the file shown for an application that failed', () => {
  it('is that of the first entry without a code or for the default (HP-17)', () => {
    const rows = [
      [[errorHandler('a.html')], '/w/app/a.html'],
      [[errorHandler('a.html', 'default')], '/w/app/a.html'],
      [[errorHandler('a.html', '')], '/w/app/a.html'],
      [
        [errorHandler('q.html', 'over_quota'), errorHandler('b/c.html', 'default'), errorHandler('d.html')],
        '/w/app/b/c.html',
      ],
      [[errorHandler('q.html', 'over_quota')], undefined],
      [[], undefined],
    ] as const;
    for (const [errorHandlers, file] of rows)
      assert.equal(errorFileOf({ root: '/w/app', errorHandlers }), file);
  });
});

describe('a child that says it has failed', () => {
  const failing = {
    status: 200,
    headers: [
      ['X-Appengine-Error-Code', '1'],
      ['X-Foo', 'a'],
    ],
  } as const;

  it('is answered for by the file, in place of all it said (HP-13)', async () => {
    const front = new Front({ errorHandlers: [errorHandler('error.html', 'default')] });
    front.world.texts.set('/w/app/error.html', '<b>Sorry, ünd so</b>');
    const answer = await front.finish(failing);
    assert.deepEqual([answer.status, bodyOf(answer)], [500, '<b>Sorry, ünd so</b>']);
    assert.equal(value(answer.headers, 'content-type'), 'text/html');
    assert.equal(value(answer.headers, 'content-length'), '21');
    assert.equal(value(answer.headers, 'x-foo'), undefined);
    // Read anew for each.
    front.world.texts.set('/w/app/error.html', 'changed');
    assert.equal(bodyOf(await front.finish(failing)), 'changed');
  });

  it('speaks for itself where there is no file, but for that header (HP-14)', async () => {
    for (const dialect of ['dev', 'internal'] as const) {
      const name = dialect === 'dev' ? 'X-Appengine-Error-Code' : 'X-Appengine-Internal-Error-Code';
      const front = new Front({ dialect, errorHandlers: [errorHandler('q.html', 'over_quota')] });
      const answer = await front.finish({
        status: 418,
        headers: [[name.toLowerCase(), '1']],
        body: 'own words',
      });
      assert.deepEqual([answer.status, bodyOf(answer)], [418, 'own words']);
      assert.deepEqual(values(answer.headers, name), []);
    }
  });

  it('is answered for in a sentence where the file cannot be read (HP-15)', async () => {
    const front = new Front({ errorHandlers: [errorHandler('error.html')] });
    const answer = await front.finish(failing);
    assert.deepEqual([answer.status, bodyOf(answer)], [500, 'Failed to load error handler']);
    assert.equal(value(answer.headers, 'content-length'), '28');
    assert.equal(value(answer.headers, 'content-type'), 'text/html');
  });

  it('must say so by the header: a 500 alone goes on as it is (HP-16)', async () => {
    const front = new Front({ errorHandlers: [errorHandler('error.html')] });
    front.world.texts.set('/w/app/error.html', 'Sorry');
    const answer = await front.finish({ status: 500, body: 'own words' });
    assert.deepEqual([answer.status, bodyOf(answer)], [500, 'own words']);
    const other = await front.finish({
      headers: [['X-Appengine-Internal-Error-Code', '1']],
      body: 'own words',
    });
    assert.equal(bodyOf(other), 'own words');
  });
});

describe('a child whose answer never began', () => {
  it('has given none that is HTTP: it is said why, with what it wrote to stderr (HP-18)', () => {
    const { failed } = parts();
    const failure = { kind: 'bad-response', reason: 'IncompleteRead(0 bytes read)' } as const;
    const sentence = 'the runtime process gave a bad HTTP response: IncompleteRead(0 bytes read)';
    for (const alive of [true, false]) {
      const answer = failed({ ...refused, failure, alive, stderr: 'Traceback\n' });
      assert.deepEqual([answer.status, bodyOf(answer)], [500, `${sentence}\n\nTraceback\n`]);
      assert.equal(value(answer.headers, 'content-type'), 'text/plain');
      assert.equal(bodyOf(failed({ ...refused, failure, alive })), sentence);
    }
  });

  it('lives and refuses: that is nobody’s to tell of, and the answer is an empty 500 (HP-20)', () => {
    const { front, failed } = parts();
    const answer = failed({ ...refused, alive: true, stderr: 'not told' });
    assert.deepEqual([answer.status, bodyOf(answer)], [500, '']);
    assert.deepEqual(answer.headers, [
      ['Content-Length', '0'],
      ['Server', 'Development/2.0'],
    ]);
    assert.deepEqual(front.lines, [
      "error Request to '/' failed",
      'debug the connection was refused',
      'info api: "GET / HTTP/1.1" 500 0',
    ]);
  });

  it('has died: it is said in 78 bytes, and then in its own last words (HP-21)', () => {
    const { failed } = parts();
    const sentence = 'the runtime process for the instance running on port 123 has unexpectedly quit';
    const answer = failed(refused);
    assert.deepEqual([answer.status, bodyOf(answer)], [500, sentence]);
    assert.equal(value(answer.headers, 'content-length'), '78');
    assert.equal(value(answer.headers, 'content-type'), 'text/plain');
    assert.equal(bodyOf(failed({ ...refused, stderr: 'so long\n' })), `${sentence}\n\nso long\n`);
  });

  it('is asked on a connection that is made for the request and closed after it (HP-22)', () => {
    const { admission } = parts();
    assert.equal(admission.toInstance(at).ownConnection, true);
  });

  function parts() {
    const front = new Front();
    const admission = front.script();
    return { front, admission, failed: (facts: FailureFacts) => admission.failed(facts) };
  }
});
