import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { realpath, rename } from 'node:fs/promises';
import { createServer } from 'node:net';
import { dirname, join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { noteFolder, sweepStorage } from '../../src/host/storage-sweep.ts';
import { storageOf } from '../../src/host/storage.ts';
import { workspace } from '../support/cli.ts';

const day = 24 * 3600 * 1000;
const now = Date.now();

/** What a checkout has left behind that was run so many days ago. */
async function remains(test: TestContext, days: number): Promise<{ folder: string; storage: string }> {
  const root = await realpath(await workspace(test, { 'checkout/x': '' }));
  const before = process.env['XDG_STATE_HOME'];
  process.env['XDG_STATE_HOME'] = join(root, 'state');
  test.after(() => {
    if (before === undefined) delete process.env['XDG_STATE_HOME'];
    else process.env['XDG_STATE_HOME'] = before;
  });
  const folder = join(root, 'checkout');
  const storage = storageOf(folder);
  for (const each of ['logs', 'work/web/venv/bin']) mkdirSync(join(storage, each), { recursive: true });
  noteFolder(storage, folder);
  const files = ['logs/web.0.log', 'logs/web.0.log.1', 'ports.json', 'daemon.log'];
  for (const name of [...files, 'work/web/builds.json', 'work/web/venv/bin/python'])
    writeFileSync(join(storage, name), 'x');
  age(storage, days);
  return { folder, storage };
}

function age(storage: string, days: number): void {
  const then = new Date(now - days * day);
  for (const name of readdirSync(storage, { recursive: true }))
    utimesSync(join(storage, String(name)), then, then);
  utimesSync(storage, then, then);
}

const gone = (folder: string): Promise<void> => rename(folder, `${folder}-elsewhere`);

describe('what was kept for a checkout', () => {
  it('goes a month after the checkout has', async (test) => {
    const { folder, storage } = await remains(test, 31);
    await gone(folder);
    assert.deepEqual(await sweepStorage(now), [storage]);
    assert.equal(existsSync(storage), false);
  });

  const stays: Readonly<Record<string, (at: { folder: string; storage: string }) => unknown>> = {
    'the checkout is there': () => undefined,
    'a log is younger than a month': async ({ folder, storage }) => {
      await gone(folder);
      const then = new Date(now - 29 * day);
      utimesSync(join(storage, 'logs/web.0.log'), then, then);
    },
    'something was built within a month': async ({ folder, storage }) => {
      await gone(folder);
      const then = new Date(now - 29 * day);
      utimesSync(join(storage, 'work/web/builds.json'), then, then);
    },
    'the folder above is missing too, as of a disk that is not there just now': async ({ folder }) => {
      mkdirSync(`${dirname(folder)}/other`);
      await gone(folder);
      await rename(dirname(folder), `${dirname(folder)}-away`);
      process.env['XDG_STATE_HOME'] = join(`${dirname(folder)}-away`, 'state');
    },
    'somebody has put something of their own into it': async ({ folder, storage }) => {
      await gone(folder);
      writeFileSync(join(storage, 'notes.txt'), 'mine');
      age(storage, 31);
    },
    'nothing tells which checkout it was for': async ({ folder, storage }) => {
      await gone(folder);
      writeFileSync(join(storage, 'folder.json'), '{}');
      age(storage, 31);
    },
    'its note names another checkout': async ({ folder, storage }) => {
      await gone(folder);
      writeFileSync(join(storage, 'folder.json'), JSON.stringify({ folder: join(folder, '../nowhere') }));
      age(storage, 31);
    },
  };
  for (const [why, make] of Object.entries(stays)) {
    it(`stays when ${why}`, async (test) => {
      const at = await remains(test, 31);
      test.after(() => rename(`${dirname(at.folder)}-away`, dirname(at.folder)).catch(() => undefined));
      await make(at);
      const storage = at.storage.replace(/.*\/state/, process.env['XDG_STATE_HOME'] ?? '');
      const before = readdirSync(storage, { recursive: true });
      assert.deepEqual(await sweepStorage(now), []);
      assert.deepEqual(readdirSync(storage, { recursive: true }), before, 'all of it');
    });
  }

  it('stays while somebody runs it', async (test) => {
    const { folder, storage } = await remains(test, 31);
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(join(storage, 'control.sock'), () => resolve()));
    test.after(() => server.close());
    age(storage, 31);
    await gone(folder);
    assert.deepEqual(await sweepStorage(now), []);
    assert.ok(existsSync(join(storage, 'logs/web.0.log')));
  });
});
