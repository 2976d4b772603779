import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { RequestIds } from '../../../src/core/appengine/request-ids.ts';
import { at, Front, value } from './support.ts';

const facts = { environment: new Map<string, string>(), module: 'api', version: 'v1' };

describe('a request id', () => {
  it('is ten letters (HP-39)', () => {
    const ids = new RequestIds();
    for (let turn = 0; turn < 200; turn += 1)
      assert.match(
        ids.open(() => facts),
        /^[A-Za-z]{10}$/,
      );
  });

  it('is never that of another request that is live, and may be given again afterwards (HP-39)', () => {
    // Draws "AAAAAAAAAA", the same once more, and then "BBBBBBBBBB".
    const draws = [...Array<number>(20).fill(0), ...Array<number>(10).fill(1)];
    let drawn = 0;
    const ids = new RequestIds(() => draws[drawn++] ?? 0);
    assert.equal(
      ids.open(() => facts),
      'AAAAAAAAAA',
    );
    assert.equal(
      ids.open(() => facts),
      'BBBBBBBBBB',
    );
    ids.close('AAAAAAAAAA');
    assert.equal(
      ids.open(() => facts),
      'AAAAAAAAAA',
    );
  });

  it('tells environment, module, version and instance only while the request is live (HP-39)', () => {
    const front = new Front();
    const admission = front.script({ target: '/a?b=c' });
    assert.equal(front.ids.facts(admission.id)?.instance, undefined);
    admission.toInstance(at);
    const live = front.ids.facts(admission.id);
    assert.deepEqual([live?.module, live?.version, live?.instance], ['api', 'v1', 'api.0']);
    assert.equal(live?.environment.get('PATH_INFO'), '/a');
    assert.equal(live.environment.get('QUERY_STRING'), 'b=c');
    admission.end();
    assert.equal(front.ids.facts(admission.id), undefined);
  });

  it('stands for the instance that has the request now, when another one had it before (HP-39)', () => {
    const front = new Front();
    const admission = front.script();
    admission.toInstance(at);
    admission.toInstance({ ...at, name: 'api.1', index: 1 });
    assert.equal(front.ids.facts(admission.id)?.instance, 'api.1');
  });
});

describe('the other ids of a request', () => {
  it('are a hash of 8 hexadecimal digits in capitals and a log id of 30 to 99 small ones (HP-40)', () => {
    const front = new Front();
    const lengths = new Set<number>();
    for (let turn = 0; turn < 500; turn += 1) {
      const { headers } = front.sent();
      assert.match(value(headers, 'X-AppEngine-Request-Id-Hash') ?? '', /^[\dA-F]{8}$/);
      const logId = value(headers, 'X-AppEngine-Request-Log-Id') ?? '';
      assert.match(logId, /^[\da-f]{30,99}$/);
      lengths.add(logId.length);
    }
    assert.ok(lengths.size > 30, 'All lengths between the two are to be met.');
  });

  it('have no log id, and leave no line in the access log, for paths that are not logged (HP-40)', async () => {
    const front = new Front();
    for (const target of [
      '/_ah/channel/dev?a',
      '/_ah/channel/jsapi',
      '/_ah/img/x',
      '/_ah/upload/x',
      '/_ah/login2',
    ]) {
      const { headers } = front.sent({ target });
      assert.equal(value(headers, 'X-AppEngine-Request-Log-Id'), undefined, target);
      assert.match(value(headers, 'X-AppEngine-Request-Id-Hash') ?? '', /^[\dA-F]{8}$/);
      await front.finish({}, { target });
    }
    assert.deepEqual(front.lines, []);
    const { headers } = front.sent({ target: '/_ah/channels' });
    assert.match(value(headers, 'X-AppEngine-Request-Log-Id') ?? '', /^[\da-f]{30,99}$/);
  });
});
