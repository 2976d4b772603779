/** What a command of a Node project runs: a script, something of its package manager, a tool. Looks at no file. */

import { programName } from '../common/line.ts';

export type NodeCommand =
  /** `node server.js`; `preloads` are the modules that options before it name. */
  | { readonly kind: 'script'; readonly script: string; readonly preloads: readonly string[] }
  /** `npm run dev`: `script` is a key of `scripts`. */
  | { readonly kind: 'run'; readonly manager: PackageManager; readonly script: string }
  /** A package manager with something else to do; `word` is what it is told first. */
  | { readonly kind: 'manager'; readonly manager: PackageManager; readonly word: string }
  /** A tool that a dependency brings: `vite`. */
  | { readonly kind: 'tool'; readonly name: string }
  /** Node with options that may mean anything. */
  | { readonly kind: 'unclear' };

export type PackageManager = 'npm' | 'pnpm' | 'yarn' | 'npx' | 'pnpx';

const managers: ReadonlySet<string> = new Set(['npm', 'pnpm', 'yarn', 'npx', 'pnpx']);

export function isNode(word: string): boolean {
  return /^node(?:js)?$/.test(programName(word));
}

export function readCommand(words: readonly [string, ...string[]]): NodeCommand {
  const [program, ...rest] = words;
  if (isNode(program)) return readNode(rest);
  const name = programName(program);
  return isManager(name) ? readManager(name, rest) : { kind: 'tool', name };
}

function isManager(name: string): name is PackageManager {
  return managers.has(name);
}

/** Flags that take the next word with them; each also has a form with `=`. */
const takesWord: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
  '-C',
  '--conditions',
  '--env-file',
  '--env-file-if-exists',
  '--title',
  '--icu-data-dir',
  '--openssl-config',
  '--watch-path',
  '--input-type',
  '--experimental-default-type',
  '--dns-result-order',
  '--unhandled-rejections',
  '--max-http-header-size',
  '--stack-trace-limit',
  '--trace-event-categories',
  '--diagnostic-dir',
  '--disable-warning',
  '--redirect-warnings',
  '--report-dir',
  '--report-directory',
  '--cpu-prof-dir',
]);
/** Flags that stand alone. Of any other, nobody knows whether it takes the next word with it. */
const alone =
  /^(?:--(?:inspect(?:-brk|-wait)?|watch|watch-preserve-output|enable-source-maps|trace-(?:deprecation|exit|gc|sigint|sync-io|tls|uncaught|warnings)|no-(?:addons|deprecation|warnings|experimental-[\w-]+)|experimental-(?:abortcontroller|fetch|import-meta-resolve|json-modules|modules|network-inspection|permission|repl-await|require-module|sqlite|strip-types|transform-types|vm-modules|wasi-unstable-preview1|wasm-modules|websocket|webstorage|worker)|throw-deprecation|pending-deprecation|preserve-symlinks(?:-main)?|expose-gc|expose_gc|use-(?:bundled-ca|openssl-ca|system-ca)|frozen-intrinsics|force-(?:context-aware|fips|node-api-uncaught-exceptions-policy)|abort-on-uncaught-exception|zero-fill-buffers|node-snapshot|verify-base-objects|insecure-http-parser|cpu-prof|heap-prof|report-(?:compact|on-fatalerror|on-signal|uncaught-exception)|allow-(?:addons|child-process|wasi|worker)|permission|jitless|interpreted-frames-native-stack)|--[\w-]+=.*)$/;
/** What is run does not stand in a file, or there is more than one. */
const noScript =
  /^(?:-e|--eval|-p|--print|-pe|-c|--check|-i|--interactive|-h|--help|-v|--version|--test|--run|-)$/;

const preloading: ReadonlySet<string> = new Set([
  '-r',
  '--require',
  '--import',
  '--loader',
  '--experimental-loader',
]);

function readNode(args: readonly string[]): NodeCommand {
  const preloads: string[] = [];
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (noScript.test(word) || /^--(?:eval|print|run|test)\b/.test(word)) return { kind: 'unclear' };
    if (word === '--') {
      const script = args[at + 1];
      return script === undefined ? { kind: 'unclear' } : { kind: 'script', script, preloads };
    }
    // The debugger in the terminal.
    if (word === 'inspect' || word === 'debug') return { kind: 'unclear' };
    if (!word.startsWith('-')) return { kind: 'script', script: word, preloads };
    const [flag, value] = splitOnce(word);
    if (value === undefined && takesWord.has(word)) at++;
    else if (!alone.test(word)) return { kind: 'unclear' };
    if (preloading.has(flag)) preloads.push(value ?? args[at] ?? '');
  }
  return { kind: 'unclear' };
}

function splitOnce(word: string): readonly [string, string?] {
  const at = word.indexOf('=');
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)];
}

/** Options by which a manager runs something in another package than that of its folder. */
const elsewhere =
  /^(?:-w[sr]*|-iwr|--workspaces?|--workspace-root|--include-workspace-root|--prefix|-C|--cwd|--dir|--filter|-F|-r|--recursive|--if-present)(?:=|$)/;

function readManager(manager: PackageManager, args: readonly string[]): NodeCommand {
  const [word = '', second] = args;
  const own = args.slice(0, args.includes('--') ? args.indexOf('--') : undefined);
  const other: NodeCommand = { kind: 'manager', manager, word: '' };
  if (manager === 'npx' || manager === 'pnpx' || own.some((each) => elsewhere.test(each))) return other;
  if (word === 'run' || word === 'run-script') {
    return second === undefined || second.startsWith('-') ? other : { kind: 'run', manager, script: second };
  }
  if (word === 'start' && manager === 'npm') return { kind: 'run', manager, script: 'start' };
  return { kind: 'manager', manager, word };
}

const ofNpm: ReadonlySet<string> = new Set(['test', 'stop', 'restart']);
const notScripts: ReadonlySet<string> = new Set(
  [
    'add audit cache ci config create dedupe deploy dlx exec fetch global i import info init install install-test it',
    'link list ln ls node outdated pack patch prune publish rebuild remove rm root run server set setup store unlink',
    'up update upgrade version why workspace workspaces x',
  ].flatMap((words) => words.split(' ')),
);

/** The script of a `package.json` that a manager runs, if it runs one. */
export function scriptRun(
  command: Extract<NodeCommand, { readonly kind: 'run' | 'manager' }>,
): string | undefined {
  if (command.kind === 'run') return command.script;
  const { manager, word } = command;
  return (manager === 'npm' ? ofNpm.has(word) : !notScripts.has(word)) ? word : undefined;
}

const resolving =
  /^--(?:require|import|(?:experimental-)?loader|es-module-specifier-resolution|experimental-specifier-resolution)(?:=|$)|^-r/;
const harmless = /^(?:dotenv|dotenv-flow|source-map-support)(?:$|\/)/;

/** Whether something that is loaded first may have Node find its script, and packages, in ways of its own. */
export function findsByItself(preloads: readonly string[], env: Readonly<Record<string, string>>): boolean {
  const options = (env['NODE_OPTIONS'] ?? '').split(/\s+/);
  return preloads.some((each) => !harmless.test(each)) || options.some((each) => resolving.test(each));
}
