/** `runtimes start`, `stop`, `restart`, `signal` and `scale`: orders to the host, and what came of them. */

import type { InstanceView, RuntimeEvent, StartOptions } from '../protocol/api.ts';
import { isRunning } from '../protocol/supervisor/states.ts';
import { inWords } from './check.ts';
import { failed, misuse, type Reached, withHost } from './host.ts';
import { jobsOf } from './jobs.ts';
import { type Meant, meantBy } from './names.ts';

export function start(names: readonly string[], options: StartOptions): Promise<number> {
  return order(names, async (host, { target, instances }) => {
    const idle = new Set(host.snapshot.services.filter((each) => !each.autostart).map(({ name }) => name));
    const before = seenIn(host);
    const ends = endsIn(host);
    await host.api.start(target, options);
    const meant = names.length > 0 ? instances : instances.filter(({ service }) => !idle.has(service));
    return outcomesOf(host, meant, before, false, ends);
  });
}

export function stop(names: readonly string[]): Promise<number> {
  return order(names, async (host, meant) => {
    await host.api.stop(meant.target);
    for (const { name } of meant.instances) say(name, 'stopped');
    return 0;
  });
}

/** Without names, everything that runs or is about to. Nobody sees it all stopped in between. */
export function restart(names: readonly string[]): Promise<number> {
  return order(names, async (host, meant) => {
    const instances =
      names.length > 0 ? meant.instances : meant.instances.filter(({ state }) => isRunning(state));
    if (instances.length === 0) return 0;
    const targets = instances.map(({ name }) => ({ kind: 'instance', instance: name }) as const);
    const before = seenIn(host);
    const ends = endsIn(host);
    await host.api.restart(names.length > 0 ? meant.target : { kind: 'several', targets });
    return outcomesOf(host, instances, before, true, ends);
  });
}

export function signal(name: string, names: readonly string[]): Promise<number> {
  return order(names, async (host, meant) => {
    const outcomes = await host.api.signal(meant.target, name);
    for (const { instance, fault } of outcomes) say(instance, 'signalled', fault?.message);
    const told = new Set(outcomes.map(({ instance }) => instance));
    // What is named as a whole is signalled as far as it runs; the rest must not go unsaid.
    const left = meant.instances.filter((each) => !told.has(each.name));
    for (const { name: instance, state } of left) say(instance, 'signalled', `it does not run: ${state}`);
    return left.length > 0 || outcomes.some(({ fault }) => fault !== undefined) ? failed : 0;
  });
}

export function scale(service: string, written: string): Promise<number> {
  return withHost(async ({ api, snapshot }) => {
    if (!snapshot.services.some(({ name }) => name === service)) {
      const meant = meantBy([service], snapshot);
      return misuse(typeof meant === 'string' ? meant : `"${service}" is no service.`);
    }
    if (!/^\d{1,9}$/.test(written))
      return misuse(`"${service}" cannot have ${written} instances: give a whole number.`);
    const instances = Number(written);
    await api.scale(service, instances);
    process.stdout.write(`${service}: ${instances} ${instances === 1 ? 'instance' : 'instances'}\n`);
    return 0;
  });
}

/** Ends with 1 when what is written now has errors; what it could, the host has taken over all the same. */
export function reload(): Promise<number> {
  return withHost(async ({ api, present, snapshot }) => {
    await api.reload();
    const { problems, services } = present.snapshot ?? snapshot;
    for (const problem of problems) process.stderr.write(`${inWords(problem, process.cwd())}\n`);
    process.stdout.write(`reloaded: ${services.length} ${services.length === 1 ? 'service' : 'services'}\n`);
    return problems.some(({ severity }) => severity === 'error') ? failed : 0;
  });
}

function order(
  names: readonly string[],
  give: (host: Reached, meant: Meant) => Promise<number>,
): Promise<number> {
  return withHost(async (host) => {
    const meant = meantBy(names, host.snapshot);
    return typeof meant === 'string' ? misuse(meant) : give(host, meant);
  });
}

type Seen = ReadonlyMap<string, InstanceView>;

function seenIn({ present }: Reached): Seen {
  return new Map(present.instances.map((instance) => [instance.name, instance]));
}

type Ends = ReadonlyMap<string, Extract<RuntimeEvent, { event: 'state' }>>;

/** How each instance has ended last, from now on. A view may be of the next start already. */
function endsIn({ api }: Reached): Ends {
  const ends = new Map<string, Extract<RuntimeEvent, { event: 'state' }>>();
  api.subscribe(({ kind, ...message }) => {
    if (kind !== 'event' || !('event' in message) || message.event.event !== 'state') return;
    const { event } = message;
    if (event.to === 'EXITED' || event.to === 'BACKOFF') ends.set(event.instance, event);
  });
  return ends;
}

/** Waits until each of them is up, has done its work, or will not come up without somebody's doing. */
async function outcomesOf(
  { present }: Reached,
  instances: readonly InstanceView[],
  before: Seen,
  again: boolean,
  ends: Ends,
): Promise<number> {
  const jobs = present.snapshot === undefined ? new Set<string>() : jobsOf(present.snapshot);
  const results = instances.map(async ({ name, service }) => {
    const isJob = jobs.has(service);
    const verdict = await present.until(
      () =>
        (isJob ? endOf(ends.get(name), name, present.instances) : undefined) ??
        verdictOn(name, before.get(name), present.instances, again, isJob),
    );
    if (verdict === 'asleep') say(name, verdict);
    else say(name, isJob ? 'done' : again ? 'restarted' : 'started', verdict === 'up' ? undefined : verdict);
    return verdict === 'up' || verdict === 'asleep';
  });
  return (await Promise.all(results)).every((up) => up) ? 0 : failed;
}

/** What came of a job's first end, whatever follows it. */
function endOf(
  end: Extract<RuntimeEvent, { event: 'state' }> | undefined,
  name: string,
  instances: readonly InstanceView[],
): string | undefined {
  if (end === undefined) return undefined;
  if (end.to === 'EXITED' && end.exit?.expected === true) return 'up';
  const fault = instances.find((instance) => instance.name === name)?.fault;
  return fault?.message ?? end.reason ?? end.to;
}

/** `up`, `asleep`, or why not; undefined while it is on its way. `again`: what ran before is not up until it was started anew. */
function verdictOn(
  name: string,
  before: InstanceView | undefined,
  instances: readonly InstanceView[],
  again: boolean,
  isJob: boolean,
): string | undefined {
  const now = instances.find((instance) => instance.name === name);
  if (now === undefined) return 'it is no part of the config any more';
  const stuck = now.waitingFor?.find((wait) => wait.stuck);
  if (stuck !== undefined) return `it waits for ${stuck.service}: ${stuck.reason}`;
  // Nobody has asked it for anything yet, and that is how it is to be.
  if (now.asleep === true) return 'asleep';
  const isOld = now.startedAt === before?.startedAt;
  if (now.state === 'RUNNING' && isJob) return undefined;
  if (now.state === 'RUNNING') return again && isOld ? undefined : 'up';
  const unchanged = now.state === before?.state && now.since === before.since && isOld;
  if (unchanged || now.waitingFor !== undefined || now.state === 'STARTING') return undefined;
  if (now.state === 'EXITED' && now.exit?.expected === true) return 'up';
  if (now.state === 'STOPPING' || (again && isOld)) return undefined;
  return now.fault?.message ?? now.spawnError ?? now.reason ?? now.state;
}

function say(name: string, done: string, problem?: string): void {
  process.stdout.write(problem === undefined ? `${name}: ${done}\n` : `${name}: ERROR (${problem})\n`);
}
