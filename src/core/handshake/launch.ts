/**
 * What a child gets in each handshake: its arguments, environment and stdin (spec 1.2, config.md).
 *
 * Pure: the files and the port are made before, the child is spawned after.
 */

import type { HandshakeName, ProgramSpec, ServiceSpec } from '../../config/spec.ts';
import type { SpawnPlan } from '../outside.ts';
import type { Plan } from '../runtimes/recipe.ts';
import type { Given } from '../topology/given.ts';
import { environmentOf } from './environment.ts';

/** What each handshake does, said once. */
export interface HandshakeTraits {
  /** We choose the port before the spawn. */
  readonly givesPort: boolean;
  /** `PORT` is in the environment. */
  readonly portInEnv: boolean;
  /** `{port}` is replaced in its arguments. */
  readonly portInArguments: boolean;
  /** The configuration's way to the child. */
  readonly configuration: 'none' | 'stdin-base64' | 'stdin-raw' | 'file';
  /** Where the port comes back from. */
  readonly reports: 'nothing' | 'stdout' | 'file' | 'sockets';
}

export const handshakes: { readonly [H in HandshakeName]: HandshakeTraits } = {
  port: {
    givesPort: true,
    portInEnv: true,
    portInArguments: true,
    configuration: 'none',
    reports: 'nothing',
  },
  discover: {
    givesPort: true,
    portInEnv: true,
    portInArguments: true,
    configuration: 'none',
    reports: 'sockets',
  },
  none: {
    givesPort: false,
    portInEnv: false,
    portInArguments: false,
    configuration: 'none',
    reports: 'nothing',
  },
  stdout: {
    givesPort: false,
    portInEnv: false,
    portInArguments: false,
    configuration: 'stdin-base64',
    reports: 'stdout',
  },
  file: {
    givesPort: false,
    portInEnv: false,
    portInArguments: false,
    configuration: 'file',
    reports: 'file',
  },
  reverse: {
    givesPort: true,
    portInEnv: true,
    portInArguments: true,
    configuration: 'file',
    reports: 'nothing',
  },
  'reverse-no-file': {
    givesPort: true,
    portInEnv: false,
    portInArguments: true,
    configuration: 'stdin-raw',
    reports: 'nothing',
  },
};

/** There is, or will be, a port that requests can go to. */
export function hasAddress(handshake: HandshakeName): boolean {
  return handshakes[handshake].givesPort || handshakes[handshake].reports !== 'nothing';
}

/** The JSON a child receives in the reference's four handshakes. Documented in docs/handshakes.md. */
export interface RuntimeConfiguration {
  readonly version: 1;
  readonly service: string;
  readonly instance: string;
  readonly index: number;
  /** The folder it runs in. */
  readonly applicationRoot: string;
  /** The port we chose, where the handshake gives one. */
  readonly port?: number;
  /** What the config adds to the environment. */
  readonly environ: Readonly<Record<string, string>>;
  /** Front-door addresses of the other services. */
  readonly services: Readonly<Record<string, string>>;
}

export interface LaunchFacts {
  readonly index: number;
  /** The environment the child inherits. */
  readonly inherited: Readonly<Record<string, string>>;
  readonly port?: number;
  /** What the processes of an application are told about each other. */
  readonly given?: Given;
  /** Paths of the two temporary files of `file` and `reverse`. */
  readonly files?: { readonly configuration: string; readonly port: string };
  /** Serialised, for the two stdin handshakes. */
  readonly configuration?: string;
  /** The recipe's; absent: as it is written. */
  readonly plan?: Plan;
  readonly windows?: boolean;
}

export function serialise(configuration: RuntimeConfiguration): string {
  return JSON.stringify(configuration);
}

/**
 * The spawn plan of one start, but for its logs and its socket. The definition is the effective one; the caller's
 * lists are never changed (RP-21, RP-24).
 */
export function launchPlan(spec: ServiceSpec, facts: LaunchFacts): SpawnPlan {
  const traits = handshakes[spec.handshake];
  const shell = facts.plan?.shell ?? spec.shell;
  const args = substitute(argumentsOf(spec, facts, traits), traits, shell !== false, facts);
  const argv =
    traits.configuration === 'file' && facts.files !== undefined
      ? [...args, facts.files.configuration, facts.files.port]
      : args;
  const [program, ...rest] = throughShell({ shell }, argv, facts.windows === true);
  return {
    argv: [program ?? '', ...rest],
    cwd: spec.cwd,
    env: childEnvironment(spec, facts),
    ...stdinOf(facts, traits),
    ...(spec.program === undefined ? {} : programOf(spec.program)),
  };
}

