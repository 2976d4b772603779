import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { program } from '../../src/config/formats/supervisord/options.ts';
import { serviceShape } from '../../src/config/schema.ts';
import { usualRequests } from '../../src/config/requests.ts';
import type { ServiceSpec, StreamSpec } from '../../src/config/spec.ts';
import { type Around, only, readConf, readProgram, said } from './supervisord-reading.ts';

const around: Around = {
  environment: { HOME: '/home/me', WHO: 'me' },
  machine: {
    isFolder: (path) => path !== '/no',
    hasUser: (name) => name === 'me' || name === '77',
    homeOf: (user) => (user === undefined ? '/home/me' : user === 'db' ? '/var/db' : undefined),
  },
};

const inSection = " in section 'program:p' (file: '/w/supervisord.conf')";
const known = 'ENV_HOME, ENV_WHO, group_name, here, host_node_name';
const inProcess = `${known}, numprocs, process_num, program_name`;

/** What stands in `[program:p]` from line 3 on, what is said of it, and whether `p` is there all the same. */
type Row = readonly [lines: string, said: readonly string[], left?: 'left'];

function holds(title: string, rows: readonly Row[]): void {
  it(title, () => {
    const seen = rows.map(([lines]) => {
      const config = readProgram(lines, around);
      return [lines, said(config), config.services.length > 0];
    });
    assert.deepEqual(
      seen,
      rows.map(([lines, problems, left]) => [lines, problems, left !== undefined]),
    );
  });
}

/** A refusal of the value in line 4, below a command. */
const refused = (line: string, reason: string, hint?: string): Row => {
  const start = line.indexOf('=') + 2;
  const at = `4:${start}-${line.length + 1}`;
  return [
    `command=x\n${line}`,
    [`${at} error: ${reason}${inSection}${hint === undefined ? '' : ` → ${hint}`}`],
  ];
};

const warned = (line: string, ...texts: readonly string[]): Row => [
  `command=x\n${line}`,
  texts.map((text) => `4:${line.indexOf('=') + 2}-${line.length + 1} warning: ${text}`),
  'left',
];

