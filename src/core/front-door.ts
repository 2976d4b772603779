/**
 * Our addresses: one for everything, and one for each service that stays the same over restarts.
 *
 * Opens listeners and tells by which way a request came; where it goes is said in `proxy/requests.ts`, and what is read
 * from and written to sockets is the data plane's matter.
 */

import type { FrontDoorSpec } from '../config/spec.ts';
import { fault } from '../faults/make.ts';
import type { Fault, Place } from '../faults/fault.ts';
import type { Client, Decision, Door, DoorRequest, Outside, RequestHead } from './outside.ts';
import type { Instance } from './instance.ts';
import type { Accounts } from './proxy/accounts.ts';
import { Requests } from './proxy/requests.ts';
import { type Route, Router } from './proxy/route.ts';
import type { DoorAddress } from './proxy/to-socket.ts';
import { defaultModule, dispatchRules } from './scaling/dispatcher.ts';
import type { Service, ServiceAddresses } from './service.ts';

/** Remembers front-door ports over sessions, so that an address in a bookmark goes on working. */
export interface PortMemory {
  get(name: string): number | undefined;
  set(name: string, port: number): void;
  /** Whether no other checkout has the port, even if nobody runs there now. Absent: nothing is known of others. */
  isFree?(name: string, port: number): boolean;
}

/** So many ports of others in a row are no chance any more. */
const mostTries = 50;

export interface FrontDoorOptions {
  readonly outside: Outside;
  readonly memory: PortMemory;
  readonly accounts: Accounts;
  services(): readonly Service[];
  service(name: string): Service | undefined;
  listening(what: string, url: string): void;
  /** Each request, once it is over. Without it none costs anything. */
  readonly requested?: (request: DoorRequest) => void;
  /** What a program said about a request on FastCGI's error stream; which of the instances it was, nobody knows. */
  said?(service: string, line: string): void;
  /** A request waits for an instance now. */
  queued(): void;
  /** Of a rule of `dispatch.yaml` that is passed over. */
  warn(text: string): void;
  /** Resolves when some instance has changed its state, or after so many milliseconds. */
  change(ms: number): Promise<void>;
  /** A person has stopped it, and has not started it since. */
  isHalted(instance: Instance): boolean;
}

/** So long may go on what came through a door that is no more, while services that go have their own time for that. */
const partingMs = 10_000;

/** Stands for no service's name, since none is empty. */
const mainDoor = '';
/** A door as the config asks for it. */
interface Wanted {
  /** The service's name, or `mainDoor`. */
  readonly name: string;
  readonly host: string;
  readonly port: number | 'auto';
  /** Where it is asked for. */
  readonly place: Place | undefined;
  /** Its port is from the layout of an application with backends. */
  readonly laidOut: boolean;
  readonly decide: (
    head: RequestHead,
    door: DoorAddress,
    client: Client | undefined,
  ) => Decision | Promise<Decision>;
}

/** A place that a door could not move to. */
interface Refused {
  readonly wanted: Wanted;
  readonly fault: Fault;
}

interface OpenDoor {
  readonly door: Door;
  readonly wanted: Wanted;
  readonly url: string;
}

export class FrontDoors {
  readonly #options: FrontDoorOptions;
  readonly #requests: Requests;
  readonly #open = new Map<string, OpenDoor>();
  /** What the config asks for, by name. */
  #wanted: ReadonlyMap<string, Wanted> = new Map();
  /** Where doors could not be opened when it was tried last, by name. */
  readonly #refused = new Map<string, Refused>();
  /** They listen no more; what came through them goes on for a while. */
  readonly #parting = new Set<Door>();
  #opening: Promise<void> = Promise.resolve();
  #closed = false;
  #spec: FrontDoorSpec = { host: '127.0.0.1', port: 'auto', routes: {}, dispatch: [], allowedHosts: [] };
  /** What the config says about routes, worked out; undefined: it has to be. */
  #router: Router | undefined;
  /** The main door's own. */
  fault: Fault | undefined;

  constructor(options: FrontDoorOptions) {
    this.#options = options;
    this.#requests = new Requests({ ...options, urlOf: (service) => this.urlOf(service) });
  }

  get url(): string | undefined {
    return this.#open.get(mainDoor)?.url;
  }

  urlOf(service: string): string | undefined {
    return this.#open.get(service)?.url;
  }

