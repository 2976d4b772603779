/** What is answered for a service that cannot be built or started before something is changed. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { usualRequests } from '../../src/config/requests.ts';
import type { ScalingSpec, ServiceSpec } from '../../src/config/spec.ts';
import type { Answer, Decision, Headers } from '../../src/core/outside.ts';
import type { Build, Recipe, Unfit } from '../../src/core/runtimes/recipe.ts';
import { answerOf, forwarded, settled } from '../support/decisions.ts';
import { Stage } from '../support/stage.ts';
import { appOf, handler } from './appengine/support.ts';

const body =
  'The Go application could not be built.\n\n(Executed command: go build)\n\nmain.go:3: undefined: x';
const answer: Answer = { status: 500, headers: [['Content-Type', 'text/plain; charset=utf-8']], body };
const host: Headers = [['Host', 'localhost:8080']];

const build: Build = {
  id: 'app',
  title: 'go build',
  steps: [{ argv: ['go', 'build'], cwd: '/w' }],
  makes: [],
  inputs: { root: '/w', paths: ['**/*.go'], ignore: [] },
  failure: () => ({ ending: 'exited with code 2', text: 'no', answer }),
};

const unfit: Unfit = {
  kind: 'unfit',
  problem: { code: 'unfit', params: { service: 'api', text: 'PHP is too old', way: 'Install a newer one.' } },
  key: 'runtime',
  answer: { status: 500, headers: [['Content-Type', 'text/html']], body: '<b>PHP is too old</b>' },
};

const go: Recipe = {
  name: 'go',
  title: 'Go',
  plan: (service) => Promise.resolve({ kind: 'plan', command: service.command, builds: [build] }),
};
const php: Recipe = { name: 'php', title: 'PHP', plan: () => Promise.resolve(unfit) };

const appengine: Partial<ServiceSpec> = {
  profile: 'appengine',
  appengine: appOf({ handlers: [handler({ url: '/.*' })] }),
};
const onRequest: Partial<ServiceSpec> = { requests: { ...usualRequests, startOnRequest: true } };

async function stageWith(recipe: Recipe, spec: Partial<ServiceSpec>): Promise<Stage> {
  const stage = new Stage([spec], true, {}, recipe);
  stage.world.texts.set('/w/main.go', 'package main');
  await stage.runtime.start({ kind: 'all' });
  await stage.world.settle();
  return stage;
}

function asked(stage: Stage, headers: Headers = []): Promise<Decision> {
  return stage.ask({ headers: [...host, ...headers] }, 'api');
}

/** The build that is under way prints what is wrong, and ends. */
async function fails(stage: Stage): Promise<void> {
  stage.world.step.print('main.go:3: undefined: x');
  stage.world.step.end({ code: 2 });
  await stage.world.settle();
}

describe('a service that cannot be built', () => {
  it('is told of at once, with the words of the compiler, on a page and in plain text (RT-22, RT-30)', async () => {
    const stage = await stageWith(go, {});
    await fails(stage);
    const text = answerOf(await asked(stage));
    assert.equal(text.status, 503);
    assert.match(text.body, /could not be built/);
    assert.match(text.body, /main\.go:3: undefined: x/);
    assert.match(text.body, /started again by itself as soon as that has been mended/);
    const page = answerOf(await asked(stage, [['Accept', 'text/html']]));
    assert.match(page.body, /undefined: x/);
    assert.deepEqual([stage.world.steps.length, stage.world.children.length], [1, 0]);
  });

  it('is answered in the three parts of the reference, to the byte, with its profile (RT-23)', async () => {
    const stage = await stageWith(go, appengine);
    await fails(stage);
    const told = answerOf(await asked(stage));
    assert.deepEqual([told.status, told.body], [500, body]);
    const names = new Map(told.headers.map(([name, value]) => [name.toLowerCase(), value]));
    assert.equal(names.get('content-type'), 'text/plain; charset=utf-8');
  });

  it('that starts with a request: builds with the first, fails for all who wait and for the next without building (RT-21, RT-22)', async () => {
    const stage = await stageWith(go, onRequest);
    assert.equal(stage.world.steps.length, 0);
    const first = settled(asked(stage));
    await stage.world.settle();
    assert.equal(first(), undefined);
    await fails(stage);
    assert.match(answerOf(first()).body, /undefined: x/);
    assert.match(answerOf(await asked(stage)).body, /undefined: x/);
    assert.equal(stage.world.steps.length, 1);
    // Repaired, it is built and runs, and the next request is its own.
    stage.world.texts.set('/w/main.go', 'package main // repaired');
    stage.world.watcher.change('/w/main.go');
    await stage.world.pass(200);
    stage.world.step.end();
    await stage.world.settle();
    stage.open();
    await stage.world.pass(100);
    assert.equal(forwarded(await asked(stage)).instance, 'api.0');
  });

  it('says so to the page that asks whether it is up, and does not wake it', async () => {
    const stage = await stageWith(go, onRequest);
    void asked(stage);
    await stage.world.settle();
    await fails(stage);
    const told = answerOf(await asked(stage, [['X-Local-Runtimes-Poll', '1']]));
    assert.equal(told.status, 503);
    assert.equal(stage.world.steps.length, 1);
  });

  const ways: readonly ScalingSpec[] = [
    {
      kind: 'automatic',
      minPendingMs: 100,
      maxPendingMs: 500,
      minIdle: 0,
      maxIdle: 2,
      maxInstances: 5,
      rounding: 'down',
    },
    { kind: 'basic', maxInstances: 3, idleMs: 60_000 },
    { kind: 'manual' },
  ];
  for (const scaling of ways) {
    it(`answers whoever waits, and whoever comes then, at once under ${scaling.kind} scaling (RT-22, RT-30)`, async () => {
      const stage = await stageWith(go, { ...appengine, scaling });
      const waiting = settled(asked(stage));
      await stage.world.settle();
      await fails(stage);
      assert.equal(answerOf(waiting()).body, body);
      assert.equal(answerOf(await asked(stage)).body, body);
      await stage.world.pass(30_000);
      assert.equal(answerOf(await asked(stage)).body, body);
      assert.deepEqual([stage.world.steps.length, stage.world.children.length], [1, 0]);
    });
  }
});

describe('a service that a check found unfit', () => {
  it('is told of in our words without the profile, and in its own with it (RT-15, RT-16)', async () => {
    const plain = answerOf(await asked(await stageWith(php, {})));
    assert.equal(plain.status, 503);
    assert.match(plain.body, /"api" cannot be started: PHP is too old/);
    const told = answerOf(await asked(await stageWith(php, appengine)));
    assert.deepEqual([told.status, told.body], [500, '<b>PHP is too old</b>']);
  });

  it('does not show what an earlier life has said as if that were why', async () => {
    let isFit = true;
    const recipe: Recipe = {
      name: 'php',
      title: 'PHP',
      plan: (service) => Promise.resolve(isFit ? { kind: 'plan', command: service.command } : unfit),
    };
    const stage = await stageWith(recipe, {});
    stage.open();
    await stage.world.pass(50);
    stage.world.child.output.print('all is well');
    isFit = false;
    void stage.runtime.restart({ kind: 'all' });
    await stage.world.settle();
    stage.world.child.end({ code: 0 });
    await stage.world.settle();
    assert.equal(stage.states, 'api.0 FATAL');
    assert.doesNotMatch(answerOf(await asked(stage)).body, /all is well/);
  });
});
