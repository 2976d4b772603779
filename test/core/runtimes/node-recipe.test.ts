import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { readCommand } from '../../../src/core/runtimes/nodejs/command.ts';
import { node } from '../../../src/core/runtimes/node.ts';
import type { PretendedMachine } from '../../support/look.ts';
import { application } from '../../support/application.ts';
import { Machine } from './support.ts';

const usual: Readonly<Record<string, string>> = {
  '/usr/bin/node': '',
  '/usr/bin/npm': '',
  '/w/server.js': '',
};

function machine(files: Readonly<Record<string, string>>, more: PretendedMachine = {}): Machine {
  return new Machine(node, {
    ...more,
    files: { ...usual, ...files },
    says: { '/usr/bin/node --version': 'v20.5.0\n', ...more.says },
  });
}

const nvm = '/home/ann/.nvm/versions/node';

describe('a Node command', () => {
  it('is read for the script that it runs, and not where its options could mean anything', () => {
    const rows: readonly (readonly [string, string | undefined])[] = [
      ['node server.js', 'server.js'],
      ['node --import tsx dist/main.js --port 1', 'dist/main.js'],
      ['nodejs -r dotenv/config --enable-source-maps a.js', 'a.js'],
      ['node --env-file=.env --watch a.js', 'a.js'],
      ['node --max-old-space-size=512 -- a.js', 'a.js'],
      ['node -e 1', undefined],
      ['node --test a.js', undefined],
      ['node --some-new-flag value a.js', undefined],
      ['node --report-filename r.json a.js', undefined],
      ['node --trace-event-file-pattern x.log a.js', undefined],
      ['node --allow-fs-read /w a.js', undefined],
      ['node --experimental-sea-config sea.json', undefined],
      ['node --experimental-strip-types --use-openssl-ca a.ts', 'a.ts'],
      ['node inspect a.js', undefined],
      ['node', undefined],
    ];
    for (const [text, script] of rows) {
      const [program = '', ...rest] = text.split(' ');
      const command = readCommand([program, ...rest]);
      assert.equal(command.kind === 'script' ? command.script : undefined, script, text);
    }
  });
});

