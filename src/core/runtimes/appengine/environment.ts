/**
 * What the environment of an App Engine application's instance is made of, by its runtime (spec 4.2 to 4.4, 4.6, 4.7),
 * and the variables of virtual machines (RP-41). Decides from the service and what its start aims at; starts nothing.
 */

import { nameOf } from '../../../base/path.ts';
import { type RowName, rowNameOf } from '../../../config/formats/appengine/runtimes.ts';
import type { AppEngineSpec, ProjectSpec, ServiceSpec } from '../../../config/spec.ts';
import { serverSoftware } from '../../appengine/environment.ts';
import type { Aims, EnvironmentRule, Look } from '../recipe.ts';

type Variables = Readonly<Record<string, string>>;

/** A service that comes from an `app.yaml`, with what it says at hand. */
interface Application {
  readonly spec: ServiceSpec;
  readonly appengine: AppEngineSpec;
  readonly project: ProjectSpec;
  readonly aims: Aims;
  readonly inherited: Variables;
}

/** Of a service that comes from no `app.yaml`: all of ours, its own variables over it. */
const plain: EnvironmentRule = { inherits: 'all', beneath: {}, own: 'over', above: {} };

export function environmentFor(spec: ServiceSpec, aims: Aims, look: Look): EnvironmentRule {
  const { appengine } = spec;
  const project = appengine?.project;
  if (appengine === undefined || project === undefined) return plain;
  const row = rowNameOf(project);
  const inherited = look.inherited ?? look.env;
  const rule = ruleOf(row, { spec, appengine, project, aims, inherited });
  // The variables of a machine lie over the runtime's, and the service's own over both (RP-41).
  if (!project.vm && row !== 'go111') return rule;
  const beneath = { ...rule.beneath, ...machineVariables({ spec, appengine, project, aims, inherited }) };
  return { ...rule, beneath, own: 'over' };
}

/**
 * Variables of the service that are the runtime's own and so cannot be set, in the reference's words (RT-12). Where the
 * standard variables win in silence, as in Node's environment, there are none.
 */
export function variableWarnings(spec: ServiceSpec): readonly string[] {
  const project = spec.appengine?.project;
  const row = project === undefined ? undefined : rowNameOf(project);
  if (project?.vm === true || row === undefined || !warns.has(row)) return [];
  return Object.keys(spec.env)
    .filter((key) => standardNames.has(key) || (row === 'python' && pythonNames.has(key)))
    .map(
      (key) =>
        `Environment variable ${key} is part of the runtime environment and cannot be overridden. Please check the --env_var flag passed to dev_appserver.`,
    );
}

const warns: ReadonlySet<RowName> = new Set(['python', 'ruby', 'go', 'java', 'php']);
const fromParent = ['HOME', 'PWD', 'PATH'] as const;
const ofPython: Variables = { PYTHONCOERCECLOCALE: '0', LC_CTYPE: 'C.UTF-8' };
const standardNames: ReadonlySet<string> = new Set([
  'GAE_ENV',
  'GAE_INSTANCE',
  'GAE_MEMORY_MB',
  'GAE_RUNTIME',
  'GAE_SERVICE',
  'GAE_VERSION',
  'GOOGLE_CLOUD_PROJECT',
]);
const pythonNames: ReadonlySet<string> = new Set([...Object.keys(ofPython), ...fromParent]);

function ruleOf(row: RowName | undefined, app: Application): EnvironmentRule {
  const { spec, appengine, project, inherited } = app;
  switch (row) {
    case 'node':
      return {
        inherits: app.aims.windows ? ['SYSTEMROOT'] : [],
        beneath: { ...standardVariables(app), GOOGLE_CLOUD_PROJECT: withoutPartition(appengine.application) },
        own: 'where-unset',
        above: {},
      };
    case 'python':
    case 'ruby':
      return {
        inherits: app.aims.windows ? ['SYSTEMROOT'] : [],
        // Not one of the variables that cannot be overridden.
        beneath: row === 'python' ? { PYTHONHASHSEED: 'random' } : {},
        own: 'over',
        above: {
          ...standardVariables(app),
          ...(row === 'python' ? ofPython : { LC_CTYPE: 'C.UTF-8' }),
          ...Object.fromEntries(fromParent.map((name) => [name, inherited[name] ?? ''])),
        },
      };
    case 'python-sdk':
      return {
        ...plain,
        beneath: { PYTHONHASHSEED: 'random' },
        own: appengine.dialect === 'dev' ? 'over' : 'left-out',
      };
    case 'java':
    case 'java-sdk':
    case 'java-vm':
      return javaRule(row, app);
    case 'go-sdk':
      return {
        inherits: ['SYSTEMROOT', 'USER'],
        beneath: {
          GOROOT: spec.env['GOROOT'] ?? inherited['GOROOT'] ?? '',
          PWD: appengine.root,
          TZ: 'UTC',
          RUN_WITH_DEVAPPSERVER: '1',
        },
        own: appengine.dialect === 'dev' ? 'over' : 'left-out',
        above: {},
      };
    case 'go-vm':
      return {
        inherits: ['SYSTEMROOT', 'USER'],
        beneath: { RUN_WITH_DEVAPPSERVER: '1' },
        own: 'over',
        above: {},
      };
    case 'go111':
      return { ...plain, beneath: { RUN_WITH_DEVAPPSERVER: '1' } };
    case 'go':
      return { ...plain, beneath: { RUN_WITH_DEVAPPSERVER: '1' }, above: standardVariables(app) };
    case 'php-sdk':
      // The application's variables are in the configuration, and set by the launcher for each request.
      return { ...plain, own: 'left-out' };
    case 'php':
      return project.runtime === 'php72' ? plain : { ...plain, above: standardVariables(app) };
    case 'custom':
      return { ...plain, own: 'left-out' };
    case 'container':
      return { ...plain, beneath: standardVariables(app) };
    case undefined:
      return plain;
  }
}

