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
import { expirationPattern } from '../../units.ts';
import { closed, environment, map, shapeOf } from '../../schema/parts.ts';
import { ignoredKeys } from './ignored.ts';

/** A text that YAML may have taken for a number: `version: 1`, `api_version: 1`. */
const word = (options: object) =>
  Union([Text({ minLength: 1 }), Num(), Truth()], { 'x-takes': 'a text', 'x-text': true, ...options });
const expiration = (options: object) =>
  Text({ pattern: expirationPattern, 'x-takes': 'a duration such as 4d 5h, 10m or 30s', ...options });
/** `10m`, `500ms`, `0.25s`, a number of seconds, or App Engine's own choice. */
const latency = (options: object) =>
  Union([Num({ minimum: 0 }), Text({ pattern: '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$' }), Enum(['automatic'])], {
    'x-takes': 'a duration such as 30ms or 5s, or automatic',
    ...options,
  });
const count = (options: object) =>
  Union([Integer({ minimum: 0 }), Enum(['automatic'])], {
    'x-takes': 'a number of instances, or automatic',
    ...options,
  });
/** One regular expression or several. */
const patterns = (options: object) =>
  Union([Text({ minLength: 1 }), List(Text())], {
    'x-takes': 'a regular expression or a list of them',
    ...options,
  });
/** Something with keys of its own that mean nothing here. */
const anyMap = (options: object) => map({}, { 'x-takes': 'a map', ...options });

const theirHandlerSchema = Fields(
  {
    url: Text({
      minLength: 1,
      description:
        'Takes the requests whose whole path matches this regular expression; the first handler that does has them.',
      examples: ['/.*'],
    }),
    script: Optional(
      word({
        description: 'Hands the request to the application: `auto`, or for older runtimes the script to run.',
        examples: ['auto'],
      }),
    ),
    static_files: Optional(
      Text({
        minLength: 1,
        description: 'Answers with this file, in whose path `\\1` is a group of the pattern.',
        examples: ['static/\\1'],
      }),
    ),
    upload: Optional(
      Text({
        minLength: 1,
        description: 'Tells with a regular expression which files `static_files` may find.',
        examples: ['static/.*'],
      }),
    ),
    static_dir: Optional(
      Text({
        minLength: 1,
        description: 'Answers with files of this folder; `url` is then the beginning of their paths.',
        examples: ['static'],
      }),
    ),
    login: Optional(
      Enum(['optional', 'required', 'admin'], {
        default: 'optional',
        description: 'Says who may see it.',
        enumDescriptions: ['Anybody.', 'Whoever is logged in.', 'Whoever is logged in as an administrator.'],
      }),
    ),
    auth_fail_action: Optional(
      Enum(['redirect', 'unauthorized'], {
        default: 'redirect',
        description: 'Says what becomes of somebody who may not.',
        enumDescriptions: ['Is sent to the login page.', 'Gets status 401.'],
      }),
    ),
    secure: Optional(
      Enum(['optional', 'always', 'never'], {
        default: 'optional',
        description: 'Says whether it is served over HTTP or HTTPS; the front door speaks HTTP.',
        'x-also': { default: 'optional' },
      }),
    ),
    redirect_http_response_code: Optional(
      Enum([301, 302, 303, 307], {
        default: 302,
        description: 'Redirects with this status where `secure` asks for the other protocol.',
      }),
    ),
    mime_type: Optional(
      Text({
        minLength: 1,
        description: 'Gives static files this type; without it, it follows from their names.',
        examples: ['text/plain'],
      }),
    ),
    http_headers: Optional(
      map(word({}), {
        'x-takes': 'a map of names and texts',
        description: 'Adds headers to the answers with static files.',
        examples: [{ 'Access-Control-Allow-Origin': '*' }],
      }),
    ),
    expiration: Optional(
      expiration({ description: 'Lets static files be cached for this long.', examples: ['10m'] }),
    ),
    application_readable: Optional(
      Truth({
        default: false,
        description: 'Uploads static files as code, too. Here the program can read all of them.',
      }),
    ),
    require_matching_file: Optional(
      Truth({ default: false, description: 'Leaves what is no file to the next handler.' }),
    ),
    position: Optional(
      Enum(['head', 'tail'], {
        default: 'head',
        description: 'In an included file: whether it stands before or behind those of the `app.yaml`.',
      }),
    ),
    api_endpoint: Optional(word({ description: ignoredKeys['api_config'] ?? '' })),
  },
  closed,
);

const errorHandler = Fields(
  {
    file: Text({
      minLength: 1,
      description: 'Is answered instead of an error.',
      examples: ['error.html'],
    }),
    error_code: Optional(
      word({
        default: 'default',
        description: "Names the error it is for; as on App Engine's local server, only `default` is used.",
      }),
    ),
    mime_type: Optional(Text({ minLength: 1, description: 'Is its type.' })),
  },
  closed,
);

const automaticKeys = {
  min_idle_instances: Optional(
    count({ default: 1, description: 'Keeps this many instances ready beyond those that are needed.' }),
  ),
  max_idle_instances: Optional(
    count({ description: 'Stops instances beyond this many that are not needed.' }),
  ),
  min_pending_latency: Optional(
    latency({ description: 'Lets a request wait this long for a free instance before another is started.' }),
  ),
  max_pending_latency: Optional(latency({ description: 'Has no effect on the local server either.' })),
  max_concurrent_requests: Optional(
    Integer({
      minimum: 1,
      maximum: 1000,
      description:
        'Gives an instance this many requests at once; without it the runtime decides, as on the local server.',
    }),
  ),
  min_instances: Optional(count({ description: 'Keeps this many instances ready.' })),
  max_instances: Optional(count({ description: 'Runs this many instances at most.' })),
  min_num_instances: Optional(
    count({ description: 'Keeps this many instances ready (flexible environment).' }),
  ),
  max_num_instances: Optional(
    count({ description: 'Runs this many instances at most (flexible environment).' }),
  ),
  target_cpu_utilization: Optional(Num({ description: 'Means nothing on this machine.' })),
  target_throughput_utilization: Optional(Num({ description: 'Means nothing on this machine.' })),
};

/** Keys of `automatic_scaling` that are about load that nobody measures here. */
export const ignoredScaling: readonly string[] = [
  'target_cpu_utilization',
  'target_throughput_utilization',
  'cool_down_period_sec',
  'cpu_utilization',
  'target_network_sent_bytes_per_sec',
  'target_network_sent_packets_per_sec',
  'target_network_received_bytes_per_sec',
  'target_network_received_packets_per_sec',
  'target_disk_write_bytes_per_sec',
  'target_disk_write_ops_per_sec',
  'target_disk_read_bytes_per_sec',
  'target_disk_read_ops_per_sec',
  'target_request_count_per_sec',
  'target_concurrent_requests',
  'custom_metrics',
];

const automaticScaling = Fields(
  {
    ...automaticKeys,
    standard_scheduler_settings: Optional(Fields(automaticKeys, closed)),
    ...Object.fromEntries(
      ignoredScaling
        .filter((key) => !Object.hasOwn(automaticKeys, key))
        .map(
          (key) =>
            [
              key,
              Optional(
                Union([Num(), Text(), anyMap({}), List({} as TSchema)], {
                  'x-takes': 'a number or a map',
                  description: 'Means nothing on this machine.',
                }),
              ),
            ] as const,
        ),
    ),
  },
  closed,
);

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
