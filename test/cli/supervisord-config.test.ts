/** Our reading of `supervisord.conf` beside that of the real Supervisor, on the same files. */

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { loadConfig } from '../../src/config/load.ts';
import type { Config, LogTarget, ProcessSpec, ServiceSpec, StreamSpec } from '../../src/config/spec.ts';
import { realMachine } from '../../src/host/machine.ts';
import { supervisorPython } from '../support/supervisor.ts';

const script = resolve(import.meta.dirname, '../programs/read-supervisord-conf.py');
const environment = { PATH: '/usr/bin:/bin', HOME: '/tmp', LANG: 'C.UTF-8', WHO: 'someone', ODD: '5%s' };

type Files = Readonly<Record<string, string>>;

/** Lines of which files are made at random. */
const bits = [
  '[program:a]',
  '[program:b] ; x',
  ' [program:c]',
  '[group:g]',
  '[eventlistener:e]',
  '[fcgi-program:f]',
  '[DEFAULT]',
  '[supervisorctl]',
  '[unknown]',
  'command=/bin/echo %(program_name)s %(ENV_WHO)s',
  'command = a "b c" ; d',
  'COMMAND: x=y;z #q',
  'command=x #y ;z',
  'command=x ;y #z',
  'command=x %(process_num)02d/%(numprocs)d %% %(here)s',
  'command',
  'numprocs=3',
  'numprocs=0',
  'process_name=%(program_name)s_%(process_num)02d',
  'process_name = %(group_name)s',
  'numprocs_start=5',
  'programs=a,b',
  'programs = a, f',
  'priority=3',
  'priority = %(nope)s',
  'events=TICK_5,EVENT',
  'socket=tcp://localhost:9%(program_name)s',
  'socket=unix:///tmp/%(program_name)s.sock',
  'environment=A=1,B="x;y"',
  'environment=A="%(ENV_WHO)s",',
  'environment=A=1 ; B=2',
  'exitcodes=0,2',
  'autorestart=true',
  'stopasgroup=true',
  'killasgroup=false',
  'redirect_stderr=yes',
  'stderr_logfile=/tmp/%(program_name)s.log',
  'stdout_logfile=NONE',
  'stdout_logfile_maxbytes=0',
  'startsecs=0',
  'startsecs=x',
  'umask=022',
  '  more',
  '\t; comment',
  '    "and=more" # comment',
  '# comment',
  ';',
  '',
  '   ',
  'nothing of this = 1',
  '= 1',
];

const random = fc.sample(
  fc
    .array(fc.constantFrom(...bits), { minLength: 2, maxLength: 25 })
    .map((lines): Files => ({ 'main.conf': `[supervisord]\n[program:a]\ncommand=x\n${lines.join('\n')}\n` })),
  { numRuns: 600, seed: 20 },
);

