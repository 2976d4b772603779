/**
 * The same file run by the real supervisord and by us, at the same time: what a listener is told, what becomes of
 * each process, what the logs say. Where we rightly differ, the comparison says so, and says no more than that.
 */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';

import { recorded, type Recorded, recorder, supervisorPython } from '../support/supervisor.ts';
import { playTwice, type Seen } from '../support/twins.ts';

const python = supervisorPython();

/**
 * Each program is named by what is to be seen of it. Supervisor looks at its processes at least once a second, and
 * what is to be seen of one state lasts longer than that; and what is to fail in time has time for it.
 */
const conf = `
[supervisord]
logfile=%(here)s/main.log
pidfile=%(here)s/supervisord.pid
childlogdir=%(here)s/logs
identifier=twin
nodaemon=true
strip_ansi=true
environment=FROM_ABOVE="above",BOTH="above"

[eventlistener:recorder]
command=${python} %(here)s/recorder.py %(here)s/notes/recorder.jsonl
events=PROCESS_STATE,PROCESS_LOG,PROCESS_COMMUNICATION,SUPERVISOR_STATE_CHANGE,PROCESS_GROUP
buffer_size=1000

[program:steady]
command=sh -c 'echo up; echo oops >&2; exec sleep 1000'
stdout_logfile=%(here)s/logs/steady.out
stderr_logfile=%(here)s/logs/steady.err

[program:quick]
startsecs=5
command=sh -c 'echo trying; exit 1'
startretries=1
stdout_logfile=%(here)s/logs/quick.out
stderr_logfile=NONE

[program:quickly-right]
startsecs=5
command=true
startretries=0
stdout_logfile=NONE
stderr_logfile=NONE

[program:finishes]
command=sleep 3
stdout_logfile=NONE
stderr_logfile=NONE

[program:fails-once]
command=sh -c 'if [ -e %(here)s/failed ]; then exec sleep 1000; fi; touch %(here)s/failed; sleep 3; exit 3'
stdout_logfile=NONE
stderr_logfile=NONE

[program:once]
command=sh -c 'sleep 3; exit 3'
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE

[program:restless]
command=sh -c 'if [ -e %(here)s/rested ]; then exec sleep 1000; fi; touch %(here)s/rested; sleep 3'
autorestart=true
stdout_logfile=NONE
stderr_logfile=NONE

[program:family]
command=sh %(here)s/family.sh %(here)s/logs/family.told together
stopasgroup=true
stdout_logfile=%(here)s/logs/family.out
stderr_logfile=NONE

[program:parent]
command=sh %(here)s/family.sh %(here)s/logs/parent.told
stdout_logfile=%(here)s/logs/parent.out
stderr_logfile=NONE

[program:three]
command=sh -c 'sleep 3; exit 3'
exitcodes=0,3
stdout_logfile=NONE
stderr_logfile=NONE

[program:killed]
command=sh -c 'sleep 3; kill -KILL $$'
autorestart=false
stdout_logfile=NONE
stderr_logfile=NONE

[program:pair]
command=sh -c 'echo pair %(process_num)d; exec sleep 1000'
process_name=%(program_name)s_%(process_num)02d
numprocs=2
numprocs_start=3
stdout_logfile=%(here)s/logs/%(program_name)s_%(process_num)d.out
stderr_logfile=NONE

[program:interrupted]
command=sh -c 'trap "echo interrupted; exit 0" INT; echo ready; while :; do sleep 0.02; done'
stopsignal=INT
stdout_logfile=%(here)s/logs/interrupted.out
stderr_logfile=NONE

[program:stubborn]
command=sh -c 'trap "echo no" TERM; echo ready; while :; do sleep 0.02; done'
stopwaitsecs=1
stdout_logfile=%(here)s/logs/stubborn.out
stderr_logfile=NONE

[program:speaks]
command=${python} %(here)s/speaks.py
stdout_capture_maxbytes=1MB
stderr_capture_maxbytes=1MB
stdout_logfile=%(here)s/logs/speaks.out
stderr_logfile=%(here)s/logs/speaks.err

[program:tokens]
command=sh -c 'echo "a <!--XSUPERVISOR:BEGIN-->b<!--XSUPERVISOR:END--> c"; sleep 1.5'
startsecs=0
stdout_logfile=%(here)s/logs/tokens.out
stderr_logfile=NONE

[program:chatty]
command=sh -c 'echo out; echo err >&2; exec sleep 1000'
stdout_events_enabled=true
stderr_events_enabled=true
stdout_logfile=%(here)s/logs/chatty.out
stderr_logfile=%(here)s/logs/chatty.err

[program:coloured]
command=sh -c 'printf "\\033[31mred\\033[0m\\n\\033[1mbold\\033[0m"; exec sleep 1000'
stdout_events_enabled=true
stdout_logfile=%(here)s/logs/coloured.out
stderr_logfile=NONE

[program:placed]
command=sh -c 'pwd; umask; env | grep -E "^(SUPERVISOR_|FROM_|BOTH)" | sort; exec sleep 1000'
directory=%(here)s/notes
umask=027
environment=FROM_HERE="a, b",BOTH="here",FROM_HOST=%(ENV_FROM_HOST)s
serverurl=http://127.0.0.1:1
stdout_logfile=%(here)s/logs/placed.out
stderr_logfile=NONE

[program:merged]
command=sh -c 'echo out; echo err >&2; exec sleep 1000'
redirect_stderr=true
stdout_logfile=%(here)s/logs/merged.out

[program:floods]
command=${python} %(here)s/floods.py %(here)s/logs/floods.out
stdout_logfile=%(here)s/logs/floods.out
stdout_logfile_maxbytes=150
stdout_logfile_backups=2
stderr_logfile=NONE

[program:missing]
command=/no/such/command
startretries=0
stdout_logfile=NONE
stderr_logfile=NONE

[program:nowhere]
startsecs=5
command=sleep 1000
directory=/no/such/directory
startretries=0
stdout_logfile=NONE
stderr_logfile=%(here)s/logs/nowhere.err

[program:manual]
command=sleep 1000
autostart=false
stdout_logfile=NONE
stderr_logfile=NONE

[program:automatic]
command=sh -c 'echo to a file of its own; exec sleep 1000'

[program:first]
command=sleep 1000
priority=5
stdout_logfile=NONE
stderr_logfile=NONE

[program:second]
command=sleep 1000
priority=10
stdout_logfile=NONE
stderr_logfile=NONE

[group:both]
programs=first,second
priority=20
`;

