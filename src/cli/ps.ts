/** `runtimes ps`: how everything is. */

import type { InstanceView, LeftOut, ServiceView } from '../protocol/api.ts';
import { describe } from '../protocol/supervisor/describe.ts';
import { isStopped } from '../protocol/supervisor/states.ts';
import { formatMs } from '../view/traffic.ts';
import { misuse, withHost } from './host.ts';
import { meantBy } from './names.ts';

/** As `supervisorctl status` does, it tells with 3 that something does not run; a job that is done is no such thing. */
const somethingStopped = 3;

export function ps(names: readonly string[], json: boolean): Promise<number> {
  return withHost(async ({ snapshot }) => {
    const meant = meantBy(names, snapshot);
    if (typeof meant === 'string') return misuse(meant);
    const { instances } = meant;
    const services = new Map(snapshot.services.map((service) => [service.name, service]));
    const leftOut = names.length === 0 ? (snapshot.leftOut ?? []) : [];
    const lines = json
      ? instances.map((instance) => JSON.stringify(shown(instance, services.get(instance.service))))
      : table(instances, services, Date.now(), leftOut);
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    const isDown = ({ state, exit, asleep }: InstanceView): boolean =>
      isStopped(state) && asleep !== true && !(state === 'EXITED' && exit?.expected === true);
    return leftOut.length > 0 || instances.some(isDown) ? somethingStopped : 0;
  });
}

type Services = ReadonlyMap<string, Pick<ServiceView, 'url' | 'queue'>>;

/** As scripts see it: with what its service has, and no host where there is no port. */
function shown(
  { host, ...instance }: InstanceView,
  { url, queue }: Pick<ServiceView, 'url' | 'queue'> = {},
): Readonly<Record<string, unknown>> {
  return {
    ...instance,
    ...(host === undefined || instance.port === undefined ? {} : { host }),
    ...(url === undefined ? {} : { url }),
    ...(queue === undefined ? {} : { queue }),
  };
}

/**
 * A line an instance, and one below those of a service for whose instances requests wait; then one for each service that
 * cannot be run. `now` is since the epoch.
 */
export function table(
  instances: readonly InstanceView[],
  services: Services,
  now: number,
  leftOut: readonly LeftOut[] = [],
): readonly string[] {
  const width = Math.max(8, ...[...instances, ...leftOut].map(({ name }) => name.length)) + 2;
  const notRun = leftOut.map(({ name, message }) => `${name.padEnd(width)}${'not run'.padEnd(10)}${message}`);
  const lines = instances.flatMap((instance, index) => {
    const { name, service } = instance;
    const { url, queue = 0 } = services.get(service) ?? {};
    const line = `${name.padEnd(width)}${instance.state.padEnd(10)}${detail(instance, url, now)}`.trimEnd();
    if (queue === 0 || instances[index + 1]?.service === service) return [line];
    return [line, `${service.padEnd(width)}${counted(queue, 'request')} waiting for an instance`];
  });
  return [...lines, ...notRun];
}

function detail(instance: InstanceView, url: string | undefined, now: number): string {
  const waits = instance.waitingFor?.map(({ service, reason }) => `${service} (${reason})`) ?? [];
  if (waits.length > 0) return `waiting for ${waits.join(', ')}`;
  const { preparing } = instance;
  if (preparing !== undefined)
    return `${preparing.title}, for ${formatMs(Math.max(0, now - preparing.since))}`;
  if (instance.asleep === true)
    return `asleep, starts with the next request${url === undefined ? '' : `, ${url}`}`;
  const words = describe(instance, now);
  const isBare = words.startsWith('unknown error') && instance.reason !== undefined;
  const parts = [
    instance.state === 'EXITED' && instance.exit?.expected === false ? endIn(instance.exit) : '',
    isBare ? instance.reason : words,
    instance.port === undefined ? '' : `port ${instance.port}`,
    instance.health,
    ...trafficOf(instance),
    instance.state === 'RUNNING' ? url : '',
  ];
  return parts.filter((part) => part !== undefined && part !== '').join(', ');
}

/** What it does for others: the requests that it has had, and why it gets none now. */
function trafficOf({ traffic, draining, outOfService }: InstanceView): readonly string[] {
  const parts: string[] = [];
  if (traffic !== undefined) {
    const errors = traffic.errors === 0 ? '' : ` (${counted(traffic.errors, 'error')})`;
    parts.push(`${counted(traffic.requests, 'request')}${errors}`);
    if (traffic.busy > 0 && draining === undefined) parts.push(`${traffic.busy} under way`);
    // There are times only of requests of the last minute.
    if (traffic.median > 0) parts.push(`median ${formatMs(traffic.median)}`);
  }
  if (draining !== undefined) parts.push(`finishing ${counted(draining, 'request')}`);
  if (outOfService !== undefined) parts.push(`gets no requests: ${outOfService}`);
  return parts;
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function endIn({ code, signal }: NonNullable<InstanceView['exit']>): string {
  return signal === undefined ? `code ${code ?? 0}` : signal;
}
