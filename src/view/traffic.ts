/** What instances do with requests, in few words for a row and in more for a tooltip. */

import type { InstanceView, ServiceView, TrafficView } from '../protocol/api.ts';
import { joined } from './format.ts';
import { english, type Translate } from './words.ts';

/** `120/s · 3 ms`, or `12 requests · 3 ms` where they are few; nothing once the last minute had none. */
export function trafficText(instance: InstanceView, t: Translate = english): string | undefined {
  const { traffic } = instance;
  const flow = flowText([instance], t);
  return flow === undefined || traffic === undefined ? undefined : joined([flow, formatMs(traffic.median)]);
}

/**
 * How many requests instances have, together. Below one a second their number is told: a rate so small would change
 * with every second that passes, and a row with it, while the number changes with requests alone.
 */
export function flowText(instances: readonly InstanceView[], t: Translate = english): string | undefined {
  const { requests, perSecond } = trafficOf(instances.filter(isServing));
  if (perSecond <= 0) return undefined;
  if (perSecond >= 1) return `${formatRate(perSecond)}/s`;
  return requests === 1 ? t('1 request') : t('{0} requests', requests);
}

/** The same for a screen reader. */
export function spokenFlow(instances: readonly InstanceView[], t: Translate = english): string | undefined {
  const { perSecond } = trafficOf(instances.filter(isServing));
  return perSecond >= 1 ? t('{0} requests a second', formatRate(perSecond)) : flowText(instances, t);
}

function isServing({ state }: InstanceView): boolean {
  return state === 'RUNNING' || state === 'STOPPING';
}

/** Names and values of a tooltip's list; none before the first request. */
export function trafficRows(
  traffic: TrafficView | undefined,
  t: Translate = english,
): readonly (readonly [string, string])[] {
  if (traffic === undefined) return [];
  const { requests, errors, busy, perSecond, median, p95, p99 } = traffic;
  return [
    [t('Requests'), countsText(requests, errors, t)],
    ...(busy === 0 ? [] : [[t('Under way'), String(busy)] as const]),
    ...(perSecond <= 0
      ? []
      : [
          [t('Last minute'), t('{0} a second', formatRate(perSecond))] as const,
          [
            t('Answered within'),
            t('{0} (median), {1} (95 %), {2} (99 %)', formatMs(median), formatMs(p95), formatMs(p99)),
          ] as const,
        ]),
  ];
}

/** What all instances of a service do together. Percentiles of several cannot be added up, so they are not told. */
export function trafficOf(instances: readonly InstanceView[]): {
  readonly requests: number;
  readonly errors: number;
  readonly perSecond: number;
} {
  const sum = (of: (traffic: TrafficView) => number): number =>
    instances.reduce((total, { traffic }) => total + (traffic === undefined ? 0 : of(traffic)), 0);
  return {
    requests: sum(({ requests }) => requests),
    errors: sum(({ errors }) => errors),
    perSecond: sum(({ perSecond }) => perSecond),
  };
}

export function countsText(requests: number, errors: number, t: Translate = english): string {
  return errors === 0 ? String(requests) : t('{0}, {1} of them failed', requests, errors);
}

/** Two digits that count: `0.02`, `3.4`, `120`, `4500`. */
export function formatRate(perSecond: number): string {
  return String(Number(perSecond.toPrecision(2)));
}

/** `0.4 ms`, `12 ms`, `1.5 s`: two digits that count. */
export function formatMs(ms: number): string {
  const isLong = ms >= 1000;
  const value = Number((isLong ? ms / 1000 : ms).toPrecision(2));
  return `${value} ${isLong ? 's' : 'ms'}`;
}

/** Why an instance gets no new requests now, or how it will: `finishing 3 requests`, `asleep, …`. */
export function servingText(instance: InstanceView, t: Translate = english): string | undefined {
  const { draining = 0, outOfService, asleep } = instance;
  if (draining > 0) return draining === 1 ? t('finishing 1 request') : t('finishing {0} requests', draining);
  if (isAside(instance) && outOfService !== undefined) return t('gets no requests: {0}', outOfService);
  return asleep === true ? t('asleep, starts with the first request') : undefined;
}

/** The same of a service: in full where it goes for all of its instances, else how many. */
export function servicesServingText(
  { instances }: Pick<ServiceView, 'instances'>,
  t: Translate = english,
): string | undefined {
  const asleep = instances.filter(isAsleep).length;
  const aside = instances.filter(isAside).length;
  const draining = instances.reduce((sum, each) => sum + (each.draining ?? 0), 0);
  const [only] = instances;
  if (instances.length === 1 && only !== undefined) return servingText(only, t);
  const parts = [
    ...(draining === 0
      ? []
      : [draining === 1 ? t('finishing 1 request') : t('finishing {0} requests', draining)]),
    ...(aside === 0 ? [] : [t('{0} out of service', aside)]),
    ...(asleep === 0
      ? []
      : [asleep === instances.length ? t('asleep, starts with the first request') : t('{0} asleep', asleep)]),
  ];
  return parts.length === 0 ? undefined : parts.join(', ');
}

/** It is at rest until somebody wants something of it. */
export function isAsleep({ asleep }: InstanceView): boolean {
  return asleep === true;
}

/** It runs, and others have its requests for now. */
export function isAside({ state, outOfService }: InstanceView): boolean {
  return state === 'RUNNING' && outOfService !== undefined;
}

/** Requests that wait for an instance of a service: `3 in the queue`. */
export function queueText({ queue = 0 }: ServiceView, t: Translate = english): string | undefined {
  return queue === 0 ? undefined : t('{0} in the queue', queue);
}

/** What a service is besides an ordinary one. */
export function roleText({ role = 'service' }: ServiceView, t: Translate = english): string {
  switch (role) {
    case 'service':
      return t('service');
    case 'api-server':
      return t('API server');
    case 'app':
      return t('application');
    case 'backend':
      return t('backend');
  }
}
