/** How a service's requests are treated, and where its port comes from, as a tooltip tells it: what the file says, in words. */

import type { ServiceView } from '../protocol/api.ts';
import { formatUptime, minute } from './format.ts';
import { formatMs } from './traffic.ts';
import type { Translate } from './words.ts';

type Row = readonly [string, string | undefined];

/** Names and values of a tooltip's list. */
export function treatmentRows(service: ServiceView, t: Translate): readonly Row[] {
  const { treatment = {} } = service;
  return [
    [t('Port'), portText(service, t)],
    [t('Profile'), treatment.profile === 'appengine' ? t('App Engine') : undefined],
    [t('Instances'), instancesText(service, t)],
    [t('At once'), concurrencyText(service, t)],
    [t('Affinity'), treatment.affinity === undefined ? undefined : t('a browser stays with its instance')],
    [t('Backend'), backendText(service, t)],
  ];
}

/** Who chooses the port, and how the other side learns it. Nothing for a service without one. */
function portText({ handshake, fixedPort }: ServiceView, t: Translate): string | undefined {
  const who = fixedPort === undefined ? t('ours') : String(fixedPort);
  switch (handshake) {
    case 'port':
      return t('{0}, handed over as PORT', who);
    case 'discover':
      return t('{0}, handed over as PORT, or whichever it opens', who);
    case 'stdout':
      return t('its own, told on stdout');
    case 'file':
      return t('its own, told in a file');
    case 'reverse':
      return t('{0}, handed over as PORT and in a file', who);
    case 'reverse-no-file':
      return t('{0}, handed over on stdin', who);
    default:
      return undefined;
  }
}

/** Who decides how many of its instances run, and within which limits. */
function instancesText(
  { scaling, onRequest, treatment = {} }: ServiceView,
  t: Translate,
): string | undefined {
  const { maxInstances, idle, idleMs } = treatment;
  const most = maxInstances === undefined ? undefined : t('{0} at most', maxInstances);
  const stopped = idleMs === undefined ? undefined : t('stopped after {0} without one', formatSpan(idleMs));
  if (scaling === undefined)
    return listed([onRequest === true ? t('started by the first request') : undefined, stopped]);
  switch (scaling) {
    case 'automatic':
      return listed([t('as many as the requests need'), most, idle && idleText(idle, maxInstances, t)]);
    case 'basic':
      return listed([t('started by requests'), most, stopped ?? t('stopped when idle')]);
    case 'manual':
      return t('always as many as asked for');
  }
}

/** As many idle ones as there may be at all are no limit to speak of. */
function idleText(
  { least, most }: NonNullable<NonNullable<ServiceView['treatment']>['idle']>,
  maxInstances: number | undefined,
  t: Translate,
): string | undefined {
  const isLimit = maxInstances === undefined || most < maxInstances;
  if (isLimit) return least === most ? t('{0} kept idle', least) : t('{0} to {1} kept idle', least, most);
  return least === 0 ? undefined : t('at least {0} kept idle', least);
}

function concurrencyText({ treatment = {} }: ServiceView, t: Translate): string | undefined {
  const { concurrency, queueMs, backend } = treatment;
  if (concurrency === undefined) return undefined;
  const each = concurrency === 1 ? t('1 request an instance') : t('{0} requests an instance', concurrency);
  if (backend?.failFast === true) return each;
  return queueMs === undefined || queueMs === 0
    ? t('{0}, others wait', each)
    : t('{0}, others wait up to {1}', each, formatSpan(queueMs));
}

function backendText({ treatment = {} }: ServiceView, t: Translate): string | undefined {
  const { backend } = treatment;
  if (backend === undefined) return undefined;
  return listed([
    // The words of backends.yaml; only the first changes what happens here.
    backend.failFast ? t('failfast (answers 503 while busy)') : undefined,
    backend.dynamic ? 'dynamic' : undefined,
    backend.public ? 'public' : undefined,
  ]);
}

function listed(parts: readonly (string | undefined)[]): string | undefined {
  const there = parts.filter((part) => part !== undefined);
  return there.length === 0 ? undefined : there.join(', ');
}

function formatSpan(ms: number): string {
  return ms < minute ? formatMs(ms) : formatUptime(ms);
}
