/** `runtimes ps`: how everything is. */

import type { InstanceView } from '../protocol/api.ts';
import { describe } from '../protocol/supervisor/describe.ts';
import { isStopped } from '../protocol/supervisor/states.ts';
import { misuse, withHost } from './host.ts';
import { meantBy } from './names.ts';

/** As `supervisorctl status` does, it tells with 3 that something does not run; a job that is done is no such thing. */
const somethingStopped = 3;

export function ps(names: readonly string[], json: boolean): Promise<number> {
  return withHost(async ({ snapshot }) => {
    const meant = meantBy(names, snapshot);
    if (typeof meant === 'string') return misuse(meant);
    const { instances } = meant;
    const urls = new Map(snapshot.services.map(({ name, url }) => [name, url]));
    const lines = json
      ? instances.map((instance) => JSON.stringify(shown(instance, urls.get(instance.service))))
      : table(instances, urls);
    process.stdout.write(lines.map((line) => `${line}\n`).join(''));
    const isDown = ({ state, exit, asleep }: InstanceView): boolean =>
      isStopped(state) && asleep !== true && !(state === 'EXITED' && exit?.expected === true);
    return instances.some(isDown) ? somethingStopped : 0;
  });
}

/** As scripts see it: with its service's address, and no host where there is no port. */
function shown(
  { host, ...instance }: InstanceView,
  url: string | undefined,
): Readonly<Record<string, unknown>> {
  return {
    ...instance,
    ...(host === undefined || instance.port === undefined ? {} : { host }),
    ...(url === undefined ? {} : { url }),
  };
}

function table(
  instances: readonly InstanceView[],
  urls: ReadonlyMap<string, string | undefined>,
): readonly string[] {
  const width = Math.max(8, ...instances.map(({ name }) => name.length)) + 2;
  return instances.map((instance) => {
    const state = instance.state.padEnd(10);
    return `${instance.name.padEnd(width)}${state}${detail(instance, urls.get(instance.service))}`.trimEnd();
  });
}

function detail(instance: InstanceView, url: string | undefined): string {
  const waits = instance.waitingFor?.map(({ service, reason }) => `${service} (${reason})`) ?? [];
  if (waits.length > 0) return `waiting for ${waits.join(', ')}`;
  if (instance.asleep === true)
    return `asleep, starts with the next request${url === undefined ? '' : `, ${url}`}`;
  const words = describe(instance, Date.now());
  const port = instance.port === undefined ? '' : `, port ${instance.port}`;
  const health = instance.health === undefined ? '' : `, ${instance.health}`;
  const isBare = words.startsWith('unknown error') && instance.reason !== undefined;
  const address = instance.state === 'RUNNING' && url !== undefined ? `, ${url}` : '';
  const failure =
    instance.state === 'EXITED' && instance.exit?.expected === false ? `${endIn(instance.exit)}, ` : '';
  const parts = [port, health, trafficOf(instance), address];
  return `${isBare ? (instance.reason ?? '') : `${failure}${words}`}${parts.join('')}`;
}

/** What it does for others: the requests that it has had, and why it gets none now. */
function trafficOf({ traffic, draining, outOfService }: InstanceView): string {
  const parts: string[] = [];
  if (traffic !== undefined) {
    const errors = traffic.errors === 0 ? '' : ` (${counted(traffic.errors, 'error')})`;
    parts.push(`${counted(traffic.requests, 'request')}${errors}`);
  }
  if (draining !== undefined) parts.push(`finishing ${counted(draining, 'request')}`);
  if (outOfService !== undefined) parts.push(`gets no requests: ${outOfService}`);
  return parts.map((part) => `, ${part}`).join('');
}

function counted(count: number, what: string): string {
  return `${count} ${what}${count === 1 ? '' : 's'}`;
}

function endIn({ code, signal }: NonNullable<InstanceView['exit']>): string {
  return signal === undefined ? `code ${code ?? 0}` : signal;
}
