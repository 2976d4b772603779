import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppEngineSpec, HandlerSpec } from '../../../src/config/spec.ts';
import { Handlers } from '../../../src/core/appengine/handlers.ts';
import { appOf, bodyOf, Front, handler, value } from './support.ts';

const script = (url: string, name?: string): HandlerSpec =>
  handler({ url, serves: name === undefined ? { kind: 'script' } : { kind: 'script', script: name } });
const folder = (url: string): HandlerSpec =>
  handler({ url, serves: { kind: 'static-dir', folder: 'static' } });

/** What may answer a path, in order: the script's name, or what else it is. */
function order(app: Partial<AppEngineSpec>, path: string): readonly string[] {
  const handlers = new Handlers(appOf(app), () => assert.fail('A pattern was broken.'));
  return [...handlers.matching(path)].map(({ serves, guarded }) =>
    serves.kind === 'script' ? `${serves.script ?? 'none'}, ${guarded.login}` : serves.kind,
  );
}

describe('the handlers of an application', () => {
  it('are tried in their order, against the whole path', () => {
    const handlers = [script('/a', 'first'), script('/a.*', 'second'), script('/(?P<x>a|b)', 'third')];
    assert.deepEqual(order({ handlers }, '/a'), ['first, optional', 'second, optional', 'third, optional']);
    assert.deepEqual(order({ handlers }, '/ab'), ['second, optional']);
    assert.deepEqual(order({ handlers }, '/b'), ['third, optional']);
    assert.deepEqual(order({ handlers }, '/b/'), []);
  });

  it('match the bytes of a path, however it was encoded', () => {
    const front = new Front({ handlers: [script('/grüße', 'found.py')] });
    const { headers } = front.sent({ target: '/gr%C3%BC%C3%9Fe' });
    assert.equal(value(headers, 'X-AppEngine-Dev-Script'), 'found.py');
  });

  it('have warmup and start before them, where no script of theirs is for it and warmup was asked for (IN-17)', () => {
    const both = { inboundServices: ['warmup'] };
    // The one that is inserted is for requests of our own, so it wants an administrator.
    assert.deepEqual(order({ ...both, handlers: [script('/', 'x')] }, '/_ah/warmup'), ['none, admin']);
    assert.deepEqual(order({ ...both, handlers: [script('/', 'x')] }, '/_ah/start'), ['none, admin']);
    assert.deepEqual(order({ handlers: [script('/', 'x')] }, '/_ah/warmup'), []);
    assert.deepEqual(order({ handlers: [script('/', 'x')] }, '/_ah/start'), ['none, admin']);
    for (const path of ['/_ah/warmup', '/_ah/start']) {
      assert.deepEqual(order({ ...both, handlers: [script('/.*', 'x')] }, path), ['x, optional']);
      assert.deepEqual(order({ ...both, handlers: [script(path, 'x'), script('/', 'y')] }, path), [
        'x, optional',
      ]);
      assert.deepEqual(order({ ...both, handlers: [folder('/_ah'), script('/', 'x')] }, path), [
        'none, admin',
        'folder',
      ]);
    }
  });

  it('come after warmup, start and those that are built in (IN-17)', () => {
    const app = {
      inboundServices: ['warmup'],
      handlers: [folder('/_ah'), script('/_ah/login', 'own'), script('/', 'x')],
    };
    assert.deepEqual(order(app, '/_ah/login'), ['login', 'folder', 'own, optional']);
    assert.deepEqual(order(app, '/_ah/logout'), ['logout', 'folder']);
    assert.deepEqual(order(app, '/_ah/warmup'), ['none, admin', 'folder']);
  });

  it('let everything else go to the child where none of them names a script', () => {
    assert.deepEqual(order({ handlers: [] }, '/any/thing'), ['none, optional']);
    assert.deepEqual(order({ handlers: [folder('/static')] }, '/any'), ['none, optional']);
    assert.deepEqual(order({ handlers: [script('/a'), script('/b', 'auto')] }, '/any'), ['none, optional']);
    assert.deepEqual(order({ handlers: [script('/_ah/start', 'start.py')] }, '/any'), ['none, optional']);
    assert.deepEqual(order({ handlers: [script('/a', 'a.py')] }, '/any'), []);
  });

  it('of a pattern that cannot be read are told of, and match nothing', () => {
    const front = new Front({ handlers: [script('/(', 'x'), script('/b', 'y')] });
    assert.deepEqual(front.lines, [
      "error The pattern '/(' of a handler cannot be used: Unterminated group.",
    ]);
    assert.equal(value(front.sent({ target: '/b' }).headers, 'X-AppEngine-Dev-Script'), 'y');
  });

  it('that do not match are told with the path, which is text there (HP-38)', async () => {
    const front = new Front({ handlers: [script('/a', 'a.py')] });
    const answer = await front.answer({ target: '/%3Cscript%3E%22&%C3%BC?x=<' });
    assert.equal(answer.status, 404);
    assert.equal(value(answer.headers, 'content-type'), 'text/html');
    assert.equal(
      bodyOf(answer),
      '<html><head><title>Not Found</title></head><body>The url "/&lt;script&gt;"&amp;ü" does not match any handlers.</body></html>',
    );
  });
});
