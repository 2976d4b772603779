/** How PHP is told to call the editor, which listens (Xdebug 3). */

import type { ServiceSpec } from '../../../config/spec.ts';
import { unfit } from '../common/unfit.ts';
import type { Debugging, Look, Unfit } from '../recipe.ts';
import { modulesIn } from './checks.ts';

export const xdebug: Debugging = { calls: true };

/** Arguments of PHP's own. */
export function xdebugFlags(port: number): readonly string[] {
  const settings = ['mode=debug', 'start_with_request=yes', 'client_host=127.0.0.1', `client_port=${port}`];
  return settings.flatMap((setting) => ['-d', `xdebug.${setting}`]);
}

/** The same for every PHP that is started below, as far as variables can say it. */
export function xdebugVariables(port: number): Readonly<Record<string, string>> {
  return {
    XDEBUG_MODE: 'debug',
    XDEBUG_SESSION: '1',
    XDEBUG_CONFIG: `client_host=127.0.0.1 client_port=${port}`,
  };
}

/** What loads Xdebug: nothing, where it is loaded already. */
export async function loadXdebug(
  service: ServiceSpec,
  php: string,
  look: Look,
): Promise<readonly string[] | Unfit> {
  const loaded = await look.ask([php, '-m']);
  if (loaded === undefined || modulesIn(loaded).includes('xdebug')) return [];
  const load = ['-d', 'zend_extension=xdebug'];
  const tried = await look.ask([php, ...load, '-m']);
  if (tried !== undefined && modulesIn(tried).includes('xdebug')) return load;
  return unfit({
    code: 'unfit',
    params: {
      service: service.name,
      text: `it cannot be debugged, as ${php} has no extension "xdebug".`,
      way: 'Install it ("pecl install xdebug", or your system’s package "php-xdebug"), or start the service without debugging.',
    },
  });
}
