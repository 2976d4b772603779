import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import { lines, problemsOf, read } from './reading.ts';

describe('the API server of a file', () => {
  it('is a service that all others need to be ready, and that is asked to quit (MP-25)', () => {
    const config = read(
      lines(`
        services:
          web: { command: x, dependsOn: { db: healthy } }
          db: { command: db, health: tcp, dependsOn: { api-server: started } }
        api: { command: 'node store.js --port {port}', env: { KEEP: all } }
      `),
    );
    assert.deepEqual(problemsOf(config), []);
    const [api, ...others] = config.services;
    assert.deepEqual(
      [api?.name, api?.role, api?.command, api?.env, api?.ready, api?.stopRequest, api?.dependsOn],
      [
        'api-server',
        'api-server',
        ['node', 'store.js', '--port', '{port}'],
        { KEEP: 'all' },
        { tcp: true, intervalMs: 1000, timeoutMs: 5000, failures: 3 },
        { path: '/quit', withinMs: 5000 },
        {},
      ],
    );
    assert.deepEqual(
      others.map(({ name, dependsOn }) => [name, dependsOn]),
      [
        ['web', { 'api-server': 'ready', db: 'healthy' }],
        ['db', { 'api-server': 'started' }],
      ],
    );
  });

  it('tells otherwise when it is ready and how it ends', () => {
    const config = read(
      'services: { a: { command: x } }\napi: { command: y, ready: { http: /up }, quit: /bye }\n',
    );
    assert.deepEqual(config.services[0]?.ready?.http, '/up');
    assert.equal(config.services[0]?.ready?.tcp, undefined);
    assert.equal(config.services[0]?.stopRequest?.path, '/bye');
    const silent = read('services: { a: { command: x } }\napi: { command: y, quit: false }\n');
    assert.deepEqual(problemsOf(silent), []);
    assert.equal(silent.services[0]?.stopRequest, undefined);
  });

  it('is needed by the programs of a supervisord.conf beside it, too', () => {
    const config = loadConfig({
      folder: '/w',
      files: [
        { path: '/w/supervisord.conf', text: '[program:old]\ncommand=cat\n' },
        { path: '/w/runtimes.yaml', text: 'api: { command: store }\n' },
      ],
      environment: {},
      readFile: () => undefined,
    });
    const old = config.services.find(({ name }) => name === 'old');
    assert.deepEqual(old?.dependsOn, { 'api-server': 'ready' });
  });

  it('that is wrong is still needed: nothing starts without it', () => {
    const config = read('services: { a: { command: x } }\napi: { cmd: y }\n');
    assert.deepEqual(problemsOf(config), [
      '2:1-4 missing-key "api" needs "command". → For example: command: node server.js --port {port}',
      '2:8-11 unknown-key "cmd" is not a key of "api". → Did you mean "cwd"?',
    ]);
    assert.deepEqual(
      config.services.map(({ name, dependsOn }) => [name, dependsOn]),
      [['a', { 'api-server': 'ready' }]],
    );
  });
});

describe('what an API server cannot be', () => {
  const cases: Readonly<Record<string, readonly [text: string, said: readonly string[]]>> = {
    'one that waits for others': [
      'api: { command: y, dependsOn: [a] }',
      [
        '2:20-29 unknown-key "dependsOn" is not a key of "api": every service waits for the API server, so it can wait for none.',
      ],
    ],
    'several, or one that comes and goes': [
      'api: { command: y, instances: 2, scaling: basic, startOnRequest: true, stopWhenIdle: 1m, autostart: false }',
      [
        '2:20-29 unknown-key "instances" is not a key of "api": there is one API server.',
        '2:34-41 unknown-key "scaling" is not a key of "api": there is one API server.',
        '2:50-64 unknown-key "startOnRequest" is not a key of "api": the API server starts before everything else.',
        '2:72-84 unknown-key "stopWhenIdle" is not a key of "api": the API server runs as long as anything else.',
        '2:90-99 unknown-key "autostart" is not a key of "api": the API server starts with whatever needs it, which is everything.',
      ],
    ],
    'one without an address': [
      'api: { command: y, handshake: none }',
      [
        '2:31-35 bad-value "api.handshake": with "none" there is no address to tell the others. → Remove it, or set "handshake: port".',
      ],
    ],
    'a text': [
      'api: store --port 1',
      [
        '2:6-20 wrong-type "api-server" takes a map, not a text. → For example: api-server: { command: store --port 1 }',
      ],
    ],
    'one that quits by something that is no path': [
      'api: { command: y, quit: bye }',
      ['2:26-29 bad-value "quit": "bye" is not a path beginning with /, or false.'],
    ],
  };
  for (const [title, [text, said]] of Object.entries(cases)) {
    it(title, () => {
      assert.deepEqual(problemsOf(read(`services: { a: { command: x } }\n${text}\n`)), said);
    });
  }

  it('a service of its own name is one too many', () => {
    const config = read(
      'services:\n  api-server: { command: x }\n  b: { command: x }\napi: { command: y }\n',
    );
    assert.deepEqual(problemsOf(config), [
      '2:3-13 bad-value "api-server": this is the name of the service that "api" makes. → Give it another name, or remove "api".',
    ]);
    assert.deepEqual(
      config.services.map(({ name, command }) => [name, command]),
      [
        ['api-server', ['y']],
        ['b', ['x']],
      ],
    );
    assert.deepEqual(
      problemsOf(read('services: { api-server: { command: x } }')),
      [],
      'without "api" it is a name like any',
    );
  });
});
