import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { dispatchUrl } from '../../src/config/dispatch-url.ts';
import { main, problemsOf, read } from './reading.ts';

const services =
  'services:\n  web: { command: x }\n  api: { command: y }\n  job: { command: z, handshake: none }\n';
const withFile = (file: string, own = 'frontDoor: { dispatch: conf/dispatch.yaml }\n') =>
  read(services + own, { others: { '/w/conf/dispatch.yaml': file } });

describe('the URL of a dispatch rule', () => {
  const understood: Readonly<Record<string, string>> = {
    '*/api/*': 'host ends with "", path begins with "/api/"',
    'api.example.com/*': 'host is "api.example.com", path begins with "/"',
    '*.example.com/v1': 'host ends with ".example.com", path is "/v1"',
    '*-dot.example.com/v1*': 'host ends with "-dot.example.com", path begins with "/v1"',
    '*/': 'host ends with "", path is "/"',
    'localhost/a/b': 'host is "localhost", path is "/a/b"',
  };
  for (const [url, means] of Object.entries(understood)) {
    it(`${url}: ${means} (IN-52)`, () => {
      const read_ = dispatchUrl(url);
      assert.ok(typeof read_ !== 'string', JSON.stringify(read_));
      const host = `host ${read_.hostIsExact ? 'is' : 'ends with'} "${read_.host}"`;
      assert.equal(`${host}, path ${read_.pathIsExact ? 'is' : 'begins with'} "${read_.path}"`, means);
    });
  }

  const refused: Readonly<Record<string, RegExp>> = {
    'api.example.com': /it has no path/,
    '/api/*': /it has no host/,
    'api.*.com/': /a star in the host may only stand at its beginning/,
    '**/x': /a star in the host/,
    '*/a/*/b': /a star in the path may only stand at its end/,
    '*/a**': /a star in the path/,
    '-a.com/x': /is no name of a host/,
    'a..b/x': /is no name of a host/,
    'UPPER.com/x': /is no name of a host/,
    'http://a.com/x': /is no name of a host/,
    'a.com:80/x': /is no name of a host/,
    '127.0.0.1/x': /an address of numbers/,
    [`${'a'.repeat(100_000)}!/x`]: /longer than 1000 letters/,
  };
  for (const [url, why] of Object.entries(refused))
    it(`${url.slice(0, 40)} is refused`, () => assert.match(JSON.stringify(dispatchUrl(url)), why));
});

