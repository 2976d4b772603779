/** The sessions of other debuggers below one of ours, begun and let go through the editor. */

import * as vscode from 'vscode';
import type { ChildSession, ChildSessions } from '../debug/adapter.ts';

/** How a session we began is told from others; the debugger itself ignores it. */
const mark = '__localRuntimesChild';

export function childSessionsOf(parent: vscode.DebugSession): ChildSessions {
  const children = new Map<unknown, Child>();
  let count = 0;
  const store = [
    vscode.debug.onDidStartDebugSession((session) => {
      if (session.parentSession?.id === parent.id) children.get(session.configuration[mark])?.began(session);
    }),
    vscode.debug.onDidTerminateDebugSession((session) => {
      if (session.id === parent.id) for (const each of store) each.dispose();
      else if (session.parentSession?.id === parent.id) children.delete(session.configuration[mark]);
    }),
  ];
  return {
    async start(configuration) {
      const child = new Child();
      const id = (count += 1);
      children.set(id, child);
      const started = await vscode.debug.startDebugging(
        parent.workspaceFolder,
        { ...configuration, [mark]: id },
        {
          parentSession: parent,
          // Stop and restart in the toolbar mean the service, whichever of the sessions has the focus.
          lifecycleManagedByParent: true,
          consoleMode: vscode.DebugConsoleMode.MergeWithParent,
          compact: true,
        },
      );
      if (started) return child;
      children.delete(id);
      throw new Error(vscode.l10n.t('the editor did not start the session'));
    },
  };
}

class Child implements ChildSession {
  #session: vscode.DebugSession | undefined;
  #ended = false;

  began(session: vscode.DebugSession): void {
    this.#session = session;
    // The editor may tell of it only after it was to end.
    if (this.#ended) void this.end();
  }

  async end(): Promise<void> {
    this.#ended = true;
    // `stopDebugging` would be passed on to the parent, and mean the service; so the child's debugger is told itself.
    // One that is already gone has let go of its process, too.
    await Promise.allSettled([this.#session?.customRequest('disconnect', { terminateDebuggee: false })]);
  }
}
