/**
 * Finds the dev server in a command, through package managers and their scripts, and puts the flag behind it that
 * tells its port. Where it is not sure what would become of the flag, it leaves the command alone.
 */

import { split } from 'shlex';
import { nameOf } from '../../base/path.ts';
import { isTool, programName } from '../recipe.ts';
import { type DevServer, devServerOf, tellsPort } from './dev-servers.ts';
import type { Folder } from './folder.ts';
import { isSpringBoot } from './java.ts';
import { scriptsOf } from './package-json.ts';

/** A dev server that a command comes down to. */
export interface Sighting {
  readonly server: DevServer;
  /** The command says which port it is to be. */
  readonly isTold: boolean;
  /** Words to be put in at this place of the command, so that it is told. */
  readonly at: number;
  readonly words: readonly string[];
}

/** The command with what tells its dev server the port; the same one where there is none, or where it tells it already. */
export function withPort(command: readonly string[], folder: Folder | undefined): readonly string[] {
  const seen = sightingIn(command, folder);
  return seen === undefined || seen.isTold ? command : command.toSpliced(seen.at, 0, ...seen.words);
}

/** Scripts that call scripts that call scripts: nobody means more of them. */
const deepest = 4;

export function sightingIn(
  command: readonly string[],
  folder: Folder | undefined,
  depth = 0,
): Sighting | undefined {
  const at = unwrapped(command);
  if (at === undefined || depth > deepest) return undefined;
  const script = scriptIn(command.slice(at));
  if (script !== undefined) {
    const text = folder === undefined ? undefined : scriptsOf(folder)?.get(script.name);
    if (text !== undefined) return throughScript(command, at, script, text, folder, depth);
    if (!script.orProgram) return undefined;
  }
  const first = script === undefined ? at : at + script.at;
  const program = nameOfProgram(command[first]);
  const rest = command.slice(first + 1);
  const server = isTool(command[first] ?? '')
    ? (quarkusJar(program, rest) ?? devServerOf(program, rest))
    : undefined;
  if (server === undefined || (server.sure === 'spring-boot' && !isOwnJar(rest, folder))) return undefined;
  const words = wordsFor(server, rest);
  // What stands behind is for somebody else, or is no option even where it looks like one.
  const dashes = rest.indexOf('--');
  const end = dashes === -1 ? command.length : first + 1 + dashes;
  return {
    server,
    isTold: words.length === 0 || tellsPort(server, rest),
    at: server.inFront === true ? first + 1 : end,
    words,
  };
}

/** What stands behind the port says more of it (`--strictPort`), and may have been said already. */
function wordsFor({ port = [] }: DevServer, rest: readonly string[]): readonly string[] {
  const last = port.findIndex((word) => word.includes('{port}'));
  return port.filter((word, index) => index <= last || !rest.includes(word));
}

interface Script {
  readonly name: string;
  /** Where its name stands, from the package manager on. */
  readonly at: number;
  /** What it is given needs a `--` before it. */
  readonly needsDashes: boolean;
  /** Where there is no such script, it is a program. */
  readonly orProgram: boolean;
}

function throughScript(
  command: readonly string[],
  from: number,
  { at, needsDashes }: Script,
  text: string,
  folder: Folder | undefined,
  depth: number,
): Sighting | undefined {
  const given = command.slice(from + at + 1);
  const dashes = given.indexOf('--');
  const added = needsDashes ? (dashes === -1 ? [] : given.slice(dashes + 1)) : given;
  // What npm takes for itself might say of another folder, or of none.
  if (needsDashes && given.slice(0, dashes === -1 ? given.length : dashes).length > 0) return undefined;
  const inner = wordsOf(text);
  if (inner === undefined) return undefined;
  const seen = sightingIn([...inner, ...added], folder, depth + 1);
  if (seen === undefined) return undefined;
  // Only behind its end can anything be put into a script from outside.
  if (!seen.isTold && seen.at < inner.length) return undefined;
  const words = needsDashes && dashes === -1 ? ['--', ...seen.words] : seen.words;
  return { ...seen, at: command.length - added.length + Math.max(0, seen.at - inner.length), words };
}

