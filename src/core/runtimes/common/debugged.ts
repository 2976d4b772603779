/** How a recipe puts a command that has been made ready for a debugger into its plan. */

import { withVariables } from '../application.ts';
import type { Plan } from '../recipe.ts';

/** A command with a debugger in it. */
export interface UnderDebugger {
  readonly command: Pick<Plan, 'command' | 'shell'>;
  /** What the debugger takes from the environment. */
  readonly env: Readonly<Record<string, string>>;
}

export function debugged(plan: Plan, { command, env }: UnderDebugger): Plan {
  return { ...plan, ...command, environment: withVariables(plan.environment, env) };
}
