/** Where an instance's output is written: one file for both streams, or what a program says of each stream. */

import type { LogTarget, ServiceSpec } from '../../config/spec.ts';
import type { LogPlan, Stream } from '../outside.ts';

export type InstanceLogs =
  /** Both streams in one file. */
  { readonly log: LogPlan } | { readonly stdout?: LogPlan; readonly stderr?: LogPlan };

/** The names of files that no config names. */
export interface LogNames {
  /** For a service that says nothing of its logs. */
  ours(): LogPlan;
  /** `AUTO` of a program's stream (spec 6.9). */
  auto(process: string, stream: Stream): string;
}

/** `spec` is the effective one. */
export function logsOf(spec: ServiceSpec, names: LogNames): InstanceLogs {
  if (spec.program === undefined) return { log: spec.logFile ?? names.ours() };
  const [process] = spec.program.processes;
  const plan = (target: LogTarget, stream: Stream): LogPlan | undefined => {
    if (target.kind === 'none') return undefined;
    const path = target.kind === 'file' ? target.path : names.auto(process.name, stream);
    return { path, maxBytes: target.maxBytes, backups: target.backups };
  };
  const stdout = plan(process.stdout.log, 'stdout');
  // Redirected, there is no stderr channel and no log of it (SV-13).
  const stderr = spec.program.redirectStderr ? undefined : plan(process.stderr.log, 'stderr');
  return { ...(stdout === undefined ? {} : { stdout }), ...(stderr === undefined ? {} : { stderr }) };
}

/** The files a person can look into: the one of both or of stdout, and stderr's own. */
export function filesOf(logs: InstanceLogs): {
  readonly logFile?: string;
  readonly errorLogFile?: string;
} {
  if ('log' in logs) return { logFile: logs.log.path };
  return {
    ...(logs.stdout === undefined ? {} : { logFile: logs.stdout.path }),
    ...(logs.stderr === undefined ? {} : { errorLogFile: logs.stderr.path }),
  };
}
