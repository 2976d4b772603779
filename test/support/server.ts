/** One running browser-hosted VS Code: on loopback, with folders of its own, gone without a trace when stopped. */

import { randomBytes } from 'node:crypto';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { codeServer } from './code-server.ts';
import { Group, run } from './processes.ts';

export interface ServerOptions {
  /** Whether every workspace is trusted without asking. False leaves the question to the editor. */
  readonly trusting: boolean;
  /** Whether the page must bring a secret. Off for tests, which nobody else reaches in time to matter. */
  readonly withToken?: boolean;
  /** Lets the page name an extension to load from its folder and tests to run. Never where a person works. */
  readonly automation?: boolean;
  /** User settings on top of the quiet ones below. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Added to the environment of the server and so of the extension host. */
  readonly env?: Readonly<Record<string, string>>;
  /** Packed extensions to install before it starts. */
  readonly extensions?: readonly string[];
  /** Folders of extensions that are there before it starts, as if they had been installed. */
  readonly unpacked?: readonly string[];
}

/** What would otherwise pop up, phone home or move about in a picture. */
const quiet: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.enableExperiments': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'chat.disableAIFeatures': true,
  'telemetry.telemetryLevel': 'off',
  'update.mode': 'none',
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'git.openRepositoryInParentFolders': 'never',
  'editor.cursorBlinking': 'solid',
};

export class EditorServer {
  readonly port: number;
  readonly #group: Group;
  /** Its folder, with the data of the editor and of its extensions. */
  readonly home: string;
  readonly #token: string | undefined;

  private constructor(group: Group, port: number, home: string, token: string | undefined) {
    this.#group = group;
    this.port = port;
    this.home = home;
    this.#token = token;
  }

  /** Installs what is missing, starts the server on a free port and waits until it listens. */
  static async start(options: ServerOptions): Promise<EditorServer> {
    const program = await codeServer();
    const home = await mkdtemp(join(tmpdir(), 'local-runtimes-editor-'));
    const token = options.withToken === true ? randomBytes(16).toString('hex') : undefined;
    const folders = ['--server-data-dir', join(home, 'data'), '--extensions-dir', join(home, 'extensions')];
    // Without a template of its own it would send every local address through a proxy that this server has not got.
    const env = { ...process.env, VSCODE_PROXY_URI: '', ...options.env };
    try {
      await mkdir(join(home, 'data', 'data', 'User'), { recursive: true });
      await writeFile(
        join(home, 'data', 'data', 'User', 'settings.json'),
        JSON.stringify({ ...quiet, ...options.settings }, null, 2),
      );
      for (const folder of options.unpacked ?? []) {
        await cp(folder, join(home, 'extensions', basename(folder)), { recursive: true });
      }
      for (const vsix of options.extensions ?? []) {
        await run(
          process.execPath,
          [program, '--accept-server-license-terms', ...folders, '--install-extension', vsix],
          { env },
        );
      }
      const group = new Group(
        process.execPath,
        [
          program,
          ...[
            '--host',
            '127.0.0.1',
            '--port',
            '0',
            '--accept-server-license-terms',
            '--disable-telemetry',
            ...folders,
          ],
          ...(token === undefined ? ['--without-connection-token'] : ['--connection-token', token]),
          ...(options.automation === true ? ['--enable-smoke-test-driver'] : []),
          ...(options.trusting ? ['--disable-workspace-trust'] : []),
        ],
        { env },
      );
      const [, port] = await group.says(/Extension host agent listening on (\d+)/);
      return new EditorServer(group, Number(port), home, token);
    } catch (error) {
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  /** The page that opens `folder`; `payload` is what only a server with automation listens to. */
  url(folder: string, payload?: ReadonlyArray<readonly [string, string]>): string {
    const url = new URL(`http://127.0.0.1:${this.port}/`);
    if (this.#token !== undefined) url.searchParams.set('tkn', this.#token);
    url.searchParams.set('folder', folder.replaceAll('\\', '/'));
    if (payload !== undefined) url.searchParams.set('payload', JSON.stringify(payload));
    return url.href;
  }

  /** The last of what the server printed. That it cannot find the native logger's bindings is harmless. */
  get output(): string {
    return this.#group.output;
  }

  /** The server's process, whose death takes the extension host with it. */
  get pid(): number {
    const { pid } = this.#group;
    if (pid === undefined) throw new Error('The server has no process.');
    return pid;
  }

  /** The process ids of the extension hosts that run now. Linux only: it reads /proc. */
  async extensionHosts(): Promise<number[]> {
    const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const hosts = await Promise.all(
      pids.map(async (pid) => {
        const line = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
        const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '');
        const parent = Number(/^PPid:\s+(\d+)/m.exec(status)?.[1]);
        return line.includes('--type=extensionHost') && parent === this.pid ? Number(pid) : undefined;
      }),
    );
    return hosts.filter((pid) => pid !== undefined);
  }

  /** Ends the server with everything it started, and removes its folders. May be called twice. */
  async stop(): Promise<void> {
    await this.#group.stop();
    await rm(this.home, { recursive: true, force: true, maxRetries: 5 });
  }
}
