/** What is seen of the machine is remembered while it stands, and looked at again when it does not. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Looking, type Surveyed } from '../../../src/core/runtimes/looking.ts';
import type { Look } from '../../../src/core/runtimes/recipe.ts';
import { World } from '../../support/world.ts';

const facts: Surveyed = {
  env: { PATH: '/usr/local/bin:/usr/bin' },
  inherited: { PATH: '/usr/local/bin:/usr/bin' },
  home: '/home/ann',
  folder: '/w',
  chosen: () => undefined,
};

class Watched {
  readonly world = new World();
  readonly looking = new Looking({ outside: this.world, windows: false });
  readonly asked: string[] = [];

  constructor() {
    this.world.tells = (argv) => {
      this.asked.push(argv.join(' '));
      return { exit: { code: 0 }, stdout: `${argv[0]} 1.0`, stderr: '' };
    };
  }

  async look(more: Partial<Surveyed> = {}): Promise<Look> {
    return (await this.looking.survey({ ...facts, ...more })).look;
  }
}

describe('what a recipe looks at', () => {
  it('asks a program its version once, however many plans are made, and by however many instances', async () => {
    const { world, looking, asked } = new Watched();
    world.installed.add('/usr/bin/go');
    const versions = await Promise.all(
      [1, 2, 3].map(async () => (await looking.survey(facts)).look.ask(['go', 'version'])),
    );
    const again = await (await looking.survey(facts)).look.ask(['go', 'version']);
    assert.deepEqual(
      [...versions, again].map((told) => told?.stdout),
      ['go 1.0', 'go 1.0', 'go 1.0', 'go 1.0'],
    );
    assert.deepEqual(asked, ['go version']);
  });

  it('asks again when the program is another file, or one comes before it on the PATH', async () => {
    const watched = new Watched();
    const { world, asked } = watched;
    world.texts.set('/usr/bin/go', 'elf');
    await (await watched.look()).ask(['go', 'version']);
    world.touched.set('/usr/bin/go', 5);
    await (await watched.look()).ask(['go', 'version']);
    world.texts.set('/usr/local/bin/go', 'elf');
    await (await watched.look()).ask(['go', 'version']);
    await (await watched.look()).ask(['go', 'version']);
    assert.equal(asked.length, 3);
  });

  it('asks again when a file changes on which the answer depends', async () => {
    const watched = new Watched();
    const { world, asked } = watched;
    world.texts.set('/w/.python-version', '3.11');
    const ask = async (): Promise<void> => {
      await (await watched.look()).ask(['/usr/bin/python3', '-V'], { dependsOn: ['/w/.python-version'] });
    };
    await ask();
    await ask();
    assert.equal(asked.length, 1);
    world.texts.set('/w/.python-version', '3.12.1');
    await ask();
    assert.equal(asked.length, 2);
  });

  it('asks anew when a person wants it, after a while where a script answers, and at once where nothing came', async () => {
    const watched = new Watched();
    const { world, looking, asked } = watched;
    world.texts.set('/usr/bin/go', 'elf').set('/usr/bin/python3', '#!/bin/sh');
    const ask = async (program: string): Promise<number> => {
      await (await watched.look()).ask([program, 'version']);
      return asked.length;
    };
    assert.deepEqual(
      [await ask('go'), await ask('python3'), await ask('go'), await ask('python3')],
      [1, 2, 2, 2],
    );
    looking.forget();
    assert.deepEqual([await ask('go'), await ask('python3')], [3, 4]);
    await world.pass(30_000);
    assert.deepEqual([await ask('go'), await ask('python3')], [4, 5]);
    const { tells } = world;
    world.texts.set('/usr/bin/ruby', 'elf');
    world.tells = (argv, env, cwd) => {
      tells(argv, env, cwd);
      return undefined;
    };
    const survey = await looking.survey(facts);
    assert.equal(await survey.look.ask(['ruby', 'version']), undefined);
    assert.equal(await survey.hasChanged(), false);
    assert.equal(await ask('ruby'), 7);
    await world.pass(5000);
    assert.equal(await survey.hasChanged(), true);
  });

  it('goes on from the folder of the service where a folder of the PATH is not absolute', async () => {
    const watched = new Watched();
    watched.world.installed.add('/w/api/bin/tool');
    const more = { env: { PATH: 'bin::/usr/bin' }, cwd: '/w/api' };
    assert.deepEqual(await (await watched.look(more)).program(['tool']), {
      kind: 'found',
      path: '/w/api/bin/tool',
    });
    const nowhere = await (await watched.look(more)).program(['other']);
    assert.deepEqual(nowhere, { kind: 'nowhere', looked: ['/w/api/bin', '/usr/bin'] });
  });

  it('reads a text again only when its file has another size or time, but a young one that changed within both', async () => {
    const watched = new Watched();
    const { world } = watched;
    const path = '/w/.nvmrc';
    const read = async (): Promise<string | undefined> => (await watched.look()).text(path);
    world.texts.set(path, '20');
    assert.equal(await read(), '20');
    // Written a minute ago as far as anybody can see: nobody looks into it.
    world.texts.set(path, '22');
    assert.equal(await read(), '20');
    world.touched.set(path, 1);
    assert.equal(await read(), '22');
    world.touched.set(path, world.clock.wall());
    assert.equal(await read(), '22');
    world.texts.set(path, '24');
    assert.equal(await read(), '24');
  });

  it('tells where it has looked for a program that is nowhere, and finds it once it is there', async () => {
    const watched = new Watched();
    const nowhere = await (await watched.look()).program(['python3', 'python'], ['/w/.venv/bin']);
    assert.deepEqual(nowhere, { kind: 'nowhere', looked: ['/w/.venv/bin', '/usr/local/bin', '/usr/bin'] });
    watched.world.installed.add('/usr/bin/python');
    const found = await (await watched.look()).program(['python3', 'python'], ['/w/.venv/bin']);
    assert.deepEqual(found, { kind: 'found', path: '/usr/bin/python' });
  });

  it('looks at all names in a folder before it goes on to the next one, and at a path alone', async () => {
    const watched = new Watched();
    watched.world.installed.add('/usr/local/bin/python').add('/usr/bin/python3').add('/w/bin/python3');
    const look = await watched.look();
    assert.deepEqual(await look.program(['python3', 'python']), {
      kind: 'found',
      path: '/usr/local/bin/python',
    });
    assert.deepEqual(await look.program(['/w/bin/python3']), { kind: 'found', path: '/w/bin/python3' });
    assert.deepEqual(await look.program(['bin/python3']), { kind: 'found', path: '/w/bin/python3' });
    assert.deepEqual(await look.program(['/w/bin/python2']), { kind: 'nowhere', looked: [] });
  });

  it('knows that something has changed: a file that came, a name in a folder, the interpreter that was chosen', async () => {
    const watched = new Watched();
    const { world, looking } = watched;
    let chosen: string | undefined = '/usr/bin/python3';
    const begin = async (ask: (look: Look) => unknown): Promise<() => Promise<boolean>> => {
      const survey = await looking.survey({ ...facts, chosen: () => chosen });
      await ask(survey.look);
      return () => survey.hasChanged();
    };
    const all = [
      await begin((look) => look.kind('/w/node_modules')),
      await begin((look) => look.names('/w')),
      await begin((look) => look.chosen('python')),
    ];
    const changed = (): Promise<readonly boolean[]> => Promise.all(all.map((each) => each()));
    assert.deepEqual(await changed(), [false, false, false]);
    world.texts.set('/w/node_modules/.package-lock.json', '{}');
    assert.deepEqual(await changed(), [true, true, false]);
    chosen = undefined;
    assert.deepEqual(await changed(), [true, true, true]);
  });

  it('knows nothing any more when the environment is another one', async () => {
    const watched = new Watched();
    watched.world.installed.add('/usr/bin/go');
    await (await watched.look()).ask(['go', 'version']);
    await (await watched.look({ env: { ...facts.env, GOROOT: '/go' } })).ask(['go', 'version']);
    assert.equal(watched.asked.length, 2);
  });

  it('gives nothing of what is not there', async () => {
    const look = await new Watched().look();
    assert.deepEqual(
      [await look.kind('/none'), await look.text('/none'), await look.names('/none')],
      [undefined, undefined, []],
    );
  });
});
