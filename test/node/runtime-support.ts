/** A runtime with the real world around it, for tests that go from a config through our doors to a child's socket. */

import { join } from 'node:path';
import type { Config } from '../../src/config/spec.ts';
import type { Outside } from '../../src/core/outside.ts';
import { Runtime } from '../../src/core/runtime.ts';
import { env } from './support.ts';

/** Trusted, remembering no ports, with its logs in the folder. Whoever asks for it ends it. */
export function runtimeIn(
  folder: string,
  outside: Outside,
  load: () => Config,
  environment: Readonly<Record<string, string>> = env,
): Runtime {
  return new Runtime({
    folder,
    outside,
    memory: { get: () => undefined, set: () => undefined },
    environment,
    windows: process.platform === 'win32',
    trusted: true,
    pid: process.pid,
    tag: 'tag',
    load,
    logPath: (name) => join(folder, `${name}.log`),
    workFolder: (service) => join(folder, '.work', service),
    platform: process.platform,
  });
}
