/** What is said where the debugger that a service needs is not there, before anything is started. Pure. */

import type { ServiceView } from '../protocol/api.ts';
import { english, type Translate } from '../view/words.ts';
import { debuggerTypeOf } from './attach.ts';
import type { DebuggerExtension, DebuggerUse } from './debuggers.ts';

export interface MissingDebugger {
  readonly message: string;
  /** What has it; absent where nobody said. */
  readonly extension?: DebuggerExtension;
  readonly type: string;
}

/** `types`: those of all debuggers that the editor has. Undefined when the service's is among them, or it needs none. */
export function missingDebugger(
  service: ServiceView,
  types: ReadonlySet<string>,
  uses: ReadonlyMap<string, DebuggerUse>,
  t: Translate = english,
): MissingDebugger | undefined {
  const type = debuggerTypeOf(service, uses);
  if (type === undefined || types.has(type)) return undefined;
  const use = uses.get(service.runtime);
  const extension = use?.attach.type === type ? use.extension : undefined;
  if (extension === undefined) {
    return {
      type,
      message: t(
        'Debugging "{0}" needs a debugger of the type "{1}", and no extension that is installed and enabled has one.',
        service.name,
        type,
      ),
    };
  }
  const known = extension.title === extension.id ? extension.id : `${extension.title} (${extension.id})`;
  return {
    type,
    extension,
    message: t(
      'Debugging "{0}" needs the extension {1}, which is not installed or not enabled.',
      service.name,
      known,
    ),
  };
}
