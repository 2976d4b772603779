/**
 * Says in words what stands in the way of a request: how the service is, what became of the request, and what the
 * instance said last.
 */

import type { Instance } from '../instance.ts';
import type { InstanceView } from '../model.ts';
import type { Answer, Outside, RequestHead, UpstreamFailure } from '../outside.ts';
import { isSizedByRequests, type Service } from '../service.ts';
import { unavailable, up } from './answers.ts';
import type { DirectoryEntry } from './directory.ts';
import { hindranceOf } from './hope.ts';
import {
  badResponse,
  cannotConnectOnce,
  cannotConnectToSocket,
  unexpectedlyQuit,
  unexpectedlyQuitAt,
} from './sentences.ts';
import type { Hindrance } from '../process/planning.ts';
import type { Failed, InstanceFacts, Situation } from './situation.ts';

export interface ExcuseOptions {
  readonly outside: Pick<Outside, 'clock' | 'sockets'>;
  services(): readonly Service[];
  urlOf(service: string): string | undefined;
  /** A person has stopped it, and has not started it since. */
  isHalted(instance: Instance): boolean;
}

/** The child's last words may still be in the pipe (RP-36). */
const lastWordsMs = 100;
/** So many lines of what it printed stand on a page at most. */
export const lastLines = 100;

/** A request that was given to an instance and came to nothing. */
interface FailedRequest extends Omit<Failed, 'instance'> {
  readonly instance?: Instance;
  /** What was said about this very request. */
  readonly words?: readonly string[];
}

/** Whom a request was given to. */
export interface Asked {
  readonly instance: Instance;
  readonly port: number;
  /** Of the process that listened there then. */
  readonly pid: number | undefined;
}

/** The same for a socket that several share. */
export interface AskedSocket {
  readonly pids: ReadonlyMap<string, number | undefined>;
  readonly words: readonly string[];
}

/** What a service has to say for itself. */
export interface Excuse {
  readonly failed?: FailedRequest;
  /** The only instances that were meant. */
  readonly only?: readonly Instance[];
  /** The request has waited for room in vain. */
  readonly full?: boolean;
}

export class Excuses {
  readonly #options: ExcuseOptions;

  constructor(options: ExcuseOptions) {
    this.#options = options;
  }

  /**
   * Up, or not: a running instance may itself be restarting what listens (as file watchers do), so it is tried.
   *
   * @param only Those that the page's own address means: the others may be up for ever without it ever being answered.
   */
  async poll(head: RequestHead, service: Service, only: readonly Instance[]): Promise<Answer> {
    const { sockets } = this.#options.outside;
    // Connecting to a shared socket would tell nothing: it takes connections before anybody answers them.
    if (service.spec.program?.socket !== undefined && running(service).length > 0) return up();
    let refused: FailedRequest | undefined;
    for (const instance of only) {
      if (instance.address === undefined) continue;
      const { host, port } = instance.address;
      if (await sockets.canConnect(host, port)) return up();
      const reason = 'the connection was refused';
      refused ??= {
        sentence: cannotConnectOnce(port),
        code: 'cannot-connect',
        reason,
        refused: true,
        instance,
      };
    }
    // Asking the service itself would wake it; so does coming back to it.
    if (
      hindranceOf(service.instances) === undefined &&
      only.some((instance) => service.dispatch.isAsleep(instance))
    )
      return up();
    return this.unavailable(head, service, { only, ...(refused === undefined ? {} : { failed: refused }) });
  }

  /** Whether the process that was asked still lives, a moment later: its last words are there then. */
  async survives({ instance, pid }: Asked, service: Service): Promise<boolean> {
    await this.#lastWords();
    // Another process may listen on the same port by now: it is the one that was asked that counts.
    return pid !== undefined && instance.pid === pid && service.instances.includes(instance);
  }

  /** A chosen instance failed before it answered: say so in the reference's words (spec 1.10, 2.4). */
  async failed(head: RequestHead, service: Service, asked: Asked, failure: UpstreamFailure): Promise<Answer> {
    const alive = await this.survives(asked, service);
    const { instance, port, pid } = asked;
    const code = codeOf(failure, alive, pid !== undefined && instance.askedToEnd === pid);
    const sentences = {
      'bad-response': badResponse(failure.reason),
      'cannot-connect': cannotConnectOnce(port),
      'timed-out': cannotConnectOnce(port),
      'instance-died': unexpectedlyQuit(port),
      stopped: unexpectedlyQuit(port),
    };
    return this.unavailable(head, service, {
      failed: {
        sentence: sentences[code],
        code,
        reason: failure.reason,
        refused: failure.kind === 'unreachable' && failure.refused,
        instance,
      },
    });
  }

  async socketFailed(
    head: RequestHead,
    service: Service,
    { pids, words }: AskedSocket,
    failure: UpstreamFailure,
  ): Promise<Answer> {
    await this.#lastWords();
    const refused = failure.kind === 'unreachable' && failure.refused;
    // Nobody knows who had the request. If one of them has ended meanwhile, it was that one.
    const ended = service.instances.filter(({ name, pid }) => pids.get(name) !== pid);
    const instance = !refused && ended.length === 1 ? ended[0] : undefined;
    const url = service.spec.program?.socket?.url ?? '';
    const pid = instance === undefined ? undefined : pids.get(instance.name);
    const code = codeOf(failure, instance === undefined, pid !== undefined && instance?.askedToEnd === pid);
    const sentences = {
      'bad-response': badResponse(failure.reason),
      'cannot-connect': cannotConnectToSocket(url),
      'timed-out': cannotConnectToSocket(url),
      'instance-died': unexpectedlyQuitAt(url),
      stopped: unexpectedlyQuitAt(url),
    };
    return this.unavailable(head, service, {
      failed: {
        sentence: sentences[code],
        code,
        reason: failure.reason,
        refused,
        words,
        ...(instance === undefined ? {} : { instance }),
      },
    });
  }

