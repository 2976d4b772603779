/**
 * Looks after running instances whose service says how to tell that they are fine (`health`).
 *
 * One look at a time for each instance, from RUNNING to the end of that life. An instance that was fine and fails
 * several looks in a row is unhealthy, which is told, and is started again if its restart policy lets it. One that
 * has never been fine is only told of: it may still be on its way, and starting it again would not bring it nearer.
 *
 * Restarts in a row are paced: each is waited for a little longer, and is not needed when a look is good meanwhile.
 */

import type { Disposable } from '../base/disposable.ts';
import type { Check } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { fault } from '../faults/make.ts';
import { nextCheckMs } from './handshake/schedule.ts';
import type { Instance } from './instance.ts';
import type { StateName } from './model.ts';
import type { Exit, Outside } from './outside.ts';
import { exitWords } from './process/words.ts';

export interface HealthOptions {
  readonly outside: Pick<Outside, 'clock' | 'sockets' | 'files'>;
  /** The environment that commands of checks inherit. */
  readonly inherited: Readonly<Record<string, string>>;
  /** Something has become healthy, or is no more. */
  readonly changed: () => void;
  /** A person is stopping it. */
  readonly isHalted: (instance: Instance) => boolean;
  /** Into the main log. */
  readonly say: (text: string) => void;
  readonly faulted: (fault: Fault) => void;
}

/** The looks at one life of one instance. */
interface Probe {
  readonly check: Check;
  readonly begun: number;
  over: boolean;
  /** It has been fine at least once. */
  wasFine: boolean;
  /** Failed looks in a row. */
  failures: number;
  told: boolean;
  /** Since when it has been healthy without a break. */
  fineSince: number | undefined;
  /** A restart that is waited for. */
  restart: Disposable | undefined;
  /** A line has matched `log`. */
  matched: boolean;
  timer: Disposable | undefined;
  tap: Disposable | undefined;
}

/** How much longer each restart in a row is waited for, and how long at most. */
const pauseMs = 1_000;
const longestPauseMs = 10_000;
/** Once it was healthy for so long, its next restart is the first one again. */
const forgottenAfterMs = 60_000;

export class Health {
  readonly #options: HealthOptions;
  readonly #probes = new Map<Instance, Probe>();
  /** Restarts in a row. */
  readonly #restarts = new WeakMap<Instance, number>();

  constructor(options: HealthOptions) {
    this.#options = options;
  }

  /** An instance has changed its state. */
  moved(instance: Instance, to: StateName): void {
    if (to === 'RUNNING') this.#begin(instance);
    else this.#end(instance);
  }

  /** Its definition may be another now. */
  renew(instance: Instance): void {
    const { health } = instance.spec;
    const probe = this.#probes.get(instance);
    if (JSON.stringify(probe?.check) === JSON.stringify(health)) return;
    this.#end(instance);
    if (instance.stateName === 'RUNNING') this.#begin(instance);
  }

  /** It is no more part of the config. */
  forget(instance: Instance): void {
    this.#end(instance);
  }

  #begin(instance: Instance): void {
    const { health: check } = instance.spec;
    if (check === undefined) return;
    const probe: Probe = {
      check,
      begun: this.#options.outside.clock.now(),
      over: false,
      wasFine: false,
      failures: 0,
      told: false,
      fineSince: undefined,
      restart: undefined,
      matched: false,
      timer: undefined,
      tap: undefined,
    };
    this.#probes.set(instance, probe);
    if (check.log !== undefined) {
      const pattern = new RegExp(check.log);
      probe.matched = instance.log.ofThisLife().some(({ text }) => pattern.test(text));
      probe.tap = instance.log.tap((lines) => {
        if (probe.matched || !lines.some(({ text }) => pattern.test(text))) return;
        probe.matched = true;
        probe.tap?.dispose();
      });
    }
    instance.note({ health: 'unknown' });
    // Whatever is being done to the instance in this breath is done first.
    void Promise.resolve().then(() => this.#look(instance, probe));
  }

