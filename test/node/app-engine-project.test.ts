/** An App Engine project that runs from its own files: the sample workspace, with the real toolchain of each language. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { request as send, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import test, { type TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Runtime } from '../../src/core/runtime.ts';
import { readConfig } from '../../src/host/home.ts';
import { createOutside } from '../../src/node/outside.ts';
import { runtimeIn } from './runtime-support.ts';
import { folderFor, living, until } from './support.ts';

const sample = fileURLToPath(new URL('../workspaces/app-engine', import.meta.url));
const names = ['default', 'bell', 'clock', 'counter', 'greeter', 'news', 'tools'];
const run = promisify(execFile);

const inherited: Readonly<Record<string, string>> = {
  PATH: process.env['PATH'] ?? '',
  HOME: process.env['HOME'] ?? '',
  LEFT_OVER: 'from the parent',
};

interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

class Project {
  readonly folder: string;
  readonly runtime: Runtime;
  readonly #outside = createOutside();

  private constructor(folder: string) {
    this.folder = folder;
    this.runtime = runtimeIn(folder, this.#outside, () => readConfig(folder, undefined), inherited);
  }

  static async open(t: TestContext, fill: (folder: string) => Promise<void>): Promise<Project> {
    const made: Project[] = [];
    // Before the folder goes: whoever still writes a log there would keep it from going.
    t.after(() => Promise.all(made.map((each) => each.#close())));
    const folder = await folderFor(t);
    await fill(folder);
    const project = new Project(folder);
    made.push(project);
    return project;
  }

  async #close(): Promise<void> {
    this.runtime.killAll();
    await this.runtime.shutdown(500);
    await this.#outside.close();
  }

  instancesOf(name: string) {
    return this.runtime.snapshot().services.find((service) => service.name === name)?.instances ?? [];
  }

  async running(wanted: readonly string[]): Promise<void> {
    const others = () =>
      wanted.filter((name) => !this.instancesOf(name).some(({ state }) => state === 'RUNNING'));
    try {
      await until('all of them to run', () => others().length === 0, 45_000);
    } catch (error) {
      const lines = others().map(async (name) => {
        const { lines: said } = await this.runtime.follow(`${name}.0`, 20);
        return `${name}: ${JSON.stringify(this.instancesOf(name))} ${said.map(({ text }) => text).join(' | ')}`;
      });
      throw new Error((await Promise.all(lines)).join('\n'), { cause: error });
    }
  }

  /** Through the front door, under its own name or a service's. */
  ask(target: string, headers: Readonly<Record<string, string>> = {}): Promise<Answered> {
    const { host, port } = new URL(this.runtime.snapshot().frontDoor ?? assert.fail('no front door'));
    return new Promise((resolve, reject) => {
      const asked = send(
        { host: '127.0.0.1', port, path: target, agent: false, headers: { Host: host, ...headers } },
        (response) => {
          let body = '';
          response.setEncoding('utf8').on('data', (piece: string) => (body += piece));
          response.on('error', reject);
          response.on('end', () =>
            resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
          );
        },
      );
      asked.on('error', reject);
      asked.end();
    });
  }

  async environmentOf(name: string): Promise<Readonly<Record<string, string>>> {
    const { status, body } = await this.ask(name === 'default' ? '/env' : `/${name}/env`);
    assert.equal(status, 200, `${name}: ${body}`);
    return JSON.parse(body) as Readonly<Record<string, string>>;
  }
}

/** Without a network nothing can be installed, so the application's own environment has to be there already. */
async function sampleIn(folder: string): Promise<void> {
  await cp(sample, folder, { recursive: true });
  await run('/usr/bin/env', ['python3', '-m', 'venv', '--without-pip', join(folder, 'greeter', '.venv')]);
}

function chosen(
  env: Readonly<Record<string, string>>,
  keys: readonly string[],
): Readonly<Record<string, string>> {
  return Object.fromEntries(keys.map((key) => [key, env[key] ?? '(not set)']));
}

