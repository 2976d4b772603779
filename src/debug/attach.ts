/** How a debugger gets hold of a running instance, for each runtime. Pure: says what to attach with, attaches nothing. */

import type { InstanceView, ServiceView } from '../protocol/api.ts';

/** A debug configuration of another extension, as its own documentation describes it. */
export interface AttachConfiguration {
  readonly type: string;
  readonly request: 'attach';
  readonly name: string;
  readonly [key: string]: unknown;
}

/** Runtimes that this version cannot debug, with the extension that knows their language. */
const elsewhere: ReadonlyMap<string, { readonly language: string; readonly extension: string }> = new Map([
  ['python', { language: 'Python', extension: 'Python Debugger (ms-python.debugpy)' }],
  ['go', { language: 'Go', extension: 'Go (golang.go)' }],
  ['java', { language: 'Java', extension: 'Debugger for Java (vscjava.vscode-java-debug)' }],
  ['php', { language: 'PHP', extension: 'PHP Debug (xdebug.php-debug)' }],
]);

/** Undefined while the instance has no process with an inspector to attach to. */
export function attachConfiguration(
  service: ServiceView,
  instance: InstanceView,
): AttachConfiguration | undefined {
  const { inspector, pid, state } = instance;
  if (inspector === undefined || pid === undefined || (state !== 'RUNNING' && state !== 'STARTING')) {
    return undefined;
  }
  return {
    type: 'node',
    name: instance.name,
    address: inspector.host,
    port: inspector.port,
    cwd: service.cwd,
    sourceMaps: true,
    skipFiles: ['<node_internals>/**'],
    // We attach to the next process ourselves; a debugger that tried by itself would wait for the old one.
    restart: false,
    ...service.debug,
    request: 'attach',
  };
}

/** What tells one process with its inspector from the next, so that each is attached to once. */
export function attachKey({ pid, inspector }: InstanceView): string {
  return `${pid} ${inspector?.host}:${inspector?.port}`;
}

/** Why a service cannot be debugged and what would help; undefined when it can. */
export function whyNotDebuggable({ name, runtime, debuggable }: ServiceView): string | undefined {
  if (debuggable) return undefined;
  const other = elsewhere.get(runtime);
  if (other !== undefined) {
    return (
      `"${name}" is a ${other.language} service, and only Node services can be debugged from here. ` +
      `To debug it, start it yourself under the ${other.extension} extension.`
    );
  }
  if (runtime === 'node') return `Debugging is switched off for "${name}": it has "debug: false".`;
  return `"${name}" cannot be debugged: its runtime is ${runtime}, and only Node services can. If it is one, give it "runtime: node".`;
}
