import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, it } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';

const good =
  'services:\n  web:\n    command: node "my web.js"\n    env: { API_TOKEN: abc, NAME: x }\n    instances: 2\n';

describe('runtimes check', () => {
  it('prints each problem as file:line:col: severity code: message, and ends with 2', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': 'services:\n  web:\n    comand: node\n' });
    const { code, stdout } = await new Cli(test, folder, ['check']).finished;
    assert.equal(code, 2);
    assert.match(
      stdout,
      /^runtimes\.yaml:3:5: error unknown-key: "comand" is not a key of .*\. Did you mean "command"\?$/m,
    );
  });

  it('says first what was meant where a long message would hide it', async (test) => {
    const folder = await workspace(test, { 'app.yaml': 'runtime: pyton312\n' });
    const { stdout } = await new Cli(test, folder, ['check']).finished;
    assert.match(
      stdout,
      /^app\.yaml:1:10: error app-yaml-error: Did you mean "python312"\? Unknown runtime 'pyton312'; supported/m,
    );
  });

  it('knows a service where a file is meant, as "plan" does', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': good });
    for (const command of ['check', 'plan']) {
      const { code, stderr } = await new Cli(test, folder, [command, 'web']).finished;
      assert.deepEqual(
        [code, stderr],
        [2, 'There is no file "web"; it is a service. Give config files, or nothing for the folder’s own.\n'],
      );
    }
  });

  it('with --json prints one object a line, with the place to the column', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': 'services:\n  web:\n    comand: node\n' });
    const { stdout } = await new Cli(test, folder, ['check', '--json']).finished;
    const problems = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const { message: _message, ...first } = problems.find(({ code }) => code === 'unknown-key') ?? {};
    assert.deepEqual(first, {
      file: join(folder, 'runtimes.yaml'),
      line: 3,
      column: 5,
      endLine: 3,
      endColumn: 11,
      severity: 'error',
      code: 'unknown-key',
      hint: 'Did you mean "command"?',
    });
  });

  it('rejects a handshake that there is not, before anything runs (RP-26)', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services:\n  web:\n    command: node web.js\n    handshake: stdio\n',
    });
    const { code, stdout } = await new Cli(test, folder, ['check']).finished;
    assert.equal(code, 2);
    assert.match(stdout, /^runtimes\.yaml:4:16: error bad-value: "handshake": "stdio" is not one of /m);
  });

  it('without errors ends with 0 and keeps stdout clean', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': good });
    const { code, stdout, stderr } = await new Cli(test, folder, ['check']).finished;
    assert.deepEqual([code, stdout, stderr], [0, '', '1 service, no problems.\n']);
  });

  it('reads the files it is given, and says which it cannot read', async (test) => {
    const folder = await workspace(test, { 'a.yaml': good });
    const { code, stdout } = await new Cli(test, folder, ['check', 'a.yaml', 'b.yaml']).finished;
    assert.equal(code, 2);
    assert.match(stdout, /^b\.yaml:1:1: error file-unreadable: /m);
  });
});

/** One that is older than the oldest we run on; the machine's own may be. */
const old = ['/usr/bin/node', '/usr/local/bin/node'].find(
  (path) =>
    existsSync(path) && /^v(?:1\d|20|21)\./.test(execFileSync(path, ['--version'], { encoding: 'utf8' })),
);

it(
  'an older Node is told which one is beside the bundle',
  { skip: old === undefined && 'no older Node is here' },
  () => {
    const bundle = resolve(import.meta.dirname, '../../dist/cli.js');
    const { status, stderr } = spawnSync(old ?? '', [bundle, 'ps'], { encoding: 'utf8' });
    assert.equal(status, 2);
    assert.match(
      stderr,
      /needs Node 22 or newer[^]*\/node_modules\/\.bin\/node .*\/dist\/cli\.js is new enough/,
    );
  },
);

describe('runtimes plan --json', () => {
  it('tells why a command was chosen that nobody wrote', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': 'services:\n  site:\n', 'index.php': '' });
    const { stdout } = await new Cli(test, folder, ['plan', '--json']).finished;
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    assert.equal(plan['proposed'], 'there is an index.php');
  });

  it('prints what would run with every default, secrets masked, and runs nothing', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': good });
    const { code, stdout } = await new Cli(test, folder, ['plan', '--json']).finished;
    assert.equal(code, 0);
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(
      [
        plan['service'],
        plan['runtime'],
        plan['handshake'],
        plan['instances'],
        plan['argv'],
        plan['cwd'],
        plan['env'],
      ],
      ['web', 'node', 'port', 2, ['node', 'my web.js'], folder, { API_TOKEN: '••••••', NAME: 'x' }],
    );
    assert.deepEqual([plan['restart'], plan['stopSignal'], plan['priority']], ['unexpected', 'TERM', 999]);
  });
});

