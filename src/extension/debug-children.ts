/** The sessions of other debuggers below one of ours, begun and let go through the editor. */

import * as vscode from 'vscode';
import type { ChildSessions } from '../debug/adapter.ts';

export function childSessionsOf(parent: vscode.DebugSession): ChildSessions {
  const children = new Set<vscode.DebugSession>();
  const store = [
    vscode.debug.onDidStartDebugSession((session) => {
      if (session.parentSession?.id === parent.id) children.add(session);
    }),
    vscode.debug.onDidTerminateDebugSession((session) => {
      children.delete(session);
      if (session.id === parent.id) for (const each of store) each.dispose();
    }),
  ];
  return {
    async start(configuration) {
      const started = await vscode.debug.startDebugging(parent.workspaceFolder, configuration, {
        parentSession: parent,
        // Stop and restart in the toolbar mean the service, whichever of the sessions has the focus.
        lifecycleManagedByParent: true,
        consoleMode: vscode.DebugConsoleMode.MergeWithParent,
        compact: true,
      });
      if (!started) throw new Error(vscode.l10n.t('the editor did not start the session'));
    },
    async release() {
      // `stopDebugging` would be passed on to the parent, which is what is being stopped; so the child's debugger is
      // told itself. One that is already gone has let go of its process, too.
      await Promise.allSettled(
        [...children].map((child) => child.customRequest('disconnect', { terminateDebuggee: false })),
      );
    },
  };
}
