/** Several checkouts of one user on one machine: their addresses never clash, and a list tells who runs what. */

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { realpath, rename } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { describe, it, type TestContext } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';

const config = `services:
  web: { command: 'node web.mjs' }
  job: { command: 'sleep 1000', handshake: none }
`;
const program = `import { createServer } from 'node:http';
createServer((_, answer) => answer.end('hello')).listen(Number(process.env.PORT), '127.0.0.1');
`;

interface Machine {
  readonly state: string;
  readonly checkout: () => Promise<string>;
  readonly up: (folder: string) => Promise<Up>;
  readonly list: (folder: string) => Promise<readonly Listed[]>;
}

interface Up {
  readonly cli: Cli;
  /** By what is listening. */
  readonly ports: Readonly<Record<string, number>>;
  readonly end: () => Promise<void>;
}

interface Listed {
  readonly folder: string;
  readonly kind: string;
  readonly pid: number;
  readonly here: boolean;
  readonly frontDoor?: string;
  readonly services: readonly {
    readonly name: string;
    readonly running: number;
    readonly instances: number;
    readonly asleep?: number;
  }[];
}

/** One user's state folder, which all checkouts share. */
async function machine(test: TestContext): Promise<Machine> {
  const state = await workspace(test, {});
  const env = { XDG_STATE_HOME: state };
  return {
    state: join(state, 'local-runtimes'),
    checkout: async () => realpath(await workspace(test, { 'runtimes.yaml': config, 'web.mjs': program })),
    async up(folder) {
      const cli = new Cli(test, folder, ['up', '--json'], env);
      await cli.event('ready');
      const listening = cli.events.flatMap((event) =>
        event.event === 'listening' ? [[event.what, Number(new URL(event.url).port)] as const] : [],
      );
      return {
        cli,
        ports: Object.fromEntries(listening),
        async end() {
          cli.process.kill('SIGTERM');
          await cli.finished;
        },
      };
    },
    async list(folder) {
      const { stdout, code } = await new Cli(test, folder, ['list', '--json'], env).finished;
      assert.equal(code, 0);
      return stdout
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line) as Listed);
    },
  };
}

const numbers = ({ ports }: Up): readonly number[] => Object.values(ports);

/** Holds every port it is given, as any program may. */
async function occupied(port: number): Promise<Server> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', () => resolve());
  });
  return server;
}

