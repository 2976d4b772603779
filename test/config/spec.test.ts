import assert from 'node:assert/strict';
import { test } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { ServiceSpec } from '../../src/config/spec.ts';
import { lines, main, problemsOf, read, type Reading } from './reading.ts';

/** The only service of a text, with nothing to complain about but what is expected. */
function only(text: string, reading: Reading = {}, expected: readonly string[] = []): ServiceSpec {
  const config = read(text, reading);
  assert.deepEqual(problemsOf(config), expected);
  const [service] = config.services;
  assert.ok(service !== undefined && config.services.length === 1);
  return service;
}

const at = (line: number, column: number, endColumn: number): object => ({
  file: main,
  line,
  column,
  endLine: line,
  endColumn,
});

test('a service that says only what to run gets every default', () => {
  assert.deepEqual(read('services:\n  api: { command: ./serve }\n'), {
    files: [main],
    services: [
      {
        name: 'api',
        source: at(2, 3, 6),
        keys: { command: at(2, 10, 17) },
        command: ['./serve'],
        shell: false,
        runtime: 'custom',
        cwd: '/w',
        env: {},
        handshake: 'port',
        port: 'auto',
        publish: 'auto',
        instances: 1,
        balance: 'round-robin',
        profile: 'plain',
        autostart: true,
        dependsOn: {},
        restart: 'unexpected',
        startMs: 0,
        startRetries: 3,
        exitCodes: [0],
        stopSignal: 'TERM',
        stopMs: 10_000,
        priority: 999,
        debug: true,
        role: 'service',
        requests: usualRequests,
      },
    ],
    frontDoor: { host: '127.0.0.1', port: 'auto', routes: {}, dispatch: [], allowedHosts: [] },
    problems: [],
  });
});

test('every key reaches the spec', () => {
  const text = lines(`
    version: 1
    env: { SHARED: all, LEVEL: low }
    frontDoor: { host: 0.0.0.0, port: 8000, routes: { /: api, /api: api } }
    services:
      api:
        command: [node, server.js, --level, "\${LEVEL}", 8080]
        shell: false
        runtime: generic
        interpreter: ./bin/node
        build: { command: [make, all], outputs: [bin/api] }
        fastcgi: { root: ./public }
        cwd: ./api
        env: { LEVEL: high, COUNT: 1.10, YES: true, EMPTY: }
        envFile: [.env, /etc/api.env]
        handshake: discover
        port: 3000
        publish: 8080
        instances: 1
        balance: least-busy
        profile: appengine
        autostart: false
        dependsOn: { db: exited }
        ready: { log: 'port (\\d+)', timeout: 10, failures: 5 }
        health: { exec: 'check {port} "a b"', interval: 250ms }
        restart: always
        startSeconds: 2
        startRetries: 0
        exitCodes: [0, 2]
        stopSignal: SIGINT
        stopSeconds: 1m
        priority: -1
        watch: { paths: [src/**], debounce: 1s }
        logFile: { path: logs/api.log, maxBytes: 1MB, backups: 2 }
        debug: { url: "\${workspaceFolder}", deep: { list: [1, true, null] } }
        group: back
      db: { command: db, handshake: none }
  `);
  const config = read(text, { others: { '/w/.env': 'FROM=file\nLEVEL=middle', '/etc/api.env': 'SECOND=2' } });
  const [api] = config.services;
  assert.ok(api !== undefined);
  const { source: _source, keys, ...spec } = api;
  assert.deepEqual(spec, {
    name: 'api',
    command: ['node', 'server.js', '--level', 'high', '8080'],
    shell: false,
    runtime: 'generic',
    interpreter: '/w/bin/node',
    build: { command: ['make', 'all'], inputs: ['**'], outputs: ['/w/api/bin/api'] },
    fastcgi: { root: '/w/api/public', index: 'index.php' },
    cwd: '/w/api',
    env: { SHARED: 'all', LEVEL: 'high', FROM: 'file', SECOND: '2', COUNT: '1.10', YES: 'true', EMPTY: '' },
    handshake: 'discover',
    port: 3000,
    publish: 8080,
    instances: 1,
    balance: 'least-busy',
    profile: 'appengine',
    autostart: false,
    dependsOn: { db: 'exited' },
    ready: { log: 'port (\\d+)', intervalMs: 1000, timeoutMs: 10_000, failures: 5 },
    health: { exec: ['check', '{port}', 'a b'], intervalMs: 250, timeoutMs: 5000, failures: 3 },
    restart: 'always',
    startMs: 2000,
    startRetries: 0,
    exitCodes: [0, 2],
    stopSignal: 'INT',
    stopMs: 60_000,
    priority: -1,
    watch: { paths: ['src/**'], ignore: [], debounceMs: 1000, cascade: false },
    logFile: { path: '/w/logs/api.log', maxBytes: 1_048_576, backups: 2 },
    debug: { url: '${workspaceFolder}', deep: { list: [1, true, null] } },
    group: 'back',
    role: 'service',
    requests: usualRequests,
    appengine: {
      root: '/w/api',
      module: 'api',
      version: 'v1',
      application: 'w',
      handlers: [],
      errorHandlers: [],
      inboundServices: [],
      dialect: 'dev',
      restartOnChange: 'always',
      backgroundThreads: 0,
    },
  });
  assert.deepEqual(keys['stopSignal'], at(29, 5, 15));
  assert.deepEqual(config.frontDoor, {
    host: '0.0.0.0',
    port: 8000,
    routes: { '/': 'api', '/api': 'api' },
    dispatch: [],
    allowedHosts: [],
    source: { file: '/w/runtimes.yaml', line: 3, column: 1, endLine: 3, endColumn: 10 },
    keys: {
      host: { file: '/w/runtimes.yaml', line: 3, column: 14, endLine: 3, endColumn: 18 },
      port: { file: '/w/runtimes.yaml', line: 3, column: 29, endLine: 3, endColumn: 33 },
      routes: { file: '/w/runtimes.yaml', line: 3, column: 41, endLine: 3, endColumn: 47 },
    },
  });
  assert.deepEqual(
    problemsOf(config).filter((line) => !line.includes('open-door')),
    [],
  );
});

