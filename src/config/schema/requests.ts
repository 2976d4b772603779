/** The keys of a service about requests: who gets them, how long they may take, and how many instances that takes. */

import { Enum, Integer, Object as Fields, Optional, Union } from 'typebox';
import { closed, duration, durationForms } from './parts.ts';

/** More instances than anyone runs on one machine: what is above is a slip of the fingers. */
export const mostInstances = 1000;

export const timeoutsSchema = Fields(
  {
    connect: Optional(
      duration({ default: '5s', description: 'Gives connecting to an instance this long; 0 for no limit.' }),
    ),
    response: Optional(
      duration({
        default: 0,
        description: 'Gives an instance this long to begin its answer; 0 for no limit.',
        examples: ['30s'],
      }),
    ),
    silence: Optional(
      duration({
        default: 0,
        description:
          'Ends an exchange whose bodies have been silent for this long; 0 for never. WebSockets and event streams may be silent.',
        examples: ['1m'],
      }),
    ),
  },
  { ...closed, description: 'Limits how long requests may take.', examples: [{ response: '30s' }] },
);

/** App Engine's `automatic` stands for the default. */
const automatic = Enum(['automatic']);
const latency = (options: object) =>
  Union([...durationForms, automatic], {
    'x-takes': 'a duration such as 100ms, or automatic',
    ...options,
  });
const idle = (options: object) =>
  Union([Integer({ minimum: 0, maximum: mostInstances }), automatic], {
    'x-takes': 'a number of instances, or automatic',
    ...options,
  });

const kinds = ['manual', 'basic', 'automatic'] as const;
const kind = (options: object = {}) =>
  Enum([...kinds], {
    enumDescriptions: [
      'As many as `instances` says, each asked for `/_ah/start` when it has started and for `/_ah/stop` before it stops.',
      'Up to `maxInstances`, each started when a request finds no free one, and stopped when idle.',
      'As many as the requests of the last minute need, between `minIdle` idle ones and `maxInstances`.',
    ],
    'x-also': { manual_scaling: 'manual', basic_scaling: 'basic', automatic_scaling: 'automatic' },
    ...options,
  });

export const scalingFields = Fields(
  {
    kind: kind({ description: 'Says by which of the three ways.', examples: ['automatic'] }),
    maxInstances: Optional(
      Integer({
        minimum: 1,
        maximum: mostInstances,
        description:
          'Runs this many instances at most: with `basic`, 1 without it; with `automatic`, 20 without it.',
        examples: [3],
      }),
    ),
    idleTimeout: Optional(
      duration({
        default: '15m',
        description: 'With `basic`: stops an instance that had no request for longer than this.',
      }),
    ),
    minPending: Optional(
      latency({
        default: '100ms',
        description:
          'With `automatic`: lets a request wait this long for a free instance before another one is started.',
      }),
    ),
    maxPending: Optional(
      latency({
        default: '500ms',
        description:
          'With `automatic`: is taken so that the values of an `app.yaml` can stand here; App Engine’s local server does not use it either.',
      }),
    ),
    minIdle: Optional(
      idle({
        default: 1,
        description: 'With `automatic`: keeps this many instances ready beyond those that are needed.',
      }),
    ),
    maxIdle: Optional(
      idle({
        default: 1000,
        description:
          'With `automatic`: stops instances beyond this many that are not needed, at most one a minute.',
      }),
    ),
    rounding: Optional(
      Enum(['down', 'up'], {
        default: 'down',
        description:
          'With `automatic`: how the highest number of requests at once, divided by `concurrency`, becomes a number of needed instances.',
        enumDescriptions: ['As App Engine’s local server does it.', 'So that each request has its place.'],
      }),
    ),
  },
  {
    ...closed,
    'x-also': {
      max_instances: 'maxInstances',
      idle_timeout: 'idleTimeout',
      min_pending_latency: 'minPending',
      max_pending_latency: 'maxPending',
      min_idle_instances: 'minIdle',
      max_idle_instances: 'maxIdle',
    },
  },
);

export const scalingSchema = Union([kind(), scalingFields], {
  'x-takes': 'manual, basic or automatic, or a map with kind',
  description:
    'Lets the number of instances follow the requests, by App Engine’s rules; without it a fixed number runs while the service does.',
  examples: [{ kind: 'automatic', maxInstances: 3 }],
});