test('an App Engine project with a service in each language opens, starts, answers and stops', async (t) => {
  const project = await Project.open(t, sampleIn);
  const { runtime } = project;
  assert.deepEqual(
    runtime.snapshot().services.map(({ name }) => name),
    names,
  );
  assert.deepEqual(
    runtime.config.problems.map(({ severity, code }) => `${severity} ${code}`),
    ['info app-yaml-differs', 'info app-yaml-differs', 'info app-yaml-differs'],
  );
  await runtime.start({ kind: 'all' });
  // With basic scaling it is the first request that starts an instance.
  await project.running(names.filter((name) => name !== 'counter'));
  assert.deepEqual(
    project.instancesOf('counter').map(({ state, asleep }) => [state, asleep]),
    [['STOPPED', true]],
  );

  await t.test('dispatch.yaml says which paths a service has, and the default has the others', async () => {
    const paths = ['/greeter/', '/counter/', '/news/', '/clock/', '/bell/', '/tools/', '/'];
    const answers = await Promise.all(paths.map((path) => project.ask(path)));
    assert.deepEqual(
      answers.map(({ status, body }) => [
        status,
        body
          .replace(/\d{4}-.*/s, 'now')
          .trim()
          .slice(0, 80),
      ]),
      [
        [200, 'greeter: Hello from Python'],
        [200, 'counter: 2'],
        [200, 'news: the evening edition'],
        [200, 'clock: now'],
        [200, 'bell: ding'],
        [200, 'tools of all kinds: hammer'],
        [200, '<link rel="stylesheet" href="/static/site.css"><h1>default: Welcome</h1><ul><li>'],
      ],
    );
  });

  await t.test('handlers answer with static files and keep those out who are no administrators', async () => {
    const css = await project.ask('/static/site.css');
    assert.deepEqual([css.status, css.headers['x-sample']], [200, 'static']);
    assert.equal(css.headers['cache-control'], 'public, max-age=600');
    const icon = await project.ask('/favicon.ico');
    assert.deepEqual([icon.status, icon.headers['content-type']], [200, 'image/svg+xml']);
    assert.equal((await project.ask('/static/none.css')).status, 404);
    const admin = await project.ask('/admin');
    assert.deepEqual([admin.status, admin.headers.location?.includes('/_ah/login')], [302, true]);
    const allowed = await project.ask('/admin', { Cookie: 'dev_appserver_login=me@example.com:True:1' });
    assert.equal(allowed.body, 'default has let me@example.com in\n');
  });

  await t.test('Node has the seven variables, those that are free, and nothing of ours (RT-13)', async () => {
    const env = await project.environmentOf('default');
    const keys = ['GAE_ENV', 'GAE_MEMORY_MB', 'GAE_RUNTIME', 'GAE_SERVICE', 'GREETING', 'INCLUDED'];
    assert.deepEqual(chosen(env, [...keys, 'FROM_FILE', 'LEFT_OVER', 'HOME']), {
      GAE_ENV: 'localdev',
      GAE_MEMORY_MB: '768',
      GAE_RUNTIME: 'nodejs22',
      GAE_SERVICE: 'default',
      GREETING: 'Welcome',
      INCLUDED: 'yes',
      FROM_FILE: 'beside app.yaml',
      LEFT_OVER: '(not set)',
      HOME: '(not set)',
    });
    assert.match(env['GAE_VERSION'] ?? '', /^\d{8}t\d{6}$/);
    assert.match(env['GAE_INSTANCE'] ?? '', /^[0-9a-f]+$/);
  });

  await t.test('modern Python keeps its own variables, whatever the file says (RT-12)', async () => {
    const env = await project.environmentOf('greeter');
    assert.deepEqual(
      chosen(env, ['LC_CTYPE', 'GREETING', 'GOOGLE_CLOUD_PROJECT', 'PYTHONHASHSEED', 'LEFT_OVER']),
      {
        LC_CTYPE: 'C.UTF-8',
        GREETING: 'Hello from Python',
        GOOGLE_CLOUD_PROJECT: 'test',
        PYTHONHASHSEED: 'random',
        LEFT_OVER: '(not set)',
      },
    );
    assert.equal(env['VIRTUAL_ENV'], join(project.folder, 'greeter', '.venv'));
    const { lines } = await runtime.follow('greeter.0', 100);
    assert.ok(
      lines.some(({ text }) =>
        text.includes(
          'Environment variable LC_CTYPE is part of the runtime environment and cannot be overridden.',
        ),
      ),
    );
  });

  await t.test('Go, PHP, Java and Ruby are told of the service that they are', async () => {
    const told = await Promise.all(
      ['counter', 'news', 'clock', 'bell'].map(async (name) => {
        const env = await project.environmentOf(name);
        return chosen(env, ['GAE_ENV', 'GAE_SERVICE', 'GAE_RUNTIME', 'STEP', 'EDITION', 'ZONE', 'SOUND']);
      }),
    );
    const common = {
      GAE_ENV: 'localdev',
      STEP: '(not set)',
      EDITION: '(not set)',
      ZONE: '(not set)',
      SOUND: '(not set)',
    };
    assert.deepEqual(told, [
      { ...common, GAE_SERVICE: 'counter', GAE_RUNTIME: 'go119', STEP: '2' },
      { ...common, GAE_SERVICE: 'news', GAE_RUNTIME: 'php82', EDITION: 'evening' },
      { ...common, GAE_SERVICE: 'clock', GAE_RUNTIME: 'java17', ZONE: 'UTC' },
      { ...common, GAE_SERVICE: 'bell', GAE_RUNTIME: 'ruby32', SOUND: 'ding' },
    ]);
  });

  await t.test(
    'a custom runtime in the flexible environment has our environment, that of a machine, and its port by {port} (RT-3, RT-4, RP-41)',
    async () => {
      const { told, ...env } = await project.environmentOf('tools');
      assert.deepEqual(
        chosen(env, ['LEFT_OVER', 'TOOLS', 'GAE_MODULE_NAME', 'GAE_PARTITION', 'MODULE_YAML_PATH']),
        {
          LEFT_OVER: 'from the parent',
          TOOLS: 'hammer',
          GAE_MODULE_NAME: 'tools',
          GAE_PARTITION: 'dev',
          MODULE_YAML_PATH: 'app.yaml',
        },
      );
      assert.equal(env['SERVER_SOFTWARE'], 'Development/2.0');
      const url = runtime.snapshot().services.find(({ name }) => name === 'tools')?.url ?? '';
      assert.equal(env['GAE_SERVER_PORT'], new URL(url).port);
      assert.match(env['GAE_MODULE_INSTANCE'] ?? '', /^[0-9a-f]+$/);
      const configuration = JSON.parse(told ?? '') as {
        readonly service: string;
        readonly instance: unknown;
      };
      assert.deepEqual([configuration.service, typeof configuration.instance], ['tools', 'string']);
    },
  );

  await t.test('a new file of a service restarts it, and none of the others', async () => {
    const pidsOf = () => names.map((name) => project.instancesOf(name)[0]?.pid);
    const before = pidsOf();
    await writeFile(join(project.folder, 'other.js'), '// Another file.\n');
    await until('another process', () => {
      const [instance] = project.instancesOf('default');
      return instance?.state === 'RUNNING' && instance.pid !== before[0];
    });
    assert.match((await project.ask('/')).body, /default: Welcome/);
    assert.deepEqual(pidsOf().slice(1), before.slice(1));
  });

  const pids = names.flatMap((name) => project.instancesOf(name).flatMap(({ pid }) => pid ?? []));
  await runtime.stop({ kind: 'all' });
  assert.deepEqual(
    names.filter((name) => project.instancesOf(name).some(({ state }) => state !== 'STOPPED')),
    [],
  );
  assert.deepEqual(await living(pids), []);
});

