/** `runtimes background`: has an instance begin a background thread of App Engine. */

import { misuse, withHost } from './host.ts';
import { meantBy } from './names.ts';

/** Prints the id of the thread that has begun. */
export function background(name: string): Promise<number> {
  return withHost(async ({ api, snapshot }) => {
    const meant = meantBy([name], snapshot);
    if (typeof meant === 'string') return misuse(meant);
    const [instance] = meant.instances;
    if (instance === undefined || meant.instances.length > 1)
      return misuse(
        `"${name}" is ${meant.instances.length} instances; name one, such as "${instance?.name ?? ''}".`,
      );
    const { id } = await api.background(instance.name);
    process.stdout.write(`${id}\n`);
    return 0;
  });
}
