/**
 * Says of each request where it goes, and what is answered when it can go nowhere.
 *
 * Looks at the services as they are now. Which service a request is for has been told by its route; which doors there
 * are is not known here.
 */

import type { Instance } from '../instance.ts';
import type { InstanceView } from '../model.ts';
import type { Answer, Decision, Door, Forward, Outside, RequestHead, UpstreamFailure } from '../outside.ts';
import type { Service } from '../service.ts';
import { isPoll, unavailable, up } from './answers.ts';
import { wellOnes } from './balance.ts';
import { directory, type DirectoryEntry, forbidden, foreign, notFound } from './directory.ts';
import { planFastCgi } from './fastcgi.ts';
import type { Route } from './route.ts';
import {
  badResponse,
  cannotConnectOnce,
  cannotConnectToSocket,
  unexpectedlyQuit,
  unexpectedlyQuitAt,
} from './sentences.ts';
import type { Failed, InstanceFacts, Situation } from './situation.ts';

export interface RequestOptions {
  readonly outside: Outside;
  services(): readonly Service[];
  service(name: string): Service | undefined;
  urlOf(service: string): string | undefined;
  /** What a program said about a request on FastCGI's error stream; which of the instances it was, nobody knows. */
  said?(service: string, line: string): void;
  /** Resolves when some instance has changed its state, or after so many milliseconds. */
  change(ms: number): Promise<void>;
}

/** A request that meets a service on its way up waits so long before it is answered with a page. */
const patienceMs = 1_500;
/** The child's last words may still be in the pipe (RP-36). */
const lastWordsMs = 100;
/** So many lines of what it printed stand on a page at most. */
const lastLines = 100;

/** A request that was given to an instance and came to nothing. */
interface FailedRequest extends Omit<Failed, 'instance'> {
  readonly instance?: Instance;
  /** What was said about this very request. */
  readonly words?: readonly string[];
}

/** Where a door listens. */
export type DoorAddress = Pick<Door, 'host' | 'port'>;

export class Requests {
  readonly #options: RequestOptions;

  constructor(options: RequestOptions) {
    this.#options = options;
  }

