/** What the front door says itself, word for word. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Answer, RequestHead } from '../../src/core/outside.ts';
import { acceptsHtml, byteLength, isPoll, mistake, unavailable, up } from '../../src/core/proxy/answers.ts';
import { directory, forbidden, foreign, notFound, unknownName } from '../../src/core/proxy/directory.ts';
import {
  badResponse,
  cannotConnect,
  cannotConnectOnce,
  unexpectedlyQuit,
} from '../../src/core/proxy/sentences.ts';
import type { InstanceFacts, Situation } from '../../src/core/proxy/situation.ts';

const curl: RequestHead = {
  method: 'GET',
  target: '/',
  version: '1.1',
  headers: [
    ['Host', 'localhost'],
    ['Accept', '*/*'],
  ],
  remote: '127.0.0.1',
  upgrade: false,
};
const browser: RequestHead = {
  ...curl,
  headers: [
    ['Host', 'localhost'],
    ['Accept', 'text/html,application/xhtml+xml,*/*;q=0.8'],
  ],
};

const badPort = {
  code: 'bad-port',
  message: '"api" gave no usable port: bad runtime process port [\'oops\\n\'] (exit code 3).',
  hint: 'Let it print just the port number.',
  sentence: "bad runtime process port ['oops\\n']",
};

const situation = (...instances: InstanceFacts[]): Situation => ({
  service: 'api',
  profile: 'plain',
  instances,
  tail: [],
});

const text = (answer: Answer): string[] => answer.body.split('\n');

test('the sentences of the reference have the lengths the specification gives (RP-33, HP-21)', () => {
  assert.deepEqual(
    [badResponse('m'), unexpectedlyQuit(123), cannotConnectOnce(30002), cannotConnect('localhost', 80)],
    [
      'the runtime process gave a bad HTTP response: m',
      'the runtime process for the instance running on port 123 has unexpectedly quit',
      'cannot connect to runtime on port 30002',
      'Cannot connect to the instance on localhost:80',
    ],
  );
  assert.deepEqual([unexpectedlyQuit(123), cannotConnectOnce(30002)].map(byteLength), [78, 39]);
});

test('in the reference form the answer is 500 with the sentence, an empty line and stderr (RP-5)', () => {
  const sentence = "bad runtime process port ['hello 30001']";
  const answer = unavailable(browser, {
    ...situation({ name: 'api.0', state: 'FATAL', fault: { ...badPort, sentence } }),
    profile: 'appengine',
    tail: ['first', '\u001B[31mé\u001B[0m'],
  });
  const body = `${sentence}\n\nfirst\n\u001B[31mé\u001B[0m\n`;
  assert.deepEqual(answer, {
    status: 500,
    headers: [
      ['Content-Type', 'text/plain'],
      ['Content-Length', String(Buffer.byteLength(body))],
      ['X-Local-Runtimes', 'unavailable'],
    ],
    body,
  });
});

test('in the reference form an empty stderr leaves the sentence alone, without a newline (RP-6)', () => {
  const failed = { code: 'cannot-connect', sentence: cannotConnectOnce(30002), reason: 'refused' } as const;
  const { status, body, headers } = unavailable(curl, {
    ...situation({ name: 'api.0', state: 'RUNNING' }),
    profile: 'appengine',
    failed,
  });
  assert.deepEqual(
    [status, body, headers[1]],
    [500, 'cannot connect to runtime on port 30002', ['Content-Length', '39']],
  );
});

test('in the reference form a last line without its end stays so', () => {
  const { body } = unavailable(curl, {
    ...situation({ name: 'api.0', state: 'FATAL', fault: badPort }),
    profile: 'appengine',
    tail: ['a', 'b'],
    tailOpen: true,
  });
  assert.equal(body, `${badPort.sentence}\n\na\nb`);
});

test('a recorded fault answers whatever is asked, also with nothing in the head (RP-42)', () => {
  const nothing: RequestHead = {
    method: '',
    target: '',
    version: '',
    headers: [],
    remote: '',
    upgrade: false,
  };
  const { body } = unavailable(nothing, {
    ...situation({ name: 'api.0', state: 'FATAL', fault: badPort }),
    profile: 'appengine',
  });
  assert.equal(body, badPort.sentence);
});