/** Speaks to the supervisor with Supervisor's own module. */
const speaks = `
import sys
import time
from supervisor import childutils

out, err = sys.stdout.buffer, sys.stderr.buffer
out.write(b'before ')
childutils.pcomm.send(b'first message', out)
out.write(b'between, and longer than a token is\\n')
out.flush()
childutils.pcomm.send(b'second message', err)
time.sleep(1000)
`;

/** A parent that may wait for its child when it is told to end, and a child that notes when it is told. */
const family = `
parent=$$
(
  trap 'echo child >> "$1"; exit' TERM
  echo child is up
  while kill -0 $parent; do sleep 0.02; done
) &
child=$!
trap 'test -z "$2" || wait $child; exit 0' TERM
wait
`;

/** Prints line by line, each once the one before has arrived in its log, so that rotation is the same every time. */
const floods = `
import os
import sys
import time

def stamp():
    try:
        found = os.stat(sys.argv[1])
        return (found.st_ino, found.st_size)
    except FileNotFoundError:
        return None

for number in range(12):
    before = stamp()
    os.write(1, ('line %02d %s\\n' % (number, 'x' * 40)).encode())
    while stamp() == before:
        time.sleep(0.001)
time.sleep(1000)
`;

/** How often each process has to come to which state until all of the file has happened. */
const awaited: Readonly<Record<string, number>> = {
  'RUNNING steady': 1,
  'FATAL quick': 1,
  'FATAL quickly-right': 1,
  'EXITED finishes': 1,
  'RUNNING fails-once': 2,
  'RUNNING restless': 2,
  'RUNNING family': 1,
  'RUNNING parent': 1,
  'EXITED once': 1,
  'EXITED three': 1,
  'EXITED killed': 1,
  'RUNNING pair_03': 1,
  'RUNNING pair_04': 1,
  'RUNNING interrupted': 1,
  'RUNNING stubborn': 1,
  'RUNNING speaks': 1,
  'EXITED tokens': 1,
  'RUNNING chatty': 1,
  'RUNNING coloured': 1,
  'RUNNING placed': 1,
  'RUNNING merged': 1,
  'RUNNING floods': 1,
  'FATAL missing': 1,
  'FATAL nowhere': 1,
  'RUNNING automatic': 1,
  'RUNNING first': 1,
  'RUNNING second': 1,
};

