import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import type { RuntimeEvent } from '../../src/core/model.ts';
import { Cli, workspace } from '../support/cli.ts';

/** Healthy once the file `healthy` is there and `sick` is not; each new life is rid of its sickness. */
const db = `
import { existsSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
rmSync('sick', { force: true });
createServer((request, response) => {
  response.statusCode = existsSync('healthy') && !existsSync('sick') ? 200 : 503;
  if (request.url === '/health') console.log('looked at: ' + response.statusCode);
  response.end();
}).listen(process.env.PORT, '127.0.0.1');
`;

/** Does its work as soon as it may, and ends. */
const migrate = `
import { existsSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
while (!existsSync('schema')) await setTimeout(10);
console.log('migrated');
`;

const api = `
import { createServer } from 'node:http';
createServer((request, response) => response.end()).listen(process.env.PORT, '127.0.0.1');
`;

const config = `
services:
  api:
    command: node api.mjs
    dependsOn: { db: healthy, migrate: exited }
  db:
    command: node db.mjs
    health: { http: /health, interval: 50ms, failures: 2 }
    watch: { paths: ['schema/*.sql'], debounce: 20ms, cascade: true }
  migrate:
    command: node migrate.mjs
    handshake: none
    restart: never
    startSeconds: 0
`;

const files = { 'runtimes.yaml': config, 'db.mjs': db, 'migrate.mjs': migrate, 'api.mjs': api };

type State = Extract<RuntimeEvent, { event: 'state' }>;

function states(cli: Cli, service: string): readonly State[] {
  return cli.events.filter((each): each is State => each.event === 'state' && each.service === service);
}

const logged = (cli: Cli, line: string): number =>
  cli.events.filter((each) => each.event === 'log' && each.line === line).length;

/** Everything runs, by the way a person would take. */
async function started(cli: Cli, folder: string): Promise<void> {
  await writeFile(join(folder, 'healthy'), '');
  await mkdir(join(folder, 'schema'), { recursive: true });
  await cli.event('ready');
}

