/** Node services under a whole runtime: what is started, with which Node, and what is said where something is missing. */

import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import test from 'node:test';
import { Project } from './project-support.ts';

const server = `
import { createServer } from 'node:http';
createServer((request, response) => {
  response.end(JSON.stringify({ version: process.version, env: process.env, argv: process.argv }));
}).listen(Number(process.env.PORT), '127.0.0.1');
`;
/** Runs whatever else does not. */
const witness = `  witness: { command: node server.mjs }`;

interface Told {
  readonly version: string;
  readonly env: Readonly<Record<string, string>>;
}

const told = (text: string): Told => JSON.parse(text) as Told;

/** The Node that runs this test, as a version manager would have installed it. */
async function installedAs(project: Project, version: string): Promise<string> {
  const path = `home/.nvm/versions/node/v${version}/bin/node`;
  await project.write({ [`${path}.txt`]: '' });
  await symlink(process.execPath, project.at(path));
  return dirname(project.at(path));
}

test('a Node server answers, started as its file says it', async (t) => {
  const project = await Project.of(t, {
    'server.mjs': server,
    'runtimes.yaml': `services:\n  web: { command: node server.mjs }\n`,
  });
  await project.start();
  const { env } = told(await project.answer('web'));
  assert.equal(env['HOME'], project.at('home'), 'all of our environment is inherited');
});

test('a script of npm and a tool of the dependencies are started as npm starts them', async (t) => {
  const project = await Project.of(t, {
    'package.json': JSON.stringify({ scripts: { dev: 'node server.mjs' }, devDependencies: { tool: '1' } }),
    'node_modules/.bin/tool': '#!/usr/bin/env node\nimport("${folder}/server.mjs");\n',
    'server.mjs': server,
    'runtimes.yaml': `services:\n  script: { command: npm run dev }\n  tool: { command: tool, runtime: node }\n`,
  });
  await project.start();
  assert.match(told(await project.answer('script')).version, /^v\d/);
  assert.match(told(await project.answer('tool')).version, /^v\d/);
});

test('the Node that .nvmrc asks for is the one that runs, before the one of the PATH', async (t) => {
  const project = await Project.of(t, {
    '.nvmrc': '99\n',
    'server.mjs': server,
    'runtimes.yaml': `services:\n  web: { command: node server.mjs }\n`,
  });
  const bin = await installedAs(project, '99.1.0');
  await project.start();
  const { env } = told(await project.answer('web'));
  assert.equal(env['PATH']?.split(':')[0], bin);
});

test('a Node of another version than .nvmrc asks for is not started; the fault names both and the line, and it starts by itself once the version is there', async (t) => {
  const project = await Project.of(t, {
    'web/.nvmrc': '# ours\n99\n',
    'web/server.mjs': server,
    'server.mjs': server,
    'runtimes.yaml': `services:\n  web: { command: node server.mjs, cwd: web }\n${witness}\n`,
  });
  await project.start();
  const fault = await project.fault('web');
  assert.equal(fault.code, 'wrong-version');
  assert.match(fault.message, /^web\/\.nvmrc asks for Node 99, and \/\S+ is \d+\.\d+\.\d+\.$/);
  assert.match(fault.hint ?? '', /nvm install 99/);
  assert.deepEqual(
    fault.places.filter(({ file }) => file.endsWith('.nvmrc')),
    [{ file: project.at('web/.nvmrc'), line: 2, column: 1 }],
  );
  assert.ok(await project.answer('witness'), 'the rest runs on');
  await installedAs(project, '99.2.0');
  assert.ok(await project.mended('web'));
});

test('without Node on the PATH the fault says where it was looked for and what to install', async (t) => {
  const project = await Project.of(
    t,
    {
      'runtimes.yaml': `services:
  web: { command: node server.mjs }
  other: { command: /bin/sleep 60, handshake: none }
`,
    },
    { PATH: '/nowhere/bin:/nowhere/sbin' },
  );
  await project.start();
  const fault = await project.fault('web');
  assert.equal(fault.code, 'missing-program');
  assert.equal(fault.message, 'node is not there.');
  assert.match(fault.hint ?? '', /\nIt was looked for in .*\/nowhere\/bin, \/nowhere\/sbin/);
  assert.match(fault.hint ?? '', /https:\/\/nodejs\.org/);
  await project.reach('RUNNING', 'other');
});

test('a script that is not there is named with its path, and the service starts by itself once it is', async (t) => {
  const project = await Project.of(t, {
    'server.mjs': server,
    'runtimes.yaml': `services:\n  web: { command: node --enable-source-maps dist/main.mjs }\n${witness}\n`,
  });
  await project.start();
  const fault = await project.fault('web');
  assert.equal(fault.code, 'missing-entry');
  assert.ok(fault.message.includes(project.at('dist/main.mjs')), fault.message);
  assert.ok(await project.answer('witness'));
  await project.write({ 'dist/main.mjs': server });
  assert.ok(await project.mended('web'));
});

test('dependencies that are not installed are told with the command that installs them, and their coming starts the service', async (t) => {
  const project = await Project.of(t, {
    'api/package.json': JSON.stringify({ type: 'module', dependencies: { greeter: '1.0.0' } }),
    'api/package-lock.json': '{}',
    'api/server.mjs': `import './talk.mjs';\n${server}`,
    'api/talk.mjs': `import { greet } from 'greeter';\ngreet();\n`,
    'server.mjs': server,
    'runtimes.yaml': `services:\n  api: { command: node server.mjs, cwd: api }\n${witness}\n`,
  });
  await project.start();
  const fault = await project.fault('api');
  assert.equal(fault.code, 'missing-dependencies');
  assert.match(fault.message, /api\/package\.json names the dependency "greeter"/);
  assert.equal(fault.hint, 'Run: cd api && npm install');
  assert.ok(await project.answer('witness'));
  await project.write({
    'api/node_modules/greeter/package.json': '{ "type": "module", "main": "index.js" }',
    'api/node_modules/greeter/index.js': 'export const greet = () => {};\n',
  });
  assert.ok(await project.mended('api'));
});

test('a Node service that is debugged listens for its debugger, which answers', async (t) => {
  const project = await Project.of(t, {
    'server.mjs': server,
    'package.json': JSON.stringify({ scripts: { dev: 'node server.mjs' } }),
    'runtimes.yaml': `services:\n  web: { command: node server.mjs }\n  script: { command: npm run dev }\n`,
  });
  await project.start(true);
  for (const service of ['web', 'script']) {
    const { host, port } = await project.debugger(service);
    const targets = (await (await fetch(`http://${host}:${port}/json`)).json()) as readonly {
      type: string;
    }[];
    assert.equal(targets[0]?.type, 'node', service);
  }
});

test('an interpreter that the file names stands in the place of the command’s own word for it', async (t) => {
  const project = await Project.of(t, {
    'bin/our-node': `#!/bin/sh\nOURS=yes exec ${process.execPath} "$@"\n`,
    'server.mjs': server,
    'runtimes.yaml': `services:\n  web: { command: node server.mjs, interpreter: bin/our-node }\n`,
  });
  await project.start();
  assert.equal(told(await project.answer('web')).env['OURS'], 'yes');
});
