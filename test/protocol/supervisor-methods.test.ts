import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Value } from '../../src/protocol/supervisor/values.ts';
import { faults, resultOf, section, Tool } from './support.ts';

describe('Supervisor’s interface', () => {
  it('tells its versions, identifier, state and pid', async () => {
    const tool = new Tool([{ name: 'web' }]);
    assert.equal(await tool.call('getAPIVersion'), '3.0');
    assert.equal(await tool.call('getVersion'), '3.0');
    assert.equal(await tool.call('getSupervisorVersion'), '4.3.0');
    assert.equal(await tool.call('getIdentification'), 'supervisor');
    assert.deepEqual(await tool.call('getState'), { statecode: 1, statename: 'RUNNING' });
    assert.equal(await tool.call('getPID'), 0);
  });

  it('faults unknown methods and wrong numbers or types of parameters', async () => {
    const tool = new Tool([{ name: 'web' }]);
    for (const name of [
      'supervisor.fly',
      'supervisor.toString',
      'getState',
      'other.getState',
      'supervisor._update',
    ])
      await faults(tool.methods.call({ method: name, parameters: [] }), 1, 'UNKNOWN_METHOD');
    await faults(tool.call('startProcess'), 2, 'INCORRECT_PARAMETERS');
    await faults(tool.call('startProcess', 'web', true, 1), 2, 'INCORRECT_PARAMETERS');
    await faults(tool.call('startProcess', 1), 2, 'INCORRECT_PARAMETERS');
    await faults(tool.call('readLog', 'x', 0), 2, 'INCORRECT_PARAMETERS');
  });

  it('refuses every operation with SHUTDOWN_STATE while everything is being stopped (SV-82)', async () => {
    const tool = await new Tool([{ name: 'web' }]).started();
    assert.equal(await tool.call('shutdown'), true);
    const methods = (await tool.call('system.listMethods')) as readonly string[];
    const operations = methods.filter((name) => name.startsWith('supervisor.'));
    assert.ok(operations.length > 30);
    for (const method of operations) {
      const [, ...types] = (await tool.call('system.methodSignature', method)) as readonly string[];
      const parameters = types.map((type): Value => (type === 'int' ? 0 : type === 'boolean' ? true : 'web'));
      await faults(tool.methods.call({ method, parameters }), 6, 'SHUTDOWN_STATE');
    }
    await tool.stage.world.pass(0);
    assert.deepEqual(tool.states(), ['web.0 STOPPING']);
  });

  it('refuses them as well when somebody else has begun to stop everything (SV-82)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    tool.methods.stopping();
    await faults(tool.call('getState'), 6, 'SHUTDOWN_STATE');
  });

  it('restarts everything: stops it, reads the config again, starts what starts by itself (SV-82)', async () => {
    const tool = (await new Tool([{ name: 'web' }, { name: 'idle', autostart: false }]).started()).obey();
    tool.stage.config = tool.stage.configOf([{ name: 'web' }, { name: 'new' }].map(section));
    assert.equal(await tool.call('restart'), true);
    await faults(tool.call('getState'), 6, 'SHUTDOWN_STATE');
    await tool.stage.world.pass(1_100);
    assert.deepEqual(await tool.call('getState'), { statecode: 1, statename: 'RUNNING' });
    assert.deepEqual(tool.states(), ['web.0 RUNNING', 'new.0 RUNNING']);
  });

  it('makes several calls in order, and goes on after a fault', async () => {
    const tool = new Tool([{ name: 'web' }]);
    const calls = [
      { methodName: 'supervisor.getAPIVersion' },
      { methodName: 'supervisor.getProcessInfo', params: ['other'] },
      { methodName: 'system.multicall', params: [[]] },
      { params: [] },
      'no call',
      { methodName: 'supervisor.startProcess', params: ['web', false] },
    ];
    const incorrect = { faultCode: 2, faultString: 'INCORRECT_PARAMETERS: No methodName' };
    assert.deepEqual(await tool.within(0, 'system.multicall', calls), [
      '3.0',
      { faultCode: 10, faultString: 'BAD_NAME: other' },
      { faultCode: 2, faultString: 'INCORRECT_PARAMETERS: Recursive system.multicall forbidden' },
      incorrect,
      incorrect,
      true,
    ]);
  });

  it('tells what its methods are for and of which types', async () => {
    const tool = new Tool([]);
    assert.match(
      JSON.stringify(await tool.call('system.methodHelp', 'supervisor.startProcess')),
      /^"Starts .*@param string name .*@param boolean wait .*@return boolean result"/,
    );
    assert.deepEqual(await tool.call('system.methodSignature', 'supervisor.startProcess'), [
      'boolean',
      'string',
      'boolean',
    ]);
    await faults(tool.call('system.methodHelp', 'nothing'), 4, 'SIGNATURE_UNSUPPORTED');
    await faults(tool.call('system.methodSignature', 'nothing'), 4, 'SIGNATURE_UNSUPPORTED');
  });
});

