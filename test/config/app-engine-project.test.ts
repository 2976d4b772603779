/** An App Engine project as a whole: which files it has, which services, and what stands beside them. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findConfig } from '../../src/config/find.ts';
import { loadConfig } from '../../src/config/load.ts';
import { type Files, fileNames, project, told } from './app-yaml-reading.ts';
import { lines } from './reading.ts';

const node = 'runtime: nodejs22\n';
const named = (name: string) => `${node}service: ${name}\n`;

describe('a folder with an app.yaml', () => {
  it('has a service of it and one of each sub folder that has one', () => {
    const config = project({
      'app.yaml': node,
      'worker/app.yaml': named('worker'),
      'api/app.yml': named('api'),
      'deep/er/app.yaml': named('deeper'),
      'node_modules/x/app.yaml': named('never'),
      'node_modules/app.yaml': named('never'),
      '.hidden/app.yaml': named('never'),
      'docs/readme.md': '',
    });
    assert.deepEqual(told(config), []);
    assert.deepEqual(
      config.services.map(({ name, cwd }) => `${name} in ${cwd}`),
      ['default in /w', 'api in /w/api', 'worker in /w/worker'],
    );
    assert.deepEqual(config.files, ['/w/app.yaml', '/w/api/app.yml', '/w/worker/app.yaml']);
    assert.deepEqual(config.frontDoor.routes, { '/': 'default' });
  });

  it('is found where only its sub folders have one, behind every file of ours and of Supervisor’s', () => {
    const found = (files: readonly string[]) =>
      findConfig(
        '/w',
        (path) => files.includes(path.slice(3)),
        (folder) =>
          folder === '/w'
            ? files.map((file) => file.split('/')[0] ?? '')
            : files.flatMap((file) =>
                folder === `/w/${file.split('/')[0]}` ? [file.split('/')[1] ?? ''] : [],
              ),
      );
    assert.equal(found(['web/app.yaml']), '/w/web/app.yaml');
    assert.equal(found(['web/app.yaml', 'app.yaml']), '/w/app.yaml');
    assert.equal(found(['web/app.yaml', 'dispatch.yaml']), '/w/dispatch.yaml');
    assert.equal(found(['supervisord.conf', 'app.yaml']), '/w/supervisord.conf');
    assert.equal(found(['runtimes.yaml', 'supervisord.conf', 'app.yaml']), '/w/runtimes.yaml');
    assert.equal(found(['web/index.html']), undefined);
    const config = project({ 'web/app.yaml': named('web'), 'api/app.yaml': named('api') });
    assert.deepEqual([config.services.map(({ name }) => name), told(config)], [['api', 'web'], []]);
  });

  it('is hidden by a file of ours beside it', () => {
    const { services } = project({ 'runtimes.yaml': 'services: { a: { command: x } }', 'app.yaml': node });
    assert.deepEqual(
      services.map(({ name, profile }) => [name, profile]),
      [['a', 'plain']],
    );
  });

  it('tells services of one name at each of them, and runs the first', () => {
    const config = project({ 'app.yaml': node, 'b/app.yaml': `${node}service: Default` });
    assert.deepEqual(told(config), [
      '1:1 error "service": "default" is also the service of /w/b/app.yaml.',
      'b/app.yaml:2:1 error "service": "Default" is also the service of /w/app.yaml.',
    ]);
    assert.deepEqual(
      config.services.map(({ name }) => name),
      ['default'],
    );
  });

  it('has the rules of its dispatch.yaml, which name services that cannot run as well', () => {
    const config = project({
      'dispatch.yaml': lines(`
        dispatch:
          - { url: '*/api/*', service: api }
          - { url: '*/old/*', service: old }
          - { url: '*/none/*', service: nowhere }
          - { url: '*/worker/*', module: worker }
      `),
      'app.yaml': node,
      'api/app.yaml': named('api'),
      'old/app.yaml': 'runtime: python27\nservice: old',
      'worker.yaml': named('worker'),
      'other.yaml': named('other'),
    });
    assert.deepEqual(
      config.frontDoor.dispatch.map(({ url, service }) => `${url} ${service}`),
      ['*/api/* api', '*/worker/* worker'],
    );
    assert.deepEqual(
      config.problems.map(({ file, line, code }) => [file, line, code]),
      [
        ['/w/old/app.yaml', 1, 'retired-runtime'],
        ['/w/dispatch.yaml', 4, 'unknown-service'],
      ],
    );
    // One that a rule names may have its file in the same folder.
    assert.deepEqual(
      config.services.map(({ name }) => name),
      ['default', 'worker', 'api'],
    );
    assert.deepEqual(fileNames(config), ['app.yaml', 'worker.yaml', 'app.yaml', 'app.yaml', 'dispatch.yaml']);
  });

  it('has the backends of its backends.yaml, of the default service', () => {
    const { services, problems, topology } = project({
      'app.yaml': node,
      'api/app.yaml': named('api'),
      'backends.yaml': 'backends: [{ name: reports, instances: 2 }]',
    });
    assert.deepEqual(problems, []);
    assert.equal(topology?.app, 'default');
    assert.deepEqual(
      services.map(({ name, role, instances }) => [name, role, instances]),
      [
        ['default', 'app', 1],
        ['reports', 'backend', 2],
        ['api', 'service', 1],
      ],
    );
  });

  it('says what else it has looked for, so that it is read again once that comes', () => {
    const { consulted = [] } = project({ 'app.yaml': node, 'api/index.js': '', 'docs/a.md': '' });
    for (const path of [
      '/w/api/app.yaml',
      '/w/docs/app.yaml',
      '/w/dispatch.yaml',
      '/w/backends.yaml',
      '/w/.env',
      '/w/package.json',
    ])
      assert.ok(consulted.includes(path), path);
  });

  it('does not restart one service for what changes in the folder of another', () => {
    const [first, second] = project({ 'app.yaml': node, 'api/app.yaml': named('api') }).services;
    assert.deepEqual(first?.watch?.paths, ['**']);
    assert.ok(first.watch.ignore.includes('api/**'));
    assert.ok(second?.watch?.ignore.includes('api/**') === false);
  });
});

describe('a file of a project that is chosen by itself', () => {
  const loaded = (files: Files, path: string) =>
    loadConfig({
      folder: '/w',
      files: [{ path, text: files[path] ?? '' }],
      environment: {},
      readFile: (each) => files[each],
      list: (folder) => (folder === '/w' ? ['app.yaml', 'api', 'web'] : ['app.yaml']),
    }).services.map(({ name }) => name);

  it('is meant alone where the folder has a project of its own, and with its neighbours where it has none', () => {
    const files = { '/w/api/app.yaml': named('api'), '/w/web/app.yaml': named('web') };
    assert.deepEqual(loaded({ ...files, '/w/app.yaml': node }, '/w/api/app.yaml'), ['api']);
    assert.deepEqual(loaded(files, '/w/api/app.yaml'), ['api', 'web']);
  });

  it('may have any name, if it says a runtime', () => {
    assert.deepEqual(loaded({ '/w/api/prod.yaml': named('prod') }, '/w/api/prod.yaml'), ['prod']);
  });
});

describe('a service of ours that names an app.yaml', () => {
  const over = (service: string, appYaml: string, more = '') =>
    project({
      'runtimes.yaml': `services:\n  web: { appYaml: sub/app.yaml${service} }\n${more}`,
      'sub/app.yaml': appYaml,
    });

  it('is what the file says, by its own name', () => {
    const { services, problems, files } = over('', `${named('other')}entrypoint: node a.js\n`);
    const [spec] = services;
    assert.deepEqual(problems, []);
    assert.deepEqual(
      [spec?.name, spec?.cwd, spec?.command, spec?.profile, spec?.appengine?.module, spec?.source.file],
      ['web', '/w/sub', ['node', 'a.js'], 'appengine', 'web', '/w/runtimes.yaml'],
    );
    assert.deepEqual(files, ['/w/runtimes.yaml', '/w/sub/app.yaml']);
  });

  it('counts before it with each key that is written', () => {
    const { services, problems } = over(
      ', command: "./run {port}", env: { A: ours }, scaling: manual, instances: 3, concurrency: 2, ready: { http: /up }, appengine: { version: v7 }, watch: src',
      `${node}env_variables: { A: theirs, B: theirs, G: theirs }\ndefault_expiration: 1m\n`,
      'env: { G: global, H: global }',
    );
    const [spec] = services;
    assert.deepEqual(problems, []);
    assert.deepEqual([spec?.command, spec?.shell, spec?.proposed], [['./run', '{port}'], false, undefined]);
    assert.deepEqual(spec?.env, { G: 'theirs', H: 'global', A: 'ours', B: 'theirs' });
    assert.deepEqual(
      [spec.scaling, spec.instances, spec.requests.concurrency, spec.ready?.http, spec.watch?.paths],
      [{ kind: 'manual' }, 3, 2, '/up', ['src']],
    );
    assert.deepEqual(
      [spec.appengine?.version, spec.appengine?.defaultExpirationSeconds, spec.appengine?.project?.runtime],
      ['v7', 60, 'nodejs22'],
    );
  });

  it('is told of a file that is not there, and of what is wrong in it, at their lines', () => {
    const missing = project({ 'runtimes.yaml': 'services:\n  web: { appYaml: no.yaml }\n' });
    assert.deepEqual(told(missing), [
      'runtimes.yaml:2:19 error Cannot read no.yaml: there is no such file, or it may not be read.',
    ]);
    assert.deepEqual(
      told(over('', 'runtime: python27')).map((line) => line.split('"')[0]),
      ['sub/app.yaml:1:10 error The runtime '],
    );
    assert.deepEqual(told(project({ 'runtimes.yaml': 'services:\n  web: { appYaml: [a] }\n' })), [
      'runtimes.yaml:2:19 error "appYaml" takes a path, not a list.',
    ]);
  });
});
