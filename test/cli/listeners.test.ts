/** Real listeners of events, in Python and with Supervisor's own `childutils`, started by us from a `supervisord.conf`. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';

import type { RuntimeEvent } from '../../src/core/model.ts';
import { createHome, type Home } from '../../src/host/home.ts';
import { supervisorPython } from '../support/supervisor.ts';

const python = supervisorPython();

/** What a listener notes of itself, as JSON on stderr, which is nobody's protocol. */
const notes = `
import json
import os
import sys
from supervisor import childutils

def note(**what):
    sys.stderr.write(json.dumps(what) + '\\n')
    sys.stderr.flush()

def next_event():
    headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
    note(pid=os.getpid(), headers=headers, payload=payload)
    return headers, payload
`;

interface Note {
  readonly instance: string;
  readonly pid: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: string;
}

/** Runs a file, and hears what its listeners note and what the journal says. */
class House {
  readonly home: Home;
  readonly notes: Note[] = [];
  readonly journal: string[] = [];
  readonly printed: string[] = [];
  readonly events: RuntimeEvent[] = [];
  readonly #waiting = new Set<() => void>();

  constructor(context: TestContext, conf: string, programs: Readonly<Record<string, string>>) {
    const folder = mkdtempSync(join(tmpdir(), 'runtimes-listeners-'));
    for (const [name, text] of Object.entries(programs)) writeFileSync(join(folder, name), notes + text);
    const logs = 'childlogdir=%(here)s\nlogfile=%(here)s/main.log\npidfile=%(here)s/pid\nloglevel=debug';
    const file = join(folder, 'supervisord.conf');
    writeFileSync(file, `[supervisord]\n${logs}\n${conf.replaceAll('=PYTHON ', `=${python} `)}`);
    this.home = createHome({
      folder,
      storage: join(folder, '.state'),
      trusted: true,
      files: [file],
      tap: {
        lines: (instance, lines) => {
          for (const { stream, text } of lines) {
            this.printed.push(`${instance}: ${text}`);
            if (stream !== 'stderr' || !text.startsWith('{')) continue;
            this.notes.push({ instance, ...(JSON.parse(text) as Omit<Note, 'instance'>) });
          }
          this.#wake();
        },
      },
    });
    context.after(async () => {
      await this.home.api.shutdown(2000);
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    });
    const { problems } = this.home.runtime.snapshot();
    assert.deepEqual(
      problems.filter(({ severity }) => severity === 'error'),
      [],
    );
    this.home.runtime.journal.onLine((line) => {
      this.journal.push(line.slice(24).trimEnd());
      this.#wake();
    });
    this.home.runtime.subscribe((message) => {
      if (message.kind === 'event') this.events.push(message.event);
      this.#wake();
    });
  }

  async start(): Promise<this> {
    await this.home.runtime.start({ kind: 'all' });
    return this;
  }

  #wake(): void {
    for (const wake of this.#waiting) wake();
  }

  /** Waits until something can be found among all that was heard. */
  async until<T>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await new Promise<void>((resolve) => {
        const wake = (): void => {
          this.#waiting.delete(wake);
          resolve();
        };
        this.#waiting.add(wake);
      });
    }
  }

  noted(count: number): Promise<readonly Note[]> {
    return this.until(() => (this.notes.length >= count ? this.notes : undefined));
  }

  /** A listener was told of this, of this process. */
  hears(event: string, process: string): Promise<Note> {
    return this.until(() =>
      this.notes.find(
        ({ headers, payload }) =>
          headers['eventname'] === event && payload.startsWith(`processname:${process} `),
      ),
    );
  }

  says(pattern: RegExp): Promise<string> {
    return this.until(() => this.journal.find((line) => pattern.test(line)));
  }

  pidOf(instance: string): number {
    const all = this.home.runtime.snapshot().services.flatMap(({ instances }) => instances);
    const pid = all.find(({ name }) => name === instance)?.pid;
    assert.ok(pid, `${instance} does not run`);
    return pid;
  }

  send(data: string): Promise<void> {
    return this.home.runtime.sendEvent('test', data);
  }
}

