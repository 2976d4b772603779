/** How our log files are named, and which of an earlier run may be deleted (spec 6.9). Pure but for one lot drawn. */

import { folderOf } from '../../base/path.ts';
import type { Config, ServiceSpec, SupervisorSpec } from '../../config/spec.ts';
import type { LogPlan, Logs, Stream } from '../outside.ts';
import { filesOf, type InstanceLogs, logsOf } from '../process/logs.ts';

/** Enough for a day of ordinary output, and for one flood; the newest stays. */
const defaultBytes = 1024 ** 3;
/** As Supervisor's own main log has them by default. */
const mainLog = { maxBytes: 50 * 1024 ** 2, backups: 10 };

const defaultIdentifier = 'supervisor';

export class LogFiles {
  readonly #pathOf: (name: string) => string;
  readonly #supervisor: () => SupervisorSpec | undefined;
  /** Sets our names apart from those of an earlier run and of another supervisor beside us. */
  readonly #tag: string;

  /**
   * @param pathOf The absolute path of a log file of ours by its name without `.log`.
   * @param tag Letters and digits that no other run has.
   */
  constructor(pathOf: (name: string) => string, supervisor: () => Config['supervisor'], tag: string) {
    this.#pathOf = pathOf;
    this.#supervisor = supervisor;
    this.#tag = tag;
  }

  /** Where an instance's output goes; the definition is the effective one. */
  of(instance: string, spec: ServiceSpec): InstanceLogs {
    return logsOf(spec, {
      ours: () => ({ path: this.#pathOf(instance), maxBytes: defaultBytes, backups: 1 }),
      auto: (process, stream) => this.#auto(process, stream),
    });
  }

  /** The journal's file. */
  main(): LogPlan {
    const supervisor = this.#supervisor();
    const name = supervisor === undefined ? 'main' : 'supervisord';
    return supervisor?.logFile ?? { path: this.#pathOf(name), ...mainLog };
  }

  /** Every file that is written to for these. */
  all(instances: readonly { readonly name: string; readonly spec: ServiceSpec }[]): readonly string[] {
    const own = instances.flatMap(({ name, spec }) => {
      const { logFile, errorLogFile } = filesOf(this.of(name, spec));
      return [logFile, errorLogFile];
    });
    return [this.main().path, ...own].filter((path) => path !== undefined);
  }

  get identifier(): string {
    return this.#supervisor()?.identifier ?? defaultIdentifier;
  }

  /** Deletes the AUTO logs of earlier runs; gives the reasons for what could not be deleted (SV-63). */
  async sweep(logs: Logs): Promise<readonly string[]> {
    const supervisor = this.#supervisor();
    if (supervisor === undefined || supervisor.noCleanup) return [];
    return logs.sweep(this.#autoFolder, (name) => isAutoLog(name, supervisor.identifier));
  }

  get #autoFolder(): string {
    return this.#supervisor()?.childLogDir ?? folderOf(this.#pathOf('any'));
  }

  #auto(process: string, stream: Stream): string {
    return `${this.#autoFolder}/${process}-${stream}---${this.identifier}-${this.#tag}.log`;
  }
}

/** `<process>-<stdout|stderr>---<identifier>-<random>.log`, with the suffix of a rotation or without. */
export function isAutoLog(name: string, identifier: string): boolean {
  const [before, ...after] = name.split(`---${identifier}-`);
  return (
    before !== undefined &&
    /.-(?:stdout|stderr)$/.test(before) &&
    after.length === 1 &&
    /^[^\s-]+\.log(?:\.\d{1,4})?$/.test(after[0] ?? '')
  );
}