/** Each is a folder whose `main.conf` both read. */
const accepted: Readonly<Record<string, Files>> = {
  'a program that says nothing has every default (SV-43)': {
    'main.conf': '[supervisord]\n[program:cat]\ncommand=/bin/cat\n',
  },
  'every option that a program can have': {
    'logs/keep': '',
    'main.conf': `
      [supervisord]
      [program:all]
      command=/bin/cat -u "a b" 'c d' e\\ f
      process_name=%(program_name)s-%(process_num)03d
      numprocs=2
      numprocs_start=7
      priority=12
      autostart=No
      startsecs=5
      startretries=9
      autorestart=TRUE
      exitcodes=0, 2,77
      stopsignal=sigusr1
      stopwaitsecs=33
      stopasgroup=on
      user=root
      redirect_stderr=1
      stdout_logfile=%(here)s/logs/%(program_name)s-%(process_num)d.log
      stdout_logfile_maxbytes=10kb
      stdout_logfile_backups=3
      stdout_capture_maxbytes=1MB
      stdout_events_enabled=yes
      stderr_capture_maxbytes=512
      stderr_events_enabled=off
      environment=A=1,B="two words",C='x,y'
      directory=/usr
      umask=077
      serverurl=http://127.0.0.1:1
    `,
  },
  'numbers, sizes, switches and signals in all their spellings': {
    'main.conf': `
      [supervisord]
      minfds=1_024
      minprocs= 100
      identifier=it
      nocleanup=ON
      loglevel=Debug
      logfile_maxbytes=1GB
      logfile_backups=0
      [program:a]
      command=x
      stopsignal=9
      stdout_logfile_maxbytes=7 MB
      stderr_logfile_maxbytes=0
      stderr_logfile=NONE
      startsecs=+3
      autorestart=0
      exitcodes=
      umask=0o22
      killasgroup=yes
      [program:b]
      command=x
      stopsignal=IOT
      stdout_logfile=off
      stderr_logfile=auto
      autorestart=Unexpected
      priority=-5
      serverurl=auto
      [program:c]
      command=x
      stopsignal=SIGCLD
    `,
  },
  'twelve processes are in the order of their names (SV-44)': {
    'main.conf':
      '[supervisord]\n[program:n]\ncommand=x %(process_num)d of %(numprocs)d\nprocess_name=p%(process_num)d\nnumprocs=12\nnumprocs_start=98\n',
  },
  'expansions in every option (SV-46)': {
    'sub/keep': '',
    'main.conf': `
      [supervisord]
      identifier=%(here)s-%(ENV_WHO)s
      environment=GLOBAL="from %(ENV_WHO)s at %(here)s",HALF="50%%%%"
      [group:g]
      programs=p
      [program:p]
      command=%(here)s/run --as %(program_name)s --in %(group_name)s --on %(host_node_name)s --for %(ENV_WHO)s %(ENV_OWN)s %(ENV_GLOBAL)s 100%% %(process_num)+d %(process_num)5d|%(process_num)-5d|%(process_num)x %(program_name)10s|%(program_name).2s %(program_name)r
      environment=OWN="own-%(process_num)02d-%(numprocs)s",PCT="9%%"
      process_name=%(ENV_OWN)s-%(group_name)s
      numprocs=%(ENV_N)s
      numprocs_start=3
      directory=%(here)s/%(ENV_WHO)s
      stdout_logfile=%(here)s/sub/%(ENV_OWN)s.log
      stderr_logfile=%(here)s/sub/100%%%%.log
    `.replace('%(ENV_N)s', '1'),
  },
  'names from the environment and from [supervisord] (SV-47)': {
    'main.conf': `
      [supervisord]
      environment=WHO="nobody",MORE=%(ENV_WHO)s
      [program:p]
      command=x %(ENV_WHO)s %(ENV_MORE)s
      environment=WHO=%(ENV_WHO)s-again
      [program:q]
      command=x %(ENV_WHO)s %(ENV_MORE)s
    `,
  },
  'environments (SV-48)': {
    'main.conf': [
      '[supervisord]',
      '[program:a]',
      'command=x',
      'environment= A = 1 , B = "2" ,C=\'3\',',
      '[program:b]',
      'command=x',
      'environment=',
      '  A="1,2",',
      '  B="a \'b\' c",',
      '',
      '  C=\'say "hi" you\',',
      '  D="",E=/a/b.c+d-(e):f_g',
      '[program:c]',
      'command=x',
      'environment=A="line one',
      '  line two"',
      '[program:d]',
      'command=x',
      'environment=A=1#,B=2',
      '[program:e]',
      'command=x',
      'environment=A=1;B=2,C=',
      '   3',
      '[program:f]',
      'command=x',
      'environment=A=1,A=2,URL=http://h:80/p',
    ].join('\n'),
  },
  'comments, continued lines, colons, case, defaults and repetition (SV-51)': {
    'main.conf': [
      '; a comment',
      '# another',
      '[DEFAULT]',
      'startsecs = 4',
      '[supervisord] ; here too',
      'nodaemon=true\t;after a tab',
      '[program:a]   # and here',
      'Command : /bin/echo a;b c#d ; gone',
      '   more words ; gone as well',
      '# between',
      '',
      '   after a blank line',
      'PRIORITY=1',
      'priority = 2',
      'stopwaitsecs=7 ;8',
      '[program:b]',
      '  command=x',
      '  autostart=false',
      '[program:a]',
      'priority: 3',
      '[program:c] and more',
      'command = x = y : z',
      'startsecs = 6',
      'stdout_logfile = /tmp/a;b.log',
      '[program:d]',
      'command = one;two ;three #four',
      '[program:e]',
      'command = one ;two #three',
      '[program:f]',
      'command = one #two ;three',
      '',
    ].join('\r\n'),
  },
  'included files, in order, each with its own here (SV-50)': {
    'main.conf':
      '[supervisord]\nenvironment=AT="%(here)s"\n[include]\nfiles = conf.d/*.conf more/[ab].ini\n  %(here)s/%(ENV_LAST)s none/*.x\n[program:m]\ncommand=%(here)s/m\n'.replace(
        '%(ENV_LAST)s',
        'last.conf',
      ),
    'conf.d/2.conf':
      '[program:two]\ncommand=%(here)s/two\n[program:m]\npriority=5\nstdout_logfile=%(here)s/m.log\n',
    'conf.d/10.conf': '[program:ten]\ncommand=%(here)s/ten %(program_name)s\n[program:two]\npriority=7\n',
    'conf.d/.hidden.conf': '[program:hidden]\ncommand=x\n',
    'conf.d/other.txt': '[program:other]\ncommand=x\n',
    'more/a.ini': '[include]\nfiles=*.never\n[program:inner]\ncommand=x\ndirectory=%(here)s\n',
    'more/c.never': '[program:never]\ncommand=x\n',
    'last.conf': '[program:m]\ncommand=%(here)s/last\n',
  },
  'groups take programs in (SV-52)': {
    'main.conf': `
      [supervisord]
      [program:a]
      command=a %(group_name)s
      priority=5
      [program:b]
      command=b
      numprocs=2
      process_name=%(process_num)d
      [fcgi-program:f]
      command=f
      socket=tcp://localhost:9001
      [group:one]
      programs=a, b
      priority=4
      [group: two ]
      programs=a
      [group:none]
      [program:alone]
      command=x
      priority=77
    `,
  },
  'listeners (SV-53)': {
    'main.conf': `
      [supervisord]
      [eventlistener:l]
      command=l
      events=TICK_60, process_state,TICK_60
      buffer_size=3
      numprocs=2
      process_name=l%(process_num)s
      [eventlistener:m]
      command=m
      priority=6
      events=EVENT
      result_handler=supervisor.dispatchers:default_handler
      stderr_logfile=NONE
    `,
  },
  'FastCGI programs (SV-54)': {
    'main.conf': `
      [supervisord]
      [fcgi-program:tcp]
      command=x
      socket=tcp://LocalHost:9000
      socket_backlog=12
      numprocs=3
      process_name=%(program_name)s_%(process_num)d
      [fcgi-program:unix]
      command=x
      socket=unix://%(here)s/%(program_name)s.sock
      socket_mode=0770
      socket_owner=root:root
      [fcgi-program:plain]
      command=x
      socket=unix:///tmp/./x/../plain.sock
    `,
  },
  servers: {
    'main.conf': `
      [unix_http_server]
      file=%(here)s/x/../s.sock
      chmod=0766
      [supervisord]
      [inet_http_server]
      port=127.0.0.1:9001
      username=me
      password={SHA}da39a3ee5e6b4b0d3255bfef95601890afd80709
      [rpcinterface:supervisor]
      supervisor.rpcinterface_factory = supervisor.rpcinterface:make_main_rpcinterface
      [supervisorctl]
      serverurl=unix:///x
    `,
  },
  'words of commands (SV-4)': {
    'main.conf': [
      '[supervisord]',
      ...[
        String.raw`/bin/sh -c 'echo "$HOME" | cat'`,
        String.raw`a"b"'c' d\"e "f\"g\\h\i$'j'" $'k\n'`,
        String.raw`a "" '' \'`,
        'a \\\n  b',
        'a "no end',
        "it's",
        String.raw`a \ `.trimEnd(),
        '',
        "''",
        'a # b',
        'a#b c;d',
        'größe "übel" ä\\ö',
      ].flatMap((command, index) => [`[program:p${index}]`, `command=${command}`]),
    ].join('\n'),
  },
  'what Supervisor warns of (SV-64, SV-65)': {
    'main.conf': `
      [supervisord]
      [include]
      files=nothing/*.conf
      [program:a]
      command=x
      stdout_logfile=syslog
      stderr_logfile_maxbytes=0
      [program:b]
      command=x
      redirect_stderr=true
      stderr_logfile=/tmp/ignored.log
    `,
  },
  'names with blanks around them (SV-49)': {
    'main.conf':
      '[supervisord]\n[program: x ]\ncommand=x\nprocess_name = a.b_c-d \n[program:ü.x]\ncommand=x\n',
  },
};

