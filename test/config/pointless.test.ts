/** What is written and changes nothing: warnings, beside which everything runs as it is. */

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { lines, problemsOf, read } from './reading.ts';

const there: Readonly<Record<string, 'folder' | 'other'>> = {
  '/w/site/static': 'folder',
  '/w/site/robots.txt': 'other',
};

function said(text: string): readonly string[] {
  return problemsOf(read(lines(text), { kindOf: (path) => there[path] }));
}

const application = (body: string): readonly string[] =>
  said(
    `services:\n  shop:\n    command: x\n    profile: appengine\n    appengine:\n      root: site\n${body}`,
  );

describe('what never has a request', () => {
  it('is a dispatch rule behind one that has all of its requests, whatever service that goes to', () => {
    const rules = (...urls: readonly string[]): readonly string[] =>
      said(
        `services:\n  web: { command: x }\nfrontDoor:\n  dispatch:\n${urls.map((url) => `    - { url: '${url}', service: web }\n`).join('')}`,
      );
    assert.deepEqual(rules('*/a/*', '*/*', '*/never/*'), [
      '7:7-41 no-effect "dispatch": "*/never/*" never has a request, since "*/*" in line 6 has all of them. → Move it up, before the one that takes more, or remove it.',
    ]);
    const pairs: readonly (readonly [first: string, second: string, isPointless: boolean])[] = [
      ['*.example.com/*', 'api.example.com/v1', true],
      ['*.example.com/*', '*-dot.example.com/*', true],
      ['*.example.com/*', 'example.com/*', false],
      ['a.com/x', 'a.com/x', true],
      ['a.com/x', 'a.com/x*', false],
      ['a.com/x*', 'a.com/xy', true],
      ['a.com/*', '*/x', false],
      ['*/x/*', '*/x', false],
    ];
    for (const [first, second, isPointless] of pairs)
      assert.equal(rules(first, second).length, isPointless ? 1 : 0, `${second} behind ${first}`);
  });

  it('is a handler behind one that hands everything to the service', () => {
    assert.deepEqual(
      application(`      handlers:
        - { url: /a }
        - { url: /.*, script: auto }
        - { url: /late, script: auto }
`),
      [
        '10:18-23 no-effect "appengine.handlers.url": "/late" never has a request, since "/.*" before it takes everything. → Move it up, before the one that takes everything, or remove it.',
      ],
    );
    assert.deepEqual(
      application('      handlers: [{ url: /, staticDir: static }, { url: /.* }]\n'),
      [],
      'files leave what is no file to the others',
    );
  });
});

describe('what counts only beside something else', () => {
  it('is warming up and restarting without automatic scaling', () => {
    const body = '      inboundServices: [warmup]\n      restartOnChange: never\n';
    assert.deepEqual(application(body), [
      '7:7-22 no-effect "appengine.inboundServices": nobody is asked to warm up without "scaling: automatic". → Set "scaling: automatic" beside "appengine", or remove it.',
      '8:7-22 no-effect "appengine.restartOnChange": it counts only with "scaling: automatic". → Set "scaling: automatic" beside "appengine", or remove it.',
    ]);
    assert.deepEqual(application(`${body}    scaling: automatic\n`), []);
  });

  it('is a number of background threads without scaling', () => {
    const body = '      backgroundThreads: 2\n';
    assert.deepEqual(application(body), [
      '7:7-24 no-effect "appengine.backgroundThreads": only a service with "scaling" has background threads. → Set "scaling: manual" beside "appengine", or remove it.',
    ]);
    assert.deepEqual(application(`${body}    scaling: manual\n`), []);
  });

  it('is the protocol of a handler, where there is only one', () => {
    assert.deepEqual(
      application('      handlers: [{ url: /a, secure: always }, { url: /b, secure: optional }]\n'),
      [
        '7:29-35 no-effect "appengine.handlers.secure": the front door speaks HTTP only, so it has no effect here. → Leave it for App Engine, or remove it.',
      ],
    );
  });
});

describe('what is to be served and is not there', () => {
  const cases: Readonly<Record<string, string | undefined>> = {
    'handlers: [{ url: /s, staticDir: static }]': undefined,
    'handlers: [{ url: /s, staticDir: static/ }]': undefined,
    'handlers: [{ url: /s, staticDir: nodir }]': '"appengine.handlers.staticDir": there is no folder nodir.',
    'handlers: [{ url: /s, staticDir: robots.txt }]':
      '"appengine.handlers.staticDir": there is no folder robots.txt.',
    'handlers: [{ url: /r, staticFiles: robots.txt }]': undefined,
    'handlers: [{ url: /r, staticFiles: none.txt }]':
      '"appengine.handlers.staticFiles": there is no file none.txt.',
    "handlers: [{ url: '/(.*)', staticFiles: 'static/\\1' }]": undefined,
    "handlers: [{ url: '/(.*)', staticFiles: 'none/\\1' }]":
      '"appengine.handlers.staticFiles": there is no folder none/.',
    "handlers: [{ url: '/(.*)', staticFiles: '\\1' }]": undefined,
    'errorHandlers: [{ file: robots.txt }]': undefined,
    'errorHandlers: [{ file: no.html }]': '"appengine.errorHandlers.file": there is no file no.html.',
  };
  for (const [body, expected] of Object.entries(cases)) {
    it(`${body} ${expected === undefined ? 'is fine' : 'is told so'}`, () => {
      const found = application(`      ${body}\n`);
      assert.equal(found.length, expected === undefined ? 0 : 1);
      assert.ok(found[0] === undefined || found[0].includes(` missing-file ${expected ?? ''}`), found[0]);
    });
  }

  it('is missed by nobody who cannot look', () => {
    const text =
      'services: { a: { command: x, profile: appengine, appengine: { errorHandlers: [{ file: n }] } } }';
    assert.deepEqual(problemsOf(read(text)), []);
  });
});

describe('a front door that listens on more than this machine', () => {
  it('is told whom it lets in', () => {
    const withHost = (host: string): readonly string[] =>
      said(`services: { a: { command: x } }\nfrontDoor: { host: '${host}' }\n`);
    assert.deepEqual(withHost('0.0.0.0'), [
      '2:20-29 open-door With "host: 0.0.0.0" everybody on the network can reach the services of this file. → Unless that is meant, remove it: then only programs on this machine can.',
    ]);
    for (const host of ['::', '192.168.1.7', 'my-machine']) assert.equal(withHost(host).length, 1, host);
    for (const host of ['127.0.0.1', '127.0.0.2', '::1', 'localhost'])
      assert.deepEqual(withHost(host), [], host);
  });
});
