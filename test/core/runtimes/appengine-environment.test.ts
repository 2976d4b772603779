/** What the environment of an App Engine application's instance is made of, by its runtime. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppEngineSpec, ProjectSpec, ServiceSpec } from '../../../src/config/spec.ts';
import { environmentFor, variableWarnings } from '../../../src/core/runtimes/appengine/environment.ts';
import type { Aims, EnvironmentRule } from '../../../src/core/runtimes/recipe.ts';
import { applicationOf } from '../../support/application.ts';
import { aimsOf } from '../../support/aims.ts';
import { lookAt } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';

interface Case {
  readonly project: Partial<ProjectSpec> & { readonly runtime: string };
  readonly appengine?: Partial<AppEngineSpec>;
  readonly env?: Readonly<Record<string, string>>;
  readonly inherited?: Readonly<Record<string, string>>;
  readonly aims?: Partial<Aims>;
}

function serviceOf({ project, appengine, env = {} }: Case): ServiceSpec {
  return applicationOf(project, { env }, appengine);
}

const startedAt = new Date(2024, 1, 3, 4, 5, 6).getTime();

function ruleOf(given: Case): EnvironmentRule {
  const inherited = { PATH: '/usr/bin', HOME: '/home/ann', SECRET: 'ours', ...given.inherited };
  const spec = serviceOf(given);
  const look = { ...lookAt({ env: { ...inherited, ...spec.env } }), inherited };
  return environmentFor(spec, aimsOf({ id: '7', startedAt, ...given.aims }), look);
}

/** What the child gets, but for PORT. */
function environmentOf(given: Case): Readonly<Record<string, string>> {
  const { inherits, beneath, own, above } = ruleOf(given);
  const all = { PATH: '/usr/bin', HOME: '/home/ann', SECRET: 'ours', ...given.inherited };
  const from =
    inherits === 'all'
      ? all
      : Object.fromEntries(Object.entries(all).filter(([key]) => inherits.includes(key)));
  const env = given.env ?? {};
  const lower = { ...from, ...beneath };
  const with_ = own === 'left-out' ? lower : own === 'over' ? { ...lower, ...env } : { ...env, ...lower };
  return { ...with_, ...above };
}

const seven = {
  GAE_ENV: 'localdev',
  GAE_INSTANCE: '7',
  GAE_MEMORY_MB: '384',
  GAE_SERVICE: 'shop',
  GAE_VERSION: '20240203t040506',
};

describe('the environment of Node', () => {
  it('is exactly the seven standard variables and those of the file that are none of them (RT-13)', () => {
    const env = { GAE_ENV: 'mine', PATH: '/mine', GREETING: 'hello' };
    assert.deepEqual(environmentOf({ project: { runtime: 'nodejs22' }, env }), {
      ...seven,
      GAE_RUNTIME: 'nodejs22',
      GOOGLE_CLOUD_PROJECT: 'market',
      PATH: '/mine',
      GREETING: 'hello',
    });
    assert.deepEqual(variableWarnings(serviceOf({ project: { runtime: 'nodejs22' }, env })), []);
  });

  it('says the major version where the file has one, and the instance’s id as a text (RT-3, RT-13)', () => {
    const { GAE_VERSION, GAE_INSTANCE } = environmentOf({
      project: { runtime: 'nodejs22', majorVersion: '3' },
      aims: { id: '12' },
    });
    assert.deepEqual([GAE_VERSION, GAE_INSTANCE], ['3', '12']);
  });
});

