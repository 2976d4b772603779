/** Services with the App Engine profile, and those that come from an `app.yaml`, for tests that care about one thing of them. */

import type { AppEngineSpec, ProjectSpec, ServiceSpec } from '../../src/config/spec.ts';
import { specOf } from './spec.ts';

/** What the profile brings a service in `/w`, where its file says nothing. */
export function appEngineOf(part: Partial<AppEngineSpec> = {}): AppEngineSpec {
  return {
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
    ...part,
  };
}

/** What makes a service one that comes from an `app.yaml` in `/w`. */
export function application(
  project: Partial<ProjectSpec> & Pick<ProjectSpec, 'runtime'>,
  appengine: Partial<AppEngineSpec> = {},
): Partial<ServiceSpec> {
  return {
    profile: 'appengine',
    appengine: appEngineOf({
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
    }),
  };
}

export function applicationOf(
  project: Partial<ProjectSpec> & Pick<ProjectSpec, 'runtime'>,
  service: Partial<ServiceSpec> = {},
  appengine: Partial<AppEngineSpec> = {},
): ServiceSpec {
  return specOf({ ...service, ...application(project, appengine) });
}
