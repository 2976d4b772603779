import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { appendFile, readFile, stat, writeFile } from 'node:fs/promises';
import { type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { Cli, workspace } from '../support/cli.ts';
import { found } from '../support/supervisor.ts';
import { conf, Driven, type Told } from './supervisorctl-support.ts';

/**
 * Each of a kind of its own: an echo, a group with priorities, several of one, and those that cannot run.
 *
 * Supervisor looks whether one has stayed up before it looks whether one has ended, and may sleep for a second before
 * both: with the usual `startsecs` of 1, the one that ends at once has now and then been RUNNING and is tried again.
 */
const programs = `
[program:cat]
command=/bin/cat
startsecs=0
[program:many]
command=/bin/sh -c 'echo hello from %(process_num)d; echo oops >&2; exec /bin/sleep 1000'
process_name=%(program_name)s_%(process_num)02d
numprocs=2
startsecs=0
[program:missing]
command=/nonexistent/prog
autostart=false
[program:folder]
command=/usr/bin
autostart=false
[program:quick]
command=/bin/false
autostart=false
startsecs=60
startretries=0
[program:manual]
command=/bin/sleep 1000
autostart=false
startsecs=0
[program:a]
command=/bin/sleep 1001
startsecs=0
priority=5
[program:b]
command=/bin/sleep 1002
startsecs=0
[group:g]
programs=a,b
priority=7
`;

/** What a person may say to it, in an order that meets every answer. */
const session: readonly string[] = [
  'status',
  'status cat',
  'status g:*',
  'status nope cat',
  'status nope:*',
  'start missing',
  'start folder',
  'start quick',
  'start manual',
  'start manual',
  'start nope',
  'start nope:*',
  'start g:*',
  'start cat manual',
  'stop manual',
  'stop manual',
  'fg manual',
  'stop nope',
  'stop nope:*',
  'status manual',
  'stop g:a',
  'start g:*',
  'stop g:*',
  'start g:b g:a',
  'restart cat',
  'restart g:*',
  'restart nope',
  'signal HUP nope',
  'signal FOO cat',
  'signal CONT cat',
  'signal CONT manual',
  'signal CONT g:*',
  'signal CONT nope:*',
  'signal 18 all',
  'tail many:many_00',
  'tail -6 many:many_01',
  'tail many:many_00 stderr',
  'tail nope',
  'tail cat stdfoo',
  'clear many:many_00',
  'tail many:many_00',
  'clear nope',
  'clear all',
  'pid',
  'pid cat',
  'pid manual',
  'pid nope',
  'pid all',
  'avail',
  'reread',
  'update',
  'update nope',
  'remove cat',
  'remove nope',
  'add cat',
  'add nope',
  'stop cat',
  'remove cat',
  'status cat',
  'avail',
  'add cat',
  'stop all',
  'status',
  'start all',
  'status',
  'fg nope',
  'nonsense',
];

/** Numbers that differ from run to run. */
function steadied({ code, text }: Told): string {
  const steady = text
    .replaceAll(/pid \d+, uptime \d:\d\d:\d\d/g, 'pid N, uptime T')
    .replaceAll(/[A-Z][a-z]{2} \d\d \d\d:\d\d [AP]M/g, 'DATE')
    .replaceAll(/^[1-9]\d*$/gm, 'N');
  return `${steady}exit ${code}`;
}

async function transcript(driven: Driven): Promise<readonly string[]> {
  await driven.written(
    ...['00', '01'].flatMap((number) => [`many_${number}-stdout`, `many_${number}-stderr`]),
  );
  const told = await driven.session(session);
  return session.map((command, index) => {
    const answer = steadied(told[index] ?? { code: null, text: 'no answer' });
    // Supervisor tells results of several in the order in which they came about.
    const lines = / all$|:\*$/.test(command) ? answer.split('\n').toSorted() : answer.split('\n');
    return [`> ${command}`, ...lines].join('\n');
  });
}

describe('supervisorctl', () => {
  it('hears from us, command by command, what it hears from supervisord, with the same exit codes (SV-94, SV-84, SV-83)', async (test) => {
    const [ours, real] = await Promise.all([
      Driven.ours(test, conf(programs)).then(transcript),
      Driven.real(test, conf(programs)).then(transcript),
    ]);
    assert.deepEqual(ours, real);
  });

  it('is answered no sooner than all that starts by itself has been spawned, however early it asks, as by supervisord (SV-84)', async (test) => {
    const many = conf('[program:many]\ncommand=/bin/cat\nprocess_name=%(process_num)d\nnumprocs=50\n');
    const ours = async (): Promise<string> => {
      const folder = await workspace(test, { 'supervisord.conf': many });
      const { finished } = new Cli(test, folder, ['up', '--json']);
      const isThere = found([folder], () => existsSync(join(folder, 's.sock')) || undefined);
      assert.equal(await Promise.race([isThere, finished]), true);
      return folder;
    };
    const folders = await Promise.all([ours(), Driven.real(test, many).then(({ folder }) => folder)]);
    for (const folder of folders) {
      const answer = await called(join(folder, 's.sock'), 'supervisor.getAllProcessInfo');
      const pids = [...answer.matchAll(/<name>pid<\/name>\s*<value><int>(\d+)/gu)].map(([, pid]) =>
        Number(pid),
      );
      assert.equal(pids.length, 50);
      assert.deepEqual(
        pids.filter((pid) => pid === 0),
        [],
      );
    }
  });

  it('gets 0, 3 and 4 from status: all run, something is stopped, a name is unknown or nobody answers (SV-94)', async (test) => {
    const driven = await Driven.ours(test, conf(programs));
    assert.deepEqual(
      await Promise.all(
        ['cat', 'manual', 'nope'].map(async (name) => (await driven.ctl('status', name)).code),
      ),
      [0, 3, 4],
    );
    const nobody = await driven.at(['-s', `unix://${driven.folder}/other.sock`], 'status');
    assert.equal(nobody.code, 4);
    const { text } = await driven.ctl('status', 'cat');
    assert.match(text, /^cat {30}RUNNING {3}pid \d+, uptime \d:\d\d:\d\d\n$/);
  });

  it('updates what has changed in the file: stops and removes, restarts, adds (SV-94, SV-90)', async (test) => {
    const driven = await Driven.ours(test, conf(programs));
    const file = join(driven.folder, 'supervisord.conf');
    const before = (await driven.ctl('pid', 'many:many_00')).text;
    const changed = conf(programs)
      .replace(/\[program:cat\][^[]*/, '')
      .replace('command=/bin/sleep 1001', 'command=/bin/sleep 2001');
    await writeFile(file, `${changed}\n[program:new]\ncommand=/bin/sleep 1003\nstartsecs=0\n`);
    assert.equal((await driven.ctl('reread')).text, 'cat: disappeared\ng: changed\nnew: available\n');
    assert.equal(
      (await driven.ctl('update')).text,
      'cat: stopped\ncat: removed process group\ng: stopped\ng: updated process group\nnew: added process group\n',
    );
    assert.equal((await driven.ctl('reread')).text, 'No config updates to processes\n');
    assert.equal((await driven.ctl('status', 'cat')).code, 4);
    assert.deepEqual((await driven.ctl('status', 'g:a', 'g:b', 'new')).code, 0);
    assert.equal((await driven.ctl('pid', 'many:many_00')).text, before);
    await appendFile(file, '\n[program:bad]\nautostart=true\n');
    const broken = await driven.ctl('reread');
    assert.equal(broken.code, 1);
    assert.match(broken.text, /^ERROR: CANT_REREAD: .*program:bad/);
    assert.equal((await driven.ctl('status', 'new')).code, 0);
  });

  it('follows logs as they grow, the main one too, and talks with a process in the foreground', async (test) => {
    const driven = await Driven.ours(test, conf(programs));
    const tail = driven.following('tail', '-f', 'cat');
    await tail.until('==> Press Ctrl-C to exit <==');
    const main = driven.following('maintail', '-f');
    await main.until("spawned: 'cat'");
    const foreground = driven.following('fg', 'cat');
    await foreground.until('Press Ctrl-C');
    foreground.type('typed in the foreground\n');
    await foreground.until('typed in the foreground');
    await tail.until('typed in the foreground');
    assert.equal((await driven.ctl('stop', 'cat')).text, 'cat: stopped\n');
    await main.until('stopped: cat');
    foreground.type('too late\n');
    await foreground.until('Process got killed\nExiting foreground');
    await tail.interrupt();
    await main.interrupt();
    assert.match((await driven.ctl('maintail', '-2000')).text, /INFO spawned: 'cat' with pid \d+/);
  });

  it('restarts everything with the file as it is now, and shuts it down', async (test) => {
    const driven = await Driven.ours(test, conf(programs));
    const file = join(driven.folder, 'supervisord.conf');
    await writeFile(file, conf(programs.replace(/\[program:cat\][^[]*/, '')));
    assert.equal((await driven.ctl('reload')).text, 'Restarted supervisord\n');
    const ready = (): number => driven.cli?.events.filter(({ event }) => event === 'ready').length ?? 0;
    await driven.cli?.until(() => (ready() === 2 ? true : undefined));
    // The state goes back to RUNNING in the moment after.
    let status = await driven.ctl('status');
    while (status.text.includes('SHUTDOWN_STATE')) status = await driven.ctl('status');
    assert.doesNotMatch(status.text, /^cat/m);
    assert.match(status.text, /^many:many_00 +RUNNING/m);
    assert.equal((await driven.ctl('shutdown')).text, 'Shut down\n');
    const finished = await driven.cli?.finished;
    assert.deepEqual([finished?.code, driven.cli?.events.at(-1)?.event], [0, 'stopped']);
    assert.equal(existsSync(join(driven.folder, 's.sock')), false);
    assert.equal((await driven.ctl('status')).code, 4);
  });

  it('speaks over a port with name and password, plain or as a hash, and is refused without', async (test) => {
    const [plain, hashed] = ['secret', `{SHA}${createHash('sha1').update('secret').digest('hex')}`].map(
      (password) => `username=ann\npassword=${password}\n`,
    );
    const port = await freePort();
    const driven = await Driven.ours(
      test,
      conf(programs, `${plain}[inet_http_server]\nport=127.0.0.1:${port}\n${hashed}`),
    );
    const url = ['-s', `http://127.0.0.1:${port}`];
    const socket = ['-s', `unix://${driven.folder}/s.sock`];
    for (const at of [url, socket]) {
      const { code, text } = await driven.at([...at, '-u', 'ann', '-p', 'secret'], 'status', 'cat');
      assert.match(`${code} ${text}`, /^0 cat +RUNNING/);
      for (const credentials of [[], ['-u', 'ann', '-p', 'wrong'], ['-u', 'bob', '-p', 'secret']]) {
        const refused = await driven.at([...at, ...credentials], 'version');
        assert.match(refused.text, /Server requires authentication|401 Unauthorized/);
        assert.notEqual(refused.code, 0);
      }
    }
    assert.equal((await driven.at([...url, '-u', 'ann', '-p', 'secret'], 'version')).text, '4.3.0\n');
  });

  it('finds the socket with the mode that the file asks for', async (test) => {
    const driven = await Driven.ours(test, conf(programs, 'chmod=0640\n'));
    const { mode } = await stat(join(driven.folder, 's.sock'));
    assert.equal((mode & 0o777).toString(8), '640');
  });

  it('is what a child is told the address for (SV-12)', async (test) => {
    const driven = await Driven.ours(
      test,
      conf(
        '[program:told]\ncommand=/bin/sh -c \'echo "$SUPERVISOR_SERVER_URL" > url; exec /bin/sleep 1000\'\nstartsecs=0\n',
      ),
    );
    await driven.cli?.event('ready');
    const text = async (): Promise<string> => readFile(join(driven.folder, 'url'), 'utf8').catch(() => '');
    while ((await text()) === '') assert.equal((await driven.ctl('status')).code, 0);
    assert.equal(await text(), `unix://${driven.folder}/s.sock\n`);
  });
});

/** The answer to one call, without `supervisorctl`, which takes a while to start. */
async function called(socketPath: string, method: string): Promise<string> {
  const asked = request({ socketPath, path: '/RPC2', method: 'POST', agent: false });
  asked.end(`<?xml version="1.0"?><methodCall><methodName>${method}</methodName></methodCall>`);
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  let text = '';
  for await (const part of response.setEncoding('utf8')) text += String(part);
  return text;
}

async function freePort(): Promise<number> {
  const { createServer } = await import('node:net');
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : 0));
    });
  });
}
