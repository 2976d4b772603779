/** What is built once is not built again; what failed is not tried again; nobody builds the same twice at once. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { BuildEvent } from '../../../src/core/runtimes/build-events.ts';
import { type BuildEnd, Builds, type BuildTicket } from '../../../src/core/runtimes/builds.ts';
import type { Build, BuildInputs } from '../../../src/core/runtimes/recipe.ts';
import { World } from '../../support/world.ts';

const inputs: BuildInputs = { root: '/w', paths: ['**/*.go'], ignore: ['vendor'] };

function buildOf(part: Partial<Build> = {}): Build {
  return {
    id: 'go',
    title: 'go build',
    steps: [{ argv: ['go', 'build'], cwd: '/w' }],
    makes: ['/built/api/app'],
    inputs,
    read: (printed) =>
      printed.includes('main.go:3')
        ? [{ severity: 'error', message: 'undefined: x', place: { file: '/w/main.go', line: 3, column: 1 } }]
        : [],
    failure: ({ exit, reason }) => ({
      ending: reason === undefined ? `exited with code ${exit?.code ?? 0}` : `could not be run: ${reason}`,
      text: 'the compiler is not pleased',
    }),
    ...part,
  };
}

class Yard {
  readonly world: World;
  readonly events: BuildEvent[] = [];
  readonly said: string[] = [];
  readonly heard: string[] = [];
  readonly builds: Builds;

  constructor(world = new World()) {
    this.world = world;
    world.texts.set('/w/main.go', 'package main');
    this.builds = new Builds({
      outside: world,
      told: (event) => this.events.push(event),
      say: (level, text) => this.said.push(`${level} ${text}`),
    });
  }

  order(build = buildOf(), service = 'api', own: Readonly<Record<string, string>> = {}): BuildTicket {
    return this.builds.order({
      build,
      service,
      instance: `${service}.0`,
      language: 'Go',
      workFolder: `/built/${service}`,
      env: { PATH: '/bin' },
      own,
      begun: () => this.heard.push('begun'),
      said: (lines) => {
        this.heard.push(...lines.map(({ text }) => text));
        return undefined;
      },
    });
  }

  /** Orders one, and has its one step end. */
  async built(exit: { code?: number } = { code: 0 }, build = buildOf()): Promise<BuildEnd> {
    const ticket = this.order(build);
    await this.world.settle();
    this.world.texts.set('/built/api/app', 'elf');
    this.world.step.end(exit);
    return ticket.end;
  }

  /** Orders one of which nothing has to be done. */
  async known(build = buildOf(), own: Readonly<Record<string, string>> = {}): Promise<BuildEnd> {
    const before = this.world.steps.length;
    const end = await this.order(build, 'api', own).end;
    assert.equal(this.world.steps.length, before, 'something was run');
    return end;
  }

  /** Whether an order leads to a run, which is then called off. */
  async runs(build = buildOf(), own: Readonly<Record<string, string>> = {}): Promise<boolean> {
    const before = this.world.steps.length;
    const ticket = this.order(build, 'api', own);
    await this.world.settle();
    const isRun = this.world.steps.length > before;
    ticket.cancel();
    await ticket.end;
    return isRun;
  }
}

