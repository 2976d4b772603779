/** Finds where the debugger of a child listens, in its recipe's manner. */

import type { Disposable } from '../../base/disposable.ts';
import type { Child, Outside } from '../outside.ts';
import type { Debugging } from '../runtimes/recipe.ts';

export interface DebuggerSearch {
  readonly debugging: Debugging;
  /** The port that the recipe was given for it. */
  readonly port: number;
  readonly child: Child;
  readonly outside: Pick<Outside, 'clock' | 'sockets'>;
  /** Undefined: nobody is to attach to it any more. */
  readonly found: (at: { readonly host: string; readonly port: number } | undefined) => void;
}

const host = '127.0.0.1';
const firstMs = 20;
const longestMs = 500;

/** To be called before the child has had a chance to print. */
export function findDebugger({ debugging, port, child, outside, found }: DebuggerSearch): void {
  const { address, isDone, calls } = debugging;
  // The editor is the one who listens.
  if (calls === true) found({ host, port });
  const ends: Disposable[] = [];
  if (address !== undefined || isDone !== undefined) {
    const listening = child.output.onLines((lines) => {
      for (const { text } of lines) {
        const at = address?.(text);
        // A launcher such as npm starts others in turn: the one that announced itself last runs the service.
        if (at !== undefined) found(at);
        // Once the program is done nobody is to attach to it any more, and who has is to leave.
        else if (isDone?.(text) === true) found(undefined);
      }
    });
    ends.push(listening);
  }
  if (address === undefined && calls !== true)
    ends.push(whenOpen(port, child, outside, () => found({ host, port })));
  void child.exited.then(() => {
    for (const end of ends) end.dispose();
  });
}

/** Some debuggers take a connection for a session, so they are asked only where nothing else can tell. */
function whenOpen(
  port: number,
  child: Child,
  { clock, sockets }: DebuggerSearch['outside'],
  open: () => void,
): Disposable {
  let over = false;
  let timer: Disposable | undefined;
  const look = async (ms: number): Promise<void> => {
    const listeners = await sockets.listenersOf(child.pid);
    // What listens may have left the child's family: debugpy's adapter becomes a process of its own.
    const isOpen =
      listeners === undefined
        ? await sockets.canConnect(host, port)
        : listeners.some((listener) => listener.port === port) ||
          (await sockets.strangerOn(port)) !== undefined;
    if (over) return;
    if (isOpen) open();
    else timer = clock.after(ms, () => void look(Math.min(ms * 2, longestMs)));
  };
  timer = clock.after(firstMs, () => void look(firstMs));
  return {
    dispose() {
      over = true;
      timer?.dispose();
    },
  };
}
