/** `runtimes logs`, `attach` and `events`: what a running workspace says, as it says it. */

import { createInterface } from 'node:readline';
import type { InstanceView, LogBatch } from '../protocol/api.ts';
import { failed, interruption, misuse, type Reached, reasonOf, withHost } from './host.ts';
import { meantBy } from './names.ts';
import { createPeoplePrinter } from './printer.ts';

export interface LogsOptions {
  readonly follow: boolean;
  /** How many of the last lines are printed first. */
  readonly lines: number;
}

export function logs(names: readonly string[], options: LogsOptions): Promise<number> {
  return withHost(async (host) => {
    const meant = meantBy(names, host.snapshot);
    if (typeof meant === 'string') return misuse(meant);
    await print(host, meant.instances, options.lines);
    if (!options.follow) return 0;
    await interruption();
    return 0;
  });
}

/** Its output, and what is typed goes to its stdin. */
export function attach(name: string): Promise<number> {
  return withHost(async (host) => {
    const meant = meantBy([name], host.snapshot);
    if (typeof meant === 'string') return misuse(meant);
    const [instance] = meant.instances;
    if (instance === undefined || meant.instances.length > 1)
      return misuse(
        `"${name}" is ${meant.instances.length} instances; name one, such as "${instance?.name ?? ''}".`,
      );
    await print(host, [instance], 10);
    const code = await Promise.race([interruption().then(() => 0), typeInto(host, instance)]);
    // A terminal that is still open would keep us from ending.
    process.stdin.destroy();
    return code;
  });
}

async function typeInto({ api }: Reached, { name }: InstanceView): Promise<number> {
  for await (const line of createInterface({ input: process.stdin })) {
    try {
      await api.sendInput(name, `${line}\n`);
    } catch (error) {
      process.stderr.write(`${reasonOf(error)}\n`);
      return failed;
    }
  }
  return 0;
}

/** As `runtimes up --json` prints them, from now on. */
export function events(): Promise<number> {
  return withHost(async ({ api }) => {
    api.subscribe((message) => {
      if (message.kind === 'event') process.stdout.write(`${JSON.stringify(message.event)}\n`);
    });
    await interruption();
    return 0;
  });
}

async function print(host: Reached, instances: readonly InstanceView[], lines: number): Promise<void> {
  const printer = createPeoplePrinter(instances.map(({ name }) => name));
  const several = instances.length > 1;
  const write = ({ instance, lines: found, skipped }: LogBatch): void => {
    if (skipped > 0)
      process.stderr.write(
        `${skipped} lines of ${instance} are left out here; "runtimes logs -n ${skipped + found.length} ${instance}" prints them.\n`,
      );
    if (found.length === 0) return;
    if (several) printer.lines(instance, found);
    else process.stdout.write(found.map(({ text }) => `${text}\n`).join(''));
  };
  host.api.subscribe((message) => {
    if (message.kind === 'log') write(message.batch);
  });
  for (const { name } of instances) write(await host.api.follow(name, lines));
}