describe('what Supervisor’s interface tells of processes', () => {
  it('is in the order of the alphabet: groups, then processes (SV-86)', async () => {
    const tool = await new Tool([
      { name: 'zoo' },
      { name: 'b', program: { group: 'g' } },
      { name: 'a', program: { group: 'g' } },
    ]).started();
    const infos = (await tool.call('getAllProcessInfo')) as readonly Record<string, Value>[];
    assert.deepEqual(
      infos.map((info) => [info['group'], info['name'], info['statename'], info['description']]),
      [
        ['g', 'a', 'RUNNING', 'pid 101, uptime 0:00:01'],
        ['g', 'b', 'RUNNING', 'pid 102, uptime 0:00:01'],
        ['zoo', 'zoo', 'RUNNING', 'pid 103, uptime 0:00:01'],
      ],
    );
    assert.deepEqual(await tool.call('getProcessInfo', 'g:b'), infos[1]);
    await faults(tool.call('getProcessInfo', 'g:*'), 10, 'BAD_NAME: g:*');
  });

  it('names every configured process with its priorities and whether it is in use', async () => {
    const tool = new Tool([
      {
        name: 'web',
        instances: 2,
        priority: 7,
        program: { groupPriority: 3, user: 'ann' },
        autostart: false,
      },
    ]);
    const [first, second] = (await tool.call('getAllConfigInfo')) as readonly Record<string, Value>[];
    assert.deepEqual(first, {
      autostart: false,
      command: '/bin/serve',
      directory: '/w',
      exitcodes: [0],
      group: 'web',
      group_prio: 3,
      inuse: true,
      killasgroup: false,
      name: 'web_0',
      process_prio: 7,
      redirect_stderr: false,
      serverurl: 'auto',
      startretries: 3,
      startsecs: 1,
      stderr_capture_maxbytes: 0,
      stderr_events_enabled: false,
      stderr_logfile: '/logs/web_0-stderr.log',
      stderr_logfile_backups: 10,
      stderr_logfile_maxbytes: 52_428_800,
      stderr_syslog: false,
      stdout_capture_maxbytes: 0,
      stdout_events_enabled: false,
      stdout_logfile: '/logs/web_0-stdout.log',
      stdout_logfile_backups: 10,
      stdout_logfile_maxbytes: 52_428_800,
      stdout_syslog: false,
      stopsignal: 15,
      stopwaitsecs: 10,
      uid: 'ann',
    });
    assert.equal(second?.['name'], 'web_1');
  });
});