describe('runtimes plan', () => {
  it('tells people of each service what is run, why, where, and with what', async (test) => {
    const text = `services:
  job: { cwd: ./job }
  api:
    command: ["./my api", --port, "{port}"]
    runtime: custom
    instances: 2
    env: { API_TOKEN: hush-hush, NAME: x }
    build: { command: make api, outputs: [api] }
  gone: { command: node missing.mjs, handshake: none }
`;
    const files = { 'runtimes.yaml': text, 'job/app.rb': 'puts 1\n' };
    const folder = await workspace(test, { ...files, 'my api': '' });
    const { code, stdout, stderr } = await new Cli(test, folder, ['plan']).finished;
    assert.deepEqual([code, stderr], [0, '']);
    const [job = '', api = '', gone = ''] = stdout.split('\n\n');
    assert.match(
      job,
      /^job\n {2}runs {8}ruby app\.rb\n {2}because {5}there is an app\.rb\n {2}in {10}\.\/job\n/,
    );
    assert.match(job, /^ {2}port {8}has none \(handshake: none\)$/m);
    assert.equal(
      api,
      [
        'api',
        "  runs        './my api' --port {port}",
        '  runtime     custom',
        '  port        is told it (handshake: port)',
        '  instances   2',
        '  builds      make api',
        '  adds        API_TOKEN=••••••',
        '              NAME=x',
      ].join('\n'),
    );
    assert.match(gone, /^ {2}fault {7}missing-entry: .*missing\.mjs.*\n {14}at runtimes\.yaml:9:11$/m);
  });
});

describe('secrets', () => {
  it('stay masked wherever a plan would show them', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': `services:
  web:
    command: psql \${DB_PASS} --url jdbc:postgresql://me:\${DB_PASS}@db
    env: { DB_PASS: hunter2, SESSION_KEY: abcd, MONKEY: banana }
`,
    });
    const { stdout } = await new Cli(test, folder, ['plan', '--json']).finished;
    const plan = JSON.parse(stdout) as Record<string, unknown>;
    assert.deepEqual(
      [plan['argv'], plan['env']],
      [
        ['psql', '••••••', '--url', 'jdbc:postgresql://me:••••••@db'],
        { DB_PASS: '••••••', SESSION_KEY: '••••••', MONKEY: 'banana' },
      ],
    );
  });
});

describe('a supervisord.conf', () => {
  const text = `[supervisord]
environment=DB_PASS="hunter2"
[program:web]
command=/bin/cat --db=%(ENV_DB_PASS)s
process_name=w%(process_num)d
numprocs=2
`;

  it('is checked and planned as it stands, with secrets masked in each process', async (test) => {
    const folder = await workspace(test, { 'supervisord.conf': text });
    assert.equal((await new Cli(test, folder, ['check']).finished).code, 0);
    const { code, stdout } = await new Cli(test, folder, ['plan', '--json']).finished;
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /hunter2/);
    const { service, instances, program } = JSON.parse(stdout) as {
      readonly service: string;
      readonly instances: number;
      readonly program: {
        readonly processes: readonly { readonly name: string; readonly command: unknown }[];
      };
    };
    assert.deepEqual(
      [service, instances, program.processes.map(({ name, command }) => [name, command])],
      [
        'web',
        2,
        [
          ['w0', ['/bin/cat', '--db=••••••']],
          ['w1', ['/bin/cat', '--db=••••••']],
        ],
      ],
    );
  });

  it('has its problems at their lines, in a file of any name that ends in .conf', async (test) => {
    const folder = await workspace(test, { 'other.conf': `${text}[program:bad]\nautostart=true\n` });
    const { code, stdout } = await new Cli(test, folder, ['check', 'other.conf']).finished;
    assert.equal(code, 2);
    assert.match(
      stdout,
      /^other\.conf:7:\d+: error [\w-]+: program section program:bad does not specify a command/m,
    );
  });
});

describe('the command line', () => {
  it('shows help, and says what it does not understand', async (test) => {
    const folder = await workspace(test, {});
    const help = await new Cli(test, folder, ['--help']).finished;
    assert.deepEqual([help.code, /check .*plan .*up .*ps .*attach .*daemon /s.test(help.stdout)], [0, true]);
    const wrong = await new Cli(test, folder, ['upp']).finished;
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /unknown command 'upp'/);
  });
});
