/** What would run, for people: a few lines for each service. All it is given is masked already. */

import { relative } from 'node:path';
import { styleText } from 'node:util';
import { inReadingOrder } from '../base/reading-order.ts';
import type { HandshakeName, ProcessSpec, ServiceSpec } from '../config/spec.ts';
import type { EnvironmentRule } from '../core/runtimes/recipe.ts';
import { typed } from '../core/runtimes/failed-step.ts';
import type { Fault } from '../faults/fault.ts';
import { inTerminal } from './terminal-words.ts';

/** What the recipe of a service makes of it; nothing of a program of a `supervisord.conf`. */
export interface RecipePlan {
  readonly argv?: readonly string[];
  readonly shell?: ServiceSpec['shell'];
  readonly path?: readonly string[];
  readonly environment?: EnvironmentRule;
  readonly builds?: readonly { readonly title: string; readonly steps: readonly (readonly string[])[] }[];
  readonly warnings?: readonly string[];
  readonly fault?: Fault;
}

export interface Planned extends RecipePlan {
  readonly service: string;
  readonly runtime: string;
  readonly handshake: HandshakeName;
  readonly instances: number;
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** Why its command was chosen, where nobody wrote it. */
  readonly proposed?: string;
  readonly program?: { readonly processes: readonly ProcessSpec[] };
}

type Row = readonly [label: string, text: string];

export function planInWords(planned: Planned, folder: string): string {
  const { service, proposed, fault, warnings = [] } = planned;
  const rows: readonly Row[] = [
    ...commandsOf(planned),
    ...(proposed === undefined ? [] : [['because', proposed] as const]),
    ...placeOf(planned, folder),
    ['runtime', planned.runtime],
    ...wayOf(planned),
    ...buildsOf(planned),
    ...environmentOf(planned),
    ...warnings.map((text) => ['warning', text] as const),
    ...(fault === undefined ? [] : faultRows(fault, service, folder)),
  ];
  const head = styleText('bold', service, { stream: process.stdout });
  return `${head}\n${rows.map(([label, text]) => `  ${label.padEnd(11)} ${text}\n`).join('')}`;
}

function commandsOf({ argv, program, cwd }: Planned): readonly Row[] {
  if (program === undefined) return [['runs', words(argv)]];
  return program.processes.flatMap((each) => [
    [each.name, words(each.command)] as const,
    ...(each.cwd === cwd ? [] : [['', `in ${each.cwd}`] as const]),
  ]);
}

function placeOf({ cwd }: Planned, folder: string): readonly Row[] {
  const near = relative(folder, cwd);
  return near === '' ? [] : [['in', near.startsWith('..') ? cwd : `./${near}`]];
}

const ways: Readonly<Record<HandshakeName, string>> = {
  port: 'is told it',
  discover: 'chooses one, which is found',
  none: 'has none',
  stdout: 'says it on its output',
  file: 'writes it into a file',
  reverse: 'is told it',
  'reverse-no-file': 'is told it',
};

function wayOf({ handshake, instances }: Planned): readonly Row[] {
  return [
    ['port', `${ways[handshake]} (handshake: ${handshake})`],
    ...(instances === 1 ? [] : [['instances', String(instances)] as const]),
  ];
}

function buildsOf({ builds = [] }: Planned): readonly Row[] {
  return builds.flatMap(({ title, steps }) =>
    steps.map((step, index) => {
      const text = words(step);
      return index === 0
        ? (['builds', text === title ? text : `${title}: ${text}`] as const)
        : (['', text] as const);
    }),
  );
}

function environmentOf({ env, environment, path }: Planned): readonly Row[] {
  const { inherits = 'all', beneath = {}, own = 'over', above = {} } = environment ?? {};
  const mine = own === 'left-out' ? {} : env;
  const all = own === 'where-unset' ? { ...mine, ...beneath, ...above } : { ...beneath, ...mine, ...above };
  return [
    ...(inherits === 'all' ? [] : [['inherits', inherits.join(', ') || 'nothing'] as const]),
    ...(path === undefined || path.length === 0
      ? []
      : [['path', `${path.join(', ')}, before the rest`] as const]),
    ...Object.entries(all).map(
      ([name, value], index) => [index === 0 ? 'adds' : '', `${name}=${value}`] as const,
    ),
  ];
}

function faultRows(fault: Fault, service: string, folder: string): readonly Row[] {
  const [place] = fault.places;
  const file = place === undefined ? '' : relative(folder, place.file);
  return [
    ['fault', `${fault.code}: ${inTerminal(inReadingOrder(fault).join(' '), service)}`],
    ...(place === undefined
      ? []
      : [['', `at ${file.startsWith('..') ? place.file : file}:${place.line}:${place.column}`] as const]),
  ];
}

function words(argv: readonly string[]): string {
  const [program, ...rest] = argv;
  return program === undefined ? 'nothing' : typed({ argv: [program, ...rest] });
}
