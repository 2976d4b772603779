/** The recipe of Go: what is built of which files, what stands against it, and what is run then. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { go } from '../../../src/core/runtimes/go.ts';
import { readGoRun } from '../../../src/core/runtimes/go/run-command.ts';
import type { Aims, Build, Plan, Unfit } from '../../../src/core/runtimes/recipe.ts';
import { aimsOf } from '../../support/aims.ts';
import { applicationOf } from '../../support/application.ts';
import { lookAt, type PretendedMachine } from '../../support/look.ts';
import { specOf } from '../../support/spec.ts';

const main = 'package main\n\nfunc main() {}\n';
const files = { '/usr/bin/go': '', '/w/go.mod': 'module x\n\ngo 1.19\n', '/w/main.go': main };
const says = { '/usr/bin/go version': 'go version go1.19.8 linux/amd64\n' };

function machine(more: PretendedMachine = {}): PretendedMachine {
  return { ...more, files: { ...files, ...more.files }, says: { ...says, ...more.says } };
}

function serviceOf(command: string | readonly string[], more: Partial<ServiceSpec> = {}): ServiceSpec {
  const words = typeof command === 'string' ? command.split(' ') : command;
  return specOf({ runtime: 'go', command: words, ...more });
}

async function made(
  service: ServiceSpec,
  given: PretendedMachine = machine(),
  aims: Partial<Aims> = {},
): Promise<Plan | Unfit> {
  return go.plan(service, lookAt(given), aimsOf(aims));
}

async function planned(...args: Parameters<typeof made>): Promise<Plan & { readonly build: Build }> {
  const plan = await made(...args);
  if (plan.kind !== 'plan') assert.fail(JSON.stringify(plan.problem));
  const [build] = plan.builds ?? [];
  return { ...plan, build: build ?? assert.fail('nothing is built') };
}

async function refused(...args: Parameters<typeof made>): Promise<Unfit> {
  const plan = await made(...args);
  return plan.kind === 'unfit' ? plan : assert.fail('it is fit');
}

describe('what "go run" is taken apart into', () => {
  const table: readonly (readonly [string, ReturnType<typeof readGoRun>])[] = [
    ['go run .', { program: 'go', flags: [], packages: ['.'], args: [] }],
    ['go run ./cmd/x --port 8', { program: 'go', flags: [], packages: ['./cmd/x'], args: ['--port', '8'] }],
    ['go run a.go b.go c', { program: 'go', flags: [], packages: ['a.go', 'b.go'], args: ['c'] }],
    [
      'go run -race -tags dev,x --ldflags=-s . -v',
      { program: 'go', flags: ['-race', '-tags', 'dev,x', '--ldflags=-s'], packages: ['.'], args: ['-v'] },
    ],
    ['go1.22.1 run .', { program: 'go1.22.1', flags: [], packages: ['.'], args: [] }],
    ['go run -exec sudo .', undefined],
    ['go run -C other .', undefined],
    ['go run example.com/x@latest', undefined],
    ['go run', undefined],
    ['go test ./...', undefined],
    ['./server', undefined],
  ];
  for (const [command, run] of table) {
    it(`of ${command}`, () => assert.deepEqual(readGoRun(command.split(' ')), run));
  }
});

describe('a service of Go', () => {
  it('is built in its folder to a file of ours, which is run with what stood behind the package (RT-21)', async () => {
    const { command, build } = await planned(serviceOf('go run -race . --port {port}'));
    assert.deepEqual(command, ['/storage/work/api/_ah_exe', '--port', '{port}']);
    assert.deepEqual(build.steps, [
      { argv: ['/usr/bin/go', 'build', '-o', '/storage/work/api/_ah_exe', '-race', '.'], cwd: '/w' },
    ]);
    assert.deepEqual(build.makes, ['/storage/work/api/_ah_exe']);
    assert.equal(build.title, 'go build');
  });

  it('in a shell is run by the shell all the same, where its text is plain', async () => {
    const { command, shell } = await planned(serviceOf(['PORT=1 go run . --at $PORT'], { shell: true }));
    assert.deepEqual([command, shell], [['PORT=1 /storage/work/api/_ah_exe --at $PORT'], true]);
    const other = await made(serviceOf(['go generate && go run .'], { shell: true }));
    assert.deepEqual(other, { kind: 'plan', command: ['go generate && go run .'], builds: [] });
  });

  it('in a shell that sets variables for it is built with them', async () => {
    const given = machine({ env: { PATH: '/usr/bin', GOFLAGS: '-v', SECRET: 'x' } });
    const text = ['GOFLAGS=-tags=dev CGO_ENABLED=0 go run .'];
    const { build, command } = await planned(serviceOf(text, { shell: true, env: { INCLUDE: 'y' } }), given);
    assert.deepEqual(build.steps[0]?.env, {
      PATH: '/usr/bin',
      GOFLAGS: '-tags=dev',
      INCLUDE: 'y',
      CGO_ENABLED: '0',
    });
    assert.deepEqual(command, ['GOFLAGS=-tags=dev CGO_ENABLED=0 /storage/work/api/_ah_exe']);
    const elsewhere = ['GOPATH=/other GO111MODULE=off go run .'];
    const plan = await made(serviceOf(elsewhere, { shell: true }), given);
    assert.deepEqual(plan, { kind: 'plan', command: elsewhere, builds: [] });
  });

  it('with another command, or with "build: false", runs as it is written', async () => {
    const air = await made(serviceOf('air'), {});
    assert.deepEqual(air, { kind: 'plan', command: ['air'], builds: [] });
    const plain = await made(serviceOf('go run .', { build: false }));
    assert.deepEqual(plain, { kind: 'plan', command: ['go', 'run', '.'], builds: [], path: ['/usr/bin'] });
  });

  it('is made from its sources, its module, and what its sources embed (RT-21)', async () => {
    const { build } = await planned(
      serviceOf('go run .'),
      machine({
        files: {
          '/w/web/pages.go': 'package web\n\n//go:embed pages/*.html all:static "a b.txt"\nvar x embed.FS\n',
          '/w/web/pages_test.go': 'package web\n\n//go:embed testing\n',
        },
      }),
    );
    const { root, paths, ignore } = build.inputs;
    assert.equal(root, '/w');
    assert.deepEqual(paths.slice(-6), [
      'web/pages/*.html',
      'web/pages/*.html/**',
      'web/static',
      'web/static/**',
      'web/a b.txt',
      'web/a b.txt/**',
    ]);
    for (const each of ['**/*.go', 'go.mod', 'go.sum']) assert.ok(paths.includes(each));
    assert.ok(ignore.includes('**/*_test.go'));
  });

  it('leaves out what an app.yaml skips or does not build, by the path below the application (RT-21)', async () => {
    const service = applicationOf(
      { runtime: 'go122', skipFiles: [String.raw`^(.*/)?.*_gen\.go$`], noBuildFiles: ['^old/'] },
      { runtime: 'go', command: ['go', 'run', '.'], cwd: '/w/web' },
    );
    const { build } = await planned(service, machine({ files: { '/w/web/main.go': main } }));
    const { except } = build.inputs;
    const paths = ['web/x_gen.go', 'x_gen.go', 'web/old/a.go', 'web/older/a.go', 'web/main.go'];
    assert.deepEqual(
      paths.filter((path) => except?.(path) === true),
      ['web/x_gen.go', 'web/old/a.go'],
    );
  });

  it('may be a package that lies beside its folder, in which no source has to be', async () => {
    const given = machine({ files: { '/w/web/x.txt': '' } });
    const { build } = await planned(serviceOf('go run ../', { cwd: '/w/web' }), given);
    assert.deepEqual(build.steps[0]?.argv.at(-1), '../');
  });

  for (const at of ['', 'sub/node_modules/x/']) {
    it(`without a source cannot be built, in the reference’s words (RT-21) ${at}`, async () => {
      const service = serviceOf('go run .', { cwd: '/w/empty', profile: 'appengine' });
      const unfit = await refused(service, machine({ files: { [`/w/empty/${at}x.txt`]: '' } }));
      assert.equal(unfit.problem.code, 'unfit');
      assert.ok('text' in unfit.problem.params);
      assert.equal(unfit.problem.params.text, 'no .go files found in /w/empty');
      assert.equal(
        unfit.answer?.body,
        'The Go application could not be built.\n\nno .go files found in /w/empty',
      );
    });
  }

  it('whose package is no program says so in the reference’s words (RT-24)', async () => {
    const unfit = await refused(
      serviceOf('go run .'),
      machine({ files: { '/w/main.go': '// Package main is none.\npackage lib\n', '/w/a_test.go': main } }),
    );
    assert.ok('text' in unfit.problem.params);
    assert.match(
      unfit.problem.params.text,
      /^Your Go app must use "package main" and must provide a main function/u,
    );
    // A tool that lies beside a library is left out of its build, and so makes no program of it.
    const mixed = machine({
      files: { '/w/main.go': 'package lib\n', '/w/gen.go': `//go:build ignore\n\n${main}` },
    });
    assert.equal((await refused(serviceOf('go run .'), mixed)).problem.code, 'unfit');
    assert.equal(
      (await made(serviceOf('go run gen.go'), machine({ files: { '/w/gen.go': main } }))).kind,
      'plan',
    );
  });

  it('whose package is not there names it', async () => {
    const unfit = await refused(serviceOf('go run ./cmd/api'));
    assert.deepEqual(unfit.problem.params, {
      service: 'api',
      entry: './cmd/api',
      looked: '/w/cmd/api',
      way: 'Let "command" name the package that has the program, as in "go run ./cmd/server".',
    });
  });

  it('has one program for each service, whatever they have in common (RT-29)', async () => {
    const one = await planned(serviceOf('go run .', { name: 'one' }), machine(), { workFolder: '/s/one' });
    const two = await planned(serviceOf('go run .', { name: 'two' }), machine(), { workFolder: '/s/two' });
    assert.notEqual(one.build.id, two.build.id);
    assert.deepEqual([...one.build.makes, ...two.build.makes], ['/s/one/_ah_exe', '/s/two/_ah_exe']);
  });
});