describe('the environment of modern Python', () => {
  const fixed = {
    PYTHONCOERCECLOCALE: '0',
    LC_CTYPE: 'C.UTF-8',
    PATH: '/usr/bin',
    HOME: '/home/ann',
    PWD: '',
  };

  it('is the standard variables, what little it has of ours, and what the file may set (RT-12)', () => {
    assert.deepEqual(environmentOf({ project: { runtime: 'python312' }, env: { GREETING: 'hello' } }), {
      ...seven,
      ...fixed,
      GAE_RUNTIME: 'python312',
      GOOGLE_CLOUD_PROJECT: 'test',
      PYTHONHASHSEED: 'random',
      GREETING: 'hello',
    });
  });

  it('has its project from the name outside, else from ours, else test (RT-12)', () => {
    const inherited = { GOOGLE_CLOUD_PROJECT: 'of-the-parent' };
    const project = { runtime: 'python312' };
    const named = { ...project, externalName: 'market' };
    assert.deepEqual(
      [
        environmentOf({ project: named, inherited }),
        environmentOf({ project, inherited }),
        environmentOf({ project, env: { GOOGLE_CLOUD_PROJECT: 'of-the-file' } }),
      ].map((env) => env['GOOGLE_CLOUD_PROJECT']),
      ['market', 'of-the-parent', 'test'],
    );
  });

  it('warns of what cannot be overridden, and does not let it be (RT-12)', () => {
    const given = {
      project: { runtime: 'python312' },
      env: { GAE_ENV: 'mine', HOME: '/mine', PYTHONHASHSEED: '0', OTHER: '1' },
    };
    assert.deepEqual(variableWarnings(serviceOf(given)), [
      'Environment variable GAE_ENV is part of the runtime environment and cannot be overridden. Please check the --env_var flag passed to dev_appserver.',
      'Environment variable HOME is part of the runtime environment and cannot be overridden. Please check the --env_var flag passed to dev_appserver.',
    ]);
    const { GAE_ENV, HOME, PYTHONHASHSEED, OTHER } = environmentOf(given);
    assert.deepEqual([GAE_ENV, HOME, PYTHONHASHSEED, OTHER], ['localdev', '/home/ann', '0', '1']);
  });
});

describe('the environment of Python 2.7', () => {
  const given = { project: { runtime: 'python27' }, env: { SECRET: 'theirs', PYTHONHASHSEED: '0' } };

  it('is ours with the file’s variables over it in the current generation (RT-7)', () => {
    const env = environmentOf(given);
    assert.deepEqual([env['SECRET'], env['PYTHONHASHSEED'], env['HOME']], ['theirs', '0', '/home/ann']);
  });

  it('is ours alone in the older one (RT-6)', () => {
    const env = environmentOf({ ...given, appengine: { dialect: 'internal' } });
    assert.deepEqual([env['SECRET'], env['PYTHONHASHSEED']], ['ours', 'random']);
  });
});

describe('the environment of Java', () => {
  it('is its own, a little of ours, and over it what the file says (RT-19)', () => {
    const inherited = { APP_ENGINE_JAVA_PATH: '/opt/sdk', USER: 'ann', TMP: '/tmp' };
    const env = { TZ: 'CET', GREETING: 'hello' };
    const classic = {
      PATH: '/usr/bin',
      USER: 'ann',
      TMP: '/tmp',
      APPLICATION_ID: 'dev~market',
      GAE_SERVICE: 'default',
      GAE_ENV: 'localdev',
      GAE_RUNTIME: 'java8',
      PWD: '/w',
      SDKROOT: '/opt/sdk',
      TZ: 'CET',
      GAE_APPLICATION: 'dev~market',
      GREETING: 'hello',
    };
    assert.deepEqual(environmentOf({ project: { runtime: 'java8' }, inherited, env }), classic);
    const sdk = { ...inherited, SDKROOT: '/mine' };
    const versioned = { runtime: 'java8', majorVersion: '3' };
    assert.deepEqual(environmentOf({ project: versioned, inherited: sdk, env }), {
      ...classic,
      SDKROOT: '/mine',
      GAE_VERSION: '3',
    });
  });

  it('has the pattern of log files last, and only in a virtual machine (RT-19)', () => {
    const key = 'APP_ENGINE_LOG_CONFIG_PATTERN';
    const env = { [key]: 'mine' };
    const machine = environmentOf({ project: { runtime: 'java7', row: 'java-vm', vm: true }, env });
    assert.match(machine[key] ?? '', /gae\/log\.%g$/);
    assert.equal(environmentOf({ project: { runtime: 'java8' }, env })[key], 'mine');
  });

  it('of today is told of the service that it is', () => {
    const env = environmentOf({ project: { runtime: 'java21' }, inherited: { JAVA_HOME: '/opt/jdk' } });
    assert.deepEqual([env['GAE_SERVICE'], env['JAVA_HOME'], env['SECRET']], ['shop', '/opt/jdk', undefined]);
  });
});

