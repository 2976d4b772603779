import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config } from '../../src/config/spec.ts';
import { type Around, main, only, readConf, said } from './supervisord-reading.ts';

const around: Around = {
  environment: { WHO: 'me' },
  machine: {
    isFolder: (path) => path !== '/no',
    hasUser: (name) => name === 'me',
    hasUserGroup: (name) => name === 'us',
    limits: { files: 4096, processes: 300 },
  },
};

/** A file below `[supervisord]`, what is said of it, and the services that are left. */
type Row = readonly [text: string, said: readonly string[], left: readonly string[]];

function holds(title: string, rows: readonly Row[]): void {
  it(title, () => {
    const seen = rows.map(([text]) => {
      const config = readConf(`[supervisord]\n${text}`, around);
      return [text, said(config), config.services.map(({ name }) => name)];
    });
    assert.deepEqual(seen, rows);
  });
}

const of = (section: string): string => ` in section '${section}' (file: '${main}')`;

/** Groups as `group/process` of each service, with the group's priority. */
function namespecs(config: Config): readonly string[] {
  return config.services.map(
    ({ name, program }) =>
      `${name}: ${program?.group} ${program?.groupPriority} ${program?.processes.map((each) => each.name).join(' ')}`,
  );
}

describe('names', () => {
  holds('with blanks, colons or slashes are refused; blanks around them do not count (SV-49)', [
    [
      '[program:a b]\ncommand=x',
      [`2:2-13 error: Invalid name: 'a b' because of character: ' '${of('program:a b')}`],
      [],
    ],
    [
      '[program:a:b]\ncommand=x',
      [`2:2-13 error: Invalid name: 'a:b' because of character: ':'${of('program:a:b')}`],
      [],
    ],
    [
      '[group:a/b]\nprograms=p\n[program:p]\ncommand=x',
      [`2:2-11 error: Invalid name: 'a/b' because of character: '/'${of('group:a/b')}`],
      ['p'],
    ],
    ['[program: a ]\ncommand=x', [], ['a']],
  ]);

  const noAddress = 'the name of a service is part of an address, and this one cannot be';
  const taken = 'another service has this name, in which case does not count';
  const otherGroup = (name: string): string =>
    `another group has this name, so the group is called "${name}"; Supervisor would run one of the two.`;

  holds('that a service cannot have are mended, and no two services have one', [
    [
      '[program:my.app]\ncommand=x',
      [`2:2-16 warning: "my.app": ${noAddress}, so the service is called "my-app".`],
      ['my-app'],
    ],
    [
      '[program:日本]\ncommand=x',
      [`2:2-12 warning: "日本": ${noAddress}, so the service is called "program".`],
      ['program'],
    ],
    [
      '[program:a]\ncommand=x\n[fcgi-program:a]\ncommand=x\nsocket=tcp://x:1',
      [
        `4:2-16 warning: "a": ${taken}, so the service is called "a-fcgi".`,
        `4:2-16 warning: "a": ${otherGroup('a-fcgi')}`,
      ],
      ['a', 'a-fcgi'],
    ],
    [
      '[program:a]\ncommand=x\n[program:A]\ncommand=x',
      [`4:2-11 warning: "A": ${taken}, so the service is called "A-program".`],
      ['a', 'A-program'],
    ],
    [
      '[group:g]\nprograms=a,b\n[program:a]\ncommand=x\nprocess_name=z\n[program:b]\ncommand=x\nprocess_name=z',
      [
        '7:2-11 warning: "b": another process of the group "g" is called "z", so this one is called "z_b"; Supervisor would run one of the two.',
      ],
      ['a', 'b'],
    ],
  ]);
});

