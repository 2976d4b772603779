import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { loadConfig } from '../../src/config/load.ts';
import type { RecipeDefinition } from '../../src/config/registered.ts';
import type { Config } from '../../src/config/spec.ts';
import { type Files, machineOf, packageJson } from './detecting.ts';
import { problemsOf } from './reading.ts';

const vite = { 'package.json': packageJson({ dev: 'vite' }) };

function read(services: string, files: Files, recipes: readonly RecipeDefinition[] = []): Config {
  return loadConfig({
    ...machineOf(files),
    folder: '/w',
    files: [{ path: '/w/runtimes.yaml', text: `services:\n${services}\n` }],
    environment: {},
    recipes,
  });
}

const commands = ({ services }: Config): readonly string[] =>
  services.map(({ name, runtime, command }) => `${name} ${runtime}: ${command.join(' ')}`);

describe('a service without a command', () => {
  it('runs what is proposed for its folder, and says why', () => {
    const config = read('  web: { cwd: ./web }', { 'web/package.json': packageJson({ dev: 'vite' }) });
    assert.deepEqual(commands(config), ['web node: npm run dev -- --port {port} --strictPort']);
    assert.equal(config.services[0]?.proposed, 'package.json has a script "dev" (Vite)');
    assert.deepEqual(problemsOf(config), []);
  });

  it('may say nothing at all', () => {
    assert.deepEqual(commands(read('  web:', vite)), ['web node: npm run dev -- --port {port} --strictPort']);
  });

  it('runs what fits the runtime it names, or its own name', () => {
    const files = {
      ...vite,
      'manage.py': '',
      'go.mod': '',
      'cmd/api/main.go': 'package main',
      'cmd/send/main.go': 'package main',
    };
    assert.deepEqual(
      commands(read('  a: {}\n  b: { runtime: node }\n  c: { runtime: go }\n  send: {}', files)),
      [
        'a python: python3 manage.py runserver 127.0.0.1:{port} --noreload',
        'b node: npm run dev -- --port {port} --strictPort',
        'c go: go run ./cmd/api',
        'send go: go run ./cmd/send',
      ],
    );
  });

  it('takes handshake and environment from what is proposed, unless it has its own', () => {
    const files = {
      'web/package.json': packageJson({ start: 'react-scripts start' }),
      'any/package.json': packageJson({ start: 'node x.js' }),
    };
    const { services } = read(
      [
        '  a: { cwd: web, env: { X: y } }',
        '  b: { cwd: web, env: { BROWSER: firefox } }',
        '  c: { cwd: any }',
        '  d: { cwd: any, handshake: port }',
      ].join('\n'),
      files,
    );
    assert.deepEqual(
      services.map(({ name, env, handshake }) => [name, env, handshake]),
      [
        ['a', { BROWSER: 'none', X: 'y' }, 'port'],
        ['b', { BROWSER: 'firefox' }, 'port'],
        ['c', {}, 'discover'],
        ['d', {}, 'port'],
      ],
    );
  });

  it('that speaks FastCGI is php-cgi', () => {
    const config = read('  site: { fastcgi: { root: ./public } }', {});
    assert.deepEqual(commands(config), ['site php: php-cgi -b 127.0.0.1:{port}']);
    assert.deepEqual(config.services[0]?.fastcgi, { root: '/w/public', index: 'index.php' });
  });

  it('is that of a recipe of another extension that it names', () => {
    const deno = { name: 'deno', title: 'Deno', command: 'deno serve --port ${PORT} .' };
    const config = read('  a: { runtime: deno }', {}, [deno]);
    assert.deepEqual(commands(config), ['a deno: deno serve --port {port} .']);
    assert.equal(config.services[0]?.proposed, 'the recipe Deno says so');
  });

  it('is warned where its command is php-cgi and it does not say that it speaks FastCGI', () => {
    const services = [
      '  a: { command: php-cgi8.2 }',
      '  b: { cwd: site, command: /usr/bin/php8.2-cgi -b 127.0.0.1:9000 }',
      '  c: { command: php-cgi, fastcgi: {} }',
      '  d: { command: php-cgi -b 127.0.0.1:9001, handshake: none }',
      '  e: { command: php -S 127.0.0.1:9002 }',
    ].join('\n');
    const why =
      'speaks FastCGI, and without "fastcgi" it is sent requests in HTTP, which it does not answer. → Add';
    const config = read(services, { 'site/public/index.php': '' });
    assert.deepEqual(problemsOf(config), [
      `2:17-27 unsaid-fastcgi "command": php-cgi8.2 ${why} "fastcgi: {}" to the service.`,
      `3:28-65 unsaid-fastcgi "command": php8.2-cgi ${why} "fastcgi: { root: ./public }" to the service.`,
    ]);
    assert.deepEqual(new Set(config.problems.map(({ severity }) => severity)), new Set(['warning']));
    assert.equal(config.services.length, 5);
  });

  it('hears what was looked for where nothing is recognised', () => {
    const config = read('  web: { cwd: ./web }\n  ok: { command: x }', { 'web/readme.md': '' });
    assert.deepEqual(commands(config), ['ok custom: x']);
    assert.deepEqual(problemsOf(config), [
      '2:3-6 missing-key Service "web" needs "command". → Nothing that is recognised is in /w/web, such as package.json, server.js, manage.py, main.py, go.mod, pom.xml, build.gradle, *.java, *.jar, index.php, config.ru, app.rb, Cargo.toml. For example: command: node server.js --port {port}',
    ]);
  });

  it('hears what is there and does not suffice, and what is not there of the runtime it names', () => {
    const files = { 'package.json': packageJson({ test: 'x' }), 'web/readme.md': '' };
    const zig = { name: 'zig', title: 'Zig', detects: ['build.zig'] };
    const services = '  a: {}\n  b: { runtime: go }\n  c: { runtime: custom }\n  d: { runtime: zig }';
    assert.deepEqual(problemsOf(read(services, files, [zig])), [
      '2:3-4 missing-key Service "a" needs "command". → There is a package.json in /w, and nothing in it or beside it says what to run. For example: command: node server.js --port {port}',
      '3:3-4 missing-key Service "b" needs "command". → Nothing of Go was found in /w. For example: command: go run .',
      '4:3-4 missing-key Service "c" needs "command". → For example: command: ./server --port {port}',
      '5:3-4 missing-key Service "d" needs "command". → Nothing of Zig was found in /w. For example: command: ./server --port {port}',
    ]);
  });

  it('hears of its folder where there is none, and of its runtime where there is none, and of nothing besides', () => {
    const services =
      '  a: { cwd: ./missing }\n  b: { cwd: readme.md }\n  c: { runtime: rubby }\n  d: { runtime: [] }';
    const config = read(services, { 'readme.md': '' });
    const hint = '→ A path that does not begin with / is looked for in the folder of this file.';
    assert.deepEqual(problemsOf(config), [
      `2:13-22 bad-value "cwd": the folder ./missing does not exist. ${hint}`,
      `3:13-22 bad-value "cwd": readme.md is a file, and no folder. ${hint}`,
      '4:17-22 bad-value "runtime": there is no recipe "rubby", and "runtime: custom" runs any command just as it is. → Did you mean "ruby"?',
      '5:17-19 wrong-type "runtime" takes node, python, go, java, php, ruby, custom, generic, or the name of a recipe that another extension brings, not a list.',
    ]);
    assert.deepEqual(commands(config), []);
    assert.ok(config.consulted?.includes('/w/missing'));
  });

  it('is given a port where it asks for one, though what is proposed looks like a job', () => {
    const files = { 'main.py': 'print("hi")\n' };
    const config = read('  a: {}\n  b: { publish: 8080 }\n  c: { startSeconds: 3s }', files);
    assert.deepEqual(
      config.services.map(({ name, handshake, startMs }) => [name, handshake, startMs]),
      [
        ['a', 'none', 0],
        ['b', 'port', 0],
        ['c', 'none', 3000],
      ],
    );
    assert.deepEqual(problemsOf(config), []);
  });

  it('is not given one where it meant to have its own', () => {
    for (const key of ['comand', 'entrypoint']) {
      const config = read(`  web: { ${key}: x }`, vite);
      assert.deepEqual(commands(config), []);
      assert.deepEqual(
        config.problems.map(({ code }) => code),
        ['missing-key', 'unknown-key'],
      );
    }
  });

  it('is not the API server, which is not what its services are', () => {
    const config = read('  a: { command: x }\napi: { cwd: . }', vite);
    assert.deepEqual(
      config.problems.map(({ code, message }) => [code, message]),
      [['missing-key', '"api" needs "command".']],
    );
  });
});

