import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Config, ServiceSpec } from '../../src/config/spec.ts';
import { lines, main, problemsOf, read } from './reading.ts';

const shop = 'services:\n  shop: { command: node shop.js }\n';

/** Our file, and a `backends.yaml` beside it. */
function withFile(backends: string, own = `${shop}backends: backends.yaml\n`): Config {
  return read(own, { others: { '/w/backends.yaml': backends } });
}

function byName(config: Config, name: string): ServiceSpec {
  const found = config.services.find((each) => each.name === name);
  assert.ok(found, `${name} is a service`);
  return found;
}

const names = (config: Config): readonly string[] => config.services.map(({ name }) => name);

describe('the backends of an application', () => {
  it('are nothing at all where none are asked for, and where the file is missing (MP-1, MP-6)', () => {
    for (const text of [shop, `${shop}backends: {}\n`, `${shop}backends: { app: shop }\n`]) {
      const config = read(text);
      assert.deepEqual(problemsOf(config), []);
      assert.equal(config.topology, undefined);
      assert.deepEqual(
        config.services.map(({ name, role, ports }) => ({ name, role, ports })),
        [{ name: 'shop', role: 'service', ports: undefined }],
      );
    }
  });

  it('become services with ports from the layout, the balancer’s being what is published (MP-3)', () => {
    const config = withFile(
      'backends:\n- name: reports\n  instances: 2\n- name: mail\n',
      `${shop}backends: { minPort: 9000 }\napi: { command: store }\n`,
    );
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(
      config.services.map(({ name, role, ports, publish }) => ({ name, role, ports, publish })),
      [
        { name: 'api-server', role: 'api-server', ports: [9300], publish: 'auto' },
        { name: 'shop', role: 'app', ports: [9000], publish: 'auto' },
        { name: 'reports', role: 'backend', ports: [9100, 9101], publish: 9199 },
        { name: 'mail', role: 'backend', ports: [9200], publish: 9299 },
      ],
    );
    assert.deepEqual(config.topology, {
      app: 'shop',
      minPort: 9000,
      source: { file: main, line: 3, column: 1, endLine: 3, endColumn: 9 },
    });
    assert.deepEqual(config.files, [main, '/w/backends.yaml'], 'a change of either is noticed');
  });

  for (const minPort of ['', 'minPort: 0, ']) {
    const said = minPort === '' ? 'where none is written' : 'with a minimum port of 0';
    it(`have no fixed ports ${said}, nor has the API server, so that two checkouts can run`, () => {
      const config = read(`${shop}api: { command: store }\nbackends: { ${minPort}list: [{ name: a }] }\n`);
      assert.deepEqual(problemsOf(config), []);
      assert.deepEqual(
        config.services.map(({ ports, publish }) => [ports, publish]),
        [
          [undefined, 'auto'],
          [undefined, 'auto'],
          [undefined, 'auto'],
        ],
      );
      assert.equal(config.topology?.minPort, 0);
    });
  }

  it('have their ports from one key, at which a problem with any of them stands', () => {
    const config = read(
      lines(`
        api: { command: store, publish: 7000 }
        services: { shop: { command: x, publish: 8000 } }
        backends:
          minPort: 9000
          list: [{ name: a }]
      `),
    );
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(
      config.services.map(({ name, keys }) => [name, keys['port']?.line, keys['publish']?.line]),
      [
        ['api-server', 4, 1],
        ['shop', 4, 2],
        ['a', 4, 4],
      ],
    );
  });

  it('have what the application has, and what is said of each', () => {
    const config = read(
      lines(`
        services:
          db: { command: db }
          shop:
            command: node shop.js
            env: { LEVEL: high }
            profile: appengine
            scaling: { kind: automatic, maxInstances: 3 }
            affinity: none
            drainSeconds: 2
            dependsOn: [db, reports]
            logFile: shop.log
            appengine: { handlers: [{ url: /.* }] }
        backends:
          app: shop
          list:
            - { name: reports, class: b8, options: 'failfast, dynamic', start: go.app, instances: 20 }
            - { name: idle, state: STOP, options: public, maxConcurrentRequests: 4 }
      `),
    );
    assert.deepEqual(problemsOf(config), []);
    const reports = byName(config, 'reports');
    assert.deepEqual(reports.backend, {
      name: 'reports',
      class: 'B8',
      public: false,
      dynamic: true,
      failFast: true,
      index: 1,
    });
    assert.deepEqual(reports.command, ['node', 'shop.js']);
    assert.deepEqual(reports.env, { LEVEL: 'high' });
    assert.equal(reports.instances, 20, 'exactly 20 are allowed');
    assert.equal(reports.scaling, undefined);
    assert.equal(reports.logFile, undefined, 'two services do not write one file');
    assert.deepEqual(reports.dependsOn, { db: 'ready' }, 'a backend that the app waits for waits for none');
    assert.equal(reports.requests.concurrency, 1);
    assert.equal(reports.requests.drainMs, 2000);
    assert.equal(reports.appengine?.module, 'reports');
    assert.deepEqual(
      reports.appengine?.handlers.map(({ url, serves, login }) => ({ url, serves, login })),
      [
        { url: '/_ah/start', serves: { kind: 'script', script: 'go.app' }, login: 'admin' },
        { url: '/.*', serves: { kind: 'script' }, login: 'optional' },
      ],
    );
    assert.equal(reports.source.line, 16);
    const idle = byName(config, 'idle');
    assert.deepEqual(
      [idle.autostart, idle.requests.concurrency, idle.backend?.public, idle.instances],
      [false, 4, true, 1],
      'unset means one instance',
    );
    assert.deepEqual(byName(config, 'shop').dependsOn, { db: 'ready', reports: 'ready' });
  });

  it('keep the ports of a handshake that chooses them itself out of the layout, but not the balancer’s', () => {
    const text =
      'services:\n  shop: { command: x, handshake: stdout }\nbackends: { minPort: 9000, list: [{ name: a }] }\n';
    const config = read(text);
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(
      config.services.map(({ ports, publish }) => [ports, publish]),
      [
        [undefined, 'auto'],
        [undefined, 9199],
      ],
    );
  });

  it('may be named wherever services are', () => {
    const config = read(
      lines(`
        services: { shop: { command: x, dependsOn: [a] } }
        groups: { all: [shop, a] }
        frontDoor: { routes: { /a: a }, dispatch: [{ url: '*/b/*', service: a }] }
        backends: { list: [{ name: a }] }
      `),
    );
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(config.frontDoor.routes, { '/a': 'a' });
    assert.deepEqual(
      config.groups?.map(({ services }) => services),
      [['shop', 'a']],
    );
  });
});

