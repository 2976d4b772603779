/** `go run …` taken apart, so that the same can be built once and run as often as needed. Pure. */

/** What `go run` was asked for. */
export interface GoRun {
  /** The go command, as written. */
  readonly program: string;
  /** Flags of the build. */
  readonly flags: readonly string[];
  /** A package, or files. */
  readonly packages: readonly [string, ...string[]];
  /** For the program itself. */
  readonly args: readonly string[];
}

const withoutValue: ReadonlySet<string> = new Set([
  ...['a', 'asan', 'cover', 'i', 'linkshared', 'modcacherw', 'msan', 'race', 'trimpath', 'v', 'work', 'x'],
  'buildvcs',
]);
const withValue: ReadonlySet<string> = new Set([
  ...['asmflags', 'buildmode', 'compiler', 'covermode', 'coverpkg', 'gccgoflags', 'gcflags', 'installsuffix'],
  ...['ldflags', 'mod', 'modfile', 'overlay', 'p', 'pgo', 'pkgdir', 'tags', 'toolexec'],
]);

/**
 * Undefined for every other command, and where running means more than building and then starting: under another
 * program (`-exec`), in another folder (`-C`), or a package that is fetched (`example.com/x@latest`).
 */
export function readGoRun(words: readonly string[]): GoRun | undefined {
  const [program, verb, ...rest] = words;
  if (program === undefined || verb !== 'run') return undefined;
  const flags: string[] = [];
  let at = 0;
  for (; rest[at]?.startsWith('-') === true; at += 1) {
    const word = rest[at] ?? '';
    const [, name = '', value] = /^--?([^=]+)(=.*)?$/u.exec(word) ?? [];
    flags.push(word);
    if (value !== undefined ? withValue.has(name) || withoutValue.has(name) : withoutValue.has(name))
      continue;
    const next = rest[at + 1];
    if (value !== undefined || !withValue.has(name) || next === undefined) return undefined;
    flags.push(next);
    at += 1;
  }
  const first = rest[at];
  if (first === undefined || first.includes('@')) return undefined;
  const files = rest.slice(at).findIndex((word) => !word.endsWith('.go'));
  const count = first.endsWith('.go') ? (files === -1 ? rest.length - at : files) : 1;
  const packages = rest.slice(at + 1, at + count);
  return { program, flags, packages: [first, ...packages], args: rest.slice(at + count) };
}