  #lastWords(): Promise<void> {
    return new Promise((resolve) => void this.#options.outside.clock.after(lastWordsMs, resolve));
  }

  /** Nothing can be started for it before something is changed. */
  hindered(head: RequestHead, service: Service, hindrance: Hindrance): Answer {
    const { answer } = hindrance.kind === 'unfit' ? hindrance.unfit : hindrance.failed.failure;
    // In the reference's own words and form (RT-15, RT-23).
    if (answer !== undefined && service.spec.profile === 'appengine') return answer;
    return this.unavailable(head, service, {});
  }

  unavailable(head: RequestHead, service: Service, { failed, only, full }: Excuse): Answer {
    const { clock } = this.#options.outside;
    const { spec, dispatch } = service;
    const instances = only ?? service.instances;
    const troubled = failed?.instance ?? instances.find((each) => each.fault !== undefined) ?? instances[0];
    return unavailable(head, {
      service: service.name,
      profile: spec.profile,
      instances: instances.map((instance) => ({
        ...factsOf(instance.view(), clock.wall()),
        halted: this.#options.isHalted(instance),
        ...(instance.hindrance === undefined ? {} : { mends: !this.#options.isHalted(instance) }),
      })),
      wakes: isSizedByRequests(spec) || spec.requests.startOnRequest || spec.requests.idleMs !== undefined,
      ...(full === true ? { queueMs: spec.requests.queueMs } : {}),
      ...(failed === undefined
        ? {}
        : {
            failed: {
              sentence: failed.sentence,
              code: failed.code,
              reason: failed.reason,
              refused: failed.refused === true,
              // Some ways of dispatch part with their instances in a manner of their own.
              ...(dispatch.part === undefined ? { drainMs: spec.requests.drainMs } : {}),
              ...(failed.instance === undefined ? {} : { instance: failed.instance.name }),
            },
          }),
      ...tailOf(service, troubled, failed?.words ?? []),
    });
  }

  /** All services, as a list of what there is shows them. */
  entries(): readonly DirectoryEntry[] {
    return this.#options.services().map((service) => {
      const url = this.#options.urlOf(service.name);
      const sleeps = service.instances.some((instance) => service.dispatch.isAsleep(instance));
      return {
        name: service.name,
        state: summary(service.instances.map((instance) => instance.stateName)),
        ...(sleeps ? { detail: 'starts with a request' } : {}),
        ...(url === undefined ? {} : { url }),
      };
    });
  }
}

/** What it printed to stderr last, with its line ends. */
export function stderrOf({ log }: Instance): string {
  const lines = log.tail(lastLines).filter(({ stream }) => stream === 'stderr');
  return lines.map(({ text }) => `${text}\n`).join('');
}

export function running(service: Service): readonly Instance[] {
  return service.instances.filter(({ state }) => state.kind === 'running');
}

function codeOf(failure: UpstreamFailure, alive: boolean, wasStopped: boolean): Failed['code'] {
  if (failure.kind === 'bad-response') return 'bad-response';
  if (wasStopped && !(alive && failure.kind === 'timed-out')) return 'stopped';
  if (!alive) return 'instance-died';
  return failure.kind === 'timed-out' ? 'timed-out' : 'cannot-connect';
}

function factsOf(view: InstanceView, now: number): InstanceFacts {
  return {
    name: view.name,
    state: view.state,
    ...(view.reason === undefined ? {} : { reason: view.reason }),
    ...(view.fault === undefined ? {} : { fault: view.fault }),
    ...(view.exit === undefined ? {} : { exit: view.exit }),
    ...(view.attempt === undefined ? {} : { attempt: view.attempt }),
    ...(view.nextTryAt === undefined ? {} : { nextTryInMs: Math.max(0, view.nextTryAt - now) }),
    ...(view.preparing === undefined ? {} : { preparing: view.preparing.title }),
    ...waitOf(view),
  };
}

/** What was said about the request itself, else the last that an instance has said. */
function tailOf(
  service: Service,
  troubled: Instance | undefined,
  words: readonly string[],
): Pick<Situation, 'tail' | 'tailOf' | 'tailFrom'> {
  if (words.length > 0) return { tail: words, tailOf: service.name };
  // What an earlier life has said is not why it is not even tried now; what a build has said is with its fault.
  if (troubled?.hindrance !== undefined) return { tail: [], tailOf: troubled.name };
  const said = troubled?.log.tail(lastLines) ?? [];
  const errors = said.filter(({ stream }) => stream === 'stderr');
  // With "redirect_stderr", and of many programs, all there is to read is on stdout.
  const lines = errors.length > 0 ? errors : said;
  return {
    tail: lines.map(({ text }) => text),
    ...(errors.length > 0 ? {} : { tailFrom: 'stdout' }),
    ...(troubled === undefined ? {} : { tailOf: troubled.name }),
  };
}

function summary(states: readonly string[]): string {
  const up = states.filter((state) => state === 'RUNNING').length;
  if (states.length <= 1) return states[0] ?? 'STOPPED';
  return up === states.length ? 'RUNNING' : `${up}/${states.length} RUNNING`;
}

/** What the start of an instance waits for, each service once. */
function waitOf({ waitingFor = [] }: InstanceView): Pick<InstanceFacts, 'waitingFor'> {
  if (waitingFor.length === 0) return {};
  const what = [...new Set(waitingFor.map(({ service, reason }) => `${service} (${reason})`))].join(', ');
  return { waitingFor: { what, stuck: waitingFor.some(({ stuck }) => stuck) } };
}
