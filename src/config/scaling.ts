/** `scaling`: which of the three ways, and its numbers (spec 3.8 to 3.10). */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { defaultsOf, type RawService } from './schema.ts';
import { scalingFields } from './schema/requests.ts';
import type { ScalingSpec } from './spec.ts';
import { entryOf, type Tree } from './tree.ts';
import { milliseconds } from './units.ts';

type Raw = Partial<Exclude<NonNullable<RawService['scaling']>, string>>;

/** Where nothing is said; App Engine's local server has no limit with `automatic`, and a machine has. */
const mostByKind = { basic: 1, automatic: 20 } as const;

const usual = defaultsOf(scalingFields);

/** What a manual or basic instance is asked for before it is stopped, and how long that may take (spec 3.9). */
export const stopRequestOfScaled = { path: '/_ah/stop', withinMs: 30_000 } as const;

/** Which kinds each key has an effect with. */
const kindsOf: Readonly<Record<keyof Omit<Raw, 'kind'>, readonly ScalingSpec['kind'][]>> = {
  maxInstances: ['basic', 'automatic'],
  idleTimeout: ['basic'],
  minPending: ['automatic'],
  maxPending: ['automatic'],
  minIdle: ['automatic'],
  maxIdle: ['automatic'],
  rounding: ['automatic'],
};

/** The keys that mean nothing with a kind, if it is one. */
export function scalingKeysWithout(kind: string | undefined): ReadonlySet<string> {
  const isKind = ['manual', 'basic', 'automatic'].includes(kind ?? '');
  const keys = Object.entries(kindsOf).filter(([, kinds]) => isKind && !kinds.some((each) => each === kind));
  return new Set(keys.map(([key]) => key));
}

export function scalingOf(
  tree: Tree | undefined,
  raw: RawService['scaling'],
  problems: Problem[],
): ScalingSpec | undefined {
  const written: Raw = typeof raw === 'string' ? { kind: raw } : (raw ?? {});
  // Without a kind there is a problem already.
  if (tree === undefined || written.kind === undefined) return undefined;
  const { kind } = written;
  for (const [key, kinds] of Object.entries(kindsOf)) {
    const entry = entryOf(tree, key);
    if (entry === undefined || kinds.includes(kind)) continue;
    const hint =
      key === 'maxInstances'
        ? 'Set "instances" beside "scaling" instead.'
        : 'Remove it, or choose another "kind".';
    problems.push(
      problem('bad-value', entry.key, {
        key: `scaling.${key}`,
        reason: `it means nothing with "${kind}"`,
        hint,
      }),
    );
  }
  switch (kind) {
    case 'manual':
      return { kind };
    case 'basic':
      return {
        kind,
        maxInstances: written.maxInstances ?? mostByKind.basic,
        idleMs: timeOf(written.idleTimeout ?? usual.idleTimeout),
      };
    case 'automatic': {
      const minIdle = given(written.minIdle) ?? given(usual.minIdle) ?? 0;
      const maxIdle = given(written.maxIdle) ?? given(usual.maxIdle) ?? 0;
      if (minIdle > maxIdle) {
        const at = (entryOf(tree, 'maxIdle') ?? entryOf(tree, 'minIdle'))?.value.at ?? tree.at;
        problems.push(
          problem('bad-value', at, {
            key: 'scaling.maxIdle',
            reason: `${maxIdle} is less than the ${minIdle} of "minIdle"`,
            hint: 'Make it at least as large.',
          }),
        );
      }
      const maxInstances = written.maxInstances ?? mostByKind.automatic;
      if (minIdle > maxInstances) {
        const at = (entryOf(tree, 'minIdle') ?? entryOf(tree, 'maxInstances'))?.value.at ?? tree.at;
        const most = `the ${maxInstances} of "maxInstances"${written.maxInstances === undefined ? ', its default' : ''}`;
        problems.push(
          problem('bad-value', at, {
            key: 'scaling.minIdle',
            reason: `${minIdle} is more than ${most}`,
            hint: 'So many are never there: make one of the two fit the other.',
          }),
        );
      }
      return {
        kind,
        minPendingMs: timeOf(given(written.minPending) ?? usual.minPending),
        maxPendingMs: timeOf(given(written.maxPending) ?? usual.maxPending),
        minIdle,
        maxIdle,
        maxInstances,
        rounding: written.rounding ?? usual.rounding ?? 'down',
      };
    }
  }
}

/** How many instances there are before anybody has asked for one. */
export function initialInstances(scaling: ScalingSpec | undefined, written: number): number {
  if (scaling === undefined || scaling.kind === 'manual') return written;
  return scaling.kind === 'basic' ? scaling.maxInstances : 1;
}

/** `automatic` stands for the default. */
function given<T extends string | number>(value: T | undefined): Exclude<T, 'automatic'> | undefined {
  return value === undefined || value === 'automatic' ? undefined : (value as Exclude<T, 'automatic'>);
}

function timeOf(written: string | number | undefined): number {
  return milliseconds(written ?? 0) ?? 0;
}
