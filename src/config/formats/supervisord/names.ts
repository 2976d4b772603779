/**
 * Names for services, from names of programs.
 *
 * A program may be called what a service may not, since a service's name is part of an address; and a listener may be
 * called as a program is. Supervisor's own names of processes and groups stay as they are, but for those that two
 * would share: there Supervisor runs one of them and forgets the other.
 */

import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import { serviceName } from '../../links.ts';
import type { ProcessSpec, ServiceSpec } from '../../spec.ts';
import type { Program } from './program.ts';

const suffixes = { program: 'program', eventlistener: 'listener', 'fcgi-program': 'fcgi' } as const;

export function named(programs: readonly Program[], problems: Problem[]): readonly ServiceSpec[] {
  const taken = new Set<string>();
  const groups = new Map<string, string>();
  const processes = new Set<string>();
  return programs.map(({ name, spec }): ServiceSpec => {
    const { kind, group } = spec.program;
    const differ = (reason: string): void => {
      problems.push(problem('supervisord-differs', spec.source, { key: name, reason }));
    };
    const plain = cleaned(name);
    const inGroup = group === name ? [] : [`${cleaned(group)}-${plain}`];
    const tries = [plain, ...inGroup, `${plain}-${suffixes[kind]}`];
    const ours = firstFree(tries, taken);
    taken.add(ours.toLowerCase());
    if (ours !== name) {
      const why = serviceName.test(name)
        ? 'another service has this name, in which case does not count'
        : 'the name of a service is part of an address, and this one cannot be';
      differ(`${why}, so the service is called "${ours}"`);
    }
    // Groups that sections make by themselves have one section each.
    const owner = spec.group === undefined ? `section ${spec.source.file} ${spec.source.line}` : 'group';
    const rival = groups.get(group);
    const ownGroup = rival === undefined || rival === owner ? group : `${group}-${suffixes[kind]}`;
    groups.set(ownGroup, owner);
    if (ownGroup !== group)
      differ(
        `another group has this name, so the group is called "${ownGroup}"; Supervisor would run one of the two`,
      );
    const free = spec.program.processes.map((process): ProcessSpec => {
      const unique = freeProcess(process.name, ownGroup, name, processes);
      processes.add(`${ownGroup}:${unique}`);
      if (unique !== process.name)
        differ(
          `another process of the group "${ownGroup}" is called "${process.name}", so this one is called "${unique}"; Supervisor would run one of the two`,
        );
      return { ...process, name: unique };
    });
    const [first, ...rest] = free;
    const program = { ...spec.program, group: ownGroup };
    return {
      ...spec,
      name: ours,
      program: first === undefined ? program : { ...program, processes: [first, ...rest] },
    };
  });
}

function freeProcess(name: string, group: string, program: string, taken: ReadonlySet<string>): string {
  const tries = [name, `${name}_${program}`];
  for (let number = 2; ; number++) {
    const free = tries.find((each) => !taken.has(`${group}:${each}`));
    if (free !== undefined) return free;
    tries.push(`${name}_${number}`);
  }
}

function firstFree(tries: readonly string[], taken: ReadonlySet<string>): string {
  const [first = 'program'] = tries;
  for (let number = 1; ; number++) {
    const candidates = number === 1 ? tries : [`${first.slice(0, 50)}-${number}`];
    const free = candidates.find((each) => serviceName.test(each) && !taken.has(each.toLowerCase()));
    if (free !== undefined) return free;
  }
}

/** The name with what an address cannot hold left out. */
function cleaned(name: string): string {
  const inner = name
    .replaceAll(/[^A-Za-z0-9_-]+/g, '-')
    .slice(0, 63)
    .replaceAll(/^[-_]+|[-_]+$/g, '');
  return inner === '' ? 'program' : inner;
}
