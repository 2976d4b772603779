/** `backends` of our file, a single backend in either file, and the rules of `dispatch.yaml`. */

import { Array as List, Enum, Integer, Object as Fields, Optional, String as Text, Union } from 'typebox';
import { closed } from './parts.ts';

/** As App Engine takes it, either way of writing the letter. */
const classes = ['B1', 'B2', 'B4', 'B8', 'B4_1G'];

/** What may be said of a backend; `options` and the number of instances have rules of their own (spec 5.3). */
const backendFields = {
  name: Text({
    pattern: '^(?!-)[a-z0-9-]{1,100}$',
    'x-takes': 'a name of lower-case letters, digits and -',
    description: 'Names the backend, and so the service it becomes.',
    examples: ['reports'],
  }),
  class: Optional(
    Enum([...classes, ...classes.map((name) => name.toLowerCase().replace('1g', '1G'))], {
      default: 'B2',
      description: 'Is told to nobody but you: how large it is on App Engine.',
    }),
  ),
  instances: Optional(
    Integer({ default: 1, minimum: 1, description: 'Runs this many instances, at most 20.' }),
  ),
  options: Optional(
    Text({
      'x-takes': 'a list of public, dynamic and failfast, with commas',
      description:
        'Says with `failfast` that an instance answers 503 at once while it is busy, instead of letting requests wait.',
      examples: ['failfast', 'dynamic, public'],
    }),
  ),
  start: Optional(
    Text({
      minLength: 1,
      description:
        'Names the script that is told with the request for `/_ah/start`, with `profile: appengine`.',
      examples: ['reports.app'],
    }),
  ),
  state: Optional(
    Enum(['START', 'STOP', 'DISABLED'], {
      default: 'START',
      description: 'Leaves it out when everything is started, if it is not START.',
    }),
  ),
};

/** One of the list in our file. */
export const backendSchema = Fields(
  {
    ...backendFields,
    maxConcurrentRequests: Optional(
      Integer({ default: 1, minimum: 1, description: 'Gives an instance this many requests at once.' }),
    ),
  },
  closed,
);

/** One of a `backends.yaml`. */
export const theirBackendSchema = Fields(
  { ...backendFields, max_concurrent_requests: Optional(Integer({ minimum: 1 })) },
  closed,
);

export const backendsFields = Fields(
  {
    app: Optional(
      Text({
        minLength: 1,
        'x-names': 'service',
        description:
          'Names the service that is the application, whose command the backends run too; not needed where there is only one.',
        examples: ['shop'],
      }),
    ),
    file: Optional(
      Text({
        minLength: 1,
        'x-takes': 'a path',
        default: 'backends.yaml',
        description: 'Reads the backends from this file; where there is none, there are no backends.',
      }),
    ),
    list: Optional(
      List(backendSchema, {
        'x-takes': 'a list of backends',
        description: 'Lists the backends here, instead of in a file.',
        examples: [[{ name: 'reports', instances: 2 }]],
      }),
    ),
    minPort: Optional(
      Integer({
        default: 0,
        minimum: 0,
        maximum: 65_535,
        description:
          'Lays out the ports from here on: the application first, then a hundred for each backend; with 0 we find free ones, so that two checkouts can run at once.',
        examples: [9000],
      }),
    ),
  },
  closed,
);

export const backendsSchema = Union([Text({ minLength: 1 }), backendsFields], {
  'x-takes': 'a path, or a map with app, file, list and minPort',
  description: 'Runs the backends of an App Engine application beside it, each as a service.',
  examples: ['backends.yaml'],
});

export const dispatchRuleSchema = Fields(
  {
    url: Text({
      minLength: 1,
      description:
        'A host and a path; a star may stand at the beginning of the host and at the end of the path.',
      examples: ['*/api/*'],
    }),
    service: Text({
      minLength: 1,
      'x-names': 'service',
      description: 'Gets the requests.',
      examples: ['api'],
    }),
  },
  { ...closed, 'x-also': { module: 'service' } },
);

/** A rule of a `dispatch.yaml`, which may call a service a module. */
export const theirDispatchRuleSchema = Fields(
  {
    url: Text({ minLength: 1 }),
    service: Optional(Text({ minLength: 1 })),
    module: Optional(Text({ minLength: 1 })),
  },
  closed,
);
