import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { notForApiServer } from '../../src/config/schema/api.ts';
import { serviceShape } from '../../src/config/schema.ts';
import { type Completion, completionsAt } from '../../src/language/service.ts';

/** Completions at `‸`. */
function at(marked: string): readonly Completion[] {
  const offset = marked.indexOf('‸');
  return completionsAt(marked.slice(0, offset) + marked.slice(offset + 1), offset);
}

const labels = (marked: string): readonly string[] => at(marked).map(({ label }) => label);

/** The text after a completion was chosen. */
function choose(marked: string, label: string): string {
  const offset = marked.indexOf('‸');
  const text = marked.slice(0, offset) + marked.slice(offset + 1);
  const chosen = at(marked).find((each) => each.label === label);
  assert.ok(chosen, `${label} is offered`);
  return text.slice(0, chosen.start) + chosen.insert + text.slice(chosen.end);
}

const serviceKeys = Object.keys(serviceShape.properties ?? {});
const topKeys = ['version', 'services', 'frontDoor', 'groups', 'env', 'api', 'backends'];
const without = (...keys: readonly string[]): readonly string[] =>
  serviceKeys.filter((key) => !keys.includes(key));
const two = 'services:\n  api: { command: x }\n  web:\n    command: y\n';

test('how a service is run and built is offered, with what there is for it', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'services:\n  a:\n    runtime: ‸': [
      ...['node', 'python', 'go', 'java', 'php', 'ruby', 'custom', 'generic'],
    ],
    'services:\n  a:\n    build: ‸': ['false', '{ command: make, inputs: [src/**], outputs: [bin/api] }'],
    'services:\n  a:\n    build:\n      command: make\n      ‸': ['inputs', 'outputs'],
    'services:\n  a:\n    fastcgi:\n      ‸': ['root', 'index'],
    'services:\n  a:\n    interpreter: ‸': ['./venv/bin/python'],
  };
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, labels(text)])), cases);
});

test('keys are offered where a key may stand, without those already there', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    '‸': topKeys,
    'ver‸': topKeys,
    'version: 1\n‸\n': ['services', 'frontDoor', 'groups', 'env', 'api', 'backends'],
    'version: 1\nse‸\nenv: {}\n': ['services', 'frontDoor', 'groups', 'api', 'backends'],
    'services:\n  api:\n    ‸': serviceKeys,
    'services:\n  api:\n    ‸\n  web:\n    command: x\n': serviceKeys,
    'services:\n  api:\n    command: x\n    ‸\n  web:\n    command: x\n': without('command'),
    'services:\n  api:\n    po‸\n    command: x\n': without('command'),
    'services:\n  api:\n    po‸rt: 1\n    command: x\n': without('command'),
    'services:\n  api:\n    command: x\n    po‸ # why\n': without('command'),
    'services:\n  api: { command: x, ‸ }': without('command'),
    'services:\n  api: { command: x, pri‸ }': without('command'),
    'services:\n  api:\n    command: [a, b\n    ‸': without('command'),
    'services:\n  api:\n    ready:\n      ‸': [
      'tcp',
      'http',
      'log',
      'exec',
      'interval',
      'timeout',
      'failures',
    ],
    'services:\n  api:\n    ready: { http: /, ‸ }': ['tcp', 'log', 'exec', 'interval', 'timeout', 'failures'],
    'frontDoor:\n  port: 1\n  ‸': ['host', 'routes', 'dispatch', 'allowedHosts'],
    'services:\n  ‸': ['new service'],
    'services:\n  api: { command: x }\n  ‸\n': ['new service'],
    'services:\n  api:\n    timeouts:\n      ‸': ['connect', 'response', 'silence'],
    'services:\n  api:\n    scaling: { kind: basic, ‸ }': ['maxInstances', 'idleTimeout'],
    'services:\n  api:\n    scaling: { kind: manual, ‸ }': [],
    'services:\n  api:\n    scaling: { kind: automatic, ‸ }': [
      'maxInstances',
      'minPending',
      'maxPending',
      'minIdle',
      'maxIdle',
      'rounding',
    ],
    'services:\n  api:\n    appengine:\n      errorHandlers:\n        - ‸': ['file', 'errorCode'],
    'backends:\n  list:\n    - name: a\n      in‸\n': [
      'class',
      'instances',
      'options',
      'start',
      'state',
      'maxConcurrentRequests',
    ],
    'frontDoor:\n  dispatch:\n    - { ‸ }': ['url', 'service'],
    'api:\n  ‸': [...serviceKeys.filter((key) => !notForApiServer.some((each) => each === key)), 'quit'],
  };
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, labels(text)])), cases);
});

