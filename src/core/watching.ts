/**
 * Restarts services when files change (`watch`): from a start to a stop, so also one that has crashed meanwhile or
 * has done its work.
 *
 * What a glob matches is the watcher's to know; here is decided who is watched, and what follows from a change.
 */

import type { Disposable } from '../base/disposable.ts';
import { resolvePath } from '../base/path.ts';
import type { ServiceSpec } from '../config/spec.ts';
import type { Fault } from '../faults/fault.ts';
import { fault } from '../faults/make.ts';
import type { Instance } from './instance.ts';
import type { Clock, Watcher } from './outside.ts';
import type { Roster } from './roster.ts';
import { isSkipped } from './runtimes/appengine/skipped.ts';
import { below } from './runtimes/own-build.ts';
import type { Service } from './service.ts';
import { dependentsOf } from './topology/order.ts';

export interface WatchingOptions {
  readonly clock: Clock;
  readonly watcher: Watcher;
  readonly roster: Roster;
  /** Every log file that we write, so that nothing restarts because of its own words. */
  readonly logFiles: () => readonly string[];
  /** A build of a service makes this file itself. */
  readonly isMade: (service: string, path: string) => boolean;
  /** A start of it was ordered and waits for others. */
  readonly isWaiting: (instance: Instance) => boolean;
  /** A person is stopping it, or has stopped it. */
  readonly isHalted: (instance: Instance) => boolean;
  /** Stops these and starts them again, in order. */
  readonly again: (instances: readonly Instance[], reason: string) => void;
  /** A line for the journal. */
  readonly say: (text: string) => void;
  readonly faulted: (fault: Fault) => void;
  /** A view of services has changed. */
  readonly shown: () => void;
}

/** What changes all the time and is nobody's source. */
const neverWatched = ['.git', 'node_modules', '__pycache__'].flatMap((name) => [
  `**/${name}`,
  `**/${name}/**`,
]);
/** What editors leave beside the files they write. */
const editorFiles = ['**/*.swp', '**/*~', '**/.#*', '**/.DS_Store'];

interface Watch {
  /** All it was begun with; another one is another watch. */
  readonly key: string;
  readonly watching: Disposable;
  timer: Disposable | undefined;
}

export class Watching {
  readonly #options: WatchingOptions;
  readonly #watches = new Map<Service, Watch>();
  /** Every log file of ours so far: one that has a new name is written to until its process is gone. */
  readonly #ownFiles = new Set<string>();
  #looking = false;
  #over = false;

  constructor(options: WatchingOptions) {
    this.#options = options;
  }

  /** States or definitions have changed: looks once, after all of this breath, who is to be watched. */
  consider(): void {
    if (this.#looking || this.#over) return;
    this.#looking = true;
    queueMicrotask(() => {
      this.#looking = false;
      if (!this.#over) this.#look();
    });
  }

  dispose(): void {
    this.#over = true;
    for (const service of [...this.#watches.keys()]) this.#end(service);
  }

  #look(): void {
    const there = new Set(this.#options.roster.services.values());
    for (const service of [...this.#watches.keys()]) if (!there.has(service)) this.#end(service);
    for (const service of there) {
      const { watch, cwd, build } = service.spec;
      const wanted = watch !== undefined && service.instances.some((each) => this.#isActive(each));
      const before = this.#watches.get(service);
      if (!wanted) {
        if (before !== undefined) this.#end(service);
        continue;
      }
      const key = JSON.stringify([watch, cwd, build]);
      if (before?.key === key) continue;
      this.#end(service);
      this.#begin(service, watch, key);
    }
    // Working out every path at every change is dear with hundreds of instances, and in vain where nothing is watched.
    if (this.#watches.size > 0) this.#noteOwnFiles();
  }

  /** It was started, and nobody has stopped it since. */
  #isActive(instance: Instance): boolean {
    if (this.#options.isHalted(instance)) return false;
    return instance.stateName !== 'STOPPED' || this.#options.isWaiting(instance);
  }

  #begin(service: Service, { paths, ignore }: NonNullable<ServiceSpec['watch']>, key: string): void {
    const { cwd: root, build } = service.spec;
    const outputs = build === undefined || build === false ? [] : build.outputs;
    // The watcher may fail before it has given itself.
    let failure: string | undefined;
    const watching = this.#options.watcher.watch({
      root,
      paths,
      // What is built for a start is none of its reasons.
      ignore: [...neverWatched, ...editorFiles, ...outputs.flatMap((path) => below(root, path)), ...ignore],
      changed: (path) => this.#changed(service, key, path),
      failed: (reason) => {
        failure = reason;
        this.#failed(service, reason);
      },
    });
    this.#watches.set(service, { key, watching, timer: undefined });
    if (failure === undefined) this.#blame(service, undefined);
  }

  #end(service: Service): void {
    const watch = this.#watches.get(service);
    if (watch === undefined) return;
    this.#watches.delete(service);
    watch.timer?.dispose();
    watch.watching.dispose();
  }

  /** It is a log file of ours, or what rotation has made of one. */
  #isOwn(path: string): boolean {
    this.#noteOwnFiles();
    const settled = resolvePath(path, '.');
    return this.#ownFiles.has(settled) || this.#ownFiles.has(settled.replace(/\.\d+$/u, ''));
  }

  #noteOwnFiles(): void {
    for (const path of this.#options.logFiles()) this.#ownFiles.add(resolvePath(path, '.'));
  }

  #changed(service: Service, key: string, path: string): void {
    const watch = this.#watches.get(service);
    const debounceMs = service.spec.watch?.debounceMs ?? 0;
    if (watch?.key !== key || this.#isOwn(path) || isSkipped(service.spec, path)) return;
    if (this.#options.isMade(service.name, resolvePath(path, '.'))) return;
    watch.timer?.dispose();
    watch.timer = this.#options.clock.after(debounceMs, () => this.#restart(service, path));
  }

  #restart(service: Service, path: string): void {
    const { roster, again, say } = this.#options;
    // Its way of scaling may say that not all of them are to start again (spec 3.12).
    const meant = service.dispatch.filesChanged() ?? service.instances;
    const own = service.instances.filter((each) => meant.includes(each) && this.#isActive(each));
    const others = service.spec.watch?.cascade === true ? dependentsOf(service.name, roster.specs) : [];
    const cascaded = others.flatMap((name) =>
      (roster.services.get(name)?.instances ?? []).filter(
        (each) => !this.#options.isHalted(each) && (!each.isAtRest || this.#options.isWaiting(each)),
      ),
    );
    if (own.length + cascaded.length === 0) return;
    const names = [...new Set([...own, ...cascaded].map((each) => each.spec.name))];
    say(`restarting ${names.join(', ')}: ${path} has changed`);
    again([...own, ...cascaded], `${path} has changed`);
  }

  #failed(service: Service, reason: string): void {
    const { spec, name } = service;
    const raised = fault(
      'cannot-watch',
      { service: name, reason },
      { service: name, places: [spec.keys['watch'] ?? spec.source] },
    );
    this.#blame(service, raised);
    this.#options.faulted(raised);
  }

  #blame(service: Service, raised: Fault | undefined): void {
    if (service.watchFault === raised) return;
    service.watchFault = raised;
    this.#options.shown();
  }
}
