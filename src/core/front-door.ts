/**
 * Our addresses: one for everything, and one for each service that stays the same over restarts.
 *
 * Opens listeners, and says of each request where it goes; what is read from and written to sockets is the data
 * plane's matter.
 */

import type { FrontDoorSpec } from '../config/spec.ts';
import { fault } from '../faults/make.ts';
import type { Fault, Place } from '../faults/fault.ts';
import type {
  Answer,
  Decision,
  Door,
  DoorRequest,
  Outside,
  RequestHead,
  UpstreamFailure,
} from './outside.ts';
import { directory, type DirectoryEntry, forbidden, notFound } from './proxy/directory.ts';
import { routeMain, routeOwn, type Route } from './proxy/route.ts';
import { isPoll, unavailable, up } from './proxy/answers.ts';
import { badResponse, cannotConnectOnce, unexpectedlyQuit } from './proxy/sentences.ts';
import type { Failed } from './proxy/situation.ts';
import type { Instance } from './instance.ts';
import type { Service } from './service.ts';

/** Remembers front-door ports over sessions, so that an address in a bookmark goes on working. */
export interface PortMemory {
  get(name: string): number | undefined;
  set(name: string, port: number): void;
}

export interface FrontDoorOptions {
  readonly outside: Outside;
  readonly memory: PortMemory;
  services(): readonly Service[];
  service(name: string): Service | undefined;
  listening(what: string, url: string): void;
  requested(request: DoorRequest): void;
  /** Resolves when some instance has changed its state, or after so many milliseconds. */
  change(ms: number): Promise<void>;
}

/** Stands for no service's name, since none is empty. */
const mainDoor = '';
/** A request that meets a service on its way up waits so long before it is answered with a page. */
const patienceMs = 1_500;
/** The child's last words may still be in the pipe (RP-36). */
const lastWordsMs = 100;

/** A request that was given to an instance and came to nothing. */
interface FailedRequest extends Omit<Failed, 'instance'> {
  readonly instance?: Instance;
}

/** A door as the config asks for it. */
interface Wanted {
  /** The service's name, or `mainDoor`. */
  readonly name: string;
  readonly host: string;
  readonly port: number | 'auto';
  /** Where it is asked for. */
  readonly place: Place | undefined;
  readonly decide: (head: RequestHead) => Promise<Decision>;
}

interface OpenDoor {
  readonly door: Door;
  readonly wanted: Wanted;
  readonly url: string;
}

