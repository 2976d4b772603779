import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { groupChanges, groupViews } from '../../../src/core/topology/groups.ts';
import { programSpec } from '../../support/program.ts';
import { specOf } from '../../support/spec.ts';

describe('the groups that are shown', () => {
  it('have several services, or a name apart from their only one; in order of priority', () => {
    const place = { ...specOf({}).source, line: 1 };
    const services = [
      specOf({ name: 'alone' }),
      specOf({ name: 'api', group: 'back', priority: 5 }),
      specOf({ name: 'db', group: 'back', priority: 3 }),
      specOf({ name: 'page', group: 'front', priority: 1, keys: { group: { ...place, line: 8 } } }),
      programSpec({ name: 'cat' }),
    ];
    const back = { name: 'back', priority: 3, services: ['api', 'db'], source: place };
    assert.deepEqual(groupViews({ services, groups: [back] }), [
      { name: 'front', source: { ...place, line: 8 }, services: ['page'] },
      { name: 'back', source: place, services: ['db', 'api'] },
    ]);
  });
});

describe('what a newly read file changes (SV-90)', () => {
  it('is told by the names of groups: added, changed, removed', () => {
    const old = [
      programSpec({ name: 'same' }),
      programSpec({ name: 'other' }),
      programSpec({ name: 'gone' }),
    ];
    const next = [
      programSpec({ name: 'same' }),
      programSpec({ name: 'other' }, { startRetries: 9 }),
      programSpec({ name: 'new' }),
    ];
    assert.deepEqual(groupChanges(old, next), { added: ['new'], changed: ['other'], removed: ['gone'] });
  });

  it('is nothing for the same file, wherever things stand in it (SV-91)', () => {
    const moved = { ...specOf({}).source, line: 77 };
    const old = [programSpec({ name: 'cat', group: 'pets' }), programSpec({ name: 'dog', group: 'pets' })];
    const next = old.map((spec) => ({ ...spec, source: moved, keys: { command: moved } }));
    assert.deepEqual(groupChanges(old, next), { added: [], changed: [], removed: [] });
  });

  const differences: Readonly<Record<string, ServiceSpec>> = {
    priority: programSpec({ name: 'cat' }, { priority: 1 }),
    'the group’s priority': programSpec({ name: 'cat', groupPriority: 1 }),
    autostart: programSpec({ name: 'cat' }, { autostart: false }),
    autorestart: programSpec({ name: 'cat' }, { restart: 'always' }),
    exitcodes: programSpec({ name: 'cat' }, { exitCodes: [0, 2] }),
    startsecs: programSpec({ name: 'cat' }, { startMs: 1 }),
    startretries: programSpec({ name: 'cat' }, { startRetries: 1 }),
    stopsignal: programSpec({ name: 'cat' }, { stopSignal: 'INT' }),
    stopwaitsecs: programSpec({ name: 'cat' }, { stopMs: 1 }),
    stopasgroup: programSpec({ name: 'cat', program: { stopAsGroup: true } }),
    killasgroup: programSpec({ name: 'cat', program: { killAsGroup: true } }),
    user: programSpec({ name: 'cat', program: { user: 'nobody' } }),
    umask: programSpec({ name: 'cat', program: { umask: 0o22 } }),
    redirect_stderr: programSpec({ name: 'cat', program: { redirectStderr: true } }),
    serverurl: programSpec({ name: 'cat', program: { serverUrl: 'http://localhost:9001' } }),
    'buffer size': programSpec({ name: 'cat', program: { listener: { events: ['EVENT'], bufferSize: 1 } } }),
    events: programSpec({ name: 'cat', program: { listener: { events: ['TICK'], bufferSize: 10 } } }),
    socket: programSpec({
      name: 'cat',
      program: { socket: { url: 'tcp://localhost:1', at: { kind: 'tcp', host: 'localhost', port: 1 } } },
    }),
    numprocs: programSpec({ name: 'cat', processes: ['cat', 'cat_1'] }),
    process_name: programSpec({ name: 'cat', processes: ['tiger'] }),
    command: programSpec({ name: 'cat', process: { command: ['meow'] } }),
    directory: programSpec({ name: 'cat', process: { cwd: '/tmp' } }),
    environment: programSpec({ name: 'cat', process: { env: { A: 'b' } } }),
    stdout_logfile: programSpec({
      name: 'cat',
      process: {
        stdout: {
          log: { kind: 'file', path: '/l', maxBytes: 1, backups: 1 },
          captureBytes: 0,
          events: false,
        },
      },
    }),
    stderr_capture_maxbytes: programSpec({
      name: 'cat',
      process: {
        stderr: { log: { kind: 'auto', maxBytes: 1000, backups: 1 }, captureBytes: 1, events: false },
      },
    }),
  };
  for (const [key, next] of Object.entries(differences))
    it(`is a change of the group where ${key} differs (SV-91)`, () => {
      const old = programSpec({ name: 'cat' });
      assert.deepEqual(groupChanges([old], [next]).changed, ['cat']);
      assert.deepEqual(groupChanges([next], [next]).changed, []);
    });

  it('is a change where a program joins or leaves a group (SV-91)', () => {
    const [cat, dog] = [
      programSpec({ name: 'cat', group: 'pets' }),
      programSpec({ name: 'dog', group: 'pets' }),
    ];
    assert.deepEqual(groupChanges([cat], [cat, dog]), { added: [], changed: ['pets'], removed: [] });
    assert.deepEqual(groupChanges([cat, dog], [cat]), { added: [], changed: ['pets'], removed: [] });
  });
});
