import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { type PortLeases, portLeases, unleased } from '../../src/host/port-leases.ts';
import { workspace } from '../support/cli.ts';

interface Place {
  readonly place: string;
  /** Of a checkout of this name. */
  readonly of: (folder: string) => PortLeases;
}

async function leases(test: TestContext): Promise<Place> {
  const root = await workspace(test, { 'one/x': '', 'two/x': '' });
  const place = join(root, 'ports');
  return { place, of: (folder) => portLeases(place, join(root, folder)) };
}

describe('a lease of a port', () => {
  it('keeps others from it, and from nothing else', async (test) => {
    const { of } = await leases(test);
    const [one, two] = [of('one'), of('two')];
    assert.ok(one.take('web', 4000));
    assert.deepEqual(
      [one.isFree('web', 4000), one.isFree('api', 4000), two.isFree('web', 4000), two.isFree('web', 4001)],
      [true, false, false, true],
    );
    assert.deepEqual(
      [two.take('web', 4000), one.take('api', 4000), one.take('web', 4000)],
      [false, false, true],
    );
    assert.deepEqual([...of('one').own], [['web', 4000]]);
    assert.deepEqual([...of('two').own], []);
  });

  it('is given back when its name has another one', async (test) => {
    const { of, place } = await leases(test);
    const one = of('one');
    one.take('', 4000);
    one.take('', 4001);
    assert.deepEqual(readdirSync(place), ['4001']);
    assert.ok(of('two').take('', 4000));
  });

  it('ends with its checkout', async (test) => {
    const { of, place } = await leases(test);
    of('one').take('web', 4000);
    await rename(join(place, '../one'), join(place, '../elsewhere'));
    assert.ok(of('two').isFree('web', 4000));
    assert.deepEqual(readdirSync(place), [], 'and is cleared away by the next one who looks');
  });

  it('is whatever stands in its file: what makes no sense is nobody’s, and a folder is left alone', async (test) => {
    const { of, place } = await leases(test);
    mkdirSync(join(place, '4002/mine'), { recursive: true });
    writeFileSync(join(place, '4000'), '{"folder": "/ha');
    writeFileSync(join(place, '4001'), JSON.stringify({ folder: 'relative', name: 'web' }));
    writeFileSync(join(place, '99999'), JSON.stringify({ folder: place, name: 'web' }));
    const one = of('one');
    assert.deepEqual(
      [one.take('a', 4000), one.take('b', 4001), one.take('c', 4002)],
      [true, true, true],
      'an address does not depend on it',
    );
    assert.deepEqual(JSON.parse(readFileSync(join(place, '4000'), 'utf8')), {
      folder: join(place, '../one'),
      name: 'a',
    });
    assert.ok(existsSync(join(place, '4002/mine')));
  });

  it('is one of a thousand at most: those that were not used for longest go', async (test) => {
    const { of, place } = await leases(test);
    mkdirSync(place);
    const folder = join(place, '../one');
    for (let port = 2000; port < 3005; port++) {
      writeFileSync(join(place, String(port)), JSON.stringify({ folder, name: String(port) }));
      utimesSync(join(place, String(port)), port, port);
    }
    assert.equal(of('two').own.size, 0);
    const left = readdirSync(place)
      .map(Number)
      .toSorted((a, b) => a - b);
    assert.deepEqual([left.length, left[0]], [1000, 2005]);
  });

  it('keeps instances from it, but for one that had the port before', async (test) => {
    const { of } = await leases(test);
    const one = of('one');
    one.take('web', 4000);
    one.take('api', 4001);
    const asked: (number | undefined)[] = [];
    let next = 4000;
    const find = unleased((preferred) => {
      asked.push(preferred);
      return Promise.resolve(preferred ?? next++);
    }, of('two'));
    assert.equal(await find(), 4002);
    assert.equal(asked.length, 3);
    assert.equal(await find(4001), 4001);
    const all = unleased(() => Promise.resolve(4000), one);
    assert.equal(await all(), 4000, 'rather that than none');
  });

  it('belongs to one of several who want it at the same moment', async (test) => {
    const { place } = await leases(test);
    const source = resolve(import.meta.dirname, '../../src/host/port-leases.ts');
    const script = `
      import { portLeases } from ${JSON.stringify(source)};
      const leases = portLeases(process.argv[1], process.argv[2]);
      process.stdin.once('data', () => {
        const got = [];
        for (let port = 5000; port < 5200; port++) if (leases.take('name' + port, port)) got.push(port);
        process.stdout.write(JSON.stringify(got), () => process.exit());
      });
      process.stderr.write('ready');
    `;
    const children = ['one', 'two', 'one', 'two'].map((name, index) => {
      const folder = join(place, '..', name, String(index));
      mkdirSync(folder);
      return spawn(process.execPath, ['--input-type=module', '-e', script, place, folder], { stdio: 'pipe' });
    });
    test.after(() => children.forEach((child) => child.kill('SIGKILL')));
    await Promise.all(children.map((child) => once(child.stderr, 'data')));
    const outputs = children.map(async (child) => {
      let text = '';
      for await (const chunk of child.stdout.setEncoding('utf8')) text += String(chunk);
      return JSON.parse(text) as number[];
    });
    for (const child of children) child.stdin.end('go');
    const got = await Promise.all(outputs);
    const all = got.flat();
    assert.equal(new Set(all).size, all.length, 'no port has two owners');
    assert.equal(all.length, 200, 'and each has one');
  });
});
