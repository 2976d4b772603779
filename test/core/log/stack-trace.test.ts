import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { findTrace } from '../../../src/core/log/stack-trace.ts';

const at = (file: string, line: number, column = 1): object => ({ file, line, column });

const stories: readonly { title: string; text: string; message: string; place: object }[] = [
  {
    title: 'a throw in Node is at the frame that threw, below a message of two lines',
    text: `/w/a.js:2
function go() { lib(() => { throw new TypeError('no good\\nsecond line'); }); }
                            ^

TypeError: no good
second line
    at /w/a.js:2:35
    at module.exports (/w/node_modules/x/i.js:1:25)
    at go (/w/a.js:2:17)
    at Module._compile (node:internal/modules/cjs/loader:1929:14)

Node.js v24.21.0`,
    message: 'TypeError: no good',
    place: at('/w/a.js', 2, 35),
  },
  {
    title: 'a throw in a dependency is at the first frame of the user’s own',
    text: `Error: refused
    at connect (/w/node_modules/pg/client.js:10:11)
    at async start (file:///w/src/my%20app.mjs:7:3)`,
    message: 'Error: refused',
    place: at('/w/src/my app.mjs', 7, 3),
  },
  {
    title: 'a syntax error in Node is at its caret',
    text: `/w/bad.js:3
const x = = 1;
          ^

SyntaxError: Unexpected token '='
    at wrapSafe (node:internal/modules/cjs/loader:1)`,
    message: `SyntaxError: Unexpected token '='`,
    place: at('/w/bad.js', 3, 11),
  },
  {
    title: 'an unexpected end of a module is at its last line',
    text: `file:///w/s.mjs:2\n\n\n\nSyntaxError: Unexpected end of input\n    at compile (node:internal/modules/esm/utils:319:16)`,
    message: 'SyntaxError: Unexpected end of input',
    place: at('/w/s.mjs', 2),
  },
  {
    title: 'a module that is not found is at its importer',
    text: `Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'nowhere' imported from /w/m.mjs
    at packageResolve (node:internal/modules/esm/resolve:784:25)`,
    message: `Error [ERR_MODULE_NOT_FOUND]: Cannot find package 'nowhere' imported from /w/m.mjs`,
    place: at('/w/m.mjs', 1),
  },
  {
    title: 'a Python exception is at the last line of the user’s own, not in the library',
    text: `Traceback (most recent call last):
  File "/w/a.py", line 4, in <module>
    go()
  File "/w/a.py", line 3, in go
    json.loads("{")
  File "/usr/lib/python3.11/json/__init__.py", line 346, in loads
    return _default_decoder.decode(s)
           ^^^^^^^^^^^^^^^^^^^^^^^^^^
json.decoder.JSONDecodeError: Expecting property name: line 1 column 2 (char 1)`,
    message: 'json.decoder.JSONDecodeError: Expecting property name: line 1 column 2 (char 1)',
    place: at('/w/a.py', 3),
  },
  {
    title: 'of chained Python exceptions the last one counts',
    text: `Traceback (most recent call last):
  File "/w/c.py", line 2, in <module>
    1/0
ZeroDivisionError: division by zero

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "c.py", line 4, in <module>
    raise KeyError("k")
KeyError: 'k'`,
    message: `KeyError: 'k'`,
    place: at('/w/c.py', 4),
  },
  {
    title: 'a Python syntax error has no traceback line',
    text: `  File "/w/s.py", line 1\n    def x(:\n          ^\nSyntaxError: invalid syntax`,
    message: 'SyntaxError: invalid syntax',
    place: at('/w/s.py', 1),
  },
  {
    title: 'colours do not hide a trace',
    text: `\u001b[31mError: red\u001b[39m\n    at go (\u001b[36m/w/a.js:1:2\u001b[39m)`,
    message: 'Error: red',
    place: at('/w/a.js', 1, 2),
  },
];

describe('what a child printed', () => {
  for (const { title, text, message, place } of stories) {
    it(`shows where it broke: ${title}`, () => {
      const noise = ['listening on 1', '', ...text.split('\n'), '', 'goodbye'];
      assert.deepEqual(findTrace(noise, '/w'), { message, place });
    });
  }

  it('without a trace shows nothing', () => {
    assert.equal(findTrace(['hello', 'at noon', 'File "x"', 'Error: no frames'], '/w'), undefined);
  });

  it('of any shape is read without a throw', () => {
    const piece = fc.constantFrom(
      '    at a (/w/b.js:1:2)',
      '  File "x.py", line 3',
      'Traceback (most recent call last):',
      'Error: x',
      '^',
      '',
      '/w/a:1',
    );
    fc.assert(
      fc.property(fc.array(fc.oneof(piece, fc.string())), (lines) => {
        const trace = findTrace(lines, '/w');
        assert.ok(trace === undefined || trace.place.line >= 1);
      }),
    );
  });
});