describe('what App Engine refuses of backends', () => {
  const cases: Readonly<
    Record<string, readonly [text: string, said: readonly string[], left: readonly string[]]>
  > = {
    'is a name twice (MP-6)': [
      '- { name: a }\n- { name: b }\n- { name: a }',
      ['4:11-12 backends-error Duplicate backend: a → Give one of the two another name.'],
      ['a', 'b'],
    ],
    'is more than 20 instances (MP-6)': [
      '- { name: a, instances: 21 }\n- { name: b, instances: 20 }',
      ['2:25-27 backends-error Maximum number of instances is 20 → Set "instances" to 20 or less.'],
      ['b'],
    ],
    'is an option that there is none of (MP-6)': [
      "- { name: a, options: 'public, fast' }\n- { name: b, options: failfst }\n- { name: c, options: 'public,dynamic' }\n- { name: d, options: fastfail }",
      [
        '2:23-37 backends-error Unrecognized option: fast → The options are public, dynamic and failfast.',
        '3:23-30 backends-error Unrecognized option: failfst → Did you mean "failfast"?',
        '5:23-31 backends-error Unrecognized option: fastfail → Did you mean "failfast"?',
      ],
      ['c'],
    ],
    'is an option as a field (MP-6)': [
      '- { name: a, failfast: true, public: false, dynamic: true }',
      [
        '2:14-22 backends-error Illegal field: \'failfast\' → Write "options: failfast" instead.',
        '2:30-36 backends-error Illegal field: \'public\' → Write "options: public" instead.',
        '2:45-52 backends-error Illegal field: \'dynamic\' → Write "options: dynamic" instead.',
      ],
      [],
    ],
    'is a bad name (MP-6)': [
      '- { name: -a }\n- { name: Big }\n- { name: a_b }\n- { name: a-b- }\n- {}',
      [
        '2:11-13 bad-value "backends.name": "-a" is not a name of lower-case letters, digits and -.',
        '3:11-14 bad-value "backends.name": "Big" is not a name of lower-case letters, digits and -.',
        '4:11-14 bad-value "backends.name": "a_b" is not a name of lower-case letters, digits and -.',
        '6:3-5 missing-key A backend needs "name". → For example: name: reports',
      ],
      ['a-b-'],
    ],
    'is a class that there is none of': [
      '- { name: a, class: B3 }\n- { name: b, class: b4_1G }',
      [
        '2:21-23 bad-value "backends.class": "B3" is not one of B1, B2, B4, B8, B4_1G, b1, b2, b4, b8, b4_1G. → Did you mean "B1"?',
      ],
      ['b'],
    ],
    'are two clauses in one document (MP-6)': [
      '- { name: a }\nbackends:\n- { name: b }',
      ["3:1-9 backends-error Only one 'backends' clause is allowed. → The first one counts."],
      ['a'],
    ],
    'are two clauses in two documents (MP-6)': [
      '- { name: a }\n---\nbackends:\n- { name: b }',
      ["3:1-4 backends-error Only one 'backends' clause is allowed. → The first one counts."],
      ['a'],
    ],
  };
  for (const [title, [text, said, left]] of Object.entries(cases)) {
    it(title, () => {
      const config = withFile(`backends:\n${text}\n`);
      assert.deepEqual(
        problemsOf(config),
        said.map((line) => `/w/backends.yaml ${line}`),
      );
      assert.deepEqual(names(config), ['shop', ...left]);
    });
  }

  it('moves no port of the others', () => {
    const config = withFile(
      'backends:\n- { name: A }\n- { name: b }\n',
      `${shop}backends: { minPort: 9000 }\n`,
    );
    assert.deepEqual(byName(config, 'b').ports, [9200]);
  });

  it('is no name of up to a hundred letters', () => {
    const config = withFile(`backends:\n- { name: ${'a'.repeat(100)} }\n- { name: ${'b'.repeat(101)} }\n`);
    assert.deepEqual(names(config), ['shop', 'a'.repeat(100)]);
  });
});

