/** PHP with its real programs: its own server, php-cgi behind our FastCGI, and Xdebug, which calls a listener. */

import assert from 'node:assert/strict';
import { readFile, symlink } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { before, describe, it, type TestContext } from 'node:test';
import { needs, Project } from './project-support.ts';
import { until } from './support.ts';

const timeout = { timeout: 60_000 };

const pages = {
  'pages/public/index.php': '<?php echo "hello ", $_SERVER["REQUEST_METHOD"], " ", $_SERVER["REQUEST_URI"];',
  'pages/public/who.php': '<?php echo getmypid(), " ", php_sapi_name(), " ", getenv("WORD") ?: "-";',
  'pages/public/style.css': 'body { color: green }',
  'pages/public/.env': 'SECRET=1',
};

describe('a service of PHP', () => {
  before(() => needs('php', 'php-cgi'));

  it('runs by the server that PHP comes with', timeout, async (t) => {
    const app = await Project.up(t, {
      files: pages,
      services: '  pages: { command: "php -S 127.0.0.1:{port} -t public", cwd: pages }\n',
    });
    assert.equal((await app.ask('/x?y=1')).body, 'hello GET /x?y=1');
    assert.equal((await app.ask('/style.css')).body, 'body { color: green }');
    // It is not knocked at, which it would take for a request that never came.
    const log = await until('its log', async () => {
      const text = (await app.runtime.follow('pages.0', 100)).lines.map((line) => line.text).join('\n');
      return text.includes('/style.css') ? text : undefined;
    });
    assert.doesNotMatch(log, /without sending a request/);
  });

  it(
    'runs by php-cgi, with which the front door speaks FastCGI at the port of each instance',
    timeout,
    async (t) => {
      const app = await Project.up(t, {
        files: pages,
        services: `  pages:
    command: php-cgi -b 127.0.0.1:{port}
    cwd: pages
    instances: 2
    env: { WORD: given }
    fastcgi: { root: public }
`,
      });
      await app.reach('RUNNING', 'pages.1');
      assert.deepEqual(await app.ask('/a/b?c=1', { method: 'POST', body: 'd=2' }), {
        status: 200,
        type: 'text/html; charset=UTF-8',
        body: 'hello POST /a/b?c=1',
      });
      const answers = await Promise.all([app.ask('/who.php'), app.ask('/who.php')]);
      const seen = answers.map(({ body }) => body.split(' '));
      assert.equal(new Set(seen.map(([pid]) => pid)).size, 2);
      for (const [, sapi, word] of seen) assert.deepEqual([sapi, word], ['cgi-fcgi', 'given']);
      // Files among the scripts are served, but for hidden ones: those are paths of the application.
      assert.deepEqual(await app.ask('/style.css'), {
        status: 200,
        type: 'text/css',
        body: 'body { color: green }',
      });
      assert.equal((await app.ask('/.env')).body, 'hello GET /.env');
      await symlink(join(app.folder, 'runtimes.yaml'), join(app.folder, 'pages/public/link.txt'));
      assert.equal((await app.ask('/link.txt')).status, 404);
      assert.equal((await app.ask('/style.css', { method: 'POST', body: 'x' })).status, 405);
      // Each listens by itself, so it is known who answered what.
      await until('what each has answered', () =>
        ['pages.0', 'pages.1'].every((name) => (app.instance(name).traffic?.requests ?? 0) > 0),
      );
    },
  );

  it('whose php-cgi ends is answered by the other instance, and has its own again', timeout, async (t) => {
    const app = await Project.up(t, {
      files: { ...pages, 'pages/public/die.php': '<?php posix_kill(getmypid(), 9); sleep(5);' },
      services: `  pages: { command: "php-cgi -b 127.0.0.1:{port}", cwd: pages, instances: 2, restart: always, fastcgi: { root: public } }\n`,
    });
    await app.reach('RUNNING', 'pages.1');
    const pids = (): readonly (number | undefined)[] =>
      ['pages.0', 'pages.1']
        .map((name) => app.instance(name))
        .map(({ pid, state }) => (state === 'RUNNING' ? pid : undefined));
    const first = pids();
    assert.equal((await app.ask('/die.php')).status, 503);
    assert.equal((await app.ask('/who.php')).status, 200);
    await until('a new process', () => !pids().includes(undefined) && pids().join() !== first.join());
    assert.equal(pids().filter((pid) => first.includes(pid)).length, 1);
  });

  it(
    'whose first script requires what Composer has not installed says so before it starts',
    timeout,
    async (t) => {
      const app = await Project.withTools(t, {
        files: {
          'composer.json': '{ "require": { "acme/framework": "^1.0" } }',
          'public/index.php': "<?php\nrequire __DIR__ . '/../vendor/autoload.php';\necho Acme\\hello();",
        },
        services: '  pages: { command: "php -S 127.0.0.1:{port} -t public" }\n',
      });
      await app.runtime.start({ kind: 'all' });
      const { fault, pid } = await app.reach('FATAL');
      assert.equal(fault?.code, 'missing-dependencies');
      assert.equal(fault.hint, 'Run: composer install');
      assert.equal(pid, undefined);
      await app.write({
        'vendor/autoload.php': '<?php namespace Acme; function hello() { return "installed"; }',
      });
      await app.reach('RUNNING');
      assert.equal((await app.ask('/')).body, 'installed');
    },
  );

  for (const [how, command, more] of [
    ['PHP’s own server', 'php -S 127.0.0.1:{port} -t public', ''],
    ['php-cgi', 'php-cgi -b 127.0.0.1:{port}', ', fastcgi: { root: public }'],
  ] as const) {
    it(`under Xdebug calls whoever listens for it with each request (${how})`, timeout, async (t) => {
      const app = await Project.withTools(t, {
        files: pages,
        services: `  pages: { command: "${command}", cwd: pages${more} }\n`,
      });
      await app.runtime.start({ kind: 'all' }, { debug: true });
      const { inspector } = await until(
        'the port that is called',
        () => {
          const instance = app.instance();
          return instance.inspector === undefined || instance.state !== 'RUNNING' ? undefined : instance;
        },
        30_000,
      );
      const greeting = calledAt(t, inspector?.port ?? 0);
      const answer = app.ask('/who.php');
      assert.match(await greeting, /<init [^>]*language="PHP"[^>]*>|fileuri="file:\/\/[^"]*\/who\.php"/u);
      assert.equal((await answer).status, 200);
    });
  }
});

