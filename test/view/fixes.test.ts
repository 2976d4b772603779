import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { fixOf } from '../../src/view/fixes.ts';

const config = `version: 1
services:
  # The shop.
  web:
    command: node server.js
    publish: 8080 # as in production
    env:
      handshake: no key of ours
  api:
    handshake: port # ask me why
    command: >
      python3
      app.py
  tiny: { command: x }
frontDoor:
  port: 80
backends:
  minPort: 9000
`;

/** The file after the fix for a fault that stands at the first line holding `at`. */
function fixed(code: string, at: string): readonly string[] | undefined {
  const lines = config.split('\n');
  const fix = fixOf(code, lines.findIndex((line) => line.includes(at)) + 1, config);
  if (fix === undefined) return undefined;
  const old = lines[fix.line - 1] ?? '';
  lines[fix.line - 1] = old.slice(0, fix.column - 1) + fix.text + old.slice(fix.endColumn - 1);
  const before = new Set(config.split('\n'));
  return lines
    .join('\n')
    .split('\n')
    .filter((line) => !before.has(line));
}

describe('the fix of a fault', () => {
  const table: readonly [string, string, readonly string[] | undefined][] = [
    ['wrong-port', 'web:', ['    handshake: discover']],
    ['wrong-port', 'node server.js', ['    handshake: discover']],
    ['wrong-port', 'no key of ours', ['    handshake: discover']],
    ['wrong-port', 'app.py', ['    handshake: discover # ask me why']],
    ['wrong-port', 'tiny', undefined],
    ['wrong-port', 'version', undefined],
    ['wrong-port', 'port: 80', undefined],
    ['port-taken', 'publish', ['    publish: auto # as in production']],
    ['port-taken', '  port: 80', ['  port: auto']],
    ['port-taken', 'minPort', ['  minPort: 0']],
    ['port-taken', 'command', undefined],
    ['instance-died', 'command', undefined],
  ];
  for (const [code, at, lines] of table) {
    it(`${code} at "${at}" ${lines === undefined ? 'is not known' : `writes "${lines.join('|')}"`}`, () => {
      assert.deepEqual(fixed(code, at), lines);
    });
  }

  it('stands below the command, where a reader looks for it', () => {
    const fix = fixOf('wrong-port', 4, config);
    assert.deepEqual([fix?.line, fix?.setting], [5, 'handshake: discover']);
  });

  it('is none once it is made', () => {
    const text = 'services:\n  web:\n    command: x\n    handshake: discover\n';
    assert.equal(fixOf('wrong-port', 2, text), undefined);
  });
});
