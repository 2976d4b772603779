/** Watches files for the core. */

import { relative, resolve, sep } from 'node:path';
import { disposable } from '../base/disposable.ts';
import type { Watcher } from '../core/outside.ts';
import { reasonOf } from './error-words.ts';
import { globsOf } from './watch-globs.ts';

export interface RealWatcher extends Watcher {
  /** Ends all that is watched. */
  close(): Promise<void>;
}

export function createWatcher(): RealWatcher {
  const closers = new Set<() => Promise<void>>();
  return {
    watch(options) {
      const watching = begin(options);
      const close = async (): Promise<void> => {
        closers.delete(close);
        await watching.close();
      };
      closers.add(close);
      return disposable(() => void close());
    },
    async close() {
      await Promise.all([...closers].map((close) => close()));
    },
  };
}

type Watch = Parameters<Watcher['watch']>[0];

function begin(options: Watch): { close(): Promise<void> } {
  const { root } = options;
  const globs = globsOf(options.paths, options.ignore);
  const relativeOf = (path: string): string => relative(root, path).split(sep).join('/');
  let closed = false;
  let isTold = false;
  // Told once: a system that has no watches left says so for every single file.
  const fail = (error: unknown): void => {
    if (closed || isTold) return;
    isTold = true;
    options.failed(reasonOf(error));
  };
  // Loaded when something is to be watched, which most configs do not ask for.
  const ready = import('chokidar').then(({ watch }) => {
    const watcher = watch(
      globs.tops.map((top) => resolve(root, top)),
      {
        ignoreInitial: true,
        ignored: (path) => globs.isIdle(relativeOf(path)),
        // A file that is replaced by renaming another is one change, and not one that goes and one that comes.
        atomic: true,
        ignorePermissionErrors: true,
      },
    );
    watcher.on('all', (event, path) => {
      if (closed || event === 'addDir' || event === 'unlinkDir') return;
      if (globs.matches(relativeOf(path))) options.changed(path);
    });
    watcher.on('error', fail);
    return watcher;
  });
  ready.catch(fail);
  return {
    async close() {
      closed = true;
      await ready.then(
        (watcher) => watcher.close(),
        // It was told, and there is nothing to close.
        () => undefined,
      );
    },
  };
}
