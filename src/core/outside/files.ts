/** Files and folders, and how changes of them are told. */

import type { Disposable } from '../../base/disposable.ts';
import type { Exit } from './processes.ts';

export type FileKind = 'file' | 'folder';

export interface FileFacts {
  readonly kind: FileKind;
  readonly size: number;
  /** Since the epoch. */
  readonly modified: number;
}

/** What tells a file from what it was before. */
export interface FileStamp {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  /** Since the epoch. */
  readonly modified: number;
}

export interface Files {
  /** A new private file with this content; returns its absolute path. */
  temporary(content: Uint8Array): Promise<string>;
  /** Its text, or undefined when there is none. */
  read(path: string): Promise<string | undefined>;
  /** What stands at a path, links followed; undefined: nothing, something else, or nothing that we may see. Never throws. */
  kind(path: string): Promise<FileKind | undefined>;
  /** The same with what a static file's headers tell of it. */
  facts(path: string): Promise<FileFacts | undefined>;
  /** Its bytes, at most `limit` of them; undefined when there is none or it cannot be read. Never throws. */
  bytes(path: string, limit: number): Promise<Uint8Array | undefined>;
  /** The names in a folder, sorted; none where it cannot be read. Never throws. */
  names(folder: string): Promise<readonly string[]>;
  /**
   * The files below `root` that match one of `paths` and none of `ignore`, as for `Watcher`, sorted by their paths; links
   * to folders are followed, but in no circle. Never throws: what cannot be read is not there.
   */
  matching(options: {
    readonly root: string;
    readonly paths: readonly string[];
    readonly ignore: readonly string[];
  }): Promise<readonly FileStamp[]>;
  /** A file with this text and the folders above it, whole or not at all. Never throws; false when that failed. */
  write(path: string, text: string): Promise<boolean>;
  /** A folder and those above it. Never throws; false when that failed. */
  makeFolder(path: string): Promise<boolean>;
  /** A path without links in it, or undefined when nothing is there: for telling whether a file lies below a folder. */
  real(path: string): Promise<string | undefined>;
  /** Never throws; false when it could not be deleted. On Windows retries sharing violations (RP-19). */
  remove(path: string): Promise<boolean>;
  /** Runs a command to its end; resolves to its exit, or undefined after the time-out. */
  run(
    argv: readonly string[],
    cwd: string,
    env: Readonly<Record<string, string>>,
    timeoutMs: number,
  ): Promise<Exit | undefined>;
}

export interface Watcher {
  /** Tells of files that appear, change or go below `root` and match one of `paths` and none of `ignore`; globs are relative to `root`. */
  watch(options: {
    readonly root: string;
    readonly paths: readonly string[];
    readonly ignore: readonly string[];
    changed(path: string): void;
    /** Watching is not possible (any more): why. */
    failed(reason: string): void;
  }): Disposable;
}