describe('the options of a program', () => {
  it('have the defaults that Supervisor has (SV-43)', () => {
    const stream: StreamSpec = {
      log: { kind: 'auto', maxBytes: 52_428_800, backups: 10 },
      captureBytes: 0,
      events: false,
    };
    const { source: _source, keys: _keys, ...service } = only(readProgram('command=x', around));
    const expected: Omit<ServiceSpec, 'source' | 'keys'> = {
      name: 'p',
      command: ['x'],
      shell: false,
      runtime: 'custom',
      cwd: '/w',
      env: {},
      handshake: 'none',
      role: 'service',
      requests: usualRequests,
      port: 'auto',
      publish: 'auto',
      instances: 1,
      balance: 'round-robin',
      profile: 'plain',
      autostart: true,
      dependsOn: {},
      restart: 'unexpected',
      startMs: 1000,
      startRetries: 3,
      exitCodes: [0],
      stopSignal: 'TERM',
      stopMs: 10_000,
      priority: 999,
      debug: true,
      program: {
        kind: 'program',
        processes: [{ name: 'p', command: ['x'], cwd: '/w', env: {}, stdout: stream, stderr: stream }],
        group: 'p',
        groupPriority: 999,
        stopAsGroup: false,
        killAsGroup: false,
        redirectStderr: false,
        stripAnsi: false,
      },
    };
    assert.deepEqual(service, expected);
  });

  holds('are refused in Supervisor’s words where their value is of the wrong type (SV-43)', [
    refused(
      'priority=high',
      "invalid literal for int() with base 10: 'high'",
      '"priority" takes a whole number, such as 10.',
    ),
    refused(
      'startsecs=1.5',
      "invalid literal for int() with base 10: '1.5'",
      '"startsecs" takes a whole number, such as 10.',
    ),
    refused('autostart=maybe', "not a valid boolean value: 'maybe'", '"autostart" takes true or false.'),
    refused(
      'autorestart=Sometimes',
      "invalid 'autorestart' value 'sometimes'",
      '"autorestart" takes true, false or unexpected.',
    ),
    refused(
      'stopsignal=NOPE',
      "value 'NOPE' is not a valid signal name",
      '"stopsignal" takes the name or the number of a signal, such as TERM.',
    ),
    refused(
      'stopsignal=999',
      "value '999' is not a valid signal number",
      '"stopsignal" takes the name or the number of a signal, such as TERM.',
    ),
    refused(
      'exitcodes=0,256',
      "not a valid list of exit codes: '0,256'",
      '"exitcodes" takes numbers from 0 to 255 with commas between them, such as 0,2.',
    ),
    refused(
      'stdout_logfile_maxbytes=10XB',
      "invalid literal for int() with base 10: '10xb'",
      '"stdout_logfile_maxbytes" takes a number of bytes, such as 1048576, 500KB, 50MB or 1GB.',
    ),
    refused(
      'umask=rw',
      'rw can not be converted to an octal type',
      '"umask" takes an octal number, such as 022.',
    ),
    refused('user=ghost', 'Invalid user name ghost'),
    refused('user=78', 'Invalid user id 78'),
    refused(
      'stderr_logfile=/no/x.log',
      'The directory named as part of the path /no/x.log does not exist',
      'Make the folder; nobody makes it on the way.',
    ),
    refused(
      'numprocs=5000',
      '%(process_num) must be present within process_name when numprocs > 1',
      'For example: process_name=%(program_name)s_%(process_num)02d',
    ),
  ]);

  it('are all looked at, so that a person sees every mistake and not just the first (SV-55)', () => {
    assert.deepEqual(said(readProgram('command=x\nstartsecs=a\numask=b', around)), [
      `4:11-12 error: invalid literal for int() with base 10: 'a'${inSection} → "startsecs" takes a whole number, such as 10.`,
      `5:7-8 error: b can not be converted to an octal type${inSection} → "umask" takes an octal number, such as 022.`,
    ]);
  });

  it('name processes by their number (SV-44)', () => {
    const names = (lines: string): readonly string[] =>
      only(readProgram(`command=x\n${lines}`, around)).program.processes.map(({ name }) => name);
    assert.deepEqual(names('numprocs=3\nprocess_name=%(program_name)s_%(process_num)02d\nnumprocs_start=9'), [
      'p_09',
      'p_10',
      'p_11',
    ]);
    assert.deepEqual(names('numprocs=3\nprocess_name=%(process_num)d\nnumprocs_start=9'), ['10', '11', '9']);
  });

  holds('must name each process otherwise (SV-44)', [
    refused(
      'numprocs=2',
      '%(process_num) must be present within process_name when numprocs > 1',
      'For example: process_name=%(program_name)s_%(process_num)02d',
    ),
    [
      'command=x\nnumprocs=5000\nprocess_name=%(process_num)d',
      [`4:10-14 error: numprocs is 5000, and at most 1000 can be had here${inSection}`],
    ],
    [
      'command=x\nnumprocs=0',
      ['4:10-11 warning: "numprocs": with less than one process there is nothing to run.'],
    ],
  ]);

  it('wait no longer than a timer can, and never less than not at all (SV-18, SV-31)', () => {
    const { startMs, stopMs } = only(readProgram('command=x\nstartsecs=-1\nstopwaitsecs=31536000', around));
    assert.deepEqual([startMs, stopMs], [0, 2_147_483_647]);
  });

  it('say who is stopped with the whole group (SV-45)', () => {
    const groups = (lines: string): readonly boolean[] => {
      const { stopAsGroup, killAsGroup } = only(readProgram(`command=x\n${lines}`, around)).program;
      return [stopAsGroup, killAsGroup];
    };
    assert.deepEqual(groups('stopasgroup=true'), [true, true]);
    assert.deepEqual(groups('killasgroup=true'), [false, true]);
    assert.deepEqual(groups('stopasgroup=false'), [false, false]);
  });

  holds('may not stop a group and kill but one of it (SV-45)', [
    [
      'command=x\nstopasgroup=true\nkillasgroup=false',
      [`5:13-18 error: Cannot set stopasgroup=true and killasgroup=false${inSection}`],
    ],
  ]);

  it('expand what they may name, in every one of them (SV-46)', () => {
    const { program: ours, ...service } = only(
      readProgram(
        `
        command=%(here)s/x %(program_name)s %(group_name)s %(host_node_name)s %(ENV_WHO)s %(process_num)d/%(numprocs)d
        directory=%(here)s/%(process_num)d
        environment=N="%(process_num)d of %(numprocs)d"
        process_name=%(group_name)s.%(process_num)s
        stdout_logfile=%(here)s/%(ENV_N)s.log
        priority=%(ENV_PRIO)s
        autostart=%(ENV_NO)s
        `,
        { ...around, environment: { WHO: 'me', PRIO: '5', NO: 'no' } },
      ),
    );
    assert.deepEqual(ours.processes, [
      {
        name: 'p.0',
        command: ['/w/x', 'p', 'p', 'box', 'me', '0/1'],
        cwd: '/w/0',
        env: { N: '0 of 1' },
        stdout: {
          log: { kind: 'file', path: '/w/0 of 1.log', maxBytes: 52_428_800, backups: 10 },
          captureBytes: 0,
          events: false,
        },
        stderr: {
          log: { kind: 'auto', maxBytes: 52_428_800, backups: 10 },
          captureBytes: 0,
          events: false,
        },
      },
    ]);
    assert.deepEqual([service.priority, service.autostart], [5, false]);
  });

  holds('are refused where they name what there is not, or hold a percent sign that means nothing (SV-46)', [
    refused(
      'directory=%(nope)s',
      `Format string '%(nope)s' for 'program:p.directory' contains names ('nope') which cannot be expanded. Available names: ${inProcess}`,
    ),
    refused(
      'process_name=%(proces_num)s',
      `Format string '%(proces_num)s' for 'process_name' contains names ('proces_num') which cannot be expanded. Available names: ${inProcess}`,
      'The nearest of them is process_num.',
    ),
    refused(
      'startsecs=%(process_num)d',
      `Format string '%(process_num)d' for 'program:p.startsecs' contains names ('process_num') which cannot be expanded. Available names: ${known}, program_name`,
    ),
    refused(
      'directory=50%',
      "Format string '50%' for 'program:p.directory' is badly formatted: incomplete format",
      'Write %% for a percent sign.',
    ),
    refused(
      "directory=it's 50% yours",
      "Format string \"it's 50% yours\" for 'program:p.directory' is badly formatted: unsupported format character 'y' (0x79) at index 9",
      'Write %% for a percent sign.',
    ),
    refused(
      'directory=%(here)s %s',
      "Format string '%(here)s %s' for 'program:p.directory' is badly formatted: not enough arguments for format string",
      'Write %% for a percent sign.',
    ),
  ]);

  it('see what [supervisord] and they themselves define, each at its time (SV-47)', () => {
    const config = readConf(
      `
      [supervisord]
      environment=WHO="you",FULL="100%%"
      [program:p]
      command=x %(ENV_WHO)s %(ENV_OWN)s %(ENV_FULL)s 7%%
      environment=OWN="%(ENV_WHO)s too",HALF="50%%"
      directory=/%(ENV_OWN)s
      `,
      around,
    );
    assert.deepEqual(said(config), []);
    const [process] = only(config).program.processes;
    assert.deepEqual(process.command, ['x', 'you', 'you', 'too', '100%', '7%']);
    assert.equal(process.cwd, '/you too');
    assert.deepEqual(process.env, { WHO: 'you', FULL: '100%', OWN: 'you too', HALF: '50%' });
    assert.match(
      said(readProgram('command=x\nenvironment=A=1,B=%(ENV_A)s', around)).join(),
      /contains names \('ENV_A'\)/,
    );
  });

  it('read an environment as pairs (SV-48)', () => {
    const rows: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
      ['A=1', { A: '1' }],
      [' A = 1 ,B=2, ', { A: '1', B: '2' }],
      ['A=1,\n  B=2\n  ,C=3', { A: '1', B: '2', C: '3' }],
      ['A="1,2",B=\'3,4\'', { A: '1,2', B: '3,4' }],
      ['A="one\n  two"', { A: 'one\ntwo' }],
      [`A="'x'",B='"y"',C="a 'b' c"`, { A: "'x'", B: '"y"', C: "a 'b' c" }],
      [String.raw`A="a \"b\" c",B="c:\\d\e"`, { A: 'a "b" c', B: String.raw`c:\d\e` }],
      ['A="",B=\'\',C=3', { A: '', B: '', C: '3' }],
      ['A=/b/c.d+e-(f):80_g', { A: '/b/c.d+e-(f):80_g' }],
      ['A=1,A=2', { A: '2' }],
      ['', {}],
    ];
    assert.deepEqual(
      rows.map(([text]) => [text, only(readProgram(`command=x\nenvironment=${text}`, around)).env]),
      rows,
    );
  });

  holds('are refused where an environment is no pairs (SV-48)', [
    refused('environment=A', "Unexpected end of key/value pairs in value 'A'"),
    refused('environment=A=', "Unexpected end of key/value pairs in value 'A='"),
    refused('environment=A=1,B', "Unexpected end of key/value pairs in value 'A=1,B'"),
    refused('environment=A=1 B=2', "Unexpected end of key/value pairs in value 'A=1 B=2'"),
    refused('environment=A=me@home', "Unexpected end of key/value pairs in value 'A=me@home'"),
    refused('environment=A="1', 'No closing quotation'),
  ]);

  holds('are refused where a name has a blank, a colon or a slash (SV-49)', [
    refused('process_name=a b', "Invalid name: 'a b' because of character: ' '"),
    refused('process_name=a:b', "Invalid name: 'a:b' because of character: ':'"),
    refused('process_name=a/b', "Invalid name: 'a/b' because of character: '/'"),
  ]);

  it('end where a comment begins, and may be written twice (SV-51)', () => {
    const { command, priority, stopMs } = only(
      readProgram(
        'command=x a;b c#d ; e\npriority=1\nPRIORITY : 2\t# three\n; priority=4\nstopwaitsecs=5\n  ; no more',
        around,
      ),
    );
    assert.deepEqual([command, priority, stopMs], [['x', 'a;b', 'c#d'], 2, 5000]);
  });

  holds('keep a command that cannot be split, which each start will speak of (SV-3)', [
    ['command=', ['3:1-8 error: command is empty'], 'left'],
    ["command=it's", ['3:9-13 error: can\'t parse command "it\'s": No closing quotation'], 'left'],
    ['command=x \\', ["3:9-12 error: can't parse command 'x \\\\': No escaped character"], 'left'],
    [
      'command=sh -c "a ; b"',
      [
        "3:9-17 error: can't parse command 'sh -c \"a': No closing quotation → A ; or # after a blank begins a comment, between quotes too. Leave the blank out, or put the script into a file.",
      ],
      'left',
    ],
    ['', [`2:2-11 error: program section program:p does not specify a command${inSection}`]],
  ]);

  it('say at each start what is wrong with a command, and have nothing to run (SV-3)', () => {
    const { program, command } = only(readProgram("command=it's", around));
    const [process] = program.processes;
    assert.deepEqual(process.command, []);
    assert.equal(process.unrunnable, 'can\'t parse command "it\'s": No closing quotation');
    assert.deepEqual(command, ['p']);
  });
});