/** Lines that a program may not have, or whole files. Supervisor refuses each; its words are at the line here. */
const refused: Readonly<Record<string, readonly string[]>> = {
  'values of the wrong type (SV-43)': [
    'priority=high',
    'autostart=maybe',
    'autorestart=Sometimes',
    "autorestart=it's",
    'startsecs=1.5',
    'startsecs=',
    'startretries=three',
    'stopsignal=NOPE',
    'stopsignal=999',
    'stopwaitsecs=1s',
    'exitcodes=0,256',
    'exitcodes=0,x',
    'exitcodes=-1',
    'stdout_logfile_maxbytes=10XB',
    'stdout_logfile_maxbytes=MB',
    'stderr_capture_maxbytes=lots',
    'stdout_logfile_backups=few',
    'stdout_events_enabled=2',
    'redirect_stderr=si',
    'umask=9',
    'umask=rw',
    'user=nobody-of-that-name',
    'user=987654',
    'stdout_logfile=/no/such/folder/x.log',
    'numprocs=some',
    'numprocs_start=x',
  ],
  'processes that cannot be told apart (SV-44)': ['numprocs=2', 'numprocs=2\nprocess_name=x'],
  'contradictions (SV-45)': ['stopasgroup=true\nkillasgroup=false'],
  'names that nobody knows, and percent signs that mean nothing (SV-46)': [
    'stopsignal=%(nope)s',
    'directory=%(ENV_NOPE)s',
    'process_name=%(nope)s',
    'environment=A=%(ENV_B)s,B=1',
    'stdout_logfile=/tmp/%(nope)s',
    'directory=100%',
    'directory=50% off',
    'directory=%(here',
    'directory=%(program_name)d',
    'directory=%(program_name)x',
    'directory=%(program_name)f',
    'directory=%(host_node_name)c',
    'directory=50%d',
    'directory=50%f',
    'directory=50%c',
    'directory=%(program_name)y',
    'directory=%(program_name)',
    'directory=%é',
    'serverurl=%(process_name)s',
  ],
  'pairs that are none (SV-48)': [
    'environment=A',
    'environment=A=',
    'environment=A=1,B',
    'environment=A=1 B=2',
    'environment=A=a@b',
    'environment=A="open',
    'environment=A=1,,B=2',
  ],
  'names with forbidden letters (SV-49)': ['process_name=a:b', 'process_name=a b', 'process_name=a/b'],
};

