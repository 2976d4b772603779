import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { findDebugger } from '../../../src/core/handshake/find-debugger.ts';
import type { Debugging } from '../../../src/core/runtimes/recipe.ts';
import { FakeChild, World } from '../../support/world.ts';

type At = { readonly host: string; readonly port: number } | undefined;

class Search {
  readonly world = new World();
  readonly child = new FakeChild({ argv: ['run'], cwd: '/w', env: {} }, 7);
  readonly found: At[] = [];

  constructor(debugging: Debugging) {
    findDebugger({
      debugging,
      port: 9229,
      child: this.child,
      outside: this.world,
      found: (at) => this.found.push(at),
    });
  }
}

const spoken: Debugging = {
  address: (line) => {
    const port = /^listening at (\d+)$/.exec(line)?.[1];
    return port === undefined ? undefined : { host: '127.0.0.1', port: Number(port) };
  },
  isDone: (line) => line === 'done',
};

describe('the debugger of a child', () => {
  it('is where it says, the one that spoke last; nowhere once the program is done', () => {
    const { child, found } = new Search(spoken);
    child.output.print('hello\nlistening at 4001\nlistening at 4002');
    child.output.print('done');
    assert.deepEqual(found, [
      { host: '127.0.0.1', port: 4001 },
      { host: '127.0.0.1', port: 4002 },
      undefined,
    ]);
  });

  it('that says nothing is there once the child listens at its port, without anybody having connected', async () => {
    const search = new Search({});
    const { world, found } = search;
    await world.pass(3000);
    assert.deepEqual(found, []);
    world.listeners = [{ host: '127.0.0.1', port: 9229, pid: 8 }];
    await world.pass(500);
    assert.deepEqual(found, [{ host: '127.0.0.1', port: 9229 }]);
    assert.ok(!world.looks.some(({ what }) => what.startsWith('connect')));
  });

  it('is looked for by connecting where nobody can tell who listens', async () => {
    const search = new Search({});
    search.world.sockets.listenersOf = () => Promise.resolve(undefined);
    await search.world.pass(100);
    assert.deepEqual(search.found, []);
    search.world.openPorts.add(9229);
    await search.world.pass(500);
    assert.equal(search.found.length, 1);
  });

  it('is not looked for any more when the child is gone', async () => {
    const search = new Search({});
    await search.world.pass(100);
    search.child.end({ code: 0 });
    await search.world.settle();
    search.world.listeners = [{ host: '127.0.0.1', port: 9229, pid: 8 }];
    await search.world.pass(5000);
    assert.deepEqual(search.found, []);
  });

  it('that calls the editor is where the editor listens, from the beginning', () => {
    assert.deepEqual(new Search({ calls: true }).found, [{ host: '127.0.0.1', port: 9229 }]);
  });
});
