/** The runtime that an `app.yaml` names: which row of the tables it is, or why it cannot be run (RT-2). */

import { closest } from '../../../base/spelling.ts';
import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { didYouMean } from '../../../faults/suggestion.ts';
import type { Sound } from '../../check.ts';
import type { LoadInput } from '../../input.ts';
import type { ProjectSpec } from '../../spec.ts';
import { type At, child, type MapTree, type Tree } from '../../tree.ts';
import { repr } from '../python/repr.ts';
import { flexibleNames, type RowName, rowNameOf, runtimeNames } from './runtimes.ts';
import type { RawAppYaml } from './schema.ts';

export interface ChosenRuntime extends Pick<ProjectSpec, 'runtime' | 'environment' | 'vm'> {
  readonly row: RowName;
}

/** What a file that is laid over the `app.yaml` says itself, as the flags of the local server would. */
export interface Launching {
  /** A runtime that a custom one is to be run as. */
  readonly runtime?: string;
  /** Something to start it with: a command or an interpreter. */
  readonly hasCommand?: boolean;
  readonly hasInterpreter?: boolean;
}

const flexibleWords: ReadonlySet<string> = new Set(['flex', 'flexible', '2']);

export function runtimeOfAppYaml(
  tree: MapTree,
  raw: Sound<RawAppYaml>,
  environment: LoadInput['environment'],
  launching: Launching,
  problems: Problem[],
): ChosenRuntime | undefined {
  const written = textOf(child(tree, 'runtime'));
  // Without one there is a problem already.
  if (written === undefined) return undefined;
  const env = textOf(child(tree, 'env')) ?? 'standard';
  const isFlexible = flexibleWords.has(env);
  const effective = written === 'vm' ? machineRuntime(tree) : written;
  const at = child(tree, 'runtime')?.at ?? tree.at;
  const runtime = effective === 'custom' ? customAs(launching, tree, at, problems) : effective;
  if (runtime === undefined) return undefined;
  const place = isFlexible ? 'flexible' : 'standard';
  const named = rowNameOf({ runtime, environment: place });
  if (named === undefined) {
    problems.push(isFlexible ? notFlexible(env, at) : unknown(runtime, at));
    return undefined;
  }
  const vm = isFlexible || written === 'vm' || raw.vm === true || named === 'custom';
  const row = inMachine(named, vm, environment);
  if (row.endsWith('-sdk') && !isLaunched(row, environment, launching)) {
    problems.push(retired(runtime, row, at));
    return undefined;
  }
  return { runtime, environment: place, vm, row };
}

/** In a virtual machine, what is its own; and Java without the Jetty of Google's image is any Java program. */
function inMachine(row: RowName, vm: boolean, environment: LoadInput['environment']): RowName {
  const inside = !vm ? row : row === 'go-sdk' ? 'go-vm' : row === 'java-sdk' ? 'java-vm' : row;
  return inside === 'java-vm' && environment['APP_ENGINE_JETTY_HOME'] === undefined ? 'container' : inside;
}

function isLaunched(
  row: RowName,
  environment: LoadInput['environment'],
  { hasCommand, hasInterpreter }: Launching,
): boolean {
  if (hasCommand === true || hasInterpreter === true) return true;
  return row === 'java-sdk' && environment['APP_ENGINE_JAVA_PATH'] !== undefined;
}

/** Where a custom runtime is told what to be run as, in the words of the flags that say so to the local server (RT-5). */
function customAs(
  { runtime, hasCommand }: Launching,
  tree: MapTree,
  at: At,
  problems: Problem[],
): string | undefined {
  const refuse = (text: string, hint: string): undefined => {
    problems.push(problem('app-yaml-error', at, { text, hint }));
  };
  const hasEntrypoint = hasCommand === true || child(tree, 'entrypoint') !== undefined;
  if (runtime === undefined || runtime === 'custom')
    return hasEntrypoint
      ? 'custom'
      : refuse(
          `Must set either --runtime or --custom_entrypoint. For a list of acceptable values for --runtime, use one of: ${listed(runtimeNames)}.`,
          'Write the command that starts it: entrypoint: ./server --port {port}',
        );
  return hasEntrypoint
    ? refuse(
        'Cannot set both --runtime and --custom_entrypoint.',
        'Remove "runtime" or the command from the service that names this file.',
      )
    : runtime;
}

/** `vm_runtime` of the settings; the SDK's own where there is none. */
function machineRuntime(tree: MapTree): string {
  const settings = [child(tree, 'vm_settings'), child(tree, 'beta_settings')];
  const named = settings.flatMap((each) => textOf(child(each, 'vm_runtime')) ?? []);
  return named[0] ?? 'python27';
}

function listed(names: readonly string[]): string {
  return names.map((name) => repr(name)).join(', ');
}

function unknown(runtime: string, at: At): Problem {
  const near = closest(runtime, runtimeNames);
  return problem('app-yaml-error', at, {
    text: `Unknown runtime ${repr(runtime)}; supported runtimes are ${listed(runtimeNames)}.`,
    hint: near === undefined ? 'Or run it as custom: runtime: custom, and an entrypoint.' : didYouMean(near),
  });
}

function notFlexible(env: string, at: At): Problem {
  return problem('app-yaml-error', at, {
    text: `In env: ${env}, only the following runtimes are allowed: ${listed(flexibleNames)}`,
    hint: 'Remove "env", or run it as custom: runtime: custom, and an entrypoint.',
  });
}

const todays: Readonly<Partial<Record<RowName, string>>> = {
  'python-sdk': 'python312',
  'php-sdk': 'php83',
  'java-sdk': 'java21',
  'go-sdk': 'go122',
};

function retired(runtime: string, row: RowName, at: At): Problem {
  const sdk =
    row === 'java-sdk'
      ? ', or set APP_ENGINE_JAVA_PATH to the "java" folder of an SDK that you still have'
      : '';
  return problem('retired-runtime', at, {
    runtime,
    because: "it needs a launcher of Google's old SDK, which is not to be had any more",
    way: `Move on to one of today, such as "runtime: ${todays[row] ?? 'custom'}", or run it as custom: "runtime: custom" with the "entrypoint" that starts it${sdk}.`,
  });
}

function textOf(tree: Tree | undefined): string | undefined {
  return tree?.kind === 'scalar' && tree.value !== null && tree.text !== '' ? tree.text : undefined;
}
