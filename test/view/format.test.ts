import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { formatAddress, formatExit, formatUptime, joined, lastLines } from '../../src/view/format.ts';
import { english } from '../../src/view/words.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

describe('an uptime', () => {
  const table: readonly [number, string][] = [
    [-5, '0s'],
    [0, '0s'],
    [999, '0s'],
    [10_000, '10s'],
    [59_999, '59s'],
    [minute, '1m'],
    [59 * minute + 59 * second, '59m'],
    [hour, '1h'],
    [2 * hour + 5 * minute, '2h 5m'],
    [24 * hour, '1d'],
    [99 * hour, '4d 3h'],
  ];
  for (const [ms, text] of table) it(`of ${ms} ms reads ${text}`, () => assert.equal(formatUptime(ms), text));
});

describe('an ending', () => {
  it('names the signal, else the exit code', () => {
    assert.equal(formatExit({ signal: 'SIGSEGV', expected: false }), 'was killed by SIGSEGV');
    assert.equal(formatExit({ code: 0, expected: true }), 'exited with code 0');
    assert.equal(formatExit({ expected: false }), 'ended');
  });
});

describe('an address', () => {
  const table: readonly [string, string][] = [
    ['http://127.0.0.1:41234/', ':41234'],
    ['http://[::1]:8080/path:99', ':8080'],
    ['https://shop.localhost/', 'shop.localhost'],
    ['http://user@host:81', ':81'],
  ];
  for (const [url, text] of table)
    it(`${url} is shown as ${text}`, () => assert.equal(formatAddress(url), text));
});

describe('small texts', () => {
  it('are joined without the missing ones', () => {
    assert.equal(joined(['RUNNING', undefined, '', ':1']), 'RUNNING · :1');
  });

  it('keep the last lines without blank ones at the end', () => {
    assert.deepEqual(lastLines('a\r\nb\nc\n\n', 2), ['b', 'c']);
  });

  it('are filled by position, and holes without a value stay', () => {
    assert.equal(english('{1} of {0}{2}', 4, 2), '2 of 4{2}');
  });
});
