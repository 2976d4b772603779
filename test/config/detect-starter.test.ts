import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { gathered } from '../../src/config/detect/gather.ts';
import { starterOf } from '../../src/config/detect/starter.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { RecipeDefinition } from '../../src/config/registered.ts';
import { type Files, machineOf, packageJson } from './detecting.ts';
import { problemsOf } from './reading.ts';

const looked = (files: Files, recipes: readonly RecipeDefinition[] = []) => ({
  ...machineOf(files),
  folder: '/w',
  windows: false,
  recipes,
});
const starter = (files: Files): string => starterOf(looked(files)).text;
/** The lines below `services:`, without those that are only suggested. */
const services = (files: Files): string =>
  (starter(files).split('services:\n')[1] ?? '')
    .split('\n')
    .filter((line) => !line.startsWith('    #'))
    .join('\n');
/** What the text means, once it is read. */
const read = (files: Files, text = starter(files)) =>
  loadConfig({
    ...machineOf({ ...files, 'runtimes.yaml': text }),
    folder: '/w',
    files: [{ path: '/w/runtimes.yaml', text }],
    environment: {},
    recipes: [],
  });

const shop: Files = {
  'package.json': packageJson({ dev: 'turbo run dev' }, [], {
    workspaces: ['packages/*', '!packages/old', 'tools'],
  }),
  'pnpm-lock.yaml': '',
  'packages/web/package.json': packageJson({ dev: 'next dev' }),
  'packages/lib/package.json': packageJson({ build: 'tsc' }),
  'packages/old/package.json': packageJson({ dev: 'vite' }),
  'tools/package.json': packageJson({ start: 'tsc -w' }),
  'api/requirements.txt': 'fastapi',
  'api/main.py': 'app = FastAPI()',
  'api/web/package.json': packageJson({ dev: 'vite' }),
  'node_modules/x/package.json': packageJson({ dev: 'vite' }),
  'vendor/y/composer.json': '{}',
  '.hidden/manage.py': '',
  'myenv/pyvenv.cfg': '',
  'myenv/manage.py': '',
  'worker/go.mod': 'module worker',
  'worker/cmd/send/main.go': 'package main',
  'worker/cmd/clean/main.go': 'package main',
  // A part of something above, and no project of its own.
  'app/main.py': 'app = FastAPI()',
};

