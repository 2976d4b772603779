/** Writing an `app.yaml`: what is offered, and what a person reads about a key. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { completionsAt, hoverAt, shapeOfFile } from '../../src/language/service.ts';

const path = '/w/app.yaml';

function labels(marked: string): readonly string[] {
  const offset = marked.indexOf('‸');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  return completionsAt(text, offset, [], shapeOfFile(path, text)).map(({ label }) => label);
}

function hover(text: string, word: string): string | undefined {
  return hoverAt(text, text.indexOf(word) + 1, shapeOfFile(path, text))?.text;
}

test('the keys and words of an app.yaml are offered where they may stand', () => {
  const top = labels('runtime: nodejs22\n‸\n');
  for (const key of [
    'service',
    'entrypoint',
    'handlers',
    'automatic_scaling',
    'skip_files',
    'vpc_access_connector',
  ])
    assert.ok(top.includes(key), key);
  assert.ok(!top.includes('runtime') && !top.includes('services'));
  assert.deepEqual(labels('runtime: x\nhandlers:\n  - url: /\n    login: ‸\n'), [
    'optional',
    'required',
    'admin',
  ]);
  assert.deepEqual(labels('runtime: x\nbasic_scaling:\n  ‸\n'), ['max_instances', 'idle_timeout']);
  assert.ok(labels('runtime: x\nhandlers:\n  - url: /\n    st‸\n').includes('static_dir'));
});

test('a key of an app.yaml says what it does here, and one that means nothing says why', () => {
  const text = 'runtime: nodejs22\nhandlers:\n  - url: /a\n    static_dir: a\nvpc_egress: all-traffic\n';
  assert.match(hover(text, 'runtime') ?? '', /Names the runtime/);
  assert.match(hover(text, 'static_dir') ?? '', /files of this folder/);
  assert.match(hover(text, 'vpc_egress') ?? '', /Means nothing here: it runs on this machine/);
});

test('a file of that name that is another program’s has none of them, and every other is one of ours', () => {
  assert.equal(shapeOfFile(path, 'apiVersion: v1\n'), undefined);
  const text = 'services:\n  api: { command: x }\n';
  assert.match(hoverAt(text, 1, shapeOfFile('/w/runtimes.yaml', text))?.text ?? '', /Names the services/);
});
