/** Which line of what a program printed says why it ended. */

import assert from 'node:assert/strict';
import { it } from 'node:test';
import { lastError } from '../../../src/core/log/last-error.ts';

const printed: Readonly<Record<string, readonly [text: string, shown: string | undefined]>> = {
  'flask, after its usage': [
    "Usage: python -m flask run [OPTIONS]\nTry 'python -m flask run --help' for help.\n\nError: Could not import 'app'.\n",
    "Error: Could not import 'app'.",
  ],
  'uvicorn, in its log': [
    'INFO:     Will watch for changes\nERROR:    Error loading ASGI app. Could not import module "main".',
    'ERROR:    Error loading ASGI app. Could not import module "main".',
  ],
  'python, whose file is not there': [
    "python3: can't open file '/w/app.py': [Errno 2] No such file or directory",
    "python3: can't open file '/w/app.py': [Errno 2] No such file or directory",
  ],
  'python, with a trace': [
    'Traceback (most recent call last):\n  File "/w/app.py", line 1, in <module>\n    import flask\nModuleNotFoundError: No module named \'flask\'',
    "ModuleNotFoundError: No module named 'flask'",
  ],
  'node, whose file is not there, with frames of its own alone': [
    "node:internal/modules/cjs/loader:1386\n  throw err;\n  ^\n\nError: Cannot find module '/w/server.js'\n    at Function._resolveFilename (node:internal/modules/cjs/loader:1383:15) {\n  code: 'MODULE_NOT_FOUND',\n  requireStack: []\n}\n\nNode.js v24.1.0",
    "Error: Cannot find module '/w/server.js'",
  ],
  'npm, among what it says around': [
    'npm error Missing script: "dev"\nnpm error\nnpm error To see a list of scripts, run:\nnpm error   npm run\nnpm error A complete log of this run can be found in: /home/ann/x.log',
    'Missing script: "dev"',
  ],
  'a script of npm, whose own words come first': [
    'sh: 1: vite: not found\nnpm error code 127\nnpm error path /w\nnpm error command failed\nnpm error command sh -c vite\nnpm error A complete log',
    'sh: 1: vite: not found',
  ],
  'ruby, which names it last': [
    "<internal:kernel>:37:in `require': cannot load such file -- sinatra (LoadError)\n\tfrom server.rb:1:in `<main>'",
    "<internal:kernel>:37:in `require': cannot load such file -- sinatra (LoadError)",
  ],
  'go, before its goroutines': [
    'panic: no settings\n\ngoroutine 1 [running]:\nmain.main()\n\t/w/main.go:5',
    'panic: no settings',
  ],
  java: ['Error: Could not find or load main class App', 'Error: Could not find or load main class App'],
  php: ['Could not open input file: server.php', 'Could not open input file: server.php'],
  'colours are no words': ['\u001b[31merror: no settings\u001b[0m', 'error: no settings'],
  'one line says why, whatever it is': [
    '2026/01/31 listen tcp :80: bind\n',
    '2026/01/31 listen tcp :80: bind',
  ],
  'several that speak of no failure say nothing': ['starting\nreading the settings\n', undefined],
  nothing: ['', undefined],
};

for (const [title, [text, shown]] of Object.entries(printed))
  it(`the last error: ${title}`, () => {
    assert.equal(lastError(text.split('\n'), '/w'), shown);
  });

it('the last error: one that is too long for a row is clipped', () => {
  const line = lastError([`Error: ${'x'.repeat(500)}`], '/w');
  assert.equal(line?.length, 200);
  assert.match(line ?? '', /^Error: x+…$/);
});
