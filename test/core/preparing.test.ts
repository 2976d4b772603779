/** The way of a start through its recipe: planned, built, started; or not, and then mended. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../src/config/spec.ts';
import type { Aims, Build, Plan, Recipe, Unfit } from '../../src/core/runtimes/recipe.ts';
import { ownBuilds } from '../../src/core/runtimes/own-build.ts';
import { Workshop } from '../../src/core/runtimes/workshop.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';
import { World } from '../support/world.ts';

const all = { kind: 'all' } as const;
const api = { kind: 'service', service: 'api' } as const;

const build: Build = {
  id: 'app',
  title: 'make app',
  steps: [{ argv: ['make', 'app'], cwd: '/w' }],
  makes: [],
  inputs: { root: '/w', paths: ['src/**'], ignore: [] },
  read: () => [
    { severity: 'error', message: 'undefined: x', place: { file: '/w/src/main.c', line: 3, column: 5 } },
    { severity: 'warning', message: 'unused: y', place: { file: '/w/src/main.c', line: 9, column: 1 } },
  ],
  failure: () => ({
    ending: 'exited with code 2',
    text: 'all of the compiler',
    answer: { status: 500, headers: [['Content-Type', 'text/plain; charset=utf-8']], body: 'not built' },
  }),
};

const unfit: Unfit = {
  kind: 'unfit',
  problem: {
    code: 'missing-program',
    params: { what: 'Make', programs: ['make'], looked: ['/bin'], install: 'Install make.' },
  },
  key: 'runtime',
  places: [{ file: '/w/.tool', line: 1, column: 1 }],
  answer: { status: 500, headers: [['Content-Type', 'text/html']], body: '<b>no make</b>' },
};

/** A stage with one recipe, whose plans the test makes. */
function stageWith(
  plan: (service: ServiceSpec, look: Parameters<Recipe['plan']>[1], aims: Aims) => Promise<Plan | Unfit>,
  specs: readonly Partial<ServiceSpec>[] = [{}],
  debugging?: Recipe['debugging'],
  trusted = true,
): Stage {
  const recipe: Recipe = {
    name: 'made',
    title: 'Made',
    plan,
    ...(debugging === undefined ? {} : { debugging }),
  };
  const stage = new Stage(specs, trusted, {}, recipe);
  stage.world.texts.set('/w/src/main.c', 'main');
  return stage;
}

const planOf = (service: ServiceSpec, more: Partial<Plan> = {}): Plan => ({
  kind: 'plan',
  command: service.command,
  ...more,
});

const builds = (specs?: readonly Partial<ServiceSpec>[]): Stage =>
  stageWith((service) => Promise.resolve(planOf(service, { builds: [build] })), specs);

/** The program is there once `/bin/make` is. */
const wantsMake = (specs?: readonly Partial<ServiceSpec>[]): Stage =>
  stageWith(async (service, look) => {
    const found = await look.program(['make']);
    return found.kind === 'found' ? planOf(service, { command: [found.path] }) : unfit;
  }, specs);

async function started(stage: Stage): Promise<Stage> {
  await stage.runtime.start(all);
  await stage.world.settle();
  return stage;
}

