/** What only an `app.yaml` says of handlers, and which changed files mean nothing to its service. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Handlers } from '../../../src/core/appengine/handlers.ts';
import { isSkipped } from '../../../src/core/runtimes/appengine/skipped.ts';
import { application } from '../../config/app-yaml-reading.ts';
import { Stage } from '../../support/stage.ts';
import { appOf, Front, handler } from './support.ts';

describe('the requests that we make ourselves', () => {
  const fail = (): void => assert.fail('A pattern was broken.');

  it('name the script of the runtime, where no handler of the file has them (RT-1)', () => {
    const scripts = { start: '$PYTHON_LIB/default_start_handler.py', warmup: 'warm.py' };
    const handlers = new Handlers(appOf({ scripts, inboundServices: ['warmup'] }), fail);
    assert.deepEqual(
      ['/_ah/start', '/_ah/warmup'].map((path) => handlers.scriptOf(path)),
      ['$PYTHON_LIB/default_start_handler.py', 'warm.py'],
    );
    const own = handler({ url: '/_ah/start', serves: { kind: 'script', script: 'mine.py' } });
    assert.equal(new Handlers(appOf({ scripts, handlers: [own] }), fail).scriptOf('/_ah/start'), 'mine.py');
  });
});

describe('a handler for static files that requires a matching file', () => {
  const told = async (requireMatchingFile: boolean): Promise<string> => {
    const front = new Front({
      handlers: [
        handler({
          url: '/static',
          serves: { kind: 'static-dir', folder: 'files' },
          ...(requireMatchingFile ? { requireMatchingFile } : {}),
        }),
        handler({ url: '/.*' }),
      ],
    });
    const admission = await front.admit({ target: '/static/none.txt' });
    return admission.kind === 'answer' ? String(admission.answer.status) : admission.kind;
  };

  it('leaves what is none to the next one, and others answer it themselves', async () => {
    assert.deepEqual([await told(false), await told(true)], ['404', 'script']);
  });
});

describe('a file to skip', () => {
  const { spec } = application('runtime: nodejs22\nskip_files: [docs/, ".*\\\\.md$"]\n');

  it('is one that a pattern matches from its beginning, by its path below the application', () => {
    const paths = ['/w/docs/a.txt', '/w/src/docs/a.txt', '/w/src/a.md', '/w/a.js', '/elsewhere/a.md', '/w'];
    assert.deepEqual(
      paths.map((path) => isSkipped(spec, path)),
      [true, false, true, false, false, false],
    );
    const usual = application('runtime: nodejs22\n').spec;
    assert.deepEqual(
      ['/w/.git/x', '/w/a.js~', '/w/b/a.pyc', '/w/a.js'].map((path) => isSkipped(usual, path)),
      [true, true, true, false],
    );
  });

  it('restarts nothing when it changes', async () => {
    const { appengine } = spec;
    const stage = await new Stage([
      {
        watch: { paths: ['**'], ignore: [], debounceMs: 200, cascade: false },
        ...(appengine === undefined ? {} : { appengine }),
      },
    ]).up();
    stage.world.watcher.change('/w/docs/a.txt');
    await stage.world.pass(500);
    assert.deepEqual(stage.world.child.signals, []);
    stage.world.watcher.change('/w/a.js');
    await stage.world.pass(201);
    assert.deepEqual(stage.world.child.signals, ['TERM']);
  });
});