/** Supervisor's tools can write to any process at any time; a shared socket takes the place of stdin. */
export function takesInput({ program }: Pick<ServiceSpec, 'program'>): boolean {
  return program !== undefined && program.socket === undefined;
}

/** What only a program of a `supervisord.conf` asks for; `processes` holds the one process that is started. */
function programOf(program: ProgramSpec): Partial<SpawnPlan> {
  const [{ stdout, stderr }] = program.processes;
  const capture = {
    ...(stdout.captureBytes > 0 ? { stdout: stdout.captureBytes } : {}),
    ...(stderr.captureBytes > 0 && !program.redirectStderr ? { stderr: stderr.captureBytes } : {}),
  };
  return {
    asSupervisor: true,
    ...(takesInput({ program }) ? { openStdin: true } : {}),
    ...(program.redirectStderr ? { redirectStderr: true } : {}),
    ...(program.stripAnsi ? { stripAnsi: true } : {}),
    ...(Object.keys(capture).length === 0 ? {} : { capture }),
    ...(program.umask === undefined ? {} : { umask: program.umask }),
    ...(program.user === undefined ? {} : { user: program.user }),
  };
}

function argumentsOf(spec: ServiceSpec, facts: LaunchFacts, traits: HandshakeTraits): readonly string[] {
  const { plan, port } = facts;
  const args = plan?.command ?? spec.command;
  // Made anew for each start, so that they do not add up (RP-23, RT-20).
  return traits.configuration === 'stdin-raw' && plan?.extraArgument !== undefined && port !== undefined
    ? [...args, plan.extraArgument(port)]
    : args;
}

/** The complete environment of a child; without its port where that is not known yet. */
export function childEnvironment(
  spec: ServiceSpec,
  { inherited, given, port, plan, windows }: Omit<LaunchFacts, 'index'>,
): SpawnPlan['env'] {
  return environmentOf(spec, {
    inherited,
    ...(given === undefined ? {} : { given }),
    ...(port === undefined || !handshakes[spec.handshake].portInEnv ? {} : { port }),
    ...(plan?.environment === undefined ? {} : { rule: plan.environment }),
    ...(plan?.path === undefined ? {} : { path: plan.path }),
    ...(windows === undefined ? {} : { windows }),
  });
}

function substitute(
  args: readonly string[],
  traits: HandshakeTraits,
  shell: boolean,
  facts: LaunchFacts,
): readonly string[] {
  // A shell expands $PORT itself; the reference leaves `{port}` alone there (RP-25).
  if (shell) return args;
  const values = Object.entries({
    port: traits.portInArguments ? facts.port : undefined,
    api_port: facts.given?.api?.port,
    api_host: facts.given?.api?.host,
    frontend_port: facts.given?.frontendPort,
  }).flatMap(([name, value]) => (value === undefined ? [] : [[`{${name}}`, String(value)] as const]));
  return args.map((arg) => {
    let text = arg;
    for (const [name, value] of values) text = text.replaceAll(name, value);
    return text;
  });
}

/** What is really run: the arguments themselves, or a shell with them as its text. */
export function throughShell(
  spec: Pick<ServiceSpec, 'shell'>,
  argv: readonly string[],
  windows: boolean,
): readonly string[] {
  if (spec.shell === false) return argv;
  // Joined with single spaces, as the reference does with an entrypoint (RP-25).
  const text = argv.join(' ');
  if (typeof spec.shell === 'string') return [spec.shell, '-c', text];
  return windows ? ['cmd.exe', '/d', '/s', '/c', text] : ['/bin/sh', '-c', text];
}

function stdinOf(facts: LaunchFacts, traits: HandshakeTraits): { stdin?: Uint8Array } {
  if (facts.configuration === undefined) return {};
  const raw = new TextEncoder().encode(facts.configuration);
  if (traits.configuration === 'stdin-raw') return { stdin: raw };
  if (traits.configuration === 'stdin-base64') {
    return { stdin: new TextEncoder().encode(base64(raw)) };
  }
  return {};
}

function base64(bytes: Uint8Array): string {
  let binary = '';
  for (const byte of bytes) binary += String.fromCharCode(byte);
  return btoa(binary);
}
