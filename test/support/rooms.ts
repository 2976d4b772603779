/**
 * Which room of `src/` may import what: the table of ARCHITECTURE.md as data, and how it is read.
 *
 * The contract test judges by it, and the linter's rules are made from it, so that both always say the same.
 */

export interface Room {
  /** One sentence for whoever breaks the rule. */
  readonly because: string;
  /** Rooms it may import anything from. */
  readonly rooms: readonly string[];
  /** Rooms it may import types from, and only types. */
  readonly types: readonly string[];
  /** Packages it may import, by name. `vscode` counts as one. */
  readonly packages: readonly string[];
  /** Whether it may import Node's own modules. */
  readonly node: boolean;
  /** Single files that may import more than their room, each with a reason. */
  readonly exceptions?: Readonly<Record<string, Exception>>;
}

export interface Exception {
  readonly because: string;
  readonly rooms?: readonly string[];
  readonly packages?: readonly string[];
  /** Names of Node's modules, without `node:`. */
  readonly node?: readonly string[];
}

export const rooms: Readonly<Record<string, Room>> = {
  base: {
    because: 'base has no opinion and so needs nobody.',
    rooms: [],
    types: [],
    packages: [],
    node: false,
  },
  manifest: {
    because: 'manifest is ids and tables alone, read by tests and by the editor.',
    rooms: [],
    types: [],
    packages: [],
    node: false,
  },
  faults: {
    because: 'the fault catalogue is data that every mouth speaks from.',
    rooms: ['base'],
    types: [],
    packages: [],
    node: false,
  },
  config: {
    because: 'config reads texts; whoever has files hands them in.',
    rooms: ['base', 'faults'],
    types: [],
    packages: ['yaml', 'typebox', 'shlex'],
    node: false,
  },
  core: {
    because:
      'core decides and never performs: what it needs from outside is an interface in core/outside.ts.',
    rooms: ['base', 'faults', 'config'],
    types: [],
    packages: [],
    node: false,
  },
  node: {
    because: 'node performs what core decided, and has no opinions of its own.',
    rooms: ['base', 'faults', 'core'],
    types: [],
    packages: ['chokidar', 'execa', 'get-port', 'picomatch'],
    node: true,
  },
  protocol: {
    because: 'protocol carries plain values and must not pull a runtime into whoever only talks to one.',
    rooms: ['base', 'faults'],
    types: ['config', 'core'],
    // The parser of XML is for calls as Supervisor's tools make them.
    packages: ['vscode-jsonrpc', 'fast-xml-parser'],
    node: false,
  },
  view: {
    because: 'view makes plain data from a snapshot, for the editor and the terminal alike.',
    rooms: ['base'],
    types: ['protocol', 'faults'],
    packages: [],
    node: false,
  },
  language: {
    because: 'the language service computes; only its main talks to a stream.',
    rooms: ['base', 'faults', 'config'],
    types: [],
    packages: ['vscode-languageserver-textdocument'],
    node: false,
    exceptions: {
      'src/language/server.ts': {
        because: 'it registers the service with a connection that is handed in.',
        packages: ['vscode-languageserver'],
      },
      'src/language/main.ts': {
        because: 'it is the program: it opens the connection and reads files.',
        rooms: ['node'],
        packages: ['vscode-languageserver'],
        node: ['path', 'url'],
      },
    },
  },
  host: {
    because: 'a host puts the rooms together; the editor reaches it only through protocol.',
    rooms: ['base', 'faults', 'config', 'core', 'node', 'protocol', 'view'],
    types: [],
    packages: ['vscode-jsonrpc'],
    node: true,
  },
  cli: {
    because: 'the terminal runs a host in its own process, or talks to one.',
    rooms: ['base', 'faults', 'config', 'core', 'node', 'protocol', 'view', 'host'],
    types: [],
    packages: ['commander', 'vscode-jsonrpc'],
    node: true,
  },
  debug: {
    because: 'debugging reaches a runtime as every other client does, through protocol.',
    rooms: ['base', 'faults', 'protocol', 'view', 'manifest'],
    types: [],
    packages: ['@vscode/debugprotocol'],
    node: false,
  },
  extension: {
    because: 'the extension is the face: it shows and asks, and reaches core only through protocol.',
    rooms: ['base', 'faults', 'config', 'protocol', 'view', 'manifest', 'debug'],
    types: [],
    packages: ['vscode'],
    node: false,
    exceptions: {
      'src/extension/hosts.ts': {
        because: 'it starts the worker thread that is the runtime host and speaks with it.',
        packages: ['vscode-jsonrpc'],
        node: ['worker_threads', 'path', 'crypto'],
      },
      'src/extension/client.ts': {
        because: 'it is the language client, loaded when the first config file is opened.',
        packages: ['vscode-languageclient'],
      },
    },
  },
  build: {
    because: 'build makes what ships and what is generated; nothing that runs may need it.',
    rooms: ['config', 'faults', 'manifest'],
    types: [],
    packages: ['esbuild', '@vscode/vsce'],
    node: true,
  },
};

/** The room of a path below `src/`, or undefined for a file in none. */
export function roomOf(path: string): string | undefined {
  const [, room, ...rest] = path.split('/');
  return room !== undefined && rest.length > 0 && room in rooms ? room : undefined;
}

/** One import as it stands in a file. */
export interface Import {
  /** What stands between the quotes. */
  readonly target: string;
  /** Whether it leaves nothing behind when types are erased. */
  readonly typeOnly: boolean;
}