describe('groups', () => {
  it('take programs in, which then have no group of their own (SV-52)', () => {
    const config = readConf(
      `
      [supervisord]
      [program:a]
      command=x %(group_name)s
      priority=3
      [program:b]
      command=x
      numprocs=2
      process_name=b%(process_num)d
      [fcgi-program:f]
      command=x
      socket=tcp://127.0.0.1:9000
      [group:g]
      programs=a, f
      priority=5
      [group:none]
      `,
      around,
    );
    assert.deepEqual(said(config), []);
    assert.deepEqual(namespecs(config), ['a: g 5 a', 'b: b 999 b0 b1', 'f: g 5 f']);
    assert.deepEqual(
      config.services.map(({ name, group, priority }) => [name, group, priority]),
      [
        ['a', 'g', 3],
        ['b', undefined, 999],
        ['f', 'g', 999],
      ],
    );
    assert.deepEqual(
      config.groups?.map(({ name, priority, services }) => [name, priority, services]),
      [
        ['g', 5, ['a', 'f']],
        ['none', 999, []],
      ],
    );
    assert.deepEqual(config.services[0]?.command, ['x', 'g']);
  });

  it('may have a program in common, which then runs in each (SV-52)', () => {
    const config = readConf(
      '[supervisord]\n[program:a]\ncommand=%(group_name)s\n[group:g]\nprograms=a,a\n[group:h]\nprograms=a',
      around,
    );
    assert.deepEqual(namespecs(config), ['a: g 999 a', 'h-a: h 999 a']);
    assert.deepEqual(
      config.services.map(({ command }) => command),
      [['g'], ['h']],
    );
  });

  holds('refuse who is not there or is there twice, and keep the others (SV-52)', [
    [
      '[group:g]\nprograms=a,nope\n[program:a]\ncommand=x',
      [`3:10-16 error: [group:g] names unknown program or fcgi-program nope${of('group:g')}`],
      ['a'],
    ],
    [
      '[group:g]\nprograms=a,\n[program:a]\ncommand=x',
      [
        `3:10-12 error: [group:g] names unknown program or fcgi-program ${of('group:g')} → There is a comma too many.`,
      ],
      ['a'],
    ],
    [
      '[group:g]\nprograms=l\n[eventlistener:l]\ncommand=x\nevents=TICK_5',
      [`3:10-11 error: [group:g] names unknown program or fcgi-program l${of('group:g')}`],
      ['l'],
    ],
    [
      '[group:g]\nprograms=a\npriority=x\n[program:a]\ncommand=x\n[fcgi-program:a]\ncommand=x\nsocket=tcp://x:1',
      [
        `3:10-11 error: [group:g] name a is ambiguous (exists as program and fcgi-program)${of('group:g')} → Give one of the two another name.`,
        `4:10-11 error: invalid literal for int() with base 10: 'x'${of('group:g')} → "priority" takes a whole number, such as 10.`,
        '7:2-16 warning: "a": another service has this name, in which case does not count, so the service is called "a-fcgi".',
        '7:2-16 warning: "a": another group has this name, so the group is called "a-fcgi"; Supervisor would run one of the two.',
      ],
      ['a', 'a-fcgi'],
    ],
  ]);
});

describe('event listeners', () => {
  it('are told of events, and start before others (SV-42, SV-53)', () => {
    const config = readConf(
      '[supervisord]\n[eventlistener:l]\ncommand=x\nevents=TICK_60, process_state\nbuffer_size=3',
      around,
    );
    const { program, priority } = only(config);
    assert.deepEqual(program.listener, { events: ['TICK_60', 'PROCESS_STATE'], bufferSize: 3 });
    assert.deepEqual([program.kind, program.groupPriority, priority], ['eventlistener', -1, 999]);
  });

  const listener = '[eventlistener:l]\ncommand=x\n';
  const ofListener = of('eventlistener:l');
  holds(
    'are refused without events, without a buffer, with a redirected stderr or a strange handler (SV-53)',
    [
      [listener, [`2:2-17 error: [eventlistener:l] section requires an "events" line${ofListener}`], []],
      [
        `${listener}events=TICK_5,TIK_60`,
        [
          `4:8-21 error: Unknown event type TIK_60 in [eventlistener:l] events${ofListener} → The nearest of them is TICK_60.`,
        ],
        [],
      ],
      [
        `${listener}events=EVENT\nbuffer_size=0`,
        [`5:13-14 error: [eventlistener:l] section sets invalid buffer_size (0)${ofListener}`],
        [],
      ],
      [
        `${listener}events=EVENT\nredirect_stderr=true`,
        [
          `5:17-21 error: [eventlistener:l] section sets redirect_stderr=true but this is not allowed because it will interfere with the eventlistener protocol${ofListener}`,
        ],
        [],
      ],
      [
        `${listener}events=EVENT\nresult_handler=nothing`,
        [`5:16-23 error: nothing cannot be resolved within [eventlistener:l]${ofListener}`],
        [],
      ],
      [
        `${listener}events=EVENT\nresult_handler=mine.handlers:strict`,
        [
          '5:16-36 warning: "result_handler": it is Python, which is not run here; the standard handler is used.',
        ],
        ['l'],
      ],
    ],
  );
});

