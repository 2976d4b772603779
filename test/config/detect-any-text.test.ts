import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { withPort } from '../../src/config/detect/port-flag.ts';
import { starterOf } from '../../src/config/detect/starter.ts';
import { loadConfig } from '../../src/config/load.ts';
import { folderOf, machineOf, packageJson } from './detecting.ts';

const paths = [
  ...['package.json', 'pnpm-workspace.yaml', 'requirements.txt', 'app.py', 'manage.py', 'go.mod', 'main.go'],
  ...[
    'cmd/x/main.go',
    'pom.xml',
    'build.gradle',
    'composer.json',
    'public/index.php',
    'Gemfile',
    'config.ru',
  ],
  ...['bin/rails', 'web/package.json', "it's/Gemfile", 'a b/go.mod', 'packages/x/package.json', 'Main.java'],
];
const texts = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.constantFrom(
    ...['package main', 'app = FastAPI()', 'app = Flask(__name__)', 'PORT', '<artifactId>a</artifactId>'],
    packageJson({ dev: 'vite', start: 'node "x' }, ['express'], { workspaces: ['packages/*', '*', '**'] }),
    '{"scripts": {"dev": {"a": 1}, "start": "npm run start"}, "workspaces": ["../..", 1], "packageManager": 2}',
    'packages: [a, {b: c}, "packages/*"]',
    'gem "puma"',
  ),
);
const folders = fc.dictionary(fc.constantFrom(...paths), texts, { maxKeys: 8 });

test('whatever is in a folder, the first config for it can be read, and each of its services be run', () => {
  fc.assert(
    fc.property(folders, (files) => {
      const machine = machineOf(files);
      const { text } = starterOf({ ...machine, folder: '/w', windows: false });
      const config = loadConfig({
        ...machine,
        folder: '/w',
        files: [{ path: '/w/runtimes.yaml', text }],
        environment: {},
        recipes: [],
      });
      assert.deepEqual(config.problems, []);
      assert.ok(config.services.length > 0);
      for (const { command } of config.services) assert.notEqual(command[0] ?? '', '');
    }),
  );
});

test('whatever a command and a script are, the words of the command stay, in their order', () => {
  const words = fc.constantFrom(
    ...['npm', 'run', 'dev', '--', 'npx', 'vite', 'python3', '-m', 'flask', 'env', 'A=b', 'PORT=1', '&&', ''],
    ...[
      '{port}',
      '"',
      'next',
      'bundle',
      'exec',
      'rails',
      's',
      '-p',
      'java',
      '-jar',
      'x.jar',
      'cross-env',
      'yarn',
    ],
  );
  const commands = fc.array(words, { maxLength: 8 });
  fc.assert(
    fc.property(commands, commands, (command, script) => {
      const folder = folderOf({ 'package.json': packageJson({ dev: script.join(' ') }) });
      const told = withPort(command, folder);
      let at = 0;
      for (const word of told) if (word === command[at]) at += 1;
      assert.equal(at, command.length);
    }),
  );
});