const refusedFiles: Readonly<Record<string, readonly string[]>> = {
  'sections whose names cannot be (SV-49)': [
    '[program:a b]\ncommand=x',
    '[program:a:b]\ncommand=x',
    '[group:a/b]\nprograms=\n',
    '[fcgi-program:a/b]\ncommand=x\nsocket=tcp://a:1',
  ],
  'groups of what is not there, or is there twice (SV-52)': [
    '[group:g]\nprograms=a',
    '[group:g]\nprograms=a\n[program:a]\ncommand=x\n[fcgi-program:a]\ncommand=x\nsocket=tcp://a:1',
    '[group:g]\npriority=x',
  ],
  'listeners (SV-53)': [
    '[eventlistener:l]\ncommand=x',
    '[eventlistener:l]\ncommand=x\nevents=NOPE',
    '[eventlistener:l]\ncommand=x\nevents=TICK_5\nbuffer_size=0',
    '[eventlistener:l]\ncommand=x\nevents=TICK_5\nbuffer_size=big',
    '[eventlistener:l]\ncommand=x\nevents=TICK_5\nredirect_stderr=true',
    '[eventlistener:l]\ncommand=x\nevents=TICK_5\nresult_handler=supervisor.nothing:here',
  ],
  'FastCGI programs (SV-54)': [
    '[fcgi-program:f]\ncommand=x',
    '[fcgi-program:f]\ncommand=x\nsocket=tcp://a:1\nsocket_backlog=0',
    '[fcgi-program:f]\ncommand=x\nsocket=tcp://a:1\nsocket_backlog=65536',
    '[fcgi-program:f]\ncommand=x\nsocket=tcp://a:1\nsocket_owner=root',
    '[fcgi-program:f]\ncommand=x\nsocket=tcp://a:1\nsocket_mode=0700',
    '[fcgi-program:f]\ncommand=x\nsocket=unix:///tmp/s\nsocket_mode=rw',
    '[fcgi-program:f]\ncommand=x\nsocket=unix:///tmp/s\nsocket_owner=nobody-of-that-name',
    '[fcgi-program:f]\ncommand=x\nsocket=unix:///tmp/%(process_num)d',
    '[fcgi-program:f]\ncommand=x\nsocket=tcp://a:0',
    '[fcgi-program:f]\ncommand=x\nsocket=tcp://a:65536',
  ],
  'programs without a command, servers without a place, half a password (SV-55)': [
    '[program:a]\n',
    '[inet_http_server]\n',
    '[inet_http_server]\nport=x',
    '[inet_http_server]\nport=localhost:',
    '[inet_http_server]\nport=localhost:0',
    '[unix_http_server]\n',
    '[unix_http_server]\nfile=/tmp/x\nchmod=rw',
    '[unix_http_server]\nfile=/tmp/x\nchown=nobody-of-that-name',
    '[unix_http_server]\nfile=/tmp/x\nusername=me',
    '[rpcinterface:x]\n',
    '[include]\n',
    '[include]\nfiles=%(nope)s',
  ],
};