describe('FastCGI programs', () => {
  it('have a socket, of a port or of a file (SV-54)', () => {
    const socket = (lines: string): unknown =>
      only(readConf(`[supervisord]\n[fcgi-program:f]\ncommand=x\n${lines}`, around)).program.socket;
    assert.deepEqual(socket('socket=tcp://LocalHost:9000\nsocket_backlog=5'), {
      url: 'tcp://localhost:9000',
      at: { kind: 'tcp', host: 'localhost', port: 9000 },
      backlog: 5,
    });
    assert.deepEqual(
      socket('socket=unix://%(here)s/x/../%(program_name)s.sock\nsocket_mode=0770\nsocket_owner=me:us'),
      {
        url: 'unix:///w/f.sock',
        at: { kind: 'unix', path: '/w/f.sock', mode: 0o770, owner: 'me:us' },
      },
    );
    assert.deepEqual(socket('socket=unix:///s\nuser=me'), {
      url: 'unix:///s',
      at: { kind: 'unix', path: '/s', mode: 0o700, owner: 'me' },
    });
  });

  holds('are warned of where two have one socket, since only one of them can run', [
    [
      '[fcgi-program:f]\ncommand=x\nsocket=tcp://X:1\n[fcgi-program:g]\ncommand=x\nsocket=tcp://x:1\n[fcgi-program:h]\ncommand=x\nsocket=tcp://x:2',
      [
        '7:1-7 warning: "g" has the socket of "f", tcp://x:1, so only one of the two can run at a time. → Give one of the two another socket.',
      ],
      ['f', 'g', 'h'],
    ],
  ]);

  const program = '[fcgi-program:f]\ncommand=x\n';
  const ofProgram = of('fcgi-program:f');
  const row = (lines: string, at: string, reason: string): Row => [
    program + lines,
    [`${at} error: ${reason}${ofProgram}`],
    [],
  ];
  const onlyUnix =
    'socket_owner and socket_mode params should only be used with a Unix domain socket in [fcgi-program:f] socket';
  holds('are refused where their socket cannot be (SV-54)', [
    row('', '2:2-16', '[fcgi-program:f] section requires a "socket" line'),
    row(
      'socket=unix://run/x',
      '4:8-20',
      'Unix socket path run/x is not an absolute path in [fcgi-program:f] socket',
    ),
    row('socket=http://x:1', '4:8-18', 'Bad socket format http://x:1 in [fcgi-program:f] socket'),
    row('socket=tcp://x:65536', '4:8-21', '65536 is above upper bound (65535) in [fcgi-program:f] socket'),
    row('socket=tcp://x:1\nsocket_backlog=0', '5:16-17', 'Invalid socket_backlog value 0'),
    row('socket=tcp://x:1\nsocket_owner=me', '5:14-16', onlyUnix),
    row('socket=tcp://x:1\nsocket_mode=0700', '5:13-17', onlyUnix),
    row('socket=unix:///s\nsocket_mode=rw', '5:13-15', 'Invalid socket_mode value rw'),
    row('socket=unix:///s\nsocket_owner=me:them', '5:14-21', 'Invalid socket_owner value me:them'),
    row(
      'socket=unix:///%(process_num)d',
      '4:8-31',
      "Format string 'unix:///%(process_num)d' for 'fcgi-program:f.socket' contains names ('process_num') which cannot be expanded. Available names: ENV_WHO, here, program_name",
    ),
  ]);
});

