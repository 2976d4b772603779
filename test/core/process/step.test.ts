import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { isAtRest, pidOf, type ProcessState, stateName, stopped } from '../../../src/core/process/state.ts';
import { freeQuickRestarts, shortLifeMs } from '../../../src/core/process/by-happening.ts';
import type { Policy } from '../../../src/core/process/policy.ts';
import { type Effect, type ProcessEvent, step } from '../../../src/core/process/step.ts';

const base: Policy = {
  startMs: 1000,
  startRetries: 3,
  stopSignal: 'TERM',
  stopMs: 10_000,
  partMs: 0,
  killsParted: false,
  restart: 'unexpected',
  exitCodes: [0],
  proof: false,
  stopTo: 'group',
  killTo: 'group',
  paced: true,
  keepsCount: false,
  final: false,
};
const proven: Policy = { ...base, startMs: 0, proof: true };

/** One instance in a world without processes: applies steps and keeps what was ordered. */
class Story {
  state: ProcessState = stopped;
  readonly told: string[] = [];
  effects: readonly Effect[] = [];
  now = 0;
  readonly #policy: Policy;

  constructor(policy: Policy) {
    this.#policy = policy;
  }

  at(now: number, event: ProcessEvent): this {
    this.now = now;
    const next = step(this.state, event, this.#policy, now);
    for (const state of next.states) {
      const [from, to] = [stateName(this.state), stateName(state)];
      if (from !== to) this.told.push(`${from} -> ${to}`);
      this.state = state;
    }
    this.effects = next.effects;
    return this;
  }

  armed(): number | undefined {
    return this.effects.findLast((effect) => effect.kind === 'arm')?.at;
  }
}

const crash: ProcessEvent = { kind: 'exited', exit: { code: 1 } };
const ordered = (story: Story): readonly string[] =>
  story.effects.map((effect) => (effect.kind === 'signal' ? `signal ${effect.name}` : effect.kind));

describe('a start without proof', () => {
  it('becomes RUNNING only strictly after startSeconds (SV-18)', () => {
    const story = new Story(base).at(0, { kind: 'start' });
    assert.deepEqual(ordered(story), ['disarm', 'spawn']);
    story.at(5, { kind: 'spawned', pid: 7 });
    assert.equal(story.armed(), 1006);
    story.at(1005, { kind: 'time' });
    assert.equal(stateName(story.state), 'STARTING');
    story.at(1006, { kind: 'time' });
    assert.deepEqual(story.told, ['STOPPED -> STARTING', 'STARTING -> RUNNING']);
  });

  it('is RUNNING at the next tick with startSeconds 0 (SV-18)', () => {
    const story = new Story({ ...base, startMs: 0 })
      .at(0, { kind: 'start' })
      .at(0, { kind: 'spawned', pid: 7 });
    assert.equal(story.armed(), 1);
    story.at(1, { kind: 'time' });
    assert.equal(stateName(story.state), 'RUNNING');
  });

  it('that ends too quickly has failed even with an expected exit code (SV-17)', () => {
    const story = new Story(base).at(0, { kind: 'start' }).at(0, { kind: 'spawned', pid: 7 });
    story.at(500, { kind: 'exited', exit: { code: 0 } });
    assert.deepEqual(story.told, ['STOPPED -> STARTING', 'STARTING -> BACKOFF']);
  });

  it('that ends after startSeconds but before a tick passes through RUNNING (SV-19)', () => {
    const story = new Story({ ...base, restart: 'never' })
      .at(0, { kind: 'start' })
      .at(0, { kind: 'spawned', pid: 7 });
    story.at(1000, crash);
    assert.deepEqual(story.told, ['STOPPED -> STARTING', 'STARTING -> RUNNING', 'RUNNING -> EXITED']);
  });
});

describe('a start with a handshake', () => {
  it('is RUNNING the moment it is ready', () => {
    const story = new Story(proven).at(0, { kind: 'start' }).at(2, { kind: 'spawned', pid: 7 });
    assert.equal(story.armed(), undefined);
    story.at(3, { kind: 'ready' });
    assert.deepEqual(story.state, { kind: 'running', pid: 7, since: 3, quick: 0 });
  });

  it('waits for startSeconds as well when they are asked for', () => {
    const story = new Story({ ...proven, startMs: 100 })
      .at(0, { kind: 'start' })
      .at(2, { kind: 'spawned', pid: 7 });
    story.at(3, { kind: 'ready' });
    assert.equal(stateName(story.state), 'STARTING');
    story.at(103, { kind: 'time' });
    assert.equal(stateName(story.state), 'RUNNING');
  });

  it('that makes no sense is given up in the same breath, without a second try', () => {
    const story = new Story(base).at(0, { kind: 'start' }).at(5, { kind: 'unfit' });
    assert.deepEqual(story.told, ['STOPPED -> STARTING', 'STARTING -> BACKOFF', 'BACKOFF -> FATAL']);
    assert.deepEqual(story.effects, [{ kind: 'disarm' }]);
    story.at(6, { kind: 'start' });
    assert.deepEqual(story.effects.at(-1), { kind: 'spawn' });
  });

  it('that makes no sense is over when it was stopped meanwhile, and begins anew when it was restarted', () => {
    const stopping = new Story(base)
      .at(0, { kind: 'start' })
      .at(1, { kind: 'stop' })
      .at(2, { kind: 'unfit' });
    assert.equal(stopping.state.kind, 'stopped');
    const again = new Story(base)
      .at(0, { kind: 'start' })
      .at(1, { kind: 'restart' })
      .at(2, { kind: 'unfit' });
    assert.equal(again.state.kind, 'starting');
  });

  it('that can never be met puts the child down and is FATAL at once, for trying again cannot help (RP-42)', () => {
    const story = new Story(proven).at(0, { kind: 'start' }).at(1, { kind: 'spawned', pid: 7 });
    story.at(5, { kind: 'handshakeFailed' });
    assert.deepEqual(ordered(story), ['signal TERM', 'arm']);
    story.at(9, { kind: 'exited', exit: { signal: 'SIGTERM' } });
    assert.deepEqual(story.told, ['STOPPED -> STARTING', 'STARTING -> BACKOFF', 'BACKOFF -> FATAL']);
  });

  it('that fails while the child ignores the signal ends in SIGKILL', () => {
    const story = new Story(proven).at(0, { kind: 'start' }).at(1, { kind: 'spawned', pid: 7 });
    story.at(5, { kind: 'handshakeFailed' }).at(10_005, { kind: 'time' });
    assert.deepEqual(ordered(story), ['signal KILL', 'arm']);
    assert.equal(stateName(story.state), 'BACKOFF');
  });

  it('stopped while such a child is dying waits for its end', () => {
    const story = new Story(proven).at(0, { kind: 'start' }).at(1, { kind: 'spawned', pid: 7 });
    story.at(5, { kind: 'handshakeFailed' }).at(6, { kind: 'stop' });
    assert.equal(stateName(story.state), 'STOPPING');
    story.at(9, { kind: 'exited', exit: { signal: 'SIGTERM' } });
    assert.equal(stateName(story.state), 'STOPPED');
  });
});

describe('failed starts', () => {
  it('are retried after more than 1, 2 and 3 seconds, then given up: four spawns in all (SV-15, SV-25)', () => {
    const story = new Story(base).at(0, { kind: 'start' });
    let spawns = 1;
    const waits: number[] = [];
    for (;;) {
      story.at(story.now, { kind: 'spawned', pid: 7 }).at(story.now + 10, crash);
      if (stateName(story.state) === 'FATAL') break;
      const due = story.armed() ?? 0;
      const failedAt = story.now;
      story.at(due - 1, { kind: 'time' });
      assert.equal(stateName(story.state), 'BACKOFF');
      story.at(due, { kind: 'time' });
      waits.push(due - failedAt);
      spawns += 1;
    }
    assert.equal(spawns, 4);
    assert.deepEqual(waits, [1001, 2001, 3001]);
    assert.deepEqual(story.told.slice(-2), ['STARTING -> BACKOFF', 'BACKOFF -> FATAL']);
  });

  it('with startRetries 0 are given up after one spawn (SV-16)', () => {
    const story = new Story({ ...base, startRetries: 0 })
      .at(0, { kind: 'start' })
      .at(0, { kind: 'spawned', pid: 7 });
    story.at(1, crash);
    assert.deepEqual(story.told, ['STOPPED -> STARTING', 'STARTING -> BACKOFF', 'BACKOFF -> FATAL']);
  });

  it('include a command that cannot be run (SV-7)', () => {
    const story = new Story(base).at(0, { kind: 'start' }).at(1, { kind: 'spawnFailed' });
    assert.deepEqual(story.state, { kind: 'backoff', attempt: 1, until: 1001, giveUp: false });
  });

  it('are left behind by a person who starts again without waiting', () => {
    const story = new Story(base)
      .at(0, { kind: 'start' })
      .at(1, { kind: 'spawnFailed' })
      .at(2, { kind: 'start' });
    assert.equal(stateName(story.state), 'STARTING');
    assert.deepEqual(ordered(story), ['disarm', 'spawn']);
  });
});

describe('a stop', () => {
  it('from RUNNING and STARTING signals, and waits (SV-28)', () => {
    for (const prepare of [(story: Story) => story, (story: Story) => story.at(1001, { kind: 'time' })]) {
      const story = prepare(new Story(base).at(0, { kind: 'start' }).at(0, { kind: 'spawned', pid: 7 }));
      story.at(2000, { kind: 'stop' });
      assert.deepEqual(story.effects, [
        { kind: 'signal', name: 'TERM', to: 'group' },
        { kind: 'arm', at: 12_000 },
      ]);
      assert.equal(stateName(story.state), 'STOPPING');
      story.at(2010, { kind: 'exited', exit: { signal: 'SIGTERM' } });
      assert.equal(stateName(story.state), 'STOPPED');
    }
  });

  it('from BACKOFF is STOPPED at once, without a signal (SV-29)', () => {
    const story = new Story(base)
      .at(0, { kind: 'start' })
      .at(1, { kind: 'spawnFailed' })
      .at(2, { kind: 'stop' });
    assert.deepEqual(story.told.at(-1), 'BACKOFF -> STOPPED');
    assert.deepEqual(ordered(story), ['disarm']);
  });

  it('of something that does not run changes nothing (SV-30)', () => {
    for (const state of [stopped, { kind: 'fatal' }] as const) {
      assert.deepEqual(step(state, { kind: 'stop' }, base, 0), { states: [], effects: [] });
    }
  });

  it('that is not heeded ends in SIGKILL once per stopSeconds, not earlier, without a second STOPPING (SV-31)', () => {
    const story = new Story(base)
      .at(0, { kind: 'start' })
      .at(0, { kind: 'spawned', pid: 7 })
      .at(5, { kind: 'stop' });
    story.at(10_004, { kind: 'time' });
    assert.deepEqual(ordered(story), ['arm']);
    story.at(10_005, { kind: 'time' });
    assert.deepEqual(story.effects, [
      { kind: 'signal', name: 'KILL', to: 'group' },
      { kind: 'arm', at: 20_005 },
    ]);
    story.at(20_005, { kind: 'time' });
    assert.deepEqual(ordered(story), ['signal KILL', 'arm']);
    assert.equal(story.told.filter((each) => each.endsWith('STOPPING')).length, 1);
  });

  it('before the child is born reaches it at its birth', () => {
    const story = new Story(base).at(0, { kind: 'start' }).at(1, { kind: 'stop' });
    assert.deepEqual(ordered(story), ['arm']);
    story.at(2, { kind: 'spawned', pid: 7 });
    assert.deepEqual(ordered(story), ['signal TERM', 'arm']);
  });

  it('before a child that cannot be born is STOPPED', () => {
    const story = new Story(base)
      .at(0, { kind: 'start' })
      .at(1, { kind: 'stop' })
      .at(2, { kind: 'spawnFailed' });
    assert.deepEqual(story.state, stopped);
  });

  it('that meets another error than "no such process" leaves UNKNOWN with its pid (SV-34)', () => {
    const story = new Story(base)
      .at(0, { kind: 'start' })
      .at(0, { kind: 'spawned', pid: 7 })
      .at(5, { kind: 'stop' });
    story.at(6, { kind: 'signalFailed' });
    assert.deepEqual(story.state, { kind: 'unknown', pid: 7 });
    story.at(9, { kind: 'exited', exit: { code: 0 } });
    assert.equal(stateName(story.state), 'EXITED');
  });
});

describe('a restart', () => {
  it('starts only after the stop has finished', () => {
    const story = new Story(base)
      .at(0, { kind: 'start' })
      .at(0, { kind: 'spawned', pid: 7 })
      .at(5, { kind: 'restart' });
    assert.deepEqual(ordered(story), ['signal TERM', 'arm']);
    story.at(8, { kind: 'exited', exit: { code: 0 } });
    assert.deepEqual(ordered(story), ['disarm', 'spawn']);
    assert.deepEqual(story.told.slice(-3), [
      'STARTING -> STOPPING',
      'STOPPING -> STOPPED',
      'STOPPED -> STARTING',
    ]);
  });

  it('is called off by a stop, and a stop by a start', () => {
    const story = new Story(base).at(0, { kind: 'start' }).at(0, { kind: 'spawned', pid: 7 });
    story
      .at(5, { kind: 'restart' })
      .at(6, { kind: 'stop' })
      .at(8, { kind: 'exited', exit: { code: 0 } });
    assert.equal(stateName(story.state), 'STOPPED');
    const again = new Story(base).at(0, { kind: 'start' }).at(0, { kind: 'spawned', pid: 7 });
    again
      .at(5, { kind: 'stop' })
      .at(6, { kind: 'start' })
      .at(8, { kind: 'exited', exit: { code: 0 } });
    assert.equal(stateName(again.state), 'STARTING');
  });
});

describe('an exit of a RUNNING instance', () => {
  const running = (policy: Policy): Story =>
    new Story(policy).at(0, { kind: 'start' }).at(1, { kind: 'spawned', pid: 7 }).at(2, { kind: 'ready' });

  for (const { restart, exit, expected, again } of [
    { restart: 'unexpected', exit: { code: 0 }, expected: true, again: false },
    { restart: 'unexpected', exit: { code: 1 }, expected: false, again: true },
    { restart: 'unexpected', exit: { signal: 'SIGKILL' }, expected: false, again: true },
    { restart: 'always', exit: { code: 0 }, expected: true, again: true },
    { restart: 'never', exit: { code: 1 }, expected: false, again: false },
  ] as const) {
    const how = 'code' in exit ? `code ${exit.code}` : exit.signal;
    it(`by ${how} with restart "${restart}" is ${again ? 'followed by a start' : 'the end'} (SV-20, SV-21, SV-22)`, () => {
      const story = running({ ...proven, restart }).at(5000, { kind: 'exited', exit });
      const exited = story.told.includes('RUNNING -> EXITED');
      assert.equal(exited, true);
      assert.equal(story.told.includes('EXITED -> STARTING'), again);
      if (story.state.kind === 'exited') assert.equal(story.state.expected, expected);
    });
  }

  it('is answered at once, until short lives in a row make a crash loop, which is paced', () => {
    const story = running(proven);
    const waits: number[] = [];
    for (let life = 1; life <= freeQuickRestarts + 3; life += 1) {
      story.at(story.now + 1, crash);
      const due = story.armed();
      waits.push(due === undefined ? 0 : due - story.now);
      if (due !== undefined) story.at(due, { kind: 'time' });
      story.at(story.now, { kind: 'spawned', pid: 7 }).at(story.now + 1, { kind: 'ready' });
    }
    assert.deepEqual(waits, [...Array.from({ length: freeQuickRestarts }, () => 0), 1000, 2000, 3000]);
    story.at(story.now + shortLifeMs, crash);
    assert.deepEqual(ordered(story), ['disarm', 'spawn']);
  });

  it('whose paced restart is awaited can be called off', () => {
    const story = new Story(proven);
    story.state = { kind: 'exited', exit: { code: 1 }, expected: false, restartAt: 99, quick: 12 };
    story.at(5, { kind: 'stop' });
    assert.deepEqual(story.state, stopped);
  });
});

describe('the states', () => {
  const every: readonly ProcessState[] = [
    stopped,
    { kind: 'starting', since: 0, attempt: 0, pid: 7, ready: false, quick: 0 },
    { kind: 'running', pid: 7, since: 0, quick: 0 },
    { kind: 'backoff', attempt: 1, until: 0, giveUp: false },
    { kind: 'stopping', pid: 7, killAt: 0, next: 'stopped' },
    { kind: 'exited', exit: { code: 0 }, expected: true, quick: 0 },
    { kind: 'fatal' },
    { kind: 'unknown', pid: 7 },
  ];
  const named = (meets: (state: ProcessState) => boolean): readonly string[] =>
    every.filter(meets).map((state) => stateName(state));

  it('fall into those at rest, those with a child, and the one that waits (SV-1)', () => {
    assert.deepEqual(named(isAtRest), ['STOPPED', 'EXITED', 'FATAL']);
    assert.deepEqual(
      named((state) => pidOf(state) !== undefined),
      ['STARTING', 'RUNNING', 'STOPPING', 'UNKNOWN'],
    );
    assert.deepEqual(
      named((state) => !isAtRest(state) && pidOf(state) === undefined),
      ['BACKOFF'],
    );
  });
});

describe('under the rules of a supervisord.conf', () => {
  const program: Policy = { ...base, paced: false, keepsCount: true, stopTo: 'process', killTo: 'process' };

  it('restarts have no limit and no delay, however short the lives', () => {
    const story = new Story({ ...program, restart: 'always' }).at(0, { kind: 'start' });
    for (let life = 0; life < 50; life += 1) {
      story.at(story.now, { kind: 'spawned', pid: 7 }).at(story.now + 1001, { kind: 'time' });
      story.at(story.now + 1, crash);
      assert.deepEqual(ordered(story), ['disarm', 'spawn']);
    }
  });

  it('failed starts are still counted after a stop of a start under way (SV-29)', () => {
    const story = new Story(program).at(0, { kind: 'start' }).at(0, { kind: 'spawned', pid: 7 });
    story.at(1, crash).at(1002, { kind: 'time' }).at(1003, { kind: 'spawned', pid: 8 });
    story.at(1004, { kind: 'stop' }).at(1005, { kind: 'exited', exit: { signal: 'SIGTERM' } });
    assert.deepEqual(story.state, { kind: 'stopped', attempt: 1 });
    story.at(2000, { kind: 'start' });
    assert.equal(story.state.kind === 'starting' && story.state.attempt, 1);
  });

  it('and forgotten once it was RUNNING (SV-15)', () => {
    const story = new Story(program).at(0, { kind: 'start' }).at(0, { kind: 'spawned', pid: 7 });
    story.at(1, crash).at(1002, { kind: 'time' }).at(1003, { kind: 'spawned', pid: 8 });
    story.at(2004, { kind: 'time' }).at(2005, { kind: 'stop' });
    story.at(2006, { kind: 'exited', exit: { code: 0 } });
    assert.deepEqual(story.state, stopped);
  });

  it('an exit at exactly startsecs was not too quick, and a tick then is too early (SV-18, SV-19)', () => {
    const started = (): Story =>
      new Story(program).at(0, { kind: 'start' }).at(0, { kind: 'spawned', pid: 7 });
    assert.equal(started().at(1000, { kind: 'time' }).state.kind, 'starting');
    assert.equal(started().at(1000, crash).told.includes('STARTING -> RUNNING'), true);
    assert.equal(started().at(999, crash).state.kind, 'backoff');
  });

  it('a group that is stopped takes BACKOFF to FATAL, and nothing else (SV-40)', () => {
    const story = new Story(program).at(0, { kind: 'start' }).at(1, { kind: 'spawnFailed' });
    story.at(2, { kind: 'giveUp' });
    assert.deepEqual([story.state, ordered(story)], [{ kind: 'fatal' }, ['disarm']]);
    assert.deepEqual(step({ kind: 'running', pid: 7, since: 0, quick: 0 }, { kind: 'giveUp' }, program, 0), {
      states: [],
      effects: [],
    });
  });

  it('once everything is being stopped neither retries nor restarts come (SV-22)', () => {
    const final = { ...program, restart: 'always', final: true } as const;
    const exited = step({ kind: 'running', pid: 7, since: 0, quick: 0 }, crash, final, 5000);
    assert.equal(
      exited.effects.some(({ kind }) => kind === 'spawn'),
      false,
    );
    const waiting: ProcessState = { kind: 'backoff', attempt: 1, until: 10, giveUp: false };
    assert.deepEqual(step(waiting, { kind: 'time' }, final, 5000), { states: [], effects: [] });
  });
});
