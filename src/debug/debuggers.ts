/**
 * Which debugger of the editor goes with which runtime, and what it is told. One row a runtime.
 *
 * The rows are what each extension's own documentation says of attaching to a process on this machine. Pure.
 */

import type { Equipment } from '../protocol/api.ts';

export interface DebuggerUse {
  /** The debug configuration, without its name. In its texts `{host}`, `{port}` and `{cwd}` are filled in. */
  readonly attach: Readonly<Record<string, unknown>> & { readonly type: string };
  /** The editor listens and each process calls it. */
  readonly listens?: true;
  /** Where the debugger comes from; absent: from VS Code itself, or nobody said. */
  readonly extension?: DebuggerExtension;
}

export interface DebuggerExtension {
  /** As the Marketplace has it. */
  readonly id: string;
  /** As people know it. */
  readonly title: string;
}

/** The rows of our own recipes. */
export const debuggerUses: ReadonlyMap<string, DebuggerUse> = new Map<string, DebuggerUse>([
  [
    'node',
    {
      attach: {
        type: 'node',
        address: '{host}',
        port: '{port}',
        cwd: '{cwd}',
        sourceMaps: true,
        skipFiles: ['<node_internals>/**'],
        // We attach to the next process ourselves; a debugger that tried by itself would wait for the old one.
        restart: false,
      },
    },
  ],
  [
    'python',
    {
      attach: { type: 'debugpy', connect: { host: '{host}', port: '{port}' }, justMyCode: true },
      extension: { id: 'ms-python.debugpy', title: 'Python Debugger' },
    },
  ],
  [
    'go',
    {
      attach: {
        type: 'go',
        mode: 'remote',
        host: '{host}',
        port: '{port}',
        cwd: '{cwd}',
        // Delve speaks the editor's protocol itself; the extension's older way in between is the default in old versions.
        debugAdapter: 'dlv-dap',
      },
      extension: { id: 'golang.go', title: 'Go' },
    },
  ],
  [
    'java',
    {
      attach: { type: 'java', hostName: '{host}', port: '{port}' },
      extension: { id: 'vscjava.vscode-java-debug', title: 'Debugger for Java' },
    },
  ],
  [
    'php',
    {
      attach: { type: 'php', hostname: '{host}', port: '{port}' },
      listens: true,
      extension: { id: 'xdebug.php-debug', title: 'PHP Debug' },
    },
  ],
  [
    'ruby',
    {
      attach: { type: 'rdbg', debugPort: '{host}:{port}', localfs: true },
      extension: { id: 'KoichiSasada.vscode-rdbg', title: 'VSCode rdbg Ruby Debugger' },
    },
  ],
]);

/** Ours, and what other extensions brought. */
export function usesWith(recipes: Equipment['recipes'] = []): ReadonlyMap<string, DebuggerUse> {
  const brought = recipes.flatMap(({ name, debug }): (readonly [string, DebuggerUse])[] => {
    if (debug === undefined) return [];
    const { attach, extension } = debug;
    const from = extension === undefined ? {} : { extension: { id: extension, title: extension } };
    return [[name, { attach, ...from }]];
  });
  return new Map([...brought, ...debuggerUses]);
}

/** What `{host}` and the others stand for. */
export interface DebuggerAddress {
  readonly host: string;
  readonly port: number;
  readonly cwd: string;
}

/** Fills the texts of a configuration, however deep. One that is nothing but `{port}` becomes the number. */
export function filled(
  attach: Readonly<Record<string, unknown>>,
  address: DebuggerAddress,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(Object.entries(attach).map(([key, value]) => [key, fill(value, address)]));
}

function fill(value: unknown, address: DebuggerAddress): unknown {
  if (value === '{port}') return address.port;
  if (typeof value === 'string') {
    return value.replaceAll(/\{(host|port|cwd)\}/g, (hole, key: string) => textOf(address, key) ?? hole);
  }
  if (Array.isArray(value)) return value.map((each: unknown) => fill(each, address));
  if (typeof value === 'object' && value !== null) return filled({ ...value }, address);
  return value;
}

function textOf({ host, port, cwd }: DebuggerAddress, key: string): string | undefined {
  if (key === 'host') return host;
  return key === 'port' ? String(port) : cwd;
}