test('a client that is no browser reads plain text: state, reason, sentence, hint, what to do, stderr', () => {
  const answer = unavailable(curl, {
    ...situation({ name: 'api.0', state: 'FATAL', fault: badPort, exit: { code: 3 } }),
    tail: ['\u001B[1mTraceback\u001B[0m', '  oops\u0007'],
  });
  assert.deepEqual(text(answer), [
    'api could not be started (FATAL, exit code 3).',
    '',
    badPort.message,
    '',
    badPort.sentence,
    '',
    badPort.hint,
    '',
    'Nothing more is tried by itself. Mend what is wrong, then start it from the Runtimes view of the editor, or with "runtimes start api".',
    '',
    'Last words of api.0 on stderr:',
    'Traceback',
    '  oops',
    '',
  ]);
  assert.deepEqual(
    [answer.status, answer.headers],
    [
      503,
      [
        ['Content-Type', 'text/plain; charset=utf-8'],
        ['Content-Length', String(Buffer.byteLength(answer.body))],
        ['Cache-Control', 'no-store'],
        ['Retry-After', '5'],
        ['X-Local-Runtimes', 'unavailable'],
      ],
    ],
  );
});

test('each state has its headline, its way on, and its time to ask again', () => {
  const table: [InstanceFacts | undefined, string, string, string][] = [
    [undefined, 'api is not started (STOPPED).', 'Nobody has started it yet: start it', '5'],
    [
      { name: 'api.0', state: 'STOPPED' },
      'api is not started (STOPPED).',
      'Nobody has started it yet: start it',
      '5',
    ],
    [
      { name: 'api.0', state: 'STOPPED', exit: { code: 0 } },
      'api is stopped (STOPPED).',
      'It was stopped: start it from',
      '5',
    ],
    [
      { name: 'api.0', state: 'STOPPED', halted: true },
      'api is stopped (STOPPED).',
      'It was stopped: start it from',
      '5',
    ],
    [
      { name: 'api.0', state: 'STOPPED', waitingFor: { what: 'db (not healthy yet)', stuck: false } },
      'api is waiting for db (not healthy yet) (STOPPED).',
      'It starts by itself',
      '1',
    ],
    [
      { name: 'api.0', state: 'STOPPED', waitingFor: { what: 'db (FATAL)', stuck: true } },
      'api is waiting for db (FATAL) (STOPPED).',
      'It will not start by itself',
      '5',
    ],
    [{ name: 'api.0', state: 'STARTING' }, 'api is starting (STARTING).', 'It will answer as soon as', '1'],
    [
      { name: 'api.0', state: 'STARTING', attempt: 1 },
      'api is starting again (STARTING).',
      'It will answer as soon as',
      '1',
    ],
    [
      { name: 'api.0', state: 'BACKOFF', attempt: 2, nextTryInMs: 2300, exit: { signal: 'SIGKILL' } },
      'api failed to start and will be tried again (BACKOFF, killed by SIGKILL).',
      'Start 3 comes in 3 s.',
      '3',
    ],
    [
      { name: 'api.0', state: 'BACKOFF', attempt: 1, nextTryInMs: 10 },
      'api failed to start and will be tried again (BACKOFF).',
      'Start 2 comes at once.',
      '1',
    ],
    [
      { name: 'api.0', state: 'STOPPING' },
      'api is stopping (STOPPING).',
      'Once it has stopped: start it',
      '1',
    ],
    [
      { name: 'api.0', state: 'EXITED', exit: { code: 0 } },
      'api has ended (EXITED, exit code 0).',
      'It is not started again by itself',
      '5',
    ],
    [
      { name: 'api.0', state: 'UNKNOWN' },
      'api is in an unknown state (UNKNOWN).',
      'Stop it, then start it',
      '5',
    ],
    [
      { name: 'api.0', state: 'RUNNING' },
      'api is not ready yet (RUNNING).',
      'It is running; ask again.',
      '1',
    ],
  ];
  const outcome = table.map(([instance, , next]) => {
    const answer = unavailable(curl, situation(...(instance === undefined ? [] : [instance])));
    const [first, , third = ''] = text(answer);
    const retry = answer.headers.find(([name]) => name === 'Retry-After')?.[1];
    return [instance, first, third.startsWith(next) ? next : third, retry];
  });
  assert.deepEqual(outcome, table);
});