describe('an application of App Engine’s own PHP', () => {
  it(
    'whose interpreter is unfit has one check for all its instances, no process, and the page that says why (RT-15, RT-16, RT-30)',
    timeout,
    async (t) => {
      const app = await Project.withTools(t, {
        files: { 'app.yaml': 'runtime: php55\nmanual_scaling:\n  instances: 3\n' },
        services: `  old:
    appYaml: ./app.yaml
    interpreter: ./php-cgi
    command: ./launch
`,
      });
      const count = join(app.folder, 'count');
      const interpreter = (version: string): string => `#!/bin/sh
echo "$*" >> '${count}'
[ "$1" = -m ] && { echo bcmath; exit; }
echo 'PHP ${version} (cgi-fcgi) <b>'
`;
      await app.write({ launch: '#!/bin/sh\necho started >> started\nexec sleep 60\n' });
      await app.write({ 'php-cgi': interpreter('5.3.0') });
      await app.runtime.start({ kind: 'all' });
      for (const name of ['old.0', 'old.1', 'old.2']) {
        const { fault, pid } = await app.reach('FATAL', name);
        assert.equal(fault?.code, 'unfit');
        assert.equal(pid, undefined);
      }
      assert.equal(await readFile(count, 'utf8'), '-v\n');
      const path = join(app.folder, 'php-cgi');
      assert.deepEqual(await app.ask('/', { service: 'old' }), {
        status: 500,
        type: 'text/html',
        body: `<html><head><title>Invalid PHP Configuration</title></head><body><title>Invalid PHP Configuration</title><b>The PHP interpreter specified with the --php_executable_path  flag (&quot;${path}&quot;) is not compatible with the App Engine PHP development environment.</b><br><br><pre>The PHP interpreter must be version &gt;= 5.5, 5.3 found</pre></body></html>`,
      });
      await assert.rejects(readFile(join(app.folder, 'started')));
      // There is nothing to stop.
      await app.runtime.stop({ kind: 'all' });
      assert.equal(await readFile(count, 'utf8'), '-v\n');
      await app.write({ 'php-cgi': interpreter('5.6.0') });
      await app.runtime.start({ kind: 'all' });
      await until('the launcher', () => readFile(join(app.folder, 'started'), 'utf8').catch(() => undefined));
      assert.equal(await readFile(count, 'utf8'), '-v\n-v\n-m\n');
    },
  );
});

/** Listens as an editor does, and lets the script go on once it has called. */
async function calledAt(t: TestContext, port: number): Promise<string> {
  const called = Promise.withResolvers<string>();
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', (piece) => {
      called.resolve(piece.toString('utf8'));
      socket.write('run -i 1\0');
      socket.once('data', () => socket.destroy());
    });
  });
  t.after(() => server.close());
  await new Promise<void>((resolve) => {
    server.listen(port, '127.0.0.1', resolve);
  });
  assert.equal((server.address() as AddressInfo).port, port);
  return called.promise;
}
