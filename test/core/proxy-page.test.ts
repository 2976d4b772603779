/** The pages as text: that nothing but our own script and markup gets in. Their looks are seen in `test/node`. */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import * as fc from 'fast-check';
import { unavailable } from '../../src/core/proxy/answers.ts';
import { directory, notFound } from '../../src/core/proxy/directory.ts';
import { script, scriptHash } from '../../src/core/proxy/page-script.ts';
import { style, styleHash } from '../../src/core/proxy/page-style.ts';
import { clipped, plainText, runsOf } from '../../src/core/proxy/terminal.ts';
import type { RequestHead } from '../../src/core/outside.ts';

const get: RequestHead = {
  method: 'GET',
  target: '/',
  version: '1.1',
  headers: [['Accept', 'text/html']],
  remote: '127.0.0.1',
  upgrade: false,
};

const page = (said: string, head: RequestHead = get): string =>
  unavailable(head, {
    service: said,
    profile: 'plain',
    instances: [
      {
        name: said,
        state: 'FATAL',
        reason: said,
        fault: { code: 'x', message: said, hint: said, sentence: said },
      },
      { name: 'b', state: 'STOPPED', reason: said },
    ],
    tail: [said, said],
    tailOf: said,
  }).body;

const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;

/** What a page will do: watch, failed, and whether it reloads without scripts. */
const attributes = (body: string): unknown => [
  /data-watch="([^"]*)"/u.exec(body)?.[1],
  /data-failed="([^"]*)"/u.exec(body)?.[1],
  body.includes('http-equiv="refresh"'),
];

/** The tags of a document in order, attributes and all, but for the style and script that are ours. */
const tags = (html: string): string[] =>
  html
    .replace(style, '')
    .replace(script, '')
    .match(/<[^>]*>/gu) ?? [];

test('the policy of the pages names the hash of our script and style, and nothing else may run', () => {
  // When these differ, the texts were edited: put the new hashes beside them.
  assert.deepEqual({ scriptHash, styleHash }, { scriptHash: hash(script), styleHash: hash(style) });
  const policy = /Content-Security-Policy" content="([^"]*)"/u.exec(page('x'))?.[1];
  assert.equal(
    policy,
    `default-src &#39;none&#39;; script-src &#39;${hash(script)}&#39;; style-src &#39;${hash(style)}&#39;; ` +
      'img-src data:; connect-src &#39;self&#39;; base-uri &#39;none&#39;; form-action &#39;none&#39;',
  );
});

test('neither script nor style can end the element they are in', () => {
  assert.doesNotMatch(script + style, /<\/|<!--/u);
});

test('text of a child stays text, whatever it says', () => {
  const attack = `</pre></title><script>alert(1)</script><img src=x onerror="alert('1')">&lt;`;
  const shown = page(attack);
  assert.deepEqual(
    tags(shown).filter((tag) => /^<(?:script|img)/u.test(tag)),
    ['<script>'],
  );
  assert.ok(shown.includes('&lt;script&gt;alert(1)&lt;/script&gt;'));
  assert.ok(shown.includes('&amp;lt;'));
});

test('no text of a child changes the tags of a page', () => {
  const expected = tags(page('x'));
  const unruly = fc.string({
    unit: fc.constantFrom('<', '>', '"', "'", '&', '`', '=', '/', 'a', ' ', '-', '!', '$'),
  });
  fc.assert(
    fc.property(fc.oneof(unruly, fc.string({ unit: 'binary' })), (said) => {
      // Text without colour: then the tags are the same as for any other text.
      const plain = `x${said.replaceAll(/\p{Cc}/gu, '')}`;
      assert.deepEqual(tags(page(plain)), expected);
    }),
  );
});

test('colour of a child makes spans of our classes and no other tag', () => {
  const pieces = fc.constantFrom(
    '\u001B[31m',
    '\u001B[1;92m',
    '\u001B[0m',
    '\u001B[38;5;9m',
    '\u001B[',
    '\u001B]0;<b>\u0007',
    '<i class="x">',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(pieces), (parts) => {
      const added = tags(page(parts.join(''))).filter((tag) =>
        /^<\/?(?:span class="(?:bold|fg)|i|b)\b/u.test(tag),
      );
      for (const tag of added) assert.match(tag, /^<span class="(?:(?:bold|fg-\d+)(?: |(?=")))+">$/u);
    }),
  );
});

