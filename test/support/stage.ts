/** A whole runtime in the world whose clock is turned by hand, and what a reader of its stream sees. */

import type { Config, ServiceSpec } from '../../src/config/spec.ts';
import type { InstanceView, RuntimeEvent, RuntimeMessage, ServiceView } from '../../src/core/model.ts';
import type { Client, Decision, RequestHead } from '../../src/core/outside.ts';
import { Runtime } from '../../src/core/runtime.ts';
import type { Recipe } from '../../src/core/runtimes/recipe.ts';
import { applyMessage } from '../../src/protocol/snapshot.ts';
import { specOf } from './spec.ts';
import { type FakeChild, World } from './world.ts';

export class Stage {
  readonly world = new World();
  readonly runtime: Runtime;
  readonly events: RuntimeEvent[] = [];
  /** The lines of all instances as a terminal has them told: `api.0 listening`. */
  readonly told: string[] = [];
  config: Config;
  #snapshot;

  constructor(
    specs: readonly Partial<ServiceSpec>[],
    trusted = true,
    more: Partial<Config> = {},
    recipe?: Recipe,
  ) {
    this.config = this.configOf(specs, more);
    this.runtime = new Runtime({
      folder: '/w',
      outside: this.world,
      memory: { get: () => undefined, set: () => undefined },
      environment: { PATH: '/bin' },
      windows: false,
      trusted,
      pid: 4711,
      tag: 'tag1',
      load: () => this.config,
      logPath: (name) => `/logs/${name}.log`,
      workFolder: (service) => `/built/${service}`,
      platform: 'linux',
      ...(recipe === undefined ? {} : { recipeOf: () => recipe }),
      tap: {
        lines: (instance, lines) => this.told.push(...lines.map(({ text }) => `${instance} ${text}`)),
      },
    });
    this.#snapshot = this.runtime.snapshot();
    this.runtime.subscribe((message: RuntimeMessage) => {
      this.#snapshot = applyMessage(this.#snapshot, message);
      if (message.kind === 'event') this.events.push(message.event);
    });
  }

  configOf(specs: readonly Partial<ServiceSpec>[], more: Partial<Config> = {}): Config {
    return {
      files: ['/w/runtimes.yaml'],
      services: specs.map(specOf),
      frontDoor: { host: '127.0.0.1', port: 'auto', routes: {}, dispatch: [], allowedHosts: [] },
      problems: [],
      ...more,
    };
  }

  /** The config says something else from now on, and has been read again. */
  async become(...specs: readonly Partial<ServiceSpec>[]): Promise<void> {
    this.config = this.configOf(specs);
    await this.runtime.reload();
    await this.world.settle();
  }

  /** What the reader of the stream sees of the services. */
  service(name: string): ServiceView {
    const found = this.#snapshot.services.find((each) => each.name === name);
    if (found === undefined) throw new Error(`${name} is not in the snapshot.`);
    return found;
  }

  /** `db.0 RUNNING, api.0 STARTING`. */
  get states(): string {
    return this.#snapshot.services
      .flatMap((service) => service.instances.map((each) => `${each.name} ${each.state}`))
      .join(', ');
  }

  /** The lines of the journal, without time and level. */
  get journal(): readonly string[] {
    const text = this.world.logs.texts.get('/logs/main.log') ?? '';
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.slice('2026-01-31 09:05:07,042 INFO '.length));
  }

  /** The last child of an instance of ours, by the name of its service in `SERVICE` of its environment. */
  child(service: string): FakeChild {
    const found = this.world.children.findLast(({ plan }) => plan.env['SERVICE'] === service);
    if (found === undefined) throw new Error(`${service} was never spawned.`);
    return found;
  }

  /** The instance as a reader of the stream sees it. */
  view(name = 'api.0'): InstanceView {
    const found = this.#snapshot.services
      .flatMap((service) => service.instances)
      .find((each) => each.name === name);
    if (found === undefined) throw new Error(`${name} is not in the snapshot.`);
    return found;
  }

  names(): readonly string[] {
    return this.#snapshot.services.flatMap((service) => service.instances.map((each) => each.name));
  }

  moves(name = 'api.0'): readonly string[] {
    return this.events.flatMap((event) =>
      event.event === 'state' && event.instance === name ? [`${event.from} -> ${event.to}`] : [],
    );
  }

  async up(): Promise<this> {
    await this.runtime.start({ kind: 'all' });
    await this.world.settle();
    this.open();
    await this.world.pass(2);
    return this;
  }

  /** Every child listens on the port it was given. */
  open(): void {
    for (const { plan } of this.world.children) this.world.openPorts.add(Number(plan.env['PORT']));
  }

  /** What the door of a service (the main one without a name) decides about a request. */
  ask(head: Partial<RequestHead>, service?: string, client?: Client): Promise<Decision> {
    const services = this.config.services.map(({ name }) => name);
    const door = this.world.doorsOpened[service === undefined ? 0 : services.indexOf(service) + 1];
    if (door === undefined) throw new Error('That door is not open.');
    return Promise.resolve(
      door.decide(
        {
          method: 'GET',
          target: '/',
          version: '1.1',
          headers: [],
          remote: '127.0.0.1',
          upgrade: false,
          ...head,
        },
        client,
      ),
    );
  }
}