describe('logs through Supervisor’s interface', () => {
  const withLog = async (text: string): Promise<Tool> => {
    const tool = await new Tool([{ name: 'web' }]).started();
    tool.stage.world.child.output.emit(text);
    return tool;
  };
  const read = (tool: Tool, offset: number, length: number): Promise<Value> =>
    tool.call('readProcessStdoutLog', 'web', offset, length);

  it('are read from a place on, for a length or to the end, and from the end backwards (SV-87)', async () => {
    const tool = await withLog('0123456789');
    assert.equal(await read(tool, 0, 0), '0123456789');
    assert.equal(await read(tool, 4, 0), '456789');
    assert.equal(await read(tool, 4, 2), '45');
    assert.equal(await read(tool, -3, 0), '789');
    assert.equal(await read(tool, -100, 0), '0123456789');
    assert.equal(await read(tool, 100, 0), '');
    assert.equal(await tool.call('readProcessLog', 'web', '2', '1'), '2');
  });

  it('are read whole, however large (SV-87)', async () => {
    const text = 'x'.repeat(2_500_000);
    const tool = await withLog(text);
    assert.equal(await read(tool, 0, 0), text);
    assert.equal(await read(tool, 10, 1_500_000), text.slice(0, 1_500_000));
  });

  it('refuse an offset before the end with a length, and a negative length (SV-87)', async () => {
    const tool = await withLog('0123456789');
    await faults(read(tool, -3, 1), 3, 'BAD_ARGUMENTS');
    await faults(read(tool, 0, -1), 3, 'BAD_ARGUMENTS');
    await faults(tool.call('readLog', -3, 1), 3, 'BAD_ARGUMENTS');
  });

  it('are NO_FILE where there is none, and FAILED where it cannot be read (SV-87)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    await faults(read(tool, 0, 0), 20, 'NO_FILE: /logs/web-stdout.log');
    await faults(tool.call('readProcessStdoutLog', 'other', 0, 0), 10, 'BAD_NAME: other');
    tool.stage.world.logs.unreadable.set('/logs/web-stdout.log', 'permission denied');
    await faults(read(tool, 0, 0), 30, 'FAILED');
  });

  it('are empty once the process has started and printed nothing (SV-87)', async () => {
    const tool = await new Tool([{ name: 'web' }]).started();
    assert.equal(await read(tool, -100, 0), '');
    assert.deepEqual(tool.methods.logOf('web', 'stdout'), {
      whose: { instance: 'web.0', stream: 'stdout' },
      begun: true,
    });
    assert.equal(tool.methods.logOf('web', 'stdfoo'), undefined);
    assert.equal(tool.methods.logOf('other', 'stdout'), undefined);
  });

  it('are tailed with where they end and whether something was left out (SV-87)', async () => {
    const tool = await withLog('0123456789');
    const tail = (offset: number, length: number): Promise<Value> =>
      tool.call('tailProcessStdoutLog', 'web', offset, length);
    assert.deepEqual(await tail(0, 4), ['6789', 10, true]);
    assert.deepEqual(await tail(0, 10), ['0123456789', 10, false]);
    assert.deepEqual(await tail(10, 10), ['', 10, false]);
    assert.deepEqual(await tail(100, 10), ['', 10, false]);
    // Less is there than was asked for: what is told ends at the end, as in Supervisor.
    assert.deepEqual(await tail(6, 8), ['23456789', 10, false]);
    assert.deepEqual(await tool.call('tailProcessStderrLog', 'web', 0, 10), ['', 0, false]);
  });

  it('are cleared for one process, for all in spite of a failure, and as the main log (SV-88)', async () => {
    const tool = await new Tool([{ name: 'a' }, { name: 'b' }]).started();
    const { logs } = tool.stage.world;
    assert.equal(await tool.call('clearProcessLogs', 'b'), true);
    assert.deepEqual(logs.cleared, ['/logs/b-stdout.log', '/logs/b-stderr.log']);
    logs.unreadable.set('/logs/a-stdout.log', 'permission denied');
    await faults(tool.call('clearProcessLog', 'a'), 30, 'FAILED: a');
    assert.deepEqual(await tool.call('clearAllProcessLogs'), [
      resultOf('a', 'a', 30, 'FAILED: a'),
      resultOf('b', 'b'),
    ]);
    await faults(tool.call('clearProcessLogs', 'other'), 10, 'BAD_NAME: other');
    assert.equal(await tool.call('clearLog'), true);
    assert.match(logs.cleared.at(-1) ?? '', /main\.log$/);
  });
});