export class FrontDoors {
  readonly #options: FrontDoorOptions;
  readonly #open = new Map<string, OpenDoor>();
  #opening: Promise<void> = Promise.resolve();
  #closed = false;
  #spec: FrontDoorSpec = { host: '127.0.0.1', port: 'auto', routes: {} };
  /** The main door's own. */
  fault: Fault | undefined;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
  }

  get url(): string | undefined {
    return this.#open.get(mainDoor)?.url;
  }

  urlOf(service: string): string | undefined {
    return this.#open.get(service)?.url;
  }

  /** Opens what the config asks for and closes what it asks for no more. One call at a time. */
  arrange(spec: FrontDoorSpec): Promise<void> {
    const next = this.#opening.then(() => this.#arrange(spec));
    this.#opening = next.catch(() => undefined);
    return next;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening;
    await Promise.all([...this.#open.values()].map(({ door }) => door.close()));
    this.#open.clear();
  }

  async #arrange(spec: FrontDoorSpec): Promise<void> {
    this.#spec = spec;
    const wanted = new Map(this.#wanted(spec).map((each) => [each.name, each]));
    for (const [name, { door, wanted: was }] of this.#open) {
      const now = wanted.get(name);
      if (now?.host === was.host && now.port === was.port) continue;
      this.#open.delete(name);
      await door.close();
    }
    for (const each of wanted.values()) {
      if (this.#closed || this.#open.has(each.name)) continue;
      const taken = await this.#listen(each);
      const service = this.#options.service(each.name);
      if (service === undefined) this.fault = taken;
      else service.faults = taken === undefined ? [] : [taken];
    }
  }

  #wanted(spec: FrontDoorSpec): readonly Wanted[] {
    const { host } = spec;
    const main: Wanted = {
      name: mainDoor,
      host,
      port: spec.port,
      place: spec.source,
      // What is routed is looked up anew for each request: a door outlives many versions of the file.
      decide: (head) =>
        this.#decide(head, routeMain(head, { host, services: this.#reachable(), routes: this.#spec.routes })),
    };
    const own = this.#options
      .services()
      .filter((service) => service.isReachable)
      .map(({ name, spec: { publish, keys, source } }): Wanted => ({
        name,
        host,
        port: publish,
        place: keys['publish'] ?? source,
        decide: (head) => this.#decide(head, routeOwn(head, { service: name, host })),
      }));
    return [main, ...own];
  }

  #reachable(): readonly string[] {
    return this.#options
      .services()
      .filter((service) => service.isReachable)
      .map((service) => service.name);
  }

  /** Opens one door, or gives the fault that says why it cannot be opened. */
  async #listen(wanted: Wanted): Promise<Fault | undefined> {
    const { outside, memory } = this.#options;
    const { name, host, port, decide } = wanted;
    // A remembered port that is somebody else's by now is given up without a word; one that was asked for is not.
    const candidates = port === 'auto' ? [memory.get(name) ?? 0, 0] : [port];
    for (const candidate of candidates) {
      try {
        const door = await outside.doors.open({
          host,
          port: candidate,
          decide,
          onRequest: (request) => this.#options.requested(request),
        });
        const url = `http://${shown(door.host)}:${door.port}/`;
        this.#open.set(name, { door, wanted, url });
        // A remembered port that is only busy stays remembered: it comes back with whoever has it now gone.
        if (port === 'auto' && memory.get(name) === undefined) memory.set(name, door.port);
        this.#options.listening(name === mainDoor ? 'front-door' : name, url);
        return undefined;
      } catch (error) {
        if (port === 'auto' && candidate !== 0) continue;
        return this.#doorFault(wanted, candidate, error);
      }
    }
    return undefined;
  }

  async #doorFault({ name, host, place }: Wanted, port: number, error: unknown): Promise<Fault> {
    const isMain = name === mainDoor;
    const what = isMain ? 'The front door' : `The front door of "${name}"`;
    const facts = {
      ...(isMain ? {} : { service: name }),
      places: place === undefined ? [] : [place],
    };
    if ((error as { code?: unknown }).code !== 'EADDRINUSE') {
      const reason = error instanceof Error ? error.message : String(error);
      return fault('cannot-listen', { what, host, port, reason }, facts);
    }
    const owner = await this.#options.outside.sockets.strangerOn(port);
    return fault(
      'port-taken',
      { what, port, ...(owner === undefined ? {} : { owner: `${owner.command} (pid ${owner.pid})` }) },
      facts,
    );
  }

  // --------------------------------------------------------------------------------------------- requests

  async #decide(head: RequestHead, route: Route): Promise<Decision> {
    switch (route.kind) {
      case 'forbidden':
        return { kind: 'answer', answer: forbidden(head, route.host) };
      case 'directory':
        return { kind: 'answer', answer: directory(head, this.#entries()) };
      case 'not-found':
        return { kind: 'answer', answer: notFound(head, route.path, this.#entries()) };
      case 'service': {
        const service = this.#options.service(route.service);
        if (service === undefined)
          return { kind: 'answer', answer: notFound(head, head.target, this.#entries()) };
        return this.#toService(head, service);
      }
    }
  }

  async #toService(head: RequestHead, service: Service): Promise<Decision> {
    const { clock } = this.#options.outside;
    const until = clock.now() + patienceMs;
    // A page that looks after the service asks again by itself; its question is ours to answer.
    if (isPoll(head))
      return { kind: 'answer', service: service.name, answer: await this.#pollAnswer(head, service) };
    for (;;) {
      const decision = this.#forward(head, service);
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

  #forward(head: RequestHead, service: Service): Decision | undefined {
    const ready = service.instances.flatMap((instance) => {
      const { address } = instance;
      return address === undefined ? [] : [{ name: instance.name, ...address }];
    });
    const picked = service.balancer.pick(ready);
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
    };
  }

  /** A chosen instance failed before it answered: say so in the reference's words (spec 1.10, 2.4). */
  async #failed(
    head: RequestHead,
    service: Service,
    { name, port, pid }: { name: string; port: number; pid: number | undefined },
    failure: UpstreamFailure,
  ): Promise<Answer> {
    await new Promise<void>((resolve) => void this.#options.outside.clock.after(lastWordsMs, resolve));
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
      ...(troubled === undefined ? {} : { tailOf: troubled.name }),
      tail: (troubled?.log.tail(100) ?? [])
        .filter((line) => line.stream === 'stderr')
        .map((line) => line.text),
    });
  }

  #entries(): DirectoryEntry[] {
    return this.#options.services().map((service) => {
      const url = this.urlOf(service.name);
      return {
        name: service.name,
        state: summary(service.instances.map((instance) => instance.view().state)),
        ...(url === undefined ? {} : { url }),
      };
    });
  }
}

function summary(states: readonly string[]): string {
  const running = states.filter((state) => state === 'RUNNING').length;
  if (states.length === 1) return states[0] ?? 'STOPPED';
  return running === states.length ? 'RUNNING' : `${running}/${states.length} RUNNING`;
}

function shown(host: string): string {
  if (host === '127.0.0.1' || host === '::1' || host === '0.0.0.0' || host === '::')
    return host.includes(':') ? '[::1]' : '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
