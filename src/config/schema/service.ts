/** The keys of a service. */

import {
  Array as List,
  Boolean as Truth,
  Enum,
  Integer,
  Object as Fields,
  Optional,
  String as Text,
  Union,
  Unsafe,
} from 'typebox';
import { appEngineSchema } from './appengine.ts';
import { checkSchema, logFileSchema, watchSchema } from './maps.ts';
import { closed, command, duration, environment, map, port } from './parts.ts';
import { mostInstances, scalingSchema, timeoutsSchema } from './requests.ts';
import { appYamlSchema, buildSchema, fastcgiSchema, interpreterSchema, runtimeSchema } from './runtime.ts';

const stopSignals = ['TERM', 'INT', 'QUIT', 'HUP', 'KILL', 'USR1', 'USR2', 'ABRT', 'ALRM', 'PIPE', 'WINCH'];
const check = (options: object) =>
  Union([Enum(['tcp']), checkSchema], { 'x-takes': 'tcp, or a map with tcp, http, log or exec', ...options });

const dependencyConditions = ['started', 'ready', 'healthy', 'exited'] as const;

export const serviceSchema = Fields(
  {
    command: Optional(
      command({
        description:
          "Says what to run, as you would type it in a terminal: a text that is split into words (no shell runs), or a list of words; `{port}` becomes the instance's port. Without it we propose one from what is in the folder.",
        examples: ['node server.js --port {port}'],
      }),
    ),
    shell: Optional(
      Union([Truth(), Text({ minLength: 1 })], {
        default: false,
        'x-takes': 'true, false or the path of a shell',
        description:
          "Lets a shell run the command, for pipes, `&&` and `$VAR`: `true` for the system's own, or the path of another.",
        examples: ['/bin/bash'],
      }),
    ),
    runtime: Optional(runtimeSchema),
    interpreter: Optional(interpreterSchema),
    build: Optional(buildSchema),
    fastcgi: Optional(fastcgiSchema),
    appYaml: Optional(appYamlSchema),
    cwd: Optional(
      Text({
        minLength: 1,
        'x-takes': 'a path',
        description:
          'Runs the command in this folder; a relative path starts at the folder of the file, which is also the default.',
        examples: ['./services/api'],
      }),
    ),
    env: Optional(
      environment(
        'Adds variables to the environment that the service inherits; values may use `${NAME}` and `${NAME:-default}`.',
      ),
    ),
    envFile: Optional(
      Union([Text({ minLength: 1 }), List(Text({ minLength: 1 }))], {
        'x-takes': 'a path or a list of paths',
        description:
          'Reads variables from files of KEY=VALUE lines; `env` wins over them, and a later file over an earlier one.',
        examples: ['.env'],
      }),
    ),
    handshake: Optional(
      Enum(['port', 'discover', 'none', 'stdout', 'file', 'reverse', 'reverse-no-file'], {
        default: 'port',
        description: 'Settles how an instance and the front door agree on a port.',
        enumDescriptions: [
          'We choose the port and hand it over as `PORT` and `{port}`.',
          'The service listens where it likes, and we find out where.',
          'There is no port: a worker or a one-shot job.',
          'The service prints its port as the first line of its output.',
          'The service writes its port into a file whose path is its last argument.',
          'We choose the port and hand it over as `PORT` and `{port}`, the configuration in a file.',
          'We choose the port and hand it over as `{port}`, the configuration on standard input.',
        ],
        'x-also': {
          START_PROCESS: 'stdout',
          START_PROCESS_FILE: 'file',
          START_PROCESS_REVERSE: 'reverse',
          START_PROCESS_REVERSE_NO_FILE: 'reverse-no-file',
          START_PROCESS_WITH_ENTRYPOINT: 'port',
          env: 'port',
          auto: 'discover',
          no: 'none',
          off: 'none',
          false: 'none',
        },
      }),
    ),
    port: Optional(
      port({
        default: 'auto',
        description:
          "Fixes the instance's own port instead of letting us find a free one; only for a single instance.",
        examples: [3000],
      }),
    ),
    publish: Optional(
      port({
        default: 'auto',
        description:
          'Fixes the front-door port at which you reach this service; without it we choose one and keep it for this checkout.',
        examples: [8080],
      }),
    ),
    instances: Optional(
      Integer({
        default: 1,
        minimum: 1,
        maximum: mostInstances,
        description: 'Runs this many instances and shares the requests among them.',
      }),
    ),
    balance: Optional(
      Enum(['round-robin', 'least-busy', 'first-free'], {
        default: 'round-robin',
        description: 'Decides which instance gets the next request.',
        enumDescriptions: [
          'One after the other.',
          'The one with the fewest requests under way.',
          'The first one that is free.',
        ],
        'x-also': { 'least-connections': 'least-busy', leastconn: 'least-busy' },
      }),
    ),
    concurrency: Optional(
      Integer({
        minimum: 1,
        description:
          'Gives an instance this many requests at once, and lets others wait; without it there is no limit, with `scaling` it is 10.',
        examples: [10],
      }),
    ),
    queueSeconds: Optional(
      duration({
        default: '10s',
        description: 'Lets a request wait this long for an instance before it is answered with 503.',
      }),
    ),
    affinity: Optional(
      Enum(['none', 'cookie'], {
        default: 'none',
        description: 'Decides whether a browser stays with the instance that answered it first.',
        enumDescriptions: ['It does not.', 'It does, by a cookie, as long as that instance is there.'],
        'x-also': { sticky: 'cookie', session: 'cookie', false: 'none', true: 'cookie' },
      }),
    ),
    timeouts: Optional(timeoutsSchema),
    drainSeconds: Optional(
      duration({
        default: '1s',
        description:
          'Lets an instance that is being stopped finish its requests for this long, before its stop signal.',
      }),
    ),
    startOnRequest: Optional(
      Truth({
        default: false,
        description: 'Starts an instance only when the first request comes, which waits for it.',
      }),
    ),
    stopWhenIdle: Optional(
      duration({
        description: 'Stops an instance that had no request for this long; the next one starts it again.',
        examples: ['10m'],
      }),
    ),
    scaling: Optional(scalingSchema),
    profile: Optional(
      Enum(['plain', 'appengine'], {
        default: 'plain',
        description: 'Decides how requests are treated on their way.',
        enumDescriptions: ['Passed on as they are.', "As App Engine's local development server treats them."],
      }),
    ),
    appengine: Optional(appEngineSchema),
    autostart: Optional(
      Truth({
        default: true,
        description: 'Includes the service when everything is started; opening a folder starts nothing.',
      }),
    ),
    dependsOn: Optional(
      Union(
        [
          List(Text({ minLength: 1, 'x-names': 'service' })),
          map(
            Enum([...dependencyConditions], {
              enumDescriptions: [
                'Once it has been started.',
                'Once it is ready for requests.',
                'Once its health check passes.',
                'Once it has done its work and exited as expected.',
              ],
              'x-also': {
                service_started: 'started',
                service_healthy: 'healthy',
                service_completed_successfully: 'exited',
                process_started: 'started',
                process_healthy: 'healthy',
                process_completed: 'exited',
              },
            }),
            { 'x-names': 'service' },
          ),
        ],
        {
          'x-takes': 'a list of services, or a map from services to started, ready, healthy or exited',
          description:
            'Starts this service only when others are far enough; `ready` when they are only named.',
          examples: [['database']],
        },
      ),
    ),
    ready: Optional(
      check({
        description: 'Tells when an instance is ready for requests, where its port alone does not tell.',
        examples: [{ http: '/health' }],
      }),
    ),
    health: Optional(
      check({
        description:
          'Keeps looking whether a running instance is still fine, and restarts one that was and is no more.',
        examples: [{ http: '/health' }],
      }),
    ),
    restart: Optional(
      Enum(['never', 'unexpected', 'always'], {
        default: 'unexpected',
        description: 'Decides whether an instance that ended on its own is started again.',
        enumDescriptions: [
          'It stays down.',
          'Only when its exit code is not among `exitCodes`.',
          'Whatever its exit code.',
        ],
        'x-also': {
          no: 'never',
          false: 'never',
          off: 'never',
          yes: 'always',
          true: 'always',
          on: 'always',
          'on-failure': 'unexpected',
          on_failure: 'unexpected',
          'unless-stopped': 'always',
          exit_on_failure: 'never',
        },
      }),
    ),
    startSeconds: Optional(
      duration({
        description:
          'Waits this long before an instance that stays up counts as RUNNING: `1s`, or nothing where a handshake or `ready` proves it.',
        examples: ['1s'],
      }),
    ),
    startRetries: Optional(
      Integer({
        default: 3,
        minimum: 0,
        description: 'Tries a failed start again this many times before it counts as FATAL.',
      }),
    ),
    exitCodes: Optional(
      List(Integer({ minimum: 0 }), {
        default: [0],
        'x-takes': 'a list of numbers',
        description: 'Lists the exit codes that are as expected.',
      }),
    ),
    stopSignal: Optional(
      Union([Enum(stopSignals), Text({ pattern: `^(SIG)?(${stopSignals.join('|')})$` })], {
        default: 'TERM',
        'x-takes': `a signal: ${stopSignals.join(', ')}`,
        description: 'Asks an instance to stop with this signal.',
      }),
    ),
    stopSeconds: Optional(
      duration({
        default: '10s',
        description:
          'Gives an instance this long to stop by itself before it and all its processes are killed.',
      }),
    ),
    priority: Optional(
      Integer({ default: 999, description: 'Orders the services: low numbers start first and stop last.' }),
    ),
    watch: Optional(
      Union([Text({ minLength: 1 }), List(Text({ minLength: 1 })), watchSchema], {
        'x-takes': 'a glob, a list of globs, or a map with paths',
        description: 'Restarts the service when files change.',
        examples: [['src/**']],
      }),
    ),
    logFile: Optional(
      Union([Text({ minLength: 1 }), logFileSchema], {
        'x-takes': 'a path, or a map with path',
        description:
          "Writes the whole output to a file of yours; without it the log is kept with the editor's own data.",
        examples: ['logs/api.log'],
      }),
    ),
    debug: Optional(
      Union([Truth(), map(Unsafe<unknown>({}), {})], {
        default: true,
        'x-takes': 'true, false or a debug configuration',
        description:
          'Lets you debug the service: `false` for not at all, or a map that is laid over the configuration the debugger attaches with.',
        examples: [{ skipFiles: ['<node_internals>/**'] }],
      }),
    ),
    group: Optional(
      Text({
        minLength: 1,
        'x-takes': 'a name',
        description: 'Puts the service into a group that is started and stopped together.',
      }),
    ),
  },
  {
    ...closed,
    'x-also': {
      max_concurrent_requests: 'concurrency',
      maxConcurrentRequests: 'concurrency',
      manual_scaling: 'scaling',
      basic_scaling: 'scaling',
      automatic_scaling: 'scaling',
      handlers: 'appengine',
      error_handlers: 'appengine',
      inbound_services: 'appengine',
      default_expiration: 'appengine',
      env_variables: 'env',
      environment: 'env',
      entrypoint: 'command',
    },
  },
);