describe('stdin through Supervisor’s interface', () => {
  it('gets the text in UTF-8 (SV-89)', async () => {
    const tool = await new Tool([{ name: 'web' }]).started();
    assert.equal(await tool.call('sendProcessStdin', 'web', 'grüße\n'), true);
    assert.equal(tool.stage.world.child.stdin, 'grüße\n');
  });

  it('is BAD_NAME, NOT_RUNNING, NO_FILE or INCORRECT_PARAMETERS when it cannot be written to (SV-89)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    await faults(tool.call('sendProcessStdin', 'other', 'x'), 10, 'BAD_NAME: other');
    await faults(tool.call('sendProcessStdin', 'web:*', 'x'), 10, 'BAD_NAME: web:*');
    await faults(tool.call('sendProcessStdin', 'web', 'x'), 70, 'NOT_RUNNING: web');
    await tool.started();
    await faults(tool.call('sendProcessStdin', 'web', 5), 2, 'INCORRECT_PARAMETERS');
    tool.stage.world.child.hasClosedStdin = true;
    await faults(tool.call('sendProcessStdin', 'web', 'x'), 20, 'NO_FILE: web');
    await tool.within(0, 'stopProcess', 'web', false);
    await faults(tool.call('sendProcessStdin', 'web', 'x'), 70, 'NOT_RUNNING: web');
  });
});

