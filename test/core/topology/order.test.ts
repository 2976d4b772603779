import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec } from '../../../src/config/spec.ts';
import { groupNameOf } from '../../../src/core/topology/groups.ts';
import { dependentsOf, inStartOrder, inStopStages, type Ordered } from '../../../src/core/topology/order.ts';
import { programSpec } from '../../support/program.ts';
import { specOf } from '../../support/spec.ts';

const ours = (name: string, more: Partial<ServiceSpec> = {}): ServiceSpec => specOf({ name, ...more });

function ordered(specs: readonly ServiceSpec[]): readonly Ordered[] {
  return specs.flatMap((spec) =>
    Array.from({ length: spec.instances }, (_, index) => ({
      spec,
      process: spec.program?.processes[index]?.name ?? spec.name,
      group: groupNameOf(spec),
    })),
  );
}

function start(specs: readonly ServiceSpec[]): readonly string[] {
  return inStartOrder(ordered(specs)).map(({ process }) => process);
}

function stop(specs: readonly ServiceSpec[], of = specs): readonly string[] {
  return inStopStages(ordered(of), specs).map((stage) => stage.map(({ process }) => process).join(' '));
}

describe('the start order', () => {
  const cases: Readonly<Record<string, readonly [specs: readonly ServiceSpec[], order: string]>> = {
    'is that of the file where nobody says otherwise': [[ours('web'), ours('api'), ours('db')], 'web api db'],
    'puts low priorities first': [
      [ours('web'), ours('api', { priority: 5 }), ours('db', { priority: -1 })],
      'db api web',
    ],
    'keeps a group together, at the place of its first member': [
      [
        ours('web', { priority: 7 }),
        ours('api', { group: 'back', priority: 9 }),
        ours('db', { group: 'back', priority: 5 }),
      ],
      'db api web',
    ],
    'of programs with the same priority goes by name': [
      [
        programSpec({ name: 'web' }),
        programSpec({ name: 'api' }),
        programSpec({ name: 'db' }, { priority: 5 }),
      ],
      'db api web',
    ],
    'puts a group’s own priority above those of its programs (SV-40)': [
      [
        programSpec({ name: 'late', group: 'b', groupPriority: 2 }, { priority: 1 }),
        programSpec({ name: 'second', group: 'a', groupPriority: 1 }, { priority: 9 }),
        programSpec({ name: 'first', group: 'a', groupPriority: 1 }, { priority: 8 }),
      ],
      'first second late',
    ],
    'puts event listeners first, since their priority is -1 (SV-42)': [
      [
        programSpec({ name: 'web' }),
        programSpec({ name: 'watchdog', kind: 'eventlistener', groupPriority: -1 }, { priority: -1 }),
      ],
      'watchdog web',
    ],
  };
  for (const [title, [specs, order]] of Object.entries(cases))
    it(title, () => assert.equal(start(specs).join(' '), order));
});

describe('the stop order', () => {
  const cases: Readonly<Record<string, readonly [specs: readonly ServiceSpec[], stages: readonly string[]]>> =
    {
      'lets services of the same priority stop together': [[ours('a'), ours('b')], ['b a']],
      'goes from the highest priority to the lowest': [
        [ours('db', { priority: 1 }), ours('api', { priority: 2 }), ours('web')],
        ['web', 'api', 'db'],
      ],
      'stops groups one after another, the highest priority first (SV-41)': [
        [
          programSpec({ name: 'one', group: 'low', groupPriority: 1 }),
          programSpec({ name: 'two', group: 'high', groupPriority: 2 }, { priority: 3 }),
          programSpec({ name: 'three', group: 'high', groupPriority: 2 }, { priority: 4 }),
          programSpec({ name: 'a' }),
          programSpec({ name: 'b' }),
        ],
        ['b', 'a', 'three two', 'one'],
      ],
      'stops all processes of a group together, the highest priority first (SV-40)': [
        [programSpec({ name: 'web', processes: ['web_0', 'web_1', 'web_2'] })],
        ['web_2 web_1 web_0'],
      ],
      'stops event listeners last (SV-42)': [
        [
          programSpec({ name: 'watchdog', kind: 'eventlistener', groupPriority: -1 }, { priority: -1 }),
          programSpec({ name: 'web' }),
        ],
        ['web', 'watchdog'],
      ],
      'puts whoever depends on another before that other': [
        [
          ours('db', { dependsOn: { vault: 'ready' } }),
          ours('api', { dependsOn: { db: 'ready' } }),
          ours('vault'),
        ],
        ['api', 'db', 'vault'],
      ],
      'lets a dependency win over priorities and groups': [
        [
          ours('db', { priority: 9, group: 'data' }),
          ours('cache', { priority: 9, group: 'data' }),
          ours('api', { priority: 1, dependsOn: { db: 'ready' } }),
        ],
        ['cache', 'api', 'db'],
      ],
    };
  for (const [title, [specs, stages]] of Object.entries(cases))
    it(title, () => assert.deepEqual(stop(specs), stages));

  it('knows of a dependency that leads through a service that is not stopped now', () => {
    const db = ours('db');
    const middle = ours('middle', { dependsOn: { db: 'ready' } });
    const api = ours('api', { dependsOn: { middle: 'ready' } });
    assert.deepEqual(stop([db, middle, api], [db, api]), ['api', 'db']);
  });

  it('ends with everything stopped even where services wait for each other', () => {
    const a = ours('a', { dependsOn: { b: 'ready' } });
    const b = ours('b', { dependsOn: { a: 'ready' } });
    assert.deepEqual(stop([a, b]), ['b a']);
  });
});

describe('what depends on a service', () => {
  it('is found over several steps, the nearest first, each once', () => {
    const specs = [
      ours('db'),
      ours('web', { dependsOn: { api: 'ready', auth: 'ready' } }),
      ours('api', { dependsOn: { db: 'healthy' } }),
      ours('auth', { dependsOn: { db: 'started', api: 'ready' } }),
      ours('other'),
    ];
    assert.deepEqual(dependentsOf('db', specs), ['api', 'auth', 'web']);
    assert.deepEqual(dependentsOf('other', specs), []);
  });
});