const refusedWhole: Readonly<Record<string, readonly string[]>> = {
  'the section [supervisord] (SV-55)': [
    '',
    '[supervisord]\nminfds=x',
    '[supervisord]\nloglevel=loud',
    '[supervisord]\numask=9',
    '[supervisord]\ndirectory=/no/such/folder',
    '[supervisord]\nchildlogdir=/no/such/folder',
    '[supervisord]\nlogfile=/no/such/folder/x.log',
    '[supervisord]\npidfile=/no/such/folder/x.pid',
    '[supervisord]\nlogfile_maxbytes=big',
    '[supervisord]\nnodaemon=x',
    '[supervisord]\nstrip_ansi=x',
    '[supervisord]\nenvironment=A',
    '[supervisord]\nidentifier=%(nope)s',
  ],
};

interface Theirs {
  readonly refused?: string;
  readonly processes?: readonly TheirProcess[];
  readonly groups?: readonly Readonly<Record<string, unknown>>[];
  readonly servers?: readonly unknown[];
  readonly warnings?: readonly string[];
  readonly supervisor?: Readonly<Record<string, unknown>>;
}

interface TheirProcess extends Readonly<Record<string, unknown>> {
  readonly name: string;
  readonly group: string;
  readonly directory: string | null;
  readonly serverUrl: string | null;
  readonly umask: number | null;
  readonly stdout: TheirStream;
  readonly stderr: TheirStream;
}

interface TheirStream extends Readonly<Record<string, unknown>> {
  readonly log: { readonly path: string } | null;
}

const folders: string[] = [];
const readings = new Map<
  string,
  { readonly ours: Config; readonly theirs: Theirs; readonly folder: string }
>();

before(async () => {
  const mains: string[] = [];
  for (const files of everything()) {
    const folder = await mkdtemp(join(tmpdir(), 'runtimes-conf-'));
    folders.push(folder);
    for (const [name, text] of Object.entries(files)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), outdented(text));
    }
    mains.push(join(folder, 'main.conf'));
  }
  const { stdout } = await promisify(execFile)(supervisorPython(), [script, ...mains], {
    env: environment,
    cwd: tmpdir(),
    maxBuffer: 64 * 1024 ** 2,
  });
  const answers = JSON.parse(stdout) as readonly Theirs[];
  for (const [index, files] of everything().entries()) {
    const folder = folders[index] ?? '';
    const theirs = answers[index];
    assert.ok(theirs, 'Supervisor answers for every file');
    readings.set(JSON.stringify(files), { ours: ourReading(folder, files), theirs, folder });
  }
});

after(async () => {
  for (const folder of folders) await rm(folder, { recursive: true, force: true });
});

function everything(): readonly Files[] {
  return [
    ...Object.values(accepted),
    ...Object.values(refused).flat().map(programWith),
    ...Object.values(refusedFiles).flat().map(fileWith),
    ...Object.values(refusedWhole).flat().map(whole),
    ...random,
  ];
}

function programWith(lines: string): Files {
  return { 'main.conf': `[supervisord]\n[program:a]\ncommand=x\n${lines}\n[program:z]\ncommand=z\n` };
}

function fileWith(text: string): Files {
  return { 'main.conf': `[supervisord]\n[program:z]\ncommand=z\n${text}\n` };
}