describe('the environment of Go', () => {
  const env = { TZ: 'CET', GREETING: 'hello' };
  const inherited = { GOROOT: '/opt/go', USER: 'ann' };

  it('is its own, with the file’s variables over it in the current generation and without them in the older one (RT-25)', () => {
    const own = { GOROOT: '/opt/go', PWD: '/w', TZ: 'UTC', RUN_WITH_DEVAPPSERVER: '1', USER: 'ann' };
    const project = { runtime: 'go' };
    assert.deepEqual(environmentOf({ project, env, inherited }), { ...own, ...env });
    const older = { project, env, inherited, appengine: { dialect: 'internal' } } as const;
    assert.deepEqual(environmentOf(older), own);
  });

  it('is ours for go111, with the variables of a machine and then the file’s (RT-27, RP-41)', () => {
    const all = environmentOf({ project: { runtime: 'go111' }, env: { ...env, GAE_PARTITION: 'mine' } });
    assert.deepEqual(
      [
        all['SECRET'],
        all['RUN_WITH_DEVAPPSERVER'],
        all['GREETING'],
        all['GAE_PARTITION'],
        all['GAE_MODULE_NAME'],
      ],
      ['ours', '1', 'hello', 'mine', 'shop'],
    );
  });

  it('is ours for a Go of today, and says what it runs as', () => {
    const all = environmentOf({ project: { runtime: 'go122' }, env: { GAE_SERVICE: 'mine' } });
    assert.deepEqual(
      [all['SECRET'], all['GAE_SERVICE'], all['GAE_MODULE_NAME']],
      ['ours', 'shop', undefined],
    );
  });
});

describe('the environment of PHP and of a custom runtime', () => {
  it('is ours: PHP’s has the file’s variables over it where no launcher sets them for each request (RT-17)', () => {
    const env = { SECRET: 'theirs' };
    assert.equal(environmentOf({ project: { runtime: 'php72' }, env })['SECRET'], 'theirs');
    assert.equal(environmentOf({ project: { runtime: 'php55' }, env })['SECRET'], 'ours');
  });

  it('is a full copy of ours for a custom one, in which only a machine’s has the file’s variables (RT-4)', () => {
    const env = { SECRET: 'theirs' };
    assert.deepEqual(environmentOf({ project: { runtime: 'custom' }, env }), {
      PATH: '/usr/bin',
      HOME: '/home/ann',
      SECRET: 'ours',
    });
    assert.equal(environmentOf({ project: { runtime: 'custom', vm: true }, env })['SECRET'], 'theirs');
  });
});

describe('the variables of virtual machines', () => {
  const machine = {
    project: { runtime: 'python', environment: 'flexible', row: 'container', vm: true } as const,
    aims: { api: { host: '127.0.0.1', port: 9100 }, doorPort: 8081, id: '7' },
  };
  const keys = [
    'API_HOST',
    'API_PORT',
    'GAE_LONG_APP_ID',
    'GAE_PARTITION',
    'GAE_MODULE_NAME',
    'GAE_MODULE_VERSION',
    'GAE_MINOR_VERSION',
    'GAE_MODULE_INSTANCE',
    'GAE_SERVER_PORT',
    'MODULE_YAML_PATH',
    'SERVER_SOFTWARE',
  ];
  const picked = (env: Readonly<Record<string, string>>) => keys.map((key) => env[key]);

  it('are eleven, all of them texts (RP-41)', () => {
    assert.deepEqual(picked(environmentOf(machine)), [
      '127.0.0.1',
      '9100',
      'dev~market',
      'dev',
      'shop',
      'v1',
      String(Math.floor(startedAt / 1000)),
      '7',
      '8081',
      'app.yaml',
      'Development/2.0',
    ]);
  });

  it('are all there where nobody listens yet (RP-41)', () => {
    const env = environmentOf({ project: machine.project });
    assert.deepEqual(
      keys.filter((key) => typeof env[key] !== 'string'),
      [],
    );
  });

  it('lie over ours and the runtime’s, and under the file’s (RP-41)', () => {
    const inherited = { GAE_PARTITION: 'ours', SERVER_SOFTWARE: 'ours' };
    const env = environmentOf({ ...machine, inherited, env: { GAE_PARTITION: 'theirs' } });
    assert.deepEqual([env['GAE_PARTITION'], env['SERVER_SOFTWARE']], ['theirs', 'Development/2.0']);
  });

  it('are none where there is no machine and no go111 (RP-41)', () => {
    for (const runtime of ['python312', 'nodejs22', 'go122', 'java8', 'php72', 'custom', 'go'])
      assert.equal(environmentOf({ project: { runtime } })['GAE_MODULE_NAME'], undefined, runtime);
  });
});

describe('the environment of a service that comes from no app.yaml', () => {
  it('is ours, and its own over it', () => {
    const rule = environmentFor(specOf({ env: { A: '1' } }), aimsOf(), lookAt());
    assert.deepEqual(rule, { inherits: 'all', beneath: {}, own: 'over', above: {} });
    assert.deepEqual(variableWarnings(specOf({ env: { GAE_ENV: '1' } })), []);
  });
});
