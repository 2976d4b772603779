/**
 * What may stand in `runtimes.yaml`, said once.
 *
 * From it flow the checks, the defaults, the JSON schema, completion, hover and `docs/options.md`. Descriptions are
 * for the person hovering. Beside JSON schema's own words it uses a few that other tools leave alone; `Shape`
 * explains them.
 */

import {
  Array as List,
  Enum,
  Object as Fields,
  Optional,
  type Static,
  String as Text,
  type TSchema,
} from 'typebox';
import { apiSchema } from './schema/api.ts';
import { backendsSchema } from './schema/backends.ts';
import { frontDoorSchema } from './schema/maps.ts';
import { closed, environment, map, shapeOf } from './schema/parts.ts';
import { serviceSchema } from './schema/service.ts';

export const configSchema = Fields(
  {
    version: Optional(Enum([1], { default: 1, description: 'Names the version of this format.' })),
    services: Optional(
      map(serviceSchema, {
        'x-takes': 'a map of services',
        description: 'Names the services and says how each is run.',
      }),
    ),
    frontDoor: Optional(frontDoorSchema),
    groups: Optional(
      map(List(Text({ minLength: 1, 'x-names': 'service' })), {
        'x-takes': 'a map from groups to lists of services',
        description: 'Names sets of services that are started and stopped together.',
        examples: [{ backend: ['api', 'db'] }],
      }),
    ),
    env: Optional(environment('Adds variables to the environment of every service.')),
    api: Optional(apiSchema),
    backends: Optional(backendsSchema),
  },
  closed,
);

/** The defaults of a map's keys, as they would be written. */
export function defaultsOf<T extends TSchema>(schema: T): Partial<Static<T>>;
export function defaultsOf(schema: TSchema): unknown {
  const pairs = Object.entries(shapeOf(schema).properties ?? {}).map(
    ([key, each]) => [key, each.default] as const,
  );
  return Object.fromEntries(pairs.filter(([, value]) => value !== undefined));
}

export type RawService = Static<typeof serviceSchema>;

export const serviceShape = shapeOf(serviceSchema);
export const configShape = shapeOf(configSchema);
