/** Which bundles exist, what each is made from, and what it may weigh. Data alone. */

export interface Bundle {
  /** The name below `dist/`, without `.js`. */
  readonly name: string;
  /** The entry, relative to the repository's top. */
  readonly source: string;
  /** Whether it runs in the extension host, where `vscode` can be required. */
  readonly editor: boolean;
  /** Upper bound of the minified file. Only for what is loaded while the editor starts. */
  readonly maxBytes?: number;
  /** It is a part of this bundle, which exports a function of its name: its own file only calls that. */
  readonly partOf?: string;
}

export const bundles: readonly Bundle[] = [
  // An extension host spends 5 ms on an empty extension and 41 to 54 on one megabyte of it: what is loaded at
  // activation stays small, and the other bundles are loaded on first use.
  { name: 'extension', source: 'src/extension/main.ts', editor: true, maxBytes: 150 * 1024 },
  { name: 'client', source: 'src/extension/client.ts', editor: true },
  { name: 'starter', source: 'src/config/detect/starter.ts', editor: false },
  { name: 'tooltip', source: 'src/view/tooltip.ts', editor: false },
  { name: 'parts', source: 'src/cli/parts.ts', editor: false },
  { name: 'worker', source: 'src/host/worker.ts', editor: false, partOf: 'parts' },
  // Of the worker and the command line alike, so that it is shipped once.
  { name: 'programs', source: 'src/node/programs.ts', editor: false },
  { name: 'server', source: 'src/language/main.ts', editor: false },
  { name: 'debug', source: 'src/debug/adapter.ts', editor: false },
  { name: 'cli', source: 'src/cli/main.ts', editor: false, partOf: 'parts' },
];