describe('the Node of a service', () => {
  it('is the one of the PATH where nothing asks for another, and the command stays as it is written', async () => {
    assert.deepEqual(await machine({}).plan({ command: 'node server.js' }), {
      kind: 'plan',
      command: ['node', 'server.js'],
    });
  });

  it('is of the version that the nearest file asks for, as each version manager keeps it', async () => {
    const rows: readonly (readonly [Readonly<Record<string, string>>, string])[] = [
      [
        { '/w/.nvmrc': '18', [`${nvm}/v18.2.0/bin/node`]: '', [`${nvm}/v18.20.0/bin/node`]: '' },
        `${nvm}/v18.20.0/bin`,
      ],
      [
        { '/w/.nvmrc': '18', '/w/api/.node-version': '16', [`${nvm}/v18.2.0/bin/node`]: '' },
        `${nvm}/v18.2.0/bin`,
      ],
      [
        {
          '/w/.node-version': 'v22.1.0',
          '/home/ann/.local/share/fnm/node-versions/v22.1.0/installation/bin/node': '',
        },
        '/home/ann/.local/share/fnm/node-versions/v22.1.0/installation/bin',
      ],
      [
        {
          '/w/package.json': '{"volta":{"node":"18.3.0"}}',
          '/home/ann/.volta/tools/image/node/18.3.0/bin/node': '',
        },
        '/home/ann/.volta/tools/image/node/18.3.0/bin',
      ],
      [
        {
          '/w/.tool-versions': 'ruby 3\nnodejs 16.2.0\n',
          '/home/ann/.asdf/installs/nodejs/16.2.0/bin/node': '',
        },
        '/home/ann/.asdf/installs/nodejs/16.2.0/bin',
      ],
      [
        { '/w/.nvmrc': 'lts/jod', '/home/ann/.local/share/mise/installs/node/22.4.1/bin/node': '' },
        '/home/ann/.local/share/mise/installs/node/22.4.1/bin',
      ],
      [
        { '/w/.node-version': '18', '/home/ann/.nodenv/versions/18.0.1/bin/node': '' },
        '/home/ann/.nodenv/versions/18.0.1/bin',
      ],
    ];
    for (const [files, bin] of rows) {
      const plan = await machine({ ...files, '/w/api/server.js': '' }).plan({
        command: 'node server.js',
        spec: { cwd: '/w/api' },
      });
      assert.deepEqual(plan.path, [bin], JSON.stringify(files));
    }
  });

  it('may be of another version than engines says, which is told, unless one of that version is there', async () => {
    const files = { '/w/package.json': '{\n  "engines": { "node": ">=22" }\n}' };
    const other = await machine(files).plan({ command: 'node server.js' });
    assert.deepEqual(other.warnings, ['package.json asks for Node >=22, and /usr/bin/node is 20.5.0.']);
    const there = await machine({ ...files, [`${nvm}/v22.3.0/bin/node`]: '' }).plan({
      command: 'node server.js',
    });
    assert.deepEqual([there.path, there.warnings], [[`${nvm}/v22.3.0/bin`], undefined]);
    const fine = await machine({ '/w/package.json': '{"engines":{"node":"^20"}}' }).plan({
      command: 'node server.js',
    });
    assert.equal(fine.warnings, undefined);
  });

  it('is a fault where the version that was chosen is nowhere, with the line that chooses it', async () => {
    const files = { '/w/package.json': '{\n  "engines": {},\n  "volta": {\n    "node": "18.3.0" } }' };
    const fault = await machine(files).fault({ command: 'node server.js' });
    assert.equal(fault.code, 'wrong-version');
    assert.deepEqual(fault.places, [{ file: '/w/package.json', line: 4, column: 5 }]);
    // What only its tool understands, and what cannot be asked, is no reason.
    await machine({ '/w/.nvmrc': 'lts/*' }).plan({ command: 'node server.js' });
    await machine({ '/w/.nvmrc': '18' }, { says: { '/usr/bin/node --version': 'v23.0.0-nightly' } }).plan({
      command: 'node server.js',
    });
  });

  it('is not looked for where the command names a path, or the service sets its own PATH', async () => {
    const files = { '/w/.nvmrc': '20', [`${nvm}/v20.9.0/bin/node`]: '', '/opt/node': '' };
    assert.equal((await machine(files).plan({ command: '/opt/node server.js' })).path, undefined);
    const own = { env: { PATH: '/usr/bin' } };
    assert.equal((await machine(files).plan({ command: 'node server.js', spec: own })).path, undefined);
    const other = { ...files, '/w/.nvmrc': '99' };
    assert.equal((await machine(other).plan({ command: 'node server.js', spec: own })).path, undefined);
    // Of several, any may be used.
    await machine({ '/w/.tool-versions': 'nodejs 18.0.0 20.5.0\n' }).plan({ command: 'node server.js' });
  });

  it('is the one that "interpreter" names, in the place of the command’s own word', async () => {
    const there = machine({ '/opt/n20/bin/node': '', '/w/.nvmrc': '99' });
    const spec = { interpreter: '/opt/n20/bin/node' };
    assert.equal(await there.runs({ command: 'node server.js', spec }), '/opt/n20/bin/node server.js');
    const npm = await there.plan({ command: 'npm start', spec });
    assert.deepEqual([npm.command, npm.path], [['npm', 'start'], ['/opt/n20/bin']]);
    const missing = await there.fault({ command: 'node server.js', spec: { interpreter: 'node99' } });
    assert.match(missing.message, /^node99 is not there/);
    assert.match(missing.hint ?? '', /\nIt was looked for in \/usr\/bin/);
  });

  it('that is nowhere is a fault, but not where only a shell could tell whether it is needed', async () => {
    const none = new Machine(node, { files: { '/w/server.js': '' } });
    assert.equal((await none.fault({ command: 'node server.js' })).code, 'missing-program');
    const shell = { shell: true };
    assert.equal(
      (await none.fault({ command: 'PORT=$PORT exec node server.js', spec: shell })).code,
      'missing-program',
    );
    await none.plan({ command: '. ~/.nvm/nvm.sh && nvm use && node server.js', spec: shell });
  });
});

