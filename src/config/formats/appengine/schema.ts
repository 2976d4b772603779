/**
 * What may stand in an `app.yaml`, standard and flexible, in its own spelling: said once for the checks, for hover and
 * for completion. What it all comes to here is told in `service.ts`.
 */

import {
  Array as List,
  Boolean as Truth,
  Enum,
  Integer,
  Number as Num,
  Object as Fields,
  Optional,
  type Static,
  String as Text,
  type TSchema,
  Union,
} from 'typebox';
import { expiration } from '../../schema/appengine.ts';
import { closed, environment, shapeOf } from '../../schema/parts.ts';
import { errorHandler, theirHandlerSchema } from './handler-keys.ts';
import { ignoredKeys } from './ignored.ts';
import { anyMap, latency, patterns, word } from './kinds.ts';
import { automaticScaling } from './scaling-keys.ts';

const check = (description: string) =>
  Fields(
    {
      path: Optional(
        Text({ pattern: '^/', 'x-takes': 'a path beginning with /', description: 'Is asked for.' }),
      ),
      host: Optional(Text()),
      check_interval_sec: Optional(Num({ minimum: 0, description: 'Looks this often, in seconds.' })),
      timeout_sec: Optional(Num({ minimum: 0, description: 'Gives one look this long, in seconds.' })),
      failure_threshold: Optional(
        Integer({ minimum: 1, description: 'Forgives so many failed looks, less one.' }),
      ),
      success_threshold: Optional(Integer({ minimum: 1 })),
      initial_delay_sec: Optional(Num({ minimum: 0 })),
      app_start_timeout_sec: Optional(Num({ minimum: 0 })),
      enable_health_check: Optional(word({})),
      unhealthy_threshold: Optional(Integer({ minimum: 1 })),
      healthy_threshold: Optional(Integer({ minimum: 1 })),
      restart_threshold: Optional(Integer({ minimum: 1 })),
    },
    { ...closed, 'x-takes': 'a map with path', description },
  );

const meant = {
  runtime: word({
    description:
      'Names the runtime: `python312`, `nodejs22`, `go122`, `java21`, `php83`, `ruby33`, or `custom`.',
    examples: ['nodejs22'],
  }),
  service: Optional(
    word({ description: 'Names the service; without it, it is `default`.', examples: ['worker'] }),
  ),
  module: Optional(word({ description: 'Is what `service` was called.' })),
  env: Optional(
    Enum(['standard', 'flex', 'flexible', '1', '2', 1, 2], {
      'x-takes': 'standard or flex',
      description: 'Says which environment of App Engine it is for.',
      enumDescriptions: ['The standard environment.', 'The flexible environment.'],
    }),
  ),
  vm: Optional(Truth({ description: 'Is how the flexible environment was asked for.' })),
  entrypoint: Optional(
    Union([Text({ minLength: 1 }), Fields({ shell: Text({ minLength: 1 }) }, closed)], {
      'x-takes': 'a command',
      description:
        'Is the command that starts it, in which a shell puts in `$PORT`; without it the runtime has its own.',
      examples: ['gunicorn -b :$PORT main:app'],
    }),
  ),
  main: Optional(
    Text({
      minLength: 1,
      'x-takes': 'a path',
      description: 'Is the folder of the main package (Go).',
      examples: ['./cmd/web'],
    }),
  ),
  threadsafe: Optional(
    Truth({ default: true, description: 'Says whether an instance may have several requests at once.' }),
  ),
  env_variables: Optional(environment('Adds variables to its environment.')),
  handlers: Optional(
    List(theirHandlerSchema, {
      'x-takes': 'a list of handlers',
      description: 'Says by URL who answers; without it, everything goes to the application.',
      examples: [[{ url: '/static', static_dir: 'static' }]],
    }),
  ),
  error_handlers: Optional(
    List(errorHandler, {
      'x-takes': 'a list of maps with file',
      description: 'Names files that are answered instead of errors.',
      examples: [[{ file: 'error.html' }]],
    }),
  ),
  default_expiration: Optional(
    expiration({
      description: 'Lets static files be cached for this long where their handler says nothing.',
      examples: ['10m'],
    }),
  ),
  inbound_services: Optional(
    List(Text({ minLength: 1 }), {
      'x-takes': 'a list of services such as warmup',
      description: 'With `warmup`, an instance is asked for `/_ah/warmup` before it gets requests.',
      examples: [['warmup']],
    }),
  ),
  automatic_scaling: Optional(
    Fields(automaticScaling.properties, {
      ...closed,
      'x-takes': 'a map',
      description: 'Lets the number of instances follow the requests.',
      examples: [{ max_instances: 3 }],
    }),
  ),
  basic_scaling: Optional(
    Fields(
      {
        max_instances: Integer({
          minimum: 1,
          description: 'Runs this many instances at most.',
          examples: [3],
        }),
        idle_timeout: Optional(
          latency({
            default: '15m',
            description: 'Stops an instance that had no request for longer than this.',
          }),
        ),
      },
      {
        ...closed,
        'x-takes': 'a map with max_instances',
        description: 'Starts instances when a request finds no free one, and stops them when idle.',
      },
    ),
  ),
  manual_scaling: Optional(
    Fields(
      { instances: Integer({ minimum: 1, description: 'Runs this many instances.', examples: [2] }) },
      { ...closed, 'x-takes': 'a map with instances', description: 'Runs a fixed number of instances.' },
    ),
  ),
  instance_class: Optional(
    Enum(['F1', 'F2', 'F4', 'F4_1G', 'B1', 'B2', 'B4', 'B4_1G', 'B8'], {
      description: 'Is told to the application as the memory it would have; nothing limits it here.',
    }),
  ),
  includes: Optional(
    List(Text({ minLength: 1 }), {
      'x-takes': 'a list of paths',
      description: 'Takes handlers, variables and files to skip from these files, too.',
      examples: [['handlers.yaml']],
    }),
  ),
  skip_files: Optional(
    patterns({
      description: 'Names files that are no part of it: a change of one of them restarts nothing.',
    }),
  ),
  nobuild_files: Optional(patterns({ description: 'Names Go files that are not built.' })),
  readiness_check: Optional(check('Asks for this path until it answers; then requests may come.')),
  liveness_check: Optional(check('Asks for this path while it runs.')),
  health_check: Optional(check('Is what the two other checks were once.')),
  application: Optional(word({ description: 'Names the project.' })),
  version: Optional(word({ description: 'Names the version.' })),
  runtime_config: Optional(
    anyMap({ description: 'Is for the image of the flexible environment; `document_root` counts for PHP.' }),
  ),
  vm_settings: Optional(anyMap({ description: '`vm_runtime` names the runtime where `runtime` is `vm`.' })),
  beta_settings: Optional(anyMap({ description: '`vm_runtime` names the runtime where `runtime` is `vm`.' })),
};

const anything = (description: string) =>
  Union([Text(), Num(), Truth(), anyMap({}), List({} as TSchema)], { 'x-takes': 'anything', description });

export const appYamlSchema = Fields(
  {
    ...meant,
    ...Object.fromEntries(
      Object.entries(ignoredKeys).map(([key, reason]) => [
        key,
        Optional(anything(`Means nothing here: ${reason}.`)),
      ]),
    ),
  },
  closed,
);

/** The keys that count, as they are read; the others are known and left alone. */
const countedSchema = Fields(meant, closed);
export type RawAppYaml = Static<typeof countedSchema>;

export const appYamlShape = shapeOf(appYamlSchema);
