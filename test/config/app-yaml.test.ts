/** What an `app.yaml` comes to: each key that means something, each that does not, and each that is wrong. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { ignoredKeys } from '../../src/config/formats/appengine/ignored.ts';
import { application, fileNames, project, told } from './app-yaml-reading.ts';
import { lines } from './reading.ts';

const node = 'runtime: nodejs22\n';

describe('the command of an app.yaml', () => {
  const commands: readonly (readonly [
    title: string,
    yaml: string,
    files: Record<string, string>,
    found: unknown[],
  ])[] = [
    [
      'is split where no shell is needed',
      'nodejs22\nentrypoint: node a.js "b c"',
      {},
      [['node', 'a.js', 'b c'], false, undefined],
    ],
    [
      'is a shell’s where one is',
      'nodejs22\nentrypoint: node a.js --port $PORT',
      {},
      [['node a.js --port $PORT'], true, undefined],
    ],
    [
      'is always a shell’s for Python (RT-9)',
      'python312\nentrypoint: python3 a.py',
      {},
      [['python3 a.py'], true, undefined],
    ],
    [
      'of Python is gunicorn where nothing is said (RT-9)',
      'python312',
      {},
      [
        ['gunicorn -b :${PORT} main:app'],
        true,
        'app.yaml has no entrypoint, and this is the one of App Engine',
      ],
    ],
    [
      'of Node is npm start where there is such a script',
      'nodejs22',
      { 'package.json': '{"scripts":{"start":"node x"}}' },
      [['npm', 'start'], false, 'package.json has a script "start"'],
    ],
    [
      'of Node is server.js else',
      'nodejs22',
      { 'package.json': '{}' },
      [['node', 'server.js'], false, 'app.yaml has no entrypoint, and this is the one of App Engine'],
    ],
    [
      'of Go is its main package',
      'go122\nmain: cmd/web',
      {},
      [['go', 'run', './cmd/web'], false, 'app.yaml has no entrypoint, so the main package is built and run'],
    ],
    [
      'of Java is the jar that is there',
      'java21',
      { 'target/shop-sources.jar': '', 'target/shop.jar': '' },
      [['java', '-jar', 'target/shop.jar'], false, 'there is target/shop.jar'],
    ],
    [
      'of PHP is its front controller',
      'php83',
      { 'public/index.php': '' },
      [
        ['php', '-S', '127.0.0.1:{port}', '-t', 'public', 'public/index.php'],
        false,
        'app.yaml has no entrypoint, and public/index.php is the front controller',
      ],
    ],
    [
      'of PHP is the one of its document root',
      'php\nenv: flex\nruntime_config: { document_root: web/app }',
      {},
      [
        ['php', '-S', '127.0.0.1:{port}', '-t', 'web/app', 'web/app/index.php'],
        false,
        'app.yaml has no entrypoint, and web/app/index.php is the front controller',
      ],
    ],
    [
      'of Ruby is rackup in its bundle',
      'ruby33',
      { Gemfile: '' },
      [
        ['bundle', 'exec', 'rackup', '--host', '127.0.0.1', '--port', '{port}'],
        false,
        'app.yaml has no entrypoint, and there is a Gemfile',
      ],
    ],
    [
      'may be written with its shell',
      'nodejs22\nentrypoint: { shell: node a.js }',
      {},
      [['node', 'a.js'], false, undefined],
    ],
  ];
  for (const [title, yaml, files, found] of commands)
    it(title, () => {
      const { spec, problems } = application(`runtime: ${yaml}`, files);
      assert.deepEqual(problems, []);
      assert.deepEqual([spec.command, spec.shell, spec.proposed], found);
    });

  it('that cannot be split is told', () => {
    const config = project({ 'app.yaml': `${node}entrypoint: node "a` });
    assert.deepEqual(told(config), ['2:13 error "entrypoint": a quote in it is not closed.']);
    assert.deepEqual(config.services, []);
  });
});

describe('an app.yaml', () => {
  it('says what its service is called, where it runs, and what its variables are', () => {
    const { spec, problems } = application(
      lines(`
        runtime: nodejs22
        service: worker
        env_variables:
          NUMBER: 1.10
          EMPTY:
          DOLLARS: $HOME \${NAME}
          A: app.yaml
      `),
      { '.env': 'A=.env\nB=.env\n' },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [spec.name, spec.runtime, spec.cwd, spec.profile],
      ['worker', 'node', '/w', 'appengine'],
    );
    assert.deepEqual(spec.env, {
      A: 'app.yaml',
      B: '.env',
      NUMBER: '1.10',
      EMPTY: '',
      DOLLARS: '$HOME ${NAME}',
    });
  });

  it('without a name is the default, and may call its service a module', () => {
    assert.equal(application(node).spec.name, 'default');
    assert.equal(application(`${node}module: old`).spec.name, 'old');
    assert.deepEqual(told(project({ 'app.yaml': `${node}service: a\nmodule: b` })), [
      '3:1 error "module": it stands beside "service", which is the same.',
    ]);
  });

  it('says what handlers there are, in its own spelling', () => {
    const { spec, problems } = application(
      lines(`
        runtime: nodejs22
        default_expiration: 1h
        handlers:
          - url: /s
            static_dir: static
            application_readable: true
            http_headers: { X-A: '1' }
            require_matching_file: true
          - url: /(.*\\.png)
            static_files: img/\\1
            upload: img/.*
            mime_type: image/png
            expiration: 10m
          - url: /admin
            script: main.app
            login: admin
            auth_fail_action: unauthorized
            redirect_http_response_code: 301
        error_handlers:
          - file: sorry.html
          - { file: full.html, error_code: over_quota }
        inbound_services: [warmup]
      `),
      { 'static/a': '', 'img/b.png': '', 'sorry.html': '', 'full.html': '' },
    );
    assert.deepEqual(problems, []);
    const [folder, files, script] = spec.appengine?.handlers ?? [];
    assert.deepEqual(folder?.serves, { kind: 'static-dir', folder: 'static' });
    assert.deepEqual([folder?.httpHeaders, folder?.requireMatchingFile], [{ 'X-A': '1' }, true]);
    assert.deepEqual(files?.serves, { kind: 'static-files', path: 'img/\\1', upload: 'img/.*' });
    assert.deepEqual([files?.mimeType, files?.expirationSeconds], ['image/png', 600]);
    // Of a runtime of today, any script is the whole program.
    assert.deepEqual(script?.serves, { kind: 'script' });
    assert.deepEqual(
      [script?.login, script?.onAuthFail, script?.redirectCode],
      ['admin', 'unauthorized', 301],
    );
    assert.deepEqual(
      spec.appengine?.errorHandlers.map(({ file, code }) => [file, code]),
      [
        ['sorry.html', undefined],
        ['full.html', 'over_quota'],
      ],
    );
    assert.deepEqual(
      [spec.appengine?.defaultExpirationSeconds, spec.appengine?.inboundServices],
      [3600, ['warmup']],
    );
  });

  it('is told what is wrong with its handlers, at their lines', () => {
    const text = lines(`
      runtime: nodejs22
      handlers:
        - url: /a(
          script: auto
        - url: /b
          static_dir: b
          static_files: c
        - url: /d
          upload: x
        - url: /e
          static_dir: nowhere
        - url: /.*
        - url: /f
        - { url: /g, login: admins, staticDir: g }
    `);
    assert.deepEqual(told(project({ 'app.yaml': text })), [
      '3:10 error "handlers.url": it is no regular expression (Unterminated group).',
      '6:5 error "handlers.static_dir": it stands beside "static_files".',
      '7:19 warning "handlers.static_files": there is no file c.',
      '9:13 error "handlers.upload": it means nothing without "static_files".',
      '11:17 warning "handlers.static_dir": there is no folder nowhere.',
      '13:10 warning "handlers.url": "/f" never has a request, since "/.*" before it takes everything.',
      '14:12 warning "handlers.url": "/g" never has a request, since "/.*" before it takes everything.',
      '14:23 error "handlers.login": "admins" is not one of optional, required, admin.',
      '14:31 error "staticDir" is not a key of "handlers".',
    ]);
  });

  it('is scaled by its section, in either spelling', () => {
    const scaled = (text: string) => {
      const { spec, problems } = application(`${node}${lines(text)}`);
      assert.deepEqual(problems, []);
      return [spec.scaling, spec.instances, spec.requests.concurrency, spec.stopRequest?.path];
    };
    const automatic = {
      kind: 'automatic',
      minPendingMs: 100,
      maxPendingMs: 500,
      minIdle: 1,
      maxIdle: 1000,
      maxInstances: 20,
      rounding: 'down',
    };
    assert.deepEqual(scaled(''), [automatic, 1, 8, undefined]);
    const written = {
      ...automatic,
      minPendingMs: 30,
      maxPendingMs: 5000,
      minIdle: 2,
      maxIdle: 3,
      maxInstances: 4,
    };
    const snake = `
      automatic_scaling:
        min_idle_instances: 2
        max_idle_instances: 3
        max_instances: 4
        min_pending_latency: 30ms
        max_pending_latency: 5s
        max_concurrent_requests: 50
    `;
    assert.deepEqual(scaled(snake), [written, 1, 50, undefined]);
    const camel = snake
      .replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase())
      .replace('automaticScaling', 'automatic_scaling');
    assert.deepEqual(scaled(camel), [written, 1, 50, undefined]);
    const basic = 'basic_scaling: { max_instances: 3, idle_timeout: 10m }';
    assert.deepEqual(scaled(basic), [{ kind: 'basic', maxInstances: 3, idleMs: 600_000 }, 3, 8, '/_ah/stop']);
    assert.deepEqual(scaled('manual_scaling: { instances: 5 }'), [{ kind: 'manual' }, 5, 8, '/_ah/stop']);
    assert.deepEqual(
      told(
        project({
          'app.yaml': `${node}manual_scaling: { instances: 1 }\nbasic_scaling: { max_instances: 1 }`,
        }),
      ),
      ['2:1 error "manual_scaling": it stands beside "basic_scaling".'],
    );
  });

  it('tells its memory by its instance class', () => {
    const memory = (text: string) => application(`${node}${text}`).spec.appengine?.project?.memoryMb;
    assert.deepEqual(
      [
        '',
        'instance_class: F4',
        'manual_scaling: { instances: 1 }',
        'instance_class: B8\nbasic_scaling: { max_instances: 1 }',
      ].map(memory),
      [384, 1536, 768, 3072],
    );
  });

  it('of the flexible environment says how it is asked whether it is ready and well', () => {
    const { spec, problems } = application(
      lines(`
        runtime: nodejs
        env: flex
        readiness_check: { path: /ready, timeout_sec: 4, failure_threshold: 2, check_interval_sec: 5 }
        liveness_check: { path: /live, check_interval_sec: 30 }
      `),
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(spec.ready, { http: '/ready', intervalMs: 1000, timeoutMs: 4000, failures: 2 });
    assert.deepEqual(spec.health, { http: '/live', intervalMs: 30_000, timeoutMs: 5000, failures: 3 });
    assert.equal(spec.appengine?.project?.vm, true);
  });

  it('knows each key that means nothing here, and tells it once at its line', () => {
    for (const [key, reason] of Object.entries(ignoredKeys))
      assert.deepEqual(application(`${node}${key}: { a: [1] }`).problems, [
        `2:1 info "${key}" means nothing here: ${reason}.`,
      ]);
    assert.deepEqual(
      application(
        `${node}automatic_scaling: { target_cpu_utilization: 0.5, cool_down_period_sec: 60 }\ninbound_services: [mail, warmup]\nhandlers: [{ url: /a, secure: always }, { url: /b, secure: always }]`,
      ).problems,
      [
        '2:22 info "target_cpu_utilization", "cool_down_period_sec" means nothing here: the load of instances is not measured on this machine.',
        '3:20 info "inbound_services: mail" means nothing here: there is nothing that would send such requests.',
        '4:23 info "handlers.secure" means nothing here: the front door speaks HTTP only.',
      ],
    );
  });

  it('is told of a key that nobody knows, with the nearest one', () => {
    const { config, spec } = application(`${node}env_variable: {}\nautomatic_scaling: { max_instance: 2 }`);
    assert.deepEqual(
      config.problems.map(({ line, message, hint }) => [line, message, hint]),
      [
        [2, '"env_variable" is not a key of an app.yaml.', 'Did you mean "env_variables"?'],
        [3, '"max_instance" is not a key of "automatic_scaling".', 'Did you mean "max_instances"?'],
      ],
    );
    assert.equal(spec.name, 'default');
  });

  it('that is no map, is empty or has no runtime runs nothing and says so', () => {
    const first = (text: string) => project({ 'app.yaml': text }).problems[0]?.message;
    assert.equal(first('- a'), '"app.yaml" takes a map with "runtime", not a list.');
    assert.equal(first('service: x'), 'app.yaml needs "runtime".');
    assert.deepEqual(project({ 'app.yaml': '' }).services, []);
  });

  it('says which files are no part of it: what it says itself, or what the SDK skips (RT-28)', () => {
    const skipped = (text: string) => application(`${node}${text}`).spec.appengine?.project?.skipFiles;
    assert.deepEqual(skipped('skip_files: [a, b/.*]'), ['a', 'b/.*']);
    assert.deepEqual(skipped('skip_files: a'), ['a']);
    assert.match(skipped('')?.[0] ?? '', /RCS/);
    assert.deepEqual(told(project({ 'app.yaml': `${node}skip_files: ["("]` })), [
      '2:14 error "skip_files": it is no regular expression (Unterminated group).',
    ]);
  });

  it('takes no pattern at which matching would hang, in none of its keys', () => {
    const text = `${node}skip_files: ["^(a+)+$"]\nhandlers:\n- { url: "/(.*/)*x", static_files: x, upload: "(x*)*" }\n`;
    const endless = 'it can read one text in so many ways that matching might never end';
    const config = project({ 'app.yaml': text, x: '' });
    assert.deepEqual(told(config), [
      `2:14 error "skip_files": ${endless}.`,
      `4:10 error "handlers.url": ${endless}.`,
      `4:47 error "handlers.upload": ${endless}.`,
    ]);
    assert.deepEqual(config.services[0]?.appengine?.project?.skipFiles ?? [], []);
  });
});