describe('two checkouts on one machine', () => {
  it('have addresses of their own, and each gets the same ones again', async (test) => {
    const { checkout, up } = await machine(test);
    const [one, two] = [await checkout(), await checkout()];
    const [first, second] = await Promise.all([up(one), up(two)]);
    assert.deepEqual(Object.keys(first.ports).toSorted(), ['front-door', 'web']);
    assert.equal(new Set([...numbers(first), ...numbers(second)]).size, 4);
    await Promise.all([first.end(), second.end()]);
    // In the other order, so that neither has its ports only because the other has taken its own.
    const secondAgain = await up(two);
    const firstAgain = await up(one);
    assert.deepEqual(firstAgain.ports, first.ports);
    assert.deepEqual(secondAgain.ports, second.ports);
  });

  it('keep their addresses from a third one while nobody runs them, and lose them when they are gone', async (test) => {
    const { checkout, up, state } = await machine(test);
    const [sleeping, third] = [await checkout(), await checkout()];
    const before = await up(sleeping);
    await before.end();
    const leases = readdirSync(join(state, 'ports'));
    assert.deepEqual(leases.toSorted(), numbers(before).map(String).toSorted());
    // The third remembers just these, as if it had had them in a time before there were leases.
    const own = await storageOf(state, third, up);
    writeFileSync(
      join(own, 'ports.json'),
      JSON.stringify({ '': before.ports['front-door'], web: before.ports['web'] }),
    );
    for (const name of readdirSync(join(state, 'ports')))
      if (!leases.includes(name)) await rename(join(state, 'ports', name), join(state, `gone-${name}`));
    const other = await up(third);
    assert.equal(new Set([...numbers(before), ...numbers(other)]).size, 4);
    await other.end();
    await rename(sleeping, `${sleeping}-gone`);
    test.after(() => rename(`${sleeping}-gone`, sleeping));
    const heir = await up(third);
    await heir.end();
    assert.equal(
      readdirSync(join(state, 'ports')).some((name) => leases.includes(name)),
      false,
    );
  });

  it('take another port for once where a program of no checkout sits on theirs, and have it again afterwards', async (test) => {
    const { checkout, up } = await machine(test);
    const folder = await checkout();
    const first = await up(folder);
    await first.end();
    const squatter = await occupied(first.ports['web'] ?? 0);
    test.after(() => squatter.close());
    const meanwhile = await up(folder);
    assert.notEqual(meanwhile.ports['web'], first.ports['web']);
    assert.equal(meanwhile.ports['front-door'], first.ports['front-door']);
    await meanwhile.end();
    await new Promise((resolve) => squatter.close(resolve));
    assert.deepEqual((await up(folder)).ports, first.ports);
  });

  it('tell of what sleeps that it does', async (test) => {
    const { checkout, up, list, state } = await machine(test);
    const folder = await checkout();
    writeFileSync(
      join(folder, 'runtimes.yaml'),
      'services: { web: { command: node web.mjs, startOnRequest: true } }\n',
    );
    await up(folder);
    const asleep = { name: 'web', running: 0, instances: 1, asleep: 1 };
    await eventually(async () => {
      const [host] = await list(folder);
      const services = host?.services.map(({ name, running, instances, ...rest }) => ({
        name,
        running,
        instances,
        asleep: rest.asleep,
      }));
      assert.deepEqual(services, [asleep]);
    });
    const env = { XDG_STATE_HOME: join(state, '..') };
    const { stdout } = await new Cli(test, folder, ['list'], env).finished;
    assert.match(stdout, /\n {2}web {7}asleep {2}http/);
  });

  it('know each other where one has the port that the other is to have', async (test) => {
    const { checkout, up } = await machine(test);
    const [one, two] = [await checkout(), await checkout()];
    const first = await up(one);
    writeFileSync(
      join(two, 'runtimes.yaml'),
      `${config}frontDoor:\n  port: ${first.ports['front-door'] ?? 0}\n`,
    );
    const { cli } = await up(two);
    const taken = cli.events.find(({ event }) => event === 'fault');
    assert.ok(taken?.event === 'fault');
    assert.equal(
      taken.hint,
      `Stop "runtimes up" in ${one} (pid ${first.cli.process.pid ?? 0}), or remove the fixed port to let us choose a free one.`,
    );
    assert.deepEqual(
      taken.places.map(({ line, column }) => [line, column]),
      [[5, 3]],
    );
  });

  it('are both in the list with what they run, until they end or are killed', async (test) => {
    const { checkout, up, list, state } = await machine(test);
    const [one, two] = [await checkout(), await checkout()];
    assert.deepEqual(await list(one), []);
    const [first, second] = [await up(one), await up(two)];
    const shown = (all: readonly Listed[]) =>
      all.map(({ folder, kind, pid, here, services, frontDoor }) => ({
        folder,
        kind,
        pid,
        here,
        port: Number(new URL(frontDoor ?? '').port),
        services: services.map(({ name, running, instances }) => `${name} ${running}/${instances}`),
      }));
    const expected = (folder: string, { cli, ports }: Up) => ({
      folder,
      kind: 'up',
      pid: cli.process.pid,
      here: folder === one,
      port: ports['front-door'],
      services: ['web 1/1', 'job 1/1'],
    });
    // What a host tells is written at most once a second, so that its last state comes a moment later.
    const both = [expected(one, first), expected(two, second)].toSorted((a, b) =>
      a.folder < b.folder ? -1 : 1,
    );
    await eventually(async () => assert.deepEqual(shown(await list(one)), both));

    second.cli.process.kill('SIGKILL');
    await second.cli.finished;
    assert.equal(readdirSync(join(state, 'hosts')).length, 2, 'what it told is left behind');
    assert.deepEqual(shown(await list(one)), [expected(one, first)]);
    assert.equal(readdirSync(join(state, 'hosts')).length, 1, 'and cleared away by who looks');
    await first.end();
    assert.deepEqual(await list(one), []);
    assert.deepEqual(readdirSync(join(state, 'hosts')), []);
  });
});

