/** What a child's environment is made of: ours, the application's, the recipe's and the service's own. Pure. */

import type { ProgramSpec, ServiceSpec } from '../../config/spec.ts';
import { isPath } from '../runtimes/looking.ts';
import type { EnvironmentRule } from '../runtimes/recipe.ts';
import type { Given } from '../topology/given.ts';

type Variables = Readonly<Record<string, string>>;

export interface EnvironmentFacts {
  /** The environment the child inherits. */
  readonly inherited: Variables;
  /** What the processes of an application are told about each other. */
  readonly given?: Given;
  /** Where it is told by the environment. */
  readonly port?: number;
  /** The recipe's; absent: all of ours, the service's variables over it. */
  readonly rule?: EnvironmentRule;
  /** The recipe's folders before the PATH. */
  readonly path?: readonly string[];
  readonly windows?: boolean;
}

const usual: EnvironmentRule = { inherits: 'all', beneath: {}, own: 'over', above: {} };

export function environmentOf(
  spec: Pick<ServiceSpec, 'env' | 'handshake' | 'program'>,
  facts: EnvironmentFacts,
): Variables {
  const { given, inherited: all, port, rule = usual, path = [], windows = false } = facts;
  const inherited = given === undefined ? all : without(all, given.misleads);
  if (spec.program !== undefined) {
    return { ...inherited, ...given?.env, ...supervisorEnvironment(spec.program), ...spec.env };
  }
  // A PORT that we inherited ourselves means nothing to the child and would mislead it (RP-22).
  const { PORT: _ours, ...others } = inherited;
  const told = port === undefined ? {} : { PORT: String(port) };
  const beneath = {
    ...(rule.inherits === 'all' ? others : only(others, rule.inherits)),
    ...given?.env,
    ...rule.beneath,
    ...told,
  };
  const own = ownOf(spec.env, rule, beneath);
  const env = { ...beneath, ...own, ...rule.above };
  return {
    ...withPath(env, path, pathIn(own, windows), windows),
    // What it found by itself may be another port than the one we thought of.
    ...(spec.handshake === 'discover' ? {} : told),
  };
}

function ownOf(own: Variables, rule: EnvironmentRule, beneath: Variables): Variables {
  switch (rule.own) {
    case 'over':
      return own;
    case 'where-unset':
      return without(own, (variable) => variable in beneath);
    case 'left-out':
      return {};
  }
}

/** A PATH that the service sets itself stays in front, if it comes through at all. */
function withPath(
  env: Variables,
  folders: readonly string[],
  own: string | undefined,
  windows: boolean,
): Variables {
  if (folders.length === 0) return env;
  const key = Object.keys(env).find((each) => isPath(each, windows)) ?? 'PATH';
  const before = env[key] ?? '';
  const ours = folders.join(windows ? ';' : ':');
  const parts = own !== undefined && own === before ? [before, ours] : [ours, before];
  return { ...env, [key]: parts.filter((part) => part !== '').join(windows ? ';' : ':') };
}

function pathIn(env: Variables, windows: boolean): string | undefined {
  return Object.entries(env).find(([key]) => isPath(key, windows))?.[1];
}

/** `SUPERVISOR_*` (SV-12). What is configured may override them. */
function supervisorEnvironment(program: ProgramSpec): Variables {
  return {
    SUPERVISOR_ENABLED: '1',
    ...(program.serverUrl === undefined ? {} : { SUPERVISOR_SERVER_URL: program.serverUrl }),
    SUPERVISOR_PROCESS_NAME: program.processes[0].name,
    SUPERVISOR_GROUP_NAME: program.group,
  };
}

function without(env: Variables, isLeftOut: (variable: string) => boolean): Variables {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => !isLeftOut(variable)));
}

function only(env: Variables, names: readonly string[]): Variables {
  return Object.fromEntries(Object.entries(env).filter(([variable]) => names.includes(variable)));
}