describe('logs', () => {
  it('are where the file says, or nowhere (SV-63)', () => {
    const rows: readonly (readonly [string, StreamSpec['log']])[] = [
      ['AUTO', { kind: 'auto', maxBytes: 1024, backups: 2 }],
      ['auto', { kind: 'auto', maxBytes: 1024, backups: 2 }],
      ['NONE', { kind: 'none' }],
      ['off', { kind: 'none' }],
      ['/dev/null', { kind: 'none' }],
      ['a.log', { kind: 'file', path: '/w/a.log', maxBytes: 1024, backups: 2 }],
      ['~/a.log', { kind: 'file', path: '/home/me/a.log', maxBytes: 1024, backups: 2 }],
      ['~db/a.log', { kind: 'file', path: '/var/db/a.log', maxBytes: 1024, backups: 2 }],
    ];
    const read = (path: string): StreamSpec['log'] =>
      only(
        readProgram(
          `command=x\nstdout_logfile_maxbytes=1KB\nstdout_logfile_backups=2\nstdout_logfile=${path}`,
          around,
        ),
      ).program.processes[0].stdout.log;
    assert.deepEqual(
      rows.map(([path]) => [path, read(path)]),
      rows,
    );
  });

  const noSystemLog = 'nothing is sent to the system log; the lines are in the output channel.';
  holds('of the system are not written, which is said; the old way to ask for one is rewritten (SV-64)', [
    warned(
      'stdout_logfile=syslog',
      'For [program:p], stdout_logfile=syslog but this is deprecated and will be removed.  Use stdout_syslog=true to enable syslog instead.',
      `"stdout_logfile": ${noSystemLog}`,
    ),
    warned('stderr_syslog=true', `"stderr_syslog": ${noSystemLog}`),
    ...['/dev/stdout', '/dev/fd/1', '/proc/self/fd/2', '/proc/1/fd/1', '/dev/tty'].map((device) =>
      warned(
        `stdout_logfile=${device}`,
        '"stdout_logfile": no file is written; the lines are in the output channel of the service.',
      ),
    ),
  ]);

  holds('that nobody writes, or that grow for ever, are warned of (SV-65)', [
    [
      'command=x\nredirect_stderr=true\nstderr_logfile=/x.log',
      [
        '5:16-22 warning: For [program:p], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored',
      ],
      'left',
    ],
    warned(
      'stdout_logfile_maxbytes=0',
      'For [program:p], AUTO logging used for stdout_logfile without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally',
    ),
  ]);

  it('of a redirected stderr are none (SV-65)', () => {
    const { redirectStderr, processes } = only(
      readProgram('command=x\nredirect_stderr=true\nstderr_logfile=/x.log', around),
    ).program;
    assert.deepEqual([redirectStderr, processes[0].stderr.log], [true, { kind: 'none' }]);
  });
});

