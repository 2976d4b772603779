/** `runtimes plan`: what would run, with every default filled in; nothing is spawned. */

import { handshakes, throughShell } from '../core/handshake/launch.ts';
import type { ProgramSpec, ServiceSpec } from '../config/spec.ts';
import { maskEnvironment, maskText } from '../config/secrets.ts';
import { readConfig } from '../host/home.ts';
import { inWords } from './check.ts';
import { configFiles } from './config-files.ts';

export function plan(files: readonly string[]): number {
  const folder = process.cwd();
  const found = configFiles(folder, files);
  if (found === undefined) return 2;
  const config = readConfig(folder, found);
  for (const problem of config.problems) process.stderr.write(`${inWords(problem, folder)}\n`);
  for (const spec of config.services) process.stdout.write(`${JSON.stringify(planOf(spec))}\n`);
  return config.problems.some((problem) => problem.severity === 'error') ? 2 : 0;
}

/** One service as scripts see it. Durations are in milliseconds; secrets are masked. */
function planOf(spec: ServiceSpec): Readonly<Record<string, unknown>> {
  const {
    name,
    source,
    runtime,
    handshake,
    instances,
    command,
    shell,
    cwd,
    env,
    keys: _keys,
    program,
    ...rest
  } = spec;
  return {
    service: name,
    source: { file: source.file, line: source.line, column: source.column },
    runtime,
    handshake,
    instances,
    argv: throughShell({ shell }, command, process.platform === 'win32').map((text) => maskText(text, env)),
    cwd,
    env: maskEnvironment(env),
    portInEnv: handshakes[handshake].portInEnv,
    ...rest,
    ...(program === undefined ? {} : { program: { ...program, processes: program.processes.map(masked) } }),
  };
}

function masked(process: ProgramSpec['processes'][number]): ProgramSpec['processes'][number] {
  const { command, env } = process;
  return { ...process, command: command.map((text) => maskText(text, env)), env: maskEnvironment(env) };
}
