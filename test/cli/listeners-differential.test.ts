/**
 * Listeners that do as they should and listeners that do not, run by the real supervisord and by us: what each is
 * sent, how often, and what is said of it in the main log.
 */

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { before, suite, test } from 'node:test';

import { recorded, type Recorded, supervisorPython } from '../support/supervisor.ts';
import { playTwice, type Seen } from '../support/twins.ts';

const python = supervisorPython();

/** What each listener does with an event; all of them note it first. */
const behaviours: Readonly<Record<string, string>> = {
  willing: 'childutils.listener.ok(sys.stdout)',
  // Once for each event.
  refusing: `
if headers['serial'] in seen:
    childutils.listener.ok(sys.stdout)
else:
    seen.add(headers['serial'])
    childutils.listener.fail(sys.stdout)
`,
  babbling: 'say("whatever you say\\n")',
  miscounting: 'say("RESULT many\\nOK")',
  // READY twice in one breath.
  impatient: 'say("RESULT 2\\nOKREADY\\nREADY\\n")',
  swift: `
say('RESULT 2\\nOKREADY\\n')
while True:
    note(*hear())
    say('RESULT 2\\nOKREADY\\n')
`,
  mortal: `
if os.path.exists('notes/died'):
    childutils.listener.ok(sys.stdout)
else:
    open('notes/died', 'w').close()
    os._exit(1)
`,
};

const listener = `
import json
import os
import sys
from supervisor import childutils

seen = set()
notes = open('notes/%s.jsonl' % sys.argv[1], 'a')

def say(text):
    sys.stdout.write(text)
    sys.stdout.flush()

def hear():
    headers = childutils.get_headers(sys.stdin.readline())
    return headers, sys.stdin.read(int(headers['len']))

def note(headers, payload):
    notes.write(json.dumps({'headers': headers, 'payload': payload}) + '\\n')
    notes.flush()

with open(sys.argv[1] + '.behaviour') as file:
    behaviour = file.read()
while True:
    childutils.listener.ready(sys.stdout)
    headers, payload = hear()
    note(headers, payload)
    exec(behaviour)
`;

/** Tells five things once all listeners have been RUNNING for a while, one after another. */
const source = `
import sys
import time
from supervisor import childutils

time.sleep(2.5)
for number in range(5):
    childutils.pcomm.send(b'message %d' % number, sys.stdout.buffer)
    time.sleep(0.2)
time.sleep(1000)
`;

const conf = `
[supervisord]
logfile=%(here)s/main.log
pidfile=%(here)s/supervisord.pid
childlogdir=%(here)s/logs
identifier=twin
nodaemon=true
loglevel=debug

[program:source]
command=${python} %(here)s/source.py
stdout_capture_maxbytes=1MB

[eventlistener:mute]
command=sh -c 'exec sleep 1000'
events=PROCESS_COMMUNICATION_STDOUT
buffer_size=2

[eventlistener:early]
command=sh -c 'echo good morning; exec sleep 1000'
events=PROCESS_COMMUNICATION_STDOUT
buffer_size=1

${Object.keys(behaviours)
  .map(
    // Supervisor takes processes of the same priority for one and the same, and so gives an event that one of them
    // rejects to the listeners of all: each has a priority of its own.
    (name, index) => `
[eventlistener:${name}]
command=${python} %(here)s/listener.py ${name}
directory=%(here)s
priority=${-10 - index}
events=PROCESS_COMMUNICATION
`,
  )
  .join('')}
`;

const messages = ['message 0', 'message 1', 'message 2', 'message 3', 'message 4'];

function dataOf({ payload }: Recorded): string {
  return payload.split('\n')[1] ?? '';
}

/** Those that hear everything have heard it. */
function isOver(folder: string): boolean {
  return ['willing', 'refusing', 'swift', 'mortal'].every((name) => {
    const heard = recorded(join(folder, 'notes', `${name}.jsonl`)).map(dataOf);
    return heard.filter((each) => each === 'message 4').length >= (name === 'refusing' ? 2 : 1);
  });
}

suite('The same listeners, run by supervisord and by us', () => {
  let theirs: Seen;
  let ours: Seen;

  before(async () => {
    const programs = {
      'listener.py': listener,
      'source.py': source,
      ...Object.fromEntries(Object.entries(behaviours).map(([name, text]) => [`${name}.behaviour`, text])),
    };
    ({ theirs, ours } = await playTwice({ conf, programs, isOver }));
  });

  const expected: Readonly<Record<string, readonly string[]>> = {
    willing: messages,
    refusing: messages.flatMap((each) => [each, each]),
    babbling: ['message 0'],
    miscounting: ['message 0'],
    impatient: ['message 0'],
    swift: messages,
    mortal: ['message 0', ...messages],
  };
  for (const [name, data] of Object.entries(expected)) {
    test(`one that is ${name} is sent the same, in the same envelopes (SV-38, SV-70, SV-71, SV-72, SV-73)`, () => {
      const envelopes = (seen: Seen): unknown =>
        seen
          .events(name)
          .map((each) => [Object.entries(each.headers).filter(([key]) => key !== 'len'), dataOf(each)]);
      assert.deepEqual(envelopes(ours), envelopes(theirs));
      assert.deepEqual(ours.events(name).map(dataOf), data);
    });
  }

  test('the main log says the same of each listener until the end begins (SV-72, SV-73, SV-74, SV-76)', () => {
    const said = ({ journal }: Seen): Record<string, string[]> => {
      const all: Record<string, string[]> = {};
      for (const line of journal) {
        const [, text = ''] = /^[\d-]{10} [\d:,]{12} ([A-Z]{4} .*)$/.exec(line) ?? [];
        const about =
          /^[A-Z]{4} ([\w-]+): (?:[A-Z]+ -> |has entered|event was|bad result)/.exec(text)?.[1] ??
          /event \d+ sent to listener ([\w-]+)$/.exec(text)?.[1] ??
          /pool ([\w-]+) event buffer overflowed/.exec(text)?.[1];
        if (about !== undefined) (all[about] ??= []).push(text);
      }
      return all;
    };
    const real = said(theirs);
    assert.deepEqual(Object.keys(real).toSorted(), [...Object.keys(behaviours), 'early', 'mute'].toSorted());
    assert.deepEqual(said(ours), real);
  });

  test('the oldest events of a pool that takes none are discarded, and said to be (SV-75)', () => {
    for (const { journal } of [ours, theirs]) {
      const discarded = journal.flatMap((line) => /(pool mute .*)$/.exec(line)?.[1] ?? []);
      assert.deepEqual(
        discarded,
        [0, 1, 2].map((serial) => `pool mute event buffer overflowed, discarding event ${serial}`),
      );
    }
  });
});