describe('what a Node service needs', () => {
  it('is its script, with any ending that Node adds', async () => {
    const there = machine({ '/w/dist/main.js': '', '/w/folder/index.js': '' });
    for (const script of ['dist/main', 'dist/main.js', 'folder', './server.js', '/w/server.js']) {
      await there.plan({ command: `node ${script}` });
    }
    const fault = await there.fault({ command: 'node dist/none.js' });
    assert.match(fault.message, /begins with dist\/none\.js, and there is no \/w\/dist\/none\.js/);
    const build = { command: ['make'], inputs: [], outputs: [] };
    await there.plan({ command: 'node dist/none.js', spec: { build } });
  });

  it('is the script of its package.json that npm is to run', async () => {
    const there = machine({ '/w/package.json': '{"scripts":{"dev":"node server.js","build":"tsc"}}' });
    await there.plan({ command: 'npm run dev' });
    const fault = await there.fault({ command: 'npm run dve' });
    assert.equal(fault.code, 'missing-entry');
    assert.match(fault.hint ?? '', /Did you mean "dev"\? Its scripts are dev, build\./);
    for (const command of [
      'npm run x -w other',
      'npm --prefix other run x',
      'npm start',
      'npm ci',
      'npm run x --workspaces',
    ]) {
      await there.plan({ command });
    }
    const bare = new Machine(node, {
      files: { '/usr/bin/node': '', '/usr/bin/npm': '', '/w/package.json': '{}' },
    });
    assert.equal((await bare.fault({ command: 'npm start' })).code, 'missing-entry');
  });

  const manifest = (dependencies: object, scripts: object = {}): string =>
    JSON.stringify({ dependencies, scripts, devDependencies: { vite: '5' } });

  it('is what it depends on, where it certainly loads it and it is nowhere', async () => {
    const files = {
      '/w/package.json': manifest(
        { express: '4', '@ours/kit': '1' },
        { dev: 'vite', serve: 'node server.js' },
      ),
      '/w/server.js': `const path = require('node:path');\nconst app = require('./app');\n`,
      '/w/app.js': `import {\n  a,\n  b,\n} from '@ours/kit/part';\n`,
    };
    for (const command of ['node server.js', 'npm run dev', 'npm run serve', 'vite']) {
      const fault = await machine(files).fault({ command });
      assert.equal(fault.code, 'missing-dependencies', command);
      assert.equal(fault.hint, 'Run: npm install', command);
    }
    const written = '{\n  "scripts": { "express": "x" },\n  "dependencies": {\n    "express": "4" } }';
    const alone = await machine({
      ...files,
      '/w/package.json': written,
      '/w/app.js': "require('express')",
    }).fault({
      command: 'node server.js',
    });
    assert.match(
      alone.message,
      /: package\.json names the dependency "express", and there is no node_modules/,
    );
    assert.deepEqual(alone.places.at(-1), { file: '/w/package.json', line: 4, column: 5 });
    const locks = [
      ['pnpm-lock.yaml', 'pnpm install'],
      ['yarn.lock', 'yarn install'],
    ] as const;
    for (const [lock, command] of locks) {
      const fault = await machine({ ...files, [`/w/${lock}`]: '' }).fault({ command: 'node server.js' });
      assert.equal(fault.hint, `Run: ${command}`);
    }
  });

  it('is not asked for where it may be elsewhere, or may do without', async () => {
    const needy = { '/w/package.json': manifest({ express: '4' }), '/w/server.js': `import 'express';\n` };
    const elsewhere = ['/w/node_modules/', '/node_modules/', '/w/.pnp.cjs'];
    for (const path of elsewhere) await machine({ ...needy, [path]: '' }).plan({ command: 'node server.js' });
    await machine(needy, { env: { NODE_PATH: '/lib' } }).plan({ command: 'node server.js' });
    const without = [
      `const x = () => require('express');\n`,
      `import type { X } from 'express';\n`,
      `try {\n  require('express');\n} catch {}\n`,
      `// import 'express'\n`,
    ];
    for (const text of without) {
      await machine({ ...needy, '/w/server.js': text }).plan({ command: 'node server.js' });
    }
  });

  it('is not judged where something else may find its script, its packages or its tools', async () => {
    const hooked = machine({ '/w/src/index.ts': '', '/w/hook.cjs': '' });
    const deeper = manifest({ express: '4', tsx: '4' });
    const installing = (scripts: object): Readonly<Record<string, string>> => ({
      '/w/package.json': manifest({ express: '4' }, scripts),
      '/w/server.js': `import 'express';\n`,
    });
    await hooked.plan({ command: 'node -r ./hook.cjs src/index' });
    await hooked.plan({ command: 'node --import tsx src/index.js' });
    await hooked.plan({ command: 'node src/index', spec: { env: { NODE_OPTIONS: '--require ./hook.cjs' } } });
    assert.equal((await hooked.fault({ command: 'node -r dotenv/config src/index' })).code, 'missing-entry');
    await hooked.plan({ command: 'node src/app-{port}.js' });
    await machine({ '/w/package.json': '{}' }).plan({ command: 'npm run env' });
    const yaml = { '/w/package.json': '{}', '/w/api/package.yaml': '', '/usr/bin/pnpm': '' };
    await machine(yaml).plan({ command: 'pnpm run dev', spec: { cwd: '/w/api' } });
    await machine({ '/w/package.json': '{}', '/w/.npmrc': 'workspaces = true\n' }).plan({
      command: 'npm run dev',
    });
    // Its packages lie beside what is run, not where it is run.
    const below = { '/w/package.json': deeper, '/w/api/server.js': `import 'express';\n` };
    await machine({ ...below, '/w/api/node_modules/': '' }).plan({ command: 'node api/server.js' });
    assert.equal(
      (await machine(below).fault({ command: 'node api/server.js' })).code,
      'missing-dependencies',
    );
    const rows: readonly (readonly [string, object])[] = [
      ['npm start', { start: 'npm ci && node server.js' }],
      ['npm start', { prestart: 'npm install', start: 'node server.js' }],
      ['npm start', { start: 'if [ -d dist ]; then node server.js; fi' }],
      ['npm start', { start: 'serve() { node server.js; }; serve' }],
      ['npm start', { start: 'nohup node server.js' }],
      ['npm start', { start: 'local x=1 && return 0' }],
      ['npm start', { start: 'cd api && node server.js' }],
      ['npm start', { start: '[ -f x ] && vite' }],
      ['npm start', { start: 'vite || node plain.js' }],
      ['npm start', { start: 'NODE_PATH=lib node server.js' }],
      ['npm start', { start: 'node -r ./vendor.cjs server.js' }],
      ['npm ci', { ci: 'vite' }],
      ['npm start', { start: 'node-gyp build' }],
      ['pnpm install', { install: 'vite' }],
    ];
    for (const [command, scripts] of rows) {
      const there = machine({ ...installing(scripts), '/usr/bin/pnpm': '' });
      await there.plan({ command });
    }
    for (const scripts of [
      { start: 'echo hi && NODE_ENV=dev node server.js' },
      { prestart: 'vite build', start: 'x' },
    ]) {
      const fault = await machine(installing(scripts)).fault({ command: 'npm start' });
      assert.equal(fault.code, 'missing-dependencies', JSON.stringify(scripts));
    }
    // A tool that everybody has beside the Node of this version.
    await machine({
      ...installing({}),
      '/w/.nvmrc': '18',
      [`${nvm}/v18.2.0/bin/node`]: '',
      [`${nvm}/v18.2.0/bin/nodemon`]: '',
    }).plan({ command: 'nodemon server.js' });
  });

  it('is not missing where a script only seems to load it', async () => {
    const rows: readonly string[] = [
      '/*\nimport "express";\n*/\n',
      'const text = `\nrequire("express")\n`;\n',
      'require("module").Module._initPaths();\nconst e = require("express");\n',
      'require("./hook");\nconst e = require("express");\n',
      'process.chdir("x");\nconst e = require("express");\n',
      'const e = require("events");\n',
      'import "shop/lib";\n',
    ];
    const files = {
      '/w/package.json': JSON.stringify({
        name: 'shop',
        dependencies: { express: '4', events: '3', shop: '1' },
      }),
      '/w/hook.js': '',
    };
    for (const text of rows) {
      await machine({ ...files, '/w/server.js': text }).plan({ command: 'node server.js' });
    }
    const asks = 'console.log(require("fs").realpathSync(process.argv[1]))';
    const says = { [`/usr/bin/node -e ${asks} /w/server.js`]: '/kept/server.js\n' };
    const linked = { ...files, '/w/server.js': 'require("express");\n', '/kept/node_modules/': '' };
    await machine(linked, { says }).plan({ command: 'node server.js' });
    const certain = [
      `#!/usr/bin/env node\n'use strict';\n/* a\n b */\nconst fs = require('fs'), // one\n`,
      `#!/usr/bin/env node\n'use strict';\nconst fs = require('fs');\nconst { a } = require('express');\n`,
      `import fs from 'node:fs';\nimport './other.js';\nimport express, { a } from 'express';\n`,
      `import type { X } from 'x';\nexport * from 'express';\n`,
    ];
    for (const [at, text] of certain.entries()) {
      const there = machine({ ...files, '/w/server.js': text });
      if (at === 0) await there.plan({ command: 'node server.js' });
      else
        assert.equal((await there.fault({ command: 'node server.js' })).code, 'missing-dependencies', text);
    }
  });

  it('may come from its own build', async () => {
    const spec = { build: { command: ['npm', 'ci'], inputs: [], outputs: [] } };
    const files = { '/w/package.json': manifest({ express: '4' }), '/w/server.js': `import 'express';\n` };
    await machine(files).plan({ command: 'node server.js', spec });
    await machine(files).plan({ command: 'vite', spec });
  });

  it('is not Node itself, nor one of a certain version, for a tool that lies elsewhere', async () => {
    const others = { '/usr/bin/bun': '', '/usr/bin/make': '', '/w/.nvmrc': '18' };
    for (const command of ['bun run dev', 'make dev']) {
      await machine(others).plan({ command });
      await new Machine(node, { files: others }).plan({ command });
    }
    assert.equal((await machine(others).fault({ command: 'npm start' })).code, 'wrong-version');
  });

  it('is not judged behind what only a shell understands', async () => {
    const there = machine({ '/w/sub/s.js': '' });
    const rows: readonly (readonly [string, boolean | string])[] = [
      ['command node sub/s.js', true],
      ['eval node none.js', true],
      ['exec -a shop node none.js', true],
      ['nohup node none.js', true],
      ['PATH=/opt/bin node none.js', true],
      ['nonsense sub/s.js', '/usr/bin/fish'],
    ];
    for (const [command, shell] of rows) await there.plan({ command, spec: { shell } });
    const needy = { '/w/package.json': manifest({ express: '4' }), '/w/server.js': `import 'express';\n` };
    const assigned = { command: 'NODE_PATH=/opt/lib node server.js', spec: { shell: '/bin/bash' } };
    await machine(needy).plan(assigned);
    const plain = { ...assigned, command: 'NODE_ENV=test node server.js' };
    assert.equal((await machine(needy).fault(plain)).code, 'missing-dependencies');
  });

  it('is its tool, found as npm’s scripts find it', async () => {
    const plan = await machine({ '/w/node_modules/.bin/vite': '' }).plan({ command: 'vite --port {port}' });
    assert.deepEqual([plan.command, plan.path], [['vite', '--port', '{port}'], ['/w/node_modules/.bin']]);
    const fault = await machine({ '/w/node_modules/.bin/next': '' }).fault({ command: 'vite' });
    assert.equal(fault.code, 'missing-program');
    assert.match((await machine({}).fault({ command: 'pnpm dev' })).hint ?? '', /corepack enable/);
  });
});

