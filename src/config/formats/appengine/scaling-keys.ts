/** What may stand below `automatic_scaling` of an `app.yaml`. */

import {
  Array as List,
  Integer,
  Number as Num,
  Object as Fields,
  Optional,
  String as Text,
  type TSchema,
  Union,
} from 'typebox';
import { closed } from '../../schema/parts.ts';
import { anyMap, count, latency } from './kinds.ts';

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

export const automaticScaling = Fields(
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
