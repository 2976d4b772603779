/** The scaling sections of an `app.yaml`: how many instances there are, and how many requests each has at once. */

import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import type { Sound } from '../../check.ts';
import { initialInstances, stopRequestOfScaled } from '../../scaling.ts';
import { defaultsOf } from '../../schema.ts';
import { mostInstances, scalingFields } from '../../schema/requests.ts';
import type { ScalingSpec, ServiceSpec } from '../../spec.ts';
import { type At, entryOf, type MapTree, type Tree } from '../../tree.ts';
import { milliseconds } from '../../units.ts';
import { ignoredScaling } from './scaling-keys.ts';
import type { RawAppYaml } from './schema.ts';

const usual = defaultsOf(scalingFields);
/** App Engine's local server knows no limit, and a machine has one. */
const usualMost = 20;

export interface Scaled {
  readonly scaling: ScalingSpec;
  readonly instances: number;
  /** As written; absent: the runtime decides. */
  readonly concurrency?: number;
  readonly stopRequest?: NonNullable<ServiceSpec['stopRequest']>;
  /** Where the section stands, if there is one. */
  readonly at?: At;
}

const sections = ['automatic_scaling', 'basic_scaling', 'manual_scaling'] as const;

export function scaledBy(tree: MapTree, raw: Sound<RawAppYaml>, problems: Problem[]): Scaled {
  const written = sections.filter((key) => entryOf(tree, key) !== undefined);
  const [first, second] = written;
  const at = first === undefined ? undefined : entryOf(tree, first)?.key;
  const where = at === undefined ? {} : { at };
  const twice = second === undefined ? undefined : entryOf(tree, second)?.key;
  if (twice !== undefined)
    problems.push(
      problem('bad-value', twice, {
        key: second ?? '',
        reason: `it stands beside "${first ?? ''}"`,
        hint: 'Keep one of them: a service is scaled in one way.',
      }),
    );
  if (first === 'manual_scaling')
    return {
      scaling: { kind: 'manual' },
      instances: within(raw.manual_scaling?.instances ?? 1),
      stopRequest: stopRequestOfScaled,
      ...where,
    };
  if (first === 'basic_scaling') {
    const most = within(raw.basic_scaling?.max_instances ?? 1);
    const scaling = {
      kind: 'basic',
      maxInstances: most,
      idleMs: timeOf(raw.basic_scaling?.idle_timeout) ?? timeOf(usual.idleTimeout) ?? 0,
    } as const;
    return {
      scaling,
      instances: initialInstances(scaling, most),
      stopRequest: stopRequestOfScaled,
      ...where,
    };
  }
  tellUnmeasured(entryOf(tree, 'automatic_scaling')?.value, problems);
  return { ...automatic(raw.automatic_scaling ?? {}), ...where };
}

type RawAutomatic = Sound<NonNullable<RawAppYaml['automatic_scaling']>>;

function automatic(raw: RawAutomatic): Scaled {
  const settings = { ...raw.standard_scheduler_settings, ...raw };
  const most = counted(settings.max_instances) ?? counted(settings.max_num_instances);
  const least = counted(settings.min_instances) ?? counted(settings.min_num_instances);
  const maxInstances = Math.max(within(most ?? Math.max(usualMost, least ?? 0)), 1);
  const maxIdle = counted(settings.max_idle_instances) ?? counted(usual.maxIdle) ?? maxInstances;
  const minIdle = counted(settings.min_idle_instances) ?? least ?? counted(usual.minIdle) ?? 0;
  const scaling = {
    kind: 'automatic',
    minPendingMs: timeOf(settings.min_pending_latency) ?? timeOf(usual.minPending) ?? 0,
    maxPendingMs: timeOf(settings.max_pending_latency) ?? timeOf(usual.maxPending) ?? 0,
    minIdle: Math.min(minIdle, maxInstances, maxIdle),
    maxIdle,
    maxInstances,
    rounding: usual.rounding ?? 'down',
  } as const;
  const concurrency = settings.max_concurrent_requests;
  return {
    scaling,
    instances: initialInstances(scaling, 1),
    ...(concurrency === undefined ? {} : { concurrency }),
  };
}

/** Of load, which is measured in Google's data centres alone; told once for all such keys of the section. */
function tellUnmeasured(section: Tree | undefined, problems: Problem[]): void {
  if (section?.kind !== 'map') return;
  const keys = [...section.entries.keys()].filter((key) => ignoredScaling.includes(key));
  const at = section.entries.get(keys[0] ?? '')?.key;
  if (at === undefined) return;
  problems.push(
    problem('app-yaml-differs', at, {
      key: keys.join('", "'),
      reason: 'the load of instances is not measured on this machine',
    }),
  );
}

function within(count: number): number {
  return Math.min(count, mostInstances);
}

function counted(written: number | 'automatic' | undefined): number | undefined {
  return typeof written === 'number' ? written : undefined;
}

function timeOf(written: string | number | undefined): number | undefined {
  return written === undefined || written === 'automatic' ? undefined : milliseconds(written);
}
