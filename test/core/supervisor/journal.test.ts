import assert from 'node:assert/strict';
import { suite, test } from 'node:test';

import { Journal, type JournalLevel } from '../../../src/core/supervisor/journal.ts';

const levels: readonly JournalLevel[] = ['critical', 'error', 'warn', 'info', 'debug', 'trace', 'blather'];
/** In whatever time zone the test runs. */
const wall = new Date(2026, 0, 31, 9, 5, 7, 42).getTime();
const plan = { path: '/logs/supervisord.log', maxBytes: 1000, backups: 3 };

function journalAt(level: JournalLevel, hasFile = true) {
  const written: string[] = [];
  const lines: string[] = [];
  const journal = new Journal({
    clock: { wall: () => wall },
    level: () => level,
    file: () => (hasFile ? plan : undefined),
    append: (to, text) => {
      assert.equal(to, plan);
      written.push(text);
    },
  });
  const listening = journal.onLine((line) => lines.push(line));
  return { journal, written, lines, listening };
}

suite('The journal', () => {
  test('writes lines with the time, the level and the text', () => {
    const { journal, written } = journalAt('blather');
    for (const level of levels) journal.say(level, `it is ${level}`);
    assert.deepEqual(written, [
      '2026-01-31 09:05:07,042 CRIT it is critical\n',
      '2026-01-31 09:05:07,042 ERRO it is error\n',
      '2026-01-31 09:05:07,042 WARN it is warn\n',
      '2026-01-31 09:05:07,042 INFO it is info\n',
      '2026-01-31 09:05:07,042 DEBG it is debug\n',
      '2026-01-31 09:05:07,042 TRAC it is trace\n',
      '2026-01-31 09:05:07,042 BLAT it is blather\n',
    ]);
  });

  for (const [index, level] of levels.entries()) {
    test(`leaves out what is less grave than ${level}`, () => {
      const { journal, lines, written } = journalAt(level);
      for (const each of levels) journal.say(each, each);
      assert.deepEqual(
        lines.map((line) => line.trimEnd().split(' ').at(-1)),
        levels.slice(0, index + 1),
      );
      assert.deepEqual(written, lines);
    });
  }

  test('tells whoever follows it also without a file, until they leave', () => {
    const { journal, lines, written, listening } = journalAt('info', false);
    journal.say('info', 'one');
    listening.dispose();
    journal.say('info', 'two');
    assert.deepEqual(lines, ['2026-01-31 09:05:07,042 INFO one\n']);
    assert.deepEqual(written, []);
  });
});