describe('a build of Go that fails', () => {
  it('has the text of a builder that failed, and the page of three parts (RT-22, RT-23, RT-24)', async () => {
    const { build } = await planned(serviceOf('go run .'));
    const [step] = build.steps;
    assert.ok(step !== undefined);
    const failure = build.failure({ step, exit: { code: 2 }, stdout: 'out', stderr: 'err' });
    const text = '(Executed command: /usr/bin/go build -o /storage/work/api/_ah_exe .)\nout\nerr';
    assert.deepEqual(failure, {
      ending: 'exited with code 2',
      text,
      answer: {
        status: 500,
        headers: [['Content-Type', 'text/plain; charset=utf-8']],
        body: `The Go application could not be built.\n\n${text}`,
      },
    });
    const gone = build.failure({ step, reason: 'there is none', stdout: '', stderr: '' });
    assert.equal(gone.text, 'go not found.\nthere is none');
  });
});

describe('the go command', () => {
  const nothing = { files: { '/w/main.go': main } };
  const where: readonly (readonly [string, PretendedMachine, Partial<ServiceSpec>, string])[] = [
    [
      'that GOROOT has',
      {
        env: { GOROOT: '/g' },
        files: { '/g/bin/go': '', '/usr/bin/go': '', '/g/src/': '', '/g/pkg/tool/linux_amd64/compile': '' },
      },
      {},
      '/g/bin/go',
    ],
    [
      'that the editor has selected',
      { chosen: { go: '/sel/go' }, files: { '/sel/go': '', '/usr/bin/go': '' } },
      {},
      '/sel/go',
    ],
    [
      'that the file names',
      { files: { '/opt/go/bin/go': '', '/usr/bin/go': '' } },
      { interpreter: '/opt/go/bin/go' },
      '/opt/go/bin/go',
    ],
    ['that the PATH has', { files: { '/usr/bin/go': '', '/usr/local/go/bin/go': '' } }, {}, '/usr/bin/go'],
    [
      'that its installer has put down',
      { files: { '/usr/local/go/bin/go': '' } },
      {},
      '/usr/local/go/bin/go',
    ],
    [
      'of a version of its own',
      { files: { '/home/ann/go/bin/go1.22.1': '', '/usr/bin/go': '' } },
      { command: ['go1.22.1', 'run', '.'] },
      '/home/ann/go/bin/go1.22.1',
    ],
  ];
  for (const [what, given, service, path] of where) {
    it(`is the one ${what}`, async () => {
      const { build } = await planned(serviceOf('go run .', service), {
        ...given,
        files: { ...nothing.files, ...given.files },
      });
      assert.equal(build.steps[0]?.argv[0], path);
    });
  }

  it('that is nowhere is told with where was looked, and to clients in the reference’s words (RT-24)', async () => {
    const unfit = await refused(serviceOf('go run .'), nothing);
    assert.equal(unfit.problem.code, 'missing-program');
    assert.ok('looked' in unfit.problem.params && Array.isArray(unfit.problem.params.looked));
    assert.deepEqual(unfit.problem.params.looked.slice(0, 2), ['/usr/bin', '/usr/local/go/bin']);
    assert.match(unfit.answer?.body ?? '', /^The Go application could not be built\.\n\ngo not found\.\n./u);
  });

  const roots: readonly (readonly [string, Readonly<Record<string, string>>, string])[] = [
    ['is not there', {}, 'Required Go components are missing from the SDK.'],
    ['has no compiler', { '/g/src/': '' }, 'No known compiler found in goroot (/g)'],
    ['has no packages', { '/g/pkg/tool/linux_amd64/compile': '' }, 'No package path found in goroot (/g)'],
  ];
  for (const [what, inRoot, text] of roots) {
    it(`with a GOROOT that ${what} builds nothing (RT-24)`, async () => {
      const unfit = await refused(serviceOf('go run .'), machine({ env: { GOROOT: '/g' }, files: inRoot }));
      assert.ok('text' in unfit.problem.params);
      assert.equal(unfit.problem.params.text, text);
      assert.equal(unfit.answer?.body, `The Go application could not be built.\n\n${text}`);
    });
  }

  const versions: readonly (readonly [
    mod: string,
    version: string,
    toolchain: string,
    wanted: string | undefined,
  ])[] = [
    // Old ones try what they can, and refuse only what they cannot read.
    ['go 1.22', '1.19.8', '', undefined],
    ['go 1.22.0', '1.19.8', '', '1.21 or later (1.22.0)'],
    ['go 1.20\ntoolchain go1.22.1', '1.20.3', '', '1.21 or later (go1.22.1)'],
    // Later ones fetch what is asked for, unless they must not.
    ['go 1.24', '1.22.0', 'auto', undefined],
    ['go 1.24', '1.22.0', 'local', '1.24'],
    ['go 1.21', '1.22.0', 'local', undefined],
  ];
  for (const [mod, version, toolchain, wanted] of versions) {
    it(`of ${version}${toolchain === '' ? '' : ` with GOTOOLCHAIN=${toolchain}`} and ${JSON.stringify(mod)} is ${wanted === undefined ? 'tried' : 'refused'}`, async () => {
      const plan = await made(
        serviceOf('go run .'),
        machine({
          files: { '/w/go.mod': `module x\n\n${mod}\n` },
          says: {
            '/usr/bin/go version': `go version go${version} linux/amd64`,
            '/usr/bin/go env GOTOOLCHAIN': `${toolchain}\n`,
          },
        }),
      );
      assert.equal(plan.kind, wanted === undefined ? 'plan' : 'unfit');
      if (plan.kind !== 'unfit') return;
      assert.ok('wanted' in plan.problem.params);
      assert.equal(plan.problem.params.wanted, wanted);
      assert.equal(plan.places?.[0]?.file, '/w/go.mod');
    });
  }
});