describe('what Supervisor is silent about', () => {
  holds('is a warning where an option is not known', [
    [
      'command=x\nstpsignal=INT',
      [
        '4:1-10 warning: "stpsignal" is not known in [program:p], so it has no effect. → Did you mean "stopsignal"?',
      ],
      'left',
    ],
  ]);

  holds('is a warning where a command would end the editor', [
    [
      "command=bash -c 'read; kill -QUIT $PPID'",
      [
        '3:9-41 warning: "command": it reaches for its parent, which is no supervisord here: in the editor it is the extension host, and a signal would end every extension. → Let it run "supervisorctl shutdown" instead.',
      ],
      'left',
    ],
  ]);

  it('is a warning where Windows has no such thing', () => {
    const config = readProgram('command=x\numask=022\nuser=me', { machine: { windows: true } });
    assert.deepEqual(said(config), [
      '4:7-10 warning: "umask": Windows has none.',
      '5:6-8 warning: "user": on Windows a program runs as the person who started us.',
    ]);
    const { umask, user } = only(config).program;
    assert.deepEqual([umask, user], [undefined, undefined]);
  });

  it('name users that only a directory service would know, which is told and refuses nothing (SV-43)', () => {
    const unsure = "asked of this machine's directory service no sooner than when";
    const config = readConf(
      `
      [supervisord]
      [unix_http_server]
      file=/s
      chown=bob
      [program:p]
      command=x
      user=bob
      [fcgi-program:f]
      command=x
      socket=unix:///f
      socket_owner=me:them
      `,
      { machine: { hasUser: (name) => (name === 'me' ? true : undefined), hasUserGroup: () => undefined } },
    );
    assert.deepEqual(said(config), [
      `4:7-10 warning: "chown": whether there is bob is ${unsure} the socket is made.`,
      `7:6-9 warning: "user": whether there is a user bob is ${unsure} a program starts.`,
      `11:14-21 warning: "socket_owner": whether there is me:them is ${unsure} the socket is made.`,
    ]);
    assert.deepEqual(
      config.services.map(({ program: each }) => each?.user ?? each?.socket?.at),
      ['bob', { kind: 'unix', path: '/f', mode: 0o700, owner: 'me:them' }],
    );
    assert.deepEqual(
      config.supervisor?.servers.map(({ at }) => at),
      [{ kind: 'unix', path: '/s', mode: 0o700, owner: 'bob' }],
    );
  });

  it('of a FastCGI program are warned of on Windows, where it cannot have its socket (SV-80)', () => {
    const config = readConf('[supervisord]\n[fcgi-program:f]\ncommand=x\nsocket=tcp://127.0.0.1:9000\n', {
      machine: { windows: true, hasUser: () => false },
    });
    assert.deepEqual(said(config), [
      '4:8-28 warning: "socket": on Windows no program can be handed a listening socket, so this one does not start. → Let the program listen by itself, in a section [program:name].',
    ]);
  });
});

describe('the table of options', () => {
  it('names keys that a service has in runtimes.yaml', () => {
    const keys = Object.values(program).flatMap(({ key }) => (key === undefined ? [] : [key]));
    assert.deepEqual(
      keys.filter((key) => serviceShape.properties?.[key] === undefined),
      [],
    );
  });

  it('has each option that a section reads, so that none is called unknown', () => {
    const lines = Object.keys(program).map((option) => `${option}=%(nope)s`);
    const { problems } = readProgram(lines.join('\n'), around);
    assert.deepEqual(
      problems.filter(({ code }) => code === 'unknown-option'),
      [],
    );
    // One that nobody reads is in the table for nothing: each of these asks for a name that is not there.
    const read = new Set(problems.map(({ line }) => line - 3));
    assert.deepEqual(
      Object.keys(program).filter((_, index) => !read.has(index)),
      [],
    );
  });
});
