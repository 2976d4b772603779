/**
 * The one table of commands: where each stands, what it needs, what it looks like.
 *
 * `contributions.ts` makes the manifest's part of it; `extension/commands.ts` must handle every one, or it does
 * not compile. Titles are in `package.nls.json` under `command.<id without prefix>`.
 */

/** What a command acts on. `workspace`: everything, or nothing in particular. */
export type CommandSubject = 'workspace' | 'service' | 'instance';

export interface CommandRow {
  readonly subject: CommandSubject;
  /** A codicon; needed where the command stands inline or in a title. */
  readonly icon?: string;
  /** Its capability in a node's context value; without one every node of its subject has it. */
  readonly needs?: string;
  /** Its groups in the menu of a node, with their order. */
  readonly inNode?: readonly string[];
  /** Its group in the view's title, with its order, and the condition for being there. */
  readonly inTitle?: { readonly group: string; readonly when?: string };
}

export const commandPrefix = 'localRuntimes.';

const row = <const R extends CommandRow>(value: R): R => value;

export const commandTable = {
  'localRuntimes.service.start': row({
    subject: 'service',
    icon: 'play',
    needs: 'canStart',
    inNode: ['inline@1', '2_run@1'],
  }),
  'localRuntimes.service.stop': row({
    subject: 'service',
    icon: 'debug-stop',
    needs: 'canStop',
    inNode: ['inline@2', '2_run@2'],
  }),
  'localRuntimes.service.restart': row({
    subject: 'service',
    icon: 'debug-restart',
    needs: 'canRestart',
    inNode: ['inline@3', '2_run@3'],
  }),
  'localRuntimes.service.openInBrowser': row({
    subject: 'service',
    icon: 'globe',
    needs: 'canOpen',
    inNode: ['inline@4', '1_open@1'],
  }),
  'localRuntimes.service.showLog': row({ subject: 'service', needs: 'canShowLog', inNode: ['1_open@2'] }),
  'localRuntimes.service.goToDefinition': row({
    subject: 'service',
    needs: 'canGoToDefinition',
    inNode: ['1_open@3'],
  }),
  'localRuntimes.service.startDebugging': row({ subject: 'service', needs: 'canDebug', inNode: ['2_run@4'] }),
  'localRuntimes.service.copyUrl': row({ subject: 'service', needs: 'canOpen', inNode: ['3_copy@1'] }),

  'localRuntimes.instance.start': row({
    subject: 'instance',
    icon: 'play',
    needs: 'canStart',
    inNode: ['inline@1', '2_run@1'],
  }),
  'localRuntimes.instance.stop': row({
    subject: 'instance',
    icon: 'debug-stop',
    needs: 'canStop',
    inNode: ['inline@2', '2_run@2'],
  }),
  'localRuntimes.instance.restart': row({
    subject: 'instance',
    icon: 'debug-restart',
    needs: 'canRestart',
    inNode: ['inline@3', '2_run@3'],
  }),
  'localRuntimes.instance.showLog': row({
    subject: 'instance',
    icon: 'output',
    needs: 'canShowLog',
    inNode: ['inline@4', '1_open@1'],
  }),
  'localRuntimes.instance.openLogFile': row({
    subject: 'instance',
    needs: 'canOpenLogFile',
    inNode: ['1_open@2'],
  }),
  'localRuntimes.instance.openInBrowser': row({
    subject: 'instance',
    needs: 'canOpen',
    inNode: ['1_open@3'],
  }),
  'localRuntimes.instance.goToDefinition': row({
    subject: 'instance',
    needs: 'canGoToDefinition',
    inNode: ['1_open@4'],
  }),
  'localRuntimes.instance.copyUrl': row({ subject: 'instance', needs: 'canOpen', inNode: ['3_copy@1'] }),

  'localRuntimes.all.start': row({
    subject: 'workspace',
    icon: 'run-all',
    inTitle: { group: 'navigation@1', when: 'localRuntimes.hasServices && isWorkspaceTrusted' },
  }),
  'localRuntimes.all.stop': row({
    subject: 'workspace',
    icon: 'stop-circle',
    inTitle: { group: 'navigation@2', when: 'localRuntimes.hasServices && isWorkspaceTrusted' },
  }),
  'localRuntimes.trust.manage': row({
    subject: 'workspace',
    icon: 'shield',
    inTitle: { group: 'navigation@3', when: '!isWorkspaceTrusted' },
  }),
  'localRuntimes.frontDoor.openInBrowser': row({
    subject: 'workspace',
    inTitle: { group: '1_open@1', when: 'localRuntimes.hasFrontDoor' },
  }),
  'localRuntimes.config.open': row({
    subject: 'workspace',
    inTitle: { group: '1_open@2', when: 'localRuntimes.hasConfig' },
  }),
  'localRuntimes.config.create': row({
    subject: 'workspace',
    inTitle: {
      group: '1_open@3',
      when: 'localRuntimes.loaded && !localRuntimes.hasConfig && workspaceFolderCount != 0',
    },
  }),
  'localRuntimes.config.reload': row({
    subject: 'workspace',
    inTitle: { group: '2_config@1', when: 'localRuntimes.hasConfig' },
  }),
  'localRuntimes.log.show': row({ subject: 'workspace', inTitle: { group: '3_log@1' } }),
} as const satisfies Readonly<Record<`localRuntimes.${string}`, CommandRow>>;

export type CommandId = keyof typeof commandTable;

/** The rows with their ids, in the order in which menus show them. */
export const commandRows: readonly (CommandRow & { readonly id: string })[] = Object.entries(
  commandTable,
).map(([id, value]) => ({ id, ...value }));
