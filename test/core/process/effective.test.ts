import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { launchPlan } from '../../../src/core/handshake/launch.ts';
import { effectiveSpec, supervisorNames } from '../../../src/core/process/effective.ts';
import { filesOf, logsOf } from '../../../src/core/process/logs.ts';
import { specOf } from '../../support/spec.ts';
import { programOf, programService } from './solo.ts';

const quiet = { log: { kind: 'none' }, captureBytes: 0, events: false } as const;
const two = {
  ...programOf(),
  processes: [
    { name: 'cat_00', command: ['cat', '0'], cwd: '/a', env: { N: '0' }, stdout: quiet, stderr: quiet },
    { name: 'cat_01', command: ['cat', '1'], cwd: '/b', env: { N: '1' }, stdout: quiet, stderr: quiet },
  ],
} as const;

describe('the definition that an instance runs by', () => {
  it('has the command, folder and environment of its own process', () => {
    const spec = effectiveSpec(programService({}, two), 1);
    assert.deepEqual([spec.command, spec.cwd, spec.env], [['cat', '1'], '/b', { N: '1' }]);
    assert.deepEqual(
      spec.program?.processes.map(({ name }) => name),
      ['cat_01'],
    );
    assert.deepEqual(supervisorNames(programService({}, two), 1), { process: 'cat_01', group: 'cat' });
  });

  it('of one more than the file names is like the first, under a name of its own', () => {
    const spec = programService({}, two);
    assert.equal(supervisorNames(spec, 2).process, 'cat_00_2');
    assert.deepEqual(effectiveSpec(spec, 2).command, ['cat', '0']);
  });

  it('of a service of our own file is that service; alone it bears its name', () => {
    const spec = specOf({ name: 'api', group: 'backend' });
    assert.equal(effectiveSpec(spec, 0), spec);
    assert.deepEqual(supervisorNames(spec, 0), { process: 'api', group: 'backend' });
    assert.deepEqual(supervisorNames(specOf({ name: 'api', instances: 2 }), 1), {
      process: 'api.1',
      group: 'api',
    });
  });
});

describe('the environment of a program', () => {
  const inherited = { PATH: '/bin', PORT: '1', SUPERVISOR_ENABLED: 'inherited', HOME: '/root' };
  const environment = (
    program: Parameters<typeof programOf>[0],
    env: Record<string, string> = {},
  ): Readonly<Record<string, string>> => {
    const spec = programService({}, programOf({ ...program, process: { env } }));
    return launchPlan(effectiveSpec(spec, 0), { index: 0, inherited }).env;
  };

  it('is the supervisor’s own, then SUPERVISOR_*, then what is configured (SV-12)', () => {
    assert.deepEqual(environment({ serverUrl: 'unix:///run/s.sock', group: 'pets' }, { A: 'b' }), {
      PATH: '/bin',
      PORT: '1',
      HOME: '/root',
      SUPERVISOR_ENABLED: '1',
      SUPERVISOR_SERVER_URL: 'unix:///run/s.sock',
      SUPERVISOR_PROCESS_NAME: 'cat',
      SUPERVISOR_GROUP_NAME: 'pets',
      A: 'b',
    });
  });

  it('may override SUPERVISOR_* and what is inherited, and names no server where there is none (SV-12)', () => {
    const env = environment({}, { SUPERVISOR_PROCESS_NAME: 'mine', HOME: '/home/me' });
    assert.deepEqual(
      [env['SUPERVISOR_PROCESS_NAME'], env['HOME'], 'SUPERVISOR_SERVER_URL' in env],
      ['mine', '/home/me', false],
    );
  });
});

describe('the plan of a program', () => {
  const planOf = (part: Parameters<typeof programOf>[0]): ReturnType<typeof launchPlan> =>
    launchPlan(effectiveSpec(programService({}, programOf(part)), 0), { index: 0, inherited: {} });

  it('keeps stdin open, for Supervisor’s tools can write to any process', () => {
    assert.equal(planOf({}).openStdin, true);
    assert.equal(launchPlan(specOf({}), { index: 0, inherited: {} }).openStdin, undefined);
  });

  it('has no stdin of its own where a shared socket takes its place (SV-81)', () => {
    const socket = { url: 'unix:///s', at: { kind: 'unix', path: '/s', mode: 0o700 } } as const;
    assert.equal(planOf({ kind: 'fcgi-program', socket }).openStdin, undefined);
  });

  it('hands on umask, user, and the stripping of colours', () => {
    const { umask, user, stripAnsi } = planOf({ umask: 0o27, user: 'nobody', stripAnsi: true });
    assert.deepEqual({ umask, user, stripAnsi }, { umask: 0o27, user: 'nobody', stripAnsi: true });
  });

  it('captures what each stream asks for', () => {
    const stream = { ...quiet, captureBytes: 64 };
    assert.deepEqual(planOf({ process: { stderr: stream } }).capture, { stderr: 64 });
    assert.equal(planOf({}).capture, undefined);
  });

  it('with redirected stderr has one pipe, one log and one capture (SV-13)', () => {
    const stream = {
      log: { kind: 'auto', maxBytes: 9, backups: 2 },
      captureBytes: 64,
      events: false,
    } as const;
    const program = programOf({ redirectStderr: true, process: { stdout: stream, stderr: stream } });
    const spec = effectiveSpec(programService({}, program), 0);
    const plan = launchPlan(spec, { index: 0, inherited: {} });
    assert.deepEqual([plan.redirectStderr, plan.capture], [true, { stdout: 64 }]);
    const logs = logsOf(spec, {
      ours: () => assert.fail('a program’s logs are its own'),
      auto: (process, kind) => `/logs/${process}-${kind}.log`,
    });
    assert.deepEqual(logs, { stdout: { path: '/logs/cat-stdout.log', maxBytes: 9, backups: 2 } });
    assert.deepEqual(filesOf(logs), { logFile: '/logs/cat-stdout.log' });
  });
});

describe('the logs of an instance', () => {
  const names = {
    ours: () => ({ path: '/logs/ours.log', maxBytes: 1, backups: 1 }),
    auto: (process: string, stream: string) => `/logs/${process}-${stream}.log`,
  };

  it('of a program are one for each stream, as written, named by us, or none', () => {
    const file = { kind: 'file', path: '/var/log/out.log', maxBytes: 5, backups: 3 } as const;
    const program = programOf({ process: { stdout: { ...quiet, log: file } } });
    assert.deepEqual(logsOf(effectiveSpec(programService({}, program), 0), names), {
      stdout: { path: '/var/log/out.log', maxBytes: 5, backups: 3 },
    });
    assert.deepEqual(filesOf({ stderr: { path: '/e', maxBytes: 0, backups: 0 } }), { errorLogFile: '/e' });
  });

  it('of a service of our own file are one for both, its own or ours', () => {
    assert.deepEqual(logsOf(specOf({}), names), { log: { path: '/logs/ours.log', maxBytes: 1, backups: 1 } });
    const logFile = { path: '/w/api.log', maxBytes: 2, backups: 0 };
    assert.deepEqual(logsOf(specOf({ logFile }), names), { log: logFile });
  });
});
