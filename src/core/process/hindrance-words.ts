/** Says as a fault why a start is not even tried. */

import { isAbsolutePath, nameOf } from '../../base/path.ts';
import type { ServiceSpec } from '../../config/spec.ts';
import type { Fault } from '../../faults/fault.ts';
import { fault } from '../../faults/make.ts';
import type { Unfit } from '../runtimes/recipe.ts';
import type { Complaints } from './complaints.ts';
import type { Hindrance } from './planning.ts';

/** @param logFile Has all of what a build has printed. */
export function complain(
  complaints: Complaints,
  service: string,
  hindrance: Hindrance,
  logFile: string | undefined,
): void {
  if (hindrance.kind === 'unfit') {
    const { problem, key, places } = hindrance.unfit;
    complaints.raise(problem.code, problem.params, key, places === undefined ? {} : { places });
    return;
  }
  const { step, failure, messages, printed } = hindrance.failed;
  complaints.raise(
    'build-failed',
    { service, command: step.told ?? shortly(step.argv), ending: failure.ending },
    'build',
    {
      evidence: printed.length > 0 ? printed.join('\n') : failure.text,
      evidenceFrom: { stream: 'stderr', ...(logFile === undefined ? {} : { file: logFile }) },
      ...(messages.length === 0 ? {} : { findings: messages }),
    },
  );
}

/** A command as a person knows it: `go build -o api .`, without the folders of ours and of the tools. */
function shortly(argv: readonly string[]): string {
  return argv.map((word) => (isAbsolutePath(word) ? nameOf(word) : word)).join(' ');
}

/** The fault of a start that was not even ordered. */
export function unfitFault({ problem, key, places = [] }: Unfit, spec: ServiceSpec, instance: string): Fault {
  return fault(problem.code, problem.params, {
    service: spec.name,
    instance,
    places: [spec.keys[key] ?? spec.keys['command'] ?? spec.source, ...places],
  });
}