function hasHappened(events: readonly Recorded[]): boolean {
  const seen = new Map<string, number>();
  for (const { headers, payload } of events) {
    const key = `${headers['eventname']?.replace('PROCESS_STATE_', '')} ${processOf(payload)}`;
    seen.set(key, (seen.get(key) ?? 0) + 1);
  }
  return Object.entries(awaited).every(([key, times]) => (seen.get(key) ?? 0) >= times);
}

/** The slowest to print have printed. */
function hasPrinted(folder: string): boolean {
  const text = (name: string): string => {
    const path = join(folder, 'logs', name);
    return existsSync(path) ? readFileSync(path, 'utf8') : '';
  };
  const last = text('floods.out') + text('floods.out.1');
  return last.includes('line 11') && text('stubborn.out') !== '' && text('interrupted.out') !== '';
}

/** What the recorder noted. */
function heard(seen: Seen): readonly Recorded[] {
  return seen.events('recorder');
}

function processOf(payload: string): string | undefined {
  return /^processname:(\S+)/.exec(payload)?.[1];
}

const withoutPids = (text: string): string =>
  text.replaceAll(/\bpid[: ](?!0\b)\d+/g, 'pid *').replaceAll(/\(\d+\) with SIGKILL/g, '(*) with SIGKILL');

/** What a listener was told of each process, in order. */
function told(events: readonly Recorded[], kind: RegExp): Record<string, string[]> {
  const all: Record<string, string[]> = {};
  for (const { headers, payload } of events) {
    const name = headers['eventname'] ?? '';
    const about = processOf(payload);
    if (!kind.test(name) || about === undefined) continue;
    const list = (all[about] ??= []);
    list.push(`${name} ${withoutPids(payload)}`);
  }
  return all;
}

/** The events before the end of the supervisor began, and those from there on. */
function aroundTheEnd(events: readonly Recorded[]): { life: readonly Recorded[]; end: readonly Recorded[] } {
  const at = events.findIndex(({ headers }) => headers['eventname'] === 'SUPERVISOR_STATE_CHANGE_STOPPING');
  assert.notEqual(at, -1, 'The listener never heard of the end.');
  return { life: events.slice(0, at), end: events.slice(at) };
}

function order(events: readonly Recorded[], name: string, from: string): readonly (string | undefined)[] {
  const chosen = events.filter(
    ({ headers, payload }) => headers['eventname'] === name && payload.includes(`from_state:${from} `),
  );
  return chosen.map(({ payload }) => processOf(payload));
}