describe('builds', () => {
  it('build with the first order, and not again as long as nothing has changed (RT-21)', async () => {
    const yard = new Yard();
    assert.deepEqual(await yard.built(), { kind: 'done' });
    assert.deepEqual(yard.world.step.call, { argv: ['go', 'build'], cwd: '/w', env: { PATH: '/bin' } });
    assert.deepEqual(await yard.known(), { kind: 'done' });
    assert.deepEqual(
      yard.events.map(({ outcome, title, instance }) => [outcome, title, instance]),
      [
        ['started', 'go build', 'api.0'],
        ['done', 'go build', 'api.0'],
      ],
    );
    assert.deepEqual(yard.heard, ['begun', '> go build', 'go build: done in 0.0 s']);
  });

  it('print the command as it can be pasted, and last how it ended and after how long', async () => {
    const yard = new Yard();
    const step = { argv: ['go', 'build', '-gcflags=all=-N -l', "./it's"], cwd: '/w' } as const;
    const ticket = yard.order(buildOf({ steps: [step] }));
    await yard.world.settle();
    await yard.world.pass(640);
    yard.world.step.end({ code: 1 });
    assert.equal((await ticket.end).kind, 'failed');
    assert.deepEqual(yard.heard, [
      'begun',
      String.raw`> go build '-gcflags=all=-N -l' './it'\''s'`,
      'go build: failed after 0.6 s',
    ]);
  });

  for (const [what, change] of [
    ['a file has another time', (world: World) => world.touched.set('/w/main.go', 7)],
    ['a file has another size', (world: World) => world.texts.set('/w/main.go', 'package other')],
    ['a file is new', (world: World) => world.texts.set('/w/lib/lib.go', '')],
    ['a file is gone', (world: World) => world.texts.delete('/w/main.go')],
    ['what it makes is gone', (world: World) => world.texts.delete('/built/api/app')],
  ] as const) {
    it(`build again when ${what} (RT-21)`, async () => {
      const yard = new Yard();
      await yard.built();
      change(yard.world);
      assert.ok(await yard.runs());
    });
  }

  it('build again when something beside the root has changed, be it a file or a folder (RT-28)', async () => {
    const build = buildOf({ inputs: { ...inputs, beside: ['/go.mod', '/gopath/src'] } });
    const yard = new Yard();
    yard.world.texts.set('/gopath/src/lib/a.go', '');
    await yard.built({ code: 0 }, build);
    await yard.known(build);
    yard.world.texts.set('/gopath/src/lib/b.go', '');
    assert.ok(await yard.runs(build));
    await yard.built({ code: 0 }, build);
    yard.world.texts.set('/go.mod', 'module x');
    assert.ok(await yard.runs(build));
  });

  it('build again when they are run in another way, or with other variables of the service', async () => {
    const yard = new Yard();
    await yard.built();
    assert.ok(await yard.runs(buildOf({ steps: [{ argv: ['go', 'build', '-race'], cwd: '/w' }] })));
    await yard.built();
    assert.ok(await yard.runs(buildOf(), { CGO_ENABLED: '0' }));
  });

  it('leave alone what is ignored, excepted or no input', async () => {
    const build = buildOf({ inputs: { ...inputs, except: (path) => path.startsWith('gen/') } });
    const yard = new Yard();
    await yard.built({ code: 0 }, build);
    for (const path of ['/w/readme.md', '/w/vendor/x.go', '/w/gen/x.go', '/other/x.go'])
      yard.world.texts.set(path, '');
    assert.deepEqual(await yard.known(build), { kind: 'done' });
  });

  it('are known to the next session by a file in the work folder', async () => {
    const yard = new Yard();
    await yard.built();
    const next = new Yard(yard.world);
    assert.deepEqual(await next.known(), { kind: 'done' });
    yard.world.texts.set('/built/api/builds.json', 'not { json');
    assert.ok(await new Yard(yard.world).runs());
  });

  it('do not count as made before they are: neither when they fail nor when a session ends in between', async () => {
    const yard = new Yard();
    await yard.built();
    yard.world.texts.set('/w/main.go', 'package main // changed');
    yard.order();
    await yard.world.settle();
    // The old state comes back, and the session is over: what the tool has made meanwhile nobody knows.
    yard.world.texts.set('/w/main.go', 'package main');
    assert.ok(await new Yard(yard.world).runs());
  });

  it('fail once, and are not tried again before an input changes (RT-22)', async () => {
    const yard = new Yard();
    const failing = yard.order();
    await yard.world.settle();
    yard.world.step.print('./main.go:3: undefined: x');
    yard.world.step.end({ code: 2 });
    const end = await failing.end;
    assert.ok(end.kind === 'failed');
    assert.equal(end.failed.failure.ending, 'exited with code 2');
    assert.deepEqual(end.failed.printed, ['./main.go:3: undefined: x']);
    assert.equal(end.failed.messages[0]?.message, 'undefined: x');
    assert.deepEqual(await yard.known(), end);
    assert.deepEqual(yard.said, ['warn Failed to build Go application: the compiler is not pleased']);
    yard.world.texts.set('/w/main.go', 'package main // repaired');
    assert.deepEqual(await yard.built(), { kind: 'done' });
    assert.deepEqual(yard.said.slice(1), ['info Go application successfully built.']);
    await yard.known();
    assert.equal(yard.said.length, 2);
  });

  it('keep the beginning and the end of what a tool prints without end', async () => {
    const yard = new Yard();
    const ticket = yard.order();
    await yard.world.settle();
    yard.world.step.print('main.go:3: undefined: x');
    const line = 'x'.repeat(50_000);
    for (let count = 0; count < 200; count += 1) yard.world.step.print(line);
    for (let count = 0; count < 20_000; count += 1) yard.world.step.print(`line ${count}`);
    let read = '';
    const build = ticket.end;
    yard.world.step.end({ code: 1 });
    const end = await build;
    assert.ok(end.kind === 'failed');
    assert.equal(end.failed.messages[0]?.message, 'undefined: x');
    assert.equal(end.failed.printed.at(-1), 'line 19999');
    const other = yard.order(
      buildOf({
        id: 'other',
        read: (printed) => {
          read = printed;
          return [];
        },
      }),
    );
    await yard.world.settle();
    for (let count = 0; count < 200; count += 1) yard.world.step.print(line);
    yard.world.step.end({ code: 1 });
    await other.end;
    assert.ok(read.length > 1_000_000 && read.length < 4_000_000, `${read.length} characters are kept`);
  });

  it('are tried again without a change when a person wants the service, of which others hear nothing', async () => {
    const yard = new Yard();
    await yard.built({ code: 1 });
    yard.builds.forgive('web');
    await yard.known();
    yard.builds.forgive('api');
    assert.ok(await yard.runs());
  });

  it('know whether a failed one would be tried again', async () => {
    const yard = new Yard();
    await yard.built({ code: 1 });
    const order = { build: buildOf(), service: 'api', own: {} };
    assert.equal(await yard.builds.hasChanged(order), false);
    yard.world.touched.set('/w/main.go', 9);
    assert.equal(await yard.builds.hasChanged(order), true);
  });

  it('end with the first step that fails, and fail where nothing was made or a tool is not there', async () => {
    const twice = buildOf({
      steps: [
        { argv: ['first'], cwd: '/w', env: { ONLY: 'this' } },
        { argv: ['second'], cwd: '/w/sub' },
      ],
    });
    const yard = new Yard();
    const one = yard.order(twice);
    await yard.world.settle();
    assert.deepEqual(yard.world.step.call.env, { ONLY: 'this' });
    yard.world.step.end();
    await yard.world.settle();
    assert.deepEqual([yard.world.step.call.argv, yard.world.step.call.cwd], [['second'], '/w/sub']);
    yard.world.step.fail({ reason: 'there is no second', way: '' });
    const failed = await one.end;
    assert.ok(failed.kind === 'failed');
    assert.deepEqual(
      [failed.failed.step.argv, failed.failed.failure.ending],
      [['second'], 'could not be run: there is no second'],
    );
    yard.builds.forgive('api');
    const other = yard.order(buildOf({ makes: ['/built/api/never'] }));
    await yard.world.settle();
    yard.world.step.end();
    const nothing = await other.end;
    assert.ok(nothing.kind === 'failed');
    assert.equal(nothing.failed.failure.ending, 'could not be run: it did not make /built/api/never');
  });

  it('are one for all instances of a service, and two for two services that call them alike (RT-29)', async () => {
    const yard = new Yard();
    yard.world.texts.set('/built/api/app', '');
    const tickets = [yard.order(), yard.order(), yard.order()];
    const other = yard.order(buildOf(), 'web');
    await yard.world.settle();
    assert.equal(yard.world.steps.length, 2);
    yard.world.steps[0]?.print('compiling');
    yard.world.steps[0]?.end();
    const ends = await Promise.all(tickets.map(({ end }) => end));
    assert.deepEqual(ends, [{ kind: 'done' }, { kind: 'done' }, { kind: 'done' }]);
    assert.equal(yard.heard.filter((line) => line === 'compiling').length, 3);
    yard.world.steps[1]?.end({ code: 1 });
    assert.equal((await other.end).kind, 'failed');
  });

  it('are killed when nobody wants them any more, and not before; then nothing counts as made', async () => {
    const yard = new Yard();
    const [one, other] = [yard.order(), yard.order()];
    await yard.world.settle();
    one.cancel();
    assert.deepEqual(await one.end, { kind: 'cancelled' });
    assert.equal(yard.world.step.isCancelled, false);
    other.cancel();
    assert.deepEqual(await other.end, { kind: 'cancelled' });
    assert.equal(yard.world.step.isCancelled, true);
    assert.deepEqual(
      yard.events.map(({ outcome }) => outcome),
      ['started', 'cancelled'],
    );
    yard.world.texts.set('/built/api/app', 'half');
    assert.ok(await yard.runs());
  });

  it('are begun anew for whoever came while they were being killed', async () => {
    const yard = new Yard();
    yard.world.texts.set('/built/api/app', '');
    const leaving = yard.order();
    await yard.world.settle();
    const first = yard.world.step;
    first.isSlowToDie = true;
    leaving.cancel();
    await yard.world.settle();
    assert.ok(first.isCancelled);
    const late = yard.order();
    await yard.world.settle();
    assert.equal(yard.world.steps.length, 1);
    first.end({ signal: 'SIGKILL' });
    await yard.world.settle();
    assert.equal(yard.world.steps.length, 2);
    yard.world.step.end();
    assert.deepEqual(await late.end, { kind: 'done' });
  });
});