describe('a start', () => {
  it('is what the recipe makes of it: command, environment, PATH and an argument made of the port (RT-20)', async () => {
    const stage = await started(
      stageWith(
        (service) =>
          Promise.resolve(
            planOf(service, {
              command: ['java', '-jar', 'start.jar'],
              environment: { inherits: [], beneath: { TZ: 'UTC' }, own: 'over', above: {} },
              path: ['/jdk/bin'],
              extraArgument: (port) => `jetty.port=${port}`,
            }),
          ),
        [{ handshake: 'reverse-no-file', env: { A: 'b' } }],
      ),
    );
    const { plan } = stage.world.child;
    assert.deepEqual(plan.argv, ['java', '-jar', 'start.jar', 'jetty.port=40001']);
    assert.deepEqual(plan.env, { TZ: 'UTC', A: 'b', PATH: '/jdk/bin' });
  });

  it('goes through a shell where the recipe says so', async () => {
    const stage = await started(
      stageWith((service) => Promise.resolve(planOf(service, { command: ['run $PORT'], shell: true }))),
    );
    assert.deepEqual(stage.world.child.plan.argv, ['/bin/sh', '-c', 'run $PORT']);
  });

  it('tells the recipe who it is for: index, id, work folder, and the debugger only when that is wanted (RT-3)', async () => {
    const aims: Aims[] = [];
    const stage = stageWith(
      (service, _look, aim) => {
        aims.push(aim);
        return Promise.resolve(planOf(service));
      },
      [{ instances: 2 }],
      {},
    );
    await stage.runtime.equip({ debuggers: { made: '/editor/made' } });
    await stage.runtime.start({ kind: 'instance', instance: 'api.1' });
    await stage.world.settle();
    const { startedAt, doorPort, ...first } = aims[0] ?? assert.fail('nothing was planned');
    assert.deepEqual(first, {
      instance: 'api.1',
      index: 1,
      id: '1',
      windows: false,
      platform: 'linux',
      workFolder: '/built/api',
      debuggerFolder: '/editor/made',
    });
    assert.deepEqual([typeof startedAt, typeof doorPort], ['number', 'number']);
    await stage.runtime.start({ kind: 'instance', instance: 'api.0' }, { debug: true });
    await stage.world.settle();
    assert.equal(typeof aims[1]?.debugPort, 'number');
  });

  it('tells an id of 36 hexadecimal digits under automatic scaling, another one with each run (RT-3)', async () => {
    const ids: string[] = [];
    const stage = stageWith(
      (service, _look, { id }) => {
        ids.push(id);
        return Promise.resolve(planOf(service));
      },
      [
        {
          scaling: {
            kind: 'automatic',
            minPendingMs: 100,
            maxPendingMs: 500,
            minIdle: 1,
            maxIdle: 2,
            maxInstances: 2,
            rounding: 'down',
          },
        },
      ],
    );
    await started(stage);
    await stage.runtime.restart(all);
    stage.world.child.end({ code: 0 });
    await stage.world.pass(200);
    assert.equal(new Set(ids).size, 2);
    for (const id of ids) assert.match(id, /^[0-9a-f]{36}$/);
  });

  it('of a program of a supervisord.conf goes through no recipe', async () => {
    const { programService } = await import('./process/solo.ts');
    const stage = await started(stageWith(() => assert.fail('it was planned'), [programService()]));
    assert.equal(stage.world.child.plan.argv[0], '/bin/cat');
  });

  it('says what is worth knowing in its log, once for each change of it', async () => {
    let warnings = ['a version that nobody can tell'];
    const stage = await started(
      stageWith((service) => Promise.resolve(planOf(service, { warnings })), [{ handshake: 'none' }]),
    );
    const again = async (): Promise<void> => {
      void stage.runtime.restart(api);
      await stage.world.settle();
      stage.world.child.end({ code: 0 });
      await stage.world.settle();
    };
    await again();
    assert.deepEqual(stage.told, ['api.0 a version that nobody can tell']);
    warnings = ['another'];
    await again();
    assert.deepEqual(stage.told.slice(1), ['api.0 another']);
    assert.equal(stage.world.logs.texts.get('/logs/api.0.log'), 'a version that nobody can tell\nanother\n');
  });
});

