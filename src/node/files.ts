/** Files and commands for the core. */

import { randomUUID } from 'node:crypto';
import {
  mkdir,
  mkdtemp,
  open,
  readdir,
  readFile,
  realpath,
  rm,
  stat,
  unlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Exit, Files } from '../core/outside.ts';
import { loadExeca } from './ask.ts';
import { codeOf } from './error-words.ts';
import { filesMatching } from './file-walk.ts';
import { signalGroup } from './kill.ts';
import { hostMark } from './process-table.ts';
import { removalWaits } from './removal.ts';
import { writeWhole } from './whole-file.ts';

export interface RealFiles extends Files {
  /** Ends what is being run, and deletes all temporary files. */
  close(): Promise<void>;
}

export interface FilesOptions {
  readonly platform?: NodeJS.Platform;
  /** Deletes one file or rejects; for telling what happens when a file cannot be deleted. */
  readonly unlink?: (path: string) => Promise<void>;
  readonly wait?: (ms: number) => Promise<void>;
  /** The host's mark, put into the environment of what is run, so that the guard and the last sweep find it. */
  readonly mark?: string;
}

export function createFiles(options: FilesOptions = {}): RealFiles {
  const platform = options.platform ?? process.platform;
  const deleteOne = options.unlink ?? unlink;
  const wait = options.wait ?? ((ms: number) => pause(ms));
  let folder: Promise<string> | undefined;
  const running = new Set<number>();

  return {
    async temporary(content) {
      folder ??= mkdtemp(join(tmpdir(), 'local-runtimes-')).catch((error: unknown) => {
        // The next one may have more luck.
        folder = undefined;
        throw error;
      });
      const path = join(await folder, randomUUID());
      await writeFile(path, content, { mode: 0o600, flag: 'wx' });
      return path;
    },
    async read(path) {
      try {
        return await readFile(path, 'utf8');
      } catch (error) {
        // A file that is there and closed to us is no text either; whoever asked goes on waiting for one.
        if (codeOf(error) === undefined) throw error;
        return undefined;
      }
    },
    async kind(path) {
      const found = await stat(path).catch(() => undefined);
      if (found?.isFile() === true) return 'file';
      return found?.isDirectory() === true ? 'folder' : undefined;
    },
    async facts(path) {
      const found = await stat(path).catch(() => undefined);
      if (found === undefined || (!found.isFile() && !found.isDirectory())) return undefined;
      const kind = found.isFile() ? 'file' : 'folder';
      return { kind, size: found.size, modified: found.mtimeMs };
    },
    async bytes(path, limit) {
      const handle = await open(path).catch(() => undefined);
      if (handle === undefined) return undefined;
      try {
        // A file that says it is empty may be a pipe or a device, and those would never end.
        const { size } = await handle.stat();
        const buffer = Buffer.alloc(Math.min(limit, size));
        const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
        return buffer.subarray(0, bytesRead);
      } catch {
        // A folder, or a file system that has gone: no bytes either way.
        return undefined;
      } finally {
        await handle.close();
      }
    },
    async names(path) {
      const names: readonly string[] = await readdir(path).catch(() => []);
      return names.toSorted((one, other) => (one < other ? -1 : 1));
    },
    matching: filesMatching,
    write: writeWhole,
    makeFolder: (path) =>
      mkdir(path, { recursive: true }).then(
        () => true,
        () => false,
      ),
    real: (path) => realpath(path).catch(() => undefined),
    async remove(path) {
      for (let attempt = 0; ; attempt += 1) {
        try {
          await deleteOne(path);
          return true;
        } catch (error) {
          const code = codeOf(error);
          if (code === 'ENOENT') return true;
          const ms = removalWaits(platform, code)[attempt];
          if (ms === undefined) return false;
          await wait(ms);
        }
      }
    },
    run: (argv, cwd, env, timeoutMs) =>
      run({
        argv,
        cwd,
        env: options.mark === undefined ? env : { ...env, [hostMark]: options.mark },
        timeoutMs,
        running,
      }),
    async close() {
      for (const pid of running) signalGroup(pid, 'SIGKILL');
      const made = folder;
      folder = undefined;
      if (made !== undefined) await rm(await made, { recursive: true, force: true });
    },
  };
}

interface Errand {
  readonly argv: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** The leaders of all that is under way. */
  readonly running: Set<number>;
}

async function run({ argv, cwd, env, timeoutMs, running }: Errand): Promise<Exit | undefined> {
  const { execa } = await loadExeca();
  const [program = '', ...args] = argv;
  const errand = execa(program, args, {
    cwd,
    env,
    extendEnv: false,
    stdio: 'ignore',
    reject: false,
    windowsHide: true,
    // A group of its own, so that what it started ends with it.
    detached: process.platform !== 'win32',
  });
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    if (errand.pid !== undefined) signalGroup(errand.pid, 'SIGKILL');
  }, timeoutMs);
  if (errand.pid !== undefined) running.add(errand.pid);
  const { exitCode, signal } = await errand;
  if (errand.pid !== undefined) running.delete(errand.pid);
  clearTimeout(limit);
  if (late) return undefined;
  // As a shell says it: what could not be run at all has failed with 127.
  if (exitCode === undefined && signal === undefined) return { code: 127 };
  return {
    ...(exitCode === undefined ? {} : { code: exitCode }),
    ...(signal === undefined ? {} : { signal }),
  };
}