describe('what a config was read with the help of', () => {
  it('is told, there or not, so that a change of it is news', () => {
    const consulted = read('  web: {}', vite).consulted ?? [];
    for (const path of ['/w/package.json', '/w/pnpm-lock.yaml', '/w/manage.py', '/w/go.mod'])
      assert.ok(consulted.includes(path), path);
    assert.deepEqual(consulted, [...new Set(consulted)].toSorted());
  });

  it('is only what the command is asked about where there is one', () => {
    assert.deepEqual(read('  web: { command: npm run dev }', vite).consulted, ['/w/package.json']);
    assert.equal(read('  web: { command: node server.js }', vite).consulted, undefined);
  });
});

describe('a port is put behind a command', () => {
  it('only under the handshake that hands one over, and not for a shell', () => {
    const config = read(
      [
        '  a: { command: npm run dev }',
        '  b: { command: npm run dev, handshake: discover }',
        '  c: { command: npm run dev, handshake: none }',
        '  d: { command: npm run dev, shell: true }',
        '  e: { command: npm run dev, port: 3000 }',
        '  f: { command: [next, dev] }',
      ].join('\n'),
      vite,
    );
    assert.deepEqual(commands(config), [
      'a node: npm run dev -- --port {port} --strictPort',
      'b node: npm run dev',
      'c node: npm run dev',
      'd node: npm run dev',
      'e node: npm run dev -- --port {port} --strictPort',
      'f node: next dev --port {port}',
    ]);
  });
});
