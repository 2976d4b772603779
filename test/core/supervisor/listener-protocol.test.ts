import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import fc from 'fast-check';

import {
  busied,
  defaultJudge,
  greeted,
  type Heard,
  heard,
  type Judge,
  type Listening,
  type ListenerState,
} from '../../../src/core/supervisor/listener-protocol.ts';

const at: Readonly<Record<ListenerState, Listening>> = {
  ACKNOWLEDGED: greeted,
  READY: { ...greeted, state: 'READY' },
  BUSY: busied(greeted),
  UNKNOWN: { ...greeted, state: 'UNKNOWN' },
};

function said(happening: Heard): string {
  switch (happening.kind) {
    case 'moved':
      return `${happening.from} -> ${happening.to}`;
    case 'bad-result-line':
      return `bad: ${happening.line}`;
    case 'answered':
      return happening.verdict;
  }
}

function hearAll(start: Listening, chunks: readonly string[], judge?: Judge) {
  let listening = start;
  const told: string[] = [];
  for (const chunk of chunks) {
    const next = heard(listening, Buffer.from(chunk), judge);
    listening = next.listening;
    told.push(...next.heard.map(said));
  }
  return { told, state: listening.state, held: Buffer.from(listening.held).toString() };
}

suite('The listener protocol', () => {
  type Row = readonly [
    title: string,
    from: ListenerState,
    chunks: readonly string[],
    told: readonly string[],
    to: ListenerState,
    held: string,
  ];
  const toUnknown = (from: ListenerState): string => `${from} -> UNKNOWN`;
  const table: readonly Row[] = [
    ['waits for six bytes', 'ACKNOWLEDGED', ['READY'], [], 'ACKNOWLEDGED', 'READY'],
    ['waits also for six wrong ones', 'ACKNOWLEDGED', ['x'], [], 'ACKNOWLEDGED', 'x'],
    ['is READY after READY', 'ACKNOWLEDGED', ['READY\n'], ['ACKNOWLEDGED -> READY'], 'READY', ''],
    [
      'is READY after READY in pieces',
      'ACKNOWLEDGED',
      ['RE', 'AD', 'Y\n'],
      ['ACKNOWLEDGED -> READY'],
      'READY',
      '',
    ],
    [
      'takes nothing else for READY',
      'ACKNOWLEDGED',
      ['hello, world\n'],
      [toUnknown('ACKNOWLEDGED')],
      'UNKNOWN',
      '',
    ],
    ['takes no other line end', 'ACKNOWLEDGED', ['READY\r\n'], [toUnknown('ACKNOWLEDGED')], 'UNKNOWN', ''],
    [
      'goes on with what follows READY, which nobody asked for',
      'ACKNOWLEDGED',
      ['READY\nREADY\n'],
      ['ACKNOWLEDGED -> READY', toUnknown('READY')],
      'UNKNOWN',
      '',
    ],
    ['wants silence while READY', 'READY', ['x'], [toUnknown('READY')], 'UNKNOWN', ''],
    ['waits for a whole line', 'BUSY', ['RESULT 2'], [], 'BUSY', 'RESULT 2'],
    ['waits for the whole answer', 'BUSY', ['RESULT 2\nO'], [], 'BUSY', ''],
    ['accepts OK', 'BUSY', ['RESULT 2\nOK'], ['accepted', 'BUSY -> ACKNOWLEDGED'], 'ACKNOWLEDGED', ''],
    [
      'accepts OK byte by byte',
      'BUSY',
      'RESULT 2\nOK'.split(''),
      ['accepted', 'BUSY -> ACKNOWLEDGED'],
      'ACKNOWLEDGED',
      '',
    ],
    ['rejects FAIL', 'BUSY', ['RESULT 4\nFAIL'], ['rejected', 'BUSY -> ACKNOWLEDGED'], 'ACKNOWLEDGED', ''],
    [
      'rejects an empty answer at once',
      'BUSY',
      ['RESULT 0\n'],
      ['rejected', 'BUSY -> ACKNOWLEDGED'],
      'ACKNOWLEDGED',
      '',
    ],
    [
      'hears several messages in one read',
      'BUSY',
      ['RESULT 2\nOKREADY\n'],
      ['accepted', 'BUSY -> ACKNOWLEDGED', 'ACKNOWLEDGED -> READY'],
      'READY',
      '',
    ],
    [
      'hears several messages and a part of the next',
      'BUSY',
      ['RESULT 2\nOKREA', 'DY\n'],
      ['accepted', 'BUSY -> ACKNOWLEDGED', 'ACKNOWLEDGED -> READY'],
      'READY',
      '',
    ],
    [
      'does not mind a return after the number',
      'BUSY',
      ['RESULT 2\r\nOK'],
      ['accepted', 'BUSY -> ACKNOWLEDGED'],
      'ACKNOWLEDGED',
      '',
    ],
    ['wants a number', 'BUSY', ['RESULT two\nOK'], ['bad: RESULT two', toUnknown('BUSY')], 'UNKNOWN', ''],
    [
      'wants no negative number',
      'BUSY',
      ['RESULT -1\nOK'],
      ['bad: RESULT -1', toUnknown('BUSY')],
      'UNKNOWN',
      '',
    ],
    ['wants the word RESULT', 'BUSY', ['RETULS 2\nOK'], ['bad: RETULS 2', toUnknown('BUSY')], 'UNKNOWN', ''],
    ['takes READY for no result', 'BUSY', ['READY\n'], ['bad: READY', toUnknown('BUSY')], 'UNKNOWN', ''],
    ['hears nothing any more once UNKNOWN', 'UNKNOWN', ['READY\n', 'RESULT 2\nOK'], [], 'UNKNOWN', ''],
  ];
  for (const [title, from, chunks, told, state, held] of table) {
    test(`${title} (SV-72)`, () => assert.deepEqual(hearAll(at[from], chunks), { told, state, held }));
  }

  test('hears the same however what is said is cut into reads (SV-72)', () => {
    const words = [
      'READY\n',
      'RESULT 2\n',
      'OK',
      'RESULT 4\nFAIL',
      'RESULT 0\n',
      'RESULT x\n',
      'R',
      '\n',
      ' ',
    ];
    const said = fc.array(fc.constantFrom(...words), { maxLength: 8 }).map((all) => all.join(''));
    const states = fc.constantFrom<ListenerState>('ACKNOWLEDGED', 'READY', 'BUSY', 'UNKNOWN');
    fc.assert(
      fc.property(states, said, fc.array(fc.nat({ max: 60 })), (from, text, cuts) => {
        const edges = [0, ...cuts.map((cut) => Math.min(cut, text.length)), text.length].toSorted(
          (a, b) => a - b,
        );
        const chunks = edges.slice(1).map((end, index) => text.slice(edges[index], end));
        assert.deepEqual(hearAll(at[from], chunks), hearAll(at[from], [text]));
      }),
    );
  });

  test('does not wait for ever for the end of a line', () => {
    const { told, state } = hearAll(
      at.BUSY,
      Array.from({ length: 10 }, () => 'x'.repeat(1000)),
    );
    assert.deepEqual(told, [`bad: ${'x'.repeat(8192)}`, 'BUSY -> UNKNOWN']);
    assert.equal(state, 'UNKNOWN');
  });

  test('keeps no more of a long answer than somebody could want', () => {
    let length = 0;
    const judge: Judge = (result) => {
      length = result.length;
      return true;
    };
    const chunks = ['RESULT 1000000\n', ...Array.from({ length: 100 }, () => 'x'.repeat(10_000))];
    assert.deepEqual(hearAll(at.BUSY, chunks, judge).told, ['accepted', 'BUSY -> ACKNOWLEDGED']);
    assert.equal(length, 65_536);
  });

  test('makes the listener UNKNOWN when it is the judge who fails (SV-73)', () => {
    const judge = (): never => {
      throw new Error('the judge is ill');
    };
    assert.deepEqual(hearAll(at.BUSY, ['RESULT 2\nOK'], judge), {
      told: ['erred', 'BUSY -> UNKNOWN'],
      state: 'UNKNOWN',
      held: '',
    });
  });

  for (const [answer, verdict] of [
    ['OK', true],
    ['ok', false],
    ['OK ', false],
    ['FAIL', false],
    ['', false],
  ] as const) {
    test(`${verdict ? 'accepts' : 'rejects'} "${answer}" (SV-73)`, () => {
      assert.equal(defaultJudge(Buffer.from(answer)), verdict);
    });
  }
});