test('a service whose runtime is retired is told at its line, and the others run', async (t) => {
  const project = await Project.open(t, async (folder) => {
    await mkdir(join(folder, 'old'));
    await mkdir(join(folder, 'new'));
    await writeFile(join(folder, 'old', 'app.yaml'), 'runtime: python27\nservice: old\n');
    await writeFile(
      join(folder, 'new', 'app.yaml'),
      "runtime: custom\nservice: new\nentrypoint: node -e \"require('http').createServer((_, r) => r.end('new')).listen(process.env.PORT, '127.0.0.1')\"\n",
    );
  });
  const { problems } = project.runtime.config;
  assert.deepEqual(
    problems.map(({ file, line, column, code }) => [file.slice(project.folder.length), line, column, code]),
    [['/old/app.yaml', 1, 10, 'retired-runtime']],
  );
  await project.runtime.start({ kind: 'all' });
  await project.running(['new']);
  assert.equal((await project.ask('/')).body, 'new');
});

test('runtimes.yaml may lay its keys over an app.yaml', async (t) => {
  const project = await Project.open(t, async (folder) => {
    await mkdir(join(folder, 'shop'));
    await writeFile(
      join(folder, 'shop', 'app.yaml'),
      'runtime: nodejs22\nentrypoint: node server.js\nenv_variables: { A: theirs, B: theirs }\n',
    );
    await writeFile(
      join(folder, 'shop', 'server.js'),
      `require('http').createServer((q, r) => r.end(process.env.A + ' ' + process.env.B)).listen(process.env.PORT, '127.0.0.1');`,
    );
    await writeFile(
      join(folder, 'runtimes.yaml'),
      'services:\n  shop:\n    appYaml: ./shop/app.yaml\n    env: { A: ours }\n',
    );
  });
  assert.deepEqual(project.runtime.config.problems, []);
  await project.runtime.start({ kind: 'all' });
  await project.running(['shop']);
  assert.equal((await project.ask('/')).body, 'ours theirs');
});
