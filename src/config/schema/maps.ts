/** The maps that stand below single keys of the schema. */

import {
  Array as List,
  Boolean as Truth,
  Integer,
  Object as Fields,
  Optional,
  String as Text,
  Union,
} from 'typebox';
import { dispatchRuleSchema } from './backends.ts';
import { closed, command, duration, map, port, size } from './parts.ts';

export const checkSchema = Fields(
  {
    tcp: Optional(Truth({ description: 'Is met once something accepts connections on its port.' })),
    http: Optional(
      Text({
        pattern: '^/',
        'x-takes': 'a path beginning with /',
        description: 'Is met once this path of it answers with a status below 400.',
        examples: ['/health'],
      }),
    ),
    log: Optional(
      Text({
        minLength: 1,
        'x-takes': 'a regular expression',
        description:
          'Is met once a line of its output matches this regular expression; with `handshake: discover`, the first group is the port.',
        examples: ['listening on .*:(\\d+)'],
      }),
    ),
    exec: Optional(
      command({
        description: 'Is met once this command exits with 0; `{port}` becomes the port of the instance.',
        examples: ['pg_isready -p {port}'],
      }),
    ),
    interval: Optional(
      duration({ default: '1s', description: 'Looks at least this often, and more often in the beginning.' }),
    ),
    timeout: Optional(
      duration({ default: '5s', description: 'Gives a single look this long before it counts as failed.' }),
    ),
    failures: Optional(
      Integer({
        default: 3,
        minimum: 1,
        description:
          'Forgives this many failed looks in a row, less one, before an instance that was fine counts as unhealthy.',
      }),
    ),
  },
  closed,
);

export const watchSchema = Fields(
  {
    paths: List(Text({ minLength: 1 }), {
      description: 'Restarts the service when a file matching one of these globs changes.',
      examples: [['src/**']],
    }),
    ignore: Optional(
      List(Text({ minLength: 1 }), {
        default: [],
        description: 'Leaves out files matching one of these globs.',
      }),
    ),
    debounce: Optional(
      duration({ default: '200ms', description: 'Waits until nothing has changed for this long.' }),
    ),
    cascade: Optional(
      Truth({ default: false, description: 'Restarts the services that depend on this one, too.' }),
    ),
  },
  closed,
);

export const logFileSchema = Fields(
  {
    path: Text({
      minLength: 1,
      description: 'Writes the whole output to this file.',
      examples: ['logs/api.log'],
    }),
    maxBytes: Optional(
      size({ default: '50MB', description: 'Begins a new file at this size; 0 for never.' }),
    ),
    backups: Optional(
      Integer({
        default: 10,
        minimum: 0,
        maximum: 1000,
        description: 'Keeps this many older files.',
      }),
    ),
  },
  closed,
);

export const frontDoorSchema = Fields(
  {
    host: Optional(
      Text({
        default: '127.0.0.1',
        minLength: 1,
        description:
          'Binds the front door to this address; with any other than a loopback one, others on your network can reach your services.',
      }),
    ),
    port: Optional(
      port({
        default: 'auto',
        description: 'Fixes the port of the one address for everything.',
        examples: [8000],
      }),
    ),
    routes: Optional(
      map(Text({ minLength: 1, 'x-names': 'service' }), {
        'x-takes': 'a map from path prefixes to services',
        description: 'Sends requests to services by the beginning of their path; the longest one wins.',
        examples: [{ '/api': 'api' }],
      }),
    ),
    dispatch: Optional(
      Union([Text({ minLength: 1 }), List(dispatchRuleSchema)], {
        'x-takes': 'the path of a dispatch.yaml, or a list of maps with url and service',
        description:
          'Sends requests to services by rules of which the first that matches decides, before `routes`: those of a `dispatch.yaml`, or a list.',
        examples: ['dispatch.yaml', [{ url: '*/api/*', service: 'api' }]],
      }),
    ),
    allowedHosts: Optional(
      List(Text({ minLength: 1 }), {
        default: [],
        'x-takes': 'a list of host names',
        description:
          'Answers under these host names, too, besides those of this machine; `*.` stands for one level before a name, `**.` for any.',
        examples: [['*.example.test']],
      }),
    ),
  },
  { ...closed, description: 'Gives you one address for everything.' },
);
