/** The recipe of PHP: which PHP, what its first script needs, App Engine's checks and their page, and Xdebug. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { php } from '../../../src/core/runtimes/php.ts';
import { checkPhp, phpPage } from '../../../src/core/runtimes/php/checks.ts';
import { readPhp } from '../../../src/core/runtimes/php/command.ts';
import type { Aims, Plan, Told, Unfit } from '../../../src/core/runtimes/recipe.ts';
import { aimsOf } from '../../support/aims.ts';
import { applicationOf } from '../../support/application.ts';
import { lookAt, type PretendedMachine } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';

const programs = { '/usr/bin/php': '', '/usr/bin/php-cgi': '' };

function serviceOf(command: string, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return specOf({ runtime: 'php', command: command.split(' '), ...more });
}

async function made(
  service: ServiceSpec,
  given: PretendedMachine = {},
  aims: Partial<Aims> = {},
): Promise<Plan | Unfit> {
  return php.plan(service, lookAt({ ...given, files: { ...programs, ...given.files } }), aimsOf(aims));
}

async function planned(...args: Parameters<typeof made>): Promise<Plan> {
  const plan = await made(...args);
  return plan.kind === 'plan' ? plan : assert.fail(JSON.stringify(plan.problem));
}

async function refused(...args: Parameters<typeof made>): Promise<Unfit> {
  const plan = await made(...args);
  return plan.kind === 'unfit' ? plan : assert.fail('it is fit');
}

describe('what a php command is taken apart into', () => {
  const table: readonly (readonly [string, ReturnType<typeof readPhp>])[] = [
    ['-S 127.0.0.1:{port} -t public router.php', { kind: 'server', root: 'public', router: 'router.php' }],
    ['-d x=y -S 127.0.0.1:1', { kind: 'server' }],
    ['artisan serve --port=1', { kind: 'script', file: 'artisan' }],
    ['-d x=y -f main.php', { kind: 'script', file: 'main.php' }],
    ['-b 127.0.0.1:1', { kind: 'fastcgi' }],
    ['-r echo', { kind: 'other' }],
    ['-v', { kind: 'other' }],
    ['-d x=y -- main.php', { kind: 'other' }],
    ['-c php.ini -dx=y -n artisan serve', { kind: 'script', file: 'artisan' }],
  ];
  for (const [words, mode] of table)
    it(`of ${words}`, () => assert.deepEqual(readPhp(words.split(' ')), mode));
});

describe('a service of PHP', () => {
  const site = { '/w/public/index.php': '<?php echo 1;' };

  it('runs as it is written, by the PHP of the PATH', async () => {
    const plan = await planned(serviceOf('php -S 127.0.0.1:{port} -t public'), { files: site });
    assert.deepEqual(plan, {
      kind: 'plan',
      command: ['php', '-S', '127.0.0.1:{port}', '-t', 'public'],
      builds: [],
      path: ['/usr/bin'],
    });
  });

  it('runs by the interpreter that the file names, where that is of the same kind', async () => {
    const files = { ...site, '/o/php8.1': '', '/o/php-cgi': '' };
    const cli = await planned(serviceOf('php -S 127.0.0.1:{port}', { interpreter: '/o/php8.1' }), { files });
    assert.equal(cli.command[0], '/o/php8.1');
    const cgi = await planned(serviceOf('php -S 127.0.0.1:{port}', { interpreter: '/o/php-cgi' }), { files });
    assert.equal(cgi.command[0], 'php');
  });

  it('misses its PHP with the folders that were looked through', async () => {
    const unfit = await php.plan(serviceOf('php-cgi -b 127.0.0.1:{port}'), lookAt(), aimsOf());
    assert.ok(unfit.kind === 'unfit' && unfit.problem.code === 'missing-program');
    assert.deepEqual(unfit.problem.params.programs, ['php-cgi']);
    assert.equal(unfit.problem.params.looked[0], '/usr/bin');
    assert.match(unfit.problem.params.install, /"php-cgi"/u);
  });

  for (const [command, entry] of [
    ['php -S 127.0.0.1:{port} -t web', 'web'],
    ['php -S 127.0.0.1:{port} -t public router.php', 'router.php'],
    ['php artisan serve', 'artisan'],
  ] as const) {
    it(`that begins with what is not there says so: ${command}`, async () => {
      const { problem } = await refused(serviceOf(command), { files: site });
      assert.ok(problem.code === 'missing-entry');
      assert.deepEqual([problem.params.entry, problem.params.looked], [entry, `/w/${entry}`]);
    });
  }

  it('of php-cgi does not end after 500 requests, unless somebody wants it to', async () => {
    const service = serviceOf('php-cgi -b 127.0.0.1:{port}', {
      fastcgi: { root: '/w/public', index: 'index.php' },
    });
    assert.deepEqual((await planned(service, { files: site })).environment?.above, {
      PHP_FCGI_MAX_REQUESTS: '0',
    });
    const own = await planned(service, { files: site, env: { PHP_FCGI_MAX_REQUESTS: '9' } });
    assert.equal(own.environment, undefined);
    const deaf = await planned(serviceOf('php-cgi -b 127.0.0.1:{port}'));
    assert.match(deaf.warnings?.[0] ?? '', /speaks FastCGI and no HTTP/u);
  });

  const requires: readonly (readonly [string, string, boolean])[] = [
    ['relative to itself', "require __DIR__.'/../vendor/autoload.php';", true],
    ['from the folder above', 'require_once dirname(__DIR__) . "/vendor/autoload.php";', true],
    ['only where it is there', "if (file_exists($f)) require __DIR__.'/../vendor/autoload.php';", false],
    ['in a comment', "// require __DIR__.'/../vendor/autoload.php';", false],
    ['from who knows where', 'require $root . "/vendor/autoload.php";', false],
  ];
  for (const [how, text, isMissed] of requires) {
    it(`that requires Composer’s files ${how} is ${isMissed ? 'not started' : 'started'} without them`, async () => {
      const files = {
        '/w/public/index.php': `<?php\n${text}\n`,
        '/w/composer.json': '{"require": {"a/b": "1"}}',
      };
      const plan = await made(serviceOf('php -S 127.0.0.1:{port} -t public'), { files });
      assert.equal(plan.kind, isMissed ? 'unfit' : 'plan');
      if (plan.kind === 'unfit')
        assert.deepEqual(plan.problem, {
          code: 'missing-dependencies',
          params: {
            service: 'api',
            because: '/w/public/index.php requires /w/vendor/autoload.php',
            looked: '/w/vendor',
            command: 'composer install',
          },
        });
    });
  }

  it('older than what Composer has written down is refused, with the line that asks for it', async () => {
    const files = {
      '/w/index.php': "<?php require __DIR__ . '/vendor/autoload.php';",
      '/w/composer.json': '{\n  "require": {\n    "php": "^8.3"\n  }\n}',
      '/w/vendor/autoload.php': '',
      '/w/vendor/composer/platform_check.php': '<?php if (!(PHP_VERSION_ID >= 80300)) {',
    };
    const of = (text: string): PretendedMachine => ({
      files,
      says: { '/usr/bin/php -v': `PHP ${text} (cli)\n` },
    });
    const { problem, places } = await refused(serviceOf('php -S 127.0.0.1:{port}'), of('8.2.36'));
    assert.ok(problem.code === 'wrong-version');
    assert.deepEqual([problem.params.wanted, problem.params.found], ['8.3.0 or later', '8.2.36']);
    assert.deepEqual(places, [{ file: '/w/composer.json', line: 3, column: 5 }]);
    assert.equal((await made(serviceOf('php -S 127.0.0.1:{port}'), of('8.3.1'))).kind, 'plan');
  });
});

describe('what App Engine asks of an interpreter of PHP', () => {
  const path = '/p/php-cgi';
  const failed = (code: number): Told => ({ exit: { code }, stdout: 'out\n', stderr: 'err\n' });
  const fine = { [`${path} -v`]: 'PHP 5.6.1 (cgi-fcgi)\n', [`${path} -m`]: '[PHP Modules]\nbcmath\nCore\n' };
  const there = { [path]: '' };
  const table: readonly (readonly [string, PretendedMachine, string | undefined, string | undefined])[] = [
    [
      'a path',
      {},
      undefined,
      'The development server must be started with the --php_executable_path flag set to the path of the php-cgi binary.',
    ],
    [
      'that there is something',
      {},
      path,
      `The path specified with the --php_executable_path flag (${path}) does not exist.`,
    ],
    [
      'that it can be run',
      { files: { [`${path}/`]: '' } },
      path,
      `The path specified with the --php_executable_path flag (${path}) is not executable`,
    ],
    [
      'a version',
      { files: there, says: { [`${path} -v`]: failed(3) } },
      path,
      `"${path} -v" returned an error [3]\nerr\nout\n`,
    ],
    [
      'a version that can be read',
      { files: there, says: { [`${path} -v`]: 'HHVM 3\n' } },
      path,
      `"${path} -v" returned an unexpected version string:\nHHVM 3\n`,
    ],
    [
      'a version that is late enough',
      { files: there, says: { [`${path} -v`]: 'PHP 5.4.9\n' } },
      path,
      'The PHP interpreter must be version >= 5.5, 5.4 found',
    ],
    [
      'the functions it needs',
      { files: there, says: { ...fine, [`${path} -m`]: 'Core\n' } },
      path,
      'The PHP interpreter must have the function bccomp, which the extension "bcmath" brings.\n',
    ],
    [
      'none of the extensions that it replaces',
      { files: there, says: { ...fine, [`${path} -m`]: 'bcmath\nmemcached\n' } },
      path,
      'The PHP interpreter must not have the extension "memcached" loaded.\n',
    ],
    [
      'its own extension',
      { files: there, says: fine, env: { APP_ENGINE_PHP_EXTENSION_PATH: '/e.so' } },
      path,
      'The path specified with the --php_gae_extension_path flag (/e.so) does not exist.',
    ],
    [
      'that its extension can be listed',
      {
        files: { ...there, '/e.so': '' },
        says: { ...fine, [`${path} -m -d extension=/e.so`]: failed(1) },
        env: { APP_ENGINE_PHP_EXTENSION_PATH: '/e.so' },
      },
      path,
      `"${path} -m" returned an error [1]\nerr\nout\n`,
    ],
    [
      'that its extension is loaded',
      {
        files: { ...there, '/e.so': '' },
        says: { ...fine, [`${path} -m -d extension=/e.so`]: 'bcmath\n' },
        env: { APP_ENGINE_PHP_EXTENSION_PATH: '/e.so' },
      },
      path,
      'Unable to load GAE runtime module at /e.so',
    ],
    [
      'nothing more',
      {
        files: { ...there, '/e.so': '' },
        says: { ...fine, [`${path} -m -d extension=/e.so`]: 'GAE Runtime Module\n' },
        env: { APP_ENGINE_PHP_EXTENSION_PATH: '/e.so' },
      },
      path,
      undefined,
    ],
  ];
  for (const [what, given, named, text] of table) {
    it(`is, in its order, ${what} (RT-14)`, async () => {
      const look = lookAt(given);
      const problem = await checkPhp({ path: named, dialect: 'dev', root: '/w' }, look);
      assert.equal(problem?.text, text);
      // What comes later is not looked at: nothing is asked of a program that is none.
      if (!(path in (given.files ?? {}))) assert.deepEqual(look.asked, []);
    });
  }

  it('is less in the other generation: 5.4, and no extension (RT-14)', async () => {
    const say = (version: string): PretendedMachine => ({
      files: there,
      says: { ...fine, [`${path} -v`]: version },
      env: { APP_ENGINE_PHP_EXTENSION_PATH: '/e.so' },
    });
    const of = (version: string) => checkPhp({ path, dialect: 'internal', root: '/w' }, lookAt(say(version)));
    assert.equal(await of('PHP 5.4.9'), undefined);
    assert.equal((await of('PHP 5.3.9'))?.text, 'The PHP interpreter must be version >= 5.4, 5.3 found');
  });

  it('is asked with next to nothing in the environment (RT-14)', async () => {
    const env = {
      SECRET: 'x',
      SYSTEMROOT: 'C:',
      LD_LIBRARY_PATH: '/l',
      APP_ENGINE_PHP_EXTENSION_PATH: '/e.so',
    };
    const look = lookAt({ files: { ...there, '/e.so': '' }, says: fine, env });
    await checkPhp({ path, dialect: 'dev', root: '/w' }, look);
    assert.deepEqual(
      look.asked.map(({ options }) => options.env),
      [
        { SYSTEMROOT: 'C:', LD_LIBRARY_PATH: '/l' },
        { SYSTEMROOT: 'C:', LD_LIBRARY_PATH: '/l' },
        { SYSTEMROOT: 'C:', LD_LIBRARY_PATH: '/l', APPLICATION_ROOT: '/w' },
      ],
    );
  });

  it('is told to clients on the reference’s page, its message escaped in both cases (RT-15)', () => {
    const start =
      '<html><head><title>Invalid PHP Configuration</title></head><body><title>Invalid PHP Configuration</title>';
    const binary = phpPage('/p', { kind: 'binary', text: 'a <b> & "c"' });
    assert.deepEqual(binary, {
      status: 500,
      headers: [['Content-Type', 'text/html']],
      body: `${start}<b>a &lt;b&gt; &amp; "c"</b></body></html>`,
    });
    const environment = phpPage('/p', { kind: 'environment', text: '<script>' });
    assert.equal(
      environment.body,
      `${start}<b>The PHP interpreter specified with the --php_executable_path  flag (&quot;/p&quot;) is not compatible with the App Engine PHP development environment.</b><br><br><pre>&lt;script&gt;</pre></body></html>`,
    );
  });

  const old = (more: Partial<ServiceSpec> = {}): ServiceSpec =>
    applicationOf(
      { runtime: 'php55' },
      {
        runtime: 'php',
        command: ['run-php', 'x'],
        handshake: 'stdout',
        env: { OWN: '1' },
        interpreter: path,
        ...more,
      },
    );

  it('stops the start of an application of its own runtime, before there is a process (RT-15, RT-30)', async () => {
    const { problem, key, answer } = await refused(old());
    assert.deepEqual([problem.code, key, answer?.status], ['unfit', 'interpreter', 500]);
    assert.match(answer?.body ?? '', /does not exist\.<\/b><\/body><\/html>$/u);
    assert.match(
      (await refused(applicationOf({ runtime: 'php55' }, { runtime: 'php', command: ['x'] }))).answer?.body ??
        '',
      /must be started with/u,
    );
  });

  it('met, leads to a start with all of ours in its environment, and its own variables in what it is told (RT-17)', async () => {
    const plan = await planned(old(), { files: there, says: fine });
    assert.deepEqual(plan.command, ['run-php', 'x']);
    assert.deepEqual(plan.environment, { inherits: 'all', beneath: {}, own: 'left-out', above: {} });
  });

  it('is not asked of the PHP of today', async () => {
    const service = applicationOf(
      { runtime: 'php83' },
      { runtime: 'php', command: ['php', '-S', 'x'], interpreter: '/usr/bin/php' },
    );
    assert.equal((await made(service)).kind, 'plan');
  });
});

describe('Xdebug', () => {
  const files = { '/w/public/index.php': '<?php', '/w/artisan': '<?php' };
  const flags = ['mode=debug', 'start_with_request=yes', 'client_host=127.0.0.1', 'client_port=9003'].flatMap(
    (each) => ['-d', `xdebug.${each}`],
  );
  const loaded = { '/usr/bin/php -m': '[Zend Modules]\nXdebug\n', '/usr/bin/php-cgi -m': 'xdebug\n' };

  it('is switched on by flags of PHP’s own, and calls the editor', async () => {
    assert.equal(php.debugging?.calls, true);
    const server = await planned(
      serviceOf('php -S 127.0.0.1:{port} -t public'),
      { files, says: loaded },
      { debugPort: 9003 },
    );
    assert.deepEqual(server.command, ['php', ...flags, '-S', '127.0.0.1:{port}', '-t', 'public']);
    const cgi = await planned(
      serviceOf('php-cgi -b 127.0.0.1:{port}'),
      { files, says: loaded },
      { debugPort: 9003 },
    );
    assert.deepEqual(cgi.command, ['php-cgi', ...flags, '-b', '127.0.0.1:{port}']);
  });

  it('is told to the PHP that artisan starts by variables', async () => {
    const plan = await planned(serviceOf('php artisan serve'), { files, says: loaded }, { debugPort: 9003 });
    assert.equal(plan.environment?.above['XDEBUG_CONFIG'], 'client_host=127.0.0.1 client_port=9003');
    const other = await planned(serviceOf('symfony serve'), { files }, { debugPort: 9003 });
    assert.equal(other.environment?.above['XDEBUG_MODE'], 'debug');
  });

  it('is loaded where it is only installed, and missed where it is not, by who debugs', async () => {
    const bare = { '/usr/bin/php -m': 'Core\n' };
    const service = serviceOf('php -S 127.0.0.1:{port} -t public');
    const installed = { ...bare, '/usr/bin/php -d zend_extension=xdebug -m': 'Xdebug\n' };
    const plan = await planned(service, { files, says: installed }, { debugPort: 9003 });
    assert.deepEqual(plan.command.slice(0, 3), ['php', '-d', 'zend_extension=xdebug']);
    const missing = await refused(
      service,
      { files, says: { ...bare, '/usr/bin/php -d zend_extension=xdebug -m': 'Core\n' } },
      { debugPort: 9003 },
    );
    assert.ok(missing.problem.code === 'unfit');
    assert.match(missing.problem.params.text, /\/usr\/bin\/php has no extension "xdebug"/u);
    assert.equal((await made(service, { files, says: bare })).kind, 'plan');
  });
});
