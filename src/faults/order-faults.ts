/** Why a running workspace does not do what it is asked to, by whoever gives orders or by a request at its front door. */

import { row } from './row.ts';
import { didYouMean } from './suggestion.ts';

export const orderFaults = {
  'no-such-service': row<{ name: string; suggestion?: string | undefined }>({
    severity: 'error',
    http: 404,
    exit: 2,
    when: 'Something was to be done with a service or instance that does not exist.',
    message: ({ name }) => `There is no service or instance "${name}".`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'no-such-group': row<{ name: string; suggestion?: string | undefined }>({
    severity: 'error',
    http: 404,
    exit: 2,
    when: 'Something was to be done with a group that does not exist.',
    message: ({ name }) => `There is no group "${name}".`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'not-running': row<{ instance: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A signal or input is meant for an instance without a process.',
    message: ({ instance }) => `${instance} does not run.`,
    hint: () => 'Start it first.',
  }),
  'bad-signal': row<{ name: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A signal was named that there is none of.',
    message: ({ name }) => `There is no signal "${name}".`,
    hint: () => 'Name one such as HUP, SIGHUP or 1.',
  }),
  'order-failed': row<{ instance: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'An order to an instance could not be carried out, such as a signal that the system refuses.',
    message: ({ instance, reason }) => `${instance}: ${reason}.`,
    hint: () => undefined,
  }),
  'background-refused': row<{ instance: string; reason: string; limit?: number | undefined }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A background thread is asked of an instance that cannot have one, or none more.',
    message: ({ instance, reason, limit }) => {
      const words =
        limit === undefined
          ? ''
          : ` (limit reached: "backgroundThreads" is ${limit}${limit === 0 ? ', which allows none' : ''})`;
      return `${instance} begins no background thread: ${reason}${words}.`;
    },
    hint: ({ limit }) =>
      limit === undefined ? undefined : 'Allow more with "backgroundThreads" below "appengine".',
  }),
  'background-unscaled': row<{ instance: string; isBackend: boolean }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A background thread is asked of an instance whose service has no "scaling".',
    message: ({ instance, isBackend }) =>
      `${instance} has no background threads: ${isBackend ? 'it is a backend' : 'its service has no "scaling"'}.`,
    hint: ({ isBackend }) =>
      isBackend
        ? 'Ask one of a service with "scaling".'
        : 'Give the service "scaling", for example "scaling: manual".',
  }),
  'no-input': row<{ instance: string; outcome: 'none' | 'closed' | 'full' }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'Input is meant for an instance whose standard input is not open.',
    message: ({ instance, outcome }) =>
      ({
        none: `${instance} has no standard input that is open.`,
        closed: `${instance} has closed its standard input.`,
        full: `${instance} does not read its standard input: what it was given before still waits.`,
      })[outcome],
    hint: () => undefined,
  }),
  'no-log': row<{ what: string }>({
    severity: 'error',
    http: 404,
    exit: 1,
    when: 'A log is to be read or emptied that is not written to a file.',
    message: ({ what }) => `${what} has no log file.`,
    hint: () => undefined,
  }),
  'log-unreadable': row<{ file: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A log file cannot be read or emptied.',
    message: ({ file, reason }) => `Cannot use the log file ${file}: ${reason}.`,
    hint: () => undefined,
  }),
  'bad-range': row<{ offset: number; length: number }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A part of a log was asked for that makes no sense.',
    message: ({ offset, length }) => `There is no part of a log at ${offset} with a length of ${length}.`,
    hint: () => 'An offset before the end takes no length; a length is never negative.',
  }),
  'cannot-scale': row<{ service: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A service cannot have the number of instances that was asked for.',
    message: ({ service, reason }) => `"${service}" cannot be scaled: ${reason}.`,
    hint: () => undefined,
  }),
  'already-added': row<{ group: string }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A group is to be added that is there.',
    message: ({ group }) => `The group "${group}" is there already.`,
    hint: () => undefined,
  }),
  'still-running': row<{ group: string; instances: readonly string[] }>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'A group is to be removed of which something still runs.',
    message: ({ group, instances }) =>
      `The group "${group}" cannot be removed: ${instances.join(', ')} ${instances.length === 1 ? 'is' : 'are'} not stopped.`,
    hint: () => 'Stop it first.',
  }),
  'cannot-reread': row<{ reason: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'The config files were to be read again and have errors; nothing is changed.',
    message: ({ reason }) => `The config cannot be read: ${reason}`,
    hint: () => undefined,
  }),
  'shutting-down': row<unknown>({
    severity: 'error',
    http: 503,
    exit: 1,
    when: 'Something was asked for while everything is being stopped.',
    message: () => 'This runtime has been shut down.',
    hint: () => undefined,
  }),
  untrusted: row<unknown>({
    severity: 'warning',
    http: 503,
    exit: 2,
    when: 'The workspace is not trusted, so nothing is run.',
    message: () => 'This workspace is not trusted, so none of its commands is run.',
    hint: () => 'Trust the workspace to start its services.',
  }),
  'not-found': row<{ path: string; services: readonly string[] }>({
    severity: 'info',
    http: 404,
    exit: 1,
    when: 'The front door has no service for an address.',
    message: ({ path }) => `No service answers for ${path}.`,
    hint: ({ services }) => (services.length === 0 ? undefined : `Services here: ${services.join(', ')}.`),
  }),
  'bad-response': row<{ instance: string; reason: string }>({
    severity: 'warning',
    http: 502,
    exit: 1,
    when: 'The child answered a request with something that is not HTTP.',
    message: ({ instance, reason }) => `${instance} gave a bad HTTP response: ${reason}.`,
    hint: () => undefined,
  }),
  'timed-out': row<{ instance: string; reason: string }>({
    severity: 'warning',
    http: 504,
    exit: 1,
    when: 'An instance took longer over a request than its "timeouts" allow.',
    message: ({ instance, reason }) => `${instance} did not answer in time: ${reason}.`,
    hint: () => 'If it only needs longer, raise its "timeouts".',
  }),
  full: row<{ service: string; queueMs: number }>({
    severity: 'warning',
    http: 503,
    exit: 1,
    when: 'Each instance has as many requests as its "concurrency" allows, and none came free in time.',
    message: ({ service, queueMs }) =>
      `Every instance of ${service} has as many requests as it may have at once, and none came free within ${queueMs / 1000} s.`,
    hint: () => 'Raise "concurrency", "instances" or "queueSeconds", or look what takes it so long.',
  }),
  internal: row<{ reason: string }>({
    severity: 'error',
    http: 500,
    exit: 1,
    when: 'A mistake of ours.',
    message: ({ reason }) => `Local Runtimes made a mistake: ${reason}.`,
    hint: () => 'Please report it with the log of the "Local Runtimes" output channel.',
  }),
};
