import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAutoLog, LogFiles } from '../../../src/core/log/files.ts';
import { programSpec } from '../../support/program.ts';
import { readConf } from '../../config/supervisord-reading.ts';
import { specOf } from '../../support/spec.ts';

describe('the AUTO logs of an identifier (SV-63)', () => {
  const names: Readonly<Record<string, boolean>> = {
    'cat-stdout---sup-a1b2c3.log': true,
    'cat-stderr---sup-_x9.log': true,
    'cat-stdout---sup-a1b2c3.log.1': true,
    'cat-stdout---sup-a1b2c3.log.1234': true,
    'big-cat-stdout---sup-a1.log': true,
    'cat-stdout---sup-a1b2c3.log.12345': false,
    'cat-stdout---super-a1b2c3.log': false,
    'cat-stdout---other-a1b2c3.log': false,
    'cat-stdout---sup-a1b2c3.log.gz': false,
    'cat-stdout---sup-.log': false,
    'cat-stdout---sup-a b.log': false,
    'cat-stdlog---sup-a1.log': false,
    '-stdout---sup-a1.log': false,
    'supervisord.log': false,
  };
  for (const [name, isOne] of Object.entries(names))
    it(`${isOne ? 'have' : 'do not have'} names such as ${name}`, () =>
      assert.equal(isAutoLog(name, 'sup'), isOne));

  it('are known by the identifier itself, whatever it means in a pattern', () => {
    assert.equal(isAutoLog('cat-stdout---s.p-a1.log', 's.p'), true);
    assert.equal(isAutoLog('cat-stdout---sup-a1.log', 's.p'), false);
  });
});

describe('where output goes', () => {
  const files = new LogFiles(
    (name) => `/storage/logs/${name}.log`,
    () => undefined,
    'tag1',
  );

  it('is a file of ours for a service that says nothing, the same at each asking', () => {
    const log = { path: '/storage/logs/api.0.log', maxBytes: 1024 ** 3, backups: 1 };
    assert.deepEqual(files.of('api.0', specOf({})), { log });
    assert.deepEqual(files.of('api.0', specOf({})), { log });
  });

  it('has a file for each stream of a program, named by the pattern (SV-63)', () => {
    const plan = { maxBytes: 1000, backups: 1 };
    assert.deepEqual(files.of('cat.0', programSpec({ name: 'cat' })), {
      stdout: { path: '/storage/logs/cat-stdout---supervisor-tag1.log', ...plan },
      stderr: { path: '/storage/logs/cat-stderr---supervisor-tag1.log', ...plan },
    });
    assert.ok(isAutoLog('cat-stdout---supervisor-tag1.log', 'supervisor'));
  });

  it('of the journal is ours, until a file names another; only a supervisord.conf makes it Supervisor’s', () => {
    assert.equal(files.main().path, '/storage/logs/main.log');
    const { supervisor } = readConf('[supervisord]\n[program:p]\ncommand=x\n');
    const ofConf = new LogFiles(
      (name) => `/storage/logs/${name}.log`,
      () => supervisor,
      'tag1',
    );
    assert.equal(ofConf.main().path, '/storage/logs/supervisord.log');
  });
});
