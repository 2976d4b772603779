import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, watch, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';

const server = `
import { createServer } from 'node:http';
const server = createServer((request, response) => {
  if (request.url === '/crash') throw new TypeError('asked to crash');
  response.end(JSON.stringify({ pid: process.pid, url: request.url }));
}).listen(process.env.PORT, '127.0.0.1', () => console.error('listening'));
process.on('SIGTERM', () => server.close(() => process.exit(0)) && server.closeAllConnections());
`;

const web = 'services:\n  web:\n    command: node web.mjs\n';

function alive(pid: number | undefined): boolean {
  if (pid === undefined) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function body(url: string): Promise<{ pid: number; url: string }> {
  const response = await fetch(url);
  assert.equal(response.status, 200);
  return (await response.json()) as { pid: number; url: string };
}

describe('runtimes up --json', () => {
  it('tells the story of a start from config to ready, and of a clean stop at SIGINT', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    const running = await cli.event('state', (event) => event.to === 'RUNNING');
    const listening = await cli.event('listening', (event) => event.what === 'web');
    const answer = await body(`${listening.url}hello?x=1`);
    assert.deepEqual(answer, { pid: running.pid, url: '/hello?x=1' });
    cli.process.kill('SIGINT');
    const { code, stdout } = await cli.finished;
    assert.equal(code, 0);
    assert.deepEqual(
      cli.events
        .filter(({ event }) => event !== 'log')
        .map((event) => (event.event === 'state' ? event.to : event.event)),
      [
        'config',
        'listening',
        'listening',
        'STARTING',
        'port',
        'RUNNING',
        'ready',
        'STOPPING',
        'STOPPED',
        'stopped',
      ],
    );
    assert.deepEqual(cli.events.at(-1), { at: cli.events.at(-1)?.at, event: 'stopped', clean: true });
    for (const line of stdout.trim().split('\n')) assert.match(line, /^\{"at":"\d{4}-/);
    assert.equal(alive(running.pid), false);
  });

  it('shares the requests of one address over two instances', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': `${web}    instances: 2\n`, 'web.mjs': server });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    const { url } = await cli.event('listening', (event) => event.what === 'web');
    const pids = new Set<number>();
    for (let turn = 0; turn < 4; turn += 1) pids.add((await body(url)).pid);
    assert.equal(pids.size, 2);
  });

  it('keeps the address over restarts of the child and of itself, and tells of a crash at its source line', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
    const first = new Cli(test, folder, ['up', '--json']);
    await first.event('ready');
    const { url } = await first.event('listening', (event) => event.what === 'web');
    const before = await body(url);
    const crash = await fetch(`${url}crash`);
    const text = await crash.text();
    assert.equal(crash.status, 503);
    assert.match(text, /the runtime process for the instance running on port \d+ has unexpectedly quit/);
    assert.match(text, /asked to crash/);
    const fault = await first.event('fault');
    assert.equal(fault.code, 'instance-died');
    assert.deepEqual(
      fault.places.map(({ file, line }) => [file, line]),
      [
        [join(folder, 'runtimes.yaml'), 3],
        [join(folder, 'web.mjs'), 4],
      ],
    );
    await first.event('state', (event) => event.to === 'RUNNING' && event.pid !== before.pid);
    assert.notEqual((await body(url)).pid, before.pid);
    first.process.kill('SIGTERM');
    await first.finished;
    const second = new Cli(test, folder, ['up', '--json']);
    await second.event('ready');
    assert.equal((await second.event('listening', (event) => event.what === 'web')).url, url);
  });

  it('ends with 1 when all that is left is FATAL, with the fault at its place', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services:\n  dies:\n    command: node dies.mjs\n    startRetries: 0\n',
      'dies.mjs': 'function go() {\n  throw new Error("no settings");\n}\ngo();\n',
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    const { code } = await cli.finished;
    assert.equal(code, 1);
    const fault = await cli.event('fault');
    assert.deepEqual(
      fault.places.map(({ file, line, column }) => [file, line, column]),
      [
        [join(folder, 'runtimes.yaml'), 3, 5],
        [join(folder, 'dies.mjs'), 2, 9],
      ],
    );
    assert.match(fault.evidence ?? '', /no settings/);
    const fatal = await cli.event('state', (event) => event.to === 'FATAL');
    assert.deepEqual(fatal.exit, { code: 1, expected: false });
  });

  it('answers for a service without a usable port in the reference’s words (RP-5)', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml':
        'services:\n  mute:\n    command: node mute.mjs\n    handshake: stdout\n  web:\n    command: node web.mjs\n',
      'mute.mjs': 'console.error("cannot bind");console.log("oops");setInterval(() => {}, 1e6);\n',
      'web.mjs': server,
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('state', (event) => event.to === 'FATAL');
    const { url } = await cli.event('listening', (event) => event.what === 'mute');
    const plain = await fetch(url, { headers: { accept: '*/*' } });
    const text = await plain.text();
    assert.deepEqual([plain.status, plain.headers.get('content-type')], [503, 'text/plain; charset=utf-8']);
    assert.match(text, /bad runtime process port \['oops\\n'\]/);
    assert.match(text, /cannot bind/);
    const page = await fetch(url, { headers: { accept: 'text/html' } });
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/);
    assert.ok(page.headers.get('retry-after') !== null);
    cli.process.kill('SIGTERM');
    assert.equal((await cli.finished).code, 1);
  });

  it('answers in the appengine profile byte for byte as the reference (RP-5, RP-6)', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml':
        'services:\n  mute:\n    command: node mute.mjs\n    handshake: stdout\n    profile: appengine\n  web:\n    command: node web.mjs\n',
      'mute.mjs':
        'console.error("Go away..");setTimeout(() => console.log("hello 30001"), 50);setInterval(() => {}, 1e6);\n',
      'web.mjs': server,
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('state', (event) => event.to === 'FATAL');
    const { url } = await cli.event('listening', (event) => event.what === 'mute');
    const response = await fetch(url, { headers: { accept: 'text/html' } });
    const text = await response.text();
    assert.deepEqual(
      [response.status, response.headers.get('content-type'), text],
      [500, 'text/plain', `bad runtime process port ['hello 30001\\n']\n\nGo away..\n`],
    );
    assert.equal(response.headers.get('content-length'), String(Buffer.byteLength(text)));
  });

  it('runs the other services when one cannot, and says where the config is wrong', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': `${web}  half:\n    comand: node\n`,
      'web.mjs': server,
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    assert.deepEqual((await cli.event('config')).services, ['web']);
    cli.process.kill('SIGTERM');
    const { code, stderr } = await cli.finished;
    assert.equal(code, 0);
    assert.match(stderr, /^runtimes\.yaml:5:5: error unknown-key: /m);
  });

  it('with nothing that starts by itself says so and ends', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': `${web}    autostart: false\n`,
      'web.mjs': server,
    });
    const { code, stderr } = await new Cli(test, folder, ['up']).finished;
    assert.deepEqual([code, stderr], [0, 'Nothing starts by itself here; name the services to start.\n']);
  });

  it('gives two instances one log file without losing a line of either', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': `${web}    instances: 2\n    logFile: both.log\n`,
      'web.mjs': server,
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    cli.process.kill('SIGTERM');
    assert.equal((await cli.finished).code, 0);
    assert.equal(await readFile(join(folder, 'both.log'), 'utf8'), 'listening\nlistening\n');
  });

  it('reaches a service that listens on ::1 alone', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': web,
      'web.mjs': server.replace('127.0.0.1', '::1'),
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    const { url } = await cli.event('listening', (event) => event.what === 'web');
    assert.equal((await body(url)).url, '/');
  });

  it('leaves no check behind that it was running', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': `${web}    ready: { exec: node wait.mjs, timeout: 10m }\n`,
      'web.mjs': server,
      'wait.mjs': `import fs from 'node:fs';fs.writeFileSync('pid', String(process.pid));setInterval(() => {}, 1e6);`,
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('state', (event) => event.to === 'STARTING');
    let pid = 0;
    for await (const change of watch(folder, { signal: test.signal })) {
      if (change.filename !== 'pid') continue;
      pid = Number(await readFile(join(folder, 'pid'), 'utf8'));
      if (pid > 0) break;
    }
    cli.process.kill('SIGTERM');
    await cli.finished;
    assert.equal(alive(pid), false);
  });

  it('with nothing that can run ends with 2', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': 'services:\n  half:\n    comand: node\n' });
    assert.equal((await new Cli(test, folder, ['up']).finished).code, 2);
    const empty = await workspace(test, {});
    const { code, stderr } = await new Cli(test, empty, ['up']).finished;
    assert.deepEqual([code, /There is no runtimes\.yaml/.test(stderr)], [2, true]);
    for (const command of ['up', 'check', 'plan']) {
      const told = await new Cli(test, empty, [command]).finished;
      assert.match(told.stderr, /\nRun "runtimes init": it writes one from what is recognised\.\n$/, command);
      assert.equal(told.code, 2);
    }
  });

  it('refuses a service that does not exist, with what was meant, before anything runs', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
    const cli = new Cli(test, folder, ['up', '--json', 'web', 'wbe']);
    const { code, stderr } = await cli.finished;
    assert.equal(code, 2);
    assert.match(stderr, /There is no service or instance "wbe"/);
    assert.equal(
      cli.events.some(({ event }) => event === 'state'),
      false,
    );
  });

  for (const signal of ['SIGTERM', 'SIGHUP', 'SIGQUIT'] as const) {
    it(`stops everything and ends with 0 at ${signal} (RP-48)`, async (test) => {
      const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
      const cli = new Cli(test, folder, ['up', '--json']);
      await cli.event('ready');
      const { pid } = await cli.event('state', (event) => event.to === 'RUNNING');
      cli.process.kill(signal);
      const { code, stderr } = await cli.finished;
      assert.deepEqual([code, stderr, alive(pid)], [0, 'Shutting down.\n', false]);
    });
  }

  it('tells the main log that it has started, and each signal that it obeys (SV-93)', async (test) => {
    const files = {
      'supervisord.conf':
        '[supervisord]\nlogfile=%(here)s/main.log\n[program:cat]\ncommand=/bin/cat\nstartsecs=0\n',
    };
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP', 'SIGQUIT'] as const) {
      const folder = await workspace(test, files);
      const cli = new Cli(test, folder, ['up', '--json']);
      await cli.event('ready');
      cli.process.kill(signal);
      assert.equal((await cli.finished).code, 0);
      const said = (await readFile(join(folder, 'main.log'), 'utf8'))
        .split('\n')
        .map((line) => line.slice(24));
      assert.equal(said[0], `INFO supervisord started with pid ${cli.process.pid}`);
      assert.match(said[1] ?? '', /^INFO spawned: 'cat' with pid \d+$/);
      const obeyed = said.indexOf(`WARN received ${signal} indicating exit request`);
      assert.ok(obeyed > 1 && obeyed < said.findIndex((line) => line.includes('stopped: cat')), said.join());
    }
  });

  it('goes on when a log cannot be opened again at USR2, and says so', async (test) => {
    const folder = await workspace(test, {
      'supervisord.conf':
        '[supervisord]\nlogfile=%(here)s/logs/main.log\n[program:cat]\ncommand=/bin/cat\nstartsecs=0\n',
      'logs/empty': '',
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    // In one step, since its writer may be at work in there.
    await rename(join(folder, 'logs'), join(folder, 'moved'));
    await writeFile(join(folder, 'logs'), '');
    cli.process.kill('SIGUSR2');
    await cli.until(() => (cli.complaints === '' ? undefined : true));
    cli.process.kill('SIGTERM');
    const { code, stderr } = await cli.finished;
    assert.equal(code, 0);
    assert.equal(stderr, 'Not every log could be opened again: it exists already.\nShutting down.\n');
  });

  it('reads a config file again when it is saved, and tells scripts by the config event', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    const { pid } = await cli.event('state', ({ to }) => to === 'RUNNING');
    await writeFile(join(folder, 'runtimes.yaml'), `${web}    env: { MORE: '1' }\n`);
    await cli.event('state', (event) => event.to === 'RUNNING' && event.pid !== pid);
    assert.equal(cli.events.filter(({ event }) => event === 'config').length, 2);
  });

  it('has an included file that appears, in a folder that appears, have an effect', async (test) => {
    const folder = await workspace(test, {
      'supervisord.conf':
        '[supervisord]\n[include]\nfiles=more/*.conf\n[program:cat]\ncommand=/bin/cat\nstartsecs=0\n',
    });
    const cli = new Cli(test, folder, ['up'], { NO_COLOR: '1' });
    await cli.until(() => (cli.printed.includes('is running') ? true : undefined));
    await mkdir(join(folder, 'more'));
    await writeFile(join(folder, 'more/new.conf'), '[program:new]\ncommand=/bin/cat\nstartsecs=0\n');
    await cli.until(() =>
      /^more\/new\.conf has changed: 2 services; new, to be started with "runtimes start new"\.$/m.test(
        cli.printed,
      )
        ? true
        : undefined,
    );
  });

  it('with --no-reload reads it again only when "runtimes reload" says so', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
    const cli = new Cli(test, folder, ['up', '--json', '--no-reload']);
    await cli.event('ready');
    await writeFile(join(folder, 'runtimes.yaml'), `${web}  half:\n    comand: node\n`);
    const reload = await new Cli(test, folder, ['reload']).finished;
    assert.deepEqual([reload.code, reload.stdout], [1, 'reloaded: 1 service\n']);
    assert.match(reload.stderr, /^runtimes\.yaml:5:5: error unknown-key: /m);
    assert.equal(cli.events.filter(({ event }) => event === 'config').length, 2);
  });

  it('stops quietly when its reader leaves', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
    const cli = new Cli(test, folder, ['up', '--json']);
    const { pid } = await cli.event('state', (event) => event.to === 'RUNNING');
    const { url } = await cli.event('listening', (event) => event.what === 'web');
    cli.process.stdout?.destroy();
    // What the service prints for this request meets the closed pipe; the answer may come too late.
    await Promise.race([fetch(`${url}crash`).catch(() => undefined), cli.finished]);
    const { stderr } = await cli.finished;
    assert.deepEqual([stderr, alive(pid)], ['Shutting down.\n', false]);
  });

  it('kills at the second signal what ignores the first', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': 'services:\n  deaf:\n    command: node deaf.mjs\n    stopSeconds: 600\n',
      'deaf.mjs': `process.on('SIGTERM', () => console.error('heard'));\n${server.replace(/process\.on.*/, '')}`,
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('ready');
    cli.process.kill('SIGTERM');
    await cli.event('log', (event) => event.line === 'heard');
    cli.process.kill('SIGTERM');
    const { code } = await cli.finished;
    const last = cli.events.at(-1);
    assert.deepEqual([code, last?.event === 'stopped' && last.clean], [1, false]);
  });

  it('loses no line, however much is printed and however slowly it is read', async (test) => {
    const count = 200_000;
    const folder = await workspace(test, {
      'runtimes.yaml':
        'services:\n  loud:\n    command: node loud.mjs\n    handshake: none\n    startSeconds: 0\n',
      'loud.mjs': `for (let i = 0; i < ${count}; i += 1) require('fs').writeSync(2, 'line ' + i + '\\n');`
        .replace(/require\('fs'\)/, 'fs')
        .replace(/^/, `import fs from 'node:fs';\n`),
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.finished;
    const lines = cli.events.flatMap((event) => (event.event === 'log' ? [event.line] : []));
    assert.equal(lines.length, count);
    assert.deepEqual([lines[0], lines.at(-1)], ['line 0', `line ${count - 1}`]);
    const state = join(folder, '.state', 'local-runtimes');
    assert.ok(existsSync(state));
  });

  it('writes all of it to the log file that the service names', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml':
        'services:\n  job:\n    command: node -e "console.log(1);console.error(2)"\n    handshake: none\n    startSeconds: 0\n    logFile: logs/job.log\n',
    });
    const cli = new Cli(test, folder, ['up', '--json']);
    assert.equal((await cli.finished).code, 0);
    const text = await readFile(join(folder, 'logs/job.log'), 'utf8');
    assert.deepEqual(text.trim().split('\n').toSorted(), ['1', '2']);
  });

  it('for people has one column for all names from the start, and says how the rest of a log is read', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml':
        'services:\n  a:\n    command: node dies.mjs\n    startRetries: 0\n  a-long-name-of-a-service:\n    command: node dies.mjs\n    autostart: false\n',
      'dies.mjs': 'console.error("no settings");process.exit(1);\n',
    });
    const { stdout, stderr } = await new Cli(test, folder, ['up'], { NO_COLOR: '1' }).finished;
    assert.match(stdout, /^a\.0 {24}\| STARTING$/m);
    assert.match(stderr, /"runtimes logs a\.0" prints the rest\.$/m);
  });

  it('tells people that everything is up only when jobs are done', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': `${web}  job:\n    command: node -e "setTimeout(() => {}, 2000)"\n    handshake: none\n    restart: never\n`,
      'web.mjs': server,
    });
    const cli = new Cli(test, folder, ['up'], { NO_COLOR: '1' });
    await cli.until(() => (cli.printed.includes('Everything that was told') ? true : undefined));
    const [before = ''] = cli.printed.split('Everything that was told');
    assert.match(before, /^job\.0 +\| RUNNING[^]*^job\.0 +\| EXITED/m);
  });

  it('for people prints lines with the instance in front, and where everything is', async (test) => {
    const folder = await workspace(test, { 'runtimes.yaml': web, 'web.mjs': server });
    const cli = new Cli(test, folder, ['up'], { NO_COLOR: '1' });
    let seen = '';
    cli.process.stdout?.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
    });
    await cli.until(() =>
      /Everything that was told to start is running/.test(seen) && /listening/.test(seen) ? true : undefined,
    );
    cli.process.kill('SIGINT');
    const { stdout } = await cli.finished;
    assert.match(stdout, /^web is at http:\/\/127\.0\.0\.1:\d+\/$/m);
    assert.match(stdout, /^web\.0 +\| listening$/m);
    assert.match(stdout, /^web\.0 +\| RUNNING on port \d+$/m);
  });
});