  #end(instance: Instance): void {
    const probe = this.#probes.get(instance);
    if (probe === undefined) return;
    this.#probes.delete(instance);
    probe.over = true;
    probe.timer?.dispose();
    probe.tap?.dispose();
    probe.restart?.dispose();
    instance.note({ health: undefined });
  }

  async #look(instance: Instance, probe: Probe): Promise<void> {
    if (probe.over) return;
    const seen = await this.#findFault(instance, probe);
    if (probe.over) return;
    if (seen === undefined) this.#fine(instance, probe);
    else this.#failed(instance, probe, seen);
    // Telling may have ended it: an unhealthy one is started again.
    if (this.#probes.get(instance) !== probe) return;
    const { clock } = this.#options.outside;
    const { intervalMs } = probe.check;
    const pause = probe.wasFine ? intervalMs : nextCheckMs(clock.now() - probe.begun, intervalMs);
    probe.timer = clock.after(pause, () => void this.#look(instance, probe));
  }

  #fine(instance: Instance, probe: Probe): void {
    probe.failures = 0;
    probe.wasFine = true;
    probe.told = false;
    probe.restart?.dispose();
    if (instance.health === 'healthy') return;
    if (instance.fault?.code === 'unhealthy') this.#options.say(`${instance.name} is healthy again`);
    probe.fineSince = this.#options.outside.clock.now();
    instance.note({ health: 'healthy', fault: undefined });
    this.#options.changed();
  }

  #failed(instance: Instance, probe: Probe, seen: string): void {
    probe.failures += 1;
    const { failures, intervalMs } = probe.check;
    if (probe.told) return;
    // Before it was ever fine it is looked at more often, so there time counts instead of looks.
    const { clock } = this.#options.outside;
    const elapsed = clock.now() - probe.begun;
    const tooOften = probe.wasFine ? probe.failures >= failures : elapsed >= failures * intervalMs;
    if (!tooOften) return;
    probe.told = true;
    const fineMs = probe.fineSince === undefined ? 0 : clock.now() - probe.fineSince;
    if (fineMs >= forgottenAfterMs) this.#restarts.delete(instance);
    const before = this.#restarts.get(instance) ?? 0;
    const pause = Math.min(before * pauseMs, longestPauseMs);
    const raised = fault(
      'unhealthy',
      {
        instance: instance.name,
        times: probe.failures,
        seen,
        way: this.#wayOut(instance, probe, before, pause),
      },
      {
        service: instance.spec.name,
        instance: instance.name,
        places: [instance.spec.keys['health'] ?? instance.spec.source],
      },
    );
    instance.note({ health: 'unhealthy', fault: raised });
    this.#options.faulted(raised);
    this.#options.changed();
    if (!this.#mayRestart(instance, probe)) return;
    if (pause === 0) this.#restart(instance, before + 1);
    else probe.restart = clock.after(pause, () => this.#restart(instance, before + 1));
  }

  #restart(instance: Instance, inARow: number): void {
    // Somebody may have ordered its stop while it was waited for.
    if (this.#options.isHalted(instance)) return;
    this.#restarts.set(instance, inARow);
    instance.restart();
  }

  #mayRestart(instance: Instance, probe: Probe): boolean {
    return probe.wasFine && instance.spec.restart !== 'never' && !this.#options.isHalted(instance);
  }

  #wayOut(instance: Instance, probe: Probe, before: number, pause: number): string {
    if (this.#mayRestart(instance, probe)) {
      const longer = 'If it only needs longer, raise "timeout" or "failures" of its health check.';
      if (before === 0) return `It is restarted. ${longer}`;
      const often = before === 1 ? 'once' : `${before} times in a row`;
      return `It was restarted ${often}, and is again in ${pause / 1000} s if no check passes before. ${longer}`;
    }
    if (!probe.wasFine) return 'It has not been healthy since it started, so it is given more time.';
    return instance.spec.restart === 'never'
      ? 'It goes on running, since its "restart" is never.'
      : 'It is not restarted, since it is to be stopped.';
  }

  /** What speaks against the instance being fine, in words; undefined: nothing does. Never throws. */
  async #findFault(instance: Instance, probe: Probe): Promise<string | undefined> {
    const { check } = probe;
    try {
      if (check.log !== undefined && !probe.matched) return `no line has matched /${check.log}/ yet`;
      return (
        (await this.#tcpFault(instance, check)) ??
        (await this.#httpFault(instance, check)) ??
        (await this.#execFault(instance, check))
      );
    } catch (error) {
      return error instanceof Error ? error.message : String(error);
    }
  }

  async #tcpFault({ address }: Instance, { tcp, timeoutMs }: Check): Promise<string | undefined> {
    if (tcp !== true) return undefined;
    if (address === undefined) return 'it has no port';
    const { host, port } = address;
    const { clock, sockets } = this.#options.outside;
    const connects = await new Promise<boolean>((resolve, reject) => {
      const timer = clock.after(timeoutMs, () => resolve(false));
      sockets
        .canConnect(host, port)
        .then(resolve, reject)
        .finally(() => timer.dispose());
    });
    return connects ? undefined : `nothing accepts connections on port ${port}`;
  }

  async #httpFault({ address }: Instance, { http, timeoutMs }: Check): Promise<string | undefined> {
    if (http === undefined) return undefined;
    if (address === undefined) return 'it has no port';
    const { host, port } = address;
    const status = await this.#options.outside.sockets.httpStatus(host, port, http, timeoutMs);
    if (status === undefined) return `GET ${http} gave no answer within ${timeoutMs / 1000} s`;
    return status < 400 ? undefined : `GET ${http} answered ${status}`;
  }

  async #execFault({ address, spec }: Instance, { exec, timeoutMs }: Check): Promise<string | undefined> {
    if (exec === undefined) return undefined;
    const port = address?.port;
    const argv = port === undefined ? exec : exec.map((arg) => arg.replaceAll('{port}', String(port)));
    const env = {
      ...this.#options.inherited,
      ...spec.env,
      ...(port === undefined ? {} : { PORT: String(port) }),
    };
    const exit = await this.#options.outside.files.run(argv, spec.cwd, env, timeoutMs);
    return exit?.code === 0 ? undefined : `"${argv.join(' ')}" ${endingOf(exit, timeoutMs)}`;
  }
}

function endingOf(exit: Exit | undefined, timeoutMs: number): string {
  return exit === undefined ? `did not end within ${timeoutMs / 1000} s` : exitWords(exit);
}