describe('the first config of a folder', () => {
  it('runs the script a package.json has for development, and says why', () => {
    assert.equal(
      services({ 'package.json': packageJson({ test: 'x', start: 'node .', dev: 'vite' }) }),
      ['  # package.json has a script "dev" (Vite)', '  web:', '    command: npm run dev', ''].join('\n'),
    );
  });

  it('has a service for each language that is seen', () => {
    const files = {
      'manage.py': '',
      'go.mod': '',
      'main.go': 'package main',
      'Cargo.toml': '',
      'src/main.rs': '',
    };
    assert.deepEqual(
      read(files).services.map(({ name, command, runtime }) => [name, command.join(' '), runtime]),
      [
        ['django', 'python3 manage.py runserver 127.0.0.1:{port} --noreload', 'python'],
        ['go', 'go run .', 'go'],
        ['rust', 'cargo run', 'custom'],
      ],
    );
  });

  it('has the services of the folders below it and of the packages it names, and not of what was built or brought along', () => {
    assert.equal(
      services(shop),
      [
        '  # app/main.py makes a FastAPI application',
        '  fastapi:',
        "    command: 'python3 -m uvicorn app.main:app --port {port}'",
        '  # api: main.py makes a FastAPI application',
        '  api:',
        "    command: 'python3 -m uvicorn main:app --port {port}'",
        '    cwd: ./api',
        '  # tools: package.json has a script "start"',
        '  tools:',
        '    command: pnpm run start',
        '    cwd: ./tools',
        '    handshake: none',
        '  # worker: cmd/clean is a main package',
        '  worker:',
        '    command: go run ./cmd/clean',
        '    cwd: ./worker',
        '    handshake: none',
        '    startSeconds: 0',
        '  # worker: cmd/send is a main package',
        '  worker-send:',
        '    command: go run ./cmd/send',
        '    cwd: ./worker',
        '    handshake: none',
        '    startSeconds: 0',
        '  # packages/web: package.json has a script "dev" (Next.js)',
        '  web:',
        '    command: pnpm run dev',
        '    cwd: ./packages/web',
        '',
      ].join('\n'),
    );
  });

  it('is read without a problem, and means what was proposed', () => {
    const config = read(shop);
    assert.deepEqual(problemsOf(config), []);
    assert.deepEqual(
      config.services.map(({ name, cwd, command, handshake }) => [name, cwd, command.join(' '), handshake]),
      [
        ['fastapi', '/w', 'python3 -m uvicorn app.main:app --port {port}', 'port'],
        ['api', '/w/api', 'python3 -m uvicorn main:app --port {port}', 'port'],
        ['tools', '/w/tools', 'pnpm run start', 'none'],
        ['worker', '/w/worker', 'go run ./cmd/clean', 'none'],
        ['worker-send', '/w/worker', 'go run ./cmd/send', 'none'],
        ['web', '/w/packages/web', 'pnpm run dev --port {port}', 'port'],
      ],
    );
  });

  it('names packages as pnpm does', () => {
    const files = {
      'package.json': packageJson({}),
      'pnpm-workspace.yaml': 'packages:\n  - "apps/**"\n',
      'pnpm-lock.yaml': '',
      'apps/shop/package.json': packageJson({ dev: 'astro dev' }),
    };
    assert.deepEqual(starterOf(looked(files)).services, [
      { name: 'shop', because: 'package.json has a script "dev" (Astro)' },
    ]);
  });

  it('takes a file alone for a project where the folder itself is none', () => {
    const files = { 'readme.md': '', 'one/app.py': '', 'two/index.php': '', 'three/notes.txt': '' };
    assert.deepEqual(
      starterOf(looked(files)).services.map(({ name }) => name),
      ['one', 'two'],
    );
    assert.deepEqual(
      starterOf(looked({ ...files, 'go.mod': '', 'main.go': 'package main' })).services.map(
        ({ name }) => name,
      ),
      ['go'],
    );
  });

  it('starts all folders by one script where none of them is a service', () => {
    const files = { 'package.json': packageJson({ dev: 'concurrently "a" "b"' }) };
    assert.match(starter(files), /command: npm run dev\n {4}handshake: discover/);
  });

  it('gives each service a name that an address can have, and no two the same', () => {
    const files = {
      'manage.py': '',
      'django/go.mod': '',
      'django/main.go': 'package main',
      'My Shop_/go.mod': '',
      'My Shop_/main.go': 'package main',
      'überall/go.mod': '',
      'überall/main.go': 'package main',
    };
    assert.deepEqual(
      read(files).services.map(({ name, cwd }) => [name, cwd]),
      [
        ['django', '/w'],
        ['My-Shop', '/w/My Shop_'],
        ['django-2', '/w/django'],
        ['berall', '/w/überall'],
      ],
    );
  });

  it('keeps a browser closed that would be opened', () => {
    const config = read({ 'web/package.json': packageJson({ start: 'react-scripts start' }) });
    assert.deepEqual([config.services[0]?.env, problemsOf(config)], [{ BROWSER: 'none' }, []]);
  });

  it('suggests below its last service only what that one has not got', () => {
    const script = { 'package.json': packageJson({ dev: 'node .' }) };
    assert.doesNotMatch(starter(script), /# handshake: discover/);
    assert.match(starter({ 'manage.py': '' }), /# handshake: discover/);
    assert.doesNotMatch(starter({ 'package.json': packageJson({ start: 'react-scripts start' }) }), /# env:/);
  });

  it('has one service to fill in where nothing is recognised', () => {
    assert.deepEqual(
      read({}).services.map(({ name, command }) => [name, command]),
      [['web', ['node', 'server.js']]],
    );
    assert.deepEqual(starterOf(looked({})).services, []);
  });

  it('takes no offence at a broken package.json', () => {
    for (const text of [
      '{',
      'null',
      '{"scripts": 1}',
      '[]',
      '{"workspaces": {"packages": [1, "../x", "/etc", "*"]}}',
    ])
      assert.match(starter({ 'package.json': text, 'app.py': '' }), /command: python3 app\.py/);
  });

  it('leaves sources of Java to their recipe, which compiles them', () => {
    const files = { 'ledger/Ledger.java': 'class Ledger { public static void main(String[] a) {} }' };
    assert.equal(
      services(files),
      [
        '  # ledger: Ledger.java has a main method',
        '  ledger:',
        '    runtime: java',
        '    cwd: ./ledger',
        '    handshake: none',
        '    startSeconds: 0',
        '',
      ].join('\n'),
    );
    const [service] = read(files).services;
    assert.deepEqual(
      [service?.command, service?.proposed],
      [['java', 'Ledger.java'], 'Ledger.java has a main method'],
    );
  });

  it('names the folders with sources in which nothing says what to run', () => {
    const files = {
      'web/package.json': packageJson({ dev: 'vite' }),
      'words/words.rs': '',
      'sheets/src/lib.ts': '',
      'notes/plan.md': '',
      'dist/x.js': '',
    };
    const line = /^# With sources.*\n/m;
    assert.equal(
      line.exec(starter(files))?.[0],
      '# With sources, and nothing that says what to run: ./sheets, ./words.\n',
    );
    assert.deepEqual(problemsOf(read(files)), []);
    const many = Object.fromEntries('abcdefghij'.split('').map((name) => [`${name}/x.c`, '']));
    assert.match(line.exec(starter(many))?.[0] ?? '', /: \.\/a, .*, \.\/h and 2 more\.\n$/);
    // Folders of a project are its parts.
    assert.doesNotMatch(starter({ 'manage.py': '', 'shop/models.py': '' }), line);
  });

  it('says the runtime where the command does not tell it', () => {
    const deno = { name: 'deno', title: 'Deno', detects: ['deno.json'], command: './run' };
    const { text } = starterOf(looked({ 'sub/deno.json': '' }, [deno]));
    assert.match(text, /sub:\n {4}command: \.\/run\n {4}runtime: deno\n {4}cwd: \.\/sub\n/);
  });
});

describe('a folder that is read with waiting', () => {
  it('is looked into until nothing is missed, and is seen as one that is read at once', async () => {
    const machine = machineOf(shop);
    const asked: string[] = [];
    const reader = {
      list: async (path: string) => (await later(), machine.list(path)),
      kind: async (path: string) => (await later(), machine.kindOf(path)),
      text: async (path: string) => {
        asked.push(path);
        await later();
        const text = machine.readFile(path);
        return typeof text === 'string' ? text : undefined;
      },
    };
    const answer = await gathered(reader, (answers) => starterOf({ ...looked({}), ...answers }).text);
    assert.equal(answer, starter(shop));
    assert.equal(asked.length, new Set(asked).size);
    assert.ok(!asked.some((path) => path.includes('node_modules')));
  });
});

async function later(): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
}