describe('a Node application of App Engine', () => {
  const app = application({ runtime: 'nodejs20', majorVersion: 'v1' });
  const inherited = { PATH: '/usr/bin', HOME: '/home/ann', SECRET: 'ours' };
  const seven = [
    'GAE_ENV',
    'GAE_INSTANCE',
    'GAE_MEMORY_MB',
    'GAE_RUNTIME',
    'GAE_SERVICE',
    'GAE_VERSION',
    'GOOGLE_CLOUD_PROJECT',
  ];

  it('has exactly the seven variables, PORT and those of its own that are none of these (RT-13)', async () => {
    const asked = {
      command: 'node server.js',
      spec: { ...app, env: { GAE_ENV: 'mine', GREETING: 'hello' } },
    };
    const env = await machine({}).environment(asked, inherited);
    assert.deepEqual(Object.keys(env).toSorted(), [...seven, 'GREETING', 'PORT'].toSorted());
    assert.deepEqual([env['GAE_ENV'], env['GOOGLE_CLOUD_PROJECT']], ['localdev', 'market']);
    assert.equal(await machine({}).runs(asked), '/usr/bin/node server.js', 'found without a PATH');
  });

  it('has no PATH where the system finds Node without one, and else one to Node alone (RT-13)', async () => {
    const start = { command: 'npm start', spec: app };
    const env = await machine({}).environment(start, inherited);
    assert.deepEqual(Object.keys(env).toSorted(), [...seven, 'PORT'].toSorted());
    assert.equal(await machine({}).runs(start), '/usr/bin/npm start');
    const kept = machine({
      '/w/.nvmrc': '22',
      [`${nvm}/v22.3.0/bin/node`]: '',
      [`${nvm}/v22.3.0/bin/npm`]: '',
    });
    assert.equal((await kept.environment(start, inherited))['PATH'], `${nvm}/v22.3.0/bin:/bin:/usr/bin`);
    assert.equal(await kept.runs(start), `${nvm}/v22.3.0/bin/npm start`);
  });

  it('is run by the Node of our PATH, whatever PATH its own variables say (RT-13)', async () => {
    const spec = { ...app, env: { PATH: '/app/bin' } };
    const ours = { inherited: { PATH: '/usr/bin' }, env: { PATH: '/usr/bin' } };
    assert.equal(
      await machine({}, ours).runs({ command: 'node server.js', spec }),
      '/usr/bin/node server.js',
    );
    assert.equal(await machine({}, ours).runs({ command: 'npm start', spec }), '/usr/bin/npm start');
    const other = { ...ours, inherited };
    const env = await machine({ '/app/bin/node': '' }, other).environment(
      { command: 'npm start', spec },
      inherited,
    );
    assert.equal(env['PATH'], '/app/bin', 'which is what the application is told');
  });

  it('is debugged by an argument of its own Node, or by NODE_OPTIONS beside the seven', async () => {
    const aims = { debugPort: 9229 };
    const direct = { command: 'node server.js', spec: app, aims };
    assert.equal(await machine({}).runs(direct), '/usr/bin/node --inspect=127.0.0.1:9229 server.js');
    const env = await machine({}).environment({ command: 'npm start', spec: app, aims }, inherited);
    assert.equal(env['NODE_OPTIONS'], '--inspect=127.0.0.1:0');
  });
});
