import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pythonRepr, readPort } from '../../../src/core/handshake/port-line.ts';

const bad = (shown: string): { sentence: string } => ({ sentence: `bad runtime process port [${shown}]` });

describe('the port in a line of stdout', () => {
  for (const { line, answer, statement } of [
    { line: '30000', answer: { host: 'localhost', port: 30_000 }, statement: 'RP-2' },
    { line: '30000\n', answer: { host: 'localhost', port: 30_000 }, statement: 'RP-2' },
    { line: ' 30000\r\n', answer: { host: 'localhost', port: 30_000 }, statement: 'RP-2' },
    { line: '::1\t34567', answer: { host: '::1', port: 34_567 }, statement: 'RP-3' },
    { line: '::1\t345\t67', answer: bad(`'345\\t67'`), statement: 'RP-4, RP-9' },
    { line: 'hello 30001', answer: bad(`'hello 30001'`), statement: 'RP-5' },
    { line: '', answer: bad(`''`), statement: 'RP-7' },
    { line: 'oops\n', answer: bad(`'oops\\n'`), statement: 'RP-8' },
    { line: `it's`, answer: bad(`"it's"`), statement: 'RP-8' },
    { line: 'host\toops', answer: bad(`'oops'`), statement: 'RP-9' },
    { line: '127.0.0.1 30001', answer: bad(`'127.0.0.1 30001'`), statement: 'RP-11' },
    { line: '+80', answer: { host: 'localhost', port: 80 }, statement: '1.3' },
    { line: '-80', answer: bad(`'-80'`), statement: '1.3, mended' },
    { line: '70000', answer: bad(`'70000'`), statement: '1.3, mended' },
    { line: '80.0', answer: bad(`'80.0'`), statement: '1.3' },
  ]) {
    it(`of ${JSON.stringify(line)} is ${JSON.stringify(answer)} (${statement})`, () => {
      assert.deepEqual(readPort(line, { tab: true }), answer);
    });
  }

  it('may stand behind a host and a space only when asked for, with exactly two tokens (RP-11)', () => {
    const options = { tab: true, spaces: true };
    assert.deepEqual(readPort('127.0.0.1 30001', options), { host: 'localhost', port: 30_001 });
    assert.deepEqual(readPort('a b 30001', options), bad(`'a b 30001'`));
  });
});

describe('the port in a file', () => {
  it('knows no TAB, and nothing may follow the newline (RP-18)', () => {
    assert.deepEqual(readPort('1234\n', { tab: false }), { host: 'localhost', port: 1234 });
    assert.deepEqual(readPort('1234\njunk', { tab: false }), bad(`'1234\\njunk'`));
    assert.deepEqual(readPort('::1\t1234\n', { tab: false }), bad(`'::1\\t1234\\n'`));
  });
});

describe('a byte string as Python 2 shows it', () => {
  for (const [text, shown] of [
    ['plain', `'plain'`],
    [`it's`, `"it's"`],
    [`"both" and '`, `'"both" and \\''`],
    ['a\\b', `'a\\\\b'`],
    ['\u0000\u007f', `'\\x00\\x7f'`],
    ['é', `'\\xc3\\xa9'`],
  ] as const) {
    it(`is ${shown} (RP-8)`, () => assert.equal(pythonRepr(text), shown));
  }
});
