/**
 * `runtimes plan`: what would run, with every default filled in and as its recipe would have it. Nothing is started and
 * nothing is built; programs are only asked for their versions.
 */

import { join } from 'node:path';
import { handshakes, throughShell } from '../core/handshake/launch.ts';
import type { ProgramSpec, ServiceSpec } from '../config/spec.ts';
import { maskEnvironment, maskText } from '../config/secrets.ts';
import type { Outside } from '../core/outside.ts';
import { unfitFault } from '../core/process/hindrance-words.ts';
import { Workshop } from '../core/runtimes/workshop.ts';
import { inheritedEnvironment } from '../host/environment.ts';
import { readConfig } from '../host/home.ts';
import { storageOf } from '../host/storage.ts';
import { createOutside } from '../node/outside.ts';
import { inWords } from './check.ts';
import { configFiles } from './config-files.ts';
import { type Planned, planInWords, type RecipePlan } from './plan-words.ts';

export async function plan(files: readonly string[], json: boolean): Promise<number> {
  const folder = process.cwd();
  const found = configFiles(folder, files);
  if (found === undefined) return 2;
  const config = readConfig(folder, found);
  for (const problem of config.problems) process.stderr.write(`${inWords(problem, folder)}\n`);
  const outside = createOutside();
  const workshop = workshopIn(folder, outside);
  try {
    let isFirst = true;
    for (const spec of config.services) {
      const planned = { ...planOf(spec), ...(await recipePlan(spec, workshop)) };
      const text = json ? `${JSON.stringify(planned)}\n` : planInWords(planned, folder);
      process.stdout.write(isFirst || json ? text : `\n${text}`);
      isFirst = false;
    }
  } finally {
    await outside.close();
  }
  return config.problems.some((problem) => problem.severity === 'error') ? 2 : 0;
}

/** One service as scripts see it. Durations are in milliseconds; secrets are masked. */
function planOf(spec: ServiceSpec): Planned & Readonly<Record<string, unknown>> {
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
    build,
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
    ...(build === undefined ? {} : { build: maskedBuild(build, env) }),
    ...(program === undefined ? {} : { program: { ...program, processes: program.processes.map(masked) } }),
  };
}

function workshopIn(folder: string, outside: Outside): Workshop {
  const nobody = (): void => undefined;
  return new Workshop({
    outside,
    inherited: inheritedEnvironment(process.env),
    windows: process.platform === 'win32',
    platform: process.platform,
    folder,
    workFolder: (service) => join(storageOf(folder), 'work', service),
    equipment: () => ({}),
    told: nobody,
    say: nobody,
  });
}

/** What the recipe makes of it: the first instance of a service, without a debugger. */
async function recipePlan(spec: ServiceSpec, workshop: Workshop): Promise<RecipePlan> {
  if (spec.program !== undefined) return {};
  const { made } = await workshop.plan(spec, { instance: `${spec.name}.0`, index: 0, id: '0' });
  if (made.kind === 'unfit') return { fault: unfitFault(made, spec, `${spec.name}.0`) };
  const { command, shell = spec.shell, path, environment, builds, warnings } = made;
  return {
    argv: throughShell({ shell }, command, process.platform === 'win32').map((text) =>
      maskText(text, spec.env),
    ),
    shell,
    ...(path === undefined ? {} : { path }),
    ...(environment === undefined
      ? {}
      : {
          environment: {
            ...environment,
            beneath: maskEnvironment(environment.beneath),
            above: maskEnvironment(environment.above),
          },
        }),
    ...(builds === undefined
      ? {}
      : {
          builds: builds.map(({ title, steps }) => ({
            title,
            steps: steps.map(({ argv }) => argv.map((text) => maskText(text, spec.env))),
          })),
        }),
    ...(warnings === undefined ? {} : { warnings }),
  };
}

function maskedBuild(
  build: NonNullable<ServiceSpec['build']>,
  env: ServiceSpec['env'],
): ServiceSpec['build'] {
  return build === false ? build : { ...build, command: build.command.map((text) => maskText(text, env)) };
}

function masked(process: ProgramSpec['processes'][number]): ProgramSpec['processes'][number] {
  const { command, env } = process;
  return { ...process, command: command.map((text) => maskText(text, env)), env: maskEnvironment(env) };
}