test('keys that a check would refuse beside the others are not offered', () => {
  const beside: Readonly<Record<string, readonly string[]>> = {
    'scaling: automatic': ['scaling', 'instances', 'balance', 'queueSeconds', 'startOnRequest'],
    'scaling: { kind: basic }': ['scaling', 'instances', 'balance', 'startOnRequest', 'stopWhenIdle'],
    'scaling: manual': ['scaling', 'balance', 'startOnRequest', 'stopWhenIdle'],
    'handshake: stdout': ['handshake', 'port'],
    'handshake: none': [
      'handshake',
      'port',
      'publish',
      'balance',
      'concurrency',
      'queueSeconds',
      'affinity',
      'timeouts',
      'drainSeconds',
      'startOnRequest',
      'stopWhenIdle',
      'scaling',
      'appengine',
    ],
    'profile: plain': ['profile', 'appengine'],
    'profile: appengine': ['profile'],
  };
  for (const [key, gone] of Object.entries(beside)) {
    const left = new Set(without(...gone));
    for (const text of [`services:\n  api:\n    ${key}\n    ‸`, `services:\n  api:\n    ‸\n    ${key}\n`])
      assert.deepEqual(new Set(labels(text)), left, text);
  }
  assert.equal(labels('api:\n  handshake: stdout\n  ‸').includes('port'), false);
});

test('words are offered where a value may stand', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    'services:\n  api:\n    restart: ‸': ['never', 'unexpected', 'always'],
    'services:\n  api:\n    restart: ‸\n    port: 1\n': ['never', 'unexpected', 'always'],
    'services:\n  api:\n    restart: un‸expected\n': ['never', 'unexpected', 'always'],
    'services:\n  api: { restart: ‸ }': ['never', 'unexpected', 'always'],
    'services:\n  api:\n    restart: "‸"': ['never', 'unexpected', 'always'],
    'services:\n  api:\n    autostart: ‸': ['true', 'false'],
    'services:\n  api:\n    port: ‸': ['auto', '3000'],
    'services:\n  api:\n    handshake: reverse-‸': [
      'port',
      'discover',
      'none',
      'stdout',
      'file',
      'reverse',
      'reverse-no-file',
    ],
    'services:\n  api:\n    ready: ‸': ['tcp', '{ http: /health }'],
    'services:\n  api:\n    stopSeconds: ‸': ['10s'],
    'services:\n  api:\n    command: node ‸': ['node server.js --port {port}'],
    'services:\n  api:\n    affinity: ‸': ['none', 'cookie'],
    'services:\n  api:\n    scaling: ‸': [
      'manual',
      'basic',
      'automatic',
      '{ kind: automatic, maxInstances: 3 }',
    ],
    'services:\n  api:\n    scaling: { kind: automatic, minIdle: ‸ }': ['automatic', '1'],
    'services:\n  api:\n    appengine: { handlers: [{ login: ‸ }] }': ['optional', 'required', 'admin'],
    'version: ‸': ['1'],
  };
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, labels(text)])), cases);
});

test('names of services are offered where one is meant, but not the own one', () => {
  const cases: Readonly<Record<string, readonly string[]>> = {
    [`${two}    dependsOn: ‸`]: ['api', '[database]'],
    [`${two}    dependsOn: [‸]`]: ['api'],
    [`${two}    dependsOn:\n      - ‸`]: ['api'],
    [`${two}    dependsOn:\n      - a‸\n`]: ['api'],
    [`${two}    dependsOn:\n      ‸`]: ['api', '- api'],
    [`${two}    dependsOn: { ‸ }`]: ['api'],
    [`${two}    dependsOn: { api: ‸ }`]: ['started', 'ready', 'healthy', 'exited'],
    [`${two}frontDoor:\n  routes:\n    /: ‸`]: ['api', 'web'],
    [`frontDoor: { routes: { /a: ‸ } }\n${two}`]: ['api', 'web'],
    [`frontDoor: { dispatch: [{ url: x, service: ‸ }] }\n${two}`]: ['api', 'web'],
    [`${two}backends: { app: ‸, list: [{ name: mail }] }\napi: { command: z }\n`]: [
      'api',
      'web',
      'mail',
      'api-server',
    ],
    [`frontDoor:\n  routes:\n    /: a‸\n${two}`]: ['api', 'web'],
  };
  assert.deepEqual(Object.fromEntries(Object.keys(cases).map((text) => [text, labels(text)])), cases);
});