test('groups and the services’ own group are one, in the order of their first services', () => {
  const config = read(
    lines(`
      groups: { back: [db, api] }
      services:
        api: { command: x }
        web: { command: x, group: front, priority: 5 }
        db: { command: x, priority: 7 }
        alone: { command: x }
    `),
  );
  assert.deepEqual(problemsOf(config), []);
  assert.deepEqual(
    config.services.map((spec) => [spec.name, spec.group]),
    [
      ['api', 'back'],
      ['web', 'front'],
      ['db', 'back'],
      ['alone', undefined],
    ],
  );
  assert.deepEqual(config.groups, [
    { name: 'front', priority: 5, services: ['web'], source: at(4, 22, 27) },
    { name: 'back', priority: 7, services: ['api', 'db'], source: at(1, 11, 15) },
  ]);
});

test('short forms mean what the long ones say', () => {
  const base = { intervalMs: 1000, timeoutMs: 5000, failures: 3 };
  const cases: readonly (readonly [string, Partial<ServiceSpec>])[] = [
    ['ready: tcp', { ready: { tcp: true, ...base } }],
    ['ready: { tcp: true, http: /up }', { ready: { tcp: true, http: '/up', ...base } }],
    ['ready: { exec: [a, "{port}"] }', { ready: { exec: ['a', '{port}'], ...base } }],
    ['logFile: a.log', { logFile: { path: '/w/a.log', maxBytes: 52_428_800, backups: 10 } }],
    ['envFile: x.env', { env: { X: '1' } }],
    ['debug: false', { debug: false }],
    ['shell: /bin/bash', { shell: '/bin/bash', command: ['./serve'] }],
    ['startSeconds: 0.5', { startMs: 500 }],
    ['handshake: none', { handshake: 'none', startMs: 1000 }],
    ['stopSignal: USR1', { stopSignal: 'USR1' }],
    ['port: auto', { port: 'auto' }],
  ];
  for (const [line, expected] of cases) {
    const spec = only(`services:\n  api:\n    command: ./serve\n    ${line}\n`, {
      others: { '/w/x.env': 'X=1' },
    });
    const seen = Object.fromEntries(Object.entries(spec).filter(([key]) => key in expected));
    assert.deepEqual(seen, expected, line);
  }
});

