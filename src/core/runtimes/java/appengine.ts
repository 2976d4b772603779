/** The launchers of App Engine's own SDKs for Java, where somebody still has one (spec 4.6). */

import { resolvePath } from '../../../base/path.ts';
import type { ServiceSpec } from '../../../config/spec.ts';
import { applicationOf } from '../application.ts';
import { commandLine, programName } from '../common/line.ts';
import { unfit } from '../common/unfit.ts';
import type { Aims, Look, Plan, Unfit } from '../recipe.ts';
import { javaToolOf, readJava } from './command.ts';

const standalone = 'com.google.appengine.tools.development.devappserver2.StandaloneInstance';

/** Runs the application below the SDK that `APP_ENGINE_JAVA_PATH` names. */
export async function classic(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const sdk = look.env['APP_ENGINE_JAVA_PATH'];
  const project = service.appengine?.project;
  if (sdk === undefined || sdk === '') return without(service, 'APP_ENGINE_JAVA_PATH', 'an SDK for Java');
  const library = resolvePath(sdk, 'lib');
  const tools = resolvePath(library, 'appengine-tools-api.jar');
  if ((await look.kind(library)) !== 'folder') return missing(service, library);
  if ((await look.kind(tools)) !== 'file') return missing(service, tools);
  return {
    kind: 'plan',
    command: [
      await binary(look),
      '-cp',
      tools,
      `-Dappengine.sdk.root=${sdk}`,
      `-Dappengine.runtime=${project?.runtime}`,
      ...(aims.platform === 'darwin' ? ['-XstartOnFirstThread'] : []),
      ...optionsOf(service),
      standalone,
    ],
    shell: false,
    ...applicationOf(service, aims, look),
  };
}

/** Runs the application in the Jetty that `APP_ENGINE_JETTY_HOME` names. */
export async function jetty(service: ServiceSpec, look: Look, aims: Aims): Promise<Plan | Unfit> {
  const home = look.env['APP_ENGINE_JETTY_HOME'];
  if (home === undefined || home === '') return without(service, 'APP_ENGINE_JETTY_HOME', 'Jetty');
  const start = resolvePath(home, 'start.jar');
  if ((await look.kind(home)) !== 'folder') return missing(service, home);
  if ((await look.kind(start)) !== 'file') return missing(service, start);
  return {
    kind: 'plan',
    command: [
      await binary(look),
      `-Dgcloud.java.application=${service.appengine?.root ?? service.cwd}`,
      `-Djetty.home=${home}`,
      `-Djetty.base=${look.env['APP_ENGINE_JETTY_BASE'] ?? home}`,
      ...optionsOf(service),
      '-jar',
      start,
    ],
    shell: false,
    extraArgument: (port) => `jetty.port=${port}`,
    ...applicationOf(service, aims, look),
  };
}

/** `<JAVA_HOME>/bin/java` if that is set and there is one, else whichever the PATH has. */
async function binary(look: Look): Promise<string> {
  const home = look.env['JAVA_HOME'];
  if (home === undefined || home === '' || (await look.kind(home)) !== 'folder') return 'java';
  return resolvePath(home, 'bin/java');
}

/** A command that is `java` with options and nothing to run says which options the launcher is to have. */
function optionsOf(service: ServiceSpec): readonly string[] {
  const line = commandLine(service);
  if (line === undefined || javaToolOf(programName(line.words[0])) !== 'java') return [];
  const { mode, options } = readJava(line.words.slice(1));
  return mode.kind === 'options' ? options : [];
}

/** A person has written a whole command, which is run instead. */
export function hasOwnCommand(service: ServiceSpec): boolean {
  if (service.proposed !== undefined || (service.command[0] ?? '').trim() === '') return false;
  const line = commandLine(service);
  if (line === undefined || javaToolOf(programName(line.words[0])) !== 'java') return true;
  return readJava(line.words.slice(1)).mode.kind !== 'options';
}

function without({ name, appengine }: ServiceSpec, variable: string, what: string): Unfit {
  const text = `the runtime "${appengine?.project?.runtime}" needs a launcher of App Engine's own, and ${variable} names no folder of ${what}.`;
  const way = `Let ${variable} name it, or run the application as a custom one: write its "command" in a runtimes.yaml.`;
  return unfit({ code: 'unfit', params: { service: name, text, way } }, 'runtime');
}

function missing({ name }: ServiceSpec, path: string): Unfit {
  const way = 'Let the variable name a whole installation.';
  return unfit(
    { code: 'missing-entry', params: { service: name, entry: 'its launcher', looked: path, way } },
    'runtime',
  );
}
