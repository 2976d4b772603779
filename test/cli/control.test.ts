import assert from 'node:assert/strict';
import { stat } from 'node:fs/promises';
import { globSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import type { InstanceView } from '../../src/protocol/api.ts';
import { Cli, workspace } from '../support/cli.ts';
import { type Command, commandIn, conf } from './control-support.ts';

interface Running {
  readonly folder: string;
  readonly up: Cli;
  readonly runtimes: Command;
}

async function running(test: TestContext, files: Readonly<Record<string, string>>): Promise<Running> {
  const folder = await workspace(test, files);
  const up = new Cli(test, folder, ['up', '--json']);
  await up.event('ready');
  return { folder, up, runtimes: commandIn(test, folder) };
}

/** A web server that prints its requests, and can be any number. */
const web = {
  'runtimes.yaml':
    'services:\n  web:\n    command: node web.mjs\n  api:\n    command: node web.mjs\n    autostart: false\n',
  'web.mjs': `
import { createServer } from 'node:http';
createServer((request, response) => {
  console.log('asked for', request.url);
  response.end('ok');
}).listen(process.env.PORT, '127.0.0.1', () => console.log('listening'));
process.on('SIGUSR1', () => console.log('signalled'));
`,
};

describe('commands to a running host', () => {
  it('say that nothing runs here, and end with 1', async (test) => {
    const runtimes = commandIn(test, await workspace(test, web));
    for (const args of [['ps'], ['start', 'web'], ['logs'], ['events']]) {
      const { code, stderr } = await runtimes(...args);
      assert.equal(code, 1);
      assert.match(stderr, /^Nothing runs .*"runtimes up"/);
    }
  });

  it('tell of a service that cannot be run for an error in the file, and end with 3', async (test) => {
    const { runtimes } = await running(test, {
      ...web,
      'runtimes.yaml': 'services:\n  web: { command: node web.mjs }\n  api: { command: x, port: far }\n',
    });
    const { code, stdout } = await runtimes('ps');
    assert.equal(code, 3);
    assert.match(stdout, /^web\.0 .*RUNNING.*\napi +not run +"port".*\n$/);
    const named = await runtimes('start', 'api');
    assert.notEqual(named.code, 0);
    assert.match(named.stderr, /^"api" is not run: "port"/);
  });

  it('say in our own words that no service has fewer than no instances', async (test) => {
    const { runtimes } = await running(test, web);
    for (const count of ['-1', 'many', '1.5']) {
      const { code, stderr } = await runtimes('scale', 'web', count);
      assert.deepEqual([code, stderr], [2, `"web" cannot have ${count} instances: give a whole number.\n`]);
    }
  });

  it('print the end of the main log, which is of everything, and what follows', async (test) => {
    const { folder, runtimes } = await running(test, web);
    assert.equal(globSync(join(folder, '.state/local-runtimes/*/logs/main.log')).length, 1);
    const all = await runtimes('logs', '--main');
    assert.deepEqual([all.code, all.stderr], [0, '']);
    assert.match(all.stdout, /INFO spawned: 'web' with pid \d+\n/);
    assert.equal((await runtimes('logs', '--main', '-n', '1')).stdout.trim().split('\n').length, 1);
    const named = await runtimes('logs', '--main', 'web');
    assert.deepEqual(
      [named.code, named.stderr],
      [2, 'The main log is of everything: give --main without names.\n'],
    );
    const follower = new Cli(test, folder, ['logs', '--main', '-f']);
    const says = (text: string) => follower.until(() => follower.printed.includes(text) || undefined);
    await says("spawned: 'web'");
    await runtimes('restart', 'web');
    await says('stopped: web');
    follower.process.kill('SIGINT');
    assert.equal((await follower.finished).code, 0);
  });

  it('tell how everything is, as a table or as JSON, and end with 3 when something does not run', async (test) => {
    const { up, runtimes } = await running(test, web);
    const all = await runtimes('ps');
    assert.equal(all.code, 3);
    assert.match(
      all.stdout,
      /^web\.0 +RUNNING +pid \d+, uptime 0:00:\d\d, port \d+, http:\/\/127\.0\.0\.1:\d+\/\napi\.0 +STOPPED +Not started\n$/,
    );
    const one = await runtimes('ps', '--json', 'web');
    assert.equal(one.code, 0);
    const view = JSON.parse(one.stdout) as InstanceView;
    assert.deepEqual([view.name, view.state, view.service], ['web.0', 'RUNNING', 'web']);
    const { url } = await up.event('listening', ({ what }) => what === 'web');
    assert.equal((JSON.parse(one.stdout) as { url?: string }).url, url);
  });

  it('start, stop, restart, signal and scale what is named, and wait until it is so', async (test) => {
    const { up, runtimes } = await running(test, web);
    const pid = async (): Promise<number | undefined> =>
      (JSON.parse((await runtimes('ps', '--json', 'web.0')).stdout) as InstanceView).pid;
    const before = await pid();
    assert.equal((await runtimes('start', 'web', 'api')).stdout, 'web.0: started\napi.0: started\n');
    assert.equal(await pid(), before);
    assert.equal((await runtimes('signal', 'usr1', 'web')).stdout, 'web.0: signalled\n');
    await up.event('log', ({ line }) => line === 'signalled');
    assert.equal((await runtimes('restart', 'web')).stdout, 'web.0: restarted\n');
    assert.notEqual(await pid(), before);
    assert.equal((await runtimes('scale', 'web', '3')).stdout, 'web: 3 instances\n');
    await up.event('state', ({ instance, to }) => instance === 'web.2' && to === 'RUNNING');
    await runtimes('scale', 'web', '2');
    await up.event('state', ({ instance, to }) => instance === 'web.2' && to === 'STOPPING');
    await up.event('state', ({ instance, to }) => instance === 'web.2' && to === 'STOPPED');
    await runtimes('scale', 'web', '3');
    await up.until(() =>
      up.events.filter(
        (event) => event.event === 'state' && event.instance === 'web.2' && event.to === 'RUNNING',
      ).length === 2
        ? true
        : undefined,
    );
    assert.equal((await runtimes('stop', 'web.1', 'api')).stdout, 'web.1: stopped\napi.0: stopped\n');
    assert.match((await runtimes('ps', 'web.1', 'api')).stdout, /^web\.1 +STOPPED.*\napi\.0 +STOPPED/);
  });

  it('end with 2 and start nothing when a name means nothing, with 1 when a start or a signal fails', async (test) => {
    const { runtimes } = await running(test, { 'supervisord.conf': conf });
    const unknown = await runtimes('start', 'idle', 'idel');
    assert.deepEqual([unknown.code, unknown.stdout], [2, '']);
    assert.match(unknown.stderr, /There is no service, instance or group "idel"\. Did you mean "idle"\?/);
    assert.match((await runtimes('ps', 'idle')).stdout, /STOPPED/);
    const missing = await runtimes('start', 'missing');
    assert.equal(missing.code, 1);
    assert.match(missing.stdout, /^missing\.0: ERROR \(.*\/nonexistent\/prog/);
    const stopped = await runtimes('signal', 'HUP', 'idle.0');
    assert.equal(stopped.code, 1);
    assert.match(stopped.stdout, /^idle\.0: ERROR \(/);
    const whole = await runtimes('signal', 'HUP', 'idle');
    assert.deepEqual([whole.code, whole.stdout], [1, 'idle.0: ERROR (it does not run: STOPPED)\n']);
    assert.equal((await runtimes('signal', 'NONE', 'echo')).code, 1);
    assert.equal((await runtimes('scale', 'pair', '5')).code, 1);
    assert.equal((await runtimes('scale', 'pair', 'many')).code, 2);
  });

  it('wait until a job is done, and end with 1 when it has failed, though it is tried again', async (test) => {
    const job = (name: string, code: number, more: string): string =>
      `  ${name}:\n    command: node -e "setTimeout(() => process.exit(${code}), 1500)"\n    handshake: none\n    startSeconds: 0\n    autostart: false\n${more}`;
    const { up, runtimes } = await running(test, {
      ...web,
      'runtimes.yaml': `${web['runtimes.yaml']}${job('good', 0, '    restart: never\n')}${job('bad', 3, '    restart: never\n')}${job('again', 3, '')}  later:\n    command: node web.mjs\n    autostart: false\n    dependsOn: { again: exited }\n`,
    });
    const good = await runtimes('start', 'good');
    assert.deepEqual([good.code, good.stdout], [0, 'good.0: done\n']);
    assert.match((await runtimes('ps', 'good')).stdout, /^good\.0 +EXITED +\w{3} \d\d \d\d:\d\d [AP]M\n$/);
    assert.ok(
      up.events.some(
        (event) => event.event === 'state' && event.instance === 'good.0' && event.to === 'EXITED',
      ),
    );
    for (const name of ['bad', 'again']) {
      const { code, stdout } = await runtimes('start', name);
      assert.equal(code, 1);
      assert.match(stdout, new RegExp(`^${name}\\.0: ERROR \\(.*code 3`));
    }
    const failure = await runtimes('ps', 'bad');
    assert.equal(failure.code, 3);
    assert.match(failure.stdout, /^bad\.0 +EXITED +code 3, \w{3} \d\d \d\d:\d\d [AP]M\n$/);
    assert.equal('host' in (JSON.parse((await runtimes('ps', '--json', 'bad')).stdout) as object), false);
  });

  it('are told that the host is stopping when they come too late', async (test) => {
    const { up, runtimes } = await running(test, {
      ...web,
      'runtimes.yaml':
        'services:\n  deaf:\n    command: node deaf.mjs\n    handshake: none\n    startSeconds: 0\n    stopSeconds: 600\n',
      'deaf.mjs':
        "process.on('SIGTERM', () => console.log('heard'));setInterval(() => {}, 1e6);console.log('deaf');\n",
    });
    await up.event('log', ({ line }) => line === 'deaf');
    up.process.kill('SIGTERM');
    await up.event('log', ({ line }) => line === 'heard');
    const late = await runtimes('start', 'deaf');
    assert.deepEqual([late.code, late.stderr], [1, 'It is stopping.\n']);
    up.process.kill('SIGTERM');
  });

  it('know processes by the names that Supervisor has for them, too', async (test) => {
    const { runtimes } = await running(test, { 'supervisord.conf': conf });
    for (const name of ['pair:*', 'pair', 'pair:pair_1', 'pair.1'])
      assert.match((await runtimes('ps', name)).stdout, /^pair\.[01] +RUNNING/, name);
    assert.equal((await runtimes('stop', 'pair:pair_1')).stdout, 'pair.1: stopped\n');
  });

  it('print logs and follow them, each reader only those it asked for', async (test) => {
    const { folder, up, runtimes } = await running(test, web);
    const { url } = await up.event('listening', ({ what }) => what === 'web');
    const first = new Cli(test, folder, ['logs', '-f', 'web']);
    const second = new Cli(test, folder, ['logs', '--follow', '--lines', '1', 'web']);
    const said = async (cli: Cli, line: string): Promise<string> =>
      cli.until(() => (cli.printed.includes(line) ? cli.printed : undefined));
    await said(first, 'listening');
    await said(second, 'listening');
    await fetch(`${url}one`);
    await said(first, 'asked for /one');
    await said(second, 'asked for /one');
    first.process.kill('SIGINT');
    assert.equal((await first.finished).code, 0);
    // That one reader left takes nothing from the other.
    await fetch(`${url}two`);
    await said(second, 'asked for /two');
    assert.equal((await runtimes('logs', '-n', '1', 'web')).stdout, 'asked for /two\n');
  });

  it('type into a process, and show what it says to that', async (test) => {
    const { folder } = await running(test, { 'supervisord.conf': conf });
    const attached = new Cli(test, folder, ['attach', 'echo'], {}, 'pipe');
    attached.process.stdin?.write('hello in there\n');
    await attached.until(() => (attached.printed.includes('hello in there') ? true : undefined));
    attached.process.kill('SIGINT');
    assert.equal((await attached.finished).code, 0);
    const several = await commandIn(test, folder)('attach', 'pair');
    assert.equal(several.code, 2);
    assert.match(several.stderr, /"pair" is 2 instances; name one, such as "pair\.0"/);
  });

  it('print events as up --json does, and end with 1 when the host ends', async (test) => {
    const { folder, up, runtimes } = await running(test, web);
    const watching = new Cli(test, folder, ['events']);
    // There is no sign that it listens but an event, so events are made until one is seen.
    while (watching.events.length === 0) await runtimes('restart', 'web');
    await watching.event('state', ({ to }) => to === 'RUNNING');
    up.process.kill('SIGINT');
    await up.finished;
    const { code, stderr } = await watching.finished;
    assert.deepEqual([code, stderr], [1, 'The host has ended.\n']);
  });

  it('are not told of a second host: it does not run beside the first, and says who that is and what to do', async (test) => {
    const { folder, up, runtimes } = await running(test, web);
    for (const args of [['up'], ['up', '--json'], ['daemon', 'start']]) {
      const { code, stdout, stderr } = await runtimes(...args);
      assert.deepEqual([code, stdout], [1, ''], args.join());
      assert.match(
        stderr,
        new RegExp(`^"runtimes up", pid ${up.process.pid}, since .* runs ${folder} already`),
      );
      assert.match(stderr, /"runtimes ps"[^]*--anyway/);
    }
    up.process.kill('SIGTERM');
    await up.finished;
    assert.deepEqual(globSync(join(folder, '.state/local-runtimes/*/host.json')), []);
  });

  it('reach the first of two hosts of a folder; the second goes without a socket and says so', async (test) => {
    const { folder, up, runtimes } = await running(test, web);
    const second = new Cli(test, folder, ['up', '--json', '--anyway']);
    await second.event('ready');
    const views = await runtimes('ps', '--json', 'web');
    const first = await up.event('state', ({ to }) => to === 'RUNNING');
    assert.equal((JSON.parse(views.stdout) as InstanceView).pid, first.pid);
    second.process.kill('SIGINT');
    assert.match((await second.finished).stderr, /will not find this one: another program listens at/);
    assert.equal((await runtimes('ps', 'web')).code, 0);
  });

  it('go through a socket that is ours alone, and gone after the host', async (test) => {
    const { folder, up } = await running(test, web);
    const sockets = (): readonly string[] => globSync(join(folder, '.state/local-runtimes/*/control.sock'));
    const [path = ''] = sockets();
    assert.equal(((await stat(path)).mode & 0o777).toString(8), '600');
    up.process.kill('SIGTERM');
    await up.finished;
    assert.deepEqual(sockets(), []);
  });
});
