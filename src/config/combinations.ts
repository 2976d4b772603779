/** What keys of a service mean together, where one makes another pointless or impossible. Finds problems, and mends nothing. */

import type { Problem } from '../faults/fault.ts';
import { problem } from '../faults/make.ts';
import { serviceSchema } from './schema/service.ts';
import { defaultsOf, type RawService } from './schema.ts';
import type { HandshakeName, ScalingSpec } from './spec.ts';
import { entryOf, type Tree } from './tree.ts';

/** Handshakes under which the port is ours to choose. */
export const choosesPort: ReadonlySet<string> = new Set<HandshakeName>([
  'port',
  'discover',
  'reverse',
  'reverse-no-file',
]);

export interface Together {
  /** The service's part of the file, with variables filled in. */
  readonly tree: Tree;
  /** What is sound in it. */
  readonly raw: Partial<RawService>;
  readonly handshake: HandshakeName;
  readonly instances: number;
  readonly scaling: ScalingSpec | undefined;
}

type Key = keyof RawService;

interface Clash {
  readonly key: Key;
  readonly reason: string;
  readonly hint?: string;
  /** At the key instead of its value: it is pointless, whatever it says. */
  readonly whole?: true;
}

const usual = defaultsOf(serviceSchema);

/** Keys about requests, which a service without a port gets none of. */
const aboutRequests: readonly Key[] = [
  'balance',
  'concurrency',
  'queueSeconds',
  'affinity',
  'timeouts',
  'drainSeconds',
  'startOnRequest',
  'stopWhenIdle',
  'scaling',
  'appengine',
];

/** Keys whose matter `scaling` decides itself: for which of its kinds, and what stands against them. */
const decidedByScaling: readonly {
  readonly key: Key;
  readonly kinds: readonly ScalingSpec['kind'][];
  readonly reason: string;
}[] = [
  { key: 'balance', kinds: ['manual', 'basic', 'automatic'], reason: 'its own rules choose the instance' },
  {
    key: 'queueSeconds',
    kinds: ['automatic'],
    reason: 'a request waits until there is an instance for it, however long that takes',
  },
  {
    key: 'startOnRequest',
    kinds: ['manual', 'basic', 'automatic'],
    reason: 'it decides itself when instances start',
  },
  { key: 'stopWhenIdle', kinds: ['manual', 'basic'], reason: 'it decides itself when instances stop' },
];

export function togetherness(together: Together, problems: Problem[]): void {
  const { tree } = together;
  for (const { key, reason, hint, whole } of clashes(together)) {
    const entry = entryOf(tree, key);
    const at = whole === true ? entry?.key : entry?.value.at;
    problems.push(problem('bad-value', at ?? tree.at, { key, reason, hint }));
  }
}

function* clashes(together: Together): Generator<Clash> {
  yield* portClashes(together);
  yield* requestClashes(together);
  // Without a port there is more to mend than that.
  if (together.scaling !== undefined && together.handshake !== 'none')
    yield* scalingClashes(together, together.scaling);
}

function* portClashes({ raw, handshake, instances, scaling }: Together): Generator<Clash> {
  const port = raw.port ?? 'auto';
  if (port !== 'auto' && (scaling === undefined || scaling.kind === 'manual') && instances > 1) {
    yield {
      key: 'port',
      reason: `one port cannot serve ${instances} instances`,
      hint: 'Remove "port", so that each instance gets its own; "publish" fixes the address people use.',
    };
  }
  if (port !== 'auto' && !choosesPort.has(handshake)) {
    yield {
      key: 'port',
      reason: `with "handshake: ${handshake}" the port is not ours to choose`,
      hint: 'Remove it, or set "handshake: port".',
    };
  }
  if (typeof raw.publish === 'number' && handshake === 'none') {
    yield {
      key: 'publish',
      reason: 'with "handshake: none" there is no port to publish',
      hint: 'Remove it, or set "handshake: port".',
    };
  }
  if (raw.publish !== undefined && raw.publish !== 'auto' && raw.publish === port) {
    yield {
      key: 'publish',
      reason: `${port} is the port of the instance itself`,
      hint: 'Give one of the two another number.',
    };
  }
}

function* requestClashes({ raw, handshake }: Together): Generator<Clash> {
  for (const key of handshake === 'none' ? aboutRequests : []) {
    if (!saysMore(raw, key)) continue;
    yield {
      key,
      reason: 'with "handshake: none" there is no port, so no request comes',
      hint: 'Remove it, or set "handshake: port".',
      whole: true,
    };
  }
  if (raw.appengine !== undefined && (raw.profile ?? 'plain') !== 'appengine') {
    yield {
      key: 'appengine',
      reason: 'it has an effect only with "profile: appengine"',
      hint: 'Add "profile: appengine", or remove it.',
      whole: true,
    };
  }
  if (raw.stopWhenIdle !== undefined && Number.parseFloat(String(raw.stopWhenIdle)) === 0) {
    yield {
      key: 'stopWhenIdle',
      reason: 'an instance would be stopped before its first request',
      hint: 'Give it some time, such as 10m, or remove the key.',
    };
  }
}

function* scalingClashes({ raw }: Together, scaling: ScalingSpec): Generator<Clash> {
  const { kind } = scaling;
  const maxInstances = kind === 'manual' ? 1 : scaling.maxInstances;
  if (raw.instances !== undefined && kind !== 'manual') {
    yield {
      key: 'instances',
      reason: `with "scaling: ${kind}" the requests decide how many there are`,
      hint: 'Set "maxInstances" below "scaling" instead.',
      whole: true,
    };
  }
  if (typeof raw.port === 'number' && maxInstances > 1) {
    yield {
      key: 'port',
      reason: `one port cannot serve the ${maxInstances} instances that "scaling" allows`,
      hint: 'Remove "port", so that each instance gets its own; "publish" fixes the address people use.',
    };
  }
  for (const { key, kinds, reason } of decidedByScaling) {
    if (!kinds.includes(kind) || !saysMore(raw, key)) continue;
    const hint =
      key === 'stopWhenIdle' && kind === 'basic' ? 'Set "idleTimeout" below "scaling".' : 'Remove it.';
    yield { key, reason: `with "scaling: ${kind}", ${reason}`, hint, whole: true };
  }
}

/** It is written, and not just as it would be anyway. */
function saysMore(raw: Partial<RawService>, key: Key): boolean {
  return raw[key] !== undefined && raw[key] !== usual[key];
}

/** What is written in a service, as words; whatever they are. */
export interface Beside {
  readonly handshake: string | undefined;
  readonly profile: string | undefined;
  readonly scaling: string | undefined;
}

/** Keys with which a service that says this would be told off, whatever they say. */
export function refusedKeys({ handshake, profile, scaling }: Beside): ReadonlySet<string> {
  const kind = (['manual', 'basic', 'automatic'] as const).find((each) => each === scaling);
  return new Set<Key>([
    ...(handshake === undefined || choosesPort.has(handshake) ? [] : (['port'] as const)),
    ...(handshake === 'none' ? (['publish', ...aboutRequests] as const) : []),
    ...(profile === undefined || profile === 'appengine' ? [] : (['appengine'] as const)),
    ...(kind === undefined || kind === 'manual' ? [] : (['instances'] as const)),
    ...(kind === undefined
      ? []
      : decidedByScaling.flatMap(({ key, kinds }) => (kinds.includes(kind) ? [key] : []))),
  ]);
}