describe('included files', () => {
  const files: Readonly<Record<string, string>> = {
    '/w/conf.d/10.conf': '[program:ten]\ncommand=%(here)s/ten\n[program:m]\npriority=10\n',
    '/w/conf.d/2.conf': '[program:two]\ncommand=%(here)s/two\n[program:m]\npriority=2\n',
    '/w/bad.conf': 'lost=1\n[program:odd]\ncommand=x\nno value\nnumprocs=x\n',
    '/w/deep.conf': '[include]\nfiles=more.conf\n[program:d]\ncommand=x',
  };
  const glob = (pattern: string): readonly string[] =>
    pattern === '/w/conf.d/*.conf'
      ? // In any order.
        ['/w/conf.d/2.conf', '/w/conf.d/10.conf']
      : Object.keys(files).filter((path) => path === pattern);
  const including = (list: string): Config =>
    readConf(`[supervisord]\n[program:m]\ncommand=%(here)s/m\n[include]\nfiles=${list}`, {
      others: files,
      machine: { glob },
    });

  it('are read in the order of their names, each with a here of its own (SV-50)', () => {
    const config = including('conf.d/*.conf');
    assert.deepEqual(said(config), []);
    assert.deepEqual(config.files, [main, '/w/conf.d/10.conf', '/w/conf.d/2.conf']);
    assert.deepEqual(
      config.services.map(({ name, command, priority, source }) => [name, command[0], priority, source.file]),
      [
        ['m', '/w/m', 2, main],
        ['ten', '/w/conf.d/ten', 999, '/w/conf.d/10.conf'],
        ['two', '/w/conf.d/two', 999, '/w/conf.d/2.conf'],
      ],
    );
  });

  it('that are not there are warned of, and the rest is read (SV-50)', () => {
    assert.deepEqual(said(including('none/*.conf\n %(here)s/conf.d/*.conf')), [
      '5:7-6:24 warning: No file matches via include "/w/none/*.conf"',
    ]);
  });

  it('that cannot be understood are told by name, at their own lines (SV-50, SV-55)', () => {
    const config = including('bad.conf');
    assert.deepEqual(said(config), [
      "/w/bad.conf 1:1-7 error: File contains no section headers. file: '/w/bad.conf', line: 1 'lost=1'",
      "/w/bad.conf 4:1-9 error: Source contains parsing errors: '/w/bad.conf' [line  4]: 'no value'",
      `/w/bad.conf 5:10-11 error: invalid literal for int() with base 10: 'x' in section 'program:odd' (file: '/w/bad.conf') → "numprocs" takes a whole number, such as 10.`,
    ]);
    assert.deepEqual(
      config.services.map(({ name }) => name),
      ['m'],
    );
  });

  it('include no others, which is said (SV-50)', () => {
    assert.deepEqual(said(including('deep.conf')), [
      '/w/deep.conf 1:2-9 warning: "[include]": only the main file includes others, so this has no effect.',
    ]);
  });

  it('must be named (SV-50)', () => {
    assert.deepEqual(said(readConf('[supervisord]\n[include]\n[program:m]\ncommand=x')), [
      '2:2-9 error: .ini file has [include] section, but no files setting',
    ]);
  });
});