describe('folders besides the application’s own (RT-28)', () => {
  const inPath = { '/home/ann/go/src/x/main.go': main, '/home/ann/go/src/y/y.go': '', '/usr/bin/go': '' };
  const cwd = '/home/ann/go/src/x';

  it('are the module’s, where go.mod lies above; for App Engine that is a warning (RT-28)', async () => {
    const given = machine({ files: { '/w/web/main.go': main } });
    const plain = await planned(serviceOf('go run .', { cwd: '/w/web' }), given);
    assert.equal(plain.build.inputs.root, '/w');
    assert.deepEqual(plain.warnings, undefined);
    const service = applicationOf(
      { runtime: 'go122' },
      { runtime: 'go', command: ['go', 'run', '.'], cwd: '/w/web' },
    );
    assert.deepEqual((await planned(service, given)).warnings, [
      "/w/go.mod lies above the application's root /w/web.",
    ]);
  });

  const table: readonly (readonly [string, PretendedMachine, string, readonly string[]])[] = [
    ['each src of GOPATH, in GOPATH without a module', { files: inPath }, cwd, ['/home/ann/go/src']],
    [
      'each src of GOPATH that there is, with modules off',
      {
        files: { ...inPath, '/p/src/': '', '/w/a.go': main },
        env: { GO111MODULE: 'off', GOPATH: '/p:/gone' },
      },
      '/w',
      ['/p/src'],
    ],
    [
      'nothing of a module, with modules off',
      machine({
        env: { GO111MODULE: 'off', GOPATH: '/p' },
        files: { '/w/go.mod': 'module x\nreplace a => ../a\n' },
      }),
      '/w',
      [],
    ],
    ['none, outside of GOPATH without a module', { files: { '/usr/bin/go': '', '/w/a.go': main } }, '/w', []],
    ['none, in GOPATH with modules on', { files: inPath, env: { GO111MODULE: 'on' } }, cwd, []],
    [
      'what go.mod takes from a folder',
      { files: { ...files, '/w/go.mod': 'module x\nreplace a => ../a\nreplace (\n\tb v1 => ./b\n)\n' } },
      '/w',
      ['/a'],
    ],
    [
      'what go.work uses',
      {
        files: {
          '/usr/bin/go': '',
          '/r/go.work': 'go 1.20\nuse (\n\t./one\n\t./two\n)\n',
          '/r/one/go.mod': 'module x',
          '/r/one/a.go': main,
        },
      },
      '/r/one',
      ['/r/two', '/r/go.work'],
    ],
  ];
  for (const [what, given, folder, beside] of table) {
    it(`are ${what} (RT-28)`, async () => {
      const { build } = await planned(serviceOf('go run .', { cwd: folder }), given);
      assert.deepEqual(build.inputs.beside ?? [], beside);
    });
  }
});

