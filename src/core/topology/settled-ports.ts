/**
 * The ports of all processes of an application, known before the first of them starts: as the layout has them, else
 * chosen all at once, so that each child can be told all of them (spec 5.2).
 */

import type { ServiceSpec } from '../../config/spec.ts';
import { handshakes } from '../handshake/launch.ts';
import type { Sockets } from '../outside.ts';

export class SettledPorts {
  readonly #sockets: Pick<Sockets, 'freePort'>;
  readonly #specs: () => readonly ServiceSpec[];
  /** By instance; only those that the layout leaves to us. */
  readonly #chosen = new Map<string, number>();
  #settling: Promise<void> | undefined;

  constructor(sockets: Pick<Sockets, 'freePort'>, specs: () => readonly ServiceSpec[]) {
    this.#sockets = sockets;
    this.#specs = specs;
  }

  /** Chooses what is not chosen yet. Rejects when ports run out. */
  async settle(): Promise<void> {
    // Those that come while ports are being looked for may be others.
    while (this.#settling !== undefined) await this.#settling.catch(() => undefined);
    if (this.#open().length === 0) return;
    this.#settling = this.#choose().finally(() => {
      this.#settling = undefined;
    });
    await this.#settling;
  }

  /** Undefined for what is no part of an application, and for a child that chooses its port itself. */
  portOf(service: string, index: number): number | undefined {
    const spec = this.#specs().find(({ name }) => name === service);
    if (spec === undefined || !isLaidOut(spec)) return undefined;
    return fixedPort(spec, index) ?? this.#chosen.get(`${service}.${index}`);
  }

  /** It has had to take another one. */
  moved(service: string, index: number, port: number): void {
    if (this.#chosen.has(`${service}.${index}`)) this.#chosen.set(`${service}.${index}`, port);
  }

  async #choose(): Promise<void> {
    const taken = new Set([...this.#fixed(), ...this.#chosen.values()]);
    for (const instance of this.#open()) {
      let port = await this.#sockets.freePort();
      while (taken.has(port)) port = await this.#sockets.freePort();
      taken.add(port);
      this.#chosen.set(instance, port);
    }
  }

  /** Who needs a port and has none. */
  #open(): readonly string[] {
    return this.#specs()
      .filter(isLaidOut)
      .flatMap((spec) =>
        indices(spec)
          .filter((index) => fixedPort(spec, index) === undefined)
          .map((index) => `${spec.name}.${index}`),
      )
      .filter((instance) => !this.#chosen.has(instance));
  }

  #fixed(): readonly number[] {
    return this.#specs().flatMap((spec) => indices(spec).flatMap((index) => fixedPort(spec, index) ?? []));
  }
}

/** The port that the definition gives an instance. */
export function fixedPort({ ports, port }: ServiceSpec, index: number): number | undefined {
  const own = ports?.[index];
  if (own !== undefined && own !== 0) return own;
  return port === 'auto' || port === 0 ? undefined : port;
}

/** That port is from a layout, not from a key of its own. */
export function fromLayout({ ports }: ServiceSpec, index: number): boolean {
  return (ports?.[index] ?? 0) !== 0;
}

/** It is part of an application, and is given its port. */
function isLaidOut({ role, handshake }: ServiceSpec): boolean {
  return role !== 'service' && handshakes[handshake].givesPort;
}

function indices({ instances }: ServiceSpec): readonly number[] {
  return Array.from({ length: instances }, (_, index) => index);
}
