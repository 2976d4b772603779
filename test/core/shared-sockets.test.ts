import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ServiceSpec, SocketSpec } from '../../src/config/spec.ts';
import { programSpec } from '../support/program.ts';
import { specOf } from '../support/spec.ts';
import { Stage } from '../support/stage.ts';

const php = { kind: 'service', service: 'php' } as const;
const line = { ...specOf({}).source, file: '/w/supervisord.conf', line: 7 };
const at = (path: string, mode = 0o700): SocketSpec => ({
  url: `unix://${path}`,
  at: { kind: 'unix', path, mode },
});

function fastcgi(name: string, socket: SocketSpec, more: Partial<ServiceSpec> = {}): ServiceSpec {
  return programSpec(
    { name, kind: 'fcgi-program', program: { socket } },
    { keys: { socket: line }, env: { SERVICE: name }, ...more },
  );
}

const faults = (stage: Stage): readonly unknown[] =>
  stage.events.flatMap((event) =>
    event.event === 'fault' ? [[event.code, event.service, event.message, event.places]] : [],
  );

describe('the sockets of FastCGI programs', () => {
  it('are tried when anything is first started, and closed again, whoever wants them later (SV-80)', async () => {
    const stage = new Stage([
      programSpec({ name: 'cat' }),
      fastcgi('php', at('/php.sock'), { autostart: false }),
    ]);
    await stage.runtime.reload();
    assert.deepEqual(stage.world.sharedSockets.opened, []);
    await stage.up();
    const { opened, held } = stage.world.sharedSockets;
    assert.deepEqual([opened.length, held, faults(stage)], [1, [], []]);
    await stage.runtime.start(php);
    await stage.world.pass(5);
    assert.deepEqual(
      [opened.length, stage.world.sharedSockets.held, stage.view('php.0').state],
      [2, ['unix:///php.sock'], 'RUNNING'],
    );
  });

  it('that cannot be created are told of early, once, at their line (SV-80)', async () => {
    const stage = new Stage([
      programSpec({ name: 'cat' }),
      fastcgi('php', at('/php.sock'), { autostart: false }),
    ]);
    stage.world.sharedSockets.failure = 'permission denied';
    await stage.up();
    await stage.runtime.start({ kind: 'service', service: 'cat' });
    const text = (path: string): string =>
      `Could not create FastCGI socket unix://${path}: permission denied`;
    const told = [['no-socket', 'php', text('/php.sock'), [line]]];
    assert.deepEqual([stage.view('cat.0').state, faults(stage)], ['RUNNING', told]);
    // The group that comes later is tried when it comes.
    stage.config = stage.configOf([
      programSpec({ name: 'cat' }),
      fastcgi('php', at('/php.sock')),
      fastcgi('perl', at('/perl.sock'), { autostart: false }),
    ]);
    await stage.runtime.compare();
    await stage.runtime.addGroup('perl');
    await stage.world.pass(5);
    assert.deepEqual(faults(stage), [...told, ['no-socket', 'perl', text('/perl.sock'), [line]]]);
  });

  it('of one address are not shared by two programs: the second finds it in use', async () => {
    const stage = new Stage([
      fastcgi('php', at('/one.sock', 0o700)),
      fastcgi('perl', at('/one.sock', 0o777), { startRetries: 0 }),
    ]);
    await stage.up();
    assert.deepEqual(
      [stage.view('perl.0').state, stage.view('perl.0').spawnError],
      ['RUNNING', undefined],
      'programs start in the order of their names',
    );
    await stage.world.pass(5000);
    assert.equal(
      stage.view('php.0').spawnError,
      'Could not create FastCGI socket unix:///one.sock: address already in use',
    );
  });

  it('are made anew when their definition changes, though several processes end at different times', async () => {
    const pair = (mode: number): ServiceSpec =>
      programSpec(
        {
          name: 'php',
          kind: 'fcgi-program',
          processes: ['php_0', 'php_1'],
          program: { socket: at('/php.sock', mode) },
        },
        { startRetries: 0 },
      );
    const stage = await new Stage([pair(0o700)]).up();
    stage.config = stage.configOf([pair(0o777)]);
    await stage.runtime.reload();
    const [first, second] = stage.world.children;
    first?.end({ signal: 'SIGTERM' });
    await stage.world.pass(2000);
    assert.deepEqual([stage.states, stage.world.children.length], ['php.0 STARTING, php.1 STOPPING', 2]);
    second?.end({ signal: 'SIGTERM' });
    await stage.world.pass(5);
    const { opened } = stage.world.sharedSockets;
    assert.deepEqual(
      [stage.states, opened.map(({ spec, isOpen }) => [spec.at.kind === 'unix' && spec.at.mode, isOpen])],
      [
        'php.0 RUNNING, php.1 RUNNING',
        [
          [0o700, false],
          [0o700, false],
          [0o777, true],
        ],
      ],
    );
  });
});
