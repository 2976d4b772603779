#!/usr/bin/env node
/** The terminal's face. What scripts may rely on is told in docs/cli.md. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { check } from './check.ts';
import { plan } from './plan.ts';
import { up } from './up.ts';

const oldest = 22;
const major = Number(process.versions.node.split('.')[0]);
if (major < oldest) {
  process.stderr.write(`runtimes needs Node ${oldest} or newer; this is Node ${process.versions.node}.\n`);
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
  .description('prints what would run, and runs nothing')
  .argument('[file...]', 'config files, laid over each other; without them the folder’s own')
  .requiredOption('--json', 'one object a service, with every default filled in')
  .action((files: string[]) => {
    process.exitCode = plan(files);
  });

program
  .command('up')
  .description('runs services in the foreground until Ctrl-C, or until nothing is left that could run')
  .argument('[service...]', 'which services; without them all that autostart')
  .option('-f, --file <file>', 'a config file; given again, it is laid over the one before', collect)
  .option('--json', 'events on stdout, one object a line')
  .option('--requests', 'with --json: an event for each request too')
  .option('--front-door <host:port>', 'where the one address for everything listens', hostAndPort)
  .action(
    async (
      services: string[],
      options: {
        file?: string[];
        json?: boolean;
        requests?: boolean;
        frontDoor?: { host: string; port: number };
      },
    ) => {
      process.exitCode = await up({
        services,
        files: options.file ?? [],
        json: options.json === true,
        requests: options.requests === true,
        ...(options.frontDoor === undefined ? {} : { frontDoor: options.frontDoor }),
      });
    },
  );

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
