import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fixesOf, hoverAt, type Outline, outlineOf, problemsOf } from '../../src/language/service.ts';

const text = `version: 1
env: { A: 1 }
services:
  api: &api
    command: node server.js
    restart: always
    profile: appengine
    env:
      LEVEL: 1
  web: { <<: *api, command: [python3, web.py], dependsOn: [api] }
frontDoor:
  routes: { /api: api }
`;

const hover = (marked: string, skip = 0): string | undefined => {
  const offset = text.indexOf(marked) + skip;
  const found = hoverAt(text, offset);
  return found && `${found.at.line}:${found.at.column}-${found.at.endColumn} ${found.text}`;
};

test('resting on a key or a word tells what it does', () => {
  const cases: readonly (readonly [string, number, string | undefined])[] = [
    ['version', 0, '1:1-8 **version**\n\nNames the version of this format.\n\nTakes 1. Default: `1`.'],
    [
      'restart',
      3,
      '6:5-12 **restart**\n\nDecides whether an instance that ended on its own is started again.\n\n- `never`: It stays down.\n- `unexpected`: Only when its exit code is not among `exitCodes`.\n- `always`: Whatever its exit code.\n\nTakes one of never, unexpected, always. Default: `unexpected`.',
    ],
    ['always', 6, '6:14-20 `always`: Whatever its exit code.'],
    ['appengine', 0, "7:14-23 `appengine`: As App Engine's local development server treats them."],
    [
      'dependsOn',
      1,
      '10:48-57 **dependsOn**\n\nStarts this service only when others are far enough; `ready` when they are only named.\n\nTakes a list of services, or a map from services to started, ready, healthy or exited. Example: `[database]`.',
    ],
    ['[api]', 2, '10:60-63 **api**, a service: `node server.js`'],
    ['/api: api', 7, '12:19-22 **api**, a service: `node server.js`'],
    ['  web:', 3, '10:3-6 **web**, a service: `python3 web.py`'],
    ['LEVEL', 0, undefined],
    ['node server', 0, undefined],
    ['/api:', 1, undefined],
    ['\nservices', 0, undefined],
  ];
  assert.deepEqual(
    cases.map(([marked, skip]) => [marked, skip, hover(marked, skip)]),
    cases,
  );
});

test('resting on a runtime tells of its recipe', () => {
  const config = 'services:\n  a: { runtime: ruby, build: false }\n';
  assert.equal(hoverAt(config, config.indexOf('ruby'))?.text, '`ruby`: Ruby, debugged with rdbg.');
  assert.match(
    hoverAt(config, config.indexOf('build'))?.text ?? '',
    /Takes false, a command, or a map with command, inputs and outputs\./,
  );
});

test('hovering over half a file still answers', () => {
  const half = 'services:\n  api:\n    restart: [\n    por';
  assert.match(hoverAt(half, half.indexOf('restart'))?.text ?? '', /^\*\*restart\*\*/);
  assert.equal(hoverAt('', 0), undefined);
});

test('the outline names sections, services and their keys', () => {
  const flat = (outline: Outline): unknown => [
    `${outline.kind} ${outline.name}`,
    outline.detail,
    `${outline.at.line}-${outline.at.endLine}`,
    ...outline.children.map(flat),
  ];
  assert.deepEqual(outlineOf(text).map(flat), [
    ['section version', '1', '1-1'],
    ['section env', '', '2-2', ['key A', '1', '2-2']],
    [
      'section services',
      '',
      '3-10',
      [
        'service api',
        'node server.js',
        '4-9',
        ['key command', 'node server.js', '5-5'],
        ['key restart', 'always', '6-6'],
        ['key profile', 'appengine', '7-7'],
        ['key env', '', '8-9'],
      ],
      [
        'service web',
        '',
        '10-10',
        ['key command', '', '10-10'],
        ['key dependsOn', '', '10-10'],
        ['key restart', 'always', '6-6'],
        ['key profile', 'appengine', '7-7'],
        ['key env', '', '8-9'],
      ],
    ],
    ['section frontDoor', '', '11-12', ['key routes', '', '12-12']],
  ]);
  assert.deepEqual(outlineOf('- a'), []);
});

test('problems that one word would mend have a fix', () => {
  const wrong =
    'services:\n  api: { comand: x, autostart: yes }\n  web: { command: x, dependsOn: [aip], restart: no, frob: 1 }\n';
  const problems = problemsOf({
    folder: '/w',
    files: [{ path: '/w/runtimes.yaml', text: wrong }],
    environment: {},
    readFile: () => undefined,
  });
  assert.deepEqual(
    fixesOf(problems).map(({ title, problem, text: put }) => [
      problem.code,
      `${problem.line}:${problem.column}`,
      title,
      put,
    ]),
    [
      ['unknown-key', '2:10', 'Change to "command"', 'command'],
      ['wrong-type', '2:32', 'Change to "true"', 'true'],
      ['unknown-service', '3:34', 'Change to "api"', 'api'],
      ['bad-value', '3:49', 'Change to "never"', 'never'],
    ],
  );
});

test('what is wrong in a file that it names is not said of the document', () => {
  const path = '/w/runtimes.yaml';
  const files = [{ path, text: 'services: { a: { command: x } }\nbackends: b.yaml\n' }];
  const readFile = (): string => 'backends: [{ name: NO }]';
  assert.deepEqual(problemsOf({ folder: '/w', files, environment: {}, readFile }), []);
});
