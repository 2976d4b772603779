#!/usr/bin/env node
/** The terminal's face. What scripts may rely on is told in docs/cli.md. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { background } from './background.ts';
import { check } from './check.ts';
import { daemonStatus, runAsDaemon, startDaemon, stopDaemon } from './daemon.ts';
import { attach, events, logs } from './follow.ts';
import { init } from './init.ts';
import { mainLog } from './main-log.ts';
import { reload, restart, scale, signal, start, stop } from './orders.ts';
import { plan } from './plan.ts';
import { list } from './list.ts';
import { ps } from './ps.ts';
import { up } from './up.ts';

const oldest = 22;
const major = Number(process.versions.node.split('.')[0]);
if (major < oldest) {
  const beside = join(import.meta.dirname, '..', 'node_modules', '.bin', 'node');
  const way = existsSync(beside) ? `  ${beside} ${process.argv[1] ?? ''} is new enough.\n` : '';
  process.stderr.write(
    `runtimes needs Node ${oldest} or newer; this is Node ${process.versions.node}.\n${way}`,
  );
  process.exit(2);
}

const program = new Command('runtimes')
  .description('Runs the services of a folder: the same file as in the editor, in a terminal or in CI.')
  .version(version())
  .exitOverride()
  .showHelpAfterError('(runtimes --help tells more)');

program
  .command('check')
  .description('reads a config and prints every problem in it; exits with 2 when there is an error')
  .argument('[file...]', 'config files, laid over each other; without them the folder’s own')
  .option('--json', 'one object a line')
  .action((files: string[], options: { json?: boolean }) => {
    process.exitCode = check(files, options.json === true);
  });

program
  .command('plan')
  .description(
    'prints what would run; starts and builds nothing, but asks programs, also of the workspace, for their versions',
  )
  .argument('[file...]', 'config files, laid over each other; without them the folder’s own')
  .option('--json', 'one object a service, with every default filled in')
  .action(async (files: string[], options: { json?: boolean }) => {
    process.exitCode = await plan(files, options.json === true);
  });

program
  .command('init')
  .description('writes the first runtimes.yaml of this folder, with what is recognised in it; never over one')
  .option('--print', 'prints it, and writes nothing')
  .action((options: { print?: boolean }) => {
    process.exitCode = init(process.cwd(), options.print === true);
  });

program
  .command('up')
  .description('runs services in the foreground until Ctrl-C, or until nothing is left that could run')
  .argument('[service...]', 'which services; without them all that autostart')
  .option('-f, --file <file>', 'a config file; given again, it is laid over the one before', collect)
  .option('--json', 'events on stdout, one object a line')
  .option('--requests', 'with --json: an event for each request too')
  .option('--front-door <host:port>', 'where the one address for everything listens', hostAndPort)
  .option('--anyway', 'though another host runs this folder already; no command reaches the second')
  .option('--no-reload', 'a saved config file has no effect until "runtimes reload"')
  .action(
    async (
      services: string[],
      options: {
        file?: string[];
        json?: boolean;
        requests?: boolean;
        frontDoor?: { host: string; port: number };
        anyway?: boolean;
        reload: boolean;
      },
    ) => {
      process.exitCode = await up({
        services,
        files: options.file ?? [],
        json: options.json === true,
        requests: options.requests === true,
        anyway: options.anyway === true,
        reload: options.reload,
        ...(options.frontDoor === undefined ? {} : { frontDoor: options.frontDoor }),
      });
    },
  );

// --------------------------------------------------------------------------------- commands to a running host

program
  .command('ps')
  .description('tells how everything is; exits with 3 when something does not run')
  .argument('[name...]', 'services, instances or groups; without them everything')
  .option('--json', 'one object an instance')
  .action(async (names: string[], options: { json?: boolean }) => {
    process.exitCode = await ps(names, options.json === true);
  });

program
  .command('list')
  .description('tells who runs what on this machine, from which folder')
  .option('--json', 'one object a host')
  .action((options: { json?: boolean }) => {
    process.exitCode = list(options.json === true);
  });

program
  .command('start')
  .description('starts, and waits until it is up')
  .argument('[name...]', 'services, instances or groups; without them all that autostart')
  .option('--anyway', 'without what it depends on')
  .option('--debug', 'under the debugger of its runtime')
  .action(async (names: string[], options: { anyway?: boolean; debug?: boolean }) => {
    process.exitCode = await start(names, {
      ...(options.anyway === true ? { needs: 'ignore' } : {}),
      ...(options.debug === true ? { debug: true } : {}),
    });
  });

program
  .command('stop')
  .description('stops, and waits until nothing of it is left')
  .argument('[name...]', 'services, instances or groups; without them everything')
  .action(async (names: string[]) => {
    process.exitCode = await stop(names);
  });

program
  .command('restart')
  .description('stops, then starts')
  .argument('[name...]', 'services, instances or groups; without them everything')
  .action(async (names: string[]) => {
    process.exitCode = await restart(names);
  });

program
  .command('signal')
  .description('sends a signal to the first process of each instance')
  .argument('<signal>', 'such as HUP, SIGHUP or 1')
  .argument('<name...>', 'services, instances or groups')
  .action(async (name: string, names: string[]) => {
    process.exitCode = await signal(name, names);
  });

program
  .command('scale')
  .description('changes how many instances a service has, until its config changes')
  .argument('<service>')
  .argument('<instances>', 'how many')
  // A number below none is no option: it is answered like any other that will not do.
  .allowUnknownOption()
  .action(async (service: string, instances: string) => {
    process.exitCode = await scale(service, instances);
  });

program
  .command('background')
  .description('has an instance begin a background thread of App Engine, and prints the id of it')
  .argument('<instance>')
  .action(async (name: string) => {
    process.exitCode = await background(name);
  });

program
  .command('reload')
  .description('has the config read again')
  .action(async () => {
    process.exitCode = await reload();
  });

program
  .command('logs')
  .description('prints the last lines of output')
  .argument('[name...]', 'services, instances or groups; without them everything')
  .option('-f, --follow', 'and what follows, until Ctrl-C')
  .option('-n, --lines <count>', 'how many of the last lines', wholeNumber, 100)
  .option('--main', 'of the main log instead: what became of the processes')
  .action(async (names: string[], options: { follow?: boolean; lines: number; main?: boolean }) => {
    const given = { follow: options.follow === true, lines: options.lines };
    process.exitCode = await (options.main === true ? mainLog(names, given) : logs(names, given));
  });

program
  .command('attach')
  .description('shows the output of an instance, and types into it, until Ctrl-C')
  .argument('<instance>')
  .action(async (name: string) => {
    process.exitCode = await attach(name);
  });

program
  .command('events')
  .description('prints what happens, one JSON object a line, until Ctrl-C')
  .action(async () => {
    process.exitCode = await events();
  });

const daemon = program.command('daemon').description('a host in the background, which outlives the terminal');

interface DaemonFlags {
  file?: string[];
  anyway?: boolean;
  reload: boolean;
  frontDoor?: { host: string; port: number };
}

for (const [name, hidden] of [
  ['start', false],
  ['run', true],
] as const) {
  daemon
    .command(name, { hidden })
    .description(hidden ? 'is the daemon' : 'starts it, and returns when it can be reached')
    .argument('[service...]', 'which services; without them all that autostart')
    .option('-f, --file <file>', 'a config file; given again, it is laid over the one before', collect)
    .option('--front-door <host:port>', 'where the one address for everything listens', hostAndPort)
    .option('--anyway', 'though another host runs this folder already; no command reaches the second')
    .option('--no-reload', 'a saved config file has no effect until "runtimes reload"')
    .action(async (services: string[], options: DaemonFlags) => {
      process.exitCode = await (hidden ? runAsDaemon : startDaemon)({
        services,
        files: options.file ?? [],
        anyway: options.anyway === true,
        reload: options.reload,
        ...(options.frontDoor === undefined ? {} : { frontDoor: options.frontDoor }),
      });
    });
}

daemon
  .command('stop')
  .description('stops everything, in order, and ends it')
  .action(async () => {
    process.exitCode = await stopDaemon();
  });

daemon
  .command('status')
  .description('tells whether it runs; exits with 3 when not')
  .action(async () => {
    process.exitCode = await daemonStatus();
  });

function wholeNumber(value: string): number {
  if (!/^\d+$/.test(value)) throw new InvalidArgumentError('Give a whole number.');
  return Number(value);
}

/** Beside the bundle, the manifest of the extension it came with. */
function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'package.json'), 'utf8'));
  return (manifest as { version: string }).version;
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function hostAndPort(value: string): { host: string; port: number } {
  const match = /^(?:(.*):)?(\d+)$/.exec(value);
  const port = Number(match?.[2] ?? Number.NaN);
  if (!Number.isInteger(port) || port > 65_535) throw new InvalidArgumentError('Write it as 127.0.0.1:8080.');
  const host = (match?.[1] ?? '').replace(/^\[(.*)\]$/, '$1');
  return { host: host === '' ? '127.0.0.1' : host, port };
}

// A reader that leaves early is no mistake of ours; `up` hears of it too, and stops.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});

program.parseAsync().catch((error: unknown) => {
  // Commander has said what was wrong; asking for help or the version is not wrong.
  const { exitCode, code } = error as { exitCode?: number; code?: string };
  if (code?.startsWith('commander.') === true) process.exitCode = exitCode === 0 ? 0 : 2;
  else throw error;
});