/** The seven (spec 4.3), with the project of spec 4.4. */
function standardVariables({ appengine, project, aims, inherited }: Application): Variables {
  return {
    GAE_ENV: 'localdev',
    GAE_INSTANCE: aims.id,
    GAE_MEMORY_MB: String(project.memoryMb),
    GAE_RUNTIME: project.runtime,
    GAE_SERVICE: appengine.module,
    GAE_VERSION: versionOf(project, aims),
    GOOGLE_CLOUD_PROJECT: project.externalName ?? inherited['GOOGLE_CLOUD_PROJECT'] ?? 'test',
  };
}

/** `dev~shop` is how the local server calls an application `shop`. */
function withoutPartition(application: string): string {
  return application.replace(/^dev~/, '');
}

/** The major version, or the start time as `YYYYMMDDtHHMMSS`. */
function versionOf({ majorVersion }: ProjectSpec, { startedAt = 0 }: Aims): string {
  if (majorVersion !== undefined) return majorVersion;
  const time = new Date(startedAt);
  const two = (value: number): string => String(value).padStart(2, '0');
  const date = `${time.getFullYear()}${two(time.getMonth() + 1)}${two(time.getDate())}`;
  return `${date}t${two(time.getHours())}${two(time.getMinutes())}${two(time.getSeconds())}`;
}

/** Spec 4.6. What the reference does not know, a runtime of today, is told of the service that it really is. */
function javaRule(row: 'java' | 'java-sdk' | 'java-vm', app: Application): EnvironmentRule {
  const { appengine, project, aims, inherited } = app;
  const sdk = inherited['SDKROOT'] ?? inherited['APP_ENGINE_JAVA_PATH'];
  return {
    inherits: [
      'PATH',
      'SYSTEMROOT',
      'USER',
      'TMP',
      'TEMP',
      ...(row === 'java' ? ['HOME', 'JAVA_HOME', 'LANG'] : []),
    ],
    beneath: {
      APPLICATION_ID: appengine.application,
      GAE_SERVICE: 'default',
      GAE_ENV: 'localdev',
      GAE_RUNTIME: project.runtime,
      PWD: appengine.root,
      ...(sdk === undefined ? {} : { SDKROOT: sdk }),
      TZ: 'UTC',
      GAE_APPLICATION: appengine.application,
      ...(project.majorVersion === undefined ? {} : { GAE_VERSION: project.majorVersion }),
    },
    own: 'over',
    above:
      row === 'java'
        ? standardVariables(app)
        : row === 'java-vm'
          ? { APP_ENGINE_LOG_CONFIG_PATTERN: `${logFolder(aims)}/log.%g` }
          : {},
  };
}

/** A folder of its own for each instance; its name ends as the reference's temporary one does. */
function logFolder({ workFolder, instance }: Pick<Aims, 'workFolder' | 'instance'>): string {
  return `${workFolder}/${instance}-gae`;
}

/** The eleven of RP-41. Those that nobody knows, as the API server's where there is none, are empty. */
function machineVariables({ appengine, project, aims }: Application): Variables {
  const { api, doorPort, startedAt } = aims;
  return {
    API_HOST: api?.host ?? '',
    API_PORT: api === undefined ? '' : String(api.port),
    GAE_LONG_APP_ID: appengine.application,
    GAE_PARTITION: 'dev',
    GAE_MODULE_NAME: appengine.module,
    GAE_MODULE_VERSION: appengine.version,
    GAE_MINOR_VERSION: String(Math.floor((startedAt ?? 0) / 1000)),
    GAE_MODULE_INSTANCE: aims.id,
    GAE_SERVER_PORT: doorPort === undefined ? '' : String(doorPort),
    MODULE_YAML_PATH: nameOf(project.file),
    SERVER_SOFTWARE: serverSoftware,
  };
}