test('of a service that a request would wake, it is said that nothing wakes what a person has stopped', () => {
  const stopped = { name: 'api.0', state: 'STOPPED', exit: { code: 0 }, halted: true } as const;
  const answer = unavailable(curl, { ...situation(stopped), wakes: true });
  assert.deepEqual(text(answer), [
    'api is stopped (STOPPED).',
    '',
    'You stopped it; no request wakes it until it is started. To do so, start it from the Runtimes view of the editor, or with "runtimes start api".',
    '',
  ]);
});

test('of several instances the most hopeful one leads, and all are listed', () => {
  const answer = unavailable(
    curl,
    situation(
      { name: 'api.0', state: 'FATAL', fault: badPort },
      { name: 'api.10', state: 'STARTING' },
      { name: 'api.2', state: 'EXITED', exit: { code: 4 } },
    ),
  );
  assert.deepEqual(text(answer), [
    'api is starting (STARTING).',
    '',
    badPort.message,
    '',
    badPort.sentence,
    '',
    badPort.hint,
    '',
    'It will answer as soon as it is ready.',
    '',
    `api.0   FATAL     ${badPort.message}`,
    'api.10  STARTING',
    'api.2   EXITED    exit code 4',
    '',
  ]);
});

test('a request that failed is told as such, with the status of its fault', () => {
  const table = [
    [
      'bad-response',
      badResponse('Expected HTTP/'),
      'Expected HTTP/',
      502,
      'api.1 gave a bad HTTP response: Expected HTTP/.',
    ],
    [
      'instance-died',
      unexpectedlyQuit(123),
      'it closed',
      503,
      'api.1 ended before it had answered: it closed.',
    ],
    [
      'cannot-connect',
      cannotConnectOnce(123),
      'it refused',
      503,
      'api.1 is running, but did not answer: it refused.',
    ],
  ] as const;
  const outcome = table.map(([code, sentence, reason]) => {
    const answer = unavailable(curl, {
      ...situation({ name: 'api.0', state: 'STARTING' }, { name: 'api.1', state: 'RUNNING' }),
      failed: { code, sentence, reason, instance: 'api.1' },
    });
    const [headline, , message, , told] = text(answer);
    assert.equal(
      headline,
      code === 'instance-died'
        ? 'api ended while it was answering, and was started again (RUNNING).'
        : 'api did not answer properly (RUNNING).',
    );
    return [code, told, reason, answer.status, message];
  });
  assert.deepEqual(
    outcome,
    table.map((row) => [...row]),
  );
});

test('a request whose instance was stopped is told so, with the time that it had', () => {
  const stopped = (
    drainMs: number,
    instances: readonly InstanceFacts[],
    profile: 'plain' | 'appengine' = 'plain',
  ) =>
    unavailable(curl, {
      ...situation(...instances),
      profile,
      failed: {
        code: 'stopped',
        sentence: unexpectedlyQuit(123),
        reason: 'it closed',
        instance: 'api.0',
        drainMs,
      },
    });
  const gone = { name: 'api.0', state: 'STOPPED', exit: { signal: 'SIGTERM' }, halted: true } as const;
  const answer = stopped(1500, [gone]);
  assert.deepEqual(
    [answer.status, ...text(answer)],
    [
      503,
      'api was stopped while it was answering (STOPPED).',
      '',
      'api.0 was stopped while this request was still running. Requests under way get 1.5 s to finish ("drainSeconds: 1.5").',
      '',
      'If its requests may take longer, raise "drainSeconds" of api.',
      '',
      'It was stopped: start it from the Runtimes view of the editor, or with "runtimes start api".',
      '',
    ],
  );
  assert.match(stopped(0, [gone]).body, /no time to finish \("drainSeconds: 0"\)/u);
  const other = { name: 'api.1', state: 'RUNNING' } as const;
  assert.deepEqual(
    [
      stopped(0, [{ name: 'api.0', state: 'RUNNING' }]),
      stopped(0, [gone, other]),
      // It is not among them any more.
      stopped(0, [other]),
    ].map((each) => text(each)[0]),
    [
      'api was restarted while it was answering (RUNNING).',
      'api.0 was stopped while it was answering (STOPPED).',
      'api.0 was stopped while it was answering (RUNNING).',
    ],
  );
  // Its words are its own.
  assert.equal(stopped(0, [gone], 'appengine').body, unexpectedlyQuit(123));
});