function whole(text: string): Files {
  return { 'main.conf': `${text}\n[program:z]\ncommand=z\n` };
}

function outdented(text: string): string {
  return text.startsWith('\n') ? text.replaceAll(/^ {6}/gm, '') : text;
}

function ourReading(folder: string, files: Files): Config {
  const others = new Map(Object.entries(files).map(([name, text]) => [join(folder, name), outdented(text)]));
  return loadConfig({
    folder,
    files: [{ path: join(folder, 'main.conf'), text: others.get(join(folder, 'main.conf')) ?? '' }],
    environment,
    readFile: (path) => others.get(path),
    machine: realMachine(),
  });
}

function of(files: Files): { ours: Config; theirs: Theirs; folder: string } {
  const reading = readings.get(JSON.stringify(files));
  assert.ok(reading);
  return reading;
}

/** Our processes in the form that the script prints theirs. */
function ourProcesses(config: Config): readonly Readonly<Record<string, unknown>>[] {
  return config.services.flatMap((service) =>
    (service.program?.processes ?? []).map((process) => ourProcess(service, process)),
  );
}

function ourProcess(service: ServiceSpec, process: ProcessSpec): Readonly<Record<string, unknown>> {
  const { program } = service;
  assert.ok(program);
  return {
    group: program.group,
    groupPriority: program.groupPriority,
    name: process.name,
    words: process.unrunnable ?? process.command,
    directory: process.cwd,
    environment: process.env,
    umask: program.umask ?? null,
    switchesUser: program.user !== undefined,
    priority: service.priority,
    autostart: service.autostart,
    restart: service.restart,
    startMs: service.startMs,
    startRetries: service.startRetries,
    exitCodes: service.exitCodes,
    stopSignal: service.stopSignal,
    stopMs: service.stopMs,
    stopAsGroup: program.stopAsGroup,
    killAsGroup: program.killAsGroup,
    redirectStderr: program.redirectStderr,
    serverUrl: program.serverUrl ?? null,
    stdout: ourStream(process.stdout),
    stderr: ourStream(process.stderr),
  };
}

function ourStream({ log, captureBytes, events }: StreamSpec): unknown {
  return { log: ourLog(log), captureBytes, events };
}

function ourLog(log: LogTarget): unknown {
  if (log.kind === 'none') return null;
  return {
    path: log.kind === 'auto' ? 'AUTO' : log.path,
    maxBytes: log.maxBytes,
    backups: log.backups,
  };
}

/** Where they say nothing, the supervisor's own counts later on; we settle it while reading. */
function settled(theirs: TheirProcess, folder: string, ours: Config): Readonly<Record<string, unknown>> {
  const url = ours.services.find(({ program }) => program?.serverUrl !== undefined)?.program?.serverUrl;
  return {
    ...theirs,
    directory: theirs.directory ?? folder,
    serverUrl: theirs.serverUrl ?? url ?? null,
    stdout: absolute(theirs.stdout, folder),
    stderr: absolute(theirs.stderr, folder),
  };
}

function absolute(stream: TheirStream, folder: string): TheirStream {
  const { log } = stream;
  if (log === null || log.path === 'AUTO') return stream;
  return { ...stream, log: { ...log, path: resolve(folder, log.path) } };
}

const byName = (a: Readonly<Record<string, unknown>>, b: Readonly<Record<string, unknown>>): number =>
  `${String(a['group'])}:${String(a['name'])}` < `${String(b['group'])}:${String(b['name'])}` ? -1 : 1;