/** The last command of a script, which is where words go that are put behind it; undefined where that is not sure. */
export function wordsOf(script: string): readonly string[] | undefined {
  let words: readonly string[];
  try {
    words = split(script);
  } catch {
    // A quote is not closed: whoever runs it will say so.
    return undefined;
  }
  const last = words.slice(words.lastIndexOf('&&') + 1);
  return words.some((word) => /^(?:\|\|?|&|;|[<>].*|\d>.*)$|[;`]|\$\(/.test(word)) ? undefined : last;
}

/** Where the program stands behind assignments and those who only run another; undefined where it has a port from them. */
function unwrapped(command: readonly string[]): number | undefined {
  let at = 0;
  const program = (): string => nameOfProgram(command[at]);
  for (;;) {
    const before = at;
    if (program() === 'cross-env' || program() === 'env') at += 1;
    while (/^[A-Za-z_]\w*=/.test(command[at] ?? '')) {
      if (/^\w*PORT=/.test(command[at] ?? '')) return undefined;
      at += 1;
    }
    const next = command[at + 1] ?? '';
    if (['npx', 'bunx', 'pnpx'].includes(program())) {
      at += 1;
      while (['-y', '--yes', '-q', '--quiet', '--no-install'].includes(command[at] ?? '')) at += 1;
    } else if (['uv', 'poetry', 'pipenv', 'pdm', 'hatch'].includes(program()) && next === 'run') at += 2;
    else if (['bundle', 'bundler'].includes(program()) && next === 'exec') at += 2;
    else if (['python', 'pypy', 'php', 'ruby'].includes(interpreter(program()))) {
      let script = at + 1;
      while (/^-(?!m$|c$|W$|X$|r$|S$)/.test(command[script] ?? '')) script += 1;
      if (command[script] === '-m') script += 1;
      else if (/^-|^$/.test(command[script] ?? '')) return at;
      at = script;
    }
    if (at === before) return at;
  }
}

function interpreter(program: string): string {
  return program.replace(/[\d.]+$/, '');
}

function nameOfProgram(word = ''): string {
  return word.startsWith('-') ? word : programName(word);
}

/** The script that a package manager is asked for. */
function scriptIn(words: readonly string[]): Script | undefined {
  const [, first = '', second = ''] = words;
  const manager = nameOfProgram(words[0]);
  if (manager === 'npm') {
    if (['start'].includes(first)) return { name: first, at: 1, needsDashes: true, orProgram: false };
    return ['run', 'run-script', 'rum'].includes(first)
      ? { name: second, at: 2, needsDashes: true, orProgram: false }
      : undefined;
  }
  if (!['pnpm', 'yarn', 'bun'].includes(manager)) return undefined;
  const others = { needsDashes: false };
  if (first === 'run') return { ...others, name: second, at: 2, orProgram: manager !== 'pnpm' };
  if (['exec', 'dlx', 'x'].includes(first)) return { ...others, name: '', at: 2, orProgram: true };
  return first.startsWith('-') ? undefined : { ...others, name: first, at: 1, orProgram: true };
}

/** A jar of this project, of which it is known what is in it. */
function isOwnJar(rest: readonly string[], folder: Folder | undefined): boolean {
  const jar = (rest[rest.indexOf('-jar') + 1] ?? '').replace(/^\.\//, '');
  return folder !== undefined && /^(?:target|build\/libs)\/[^/]+\.jar$/.test(jar) && isSpringBoot(folder);
}

const quarkusPort: DevServer = {
  title: 'Quarkus',
  runtime: 'java',
  programs: ['java'],
  port: ['-Dquarkus.http.port={port}'],
  inFront: true,
  own: /^-Dquarkus\.http\.port=/,
};

function quarkusJar(program: string, rest: readonly string[]): DevServer | undefined {
  return program === 'java' && rest.some((word) => nameOf(word) === 'quarkus-run.jar')
    ? quarkusPort
    : undefined;
}
