import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { AppEngineSpec } from '../../src/config/spec.ts';
import { expirationSeconds } from '../../src/config/units.ts';
import { lines, main, problemsOf, read } from './reading.ts';

const withMap = (body: string) =>
  read(`services:\n  shop:\n    command: x\n    profile: appengine\n    appengine:\n${body}`);

function application(body: string): AppEngineSpec {
  const config = withMap(body);
  assert.deepEqual(
    config.problems.filter(({ severity }) => severity === 'error'),
    [],
  );
  const spec = config.services[0]?.appengine;
  assert.ok(spec !== undefined);
  return spec;
}

describe('a service with the appengine profile', () => {
  it('has what an application has, where nothing is said', () => {
    const config = read('services: { shop: { command: x, cwd: app, profile: appengine } }');
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(config.services[0]?.appengine, {
      root: '/w/app',
      module: 'shop',
      version: 'v1',
      application: 'w',
      handlers: [],
      errorHandlers: [],
      inboundServices: [],
      dialect: 'dev',
      restartOnChange: 'always',
      backgroundThreads: 0,
    });
  });

  it('says of itself what an app.yaml would', () => {
    const spec = application(
      lines(`
              root: site
              application: acme
              module: default
              version: '2'
              inboundServices: [warmup]
              defaultExpiration: 1d 2h
              dialect: internal
              restartOnChange: never
              backgroundThreads: 10
              errorHandlers:
                - { errorCode: over_quota, file: quota.html }
                - file: error.html
              handlers:
                - { url: /, secure: always, redirectHttpResponseCode: 301 }
                - { url: '/(get|post).*', script: '\\1.py', login: admin, authFailAction: unauthorized }
                - { url: '/(.*\\.png)$', staticFiles: 'img/\\1', upload: 'img/.*', mimeType: image/png, expiration: 10m }
                - { url: /css, staticDir: css, httpHeaders: { X-A: b, X-N: '1' } }
                - { url: /.*, script: auto, login: required }
      `).replaceAll(/^/gm, '      '),
    );
    const place = (line: number, endColumn: number, column = 11): object => ({
      file: main,
      line,
      column,
      endLine: line,
      endColumn,
    });
    const { handlers, ...rest } = spec;
    assert.deepEqual(rest, {
      root: '/w/site',
      application: 'acme',
      module: 'default',
      version: '2',
      inboundServices: ['warmup'],
      defaultExpirationSeconds: 93_600,
      dialect: 'internal',
      restartOnChange: 'never',
      backgroundThreads: 10,
      errorHandlers: [
        { code: 'over_quota', file: 'quota.html', source: place(16, 54) },
        { file: 'error.html', source: place(17, 27) },
      ],
    });
    const usual = {
      login: 'optional',
      onAuthFail: 'redirect',
      secure: 'optional',
      redirectCode: 302,
      httpHeaders: {},
    };
    assert.deepEqual(
      handlers.map(({ source: _source, ...handler }) => handler),
      [
        { ...usual, url: '/', serves: { kind: 'script' }, secure: 'always', redirectCode: 301 },
        {
          ...usual,
          url: '/(get|post).*',
          serves: { kind: 'script', script: '\\1.py' },
          login: 'admin',
          onAuthFail: 'unauthorized',
        },
        {
          ...usual,
          url: '/(.*\\.png)$',
          serves: { kind: 'static-files', path: 'img/\\1', upload: 'img/.*' },
          mimeType: 'image/png',
          expirationSeconds: 600,
        },
        {
          ...usual,
          url: '/css',
          serves: { kind: 'static-dir', folder: 'css' },
          httpHeaders: { 'X-A': 'b', 'X-N': '1' },
        },
        { ...usual, url: '/.*', serves: { kind: 'script' }, login: 'required' },
      ],
    );
    assert.equal(handlers[1]?.source.line, 20);
  });

  it('takes no map without the profile, which would do nothing', () => {
    assert.deepEqual(problemsOf(read('services:\n  shop: { command: x, appengine: {} }\n')), [
      '2:23-32 bad-value "appengine": it has an effect only with "profile: appengine". → Add "profile: appengine", or remove it.',
    ]);
  });

  it('hears at its place what is wrong with a handler', () => {
    const config = withMap(
      lines(`
              handlers:
                - { url: '/(a', script: a }
                - { url: /b, script: b, staticDir: c }
                - { url: /c, staticDir: c, upload: c, mimeType: text/plain }
                - { url: /d, expiration: 1h }
                - { url: /e, staticFiles: e, upload: '[', expiration: soon, login: maybe, secure: default }
                - { script: f, auth_fail_action: redirect }
                - /g
                - { url: '/(?P<name>h)', script: '\\g<nome>.py' }
                - { url: '/(i)', staticFiles: 'i/\\2' }
      `).replaceAll(/^/gm, '      '),
    );
    assert.deepEqual(problemsOf(config), [
      '7:18-23 bad-value "appengine.handlers.url": it is no regular expression (Unterminated group).',
      '8:33-42 bad-value "appengine.handlers.staticDir": it stands beside "script". → Keep one of them: a handler answers in one way.',
      '9:44-45 bad-value "appengine.handlers.upload": it means nothing without "staticFiles". → Remove it.',
      '10:22-32 bad-value "appengine.handlers.expiration": it means nothing for what is no static file. → Remove it.',
      '11:46-49 bad-value "appengine.handlers.upload": it is no regular expression (Unterminated character class).',
      '11:63-67 bad-value "appengine.handlers.expiration": "soon" is not a duration such as 4d 5h, 10m or 30s.',
      '11:76-81 bad-value "appengine.handlers.login": "maybe" is not one of optional, required, admin.',
      '11:91-98 bad-value "appengine.handlers.secure": "default" is not one of optional, always, never. → Did you mean "optional"?',
      '12:11-52 missing-key "appengine.handlers" needs "url". → For example: url: /.*',
      '12:24-40 unknown-key "auth_fail_action" is not a key of "appengine.handlers". → Did you mean "authFailAction"?',
      '13:11-13 wrong-type "appengine.handlers" takes a map, not the text "/g".',
      '14:42-55 bad-value "appengine.handlers.script": there is no group nome in "/(?P<name>h)".',
      '15:39-45 bad-value "appengine.handlers.staticFiles": there is no group 2 in "/(i)".',
    ]);
  });

  it('leaves the dollar signs and backslashes of patterns as they are', () => {
    const spec = application("      handlers: [{ url: '/a$$|${b}', script: '${c}' }]\n");
    assert.deepEqual(spec.handlers[0]?.url, '/a$$|${b}');
    assert.deepEqual(spec.handlers[0]?.serves, { kind: 'script', script: '${c}' });
  });
});

describe('how long static files may be cached', () => {
  it('is the sum of days, hours, minutes and seconds', () => {
    const seconds = ['4d 5h', '10m', '30', '1D 2H 3M 4S', '  7s '].map(expirationSeconds);
    assert.deepEqual(seconds, [363_600, 600, 30, 93_784, 7]);
    assert.deepEqual(['', 'x', '1w', '-1', '1h2m'].map(expirationSeconds), Array.from({ length: 5 }));
  });

  it('costs no more for a long text that is none', () => {
    const before = performance.now();
    assert.equal(expirationSeconds(`${'1'.repeat(50_000)}x`), undefined);
    assert.equal(expirationSeconds(`${'1 '.repeat(20_000)}x`), undefined);
    assert.ok(performance.now() - before < 1000);
  });
});
