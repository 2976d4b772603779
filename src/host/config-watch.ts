/**
 * Has a saved config file have an effect: looks after the files that the config was read from or only looked at, and after
 * those that its patterns would find now, and has it read again when one has changed, come or gone.
 *
 * What only tells that something may have happened are the folders; whether it has is seen from the files themselves.
 */

import { type FSWatcher, existsSync, statSync, watch } from 'node:fs';
import { basename, dirname, join, relative } from 'node:path';
import { type Disposable, disposable } from '../base/disposable.ts';
import { reasonOf } from '../node/error-words.ts';
import { folderNames } from '../node/folder-names.ts';
import { kindOfPath } from '../node/path-kind.ts';
import type { Home } from './home.ts';
import { realMachine } from './machine.ts';

/** Whoever writes several files, or one in pieces, is done after that. */
const settleMs = 100;

/** More sub folders than a project has, and fewer than a system lets be watched. */
const mostFolders = 500;

/**
 * Watches until it is disposed. A config that opens a server for Supervisor's tools is left to them: to `reread` and
 * `update` it must still be news. `say` takes a line for people.
 */
export function watchConfig(
  home: Pick<Home, 'api' | 'isServed' | 'sources' | 'runtime'>,
  folder: string,
  say: (line: string) => void,
): Disposable {
  const watchers = new Map<string, Watched>();
  let isOver = false;
  let isTold = false;
  let timer: NodeJS.Timeout | undefined;
  let busy = false;

  const fail = (error: unknown): void => {
    if (isTold) return;
    isTold = true;
    say(`Changes of the config are not noticed: ${reasonOf(error)}. "runtimes reload" has it read again.`);
  };
  const filesNow = (): Seen => {
    const { files, patterns } = home.sources();
    // What a machine may look at is meant for one reading, and used up by many.
    const machine = realMachine();
    const all = new Set([...files, ...patterns.flatMap((pattern) => machine.glob(pattern) ?? [])]);
    return new Map([...all].map((file) => [file, stampOf(file)]));
  };
  const follow = (): void => {
    const { files, patterns } = home.sources();
    const places = [...files, ...patterns.map(fixedPart)].map((path) => standing(dirname(path)));
    // What comes into a folder is told by that folder alone.
    const wanted = new Set([...places, ...files.filter(isFolder), ...patterns.flatMap(foldersOf)]);
    for (const [path, { watcher, identity }] of watchers) {
      if (wanted.has(path) && identity === identityOf(path)) continue;
      watchers.delete(path);
      watcher.close();
    }
    for (const path of wanted) {
      if (watchers.has(path)) continue;
      try {
        const identity = identityOf(path);
        const watcher = watch(path, { persistent: false }, (event, name) => {
          // It may be the folder itself that went, and another, even of the same number, that has its name by now.
          const watched = watchers.get(path);
          if (event === 'rename' && name === basename(path) && watched?.watcher === watcher)
            watched.identity = undefined;
          look();
        });
        watcher.on('error', fail);
        watchers.set(path, { watcher, identity });
      } catch (error) {
        fail(error);
      }
    }
  };
  const look = (): void => {
    if (isOver) return;
    timer ??= setTimeout(() => void compare(), settleMs);
  };
  const compare = async (): Promise<void> => {
    timer = undefined;
    if (busy) {
      look();
      return;
    }
    follow();
    const now = filesNow();
    const changed = differing(seen, now);
    seen = now;
    if (changed.length === 0 || home.isServed()) return;
    busy = true;
    try {
      const old = home.runtime.config;
      const before = new Set(old.services.map(({ name }) => name));
      await home.api.reload();
      const { config } = home.runtime;
      const added = config.services.filter(({ name }) => !before.has(name));
      // A name in a folder that was looked at is often nobody's business.
      const isRead = changed.some((file) => [...old.files, ...config.files].includes(file));
      if (isRead || JSON.stringify(old) !== JSON.stringify(config))
        say(`${changed.map((file) => near(folder, file)).join(', ')} has changed: ${newsOf(home, added)}.`);
    } catch (error) {
      say(`The config could not be read again: ${reasonOf(error)}.`);
    } finally {
      busy = false;
    }
    // An include that has just come brings its folder, and one that has left is no news when it changes. What was
    // written meanwhile still is.
    seen = new Map([...filesNow()].map(([file, stamp]) => [file, now.get(file) ?? stamp]));
    if (!isOver) follow();
  };

  let seen = filesNow();
  follow();
  return disposable(() => {
    isOver = true;
    clearTimeout(timer);
    for (const { watcher } of watchers.values()) watcher.close();
    watchers.clear();
  });
}

type Seen = Map<string, string>;

interface Watched {
  readonly watcher: FSWatcher;
  /** Of the folder that was opened, as its name may be another's later; undefined when it is known to be gone. */
  identity: string | undefined;
}

/** What tells a folder from one that was made in its place; empty when there is none. */
function identityOf(path: string): string {
  try {
    const { dev, ino, birthtimeNs } = statSync(path, { bigint: true });
    return `${dev} ${ino} ${birthtimeNs}`;
  } catch {
    // It is gone.
    return '';
  }
}

function differing(before: Seen, now: Seen): readonly string[] {
  const all = new Set([...before.keys(), ...now.keys()]);
  return [...all].filter((file) => before.get(file) !== now.get(file));
}

function newsOf({ runtime }: Pick<Home, 'runtime'>, added: readonly { readonly name: string }[]): string {
  const { problems, services } = runtime.config;
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  const count = `${services.length} ${services.length === 1 ? 'service' : 'services'}`;
  const wrong =
    errors === 0 ? '' : `, ${errors} ${errors === 1 ? 'error' : 'errors'} ("runtimes check" tells)`;
  const sleepers = new Set(
    runtime
      .snapshot()
      .services.filter(({ instances }) => instances.every(({ asleep }) => asleep === true))
      .map(({ name }) => name),
  );
  const names = added
    .map(({ name }) => name)
    .filter((name) => !sleepers.has(name))
    .join(' ');
  return `${count}${wrong}${names === '' ? '' : `; new, to be started with "runtimes start ${names}"`}`;
}

function stampOf(file: string): string {
  try {
    const { mtimeNs, size, ino } = statSync(file, { bigint: true });
    return `${mtimeNs} ${size} ${ino}`;
  } catch {
    // It is gone, or not there yet.
    return '';
  }
}

/** A pattern down to its first wild card, which may be the beginning of a name. */
function fixedPart(pattern: string): string {
  return pattern.replace(/[*?[].*$/, '*');
}

/** The folders that stand for the star of a pattern such as `/w/<any>/app.yaml`: the file may come into each. */
function foldersOf(pattern: string): readonly string[] {
  const [, above] = /^([^*?[]*)\/\*\/[^*?[/]+$/.exec(pattern) ?? [];
  if (above === undefined) return [];
  const names = folderNames(above) ?? [];
  return names
    .filter((name) => !name.startsWith('.') && name !== 'node_modules')
    .slice(0, mostFolders)
    .map((name) => join(above, name))
    .filter(isFolder);
}

function isFolder(path: string): boolean {
  return kindOfPath(path) === 'folder';
}

/** The folder itself, or the next one above it that is there, in which it would appear. */
function standing(path: string): string {
  let found = path;
  while (!existsSync(found) && dirname(found) !== found) found = dirname(found);
  return found;
}

function near(folder: string, file: string): string {
  const path = relative(folder, file);
  return path.startsWith('..') ? file : path;
}
