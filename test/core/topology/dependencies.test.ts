import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { DependencyCondition } from '../../../src/config/spec.ts';
import { inWords, type Known, type Standing, waitsIn } from '../../../src/core/topology/dependencies.ts';
import { specOf } from '../../support/spec.ts';

const standing = (more: Partial<Standing>): Standing => ({
  name: 'db.0',
  state: 'STOPPED',
  atRest: true,
  done: false,
  waits: false,
  ...more,
});
const up = { state: 'RUNNING', atRest: false } as const;
const done = { state: 'EXITED', done: true } as const;

/** `api` depends on `db` under a condition; what it waits for is told as `reason`, with a ! when it will not come. */
function wait(condition: DependencyCondition, db: Partial<Standing>, hasHealth = false): string {
  const known = new Map<string, Known>([
    ['api', { spec: specOf({ dependsOn: { db: condition } }), instances: [] }],
    [
      'db',
      {
        spec: specOf({
          name: 'db',
          ...(hasHealth ? { health: { tcp: true, intervalMs: 1, timeoutMs: 1, failures: 1 } } : {}),
        }),
        instances: [standing(db)],
      },
    ],
  ]);
  return told(known);
}

function told(known: ReadonlyMap<string, Known>, of = 'api'): string {
  return waitsIn(known)(of)
    .map(({ service, reason, stuck }) => `${service}: ${reason}${stuck ? '!' : ''}`)
    .join(', ');
}

describe('a dependency', () => {
  type Row = readonly [state: string, started: string, ready: string, healthy: string, exited: string];
  const rows: readonly (readonly [Partial<Standing>, ...Row])[] = [
    [{}, 'STOPPED', 'STOPPED!', 'STOPPED!', 'STOPPED!', 'STOPPED!'],
    [{ state: 'STARTING', atRest: false }, 'STARTING', '', 'STARTING', 'STARTING', 'STARTING'],
    [up, 'RUNNING', '', '', '', 'still running'],
    [
      { state: 'BACKOFF', atRest: false },
      'BACKOFF',
      ...(['failed, tried again', 'failed, tried again'] as const),
      ...(['failed, tried again', 'failed, tried again'] as const),
    ],
    [{ state: 'STOPPING', atRest: false }, 'STOPPING', 'STOPPING', 'STOPPING', 'STOPPING', 'STOPPING'],
    [done, 'EXITED as expected', '', '', '', ''],
    [
      { state: 'EXITED', ending: 'exited with code 1' },
      'EXITED otherwise',
      ...([
        'failed, exited with code 1!',
        'failed, exited with code 1!',
        'failed, exited with code 1!',
        'failed, exited with code 1!',
      ] as const),
    ],
    [
      { state: 'EXITED', atRest: false, ending: 'exited with code 1' },
      'EXITED and about to be restarted',
      ...([
        'failed, exited with code 1',
        'failed, exited with code 1',
        'failed, exited with code 1',
        'failed, exited with code 1',
      ] as const),
    ],
    [{ state: 'FATAL' }, 'FATAL', ...(['FATAL!', 'FATAL!', 'FATAL!', 'FATAL!'] as const)],
    [
      { state: 'UNKNOWN', atRest: false },
      'UNKNOWN',
      ...(['out of our hands!', 'out of our hands!'] as const),
      ...(['out of our hands!', 'out of our hands!'] as const),
    ],
    [
      { ...done, waits: true },
      'EXITED, with a start that waits',
      ...(['about to start', 'about to start', 'about to start', 'about to start'] as const),
    ],
  ];
  for (const [db, state, ...reasons] of rows) {
    it(`on a service that is ${state} is met, or told with what is missing`, () => {
      const conditions = ['started', 'ready', 'healthy', 'exited'] as const;
      assert.deepEqual(
        conditions.map((condition) => wait(condition, db)),
        reasons.map((reason) => (reason === '' ? '' : `db: ${reason}`)),
      );
    });
  }

  it('on health is met by a check that passes, and by being ready where there is no check', () => {
    assert.equal(wait('healthy', { ...up, health: 'unknown' }, true), 'db: not healthy yet');
    assert.equal(wait('healthy', { ...up, health: 'unhealthy' }, true), 'db: not healthy');
    assert.equal(wait('healthy', { ...up, health: 'healthy' }, true), '');
    assert.equal(wait('healthy', up, false), '');
  });

  it('on something that is not there never comes', () => {
    const api = { spec: specOf({ dependsOn: { db: 'ready' } }), instances: [] } as const;
    assert.equal(told(new Map([['api', api]])), 'db: not there!');
  });

  it('is met by all instances, and what cannot come is told first', () => {
    const known = (...instances: readonly Partial<Standing>[]): ReadonlyMap<string, Known> =>
      new Map<string, Known>([
        ['api', { spec: specOf({ dependsOn: { db: 'ready' } }), instances: [] }],
        [
          'db',
          {
            spec: specOf({ name: 'db' }),
            instances: instances.map((each, index) => standing({ ...each, name: `db.${index}` })),
          },
        ],
      ]);
    const starting = { state: 'STARTING', atRest: false } as const;
    assert.equal(told(known(up, starting)), 'db: db.1 STARTING');
    assert.equal(told(known(starting, { state: 'FATAL' })), 'db: db.1 FATAL!');
    assert.equal(told(known(up, up)), '');
  });

  it('that waits itself is told with what for, and never comes when that never comes', () => {
    const chain = (vault: Partial<Standing>): ReadonlyMap<string, Known> =>
      new Map<string, Known>([
        ['api', { spec: specOf({ dependsOn: { db: 'started' } }), instances: [] }],
        [
          'db',
          {
            spec: specOf({ name: 'db', dependsOn: { vault: 'ready' } }),
            instances: [standing({ waits: true })],
          },
        ],
        ['vault', { spec: specOf({ name: 'vault' }), instances: [standing(vault)] }],
      ]);
    assert.equal(told(chain({ state: 'STARTING', atRest: false })), 'db: waiting for vault');
    assert.equal(told(chain({ state: 'FATAL' })), 'db: waiting for vault!');
  });
});

it('what a start waits for reads as a sentence', () => {
  const wait = { condition: 'ready', stuck: false } as const;
  const [db, migrate, vault] = [
    { ...wait, service: 'db', reason: 'not healthy' },
    { ...wait, service: 'migrate', reason: 'still running' },
    { ...wait, service: 'vault', reason: 'STARTING' },
  ];
  assert.equal(inWords([db]), 'db (not healthy)');
  assert.equal(
    inWords([db, migrate, vault]),
    'db (not healthy), migrate (still running) and vault (STARTING)',
  );
});
