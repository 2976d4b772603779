/**
 * What one instance of a service really is: the service's definition with what is this instance's own.
 *
 * For what comes from a `supervisord.conf` its processes may differ in name, command, folder, environment and logs.
 */

import type { ProcessSpec, ProgramSpec, ServiceSpec } from '../../config/spec.ts';

/** The definition an instance runs by. Its `program.processes` holds this instance's process alone. */
export function effectiveSpec(spec: ServiceSpec, index: number): ServiceSpec {
  if (spec.program === undefined) return spec;
  const process = processOf(spec.program, index);
  return {
    ...spec,
    command: process.command,
    cwd: process.cwd,
    env: process.env,
    program: { ...spec.program, processes: [process] },
  };
}

/** Supervisor's names of an instance: `group:process` is its namespec. */
export function supervisorNames(
  spec: ServiceSpec,
  index: number,
): { readonly process: string; readonly group: string } {
  if (spec.program !== undefined) {
    return { process: processOf(spec.program, index).name, group: spec.program.group };
  }
  return {
    process: spec.instances === 1 && index === 0 ? spec.name : `${spec.name}.${index}`,
    group: spec.group ?? spec.name,
  };
}

/** One beyond what the file names (there were more asked for) is like the first, under a name of its own. */
function processOf(program: ProgramSpec, index: number): ProcessSpec {
  const [first] = program.processes;
  return program.processes[index] ?? { ...first, name: `${first.name}_${index}` };
}