  async decide(head: RequestHead, route: Route, door: DoorAddress): Promise<Decision> {
    switch (route.kind) {
      case 'forbidden':
        return { kind: 'answer', answer: forbidden(head, route.host) };
      case 'foreign':
        return { kind: 'answer', answer: foreign(route.origin) };
      case 'directory':
        return { kind: 'answer', answer: directory(head, this.#entries()) };
      case 'not-found':
        return { kind: 'answer', answer: notFound(head, route.path, this.#entries()) };
      case 'service': {
        const service = this.#options.service(route.service);
        if (service === undefined)
          return { kind: 'answer', answer: notFound(head, head.target, this.#entries()) };
        return this.#toService(head, service, door);
      }
    }
  }

  async #toService(head: RequestHead, service: Service, door: DoorAddress): Promise<Decision> {
    const { clock } = this.#options.outside;
    const until = clock.now() + patienceMs;
    // A page that looks after the service asks again by itself; its question is ours to answer.
    if (isPoll(head))
      return { kind: 'answer', service: service.name, answer: await this.#pollAnswer(head, service) };
    for (;;) {
      const decision =
        service.spec.program?.socket === undefined
          ? this.#toInstance(head, service)
          : await this.#toSocket(head, service, door);
      if (decision !== undefined) return decision;
      const left = until - clock.now();
      const hopeful = service.instances.some(
        ({ state, fault: against }) =>
          state.kind === 'starting' &&
          (against === undefined || (against.code === 'instance-died' && state.attempt === 0)),
      );
      if (!hopeful || left <= 0) {
        return { kind: 'answer', service: service.name, answer: this.#unavailable(head, service) };
      }
      await this.#options.change(left);
    }
  }

  /** Up, or not: a running instance may itself be restarting what listens (as file watchers do), so it is tried. */
  async #pollAnswer(head: RequestHead, service: Service): Promise<Answer> {
    const { sockets } = this.#options.outside;
    // Connecting to a shared socket would tell nothing: it takes connections before anybody answers them.
    if (service.spec.program?.socket !== undefined && running(service).length > 0) return up();
    let refused: FailedRequest | undefined;
    for (const instance of service.instances) {
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
    return this.#unavailable(head, service, refused);
  }

  /** `without`: the one that has refused the connection. There is one more try, and no third. */
  #toInstance(head: RequestHead, service: Service, without?: string): Forward | undefined {
    const ready = service.instances.flatMap(({ name, address, isHealthy }) =>
      address === undefined || name === without ? [] : [{ name, ...address, isHealthy }],
    );
    const picked = service.balancer.pick(wellOnes(ready));
    if (picked === undefined) return undefined;
    const { name, host, port } = picked.instance;
    const pid = service.instances.find((each) => each.name === name)?.pid;
    return {
      kind: 'forward',
      service: service.name,
      instance: name,
      host,
      port,
      done: () => picked.done(),
      failed: (failure) => this.#failed(head, service, { name, port, pid }, failure),
      ...(without === undefined ? { elsewhere: () => this.#toInstance(head, service, name) } : {}),
    };
  }

  /** Whoever of the instances accepts first has the request: the kernel balances, and we cannot. */
  async #toSocket(head: RequestHead, service: Service, door: DoorAddress): Promise<Decision | undefined> {
    const { spec } = service;
    const at = spec.program?.socket?.at;
    const [first] = running(service);
    if (at === undefined || first === undefined) return undefined;
    const { files } = this.#options.outside;
    const plan = await planFastCgi(head, spec, { door, look: (path) => files.kind(path) });
    if (plan.kind === 'answer') return { ...plan, service: service.name };
    const pids = new Map(service.instances.map(({ name, pid }) => [name, pid]));
    const words: string[] = [];
    return {
      kind: 'forward',
      service: service.name,
      instance: first.name,
      host: at.kind === 'tcp' ? at.host : '',
      port: at.kind === 'tcp' ? at.port : 0,
      fastcgi: {
        at,
        params: plan.params,
        said: (line) => {
          words.push(line);
          if (words.length > lastLines) words.shift();
          this.#options.said?.(service.name, line);
        },
      },
      done: () => undefined,
      failed: (failure) => this.#socketFailed(head, service, { pids, words }, failure),
    };
  }

  async #socketFailed(
    head: RequestHead,
    service: Service,
    { pids, words }: { pids: ReadonlyMap<string, number | undefined>; words: readonly string[] },
    failure: UpstreamFailure,
  ): Promise<Answer> {
    await this.#lastWords();
    const refused = failure.kind === 'unreachable' && failure.refused;
    // Nobody knows who had the request. If one of them has ended meanwhile, it was that one.
    const ended = service.instances.filter(({ name, pid }) => pids.get(name) !== pid);
    const instance = !refused && ended.length === 1 ? ended[0] : undefined;
    const url = service.spec.program?.socket?.url ?? '';
    const code =
      failure.kind === 'bad-response'
        ? 'bad-response'
        : instance === undefined
          ? 'cannot-connect'
          : 'instance-died';
    const sentences = {
      'bad-response': badResponse(failure.reason),
      'cannot-connect': cannotConnectToSocket(url),
      'instance-died': unexpectedlyQuitAt(url),
    };
    return this.#unavailable(head, service, {
      sentence: sentences[code],
      code,
      reason: failure.reason,
      refused,
      words,
      ...(instance === undefined ? {} : { instance }),
    });
  }

  #lastWords(): Promise<void> {
    return new Promise((resolve) => void this.#options.outside.clock.after(lastWordsMs, resolve));
  }

  /** A chosen instance failed before it answered: say so in the reference's words (spec 1.10, 2.4). */
  async #failed(
    head: RequestHead,
    service: Service,
    { name, port, pid }: { name: string; port: number; pid: number | undefined },
    failure: UpstreamFailure,
  ): Promise<Answer> {
    await this.#lastWords();
    const instance = service.instances.find((each) => each.name === name);
    // Another process may listen on the same port by now: it is the one that was asked that counts.
    const alive = pid !== undefined && instance?.pid === pid;
    const sentence =
      failure.kind === 'bad-response'
        ? badResponse(failure.reason)
        : alive
          ? cannotConnectOnce(port)
          : unexpectedlyQuit(port);
    return this.#unavailable(head, service, {
      sentence,
      code: failure.kind === 'bad-response' ? 'bad-response' : alive ? 'cannot-connect' : 'instance-died',
      reason: failure.reason,
      refused: failure.kind === 'unreachable' && failure.refused,
      ...(instance === undefined ? {} : { instance }),
    });
  }

  #unavailable(head: RequestHead, service: Service, failed?: FailedRequest): Answer {
    const { clock } = this.#options.outside;
    const troubled =
      failed?.instance ?? service.instances.find((each) => each.fault !== undefined) ?? service.instances[0];
    return unavailable(head, {
      service: service.name,
      profile: service.spec.profile,
      instances: service.instances.map((instance) => {
        const view = instance.view();
        return {
          name: view.name,
          state: view.state,
          ...(view.reason === undefined ? {} : { reason: view.reason }),
          ...(view.fault === undefined ? {} : { fault: view.fault }),
          ...(view.exit === undefined ? {} : { exit: view.exit }),
          ...(view.attempt === undefined ? {} : { attempt: view.attempt }),
          ...(view.nextTryAt === undefined
            ? {}
            : { nextTryInMs: Math.max(0, view.nextTryAt - clock.wall()) }),
          ...waitOf(view),
        };
      }),
      ...(failed === undefined
        ? {}
        : {
            failed: {
              sentence: failed.sentence,
              code: failed.code,
              reason: failed.reason,
              refused: failed.refused === true,
              ...(failed.instance === undefined ? {} : { instance: failed.instance.name }),
            },
          }),
      ...this.#tail(service, troubled, failed?.words ?? []),
    });
  }

  /** What was said about the request itself, else the last that an instance has said. */
  #tail(
    service: Service,
    troubled: Instance | undefined,
    words: readonly string[],
  ): Pick<Situation, 'tail' | 'tailOf' | 'tailFrom'> {
    if (words.length > 0) return { tail: words, tailOf: service.name };
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

  #entries(): DirectoryEntry[] {
    return this.#options.services().map((service) => {
      const url = this.#options.urlOf(service.name);
      return {
        name: service.name,
        state: summary(service.instances.map((instance) => instance.view().state)),
        ...(url === undefined ? {} : { url }),
      };
    });
  }
}

function running(service: Service): readonly Instance[] {
  return service.instances.filter(({ state }) => state.kind === 'running');
}

function summary(states: readonly string[]): string {
  const running = states.filter((state) => state === 'RUNNING').length;
  if (states.length === 1) return states[0] ?? 'STOPPED';
  return running === states.length ? 'RUNNING' : `${running}/${states.length} RUNNING`;
}

/** What the start of an instance waits for, each service once. */
function waitOf({ waitingFor = [] }: InstanceView): Pick<InstanceFacts, 'waitingFor'> {
  if (waitingFor.length === 0) return {};
  const what = [...new Set(waitingFor.map(({ service, reason }) => `${service} (${reason})`))].join(', ');
  return { waitingFor: { what, stuck: waitingFor.some(({ stuck }) => stuck) } };
}