describe('an application of App Engine in Go', () => {
  it('in a virtual machine has its build tag, and a compiler that sees more than it does (RT-25, RT-27)', async () => {
    const service = applicationOf(
      { runtime: 'go', environment: 'flexible', vm: true },
      { runtime: 'go', command: ['go', 'run', '.'], env: { OWN: '1' }, handshake: 'reverse' },
    );
    const { build, environment } = await planned(
      service,
      machine({ env: { HOME: '/home/ann', TERM_X: 'no', GOFLAGS: '-v' } }),
    );
    assert.deepEqual(build.steps[0]?.argv.slice(1), [
      'build',
      '-o',
      '/storage/work/api/_ah_exe',
      '-tags',
      'appenginevm',
      '.',
    ]);
    assert.deepEqual(build.steps[0]?.env, { PATH: '/usr/bin', HOME: '/home/ann', GOFLAGS: '-v' });
    assert.deepEqual(environment?.inherits, ['SYSTEMROOT', 'USER']);
    assert.equal(environment?.own, 'over');
    assert.equal(environment?.beneath['RUN_WITH_DEVAPPSERVER'], '1');
  });

  it('of go111 inherits all of ours, and is built from its main package (RT-27)', async () => {
    const service = applicationOf(
      { runtime: 'go111' },
      { runtime: 'go', command: ['go', 'run', './web'], handshake: 'reverse' },
    );
    const { build, environment } = await planned(service, machine({ files: { '/w/web/main.go': main } }));
    assert.equal(build.steps[0]?.argv.at(-1), './web');
    assert.equal(environment?.inherits, 'all');
  });
});