describe('a start that has to be built', () => {
  it('is STARTING and says what it does until it is built, and then spawned (RT-21)', async () => {
    const stage = await started(builds());
    assert.equal(stage.states, 'api.0 STARTING');
    assert.equal(stage.view().preparing?.title, 'make app');
    assert.equal(stage.world.children.length, 0);
    stage.world.step.print('compiling main.c');
    stage.world.step.end();
    await stage.world.settle();
    assert.equal(stage.world.children.length, 1);
    assert.equal(stage.view().preparing, undefined);
    const lines = ['> make app', 'compiling main.c', 'make app: done in 0.0 s'];
    assert.deepEqual(
      stage.told,
      lines.map((line) => `api.0 ${line}`),
    );
    assert.equal(stage.world.logs.texts.get('/logs/api.0.log'), `${lines.join('\n')}\n`);
    const batch = await stage.runtime.follow('api.0', 10);
    assert.deepEqual(
      batch.lines.map(({ text }) => text),
      lines,
    );
    assert.deepEqual(
      stage.events.flatMap((event) => (event.event === 'build' ? [[event.title, event.outcome]] : [])),
      [
        ['make app', 'started'],
        ['make app', 'done'],
      ],
    );
  });

  it('is built no faster than its log takes what is printed, and than whoever reads along', async () => {
    const stage = await started(builds());
    const room = Promise.withResolvers<void>();
    stage.world.logs.rooms.set('/logs/api.0.log', room.promise);
    let isTaken = false;
    const print = async (): Promise<boolean> => {
      isTaken = false;
      stage.world.step.print('compiling');
      void (stage.world.step.taken ?? Promise.resolve()).then(() => (isTaken = true));
      await stage.world.settle();
      return isTaken;
    };
    assert.equal(await print(), false);
    stage.world.logs.rooms.clear();
    room.resolve();
    await stage.world.settle();
    assert.equal(isTaken, true);
    stage.runtime.pauseOutput();
    assert.equal(await print(), false);
    stage.runtime.resumeOutput();
    await stage.world.settle();
    assert.equal(isTaken, true);
  });

  it('waits for the one build of all its instances, and finds it done the next time', async () => {
    const stage = await started(builds([{ instances: 3, handshake: 'none' }]));
    assert.equal(stage.world.steps.length, 1);
    stage.world.step.end();
    await stage.world.settle();
    assert.equal(stage.world.children.length, 3);
    await stage.runtime.restart(api);
    for (const child of stage.world.children) child.end({ code: 0 });
    await stage.world.settle();
    assert.deepEqual([stage.world.steps.length, stage.world.children.length], [1, 6]);
  });

  it('is called off by a stop: the tool is killed, and it is STOPPED once that is over', async () => {
    const stage = await started(builds());
    stage.world.step.isSlowToDie = true;
    const stopping = stage.runtime.stop(all);
    await stage.world.settle();
    assert.ok(stage.world.step.isCancelled);
    assert.equal(stage.states, 'api.0 STOPPING');
    stage.world.step.end({ signal: 'SIGKILL' });
    await stopping;
    assert.equal(stage.states, 'api.0 STOPPED');
    assert.equal(stage.world.children.length, 0);
    assert.equal(stage.view().fault, undefined);
  });

  it('is called off by a shutdown, and by one whose time is over', async () => {
    const stage = await started(builds());
    const over = stage.runtime.shutdown(1000);
    await stage.world.pass(1);
    await over;
    assert.ok(stage.world.step.isCancelled);
  });

  it('is restarted while it is being built: what was begun ends, and it is built anew', async () => {
    const stage = await started(builds());
    void stage.runtime.restart(api);
    await stage.world.settle();
    assert.equal(stage.world.steps[0]?.isCancelled, true);
    assert.equal(stage.world.steps.length, 2);
    stage.world.step.end();
    await stage.world.settle();
    assert.equal(stage.world.children.length, 1);
  });

  it('fails for good at once, with the compiler at its lines, and spawns nothing (RT-22, RT-30)', async () => {
    const stage = await started(builds());
    stage.world.step.print('main.c:3: undefined: x');
    stage.world.step.end({ code: 2 });
    await stage.world.settle();
    assert.equal(stage.states, 'api.0 FATAL');
    const { fault } = stage.view();
    assert.deepEqual(
      [fault?.code, fault?.message, fault?.evidence],
      ['build-failed', '"api" could not be built: make app exited with code 2.', 'main.c:3: undefined: x'],
    );
    assert.deepEqual(
      fault?.findings?.map(({ message, place }) => [message, place.line]),
      [
        ['undefined: x', 3],
        ['unused: y', 9],
      ],
    );
    await stage.world.pass(60_000);
    assert.deepEqual([stage.world.children.length, stage.world.steps.length], [0, 1]);
    assert.ok(!stage.journal.some((line) => line.includes('too many start retries')));
    assert.ok(stage.journal.includes('Failed to build Made application: all of the compiler'));
  });

  it('is built again and started by itself when an input changes (RT-22)', async () => {
    const stage = await started(builds());
    stage.world.step.end({ code: 2 });
    await stage.world.pass(5000);
    assert.deepEqual(
      stage.world.watcher.watches.map(({ root, paths }) => [root, paths]),
      [['/w', ['src/**']]],
    );
    stage.world.texts.set('/w/src/main.c', 'main repaired');
    stage.world.watcher.change('/w/src/main.c');
    await stage.world.pass(200);
    assert.equal(stage.states, 'api.0 STARTING');
    stage.world.step.end();
    await stage.world.settle();
    assert.equal(stage.world.children.length, 1);
    assert.equal(stage.view().fault, undefined);
    assert.equal(stage.world.watcher.watches.length, 0);
    assert.ok(stage.journal.includes('Made application successfully built.'));
  });

  it('is built again by itself for a change that came in the midst of the build, of which no watcher tells', async () => {
    const stage = await started(builds());
    stage.world.texts.set('/w/src/main.c', 'main repaired in time');
    stage.world.step.end({ code: 2 });
    await stage.world.pass(1000);
    assert.equal(stage.world.steps.length, 2);
  });

  it('is built again within seconds where its files cannot be watched', async () => {
    const stage = await started(builds());
    stage.world.step.end({ code: 2 });
    await stage.world.settle();
    stage.world.watcher.fail('no watches left');
    await stage.world.pass(20_000);
    assert.equal(stage.world.steps.length, 1);
    stage.world.texts.set('/w/src/main.c', 'main repaired');
    await stage.world.pass(6000);
    assert.equal(stage.world.steps.length, 2);
    assert.ok(stage.journal.includes('files of api cannot be watched: no watches left'));
  });

  it('is watched once for all its instances, which start together', async () => {
    const stage = await started(builds([{ instances: 3, handshake: 'none' }]));
    stage.world.step.end({ code: 2 });
    await stage.world.pass(7000);
    assert.equal(stage.states, 'api.0 FATAL, api.1 FATAL, api.2 FATAL');
    assert.equal(stage.world.watcher.watches.length, 1);
    stage.world.texts.set('/w/src/main.c', 'main repaired');
    stage.world.watcher.change('/w/src/main.c');
    await stage.world.pass(150);
    assert.equal(stage.world.steps.length, 2);
    stage.world.step.end();
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 RUNNING, api.1 RUNNING, api.2 RUNNING');
  });

  it('is not looked at over and over while its files are watched: they may be many', async () => {
    const stage = await started(builds());
    stage.world.step.end({ code: 2 });
    const before = stage.world.walks;
    await stage.world.pass(600_000);
    assert.equal(stage.world.walks - before, 2);
  });

  it('is not built for ever by itself though it writes among what it is made from (RT-22)', async () => {
    const emitting: Build = {
      ...build,
      inputs: { root: '/w', paths: ['**'], ignore: [] },
      writesInputs: true,
    };
    const stage = await started(
      stageWith((service) => Promise.resolve(planOf(service, { builds: [emitting] }))),
    );
    stage.world.texts.set('/w/emitted.js', 'half');
    stage.world.step.end({ code: 1 });
    await stage.world.settle();
    stage.world.watcher.change('/w/emitted.js');
    await stage.world.pass(60_000);
    assert.equal(stage.world.steps.length, 1);
    stage.world.texts.set('/w/src/main.c', 'main repaired');
    stage.world.watcher.change('/w/src/main.c');
    await stage.world.pass(200);
    assert.equal(stage.world.steps.length, 2);
  });

  it('is watched but for what the build makes, be it declared or not: it comes to rest (RT-21)', async () => {
    const watch = { paths: ['**'], ignore: [], debounceMs: 50, cascade: false };
    const own = { command: ['make'], inputs: [], outputs: ['/w/bin/app'] } as const;
    const emitting: Build = {
      ...build,
      inputs: { root: '/w', paths: ['**'], ignore: [] },
      writesInputs: true,
    };
    const stage = await started(
      stageWith(
        (service) => Promise.resolve(planOf(service, { builds: [emitting] })),
        [{ watch, build: own, handshake: 'none' }],
      ),
    );
    assert.ok(stage.world.watcher.watches[0]?.ignore.includes('bin/app'));
    stage.world.texts.set('/w/dist/app.js', 'made');
    stage.world.watcher.change('/w/dist/app.js');
    await stage.world.pass(100);
    assert.equal(stage.world.steps.length, 1);
    stage.world.step.end();
    await stage.world.settle();
    // The watcher may be late.
    stage.world.watcher.change('/w/dist/app.js');
    await stage.world.pass(1000);
    assert.deepEqual([stage.world.steps.length, stage.world.children.length], [1, 1]);
    assert.deepEqual(stage.world.child.signals, []);
    stage.world.texts.set('/w/src/main.c', 'main repaired');
    stage.world.watcher.change('/w/src/main.c');
    await stage.world.pass(100);
    assert.deepEqual(stage.world.child.signals, ['TERM']);
  });

  it('is tried again as it is when a person starts it once more', async () => {
    const stage = await started(builds());
    stage.world.step.end({ code: 2 });
    await stage.world.settle();
    await stage.runtime.start(api);
    await stage.world.settle();
    assert.equal(stage.world.steps.length, 2);
  });

  it('is not tried again when a person has stopped it, whatever changes', async () => {
    const stage = await started(builds());
    stage.world.step.end({ code: 2 });
    await stage.world.settle();
    await stage.runtime.stop(all);
    await stage.world.settle();
    assert.equal(stage.world.watcher.watches.length, 0);
    stage.world.texts.set('/w/src/main.c', 'main repaired');
    await stage.world.pass(5000);
    assert.equal(stage.world.steps.length, 1);
  });
});