suite('The same supervisord.conf, run by supervisord and by us', () => {
  let theirs: Seen;
  let ours: Seen;

  before(async () => {
    const programs = {
      'recorder.py': recorder,
      'speaks.py': speaks,
      'floods.py': floods,
      'family.sh': family,
    };
    ({ theirs, ours } = await playTwice({
      conf,
      programs,
      isOver: (folder) => hasHappened(recorded(join(folder, 'notes/recorder.jsonl'))) && hasPrinted(folder),
    }));
  });

  test('tells a listener the same states of every process, with the same facts (SV-20, SV-21, SV-67)', () => {
    const states = (seen: Seen) => told(aroundTheEnd(heard(seen)).life, /^PROCESS_STATE_/);
    assert.deepEqual(states(ours), states(theirs));
  });

  test('tells a listener the same of how each process ended (SV-28, SV-31)', () => {
    const [mine, real] = [ours, theirs].map((seen) => told(aroundTheEnd(heard(seen)).end, /^PROCESS_STATE_/));
    assert.ok(mine !== undefined && real !== undefined);
    // Supervisor ends its listener while it still has something to tell it: the last it told need not be the last.
    const ends = Object.entries(real);
    for (const [about, told] of ends) assert.deepEqual(mine[about]?.slice(0, told.length), told, about);
    assert.ok(ends.length >= 10, `It told the end of ${ends.length} processes only.`);
  });

  test('tells a listener the same output and the same messages (SV-57, SV-58)', () => {
    const kind = /^PROCESS_(LOG|COMMUNICATION)_/;
    assert.deepEqual(told(heard(ours), kind), told(heard(theirs), kind));
  });

  test('tells a listener of groups and of itself in the same order', () => {
    const rest = (seen: Seen): readonly string[] =>
      heard(seen)
        .filter(({ headers }) => /^(SUPERVISOR|PROCESS_GROUP)/.test(headers['eventname'] ?? ''))
        .map(({ headers, payload }) => `${headers['eventname']} ${payload}`);
    assert.deepEqual(rest(ours), rest(theirs));
  });

  test('addresses events in the same way, and counts them from 0 (SV-70, SV-71)', () => {
    const envelope = ({ headers }: Recorded): unknown => ({ ...headers, eventname: '', len: '' });
    for (const seen of [ours, theirs]) {
      for (const [index, { headers }] of heard(seen).entries())
        assert.equal(headers['serial'], String(index));
    }
    const [mine, real] = [heard(ours), heard(theirs)];
    assert.deepEqual(Object.keys(mine[0]?.headers ?? {}), Object.keys(real[0]?.headers ?? {}));
    const many = Math.min(mine.length, real.length);
    assert.deepEqual(mine.slice(0, many).map(envelope), real.slice(0, many).map(envelope));
  });

  test('starts in the same order (SV-42)', () => {
    const started = (seen: Seen) => order(heard(seen), 'PROCESS_STATE_STARTING', 'STOPPED');
    assert.deepEqual(started(ours), started(theirs));
  });

  test('stops in the same order, one group after another (SV-40, SV-41)', () => {
    const stopped = (seen: Seen) => order(heard(seen), 'PROCESS_STATE_STOPPING', 'RUNNING');
    const real = stopped(theirs);
    assert.deepEqual(stopped(ours).slice(0, real.length), real);
    assert.ok(real.length >= 10, `It told the stop of ${real.length} processes only.`);
  });

  test('leaves the same log files, rotated in the same way (SV-12, SV-13, SV-47, SV-56, SV-58, SV-62, SV-63)', () => {
    // What the recorder says while all ends is not the same in any two runs; and we make a file with its first byte.
    const written = ({ logs }: Seen): Record<string, string> =>
      Object.fromEntries(
        [...logs].filter(
          ([name, text]) => !name.startsWith('recorder-') && (text !== '' || name === 'floods.out'),
        ),
      );
    assert.deepEqual(written(ours), written(theirs));
  });

  test('signals the whole group only where it is to (SV-32)', () => {
    for (const { logs } of [ours, theirs]) {
      assert.equal(logs.get('family.told'), 'child\n');
      assert.equal(logs.get('parent.told'), undefined);
    }
  });

  test('writes the same of each process into the main log (SV-9, SV-18, SV-20, SV-31)', () => {
    const written = ({ journal }: Seen): Record<string, string[]> => {
      const all: Record<string, string[]> = {};
      for (const line of journal) {
        const [, level, what, about] =
          /^[\d-]{10} [\d:,]{12} ([A-Z]{4}) ((?:spawned|success|gave up|exited|stopped|killing|spawnerr):? '?([\w-]+).*)$/.exec(
            line,
          ) ?? [];
        if (what !== undefined) (all[about ?? ''] ??= []).push(`${level} ${withoutPids(what)}`);
      }
      return all;
    };
    assert.deepEqual(written(ours), written(theirs));
  });

  test('gives lines of the main log the same shape', () => {
    const shape = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d,\d{3} (CRIT|ERRO|WARN|INFO|DEBG|TRAC|BLAT) \S/;
    for (const { journal } of [ours, theirs]) for (const line of journal) assert.match(line, shape);
  });
});
