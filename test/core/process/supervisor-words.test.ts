import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { SpawnFailure } from '../../../src/core/outside.ts';
import {
  badExitCode,
  exitText,
  lines,
  spawnErrorOf,
  statusOf,
} from '../../../src/core/process/supervisor-words.ts';

describe('a spawn error', () => {
  const cases: readonly {
    readonly number: string;
    readonly failure: Partial<SpawnFailure>;
    readonly program?: string;
    readonly text: string;
  }[] = [
    { number: 'SV-3', failure: { cause: 'not-found' }, program: ' ', text: 'command is empty' },
    { number: 'SV-4', failure: { cause: 'not-found' }, text: "can't find command 'cat'" },
    {
      number: 'SV-4',
      failure: { cause: 'not-found' },
      program: "/it's",
      text: `can't find command "/it's"`,
    },
    {
      number: 'SV-5',
      failure: { cause: 'is-directory', path: '/tmp' },
      text: "command at '/tmp' is a directory",
    },
    {
      number: 'SV-5',
      failure: { cause: 'not-executable', path: '/etc/passwd' },
      text: "command at '/etc/passwd' is not executable",
    },
    {
      number: 'SV-5',
      failure: { cause: 'no-permission', path: '/private/cat' },
      text: "no permission to run command '/private/cat'",
    },
    { number: 'SV-7', failure: { cause: 'too-many-files' }, text: "too many open files to spawn 'web'" },
    {
      number: 'SV-7',
      failure: { stage: 'pipes', errno: 'ENOSPC' },
      text: "unknown error making dispatchers for 'web': ENOSPC",
    },
    {
      number: 'SV-7',
      failure: { cause: 'too-many-processes' },
      text: "Too many processes in process table to spawn 'web'",
    },
    { number: 'SV-7', failure: { errno: 'ENOMEM' }, text: "unknown error during fork for 'web': ENOMEM" },
  ];
  for (const { number, failure, program = 'cat', text } of cases) {
    it(`says "${text}" (${number})`, () => {
      const plan = { name: 'web', program, cwd: '/w' };
      assert.equal(spawnErrorOf({ reason: 'why', ...failure }, plan), text);
    });
  }
});

describe('an exit', () => {
  it('by itself shows its status, one by a signal its name and −1 (SV-21)', () => {
    assert.deepEqual([exitText({ code: 3 }), statusOf({ code: 3 })], ['exit status 3', 3]);
    assert.deepEqual(
      [exitText({ signal: 'SIGTERM' }), statusOf({ signal: 'SIGTERM' })],
      ['terminated by SIGTERM', -1],
    );
    assert.match(exitText({}), /^unknown termination cause 0x[0-9a-f]{4}$/);
    assert.equal(badExitCode({ signal: 'SIGKILL' }), 'Bad exit code -1');
  });
});

describe('the lines of the journal', () => {
  it('are Supervisor’s, word for word', () => {
    assert.equal(lines.spawned('web', 7), "spawned: 'web' with pid 7");
    assert.equal(
      lines.succeeded('web', 1500),
      'success: web entered RUNNING state, process has stayed up for > than 1.5 seconds (startsecs)',
    );
    assert.equal(lines.exited('web', { code: 0 }, true), 'exited: web (exit status 0; expected)');
    assert.equal(
      lines.killing('web', 7, 'TERM', 'group'),
      'killing web (pid 7) process group with signal SIGTERM',
    );
    assert.equal(lines.killing('web', 7, '15', 'process'), 'killing web (pid 7) with signal 15');
    assert.equal(
      lines.badState('web', 'UNKNOWN', ['RUNNING', 'STARTING', 'STOPPING']),
      'Assertion failed for web: UNKNOWN not in RUNNING STARTING STOPPING',
    );
  });
});