test('a worker that proves itself in its log need not stay up to count as running', () => {
  assert.equal(only('services: { job: { command: x, handshake: none, ready: { log: up } } }').startMs, 0);
});

test('texts are filled in from the inherited environment, the global one, the files and the own one', () => {
  const text = lines(`
    env: { A: global, B: "\${A}/\${HOME}", PATH: "\${PATH}:/global" }
    services:
      api:
        command: run \${A} \${B} \${C} \${D} '\${OWN}'
        env: { D: "\${C}+\${B}", PATH: "\${PATH}:/own", OWN: "a 'b" }
        envFile: "\${A}.env"
        cwd: \${DIR:-sub}/x
        priority: \${NUMBER}
        autostart: \${OFF:-false}
        stopSeconds: "\${SECONDS}"
        runtime: node
        debug: { cwd: "\${cwd}" }
  `);
  const spec = only(text, {
    environment: {
      HOME: '/home/me',
      PATH: '/bin',
      A: 'inherited',
      NUMBER: '7',
      SECONDS: '2s',
      GONE: undefined,
    },
    others: { '/w/global.env': 'C=file' },
  });
  assert.deepEqual(
    {
      command: spec.command,
      env: spec.env,
      cwd: spec.cwd,
      priority: spec.priority,
      autostart: spec.autostart,
      stopMs: spec.stopMs,
      debug: spec.debug,
    },
    {
      command: ['run', 'global', 'global//home/me', 'file', 'file+global//home/me', "a 'b"],
      env: {
        A: 'global',
        B: 'global//home/me',
        PATH: '/bin:/global:/own',
        C: 'file',
        D: 'file+global//home/me',
        OWN: "a 'b",
      },
      cwd: '/w/sub/x',
      priority: 7,
      autostart: false,
      stopMs: 2000,
      debug: { cwd: '${cwd}' },
    },
  );
});

test('PORT in a command stands for the port of the instance, which is known only at its start', () => {
  const cases: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ['command: run ${PORT} ${PORT:-3000}', ['run', '{port}', '{port}'], []],
    ['command: run ${PORT}\n    shell: true', ['run ${PORT}'], []],
    ['command: run ${PORT}\n    env: { PORT: 9 }', ['run', '{port}'], ['4:12-16 port-overridden']],
    ['command: run ${PORT}\n    env: { PORT: 9 }\n    handshake: reverse-no-file', ['run', '9'], []],
    ['command: run ${PORT:-1}\n    handshake: none', ['run', '4000'], []],
    ['command: run ${URL}\n    env: { URL: "x:${PORT}" }\n    port: 3000', ['run', 'x:3000'], []],
    ['command: run ${URL}\n    env: { URL: "x:${PORT}" }', ['run', 'x:'], ['4:17-28 unset-variable']],
  ];
  for (const [body, command, problems] of cases) {
    const config = read(`services:\n  api:\n    ${body}\n`, { environment: { PORT: '4000' } });
    assert.deepEqual(
      [config.services[0]?.command, problemsOf(config).map((line) => line.split(' ').slice(0, 2).join(' '))],
      [command, problems],
      body,
    );
  }
});

test('an alias stands for what it names, and << takes over what is not there', () => {
  const config = read(
    lines(`
    services:
      one: &one
        command: run 1
        env: &env { A: 1 }
        stopSignal: INT
      two:
        <<: *one
        command: run 2
      three: { command: run 3, env: *env }
  `),
  );
  assert.deepEqual(problemsOf(config), []);
  assert.deepEqual(
    config.services.map(({ name, command, env, stopSignal }) => ({ name, command, env, stopSignal })),
    [
      { name: 'one', command: ['run', '1'], env: { A: '1' }, stopSignal: 'INT' },
      { name: 'two', command: ['run', '2'], env: { A: '1' }, stopSignal: 'INT' },
      { name: 'three', command: ['run', '3'], env: { A: '1' }, stopSignal: 'TERM' },
    ],
  );
});