describe('dispatch rules', () => {
  it('stand in the file itself, in their order', () => {
    const config = read(
      `${services}frontDoor:\n  dispatch:\n    - { url: '*/api/*', service: api }\n    - { url: '*/*', service: web }\n`,
    );
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(
      config.frontDoor.dispatch.map(({ url, service, source }) => [url, service, source.line]),
      [
        ['*/api/*', 'api', 7],
        ['*/*', 'web', 8],
      ],
    );
    assert.deepEqual(config.files, [main]);
  });

  it('or in a dispatch.yaml, which may call a service a module, and whose change is noticed', () => {
    const config = withFile(
      "application: x\ndispatch:\n- url: '*/api/*'\n  module: api\n- { url: a.b/c, service: web }\n",
    );
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(
      config.frontDoor.dispatch.map(({ url, service, source }) => [url, service, source.file, source.line]),
      [
        ['*/api/*', 'api', '/w/conf/dispatch.yaml', 3],
        ['a.b/c', 'web', '/w/conf/dispatch.yaml', 5],
      ],
    );
    assert.deepEqual(config.files, [main, '/w/conf/dispatch.yaml']);
  });

  it('may name the module of an application instead of its service', () => {
    const config = read(
      "services: { web: { command: x, profile: appengine, appengine: { module: default } } }\nfrontDoor: { dispatch: [{ url: '*/*', service: default }] }\n",
    );
    assert.deepEqual(problemsOf(config), []);
    assert.equal(config.frontDoor.dispatch[0]?.service, 'web');
  });

  it('that lead nowhere are told at their place, in the file they stand in, and the others stand', () => {
    const config = withFile(
      "dispatch:\n- { url: '*/a', module: wob }\n- { url: a, service: web }\n- { service: web }\n- { url: '*/b' }\n- { url: '*/c', service: job }\n- { url: '*/d', service: api }\n",
    );
    const file = '/w/conf/dispatch.yaml';
    assert.deepEqual(problemsOf(config), [
      `${file} 2:25-28 unknown-service There is no service "wob". → Did you mean "web"?`,
      `${file} 3:10-11 bad-value "dispatch.url": it has no path: a host and a path are needed, such as */api/*.`,
      `${file} 4:3-19 missing-key A rule of dispatch.yaml needs "url". → For example: url: ""`,
      `${file} 5:3-17 missing-key A rule of dispatch.yaml needs "service". → For example: service: api`,
      `${file} 6:26-29 bad-value "dispatch": "job" has "handshake: none", so there is no port to send requests to.`,
    ]);
    assert.deepEqual(
      config.frontDoor.dispatch.map(({ service }) => service),
      ['api'],
    );
  });

  it('in our own file have no modules', () => {
    const config = read(`${services}frontDoor: { dispatch: [{ url: '*/*', module: web }] }\n`);
    assert.deepEqual(problemsOf(config), [
      '5:25-52 missing-key "frontDoor.dispatch" needs "service". → For example: service: api',
      '5:39-45 unknown-key "module" is not a key of "frontDoor.dispatch". → Did you mean "service"?',
    ]);
  });

  it('of a file that is missing, or no list, are none', () => {
    assert.deepEqual(problemsOf(read(`${services}frontDoor: { dispatch: d.yaml }\n`)), [
      '5:24-30 file-unreadable Cannot read d.yaml: there is no such file, or it may not be read. → Check that the file exists and that you may read it.',
    ]);
    assert.deepEqual(problemsOf(withFile('dispatch: web\nrules: []\n')), [
      '/w/conf/dispatch.yaml 1:11-14 wrong-type "dispatch" takes a list, not a text.',
      '/w/conf/dispatch.yaml 2:1-6 unknown-key "rules" is not a key of this file.',
    ]);
    assert.deepEqual(problemsOf(withFile('- a\n')), [
      '/w/conf/dispatch.yaml 1:1-4 wrong-type "conf/dispatch.yaml" takes a map with "dispatch", not a list. → Begin with "dispatch:" and the list below it.',
    ]);
    assert.deepEqual(problemsOf(withFile('')), []);
  });
});

describe('host names that are let in', () => {
  it('are names, with stars for one level or any before them (HP-45)', () => {
    const config = read(
      `${services}frontDoor: { allowedHosts: [a.test, '*.b.test', '**.C.test', 192.168.1.5, '[fe80::1]'] }\n`,
    );
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(config.frontDoor.allowedHosts, [
      'a.test',
      '*.b.test',
      '**.c.test',
      '192.168.1.5',
      '[fe80::1]',
    ]);
  });

  it('are no longer than a name can be', () => {
    const config = read(`${services}frontDoor: { allowedHosts: [${'a'.repeat(256)}] }\n`);
    assert.equal(config.problems.length, 1);
  });

  it('are never all, nor addresses with more than a name', () => {
    const config = read(
      `${services}frontDoor: { allowedHosts: ['*', 'a.test:80', 'http://a.test', 'a.*.test'] }\n`,
    );
    const way = 'Write it without scheme, port and path, such as example.test or *.example.test.';
    assert.deepEqual(problemsOf(config), [
      '5:29-32 bad-value "frontDoor.allowedHosts": "*" is no name of a host. → Every page on the web could then reach your services under a name of its own. Name the hosts: *.example.test',
      `5:34-45 bad-value "frontDoor.allowedHosts": "a.test:80" is no name of a host. → ${way}`,
      `5:47-62 bad-value "frontDoor.allowedHosts": "http://a.test" is no name of a host. → ${way}`,
      `5:64-74 bad-value "frontDoor.allowedHosts": "a.*.test" is no name of a host. → ${way}`,
    ]);
    assert.deepEqual(config.frontDoor.allowedHosts, []);
  });
});
