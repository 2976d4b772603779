/**
 * What a child gets in each handshake: its arguments, environment and stdin (spec 1.2, config.md).
 *
 * Pure: the files and the port are made before, the child is spawned after.
 */

import type { HandshakeName, ProgramSpec, ServiceSpec } from '../../config/spec.ts';
import type { SpawnPlan } from '../outside.ts';
import type { Given } from '../topology/given.ts';

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
  /** One more argument made from the port; only `reverse-no-file` asks for it (RP-23). */
  readonly extraArgument?: (port: number) => string;
  /** Put right behind the program's name, and into the environment: the recipe's debugger. */
  readonly debug?: { readonly args: readonly string[]; readonly env: Readonly<Record<string, string>> };
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
  const args = substitute(argumentsOf(spec, facts, traits), traits, spec.shell !== false, facts);
  const argv =
    traits.configuration === 'file' && facts.files !== undefined
      ? [...args, facts.files.configuration, facts.files.port]
      : args;
  const [program, ...rest] = throughShell(spec, argv, facts.windows === true);
  return {
    argv: [program ?? '', ...rest],
    cwd: spec.cwd,
    env: environmentOf(spec, facts, traits),
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

/** `SUPERVISOR_*` (SV-12). What is configured may override them. */
function supervisorEnvironment(program: ProgramSpec): Readonly<Record<string, string>> {
  return {
    SUPERVISOR_ENABLED: '1',
    ...(program.serverUrl === undefined ? {} : { SUPERVISOR_SERVER_URL: program.serverUrl }),
    SUPERVISOR_PROCESS_NAME: program.processes[0].name,
    SUPERVISOR_GROUP_NAME: program.group,
  };
}

function argumentsOf(spec: ServiceSpec, facts: LaunchFacts, traits: HandshakeTraits): readonly string[] {
  const [program = '', ...rest] = spec.command;
  const args = [program, ...(facts.debug?.args ?? []), ...rest];
  if (traits.configuration === 'stdin-raw' && facts.extraArgument !== undefined && facts.port !== undefined) {
    args.push(facts.extraArgument(facts.port));
  }
  return args;
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

function environmentOf(
  spec: ServiceSpec,
  facts: LaunchFacts,
  traits: HandshakeTraits,
): Readonly<Record<string, string>> {
  const { given, inherited: all } = facts;
  const inherited = given === undefined ? all : without(all, given.misleads);
  if (spec.program !== undefined) {
    return {
      ...inherited,
      ...given?.env,
      ...supervisorEnvironment(spec.program),
      ...spec.env,
      ...facts.debug?.env,
    };
  }
  // A PORT that we inherited ourselves means nothing to the child and would mislead it (RP-22).
  const { PORT: _ours, ...others } = inherited;
  return {
    ...others,
    ...given?.env,
    ...(traits.portInEnv && facts.port !== undefined ? { PORT: String(facts.port) } : {}),
    ...spec.env,
    // Made from the service's own NODE_OPTIONS, so laid over them.
    ...facts.debug?.env,
    ...(traits.portInEnv && facts.port !== undefined && spec.handshake !== 'discover'
      ? { PORT: String(facts.port) }
      : {}),
  };
}

function without(
  env: Readonly<Record<string, string>>,
  isLeftOut: (variable: string) => boolean,
): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !isLeftOut(variable)));
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
