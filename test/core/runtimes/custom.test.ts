/** Recipes for any command: custom and generic, builds that a file describes, and what other extensions bring. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { RecipeDefinition } from '../../../src/config/registered.ts';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { custom, generic } from '../../../src/core/runtimes/custom.ts';
import { ownBuilds } from '../../../src/core/runtimes/own-build.ts';
import type { Aims, Plan, Unfit } from '../../../src/core/runtimes/recipe.ts';
import { recipeOf } from '../../../src/core/runtimes/recipes.ts';
import { registeredRecipe } from '../../../src/core/runtimes/registered.ts';
import { aimsOf } from '../../support/aims.ts';
import { applicationOf } from '../../support/application.ts';
import { lookAt, type PretendedMachine } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';

describe('a custom service', () => {
  for (const recipe of [custom, generic]) {
    it(`runs as it is written, placeholders and all, with nothing looked at (${recipe.name}) (RT-4)`, async () => {
      const look = lookAt();
      const command = ['./server', 'two words', '{port}'];
      assert.deepEqual(await recipe.plan(specOf({ command }), look, aimsOf()), {
        kind: 'plan',
        command,
        builds: [],
      });
      assert.deepEqual(look.asked, []);
      assert.equal(recipe.debugging, undefined);
    });
  }

  it('of App Engine has a copy of our environment, and its own variables only as a machine (RT-4)', async () => {
    const of = async (vm: boolean): Promise<Plan> => {
      const service = applicationOf({ runtime: 'custom', vm }, { command: ['./server'], env: { OWN: '1' } });
      const plan = await custom.plan(service, lookAt(), aimsOf());
      return plan.kind === 'plan' ? plan : assert.fail();
    };
    assert.deepEqual((await of(false)).environment, {
      inherits: 'all',
      beneath: {},
      own: 'left-out',
      above: {},
    });
    const machine = (await of(true)).environment;
    assert.equal(machine?.own, 'over');
    assert.equal(machine.beneath['GAE_MODULE_NAME'], 'shop');
  });

  it('is what a word means that nobody knows', () => assert.equal(recipeOf('cobol').name, 'custom'));
});

describe('a build that the file describes', () => {
  const build = {
    command: ['make', 'all the things'],
    inputs: ['src/**'],
    outputs: ['/w/bin/a[1]', '/elsewhere/b'],
  };

  it('is one step in the service’s folder, and what it makes asks for no other one', () => {
    const [made, ...others] = ownBuilds(specOf({ build }));
    assert.deepEqual(others, []);
    assert.equal(made?.title, "make 'all the things'");
    assert.deepEqual(made.steps, [{ argv: ['make', 'all the things'], cwd: '/w' }]);
    assert.deepEqual(made.makes, build.outputs);
    assert.deepEqual([made.inputs.root, made.inputs.paths], ['/w', ['src/**']]);
    assert.equal(made.inputs.ignore.at(-1), String.raw`bin/a\[1\]`);
    assert.ok(made.inputs.ignore.includes('node_modules/**'));
  });

  it('is none where the file names none, or forbids it', () => {
    assert.deepEqual([ownBuilds(specOf({})), ownBuilds(specOf({ build: false }))], [[], []]);
  });

  for (const [runtime, program] of Object.entries({
    node: 'node',
    python: 'python3',
    ruby: 'ruby',
    go: './server',
    java: 'java',
    php: 'php',
    custom: './server',
  })) {
    it(`is built before its start, whatever the recipe (${runtime})`, async () => {
      const look = lookAt({ files: { [`/usr/bin/${program}`]: '' }, env: { PATH: '/usr/bin' } });
      const service = specOf({
        runtime,
        command: [program, 'made/start'],
        build: { command: ['make'], inputs: [], outputs: ['/w/made/start'] },
      });
      const plan = await recipeOf(runtime)?.plan(service, look, aimsOf());
      assert.deepEqual(plan?.kind === 'plan' ? plan.builds?.map(({ title }) => title) : plan, ['make']);
    });
  }

  it('is another one for each service, and says how it ended', () => {
    const [[one], [two]] = [ownBuilds(specOf({ name: 'a', build })), ownBuilds(specOf({ name: 'b', build }))];
    assert.notEqual(one?.id, two?.id);
    const [step] = one?.steps ?? [];
    assert.ok(one !== undefined && step !== undefined);
    const killed = one.failure({ step, exit: { signal: 'SIGKILL' }, stdout: '', stderr: '' });
    assert.equal(killed.ending, 'was killed by SIGKILL');
    const missing = one.failure({ step, reason: 'there is no "make"', stdout: '', stderr: '' });
    assert.equal(missing.ending, 'could not be run: there is no "make"');
  });
});

// -------------------------------------------------------------------------------------------------- registered

const deno: RecipeDefinition = {
  name: 'deno',
  title: 'Deno',
  programs: ['deno'],
  command: 'deno run -A main.ts',
  env: { DENO_DIR: '/cache' },
  checks: [
    {
      program: 'deno',
      atLeast: '1.40',
      versionArguments: ['-V'],
      install: 'Install Deno from https://deno.com.',
    },
    { file: 'deno.json', way: 'Run "deno init".' },
  ],
  build: { command: "deno cache 'main file.ts'", inputs: ['**/*.ts'], outputs: ['cache.json'] },
  debug: {
    args: ['--inspect=127.0.0.1:{port}'],
    env: { DENO_INSPECT: '{port}' },
    listening: String.raw`listening on ws://(?<host>[\d.]+):(?<port>\d+)`,
    attach: { type: 'node' },
  },
};