describe('backends that do not fit the rest of the file', () => {
  const cases: Readonly<Record<string, readonly [text: string, said: readonly string[]]>> = {
    'whose application is not told, where there are several': [
      'services: { a: { command: x }, b: { command: y } }\nbackends: { list: [{ name: c }] }\n',
      ['2:1-9 missing-key "backends" needs "app". → For example: backends: { app: a }'],
    ],
    'whose application is told by a misspelt key': [
      'services: { a: { command: x }, b: { command: y } }\nbackends: { ap: a, list: [{ name: c }] }\n',
      ['2:13-15 unknown-key "ap" is not a key of "backends". → Did you mean "app"?'],
    ],
    'whose application does not exist': [
      `${shop}backends: { app: shp, list: [{ name: c }] }\n`,
      ['3:18-21 unknown-service There is no service "shp". → Did you mean "shop"?'],
    ],
    'whose application has no port': [
      'services: { a: { command: x, handshake: none } }\nbackends: { list: [{ name: c }] }\n',
      [
        '2:1-9 bad-value "backends.app": "a" has "handshake: none", so there is no port to send requests to. → Name a service that answers requests.',
      ],
    ],
    'that are both in a file and listed': [
      `${shop}backends: { file: b.yaml, list: [{ name: c }] }\n`,
      ['3:19-25 bad-value "backends.file": the backends are listed here already. → Remove "file" or "list".'],
    ],
    'whose file was named and is missing': [
      `${shop}backends: b.yaml\n`,
      [
        '3:11-17 file-unreadable Cannot read b.yaml: there is no such file, or it may not be read. → Check that the file exists and that you may read it.',
      ],
    ],
    'with the name of a service': [
      `${shop}backends: { list: [{ name: shop }] }\n`,
      [
        '3:28-32 bad-value "name": "shop" is the name of a service already. → Give one of the two another name.',
      ],
    ],
    'beyond the last port': [
      `${shop}backends: { minPort: 65500, list: [{ name: c }] }\n`,
      [
        '3:22-27 bad-value "backends.minPort": with 1 backends the ports would end at 65700. → Begin at a lower port: none is above 65535.',
      ],
    ],
    'whose ports others want': [
      lines(`
        services: { shop: { command: x }, a: { command: x, publish: 9100 }, b: { command: y, port: 9199 } }
        frontDoor: { port: 9000 }
        backends: { app: shop, minPort: 9000, list: [{ name: c }] }
      `),
      [
        '1:61-65 bad-value "publish": 9100 is already the port of "c". → Give one of the two another number.',
        '1:92-96 bad-value "port": 9199 is already the port of "c". → Give one of the two another number.',
        '2:20-24 bad-value "frontDoor.port": 9000 is already the port of "shop". → Give one of the two another number; "minPort" of "backends" moves the others.',
      ],
    ],
    'that are something else': [
      `${shop}backends: [a]\n`,
      ['3:11-14 wrong-type "backends" takes a path, or a map with app, file, list and minPort, not a list.'],
    ],
  };
  for (const [title, [text, said]] of Object.entries(cases)) {
    it(`${title} are told so at their place`, () => assert.deepEqual(problemsOf(read(text)), said));
  }
});