describe('what is told of a build', () => {
  const env = { API_TOKEN: 'hush-hush' };
  const own = { command: ['fetch', '--token', 'hush-hush'], inputs: [], outputs: [] } as const;
  const stageOf = (): Stage =>
    stageWith(
      (service) =>
        Promise.resolve(
          planOf(service, {
            builds: [
              ...ownBuilds(service),
              { ...build, steps: [{ argv: ['make', 'hush-hush'], cwd: '/w' }] },
            ],
            warnings: ['hush-hush is short'],
          }),
        ),
      [{ env, build: own }],
    );

  it('has no secret in it: neither events, views, faults nor log; its tools get it as it is', async () => {
    for (const end of [() => ({ code: 1 }), (count: number) => ({ code: count === 1 ? 0 : 1 })]) {
      const stage = await started(stageOf());
      for (let count = 1; count <= 2 && stage.view().state === 'STARTING'; count += 1) {
        assert.ok(stage.world.step.call.argv.includes('hush-hush'));
        assert.ok(stage.view().preparing !== undefined);
        assert.ok(!JSON.stringify(stage.view()).includes('hush-hush'));
        stage.world.step.end(end(count));
        await stage.world.settle();
      }
      assert.equal(stage.view().fault?.code, 'build-failed');
      const all = [stage.events, stage.view(), stage.told, stage.journal, [...stage.world.logs.texts]];
      assert.ok(!JSON.stringify(all).includes('hush-hush'));
    }
  });

  it('is another build when a variable of ours has changed that its tools heed, and no other', async () => {
    const world = new World();
    const workshopWith = (inherited: Readonly<Record<string, string>>): Workshop =>
      new Workshop({
        outside: world,
        inherited: { PATH: '/bin', ...inherited },
        windows: false,
        platform: 'linux',
        folder: '/w',
        workFolder: (service) => `/built/${service}`,
        equipment: () => ({}),
        told: () => undefined,
        say: () => undefined,
      });
    const spec = specOf({});
    const runs = async (inherited: Readonly<Record<string, string>>): Promise<number> => {
      const before = world.steps.length;
      const workshop = workshopWith(inherited);
      const ticket = workshop.build(spec, {
        build,
        recipe: workshop.recipeOf(spec),
        instance: 'api.0',
        env: {},
        begun: () => undefined,
        said: () => undefined,
      });
      await world.settle();
      if (world.steps.length > before) world.step.end();
      await ticket.end;
      return world.steps.length - before;
    };
    assert.deepEqual([await runs({}), await runs({ TERM: 'xterm' })], [1, 0]);
    assert.deepEqual([await runs({ GOFLAGS: '-tags=dev' }), await runs({ GOFLAGS: '-tags=dev' })], [1, 0]);
  });
});