test('nothing is offered where nothing can be known', () => {
  for (const text of [
    '# ‸',
    'env:\n  ‸',
    'services:\n  api:\n    env: { A: ‸ }',
    'services:\n  api:\n    nonsense: ‸',
    'frontDoor:\n  routes:\n    ‸',
    'services:\n  api:\n    command: x # ‸',
  ]) {
    assert.deepEqual(labels(text), [], text);
  }
});

test('what is chosen stands where the word stood, with what follows it', () => {
  const cases: readonly (readonly [string, string, string])[] = [
    ['ser‸', 'services', 'services:\n  $0'],
    ['services:\n  api:\n    po‸\n', 'port', 'services:\n  api:\n    port: $0\n'],
    ['services:\n  api:\n    po‸x: 1\n', 'port', 'services:\n  api:\n    port: 1\n'],
    ['services:\n  api:\n    ‸\n', 'env', 'services:\n  api:\n    env:\n  $0\n'],
    ['services:\n  api: { ‸ }', 'env', 'services:\n  api: { env: { $0 } }'],
    ['services:\n  api:\n    ex‸', 'exitCodes', 'services:\n  api:\n    exitCodes: [$0]'],
    ['services:\n  api:\n    ‸', 'ready', 'services:\n  api:\n    ready: $0'],
    ['services:\n  api:\n    restart: n‸o', 'never', 'services:\n  api:\n    restart: never'],
    [`${two}    dependsOn: ‸`, 'api', `${two}    dependsOn: [api$0]`],
    [`${two}    dependsOn: { ‸ }`, 'api', `${two}    dependsOn: { api: $0 }`],
    [
      'services:\n  api:\n    command: ‸',
      'node server.js --port {port}',
      'services:\n  api:\n    command: node server.js --port {port\\}',
    ],
    [
      'services:\n  ‸',
      'new service',
      'services:\n  ${1:name}:\n  command: ${2:node server.js --port {port\\}}',
    ],
  ];
  assert.deepEqual(
    cases.map(([text, label]) => [text, label, choose(text, label)]),
    cases,
  );
});

test('a completion tells what it does, whether it must be there, and whether a choice follows', () => {
  const [command, ...others] = at('services:\n  api:\n    ‸');
  assert.deepEqual(
    [
      command?.required,
      command?.again,
      others.some(({ required }) => required),
      others.filter(({ again }) => again).map(({ label }) => label),
    ],
    [
      false,
      false,
      false,
      [
        'shell',
        'runtime',
        'build',
        'handshake',
        'port',
        'publish',
        'balance',
        'affinity',
        'startOnRequest',
        'scaling',
        'profile',
        'autostart',
        'dependsOn',
        'ready',
        'health',
        'restart',
        'stopSignal',
        'debug',
      ],
    ],
  );
  assert.deepEqual(
    at('services:\n  api:\n    restart: ‸').map(({ documentation }) => documentation),
    ['It stays down.', 'Only when its exit code is not among `exitCodes`.', 'Whatever its exit code.'],
  );
});

test('whatever the text and wherever the cursor, completion answers with what lies around the cursor', () => {
  const bits = [
    'services',
    'api',
    'dependsOn',
    'restart',
    ':',
    ': ',
    '\n',
    '\n  ',
    '\n    ',
    '- ',
    '{',
    '}',
    '[',
    ']',
    '"',
    '#',
    '|',
    '&a ',
    '*a',
    '\t',
  ];
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.array(fc.constantFrom(...bits), { maxLength: 30 }).map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(texts, fc.nat(), (text, seed) => {
      const offset = seed % (text.length + 1);
      for (const { start, end } of completionsAt(text, offset))
        assert.ok(start <= offset && offset <= end && end <= text.length);
    }),
  );
});

test('a runtime that another extension has brought is offered before ours, and nowhere but where runtimes are named', () => {
  const offered = (marked: string): readonly string[] => {
    const offset = marked.indexOf('‸');
    const text = marked.slice(0, offset) + marked.slice(offset + 1);
    return completionsAt(text, offset, [{ name: 'moth', title: 'Moth' }]).map(({ label }) => label);
  };
  assert.deepEqual(offered('services:\n  a: { runtime: ‸ }').slice(0, 2), ['moth', 'node']);
  assert.equal(offered('services:\n  a: { env: { runtime: ‸ } }').includes('moth'), false);
  assert.equal(offered('services:\n  a: { restart: ‸ }').includes('moth'), false);
});
