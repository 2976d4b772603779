/** The names of runtimes and what follows from each: the tables of spec 4.1 and 4.2. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { externalCapacity, rowOf, rows, runtimeNames } from '../../src/config/formats/appengine/runtimes.ts';
import { application, project, told } from './app-yaml-reading.ts';

/** A retired runtime runs where something to start it with is named. */
const launched = (text: string) => {
  const config = project({
    'runtimes.yaml': 'services: { app: { appYaml: sub/app.yaml, command: ./launcher } }',
    'sub/app.yaml': text,
  });
  const [spec] = config.services;
  assert.ok(spec?.appengine !== undefined, told(config).join('\n'));
  return { ...spec, appengine: spec.appengine };
};

describe('a runtime of an app.yaml', () => {
  const table: readonly (readonly [
    yaml: string,
    concurrency: number,
    unsafe: number,
    threads: number,
    policy: string,
    start: string | undefined,
  ])[] = [
    ['runtime: custom\nentrypoint: ./x', 1, 1, 0, 'never', '/dev/null'],
    ['runtime: python27', 8, 1, 10, 'after-first-request', '$PYTHON_LIB/default_start_handler.py'],
    ['runtime: python312', 8, 1, 10, 'after-first-request', '$PYTHON_LIB/default_start_handler.py'],
    ['runtime: nodejs\nenv: flex', 8, 1, 10, 'always', '/dev/null'],
    ['runtime: php55', 8, 1, 0, 'never', '$PHP_LIB/default_start_handler'],
    ['runtime: php72', 8, 1, 0, 'never', '$PHP_LIB/default_start_handler'],
    ['runtime: java8', 1, 1, 0, 'always', '_java_app'],
    ['runtime: java21', 1, 1, 0, 'always', '_java_app'],
    ['runtime: go', 8, 8, 10, 'always', '_go_app'],
    ['runtime: go111', 8, 8, 10, 'always', '_go_app'],
    ['runtime: nodejs22', 8, 1, 10, 'after-first-request', undefined],
  ];
  for (const [yaml, concurrency, unsafe, threads, policy, start] of table)
    it(`has its capacity and policy: ${yaml.replaceAll('\n', ', ')} (RT-1)`, () => {
      const safe = launched(yaml.replace('\nentrypoint: ./x', ''));
      const single = launched(`${yaml.replace('\nentrypoint: ./x', '')}\nthreadsafe: false`);
      assert.deepEqual(
        [
          safe.requests.concurrency,
          single.requests.concurrency,
          safe.appengine.backgroundThreads,
          safe.appengine.restartOnChange,
          safe.appengine.scripts?.start,
          safe.appengine.scripts?.warmup,
        ],
        [concurrency, unsafe, threads, policy, start, start?.replace('_start_', '_warmup_')],
      );
    });

  it('of the older generation of Go has one request at a time and no threads; what runs outside has twenty (RT-1)', () => {
    const { concurrency, unsafeConcurrency, backgroundThreads } = rowOf('go-sdk', 'internal');
    assert.deepEqual([concurrency, unsafeConcurrency, backgroundThreads], [1, 1, 0]);
    assert.deepEqual(externalCapacity, { concurrency: 20, backgroundThreads: 0, script: 'ignored' });
  });

  it('can be spoken with in a console or cannot (RT-1)', () => {
    const interactive = Object.entries(rows).filter(([, row]) => row.interactive);
    assert.deepEqual(
      interactive.map(([name]) => name),
      ['custom', 'python-sdk', 'python', 'container', 'php-sdk', 'php'],
    );
  });

  it('is started in the flavour of its row (RT-27)', () => {
    const flavours = [
      'go',
      'go\nvm: true',
      'go\nenv: flex',
      'go111',
      'python27',
      'php55',
      'java8',
      'python312',
      'nodejs22',
      'java21',
      'go122',
    ].map((each) => `${each.replace('\n', ', ')}: ${launched(`runtime: ${each}`).handshake}`);
    assert.deepEqual(flavours, [
      'go: stdout',
      'go, vm: true: reverse',
      'go, env: flex: reverse',
      'go111: reverse',
      'python27: reverse',
      'php55: stdout',
      'java8: file',
      'python312: port',
      'nodejs22: port',
      'java21: port',
      'go122: port',
    ]);
  });

  it('of Python 2.7 is told by a file in the older generation, and by two paths in the current one (RT-6, RT-7)', () => {
    const [python] = project({
      'runtimes.yaml':
        'services: { app: { appYaml: app.yaml, command: ./x, appengine: { dialect: internal } } }',
      'app.yaml': 'runtime: python27',
    }).services;
    assert.deepEqual([python?.handshake, python?.appengine?.dialect], ['file', 'internal']);
    assert.equal(launched('runtime: python27').handshake, 'reverse');
  });

  it('chooses the recipe by its name (RT-2)', () => {
    const names = [
      'custom\nentrypoint: ./x',
      'go111',
      'go125',
      'java11',
      'php72',
      'php84',
      'python37',
      'python313',
      'nodejs8',
      'nodejs24',
      'ruby33',
      'nodejs\nenv: flexible',
      'python\nenv: "2"',
      'java\nenv: flex',
      'java7\nenv: flex',
      'vm\nvm_settings: { vm_runtime: go }',
      'go\nvm: true',
    ];
    assert.deepEqual(
      names.map((name) => application(`runtime: ${name}`).spec.runtime),
      [
        ...['custom', 'go', 'go', 'java', 'php', 'php', 'python', 'python', 'node', 'node', 'ruby'],
        ...['node', 'python', 'java', 'java', 'go', 'go'],
      ],
    );
  });

  it('that nobody knows is refused in the words of the reference, with the names that there are (RT-2)', () => {
    const config = project({ 'app.yaml': "runtime: it's" });
    const listed = runtimeNames.map((name) => `'${name}'`).join(', ');
    assert.deepEqual(told(config), [`1:10 error Unknown runtime "it's"; supported runtimes are ${listed}.`]);
    assert.deepEqual(runtimeNames, runtimeNames.toSorted());
    assert.equal(project({ 'app.yaml': 'runtime: pyton312' }).problems[0]?.hint, 'Did you mean "python312"?');
  });

  it('is refused by the flexible environment where it has none of this name (RT-2)', () => {
    for (const env of ['flex', 'flexible', '2'])
      for (const runtime of ['python27', 'java8', 'nodejs22'])
        assert.match(
          told(project({ 'app.yaml': `runtime: ${runtime}\nenv: ${env}` })).join('\n'),
          new RegExp(`^1:10 error In env: ${env}, only the following runtimes are allowed: 'custom', 'go'`),
        );
    assert.equal(application('runtime: nodejs22\nenv: standard').spec.runtime, 'node');
  });

  it('that is retired is told so with a way forward, and runs where its launcher is named (RT-2)', () => {
    for (const runtime of ['python27', 'go', 'php55', 'java8', 'vm', 'python']) {
      const config = project({ 'app.yaml': `runtime: ${runtime}` });
      assert.deepEqual(
        config.problems.map(({ code, line, column, severity }) => [code, severity, line, column]),
        [['retired-runtime', 'error', 1, 10]],
      );
      assert.match(config.problems[0]?.hint ?? '', /or run it as custom: "runtime: custom"/);
      assert.deepEqual(config.services, []);
    }
    const sdk = { APP_ENGINE_JAVA_PATH: '/opt/sdk' };
    assert.equal(application('runtime: java8', {}, sdk).spec.appengine?.project?.row, 'java-sdk');
    const jetty = { APP_ENGINE_JETTY_HOME: '/opt/jetty' };
    const { spec } = application('runtime: java\nenv: flex', {}, jetty);
    assert.deepEqual([spec.appengine?.project?.row, spec.handshake], ['java-vm', 'reverse-no-file']);
  });
});

