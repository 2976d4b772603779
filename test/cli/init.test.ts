import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';

const files = {
  'package.json': JSON.stringify({ scripts: { dev: 'vite' } }),
  'api/requirements.txt': 'flask',
  'api/app.py': 'app = Flask(__name__)\n',
};

describe('runtimes init', () => {
  it('writes what is recognised in the folder and below it, which is read without a problem', async (test) => {
    const folder = await workspace(test, files);
    const { code, stdout, stderr } = await new Cli(test, folder, ['init']).finished;
    assert.deepEqual([code, stderr], [0, '']);
    assert.equal(
      stdout,
      'Wrote runtimes.yaml:\n  web: package.json has a script "dev" (Vite)\n  api: app.py makes a Flask application\n',
    );
    const text = await readFile(join(folder, 'runtimes.yaml'), 'utf8');
    assert.match(
      text,
      /^ {2}# package\.json has a script "dev" \(Vite\)\n {2}web:\n {4}command: npm run dev$/m,
    );
    const check = await new Cli(test, folder, ['check']).finished;
    assert.deepEqual([check.code, check.stdout], [0, '']);
    const plan = await new Cli(test, folder, ['plan', '--json']).finished;
    const argv = plan.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { readonly argv: readonly string[] }).argv.join(' '));
    assert.deepEqual(argv, [
      'npm run dev -- --port {port} --strictPort',
      'python3 -m flask --app app run --port {port}',
    ]);
  });

  it('with --print prints it and writes nothing, whether or not there is one', async (test) => {
    const folder = await workspace(test, { ...files, 'supervisord.conf': '[supervisord]\n' });
    const { code, stdout } = await new Cli(test, folder, ['init', '--print']).finished;
    assert.equal(code, 0);
    assert.match(stdout, /^version: 1$/m);
    assert.match(stdout, /^ {4}cwd: \.\/api$/m);
    assert.equal(existsSync(join(folder, 'runtimes.yaml')), false);
  });

  it('never overwrites a config, nor hides one of another kind', async (test) => {
    for (const [path, line] of [
      ['runtimes.yaml', 'runtimes.yaml is here already. '],
      ['.vscode/runtimes.yaml', '.vscode/runtimes.yaml is here already. '],
      ['supervisord.conf', 'supervisord.conf is here already, and a runtimes.yaml would hide it. '],
      ['default/app.yaml', 'default/app.yaml is here already, and a runtimes.yaml would hide it. '],
    ] as const) {
      const folder = await workspace(test, { ...files, [path]: 'mine' });
      const { code, stdout, stderr } = await new Cli(test, folder, ['init']).finished;
      assert.deepEqual(
        [code, stdout, stderr],
        [2, '', `${line}"runtimes init --print" shows what would stand in it.\n`],
      );
      assert.equal(await readFile(join(folder, path), 'utf8'), 'mine');
      assert.equal(existsSync(join(folder, 'runtimes.yaml')), path === 'runtimes.yaml');
    }
  });

  it('has an example to fill in where nothing is recognised', async (test) => {
    const folder = await workspace(test, { 'readme.txt': 'x' });
    const { code, stdout } = await new Cli(test, folder, ['init']).finished;
    assert.deepEqual(
      [code, stdout],
      [0, 'Wrote runtimes.yaml. Nothing was recognised here, so it has an example to fill in.\n'],
    );
  });
});

describe('a service whose command is looked for', () => {
  it('is run another way once a file says so, without anybody asking for it', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services:\n  web: { handshake: none }\n',
      'server.js': "console.log('from the file'); setInterval(() => {}, 1000);",
    });
    const up = new Cli(test, folder, ['up']);
    await up.until(() => up.printed.includes('from the file') || undefined);
    await mkdir(join(folder, 'other'));
    await writeFile(
      join(folder, 'other/main.mjs'),
      "console.log('from the script'); setInterval(() => {}, 1000);",
    );
    await writeFile(
      join(folder, 'package.json'),
      JSON.stringify({ scripts: { dev: 'node other/main.mjs' } }),
    );
    await up.until(() => up.printed.includes('from the script') || undefined);
  });
});
