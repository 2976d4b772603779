/**
 * The one table of commands: where each stands, what it needs, what it looks like.
 *
 * `contributions.ts` makes the manifest's part of it; `extension/commands.ts` must handle every one, or it does
 * not compile. Titles are in `package.nls.json` under `command.<id without prefix>`.
 */

/** What a command acts on. `workspace`: everything, or nothing in particular; `selection`: several nodes of any kind. */
export type CommandSubject = 'workspace' | 'selection' | 'group' | 'service' | 'instance';

/** What a command orders of all nodes it was called for, together. */
export type Order = 'start' | 'stop' | 'restart';

export interface CommandRow {
  readonly subject: CommandSubject;
  /** A codicon; needed where the command stands inline or in a title. */
  readonly icon?: string;
  /** Its capability in a node's context value; without one every node of its subject has it. */
  readonly needs?: string;
  /** It gives this order and nothing else. */
  readonly order?: Order;
  /** Its groups in the menu of a node, with their order. */
  readonly inNode?: readonly string[];
  /** Its group in the view's title, with its order, and the condition for being there. */
  readonly inTitle?: { readonly group: string; readonly when?: string };
  /** When it stands in the palette, where that is not whenever a folder is open. */
  readonly inPalette?: 'always' | 'never' | { readonly when: string };
}

export const commandPrefix = 'localRuntimes.';

const row = <const R extends CommandRow>(value: R): R => value;

export const commandTable = {
  // What is selected may be of different kinds, and the editor offers for several nodes only what all of them have.
  'localRuntimes.selection.start': row({
    subject: 'selection',
    order: 'start',
    needs: 'canStart',
    inNode: ['2_run@1'],
    inPalette: 'never',
  }),
  'localRuntimes.selection.stop': row({
    subject: 'selection',
    order: 'stop',
    needs: 'canStop',
    inNode: ['2_run@2'],
    inPalette: 'never',
  }),
  'localRuntimes.selection.restart': row({
    subject: 'selection',
    order: 'restart',
    needs: 'canRestart',
    inNode: ['2_run@3'],
    inPalette: 'never',
  }),

  'localRuntimes.group.start': row({
    subject: 'group',
    order: 'start',
    icon: 'play',
    needs: 'canStart',
    inNode: ['inline@1', '2_run@1'],
    inPalette: { when: 'localRuntimes.hasGroups' },
  }),
  'localRuntimes.group.stop': row({
    subject: 'group',
    order: 'stop',
    icon: 'debug-stop',
    needs: 'canStop',
    inNode: ['inline@2', '2_run@2'],
    inPalette: { when: 'localRuntimes.hasGroups' },
  }),
  'localRuntimes.group.restart': row({
    subject: 'group',
    order: 'restart',
    icon: 'debug-restart',
    needs: 'canRestart',
    inNode: ['inline@3', '2_run@3'],
    inPalette: { when: 'localRuntimes.hasGroups' },
  }),
  'localRuntimes.group.openInBrowser': row({
    subject: 'group',
    icon: 'globe',
    needs: 'canOpen',
    inNode: ['inline@4', '1_open@1'],
    inPalette: { when: 'localRuntimes.hasGroups' },
  }),
  'localRuntimes.group.goToDefinition': row({
    subject: 'group',
    needs: 'canGoToDefinition',
    inNode: ['1_open@2'],
    inPalette: { when: 'localRuntimes.hasGroups' },
  }),

  'localRuntimes.service.start': row({
    subject: 'service',
    order: 'start',
    icon: 'play',
    needs: 'canStart',
    inNode: ['inline@1', '2_run@1'],
  }),
  'localRuntimes.service.stop': row({
    subject: 'service',
    order: 'stop',
    icon: 'debug-stop',
    needs: 'canStop',
    inNode: ['inline@2', '2_run@2'],
  }),
  'localRuntimes.service.restart': row({
    subject: 'service',
    order: 'restart',
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
  'localRuntimes.service.startAnyway': row({
    subject: 'service',
    needs: 'canStartAnyway',
    inNode: ['2_run@4'],
  }),
  'localRuntimes.service.startDebugging': row({ subject: 'service', needs: 'canDebug', inNode: ['2_run@5'] }),
  'localRuntimes.service.scale': row({ subject: 'service', needs: 'canScale', inNode: ['2_run@6'] }),
  'localRuntimes.service.copyUrl': row({ subject: 'service', needs: 'canOpen', inNode: ['3_copy@1'] }),
  'localRuntimes.service.copyNamedUrl': row({
    subject: 'service',
    needs: 'canCopyNamed',
    inNode: ['3_copy@2'],
  }),

  'localRuntimes.instance.start': row({
    subject: 'instance',
    order: 'start',
    icon: 'play',
    needs: 'canStart',
    inNode: ['inline@1', '2_run@1'],
  }),
  'localRuntimes.instance.stop': row({
    subject: 'instance',
    order: 'stop',
    icon: 'debug-stop',
    needs: 'canStop',
    inNode: ['inline@2', '2_run@2'],
  }),
  'localRuntimes.instance.restart': row({
    subject: 'instance',
    order: 'restart',
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
  'localRuntimes.instance.signal': row({ subject: 'instance', needs: 'canSignal', inNode: ['4_process@1'] }),
  'localRuntimes.instance.sendInput': row({
    subject: 'instance',
    needs: 'canSendInput',
    inNode: ['4_process@2'],
  }),
  'localRuntimes.instance.clearLog': row({
    subject: 'instance',
    needs: 'canClearLog',
    inNode: ['4_process@3'],
  }),

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
    inPalette: { when: '!isWorkspaceTrusted' },
  }),
  'localRuntimes.frontDoor.openInBrowser': row({
    subject: 'workspace',
    inTitle: { group: '1_open@1', when: 'localRuntimes.hasFrontDoor' },
  }),
  'localRuntimes.machine.show': row({
    subject: 'workspace',
    inTitle: { group: '1_open@4', when: 'localRuntimes.hasConfig' },
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
  'localRuntimes.finished.hide': row({
    subject: 'workspace',
    inTitle: { group: '2_finished@1', when: 'localRuntimes.hasJobs && !localRuntimes.hidesFinished' },
    inPalette: { when: 'localRuntimes.hasJobs && !localRuntimes.hidesFinished' },
  }),
  'localRuntimes.finished.show': row({
    subject: 'workspace',
    inTitle: { group: '2_finished@1', when: 'localRuntimes.hidesFinished' },
    inPalette: { when: 'localRuntimes.hidesFinished' },
  }),
  'localRuntimes.main.showLog': row({
    subject: 'workspace',
    inTitle: { group: '3_log@1', when: 'localRuntimes.hasConfig' },
  }),
  'localRuntimes.log.show': row({
    subject: 'workspace',
    inTitle: { group: '3_log@2' },
    inPalette: 'always',
  }),
} as const satisfies Readonly<Record<`localRuntimes.${string}`, CommandRow>>;

export type CommandId = keyof typeof commandTable;

/** The rows with their ids, in the order in which menus show them. */
export const commandRows: readonly (CommandRow & { readonly id: string })[] = Object.entries(
  commandTable,
).map(([id, value]) => ({ id, ...value }));
