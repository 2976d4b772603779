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

/** A node's capability, matched as a whole word of its context value. */
function nodeCondition(row: CommandRow): string {
  const capability = row.needs === undefined ? '' : `.*:${row.needs}\\b`;
  return `view == ${servicesView} && viewItem =~ /^${row.subject}\\b${capability}/`;
}

/** Without a folder no command but those of our own log and of trust can do anything. */
function paletteCondition(id: string): string | undefined {
  if (id === 'localRuntimes.log.show') return undefined;
  return id === 'localRuntimes.trust.manage' ? '!isWorkspaceTrusted' : 'workspaceFolderCount != 0';
}

export function menuContributions(): Readonly<Record<string, readonly MenuContribution[]>> {
  return {
    'view/title': commandRows.flatMap(({ id, inTitle }) => {
      if (inTitle === undefined) return [];
      const more = inTitle.when === undefined ? '' : ` && ${inTitle.when}`;
      return [{ command: id, when: `view == ${servicesView}${more}`, group: inTitle.group }];
    }),
    'view/item/context': commandRows.flatMap((row) =>
      (row.inNode ?? []).map((group) => ({ command: row.id, when: nodeCondition(row), group })),
    ),
    commandPalette: commandRows.flatMap(({ id }) => {
      const when = paletteCondition(id);
      return when === undefined ? [] : [{ command: id, when }];
    }),
  };
}