describe('the list of what runs', () => {
  it('reads to people', async (test) => {
    const { checkout, up, state } = await machine(test);
    const folder = await checkout();
    const env = { XDG_STATE_HOME: join(state, '..') };
    assert.equal(
      (await new Cli(test, folder, ['list'], env).finished).stdout,
      'Nothing runs on this machine.\n',
    );
    const { ports, cli } = await up(folder);
    await eventually(async () => {
      const { stdout } = await new Cli(test, folder, ['list'], env).finished;
      const lines = stdout.trimEnd().split('\n');
      assert.equal(
        lines[0]?.replace(/since [^,]+(?= [AP]M)?/, 'since now').replace(/now [AP]M/, 'now'),
        `${folder} (here): "runtimes up", pid ${cli.process.pid}, since now, http://127.0.0.1:${ports['front-door']}/`,
      );
      assert.deepEqual(lines.slice(1), [
        `  web       1/1     http://127.0.0.1:${ports['web']}/`,
        '  job       1/1',
      ]);
    });
  });

  it('shows nothing of files that are half written, hostile or of a process that is another by now', async (test) => {
    const { checkout, list, state } = await machine(test);
    const folder = await checkout();
    const hosts = join(state, 'hosts');
    mkdirSync(hosts, { recursive: true });
    const good = { folder, kind: 'up', pid: process.pid, since: 1, services: [] };
    const name = (index: number, pid = process.pid): string => `${pid}-00000000000${index}.json`;
    const files: Readonly<Record<string, unknown>> = {
      [name(1)]: good,
      [name(2)]: { ...good, folder: '../up' },
      [name(3)]: { ...good, folder: '/a\u001B[2Jb' },
      [name(4)]: { ...good, kind: 'god' },
      [name(5)]: { ...good, services: 'all' },
      [name(6)]: { ...good, start: 'another time' },
      [name(7)]: {
        ...good,
        frontDoor: 'javascript:alert(1)',
        services: [{ name: 'x\n', running: 1, instances: 1 }],
      },
      [name(8, 2 ** 22 + 1)]: good,
      'notes.txt': good,
    };
    for (const [file, value] of Object.entries(files))
      writeFileSync(join(hosts, file), JSON.stringify(value));
    writeFileSync(join(hosts, name(9)), '{"folder": "/half');
    const found = await list(folder);
    assert.deepEqual(
      found.map(({ pid, services, frontDoor }) => ({ pid, services, frontDoor })),
      [
        { pid: process.pid, services: [], frontDoor: undefined },
        { pid: process.pid, services: [], frontDoor: undefined },
      ],
    );
    const left = readdirSync(hosts);
    assert.equal(left.includes(name(8, 2 ** 22 + 1)), false, 'its process is gone');
    assert.equal(left.includes(name(6)), false, 'its process has a number that was used again');
    assert.equal(left.includes('notes.txt'), true, 'what is none of ours stays');
  });
});

/** Tries until it holds: each try waits for a program to end, so that none of them is a pause. */
async function eventually(holds: () => Promise<void>): Promise<void> {
  for (let tries = 0; ; tries++) {
    try {
      await holds();
      return;
    } catch (error) {
      if (tries > 40) throw error;
    }
  }
}

/** Where a folder that nobody has run yet keeps its own, once it has been run. */
async function storageOf(state: string, folder: string, up: Machine['up']): Promise<string> {
  const known = readdirSync(state);
  await (await up(folder)).end();
  const [own = ''] = readdirSync(state).filter(
    (name) => !known.includes(name) && /^[0-9a-f]{16}$/.test(name),
  );
  assert.ok(existsSync(join(state, own, 'ports.json')));
  return join(state, own);
}