/** Finds what a source imports, in each of the forms that our sources may use. */
export function importsOf(source: string): Import[] {
  const code = source.replaceAll(/\/\*[\s\S]*?\*\/|^\s*\/\/.*$/gm, '');
  const statements = code.matchAll(/^\s*(?:import|export)\s+(type\s)?(?:[\w*\s{},$]+?\sfrom\s*)?'([^']+)'/gm);
  const calls = code.matchAll(/(typeof\s+)?\b(?:import|require)\(\s*'([^']+)'\s*\)/g);
  return [...statements, ...calls].map(([, type, target = '']) => ({ target, typeOnly: type !== undefined }));
}

/** What of a file's exception its imports do not use. An exception that nobody needs is a hole. */
export function idleParts(path: string, exception: Exception, imports: readonly Import[]): string[] {
  const targets = imports.map(({ target }) => target);
  const others = targets
    .filter((target) => target.startsWith('.'))
    .map((target) => roomOf(resolvePath(path, target)));
  return [
    ...(exception.rooms ?? []).filter((room) => !others.includes(room)),
    ...(exception.packages ?? []).filter((name) => !targets.map(packageOf).includes(name)),
    ...(exception.node ?? []).map((name) => `node:${name}`).filter((name) => !targets.includes(name)),
  ].map((part) => `${path} has an exception for "${part}" and does not use it.`);
}

/** The package that an import names: `vscode-jsonrpc` for `vscode-jsonrpc/node`, `@scope/name` for a scoped one. */
function packageOf(target: string): string {
  return target.split('/', target.startsWith('@') ? 2 : 1).join('/');
}

/** Why a file may not import something, or undefined when it may. `path` is below `src/`, with `/`. */
export function objection(path: string, { target, typeOnly }: Import): string | undefined {
  const name = roomOf(path);
  const room = name === undefined ? undefined : rooms[name];
  if (name === undefined || room === undefined) return `${path} is in no room.`;
  const extra = room.exceptions?.[path];
  const no = (what: string): string => `${path} imports ${what}, and may not: ${room.because}`;
  if (target.startsWith('node:')) {
    const allowed = room.node || (extra?.node?.includes(target.slice('node:'.length)) ?? false);
    return allowed ? undefined : no(`Node's "${target}"`);
  }
  if (!target.startsWith('.')) {
    const wanted = packageOf(target);
    const allowed = room.packages.includes(wanted) || (extra?.packages?.includes(wanted) ?? false);
    return allowed ? undefined : no(`the package "${wanted}"`);
  }
  const other = roomOf(resolvePath(path, target));
  if (other === undefined) return no(`"${target}", which is in no room`);
  if (other === name || room.rooms.includes(other) || (extra?.rooms?.includes(other) ?? false))
    return undefined;
  if (room.types.includes(other))
    return typeOnly ? undefined : no(`values of "${other}"; types alone are welcome`);
  return no(`from "${other}"`);
}

/** Resolves a relative import without asking a file system. */
function resolvePath(from: string, target: string): string {
  const parts = from.split('/').slice(0, -1);
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.') parts.push(part);
  }
  return parts.join('/');
}

interface Pattern {
  readonly regex: string;
  readonly message: string;
  readonly allowTypeImports?: true;
}

export interface LintOverride {
  readonly files: readonly string[];
  readonly rules: Readonly<Record<string, readonly [string, { readonly patterns: readonly Pattern[] }]>>;
}

/** All packages that some room may import: those the linter can tell from one another. */
const packages = [
  ...new Set(
    Object.values(rooms)
      .flatMap((room) => [room, ...Object.values(room.exceptions ?? {})])
      .flatMap((each) => each.packages ?? []),
  ),
].toSorted();

/** The table as rules of the linter, which says while one types what the contract test says later. */
export function lintOverrides(): LintOverride[] {
  return Object.entries(rooms).flatMap(([name, room]) => [
    override(`src/${name}/**`, patternsFor(name, room, {})),
    ...Object.entries(room.exceptions ?? {}).map(([path, extra]) =>
      override(path, patternsFor(name, room, extra)),
    ),
  ]);
}

function override(files: string, patterns: readonly Pattern[]): LintOverride {
  return { files: [files], rules: { 'eslint/no-restricted-imports': ['error', { patterns }] } };
}

function patternsFor(name: string, room: Room, extra: Partial<Exception>): Pattern[] {
  const others = Object.keys(rooms).filter((other) => other !== name);
  const open = [...room.rooms, ...(extra.rooms ?? [])];
  const closed = others.filter((other) => !open.includes(other) && !room.types.includes(other));
  const shut = packages.filter(
    (each) => !room.packages.includes(each) && !(extra.packages?.includes(each) ?? false),
  );
  const message = room.because;
  return [
    { regex: String.raw`^\.\.?/(.*/)?(${closed.join('|')})/`, message },
    ...room.types.map((other) => ({
      regex: String.raw`^\.\.?/(.*/)?${other}/`,
      message: `Only types of "${other}": ${message}`,
      allowTypeImports: true as const,
    })),
    {
      regex: `^(${shut.map((each) => each.replaceAll(/[/.]/g, String.raw`\$&`)).join('|')})(/.*)?$`,
      message,
    },
    // Which of Node's modules an exception may use is left to the contract test.
    ...(room.node || extra.node !== undefined ? [] : [{ regex: '^node:', message }]),
  ];
}