describe('groups through Supervisor’s interface', () => {
  it('are compared with the file, which changes nothing that runs (SV-90)', async () => {
    const tool = await new Tool([{ name: 'kept' }, { name: 'changed' }, { name: 'gone' }]).started();
    assert.deepEqual(await tool.call('reloadConfig'), [[[], [], []]]);
    tool.stage.config = tool.stage.configOf(
      [{ name: 'kept' }, { name: 'changed', priority: 1 }, { name: 'new' }].map(section),
    );
    assert.deepEqual(await tool.call('reloadConfig'), [[['new'], ['changed'], ['gone']]]);
    assert.deepEqual(tool.states(), ['kept.0 RUNNING', 'changed.0 RUNNING', 'gone.0 RUNNING']);
  });

  it('are told as CANT_REREAD when the file has errors (SV-90)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    const at = { file: '/w/supervisord.conf', line: 1, column: 1, endLine: 1, endColumn: 2 };
    const problem = {
      ...at,
      severity: 'error',
      code: 'x',
      message: 'program x does not specify a command',
    } as const;
    tool.stage.config = { ...tool.stage.configOf([]), problems: [problem] };
    await assert.rejects(tool.call('reloadConfig'), /CANT_REREAD: .*program x does not specify a command/);
    assert.deepEqual(tool.states(), ['web.0 STOPPED']);
  });

  it('are added from the file last compared, once (SV-92)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    tool.stage.config = tool.stage.configOf([{ name: 'web' }, { name: 'new' }].map(section));
    await faults(tool.call('addProcessGroup', 'new'), 10, 'BAD_NAME: new');
    await tool.call('reloadConfig');
    assert.equal(await tool.within(1_001, 'addProcessGroup', 'new'), true);
    assert.deepEqual(tool.states(), ['web.0 STOPPED', 'new.0 RUNNING']);
    await faults(tool.call('addProcessGroup', 'new'), 90, 'ALREADY_ADDED: new');
    await faults(tool.call('addProcessGroup', 'other'), 10, 'BAD_NAME: other');
  });

  it('are answered for once what is in them has been spawned, which holds up nobody else (SV-92)', async () => {
    const tool = new Tool([{ name: 'web' }]);
    const { world } = tool.stage;
    tool.stage.config = tool.stage.configOf([{ name: 'web' }, { name: 'new' }].map(section));
    await tool.call('reloadConfig');
    const { spawn } = world.spawner;
    const spawned = Promise.withResolvers<void>();
    world.spawner.spawn = (plan) => spawned.promise.then(() => spawn(plan));
    const added = tool.call('addProcessGroup', 'new');
    await world.settle();
    assert.deepEqual(tool.states(), ['web.0 STOPPED', 'new.0 STARTING']);
    assert.equal(await Promise.race([added, tool.call('getPID')]), 0);
    spawned.resolve();
    assert.equal(await added, true);
    assert.notEqual(tool.stage.view('new.0').pid, undefined);
  });

  it('are removed only when wholly at rest (SV-92)', async () => {
    const tool = await new Tool([{ name: 'web', instances: 2 }]).started();
    await tool.obey().within(0, 'stopProcess', 'web:web_0');
    await faults(tool.call('removeProcessGroup', 'web'), 91, 'STILL_RUNNING: web');
    await tool.within(0, 'stopProcess', 'web:web_1');
    assert.equal(await tool.call('removeProcessGroup', 'web'), true);
    assert.deepEqual(tool.states(), []);
    await faults(tool.call('removeProcessGroup', 'web'), 10, 'BAD_NAME: web');
    await faults(tool.call('getProcessInfo', 'web:web_0'), 10, 'BAD_NAME: web:web_0');
  });

  it('count as changed when anything of them differs, and never by the AUTO name of a log (SV-91)', async () => {
    const stream = (path: string | undefined) => ({
      log:
        path === undefined
          ? ({ kind: 'auto', maxBytes: 1, backups: 1 } as const)
          : ({ kind: 'file', path, maxBytes: 1, backups: 1 } as const),
      captureBytes: 0,
      events: false,
    });
    const process = (path?: string) => ({
      name: 'web',
      command: ['/bin/serve'],
      cwd: '/w',
      env: {},
      stdout: stream(path),
      stderr: stream(undefined),
    });
    const base = { name: 'web', program: { processes: [process()] as const } };
    const tool = new Tool([base]);
    const changed = async (next: Parameters<typeof section>[0]): Promise<Value> => {
      tool.stage.config = tool.stage.configOf([section(next)]);
      const [[, changes]] = (await tool.call('reloadConfig')) as [[Value, Value, Value]];
      return changes;
    };
    // The name that AUTO has come to be is no part of the config.
    await tool.started();
    assert.deepEqual(await changed(base), []);
    const others: readonly Parameters<typeof section>[0][] = [
      { ...base, priority: 1 },
      { ...base, autostart: false },
      { ...base, restart: 'always' },
      { ...base, startMs: 5_000 },
      { ...base, startRetries: 9 },
      { ...base, exitCodes: [0, 2] },
      { ...base, stopSignal: 'INT' },
      { ...base, stopMs: 1 },
      ...(
        [
          { groupPriority: 1 },
          { stopAsGroup: true },
          { killAsGroup: true },
          { redirectStderr: true },
          { umask: 0o22 },
          { user: 'ann' },
          { serverUrl: 'http://localhost:1' },
          { listener: { events: ['TICK_5'], bufferSize: 10 } },
          {
            kind: 'fcgi-program',
            socket: { url: 'tcp://localhost:1', at: { kind: 'tcp', host: 'localhost', port: 1 } },
          },
          { processes: [process('/logs/own.log')] },
          { processes: [{ ...process(), command: ['/bin/other'] }] },
          { processes: [{ ...process(), cwd: '/' }] },
          { processes: [{ ...process(), env: { A: '1' } }] },
          { processes: [{ ...process(), stdout: { ...stream(undefined), captureBytes: 1 } }] },
          { processes: [{ ...process(), stdout: { ...stream(undefined), events: true } }] },
        ] as const
      ).map((program) => ({ ...base, program: { ...base.program, ...program } })),
    ];
    for (const other of others) assert.deepEqual(await changed(other), ['web'], JSON.stringify(other));
    assert.deepEqual(await changed(base), []);
  });
});

describe('events through Supervisor’s interface', () => {
  it('reach the door with type and data', async () => {
    const sent: string[] = [];
    const tool = new Tool([{ name: 'web' }]);
    tool.stage.runtime.sendEvent = async (type, data) => void sent.push(`${type} ${data}`);
    assert.equal(await tool.call('sendRemoteCommEvent', 'deploy', 'v1 grüße'), true);
    assert.deepEqual(sent, ['deploy v1 grüße']);
  });
});