test('the lists of services show names and paths as text, and link to http only', () => {
  const entries = [
    { name: '<b>', state: '<i>', detail: '<u>', url: 'http://a/"><script>' },
    { name: 'x', state: 'RUNNING', url: 'javascript:alert(1)' },
  ];
  for (const { body } of [directory(get, entries), notFound(get, '/<b>', entries)]) {
    assert.deepEqual(
      tags(body).filter((tag) => /^<(?:b|i|u|script|a)\b/u.test(tag)),
      ['<a href="http://a/&quot;&gt;&lt;script&gt;">', '<script>'],
    );
    assert.ok(!body.includes('javascript:'));
  }
});

test('a page reloads by itself only where that repeats no more than a GET', () => {
  const failing = (state: 'RUNNING' | 'BACKOFF', refused: boolean): string =>
    unavailable(get, {
      service: 'api',
      profile: 'plain',
      instances: [{ name: 'api.0', state }],
      failed: { code: 'instance-died', sentence: 's', reason: 'r', refused },
      tail: [],
    }).body;
  assert.deepEqual(
    [
      page('x'),
      page('x', { ...get, method: 'POST' }),
      failing('BACKOFF', false),
      failing('RUNNING', false),
      failing('RUNNING', true),
    ].map(attributes),
    [
      ['by-itself', 'no', true],
      ['never', 'no', false],
      ['by-itself', 'yes', false],
      ['by-hand', 'yes', false],
      ['by-itself', 'no', true],
    ],
  );
});

test('a page says at its foot what it will do, and no more', () => {
  const foot = (refused: boolean): string | undefined =>
    /<span id="note">([^<]*)/u.exec(
      unavailable(get, {
        service: 'api',
        profile: 'plain',
        instances: [{ name: 'api.0', state: 'STOPPED' }],
        failed: { code: 'stopped', sentence: 's', reason: 'r', refused },
        tail: [],
      }).body,
    )?.[1];
  assert.deepEqual(
    [foot(true), foot(false)],
    [
      'This page reloads by itself once api answers.',
      'This page says when api is up again. Reloading it sends your request once more.',
    ],
  );
});

test('what a program wrote for a terminal becomes runs of text in named styles', () => {
  const lines = [
    '\u001B[31mred\u001B[39m plain \u001B[1;4;96mloud\u001B[0m',
    '\u001B[38;5;12mblue \u001B[38;2;1;2;3mown\u001B[m \u001B[2;3mfaint',
    'still\u001B[22;23m\u001B]8;;http://x\u001B\\link\u001B]8;;\u001B\\\u001B[2K\u001B(B!',
    '10%\r55%\r100%\r',
    'bell\u0007 back\b del\u007F tab\t bidi\u202E',
  ];
  assert.deepEqual(runsOf(lines), [
    { text: 'red', styles: ['fg-1'] },
    { text: ' plain ', styles: [] },
    { text: 'loud', styles: ['bold', 'underline', 'fg-14'] },
    { text: '\n', styles: [] },
    { text: 'blue ', styles: ['fg-12'] },
    { text: 'own ', styles: [] },
    { text: 'faint\nstill', styles: ['dim', 'italic'] },
    { text: 'link!\n100%\nbell back del tab\t bidi', styles: [] },
  ]);
});

test('no control character is left in plain text but tabs and line ends', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary' })), (lines) => {
      assert.doesNotMatch(plainText(lines), /(?![\t\n])\p{Cc}/u);
    }),
  );
});

test('the last hundred lines are shown, each cut to a length one may want to read', () => {
  const lines = Array.from({ length: 200 }, (_each, index) => `${index}${'x'.repeat(3_000)}`);
  const shown = clipped(lines);
  assert.deepEqual([shown.length, shown[0]?.slice(0, 4), shown[0]?.length], [100, '100x', 2_002]);
});
