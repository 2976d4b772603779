/** What an `app.yaml` changes in the plan of a service, whichever its recipe: its environment, and words about that. */

import type { ServiceSpec } from '../../config/spec.ts';
import { environmentFor, variableWarnings } from './appengine/environment.ts';
import type { Aims, EnvironmentRule, Look, Plan } from './recipe.ts';

/** Nothing for a service that comes from elsewhere. */
export function applicationOf(
  service: ServiceSpec,
  aims: Aims,
  look: Look,
): Pick<Plan, 'environment' | 'warnings'> {
  if (service.appengine?.project === undefined) return {};
  const warnings = variableWarnings(service);
  return {
    environment: environmentFor(service, aims, look),
    ...(warnings.length === 0 ? {} : { warnings }),
  };
}

/** The same with these above all; of a service without a rule, over all of ours and its own. */
export function withVariables(
  rule: EnvironmentRule | undefined,
  above: Readonly<Record<string, string>>,
): EnvironmentRule {
  const { inherits = 'all', beneath = {}, own = 'over' } = rule ?? {};
  return { inherits, beneath, own, above: { ...rule?.above, ...above } };
}