describe('the supervisor itself', () => {
  it('is as the file says (SV-43)', () => {
    const { supervisor } = readConf(
      `
      [unix_http_server]
      file=run/s.sock
      chmod=0770
      chown=me:us
      [supervisord]
      identifier=it-%(ENV_WHO)s
      logfile=%(here)s/s.log
      logfile_maxbytes=1KB
      logfile_backups=2
      loglevel=DEBUG
      pidfile=s.pid
      childlogdir=/logs
      nocleanup=true
      minfds=100
      minprocs=10
      [inet_http_server]
      port=localhost:9001
      username=a
      password=b
      `,
      around,
    );
    assert.ok(supervisor);
    const { source: _source, servers, ...rest } = supervisor;
    assert.deepEqual(rest, {
      identifier: 'it-me',
      logFile: { path: '/w/s.log', maxBytes: 1024, backups: 2 },
      logLevel: 'debug',
      pidFile: '/w/s.pid',
      childLogDir: '/logs',
      noCleanup: true,
      minFds: 100,
      minProcs: 10,
    });
    assert.deepEqual(
      servers.map(({ at, username, password }) => [at, username, password]),
      [
        [{ kind: 'unix', path: '/w/run/s.sock', mode: 0o770, owner: 'me:us' }, undefined, undefined],
        [{ kind: 'inet', host: '127.0.0.1', port: 9001 }, 'a', 'b'],
      ],
    );
  });

  it('tells programs where it is reached: by its first socket, else by its first port (SV-12)', () => {
    const url = (servers: string, own = ''): unknown =>
      only(readConf(`[supervisord]\n${servers}\n[program:p]\ncommand=x\n${own}`, around)).program.serverUrl;
    assert.equal(url(''), undefined);
    assert.equal(url('[inet_http_server]\nport=9001'), 'http://localhost:9001');
    assert.equal(url('[inet_http_server]\nport=127.0.0.1:9001'), 'http://127.0.0.1:9001');
    assert.equal(url('[inet_http_server]\nport=9001\n[unix_http_server]\nfile=/s'), 'unix:///s');
    assert.equal(url('[inet_http_server]\nport=9001', 'serverurl=http://else'), 'http://else');
    assert.equal(url('[inet_http_server]\nport=9001', 'serverurl=auto'), 'http://localhost:9001');
  });

  it('gives programs its environment, its umask, its folder and its care for colours', () => {
    const config = readConf(
      `
      [supervisord]
      environment=A=1,B=2
      umask=077
      strip_ansi=true
      directory=/srv
      [program:a]
      command=x
      environment=B=3
      stdout_logfile=a.log
      [program:b]
      command=x
      umask=022
      directory=b
      `,
      around,
    );
    assert.deepEqual(
      config.services.map(({ env, cwd, program }) => [env, cwd, program?.umask, program?.stripAnsi]),
      [
        [{ A: '1', B: '3' }, '/srv', 0o77, true],
        [{ A: '1', B: '2' }, '/srv/b', 0o22, true],
      ],
    );
    assert.deepEqual(config.services[0]?.program?.processes[0].stdout.log, {
      kind: 'file',
      path: '/srv/a.log',
      maxBytes: 52_428_800,
      backups: 10,
    });
  });

  const alone = '[program:p]\ncommand=x';
  const ofIt = of('supervisord');
  holds('is refused piece by piece, and what it supervises runs (SV-55)', [
    [
      `minfds=x\nloglevel=loud\ndirectory=/no\nchildlogdir=/no\nlogfile=/no/x\npidfile=/no/y\nenvironment=A\n${alone}`,
      [
        `2:8-9 error: invalid literal for int() with base 10: 'x'${ofIt} → "minfds" takes a whole number, such as 10.`,
        `3:10-14 error: bad logging level name 'loud'${ofIt} → "loglevel" takes one of critical, error, warn, info, debug, trace, blather.`,
        `4:11-14 error: /no is not an existing directory${ofIt}`,
        `5:13-16 error: /no is not an existing directory${ofIt}`,
        `6:9-14 error: The directory named as part of the path /no/x does not exist${ofIt}`,
        `7:9-14 error: The directory named as part of the path /no/y does not exist${ofIt}`,
        `8:13-14 error: Unexpected end of key/value pairs in value 'A'${ofIt}`,
      ],
      ['p'],
    ],
    [
      `[inet_http_server]\n[unix_http_server]\nfile=/s\nchmod=rw\nchown=them\nusername=me\n${alone}`,
      [
        `2:2-18 error: section [inet_http_server] has no port value${of('inet_http_server')}`,
        `5:7-9 error: Invalid chmod value rw${of('unix_http_server')}`,
        `6:7-11 error: Invalid sockchown value them${of('unix_http_server')}`,
        `7:10-12 error: Section [unix_http_server] contains incomplete authentication: If a username or a password is specified, both the username and password must be specified${of('unix_http_server')}`,
      ],
      ['p'],
    ],
  ]);

  holds('does not do all that Supervisor does, which is said at the line', [
    [
      `nodaemon=false\nsilent=true\nuser=me\nlogfile=syslog\nprofile_options=x\nminfds=9999\nminprocs=5000\n${alone}`,
      [
        '2:10-15 warning: "nodaemon": nothing goes to the background by itself.',
        '3:8-12 warning: "silent": what is shown is chosen where it is shown.',
        '4:6-8 warning: "user": we run as the person who started us. → Set "user" in the sections of programs.',
        '5:9-15 warning: "logfile": nothing is sent to the system log; the lines are in the output channel.',
        '6:17-18 warning: "profile_options": there is no Python to profile.',
        '7:8-12 warning: "minfds": this machine gives 4096 open files at most.',
        '8:10-14 warning: "minprocs": this machine gives 300 processes at most.',
      ],
      ['p'],
    ],
    [
      `logfile=/dev/stdout\n[inet_http_server]\nport=*:9001\n[unix_http_server]\nfile=/no/s\n[rpcinterface:x]\nsupervisor.rpcinterface_factory=a:b\n${alone}`,
      [
        '2:9-20 warning: "logfile": it is written to a file in the storage folder.',
        '4:6-12 warning: "port": nothing is opened on every interface; 127.0.0.1 is used. → Write 127.0.0.1:9001.',
        '6:6-11 warning: "file": there is no folder /no, so the socket cannot be made.',
        '8:33-36 warning: "supervisor.rpcinterface_factory": it is Python, which is not run here, so its methods are not there.',
      ],
      ['p'],
    ],
    [
      `nodaemon=true\nsilent=false\n[supervisorctl]\nserverurl=x\n[ctlplugin:y]\nz=1\n[rpcinterface:supervisor]\nsupervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface\n${alone}`,
      [],
      ['p'],
    ],
    [
      `[progam:a]\ncommand=x\n[inet_http_sever]\n[hello]\n${alone}`,
      [
        '2:2-10 warning: "[progam:a]" is not known in this file, so it has no effect. → Did you mean "program:a"?',
        '4:2-17 warning: "[inet_http_sever]" is not known in this file, so it has no effect. → Did you mean "inet_http_server"?',
        '5:2-7 warning: "[hello]" is not known in this file, so it has no effect.',
      ],
      ['p'],
    ],
  ]);

  it('is missed where its section is, and programs run all the same (SV-55)', () => {
    const config = readConf('[program:p]\ncommand=x\n[DEFAULT]\nstartsecs=5\nminfds=3');
    assert.deepEqual(said(config), [
      '1:1-1 error: .ini file does not include supervisord section → Supervisor does not run without one; we do.',
    ]);
    assert.equal(only(config).startMs, 5000);
  });
});