const serials = ({ headers }: Note): string => `${headers['serial']}/${headers['poolserial']}`;
const dataOf = ({ payload }: Note): string => payload.split('\n')[1] ?? '';

suite('Listeners written for supervisord', () => {
  test('hear every header and payload of what happens (SV-67, SV-70, SV-71)', async (context) => {
    const house = new House(
      context,
      `
identifier=house
[eventlistener:ear]
command=PYTHON %(here)s/ear.py
events=EVENT
buffer_size=100
startsecs=0
[program:web]
command=sh -c 'echo hello; echo oh >&2; exec sleep 1000'
autostart=false
startsecs=0
stdout_events_enabled=true
`,
      { 'ear.py': 'while True:\n    next_event()\n    childutils.listener.ok(sys.stdout)\n' },
    );
    await house.start();
    const ticking = ({ headers }: Note): boolean => headers['eventname']?.startsWith('TICK') === true;
    const heard = (): readonly Note[] => house.notes.filter((each) => !ticking(each));
    const beginning = await house.until(() => (heard().length >= 5 ? heard() : undefined));
    await house.home.runtime.start({ kind: 'service', service: 'web' });
    // A child may have printed before it is called RUNNING.
    for (const event of ['PROCESS_LOG_STDOUT', 'PROCESS_STATE_RUNNING']) await house.hears(event, 'web');
    const pid = house.pidOf('web.0');
    await house.send('from outside');
    await house.home.runtime.stop({ kind: 'service', service: 'web' });
    await house.hears('PROCESS_STATE_STOPPED', 'web');

    for (const [index, note] of house.notes.entries()) {
      assert.deepEqual(Object.entries(note.headers), [
        ['ver', '3.0'],
        ['server', 'house'],
        ['serial', String(index)],
        ['pool', 'ear'],
        ['poolserial', String(index)],
        ['eventname', note.headers['eventname']],
        ['len', String(note.payload.length)],
      ]);
    }
    const told = (each: Note): string => `${each.headers['eventname']} ${each.payload}`;
    assert.deepEqual(beginning.map(told), [
      'PROCESS_GROUP_ADDED groupname:ear\n',
      'PROCESS_GROUP_ADDED groupname:web\n',
      'SUPERVISOR_STATE_CHANGE_RUNNING ',
      'PROCESS_STATE_STARTING processname:ear groupname:ear from_state:STOPPED tries:0',
      `PROCESS_STATE_RUNNING processname:ear groupname:ear from_state:STARTING pid:${house.pidOf('ear.0')}`,
    ]);
    const about = 'processname:web groupname:web';
    // What a child prints and what becomes of it come to us on different ways, and so in no certain order.
    const [logs, rest] = [true, false].map((isLog) =>
      heard()
        .slice(5)
        .filter((each) => each.headers['eventname']?.startsWith('PROCESS_LOG') === isLog)
        .map(told),
    );
    assert.deepEqual(logs, [`PROCESS_LOG_STDOUT ${about} pid:${pid} channel:stdout\nhello\n`]);
    assert.deepEqual(rest, [
      `PROCESS_STATE_STARTING ${about} from_state:STOPPED tries:0`,
      `PROCESS_STATE_RUNNING ${about} from_state:STARTING pid:${pid}`,
      'REMOTE_COMMUNICATION type:test\nfrom outside',
      `PROCESS_STATE_STOPPING ${about} from_state:RUNNING pid:${pid}`,
      `PROCESS_STATE_STOPPED ${about} from_state:STOPPING pid:${pid}`,
    ]);
  });

  test('hear bytes whose number the envelope tells (SV-70)', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py
events=REMOTE_COMMUNICATION
startsecs=0
`,
      {
        'ear.py': `
while True:
    childutils.listener.ready(sys.stdout)
    headers = childutils.get_headers(sys.stdin.buffer.readline().decode())
    payload = sys.stdin.buffer.read(int(headers['len']))
    note(pid=os.getpid(), headers=headers, payload=payload.decode())
    childutils.listener.ok(sys.stdout)
`,
      },
    );
    await house.start();
    await house.send('grüße');
    await house.send('日本');
    const heard = await house.noted(2);
    assert.deepEqual(heard.map(dataOf), ['grüße', '日本']);
  });

  test('hear them with childutils as well, once Python takes each byte for a letter (SV-70)', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py
events=REMOTE_COMMUNICATION
environment=PYTHONIOENCODING=latin-1
startsecs=0
`,
      { 'ear.py': 'while True:\n    next_event()\n    childutils.listener.ok(sys.stdout)\n' },
    );
    await house.start();
    for (const data of ['grüße', '日本']) await house.send(data);
    const heard = await house.noted(2);
    assert.deepEqual(
      heard.map((each) => Buffer.from(dataOf(each), 'latin1').toString()),
      ['grüße', '日本'],
    );
  });

  test('hear what a program says to its supervisor, and its log has the rest (SV-58)', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py
events=PROCESS_COMMUNICATION
startsecs=0
[program:web]
command=PYTHON %(here)s/web.py
stdout_capture_maxbytes=1MB
stdout_logfile=%(here)s/web.log
`,
      {
        'ear.py': 'while True:\n    next_event()\n    childutils.listener.ok(sys.stdout)\n',
        'web.py': `
sys.stdout.buffer.write(b'before ')
childutils.pcomm.send(b'to you', sys.stdout.buffer)
sys.stdout.buffer.write(b'after\\n')
sys.stdout.flush()
sys.stdin.read()
`,
      },
    );
    await house.start();
    const [first] = await house.noted(1);
    assert.ok(first);
    assert.deepEqual([first.headers['eventname'], dataOf(first)], ['PROCESS_COMMUNICATION_STDOUT', 'to you']);
    await house.until(() => house.printed.find((line) => line === 'web.0: before after'));
    await house.home.runtime.stop({ kind: 'service', service: 'web' });
    const log = await house.home.runtime.readLog({
      instance: 'web.0',
      stream: 'stdout',
      offset: 0,
      length: 0,
    });
    assert.equal(log?.text, 'before after\n');
  });

  test('get an event again that they reject, with both its serials (SV-71, SV-73)', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py
events=REMOTE_COMMUNICATION
startsecs=0
`,
      {
        'ear.py': `
rejected = False
while True:
    next_event()
    if rejected:
        childutils.listener.ok(sys.stdout)
    else:
        rejected = True
        childutils.listener.fail(sys.stdout)
`,
      },
    );
    await house.start();
    await house.send('one');
    await house.send('two');
    const heard = await house.noted(3);
    assert.deepEqual(
      heard.map((each) => `${dataOf(each)} ${serials(each)}`),
      ['one 0/0', 'one 0/0', 'two 1/1'],
    );
    assert.ok(house.journal.includes('WARN ear: event was rejected'));
  });

  test('get nothing more once they print garbage, and others of the pool get it (SV-74)', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py %(process_num)d
process_name=%(program_name)s_%(process_num)d
numprocs=2
events=REMOTE_COMMUNICATION
startsecs=0
`,
      {
        'ear.py': `
if sys.argv[1] == '0':
    sys.stdout.write('I am a listener, am I not?\\n')
    sys.stdout.flush()
    sys.stdin.read()
while True:
    next_event()
    childutils.listener.ok(sys.stdout)
`,
      },
    );
    await house.start();
    assert.equal(
      await house.says(/UNKNOWN state/),
      'WARN ear_0: has entered the UNKNOWN state and will no longer receive events, this usually indicates the process violated the eventlistener protocol',
    );
    for (const data of ['one', 'two', 'three']) await house.send(data);
    const heard = await house.noted(3);
    assert.deepEqual(
      heard.map((each) => `${each.instance} ${dataOf(each)}`),
      ['ear.1 one', 'ear.1 two', 'ear.1 three'],
    );
  });

  test('get the event again over which they died (SV-38)', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py %(here)s/died
events=REMOTE_COMMUNICATION
autorestart=true
startsecs=0
`,
      {
        'ear.py': `
while True:
    next_event()
    if not os.path.exists(sys.argv[1]):
        open(sys.argv[1], 'w').close()
        os.kill(os.getpid(), 9)
    childutils.listener.ok(sys.stdout)
`,
      },
    );
    await house.start();
    await house.send('one');
    await house.send('two');
    const heard = await house.noted(3);
    assert.deepEqual(
      heard.map((each) => `${dataOf(each)} ${serials(each)}`),
      ['one 0/0', 'one 0/0', 'two 1/1'],
    );
    assert.notEqual(heard[0]?.pid, heard[1]?.pid);
  });

  test('share the events of a pool, each event to one of them', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py
process_name=%(program_name)s_%(process_num)d
numprocs=2
events=REMOTE_COMMUNICATION
buffer_size=100
startsecs=0
`,
      { 'ear.py': 'while True:\n    next_event()\n    childutils.listener.ok(sys.stdout)\n' },
    );
    await house.start();
    const sent = Array.from({ length: 40 }, (_, index) => `event ${index}`);
    // Both are there before the first event, or one of them could be done with all before the other has begun.
    for (const ear of ['ear_0', 'ear_1']) await house.says(new RegExp(`${ear}: ACKNOWLEDGED -> READY`));
    for (const data of sent) await house.send(data);
    const heard = await house.noted(sent.length);
    assert.deepEqual(heard.map(dataOf).toSorted(), sent.toSorted());
    for (const instance of ['ear.0', 'ear.1']) {
      const own = heard
        .filter((each) => each.instance === instance)
        .map(({ headers }) => Number(headers['serial']));
      assert.ok(own.length > 0, `${instance} got nothing`);
      assert.deepEqual(
        own,
        own.toSorted((a, b) => a - b),
      );
    }
  });

  test('that never read hold back one event each, and the oldest of the others go (SV-75, SV-77)', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:ear]
command=PYTHON %(here)s/ear.py
events=REMOTE_COMMUNICATION
buffer_size=3
startsecs=0
`,
      {
        'ear.py': `
import signal
childutils.listener.ready(sys.stdout)
signal.pause()
`,
      },
    );
    await house.start();
    await house.says(/ACKNOWLEDGED -> READY/);
    // More than any pipe takes.
    const large = 'x'.repeat(500_000);
    for (let count = 0; count < 6; count += 1) await house.send(large);
    assert.deepEqual(
      house.journal.filter((line) => line.startsWith('ERRO')),
      [
        'ERRO pool ear event buffer overflowed, discarding event 1',
        'ERRO pool ear event buffer overflowed, discarding event 2',
      ],
    );
    assert.equal(house.journal.filter((line) => line.includes('sent to listener')).length, 1);
  });

  test('in the style of superlance go by the same rules: one that mails about crashes', async (context) => {
    const house = new House(
      context,
      `
[eventlistener:crashmail]
command=PYTHON %(here)s/crashmail.py
events=PROCESS_STATE_EXITED
startsecs=0
[program:falls]
command=sh -c 'exit 3'
startsecs=0
autorestart=false
autostart=false
`,
      {
        // As crashmail does it: parse the payload, stay silent about what was expected, then say OK.
        'crashmail.py': `
while True:
    headers, payload = childutils.listener.wait(sys.stdin, sys.stdout)
    pheaders, pdata = childutils.eventdata(payload + '\\n')
    if int(pheaders['expected']):
        childutils.listener.ok(sys.stdout)
        continue
    text = 'Process %(processname)s in group %(groupname)s exited unexpectedly (pid %(pid)s) from state %(from_state)s'
    note(pid=os.getpid(), headers=headers, payload='mail\\n' + text % pheaders)
    childutils.listener.ok(sys.stdout)
`,
      },
    );
    await house.start();
    await house.home.runtime.start({ kind: 'service', service: 'falls' });
    const [mail] = await house.noted(1);
    assert.ok(mail);
    assert.match(
      dataOf(mail),
      /^Process falls in group falls exited unexpectedly \(pid \d+\) from state RUNNING$/,
    );
  });
});
