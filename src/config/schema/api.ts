/** `api`: a service that all others need. It has the keys of one, but for those that would make it several or have it wait. */

import { Boolean as Truth, Object as Fields, Optional, String as Text, Union } from 'typebox';
import { closed } from './parts.ts';
import { serviceSchema } from './service.ts';

/** The keys of a service that an API server does not have: it is one, and there before anybody asks for it. */
export const notForApiServer = [
  'dependsOn',
  'instances',
  'scaling',
  'startOnRequest',
  'stopWhenIdle',
  'autostart',
] as const;

const {
  dependsOn: _dependsOn,
  instances: _instances,
  scaling: _scaling,
  startOnRequest: _startOnRequest,
  stopWhenIdle: _stopWhenIdle,
  autostart: _autostart,
  ...own
} = serviceSchema.properties;

export const apiSchema = Fields(
  {
    ...own,
    quit: Optional(
      Union([Text({ pattern: '^/' }), Truth()], {
        default: '/quit',
        'x-takes': 'a path beginning with /, or false',
        description:
          'Is asked for before the stop signal, so that it can end by itself within five seconds; `false` for not at all.',
      }),
    ),
  },
  {
    ...closed,
    'x-takes': 'a map as for a service',
    description:
      'Runs a server that starts before every service and stops after all; each of them is told its address, as `{api_host}` and `{api_port}` and as API_HOST and API_PORT.',
    examples: [{ command: 'node store.js --port {port}' }],
  },
);