describe('files that an app.yaml includes', () => {
  it('put their handlers before its own or behind, and their variables over its own', () => {
    const { spec, problems, config } = application(
      lines(`
        runtime: nodejs22
        includes: [more, other.yaml]
        env_variables: { A: app.yaml, B: app.yaml }
        handlers: [{ url: /own }]
        skip_files: [own]
      `),
      {
        'more/include.yaml': lines(`
          includes: [deeper.yaml]
          env_variables: { A: include.yaml }
          handlers: [{ url: /head }, { url: /tail, position: tail }]
        `),
        'more/deeper.yaml': 'handlers: [{ url: /deeper }]\nskip_files: deeper',
        'other.yaml': 'handlers: [{ url: /other, position: head }]\nmanual_scaling: { instances: 3 }',
      },
    );
    assert.deepEqual(problems, []);
    assert.deepEqual(
      spec.appengine?.handlers.map(({ url }) => url),
      ['/head', '/deeper', '/other', '/own', '/tail'],
    );
    assert.deepEqual(spec.env, { A: 'include.yaml', B: 'app.yaml' });
    assert.deepEqual(spec.appengine?.project?.skipFiles, ['own', 'deeper']);
    assert.equal(spec.instances, 3);
    assert.deepEqual(fileNames(config), ['app.yaml', 'include.yaml', 'deeper.yaml', 'other.yaml']);
  });

  it('that are not there, include each other or hold what they may not are told at their lines', () => {
    const { problems } = application(`${node}includes: [none.yaml, a.yaml, bad.yaml]`, {
      'a.yaml': 'includes: [b.yaml]',
      'b.yaml': 'includes: [a.yaml]',
      'bad.yaml': 'runtime: nodejs22',
    });
    assert.deepEqual(problems, [
      '2:12 error Cannot read none.yaml: there is no such file, or it may not be read.',
      'b.yaml:1:12 warning "includes": these files include each other: a.yaml → b.yaml → a.yaml.',
      'bad.yaml:1:1 error "runtime" is not a key of a file that is included.',
    ]);
  });
});
