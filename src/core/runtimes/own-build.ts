/** `build` of a service, as the file says it, for whichever recipe: what somebody else's tool has to make first. */

import { resolvePath } from '../../base/path.ts';
import { maskText } from '../../config/secrets.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import { generalMessages } from './compilers/general.ts';
import { typed, endingOf } from './failed-step.ts';
import type { Build, Recipe } from './recipe.ts';

/** Folders in which nothing is that somebody wrote, so that what a tool puts there asks for no other build. */
export const unwritten: readonly string[] = [
  '.git/**',
  '.hg/**',
  '.svn/**',
  'node_modules/**',
  '**/node_modules/**',
];

/** What tools and services write in the midst of what a build is made from: environments, caches, databases, logs. */
const writtenBeside: readonly string[] = [
  ...['.venv', 'venv', '__pycache__', '.bundle'].map((name) => `**/${name}/**`),
  ...['tmp/**', 'vendor/bundle/**'],
  ...['**/*.sqlite*', '**/*.db', '**/*.db-*', '**/*.log', '**/*.log.*'],
];

/** None where the file names none, or forbids it. */
export function ownBuilds(service: Pick<ServiceSpec, 'name' | 'cwd' | 'build' | 'env'>): readonly Build[] {
  const { name, cwd, build, env } = service;
  if (build === undefined || build === false) return [];
  const [program = '', ...rest] = build.command;
  const title = maskText(typed({ argv: [program, ...rest] }), env);
  return [
    {
      id: `${name}: build`,
      title,
      steps: [{ argv: [program, ...rest], cwd }],
      makes: build.outputs,
      inputs: {
        root: cwd,
        paths: build.inputs.length === 0 ? ['**'] : build.inputs,
        // What it makes is not what it is made from, or it would never be done.
        ignore: [
          ...unwritten,
          ...(build.inputs.length === 0 ? writtenBeside : []),
          ...build.outputs.flatMap((path) => below(cwd, path)),
        ],
      },
      writesInputs: true,
      read: generalMessages,
      failure: (failed) => {
        const ending = endingOf(failed);
        return { ending, text: `${title} ${ending}\n${failed.stdout}\n${failed.stderr}` };
      },
    },
  ];
}

/** The plan of a recipe that builds nothing of the service by itself, with what the file has built before the start. */
export function afterOwnBuilds(plan: Recipe['plan']): Recipe['plan'] {
  return async (service, look, aims) => {
    const planned = await plan(service, look, aims);
    const own = ownBuilds(service);
    // An environment that the recipe makes is there for the file's build as well.
    return planned.kind === 'unfit' || own.length === 0
      ? planned
      : { ...planned, builds: [...(planned.builds ?? []), ...own] };
  };
}

/** The path as a glob relative to a folder, where it stands in it. */
export function below(folder: string, path: string): readonly string[] {
  const base = resolvePath(folder, '.');
  const whole = resolvePath(base, path);
  if (!whole.startsWith(base) || whole.length <= base.length + 1) return [];
  return [literal(whole.slice(base.length).replaceAll('\\', '/').replace(/^\/+/u, ''))];
}

/** A path in which nothing stands for anything else. */
export function literal(path: string): string {
  return path.replaceAll(/[*?[\]{}()!+@\\]/gu, String.raw`\$&`);
}