describe('a start that makes no sense', () => {
  it('is FATAL at once, with what is missing, where it was looked for and all places; others run on', async () => {
    const stage = stageWith(
      (service) => Promise.resolve(service.name === 'api' ? unfit : planOf(service)),
      [{}, { name: 'web', handshake: 'none' }],
    );
    await started(stage);
    await stage.world.pass(5);
    assert.equal(stage.states, 'api.0 FATAL, web.0 RUNNING');
    const { fault, reason } = stage.view();
    assert.equal(fault?.code, 'missing-program');
    assert.equal(reason, 'make is not there');
    assert.equal(fault?.hint, 'Install make.\nIt was looked for in /bin.');
    assert.deepEqual(
      fault?.places.map(({ file }) => file),
      ['/w/runtimes.yaml', '/w/.tool'],
    );
    assert.equal(stage.world.children.length, 1);
  });

  it('starts by itself once what it looked for is there, be it a person, a file or a dependent that wanted it', async () => {
    const stage = await started(
      wantsMake([{}, { name: 'web', handshake: 'none', dependsOn: { api: 'started' } }]),
    );
    assert.equal(stage.states.startsWith('api.0 FATAL'), true);
    stage.world.installed.add('/bin/make');
    await stage.world.pass(1000);
    assert.equal(stage.world.children[0]?.plan.argv[0], '/bin/make');
    assert.equal(stage.view().fault, undefined);
  });

  it('does not begin again for a change that means nothing, and does for one that comes to something else', async () => {
    let plans = 0;
    const stage = await started(
      stageWith(async (service, look) => {
        plans += 1;
        const names = await look.names('/w');
        return names.includes('make') ? planOf(service) : unfit;
      }),
    );
    for (let count = 0; count < 5; count += 1) {
      stage.world.texts.set(`/w/busy${count}`, '');
      stage.world.touched.set('/w', count);
      await stage.world.pass(2000);
    }
    assert.ok(plans > 1);
    assert.equal(stage.moves().filter((move) => move.endsWith('STARTING')).length, 1);
    stage.world.texts.set('/w/make', '');
    stage.world.touched.set('/w', 99);
    await stage.world.pass(2000);
    assert.equal(stage.world.children.length, 1);
  });

  it('asks a version manager anew when a person starts it: what it answers is nothing of its file', async () => {
    let version = '16';
    const stage = stageWith(async (service, look) => {
      const told = await look.ask(['/bin/node', '-v']);
      return told?.stdout === '20' ? planOf(service) : unfit;
    });
    stage.world.installed.add('/bin/node');
    stage.world.tells = () => ({ exit: { code: 0 }, stdout: version, stderr: '' });
    await started(stage);
    version = '20';
    await stage.world.pass(2000);
    assert.equal(stage.states, 'api.0 FATAL');
    await stage.runtime.start(api);
    await stage.world.settle();
    assert.equal(stage.world.children.length, 1);
  });

  it('is not looked at any more when it is stopped, or gone from the config', async () => {
    for (const end of [
      (stage: Stage) => stage.runtime.stop(all),
      (stage: Stage) => stage.become({ name: 'other', autostart: false }),
    ]) {
      const stage = await started(wantsMake());
      await end(stage);
      stage.world.installed.add('/bin/make');
      await stage.world.pass(5000);
      assert.equal(stage.world.children.length, 0);
    }
  });

  it('is not waited for while it asks a program that hangs: a stop is over at once', async () => {
    const stage = stageWith(() => new Promise<Plan>(() => undefined));
    await started(stage);
    assert.equal(stage.states, 'api.0 STARTING');
    await stage.runtime.stop(all);
    assert.equal(stage.states, 'api.0 STOPPED');
  });

  it("is told of before it is tried, as Supervisor's tools ask; what is built first is not (SV-83)", async () => {
    const stage = wantsMake([{ autostart: false }]);
    assert.match((await stage.runtime.examine('api.0'))?.reason ?? '', /^make is not there$/);
    stage.world.installed.add('/bin/make');
    assert.equal(await stage.runtime.examine('api.0'), undefined);
    stage.world.examination = { reason: 'cannot find it', way: '', cause: 'not-found' };
    assert.equal((await stage.runtime.examine('api.0'))?.cause, 'not-found');
    const built = builds([{ autostart: false }]);
    built.world.examination = stage.world.examination;
    assert.equal(await built.runtime.examine('api.0'), undefined);
    assert.equal(built.world.steps.length, 0);
  });

  it('is not told of, nor is anything of it planned, while the folder is not trusted', async () => {
    const stage = stageWith(() => assert.fail('it was planned'), [{ handshake: 'none' }], undefined, false);
    await assert.rejects(stage.runtime.examine('api.0'), /not trusted/);
    await assert.rejects(stage.runtime.start(all), /not trusted/);
    await assert.rejects(stage.runtime.restart(api), /not trusted/);
    await stage.runtime.equip({ recipes: [] });
    await stage.become({ handshake: 'none', command: ['other'] }, { name: 'web', handshake: 'none' });
    await stage.world.pass(10_000);
    assert.equal(stage.states, 'api.0 STOPPED, web.0 STOPPED');
  });

  it('whose recipe breaks down is a failed start like any other', async () => {
    const stage = await started(stageWith(() => Promise.reject(new Error('a slip in a recipe'))));
    assert.equal(stage.states, 'api.0 BACKOFF');
    assert.match(stage.view().fault?.message ?? '', /a slip in a recipe/);
  });
});