describe('a build that writes among its inputs', () => {
  const all: BuildInputs = { root: '/w', paths: ['**'], ignore: [] };
  const build = buildOf({ inputs: all, makes: [], writesInputs: true });
  let time = 1;

  /** One build, in the midst of which files are written. */
  async function run(yard: Yard, code: number, ...paths: readonly string[]): Promise<void> {
    const ticket = yard.order(build);
    await yard.world.settle();
    for (const path of paths) {
      yard.world.texts.set(path, 'written');
      yard.world.touched.set(path, (time += 1));
    }
    yard.world.step.end({ code });
    await ticket.end;
  }

  const wouldTry = (yard: Yard): Promise<boolean> =>
    yard.builds.hasChanged({ build, service: 'api', own: {} });

  it('is not tried again for what it has made though it failed (RT-22)', async () => {
    const yard = new Yard();
    await run(yard, 1, '/w/emitted.js');
    assert.equal(await wouldTry(yard), false);
    await yard.known(build);
    yard.world.texts.set('/w/main.go', 'package repaired');
    assert.equal(await wouldTry(yard), true);
    await run(yard, 1, '/w/emitted.js');
    assert.equal(await wouldTry(yard), false);
  });

  it('is made once for the next starts, here and in the next session, with other files each time (RT-21)', async () => {
    const yard = new Yard();
    await run(yard, 0, '/w/dist/a.js');
    await yard.known(build);
    await new Yard(yard.world).known(build);
    yard.world.texts.set('/w/main.go', 'package other');
    const next = new Yard(yard.world);
    yard.world.texts.set('/w/main.go', 'package other yet');
    await run(next, 0, '/w/dist/a.js', '/w/dist/b.js');
    await next.known(build);
  });

  it('is made again for what a person saved in its midst, and for what was there before only a few times', async () => {
    const yard = new Yard();
    await run(yard, 0, '/w/main.go');
    assert.ok(await yard.runs(build));
    yard.world.texts.set('/w/old.js', 'of another tool');
    let count = 0;
    do {
      await run(yard, 1, '/w/old.js', '/w/main.go');
      count += 1;
    } while ((await wouldTry(yard)) && count < 10);
    assert.equal(count, 3);
  });

  it('knows its files while it makes them and afterwards, and a person’s never', async () => {
    const yard = new Yard();
    const makes = (path: string): boolean => yard.builds.makes('api', path);
    assert.equal(makes('/w/made.js'), false);
    const ticket = yard.order(build);
    await yard.world.settle();
    assert.deepEqual([makes('/w/made.js'), makes('/w/main.go')], [true, false]);
    yard.world.texts.set('/w/made.js', '');
    yard.world.step.end();
    await ticket.end;
    assert.deepEqual([makes('/w/made.js'), makes('/w/main.go'), makes('/w/new.go')], [true, false, false]);
    assert.equal(yard.builds.makes('web', '/w/made.js'), false);
  });
});