describe('what Supervisor accepts is read as Supervisor reads it', () => {
  for (const [title, files] of Object.entries(accepted)) {
    it(title, () => {
      const { ours, theirs, folder } = of(files);
      assert.equal(theirs.refused, undefined);
      assert.deepEqual(
        ourProcesses(ours).toSorted(byName),
        (theirs.processes ?? []).map((each) => settled(each, folder, ours)).toSorted(byName),
      );
      const errors = ours.problems.filter(({ severity }) => severity === 'error');
      assert.deepEqual(
        errors.filter(({ message }) => !/^(?:can't parse command|command is empty)/.test(message)),
        [],
      );
      for (const { name, events, bufferSize, socket, processes } of theirs.groups ?? []) {
        const inGroup = ours.services.filter(({ program }) => program?.group === name);
        assert.deepEqual(
          inGroup.flatMap(({ program }) => program?.processes.map((each) => each.name) ?? []).toSorted(),
          processes,
        );
        const [first] = inGroup;
        if (events !== null) {
          assert.deepEqual(eventsOf(first), { events, bufferSize });
        }
        if (socket !== null) {
          const { url, backlog, at } = first?.program?.socket ?? {};
          const mode = at?.kind === 'unix' ? at.mode : null;
          assert.deepEqual({ url, mode, backlog: backlog ?? null }, socket);
        }
      }
      const warnings = ours.problems.filter(({ code }) => code === 'supervisord-warning');
      assert.deepEqual(
        new Set(warnings.map(({ message }) => message)),
        new Set(theirs.warnings),
        'warns of the same in the same words',
      );
    });
  }

  it('the supervisor itself and its servers are as in Supervisor', () => {
    for (const files of Object.values(accepted)) {
      const { ours, theirs } = of(files);
      const { identifier, minFds, minProcs, noCleanup, logLevel, logFile, servers } = ours.supervisor ?? {};
      const levels = { critical: 50, error: 40, warn: 30, info: 20, debug: 10, trace: 5, blather: 3 };
      const { logMaxBytes, logBackups, ...rest } = theirs.supervisor ?? {};
      assert.deepEqual(
        { identifier, minFds, minProcs, noCleanup, logLevel: levels[logLevel ?? 'info'] },
        rest,
      );
      if (logFile !== undefined)
        assert.deepEqual([logFile.maxBytes, logFile.backups], [logMaxBytes, logBackups]);
      const shown = (servers ?? []).map(({ at, username, password }) => ({
        at: at.kind === 'inet' ? { host: at.host, port: at.port } : { path: at.path, mode: at.mode },
        username: username ?? null,
        password: password ?? null,
      }));
      assert.deepEqual(new Set(shown), new Set(theirs.servers));
    }
  });

  it('the machine is the one Supervisor sees (SV-46)', () => {
    assert.equal(realMachine().hostName, hostname());
  });
});

/** Events that Supervisor names by their classes: `TICK_5` is `Tick5Event`. */
function eventsOf(service: ServiceSpec | undefined): unknown {
  const { events = [], bufferSize } = service?.program?.listener ?? {};
  const classes = events.map((name) =>
    name === 'EVENT'
      ? 'Event'
      : `${name
          .toLowerCase()
          .split('_')
          .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
          .join('')}Event`,
  );
  return { events: classes.toSorted(), bufferSize };
}

describe('what Supervisor refuses is an error in its words, and takes no other program away', () => {
  const tables = [
    ...Object.entries(refused).map(([title, each]) => [title, each.map(programWith), each] as const),
    ...Object.entries(refusedFiles).map(([title, each]) => [title, each.map(fileWith), each] as const),
    ...Object.entries(refusedWhole).map(([title, each]) => [title, each.map(whole), each] as const),
  ];
  for (const [title, files, texts] of tables) {
    it(title, () => {
      const differing = files.flatMap((each, index) => {
        const { ours, theirs } = of(each);
        const errors = ours.problems.filter(({ severity }) => severity === 'error');
        const said = theirs.refused;
        const isSaid = said !== undefined && errors.some(({ message }) => message.startsWith(said));
        const others = ours.services.filter(({ name }) => name === 'z').length;
        return isSaid && others === 1
          ? []
          : [{ text: texts[index], said, ours: errors.map(({ message }) => message), others }];
      });
      assert.deepEqual(differing, []);
    });
  }
});

it('six hundred files made at random are read as Supervisor reads them, or refused where it refuses them', () => {
  let readable = 0;
  for (const files of random) {
    const { ours, theirs, folder } = of(files);
    const text = files['main.conf'];
    const errors = ours.problems.filter(({ severity }) => severity === 'error').map(({ message }) => message);
    if (theirs.refused !== undefined) {
      assert.notDeepEqual(errors, [], `${theirs.refused}\n${text}`);
      continue;
    }
    readable++;
    assert.deepEqual(
      errors.filter((message) => !/^(?:can't parse command|command is empty)/.test(message)),
      [],
      text,
    );
    assert.deepEqual(
      ourProcesses(ours).toSorted(byName),
      (theirs.processes ?? []).map((each) => settled(each, folder, ours)).toSorted(byName),
      text,
    );
  }
  assert.ok(readable > 50, `only ${readable} of them could be read at all`);
});