describe('files of different kinds', () => {
  it('are laid over each other by the names of services, the later over the earlier', () => {
    const config = readConf('[supervisord]\n[program:a]\ncommand=one\n[program:b]\ncommand=two', {
      over: {
        '/w/runtimes.yaml':
          'services:\n  b: { command: three, dependsOn: [a] }\n  c: { command: four }\nfrontDoor: { routes: { /c: c } }\n',
        '/w/more.ini': '[supervisord]\nidentifier=more\n[program:c]\ncommand=five',
      },
    });
    assert.deepEqual(said(config), []);
    assert.deepEqual(
      config.services.map(({ name, command, program }) => [name, command[0], program !== undefined]),
      [
        ['a', 'one', true],
        ['b', 'three', false],
        ['c', 'five', true],
      ],
    );
    assert.deepEqual(config.files, [main, '/w/runtimes.yaml', '/w/more.ini']);
    assert.equal(config.supervisor?.identifier, 'more');
    assert.deepEqual(config.frontDoor.routes, { '/c': 'c' });
  });

  it('may send requests to a FastCGI program, and to no other', () => {
    const config = readConf(
      '[supervisord]\n[program:p]\ncommand=x\n[fcgi-program:php]\ncommand=php-cgi\nsocket=tcp://127.0.0.1:9000',
      { over: { '/w/door.yaml': 'frontDoor: { routes: { /: php, /p: p, /q: pph } }\n' } },
    );
    assert.deepEqual(config.frontDoor.routes, { '/': 'php' });
    assert.deepEqual(said(config), [
      '/w/door.yaml 1:36-37 error: "frontDoor.routes": "p" has "handshake: none", so there is no port to send requests to.',
      '/w/door.yaml 1:43-46 error: There is no service "pph". → Did you mean "php"?',
    ]);
  });

  it('have nothing to run where no program is', () => {
    assert.deepEqual(said(readConf('[supervisord]\n')), [
      '1:1-1 warning: supervisord.conf names no service. → Add a section [program:name] with a "command".',
    ]);
  });
});
