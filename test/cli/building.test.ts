/** What is built before a start, as the terminal tells of it. */

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';
import { until } from '../node/support.ts';

const yaml = (more = ''): string => `services:
  api:
    command: node made.mjs
    runtime: custom
    build: { command: sh compiler.sh, inputs: [source.mjs], outputs: [made.mjs] }
${more}`;

const compiler = `echo compiling
while [ -e wait ]; do sleep 0.05; done
if grep -q broken source.mjs; then echo "$PWD/source.mjs:1:4: error: this is broken" >&2; exit 3; fi
cp source.mjs made.mjs
`;

const server = `import { createServer } from 'node:http';
createServer((_, response) => response.end('built')).listen(process.env.PORT, '127.0.0.1');
`;

const files = (source: string, more = ''): Readonly<Record<string, string>> => ({
  'runtimes.yaml': yaml(more),
  'compiler.sh': compiler,
  'source.mjs': source,
});

describe('a build', () => {
  it('is told by events and in the log: begun, done, and nothing the next time', async (test) => {
    const folder = await workspace(test, files(server));
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    const told = cli.events.flatMap((event) =>
      event.event === 'build' ? [[event.service, event.instance, event.title, event.outcome]] : [],
    );
    assert.deepEqual(told, [
      ['api', 'api.0', 'sh compiler.sh', 'started'],
      ['api', 'api.0', 'sh compiler.sh', 'done'],
    ]);
    const lines = cli.events.flatMap((event) => (event.event === 'log' ? [event.line] : []));
    assert.deepEqual(lines.slice(0, -1), ['> sh compiler.sh', 'compiling']);
    assert.match(lines.at(-1) ?? '', /^sh compiler\.sh: done in \d+\.\d s$/);
    cli.process.kill('SIGINT');
    assert.equal((await cli.finished).code, 0);
    const again = new Cli(test, folder, ['up', '--json']);
    await again.event('ready');
    assert.ok(!again.events.some(({ event }) => event === 'build'));
    again.process.kill('SIGINT');
    await again.finished;
  });

  it('that fails is told with the compiler at its line, and "up" ends with 1 where nothing else runs', async (test) => {
    const cli = new Cli(test, await workspace(test, files('broken')), ['up', '--json']);
    const { code } = await cli.finished;
    assert.equal(code, 1);
    const fault = cli.events.find((event) => event.event === 'fault');
    assert.ok(fault?.event === 'fault');
    assert.deepEqual(
      [fault.code, fault.findings?.map(({ message, place }) => [message, place.line, place.column])],
      ['build-failed', [['this is broken', 1, 4]]],
    );
    assert.deepEqual(
      cli.events.flatMap((event) => (event.event === 'state' ? [event.to] : [])),
      ['STARTING', 'BACKOFF', 'FATAL'],
    );
  });

  it('is told to people in words, and shown by "ps" while it takes its time; Ctrl-C calls it off', async (test) => {
    const folder = await workspace(test, files(server));
    await writeFile(join(folder, 'wait'), '');
    const cli = new Cli(test, folder, ['up']);
    await cli.until(() => cli.printed.includes('sh compiler.sh …\n') || undefined);
    const shown = await until('the build in the list', async () => {
      const { stdout } = await new Cli(test, folder, ['ps']).finished;
      return /^api\.0 +STARTING +sh compiler\.sh, for /m.test(stdout) || undefined;
    });
    assert.ok(shown);
    cli.process.kill('SIGINT');
    const { stdout } = await cli.finished;
    assert.match(stdout, /sh compiler\.sh: called off/);
    assert.ok(!existsSync(join(folder, 'made.mjs')));
  });
});

describe('"up" at a terminal', () => {
  it('stays where all that it runs could not be built, and shows it start once it is mended', async (test) => {
    const folder = await workspace(test, files('broken'));
    // Whatever it is told to run gets a terminal of its own.
    const command = [process.execPath, resolve(import.meta.dirname, '../../dist/cli.js'), 'up'].join(' ');
    const terminal = spawn('script', ['-qefc', command, '/dev/null'], {
      cwd: folder,
      env: { ...process.env, XDG_STATE_HOME: join(folder, '.state') },
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    const ended = new Promise((done) => terminal.once('close', done));
    test.after(async () => {
      terminal.kill('SIGKILL');
      await ended;
    });
    let printed = '';
    terminal.stdout.setEncoding('utf8').on('data', (text: string) => {
      printed += text;
    });
    await until('FATAL', () => printed.includes('FATAL') || undefined);
    await writeFile(join(folder, 'source.mjs'), server);
    await until('RUNNING', () => printed.includes('RUNNING') || undefined);
    // As Ctrl-C is typed.
    terminal.stdin.write('\u0003');
    await ended;
    assert.match(printed, /Everything has stopped/);
  });
});

describe('runtimes plan', () => {
  it('tells what would be built, and builds nothing', async (test) => {
    const folder = await workspace(test, files(server));
    const { code, stdout } = await new Cli(test, folder, ['plan', '--json']).finished;
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(
      [code, plan['argv'], plan['builds']],
      [0, ['node', 'made.mjs'], [{ title: 'sh compiler.sh', steps: [['sh', 'compiler.sh']] }]],
    );
    assert.ok(!existsSync(join(folder, 'made.mjs')));
  });

  it('has no secret in it, wherever a command has one', async (test) => {
    const more = '    env: { API_TOKEN: hush-hush }\n';
    const text = yaml(more).replace('sh compiler.sh', 'sh compiler.sh hush-hush');
    const folder = await workspace(test, { ...files(server), 'runtimes.yaml': text });
    for (const args of [['plan'], ['plan', '--json']]) {
      const { stdout } = await new Cli(test, folder, args).finished;
      assert.match(stdout, /compiler\.sh/);
      assert.ok(!stdout.includes('hush-hush'), stdout);
    }
  });

  it('tells why a service could not be started now', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services:\n  api:\n    command: node missing.mjs\n    runtime: node\n',
    });
    const { stdout } = await new Cli(test, folder, ['plan', '--json']).finished;
    const { fault } = JSON.parse(stdout) as { fault?: { code?: string; places?: { line: number }[] } };
    assert.equal(fault?.code, 'missing-entry');
    assert.equal(fault.places?.[0]?.line, 3);
  });
});
