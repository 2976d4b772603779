/** A service that comes from an `app.yaml`, for tests of recipes that care about one thing of it. */

import type { AppEngineSpec, ProjectSpec, ServiceSpec } from '../../src/config/spec.ts';
import { specOf } from './spec.ts';

export function applicationOf(
  project: Partial<ProjectSpec> & Pick<ProjectSpec, 'runtime'>,
  service: Partial<ServiceSpec> = {},
  appengine: Partial<AppEngineSpec> = {},
): ServiceSpec {
  return specOf({
    profile: 'appengine',
    ...service,
    appengine: {
      root: '/w',
      module: 'shop',
      version: 'v1',
      application: 'dev~market',
      handlers: [],
      errorHandlers: [],
      inboundServices: [],
      dialect: 'dev',
      restartOnChange: 'always',
      backgroundThreads: 0,
      ...appengine,
      project: {
        file: '/w/app.yaml',
        environment: 'standard',
        vm: false,
        threadsafe: true,
        memoryMb: 384,
        skipFiles: [],
        noBuildFiles: [],
        ...project,
      },
    },
  });
}