  /** The port of a service's own door, or of the main one without a name. */
  portOf(service: string = mainDoor): number | undefined {
    return this.#open.get(service)?.door.port;
  }

  /** Where a service is reached, as far as doors are open. */
  addressesOf(service: Service): ServiceAddresses {
    const url = this.urlOf(service.name);
    return { url, namedUrl: service.isReachable ? this.#named(service.name) : undefined };
  }

  /** Where one instance alone is reached: `http://api.0.localhost:8080/`. Those that share a socket have no such place. */
  urlOfInstance(service: Service, index: number): string | undefined {
    const isApart = service.isReachable && service.spec.program?.socket === undefined;
    return isApart ? this.#named(`${service.name}.${index}`) : undefined;
  }

  /** At the one address for everything, by name. */
  #named(name: string): string | undefined {
    const main = this.#open.get(mainDoor);
    if (main === undefined || !/^[\w-]+(?:\.[\w-]+)*$/u.test(name)) return undefined;
    return `http://${name.toLowerCase()}.localhost:${main.door.port}/`;
  }

  /**
   * Opens what the config asks for and closes what it asks for no more. One call at a time.
   *
   * `isReloaded`: what failed is tried again. Else a door that could not be moved to the same place stays where it is:
   * where it has to make room for itself, each try parts with all that comes through it.
   */
  arrange(spec: FrontDoorSpec, isReloaded: boolean): Promise<void> {
    const next = this.#opening.then(() => {
      if (isReloaded) this.#refused.clear();
      return this.#arrange(spec);
    });
    this.#opening = next.catch(() => undefined);
    return next;
  }

  async close(): Promise<void> {
    this.#closed = true;
    await this.#opening;
    const open = [...this.#open.values()].map(({ door }) => door);
    await Promise.all([...open, ...this.#parting].map((door) => door.close()));
    this.#open.clear();
  }

  async #arrange(spec: FrontDoorSpec): Promise<void> {
    this.#spec = spec;
    this.#router = undefined;
    this.#wanted = new Map(this.#asked(spec).map((each) => [each.name, each]));
    for (const [name, open] of this.#open) if (!this.#wanted.has(name)) this.#part(open);
    for (const each of this.#wanted.values()) {
      if (this.#closed) return;
      const taken = await this.#renew(each);
      const service = this.#options.service(each.name);
      if (service === undefined) this.fault = taken;
      else service.faults = taken === undefined ? [] : [taken];
    }
  }

  /** Opens a door where it is wanted now. The one there was stays open until then, and where that cannot be had. */
  async #renew(wanted: Wanted): Promise<Fault | undefined> {
    const { name } = wanted;
    const was = this.#open.get(name);
    if (was !== undefined && isWhere(was, wanted)) return undefined;
    const refused = this.#refused.get(name);
    if (was !== undefined && refused !== undefined && isSame(refused.wanted, wanted)) return refused.fault;
    const taken = await this.#listen(wanted);
    if (taken === undefined) this.#refused.delete(name);
    else this.#refused.set(name, { wanted, fault: taken });
    const now = this.#open.get(name);
    if (was === undefined || now === was) return taken;
    if (taken === undefined) this.#part(was);
    // It made room in vain.
    else if (now === undefined) await this.#listen({ ...was.wanted, port: was.door.port });
    return taken;
  }

  /** It listens no more, and what came through it is let finish. */
  #part(open: OpenDoor): void {
    const { door, wanted } = open;
    if (this.#open.get(wanted.name) === open) this.#open.delete(wanted.name);
    if (this.#parting.has(door)) return;
    this.#parting.add(door);
    const forget = (): void => void this.#parting.delete(door);
    door.close({ graceMs: partingMs }).then(forget, forget);
  }

  /** A door of ours that is wanted elsewhere is not in the way of another, nor of itself at another host. */
  #makeRoom(port: number): void {
    for (const [name, open] of this.#open) {
      const wanted = this.#wanted.get(name);
      if (open.door.port === port && wanted !== undefined && !isWhere(open, wanted)) this.#part(open);
    }
  }

  #asked(spec: FrontDoorSpec): readonly Wanted[] {
    const { host } = spec;
    const main: Wanted = {
      name: mainDoor,
      host,
      port: spec.port,
      place: spec.keys?.['port'] ?? spec.source,
      laidOut: false,
      // Routes are asked for with each request: a door outlives many versions of the file.
      decide: (head, door, client) => this.#requests.decide(head, this.#routes().main(head), door, client),
    };
    const own = this.#options
      .services()
      .filter((service) => service.isReachable)
      .map(({ name, spec: { publish, keys, source, role } }): Wanted => ({
        name,
        host,
        port: publish,
        place: keys['publish'] ?? source,
        laidOut: role === 'backend',
        decide: (head, door, client) => this.#requests.decide(head, this.#routeOwn(head, name), door, client),
      }));
    return [main, ...own];
  }

  /** App Engine's layer has a guard and words of its own for names that are not served (HP-45). */
  #routeOwn(head: RequestHead, service: string): Route {
    const route = this.#routes().own(head, service);
    return route.kind === 'forbidden' && this.#options.service(service)?.layer !== undefined
      ? { kind: 'service', service }
      : route;
  }

  #routes(): Router {
    if (this.#router !== undefined) return this.#router;
    const { host, routes, allowedHosts, dispatch } = this.#spec;
    const reachable = this.#reachable();
    const fallback = dispatch.length === 0 ? undefined : defaultModule(reachable.map(({ spec }) => spec));
    this.#router = new Router({
      host,
      services: reachable.map(({ name }) => name),
      routes,
      extraHosts: allowedHosts,
      ...(dispatch.length === 0 ? {} : { dispatch: this.#ruled(dispatch) }),
      ...(fallback === undefined ? {} : { fallback }),
    });
    return this.#router;
  }

  /** By the rules of `dispatch.yaml`. One that is passed over is told once. */
  #ruled(rules: FrontDoorSpec['dispatch']): (host: string, path: string) => string | undefined {
    const find = dispatchRules(rules);
    const told = new Set<string>();
    return (host, path) => {
      const { service, skipped } = find(host, path);
      if (skipped !== undefined && !told.has(skipped.url)) {
        told.add(skipped.url);
        this.#options.warn(`"${skipped.url}" is no rule for ${path}: what begins with /_ah/ is passed by.`);
      }
      return service;
    };
  }

  #reachable(): readonly Service[] {
    return this.#options.services().filter((service) => service.isReachable);
  }

  /** Opens one door, or gives the fault that says why it cannot be opened. */
  async #listen(wanted: Wanted): Promise<Fault | undefined> {
    const { outside, memory, requested } = this.#options;
    const { name, host, port, decide } = wanted;
    // A remembered port that is somebody else's by now is given up without a word; one that was asked for is not.
    const candidates = port === 'auto' ? [memory.get(name) ?? 0, 0] : [port];
    for (const candidate of candidates) {
      this.#makeRoom(candidate);
      try {
        const address = { host, port: candidate };
        const open = (): Promise<Door> =>
          outside.doors.open({
            host,
            port: candidate,
            decide: (head, client) => decide(head, address, client),
            ...(requested === undefined ? {} : { onRequest: requested }),
          });
        const door = await (candidate === 0
          ? openWhere(open, (free) => memory.isFree?.(name, free) ?? true)
          : open());
        address.port = door.port;
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

  async #doorFault({ name, host, place, laidOut }: Wanted, port: number, error: unknown): Promise<Fault> {
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
      {
        what,
        port,
        laidOut,
        ...(owner === undefined ? {} : { owner: `${owner.command} (pid ${owner.pid})` }),
      },
      facts,
    );
  }
}

function isSame(one: Wanted, other: Wanted): boolean {
  return one.host === other.host && one.port === other.port;
}

function isWhere({ door, wanted: { host, port } }: OpenDoor, wanted: Wanted): boolean {
  return wanted.host === host && (wanted.port === port || wanted.port === door.port);
}

/** The first door whose port will do. The others stay open until then, so that the system does not choose theirs again. */
async function openWhere(open: () => Promise<Door>, willDo: (port: number) => boolean): Promise<Door> {
  const passedBy: Door[] = [];
  try {
    for (;;) {
      const door = await open();
      if (passedBy.length === mostTries || willDo(door.port)) return door;
      passedBy.push(door);
    }
  } finally {
    for (const door of passedBy) await door.close();
  }
}

function shown(host: string): string {
  if (host === '127.0.0.1' || host === '::1' || host === '0.0.0.0' || host === '::')
    return host.includes(':') ? '[::1]' : '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}