test('a request that took too long is told of its time, and not that nobody could connect', () => {
  const answer = unavailable(curl, {
    ...situation({ name: 'api.0', state: 'RUNNING' }),
    failed: {
      code: 'timed-out',
      sentence: cannotConnectOnce(1),
      reason: 'it sent nothing for 5 s',
      instance: 'api.0',
    },
  });
  assert.equal(answer.status, 504);
  assert.match(
    answer.body,
    /^api did not answer in time .*\n\napi\.0 did not answer in time: it sent nothing for 5 s/u,
  );
  assert.doesNotMatch(answer.body, /cannot connect/u);
});

test('a service that refuses connections is told to run, and to accept none', () => {
  const answer = unavailable(curl, {
    ...situation({ name: 'api.0', state: 'RUNNING' }),
    failed: { code: 'cannot-connect', sentence: cannotConnectOnce(1), reason: 'it refused', refused: true },
  });
  assert.equal(text(answer)[0], 'api runs, but accepts no connections (RUNNING).');
});

test('the list of instances tells how they are now, and of no crash that is past', () => {
  const crash = { code: 'instance-died', message: 'It exited with code 1.' };
  const answer = unavailable(curl, {
    ...situation(
      { name: 'api.0', state: 'RUNNING', fault: crash },
      { name: 'api.1', state: 'RUNNING', fault: crash },
      { name: 'api.2', state: 'STARTING', attempt: 1, fault: crash },
    ),
    failed: {
      code: 'instance-died',
      sentence: unexpectedlyQuit(123),
      reason: 'it closed',
      instance: 'api.0',
    },
  });
  assert.deepEqual(text(answer), [
    'api ended while it was answering, and was started again (RUNNING).',
    '',
    'api.0 ended before it had answered: it closed.',
    '',
    unexpectedlyQuit(123),
    '',
    'It runs again; ask again.',
    '',
    'api.0  RUNNING',
    'api.1  RUNNING',
    'api.2  STARTING  It exited with code 1.',
    '',
  ]);
});

test('what the fault has kept of stderr is shown when the tail is empty', () => {
  const fault = { ...badPort, evidence: 'one\ntwo\n' };
  const answer = unavailable(curl, situation({ name: 'api.0', state: 'FATAL', fault }));
  assert.deepEqual(text(answer).slice(-4), ['Last words of api.0 on stderr:', 'one', 'two', '']);
});

test('HTML goes only to who names it', () => {
  const table: [string | undefined, boolean][] = [
    [undefined, false],
    ['*/*', false],
    ['text/*', false],
    ['text/html', true],
    ['application/json, Text/HTML;q=0.1', true],
    ['text/html;q=0', false],
    ['text/html; q=0.000, */*', false],
    ['text/html;level=1;q=0.5', true],
    ['application/xhtml+xml', false],
    ['text/html-not', false],
  ];
  assert.deepEqual(
    table.map(([accept]) => [accept, acceptsHtml(accept)]),
    table,
  );
  const types = [curl, browser].map((head) => unavailable(head, situation()).headers[0]?.[1]);
  assert.deepEqual(types, ['text/plain; charset=utf-8', 'text/html; charset=utf-8']);
});