describe('runtimes up, with services that depend on each other', () => {
  it('starts what waits for a job’s end and another’s health once both are there', async (test) => {
    const folder = await workspace(test, files);
    const cli = new Cli(test, folder, ['up', '--json']);
    await cli.event('state', (event) => event.service === 'db' && event.to === 'RUNNING');
    await cli.event('state', (event) => event.service === 'migrate' && event.to === 'RUNNING');
    await mkdir(join(folder, 'schema'));
    await cli.event('state', (event) => event.service === 'migrate' && event.to === 'EXITED');
    // Several looks later the database is still not healthy, and nobody has started what needs it.
    const looks = logged(cli, 'looked at: 503');
    await cli.until(() => (logged(cli, 'looked at: 503') >= looks + 3 ? true : undefined));
    assert.deepEqual([states(cli, 'api'), cli.events.some(({ event }) => event === 'ready')], [[], false]);
    assert.deepEqual(
      states(cli, 'db').map(({ to }) => to),
      ['STARTING', 'RUNNING'],
    );
    await writeFile(join(folder, 'healthy'), '');
    await cli.event('ready');
    assert.deepEqual(
      states(cli, 'api').map(({ to }) => to),
      ['STARTING', 'RUNNING'],
    );
    cli.process.kill('SIGINT');
    const { code } = await cli.finished;
    assert.equal(code, 0);
    // What depends on another is gone before that other is asked to stop.
    const ends = cli.events.flatMap((each) => (each.event === 'state' ? [`${each.service} ${each.to}`] : []));
    assert.ok(ends.indexOf('api STOPPED') < ends.indexOf('db STOPPING'));
  });

  it('restarts one that was healthy and is no more, and leaves what depends on it alone', async (test) => {
    const folder = await workspace(test, files);
    const cli = new Cli(test, folder, ['up', '--json']);
    await started(cli, folder);
    await writeFile(join(folder, 'sick'), '');
    const fault = await cli.event('fault', (event) => event.code === 'unhealthy');
    assert.match(
      fault.message,
      /^db\.0 is not healthy: 2 checks in a row failed; GET \/health answered 503\.$/,
    );
    assert.deepEqual(fault.places, [
      { file: join(folder, 'runtimes.yaml'), line: 8, column: 5, endLine: 8, endColumn: 11 },
    ]);
    await cli.until(() =>
      states(cli, 'db').filter(({ to }) => to === 'RUNNING').length === 2 ? true : undefined,
    );
    assert.deepEqual(
      states(cli, 'db').map(({ to }) => to),
      ['STARTING', 'RUNNING', 'STOPPING', 'STOPPED', 'STARTING', 'RUNNING'],
    );
    assert.equal(existsSync(join(folder, 'sick')), false);
    assert.deepEqual(
      states(cli, 'api').map(({ to }) => to),
      ['STARTING', 'RUNNING'],
    );
  });

  it('restarts a service whose files change, and after it what depends on it', async (test) => {
    const folder = await workspace(test, { ...files, 'schema/one.sql': 'select 1' });
    const cli = new Cli(test, folder, ['up', '--json']);
    await started(cli, folder);
    await writeFile(join(folder, 'schema/notes.txt'), 'watched by nobody');
    await writeFile(join(folder, 'schema/one.sql'), 'select 2');
    await cli.until(() =>
      states(cli, 'api').filter(({ to }) => to === 'RUNNING').length === 2 ? true : undefined,
    );
    const again = ['STARTING', 'RUNNING', 'STOPPING', 'STOPPED', 'STARTING', 'RUNNING'];
    assert.deepEqual(
      states(cli, 'db').map(({ to }) => to),
      again,
    );
    assert.deepEqual(
      states(cli, 'api').map(({ to }) => to),
      again,
    );
    const lives = cli.events.flatMap((each) =>
      each.event === 'state' ? [`${each.service} ${each.to}`] : [],
    );
    assert.ok(lives.lastIndexOf('db RUNNING') < lives.lastIndexOf('api STARTING'));
  });

  it('tells people what something waits for, once for each change', async (test) => {
    const folder = await workspace(test, {
      ...files,
      'runtimes.yaml': [
        'services:',
        '  api:',
        '    command: node api.mjs',
        '    dependsOn: { db: healthy }',
        '  db:',
        '    command: node db.mjs',
        '    health: { http: /health, interval: 20ms, failures: 2 }',
      ].join('\n'),
    });
    const cli = new Cli(test, folder, ['up']);
    // Several looks, and all else that is told of it meanwhile, are no change.
    await cli.until(() => (cli.printed.split('looked at: 503').length > 5 ? true : undefined));
    await writeFile(join(folder, 'healthy'), '');
    await cli.until(() => (/^api\.0 +\| RUNNING/mu.test(cli.printed) ? true : undefined));
    cli.process.kill('SIGINT');
    const { code, stdout } = await cli.finished;
    assert.equal(code, 0);
    const told = stdout
      .split('\n')
      .filter((line) => /^api\.0 +\| /u.test(line))
      .map((line) => line.replace(/^api\.0 +\| /u, ''));
    const waits = told.filter((text) => text.startsWith('waiting'));
    assert.deepEqual(new Set(waits).size, waits.length, 'each is said once');
    assert.equal(waits[0], 'waiting for db (STARTING)');
    assert.ok(waits.includes('waiting for db (not healthy yet)'), waits.join());
    assert.equal(told[waits.length], 'STARTING');
  });

  it('says what it waited for in vain, and leaves with 1', async (test) => {
    const folder = await workspace(test, {
      'runtimes.yaml': [
        'services:',
        '  api:',
        '    command: node api.mjs',
        '    dependsOn: { migrate: exited }',
        '  migrate: { command: node migrate.mjs, handshake: none, restart: never, startSeconds: 0 }',
      ].join('\n'),
      'migrate.mjs': 'process.exit(3);',
      'api.mjs': api,
    });
    const cli = new Cli(test, folder, ['up']);
    const { code, stderr } = await cli.finished;
    assert.equal(code, 1);
    assert.match(
      stderr,
      /dependency-failed: "api" cannot start: it is waiting for migrate \(failed, exited with code 3\)\.\n/,
    );
    assert.ok(stderr.includes(`  at ${join(folder, 'runtimes.yaml')}:4:5\n`));
  });
});
