import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Fault } from '../../src/faults/fault.ts';
import { faultNotes, problemNotes, thrownLine } from '../../src/view/diagnostics.ts';
import { fault, instance, service, snapshot } from './samples.ts';

const configPlace = { file: '/shop/runtimes.yaml', line: 4, column: 14, endLine: 4, endColumn: 27 };
const sourcePlace = { file: '/shop/api.js', line: 12, column: 9 };
const evidence = [
  '/shop/api.js:12',
  '\u001B[31mTypeError: cart is not iterable\u001B[0m',
  '    at total (/shop/api.js:12:9)',
  '',
].join('\n');

describe('a dead instance', () => {
  const dead = fault({ hint: 'Its last words are below.', evidence, places: [configPlace, sourcePlace] });
  const notes = faultNotes(
    snapshot([
      service('api', [
        instance('api.0', {
          state: 'FATAL',
          fault: dead,
          exit: { code: 3, expected: false },
          logFile: '/logs/api.0.log',
        }),
      ]),
    ]),
  );

  it('is noted at its place in the config, with the tail as related lines', () => {
    assert.deepEqual(notes.get('/shop/runtimes.yaml'), [
      {
        place: configPlace,
        severity: 'error',
        code: 'instance-died',
        message: 'api.0 exited with code 3. Its last words are below.',
        related: [
          { place: sourcePlace, message: 'The stack trace leads here' },
          { place: sourcePlace, message: '/shop/api.js:12' },
          {
            place: { file: '/logs/api.0.log', line: 1, column: 1 },
            message: 'TypeError: cart is not iterable',
          },
          { place: sourcePlace, message: '    at total (/shop/api.js:12:9)' },
        ],
      },
    ]);
  });

  it('is noted at the source line that threw, with what was thrown', () => {
    assert.deepEqual(notes.get('/shop/api.js'), [
      {
        place: sourcePlace,
        severity: 'error',
        code: 'instance-died',
        message: 'TypeError: cart is not iterable\napi.0 exited with code 3.',
        related: [{ place: configPlace, message: '"api" is defined here' }],
      },
    ]);
  });
});

describe('the last words of a fault', () => {
  const placeOf = (evidenceFrom: Fault['evidenceFrom']) => {
    const dead = fault({ evidence: 'oops', places: [configPlace], ...(evidenceFrom && { evidenceFrom }) });
    const on = instance('api.0', {
      state: 'FATAL',
      fault: dead,
      logFile: '/logs/out',
      errorLogFile: '/logs/err',
    });
    return faultNotes(snapshot([service('api', [on])])).get(configPlace.file)?.[0]?.related[0]?.place;
  };

  it('lead to the file that has them, or to none but the config', () => {
    assert.equal(placeOf({ stream: 'stderr', file: '/logs/err' })?.file, '/logs/err');
    assert.equal(placeOf({ stream: 'stdout', file: '/logs/out' })?.file, '/logs/out');
    assert.equal(placeOf({ stream: 'stderr' }), configPlace);
  });
});

describe('a fault', () => {
  it('tells the exit code or signal when its own sentence does not', () => {
    const bad = fault({ code: 'bad-port', message: '"api" gave no usable port.', places: [configPlace] });
    const view = instance('api.0', {
      state: 'FATAL',
      fault: bad,
      exit: { signal: 'SIGKILL', expected: false },
    });
    const [note] = faultNotes(snapshot([service('api', [view])])).get('/shop/runtimes.yaml') ?? [];
    assert.equal(note?.message, '"api" gave no usable port. It was killed by SIGKILL.');
  });

  it('of what a project asks for stands there too, with what to do, and counts once', () => {
    const asked = { file: '/shop/package.json', line: 4, column: 3 };
    const missing = fault({
      code: 'missing-dependencies',
      message: 'What "api" depends on is not installed.',
      hint: 'Run: npm install',
      places: [configPlace, asked],
    });
    const view = instance('api.0', { state: 'FATAL', fault: missing });
    const notes = faultNotes(snapshot([service('api', [view])]));
    const text = 'What "api" depends on is not installed. Run: npm install';
    const [main] = notes.get(configPlace.file) ?? [];
    assert.deepEqual([main?.severity, main?.message], ['error', text]);
    assert.deepEqual(main?.related, [{ place: asked, message: 'Asked for here' }]);
    const [second] = notes.get(asked.file) ?? [];
    assert.deepEqual([second?.severity, second?.message], ['info', text]);
    assert.deepEqual(second?.related, [{ place: configPlace, message: '"api" is defined here' }]);
  });

  it('without a place stands at the name of its service', () => {
    const notes = faultNotes(snapshot([service('api', [], { faults: [fault({ code: 'port-taken' })] })]));
    assert.deepEqual(
      notes.get('/shop/runtimes.yaml')?.map(({ place, code }) => [place.line, place.column, code]),
      [[3, 3, 'port-taken']],
    );
  });

  it('that two instances share word for word is noted once', () => {
    const shared = fault({ message: '"api" cannot be started: no such file.' });
    const views = [0, 1].map((index) => instance(`api.${index}`, { state: 'FATAL', fault: shared }));
    assert.equal(faultNotes(snapshot([service('api', views)])).get('/shop/runtimes.yaml')?.length, 1);
  });

  it('brings along only the last lines of a long tail', () => {
    const long = Array.from({ length: 100 }, (_, index) => `line ${index}`).join('\n');
    const view = instance('api.0', { state: 'FATAL', fault: fault({ evidence: long }) });
    const [note] = faultNotes(snapshot([service('api', [view])])).get('/shop/runtimes.yaml') ?? [];
    assert.deepEqual([note?.related.length, note?.related.at(-1)?.message], [20, 'line 99']);
  });

  it('leaves nothing behind when it is gone', () => {
    assert.equal(faultNotes(snapshot([service('api', [instance('api.0')])])).size, 0);
  });
});

describe('a config problem', () => {
  it('is noted in its file with its way out', () => {
    const problem = {
      ...configPlace,
      severity: 'error' as const,
      code: 'unknown-key',
      message: '"comand" is not a key of a service.',
      hint: 'Did you mean "command"?',
    };
    const [note] = problemNotes(snapshot([], { problems: [problem] })).get(configPlace.file) ?? [];
    assert.equal(note?.message, '"comand" is not a key of a service. Did you mean "command"?');
  });

  it('says first what is to be done where a long message would hide it', () => {
    const message = `Unknown runtime 'pyton312'; supported runtimes are ${"'python312', ".repeat(30)}.`;
    const hint = 'Did you mean "python312"?';
    const problem = { ...configPlace, severity: 'error' as const, code: 'app-yaml-error', message, hint };
    const [note] = problemNotes(snapshot([], { problems: [problem] })).get(configPlace.file) ?? [];
    assert.equal(note?.message, `${hint} ${message}`);
  });
});

describe('what was thrown', () => {
  const table: readonly [string, readonly string[], string | undefined][] = [
    [
      'Node, before the frames',
      ['throw new Error("x")', 'Error: x', '    at a.js:1', 'Node.js v24'],
      'Error: x',
    ],
    [
      'Python, after them',
      ['Traceback (most recent call last):', '  File "a.py", line 1', 'KeyError: 1'],
      'KeyError: 1',
    ],
    [
      'a Python exception with a module',
      ['app.errors.NoStock: none', 'app.StockError: none'],
      'app.StockError: none',
    ],
    ['nothing of the kind', ['listening', 'bye'], undefined],
  ];
  for (const [what, tail, line] of table)
    it(`is found for ${what}`, () => assert.equal(thrownLine(tail), line));
});