describe('Delve', () => {
  const withDelve = machine({ files: { '/home/ann/go/bin/dlv': '' } });

  it('runs a program of its own, which was built without optimisation', async () => {
    const { command, build } = await planned(serviceOf('go run . --x'), withDelve, { debugPort: 4000 });
    assert.deepEqual(command, [
      ...['/home/ann/go/bin/dlv', 'exec', '/storage/work/api/_ah_exe_debug', '--headless'],
      ...['--listen=127.0.0.1:4000', '--api-version=2', '--accept-multiclient', '--continue', '--', '--x'],
    ]);
    assert.ok(build.steps[0]?.argv.includes('-gcflags=all=-N -l'));
  });

  it('runs a program that is named by its path, and nothing else', async () => {
    const plan = await made(serviceOf('./bin/api --x'), withDelve, { debugPort: 4000 });
    assert.deepEqual(plan.kind === 'plan' ? plan.command.slice(0, 3) : plan, [
      '/home/ann/go/bin/dlv',
      'exec',
      './bin/api',
    ]);
    assert.equal((await refused(serviceOf('air'), withDelve, { debugPort: 4000 })).problem.code, 'unfit');
  });

  it('is missed only by who debugs', async () => {
    assert.equal((await made(serviceOf('go run .'))).kind, 'plan');
    const { problem } = await refused(serviceOf('go run .'), machine(), { debugPort: 4000 });
    assert.equal(problem.code, 'missing-program');
    assert.ok('install' in problem.params);
    assert.match(problem.params.install, /go install github\.com\/go-delve/u);
  });

  it('says where it listens', () => {
    assert.deepEqual(go.debugging?.address?.('API server listening at: 127.0.0.1:4000'), {
      host: '127.0.0.1',
      port: 4000,
    });
    assert.deepEqual(go.debugging?.address?.('API server listening at: [::1]:4000'), {
      host: '::1',
      port: 4000,
    });
    assert.equal(go.debugging?.address?.('listening at: 127.0.0.1:4000'), undefined);
  });
});