describe('a custom runtime', () => {
  it('has its entrypoint split with respect for quotes, and its port put in (RT-4)', () => {
    const { spec } = application(
      `runtime: custom\nentrypoint: ./serve --name "two words" 'and $HOME' --port={port}`,
    );
    assert.deepEqual(
      [spec.command, spec.shell, spec.handshake],
      [['./serve', '--name', 'two words', 'and $HOME', '--port={port}'], false, 'reverse-no-file'],
    );
  });

  it('that has no place for the port is told it as PORT, by a shell where one is needed', () => {
    const plain = application('runtime: custom\nentrypoint: ./serve --quiet').spec;
    assert.deepEqual([plain.command, plain.shell, plain.handshake], [['./serve', '--quiet'], false, 'port']);
    const shell = application('runtime: custom\nentrypoint: ./serve -p $PORT').spec;
    assert.deepEqual([shell.command, shell.shell, shell.handshake], [['./serve -p $PORT'], true, 'port']);
  });

  const both = (service: string, yaml: string) =>
    project({
      'runtimes.yaml': `services: { app: { appYaml: app.yaml${service} } }`,
      'app.yaml': `runtime: custom${yaml}`,
    });

  it('needs an entrypoint or a runtime to be run as, in the words of the flags (RT-5)', () => {
    for (const config of [both('', ''), project({ 'app.yaml': 'runtime: custom' })])
      assert.match(
        config.problems[0]?.message ?? '',
        /^Must set either --runtime or --custom_entrypoint\..*'nodejs22', .*'python312'/,
      );
  });

  it('cannot have both (RT-5)', () => {
    for (const config of [
      both(', runtime: node, command: ./x', ''),
      both(', runtime: node', '\nentrypoint: ./x'),
    ])
      assert.deepEqual(
        config.problems.map(({ message }) => message),
        ['Cannot set both --runtime and --custom_entrypoint.'],
      );
  });

  it('is run as the runtime that is named alone (RT-5)', () => {
    const [spec] = both(', runtime: node', '').services;
    assert.deepEqual(
      [spec?.runtime, spec?.command, spec?.appengine?.project?.runtime],
      ['node', ['node', 'server.js'], 'node'],
    );
  });
});
