/** Which program is of which group (spec 6.6). Reads the sections `[group:x]` and nothing of what programs do. */

import type { Problem } from '../../../faults/fault.ts';
import type { GroupSpec, ProgramSpec } from '../../spec.ts';
import type { Names } from './expand.ts';
import type { Member } from './program.ts';
import { SectionReader } from './reader.ts';
import type { Section, Sections } from './sections.ts';
import { integer, listOfTexts, processName } from './types.ts';

export interface Group {
  readonly spec: Omit<GroupSpec, 'services'>;
}

export interface Membership {
  readonly groups: readonly Group[];
  /** Every program once for each group that names it, in the order of the file. */
  readonly members: readonly Member[];
}

const kinds: readonly ProgramSpec['kind'][] = ['program', 'eventlistener', 'fcgi-program'];

export function membershipOf(sections: Sections, names: Names, problems: Problem[]): Membership {
  const groups: Group[] = [];
  const grouped = new Map<Section, Member[]>();
  for (const section of sections.all.values()) {
    if (!section.name.startsWith('group:')) continue;
    const reader = new SectionReader(section, names, problems);
    const name = reader.converted('', section.name.slice('group:'.length), processName);
    const priority = reader.get('priority', integer, 999);
    const group = name === undefined || name === '' ? undefined : { name, priority };
    for (const program of reader.get('programs', listOfTexts, [])) {
      const found = programNamed(program, reader, sections);
      // A group whose name cannot be had leaves its programs where they would be without it.
      if (found === undefined || group === undefined) continue;
      const known = grouped.get(found.section) ?? [];
      if (known.some((each) => each.group?.name === group.name)) continue;
      grouped.set(found.section, [...known, { ...found, group }]);
    }
    if (group !== undefined) groups.push({ spec: { ...group, source: section.at } });
  }
  const members = [...sections.all.values()].flatMap((section): readonly Member[] => {
    const kind = kinds.find((each) => section.name.startsWith(`${each}:`));
    return kind === undefined ? [] : (grouped.get(section) ?? [{ section, kind }]);
  });
  return { groups, members };
}

function programNamed(name: string, reader: SectionReader, { all }: Sections): Member | undefined {
  const program = all.get(`program:${name}`);
  const fastcgi = all.get(`fcgi-program:${name}`);
  const whose = `[${reader.section.name}]`;
  if (program !== undefined && fastcgi !== undefined) {
    reader.refuse(
      'programs',
      `${whose} name ${name} is ambiguous (exists as program and fcgi-program)`,
      'Give one of the two another name.',
    );
    return undefined;
  }
  if (program !== undefined) return { section: program, kind: 'program' };
  if (fastcgi !== undefined) return { section: fastcgi, kind: 'fcgi-program' };
  reader.refuse(
    'programs',
    `${whose} names unknown program or fcgi-program ${name}`,
    name === '' ? 'There is a comma too many.' : undefined,
  );
  return undefined;
}
