/**
 * A `supervisord.conf` as services, groups and a supervisor, read as it stands (spec 6.7 and 6.8).
 *
 * Pure, and never throws. What Supervisor refuses is an error in its words at its line; it takes that program alone
 * away, where Supervisor would take the whole file. What we do not do is a warning at its line.
 */

import type { Problem } from '../../../faults/fault.ts';
import { problem } from '../../../faults/make.ts';
import type { ConfigFile, LoadInput } from '../../input.ts';
import { placeIn } from '../../parse.ts';
import { leftOutOf, type Missing } from '../../left-out.ts';
import type { GroupSpec, LeftOut, ServiceSpec, SupervisorSpec } from '../../spec.ts';
import type { Names } from './expand.ts';
import { tellSharedSockets } from './fastcgi.ts';
import { membershipOf } from './groups.ts';
import { named } from './names.ts';
import { tellUnknown } from './options.ts';
import { programOf } from './program.ts';
import { SectionReader } from './reader.ts';
import { inheritedNames } from './scope.ts';
import { readSections, type Sections } from './sections.ts';
import { supervisorOf } from './supervisor.ts';
import { asText } from './types.ts';

export interface Reading {
  /** The file itself, then what it includes. */
  readonly files: readonly [string, ...string[]];
  readonly services: readonly ServiceSpec[];
  readonly groups: readonly GroupSpec[];
  readonly supervisor: SupervisorSpec;
  readonly problems: readonly Problem[];
  readonly leftOut: readonly LeftOut[];
}

export function readSupervisord(main: ConfigFile, input: LoadInput): Reading {
  const problems: Problem[] = [];
  const inherited = inheritedNames(input);
  const sections = readSections(main, input, inherited, problems);
  tellUnknown(sections, problems);
  tellPlugins(sections, inherited, problems);
  const start = placeIn(main.path, main.text)(0, 0);
  const { spec: supervisor, shared } = supervisorOf(sections, start, inherited, input, problems);
  const { groups, members } = membershipOf(sections, shared.environmentNames, problems);
  const missing: Missing[] = [];
  const programs = members.flatMap((member) => {
    const from = problems.length;
    const program = programOf(member, shared, problems);
    if (program !== undefined) return [program];
    const { name, at } = member.section;
    missing.push({
      name: name.slice(name.indexOf(':') + 1) || name,
      source: at,
      problems: problems.slice(from),
    });
    return [];
  });
  const services = named(programs, problems);
  tellSharedSockets(services, problems);
  if (members.length === 0)
    problems.push(problem('no-services', start, { file: main.path.slice(main.path.lastIndexOf('/') + 1) }));
  return {
    files: [main.path, ...sections.files.slice(1)],
    services,
    supervisor,
    problems,
    leftOut: leftOutOf(missing, services, problems),
    groups: groups.map(({ spec }) => ({
      ...spec,
      services: services.filter(({ group }) => group === spec.name).map(({ name }) => name),
    })),
  };
}

const factory = 'supervisor.rpcinterface_factory';
const ourFactory = 'supervisor.rpcinterface:make_main_rpcinterface';

function tellPlugins({ all }: Sections, names: Names, problems: Problem[]): void {
  for (const section of all.values()) {
    if (!section.name.startsWith('rpcinterface:')) continue;
    const reader = new SectionReader(section, names, problems);
    const made = reader.get(factory, asText, undefined);
    if (reader.entry(factory) === undefined)
      reader.refuse(undefined, `section [${section.name}] does not specify a ${factory}`);
    else if (made !== undefined && made !== ourFactory)
      reader.differ(factory, 'it is Python, which is not run here, so its methods are not there');
  }
}