const machine: PretendedMachine = {
  files: { '/usr/bin/deno': '', '/w/deno.json': '{}' },
  says: { '/usr/bin/deno -V': 'deno 1.46.3\n' },
};

async function made(
  service: Partial<ServiceSpec> = {},
  {
    given = machine,
    aims = {},
    recipe = deno,
  }: { given?: PretendedMachine; aims?: Partial<Aims>; recipe?: RecipeDefinition } = {},
): Promise<Plan | Unfit> {
  const spec = specOf({ runtime: 'deno', command: ['deno', 'run', 'main.ts'], ...service });
  return registeredRecipe(recipe).plan(spec, lookAt(given), aimsOf(aims));
}

async function planned(...args: Parameters<typeof made>): Promise<Plan> {
  const plan = await made(...args);
  return plan.kind === 'plan' ? plan : assert.fail(JSON.stringify(plan.problem));
}

describe('a recipe that another extension brings', () => {
  it('is found by its name, but never in place of one of ours', () => {
    assert.equal(recipeOf('deno', [deno]).title, 'Deno');
    assert.equal(recipeOf('go', [{ ...deno, name: 'go' }]).title, 'Go');
  });

  it('has its variables beneath the service’s, and its build with words in quotes', async () => {
    const plan = await planned();
    assert.deepEqual(plan.command, ['deno', 'run', 'main.ts']);
    assert.deepEqual(plan.environment, {
      inherits: 'all',
      beneath: { DENO_DIR: '/cache' },
      own: 'over',
      above: {},
    });
    assert.deepEqual(plan.builds?.[0]?.steps[0]?.argv, ['deno', 'cache', 'main file.ts']);
    assert.deepEqual(plan.builds[0]?.makes, ['/w/cache.json']);
    const own = { command: ['make'], inputs: [], outputs: [] };
    assert.deepEqual(
      (await planned({ build: own })).builds?.map(({ title }) => title),
      ['make'],
    );
    assert.deepEqual((await planned({ build: false })).builds, []);
  });

  const checks: readonly (readonly [string, PretendedMachine, string])[] = [
    ['a program', { files: { '/w/deno.json': '' } }, 'missing-program'],
    ['a version', { ...machine, says: { '/usr/bin/deno -V': 'deno 1.9.0' } }, 'wrong-version'],
    ['a file', { ...machine, files: { '/usr/bin/deno': '' } }, 'missing-entry'],
  ];
  for (const [what, given, code] of checks) {
    it(`misses ${what} before the start`, async () => {
      const plan = await made({}, { given });
      assert.equal(plan.kind === 'unfit' ? plan.problem.code : plan, code);
    });
  }

  it('takes a version that cannot be told for good enough', async () => {
    await planned({}, { given: { ...machine, says: { '/usr/bin/deno -V': 'canary' } } });
  });

  it('is debugged with what it says, its port filled in', async () => {
    const plan = await planned({}, { aims: { debugPort: 9229 } });
    assert.deepEqual(plan.command, ['deno', '--inspect=127.0.0.1:9229', 'run', 'main.ts']);
    assert.deepEqual(plan.environment?.above, { DENO_INSPECT: '9229' });
    const address = registeredRecipe(deno).debugging?.address;
    assert.deepEqual(address?.('Debugger listening on ws://127.0.0.1:9229/x'), {
      host: '127.0.0.1',
      port: 9229,
    });
    assert.equal(address?.('nothing'), undefined);
    const of = (port: string, before = ''): unknown =>
      address?.(`${before}listening on ws://127.0.0.1:${port}`);
    assert.deepEqual(
      [of('0'), of('65536'), of('1'.repeat(400)), of('1', ' '.repeat(5000))],
      Array(4).fill(undefined),
    );
  });

  it('is not debugged under a command that is another program’s, unless variables say how', async () => {
    const byTask = { command: ['task', 'dev'] };
    assert.deepEqual((await planned(byTask, { aims: { debugPort: 9 } })).command, ['task', 'dev']);
    const { env: _none, ...bare } = deno.debug ?? assert.fail();
    const plan = await made(byTask, { aims: { debugPort: 9 }, recipe: { ...deno, debug: bare } });
    assert.equal(plan.kind === 'unfit' ? plan.problem.code : plan, 'unfit');
  });

  it('runs by the program that the file names', async () => {
    const given = { files: { ...machine.files, '/o/deno-canary': '' }, says: { '/o/deno-canary -V': '2.0' } };
    const plan = await planned({ interpreter: '/o/deno-canary' }, { given, aims: { debugPort: 9 } });
    assert.deepEqual(plan.command.slice(0, 2), ['/o/deno-canary', '--inspect=127.0.0.1:9']);
  });
});
