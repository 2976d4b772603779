import assert from 'node:assert/strict';
import { it } from 'node:test';
import { Runtime } from '../../src/core/runtime.ts';
import { specOf } from '../support/spec.ts';
import { World } from '../support/world.ts';

/** The ports at which doors are open when all is started, where others have leased some. */
async function ports(
  leased: ReadonlySet<number>,
): Promise<{ asked: number[]; kept: Map<string, number>; open: number[] }> {
  const world = new World();
  const kept = new Map<string, number>();
  const closed: number[] = [];
  const open = world.doors.open.bind(world.doors);
  const doors = {
    open: async (wanted: Parameters<typeof open>[0]) => {
      const door = await open(wanted);
      return {
        ...door,
        close: () => {
          closed.push(door.port);
          return door.close();
        },
      };
    },
  };
  Object.defineProperty(world, 'doors', { value: doors });
  const runtime = new Runtime({
    folder: '/w',
    outside: world,
    memory: {
      get: (name) => kept.get(name),
      set: (name, port) => void kept.set(name, port),
      isFree: (_name, port) => !leased.has(port),
    },
    environment: {},
    windows: false,
    trusted: true,
    pid: 1,
    tag: 't',
    load: () => ({
      files: [],
      services: [specOf({ name: 'api' })],
      frontDoor: { host: '127.0.0.1', port: 'auto', routes: {}, dispatch: [], allowedHosts: [] },
      problems: [],
    }),
    logPath: (name) => name,
    workFolder: (service) => `/built/${service}`,
    platform: 'linux',
  });
  await runtime.start({ kind: 'all' });
  const asked = world.doorsOpened.map(({ port }) => port);
  return { asked, kept, open: asked.filter((port) => !closed.includes(port)) };
}

it('a front door on any free port passes by those that other checkouts have leased, and keeps none of them open (IN-54)', async () => {
  assert.deepEqual((await ports(new Set())).asked.length, 2);
  const { asked, kept, open } = await ports(new Set([50_000, 50_001, 50_003]));
  assert.deepEqual(asked, [50_000, 50_001, 50_002, 50_003, 50_004]);
  assert.deepEqual(open, [50_002, 50_004]);
  assert.deepEqual([...kept.values()], [50_002, 50_004]);
});

it('a front door takes what it gets where all ports seem to be leased', async () => {
  const { open } = await ports(new Set(Array.from({ length: 1000 }, (_, index) => 50_000 + index)));
  assert.equal(open.length, 2);
});