test("a page's own question is known by its header, and answered shortly when the service is up", () => {
  assert.deepEqual(
    [isPoll(curl), isPoll({ ...curl, headers: [['x-local-runtimes-poll', '1']] }), up()],
    [
      false,
      true,
      {
        status: 204,
        headers: [
          ['Cache-Control', 'no-store'],
          ['X-Local-Runtimes', 'up'],
        ],
        body: '',
      },
    ],
  );
});

test('the list of services names state and address of each', () => {
  const entries = [
    { name: 'web', state: 'RUNNING', url: 'http://127.0.0.1:8080/' },
    { name: 'worker', state: '1/3 RUNNING', detail: 'two are down' },
  ];
  const answer = directory(curl, entries);
  assert.deepEqual(
    [answer.status, text(answer), answer.headers.at(-1)],
    [
      200,
      [
        'Services on this front door',
        '',
        'web     RUNNING      http://127.0.0.1:8080/',
        'worker  1/3 RUNNING    two are down',
        '',
      ],
      ['X-Local-Runtimes', 'directory'],
    ],
  );
});

test('a path that nothing answers for is 404 with the same list', () => {
  const answer = notFound(curl, '/x\u0007y', [{ name: 'web', state: 'RUNNING' }]);
  assert.deepEqual(
    [answer.status, text(answer)],
    [404, ['No service answers for /xy', '', 'web  RUNNING', '']],
  );
});

test('a name of no service is 404 with the list, and with what was meant', () => {
  const head = { ...curl, headers: [['Host', 'wbe.localhost:8000']] } as const;
  const entries = [{ name: 'web', state: 'RUNNING' }];
  const answer = unknownName(head, 'wbe', ['web', 'api'], entries);
  assert.deepEqual(
    [answer.status, answer.headers.at(-1), text(answer)],
    [
      404,
      ['X-Local-Runtimes', 'not-found'],
      [
        'No service here is called "wbe"',
        'Did you mean http://web.localhost:8000/ ?',
        '',
        'web  RUNNING',
        '',
      ],
    ],
  );
  const page = unknownName(
    { ...head, headers: [...head.headers, ...browser.headers.slice(1)] },
    'wbe',
    ['web'],
    entries,
  );
  assert.match(page.body, /Did you mean <a href="http:\/\/web\.localhost:8000\/">/u);
  assert.doesNotMatch(unknownName(head, 'something', ['web', 'api'], entries).body, /Did you mean/u);
});

test('a forbidden host is answered 403 in plain words, also to a browser', () => {
  const answer = forbidden(browser, 'evil.example');
  assert.equal(answer.status, 403);
  assert.deepEqual(answer.headers[0], ['Content-Type', 'text/plain; charset=utf-8']);
  assert.equal(
    answer.body,
    'This door serves this machine only, and does not know the host name "evil.example".\n' +
      'Open it as localhost or 127.0.0.1. If the name is yours, allow it in runtimes.yaml:\n' +
      '\n' +
      'frontDoor:\n' +
      "  allowedHosts: ['evil.example']\n",
  );
  assert.match(forbidden(browser, 'Dev.Example:8080').body, /allowedHosts: \['dev\.example'\]/u);
  // What no line of a config can name gets none.
  for (const odd of ['', "a'b", '[::2]:80', 'a\nb'])
    assert.doesNotMatch(forbidden(browser, odd).body, /allowedHosts/u);
});

test('a page of another host that wants an upgrade is answered 403 in plain words', () => {
  const answer = foreign('http://evil.example');
  assert.equal(answer.status, 403);
  assert.match(answer.body, /A page of "http:\/\/evil\.example"/u);
  assert.match(
    answer.body,
    /If the page is yours, .*\n\nfrontDoor:\n {2}allowedHosts: \['evil\.example'\]\n$/u,
  );
  assert.match(foreign('null').body, /It tells no host that could be allowed/u);
  assert.match(foreign('http://[::2]').body, /this machine only\.\n$/u);
});

test('a mistake of ours says so', () => {
  const answer = mistake('no idea');
  assert.deepEqual([answer.status, text(answer)[0]], [500, 'Local Runtimes made a mistake: no idea.']);
});
