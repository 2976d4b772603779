/** What `package.json` must say about the commands, made from the table. A contract test compares, and rewrites on demand. */

import { type CommandRow, commandPrefix, commandRows } from './commands.ts';
import { servicesView } from './ids.ts';

export interface CommandContribution {
  readonly command: string;
  readonly title: string;
  readonly category: string;
  readonly icon?: string;
}

export interface MenuContribution {
  readonly command: string;
  readonly when: string;
  readonly group?: string;
}

/** The key of a command's title in `package.nls.json`. */
export function titleKey(id: string): string {
  return `command.${id.slice(commandPrefix.length)}`;
}

export function commandContributions(): readonly CommandContribution[] {
  return commandRows.map(({ id, icon }) => ({
    command: id,
    title: `%${titleKey(id)}%`,
    category: '%category%',
    ...(icon === undefined ? {} : { icon: `$(${icon})` }),
  }));
}

/** Kinds of nodes that a selection can hold. */
const selectable = '(group|service|instance)';

/** A node's capability, matched as a whole word of its context value. */
function nodeCondition({ subject, needs, order }: CommandRow, group: string): string {
  if (subject === 'selection') {
    return `view == ${servicesView} && isWorkspaceTrusted && listMultiSelection && viewItem =~ /^${selectable}\\b/`;
  }
  const capability = needs === undefined ? '' : `.*:${needs}\\b`;
  // For several nodes the selection's own commands stand in the menu in place of these.
  const alone = order === undefined || group.startsWith('inline') ? '' : ' && !listMultiSelection';
  return `view == ${servicesView} && viewItem =~ /^${subject}\\b${capability}/${alone}`;
}

/** Without a folder hardly any command can do anything. Undefined: it stands there always. */
function paletteCondition({ inPalette }: CommandRow): string | undefined {
  if (inPalette === 'always') return undefined;
  if (inPalette === 'never') return 'false';
  return inPalette?.when ?? 'workspaceFolderCount != 0';
}

export function menuContributions(): Readonly<Record<string, readonly MenuContribution[]>> {
  return {
    'view/title': commandRows.flatMap(({ id, inTitle }) => {
      if (inTitle === undefined) return [];
      const more = inTitle.when === undefined ? '' : ` && ${inTitle.when}`;
      return [{ command: id, when: `view == ${servicesView}${more}`, group: inTitle.group }];
    }),
    'view/item/context': commandRows.flatMap((row) =>
      (row.inNode ?? []).map((group) => ({ command: row.id, when: nodeCondition(row, group), group })),
    ),
    commandPalette: commandRows.flatMap((row) => {
      const when = paletteCondition(row);
      return when === undefined ? [] : [{ command: row.id, when }];
    }),
  };
}
