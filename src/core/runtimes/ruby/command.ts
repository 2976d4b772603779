/** What a command of a Ruby project runs: a script or a tool, with or without Bundler. Looks at no file. */

import { isPath, programName } from '../common/line.ts';

export interface RubyCommand {
  /** It goes through `bundle exec`. */
  readonly bundled: boolean;
  /** Where in the words the interpreter stands, if it is named. */
  readonly rubyAt?: number;
  /** The script that the interpreter, or the shell, is given as a path. */
  readonly script?: string;
  /** A program to look for on the PATH. */
  readonly tool?: string;
}

function isRuby(word: string): boolean {
  return /^ruby(?:\d+(?:\.\d+)*)?w?$/.test(programName(word));
}

function isBundler(word: string): boolean {
  return /^bundler?(?:\d+(?:\.\d+)*)?$/.test(programName(word));
}

export function readCommand(words: readonly string[], from = 0): RubyCommand {
  const word = words[from] ?? '';
  if (from === 0 && isBundler(word)) {
    if (words[1] !== 'exec' || (words[2] ?? '-').startsWith('-')) return { bundled: false, tool: word };
    // What Bundler runs is among the gems, if it is not Ruby itself.
    const { tool: _gem, ...inner } = readCommand(words, 2);
    return { ...inner, bundled: true, ...(isPath(word) ? {} : { tool: word }) };
  }
  if (isRuby(word)) {
    const script = scriptOf(words.slice(from + 1));
    return { bundled: false, rubyAt: from, ...(script === undefined ? {} : { script }) };
  }
  return isPath(word) ? { bundled: false, script: word } : { bundled: false, tool: word };
}

const takesWord: ReadonlySet<string> = new Set([
  ...['-I', '-r', '-E', '--encoding', '--external-encoding', '--internal-encoding', '--enable', '--disable'],
]);
const alone =
  /^(?:-[wWUd]\d?|-[IrEWK].+|--(?:yjit|jit|mjit|rjit|verbose|(?:enable|disable|debug)[-=].+|debug)(?:=.*)?)$/;

/** The first word that is no option; undefined where options could mean anything. */
function scriptOf(args: readonly string[]): string | undefined {
  for (let at = 0; at < args.length; at++) {
    const word = args[at] ?? '';
    if (!word.startsWith('-')) return word;
    if (takesWord.has(word)) at++;
    else if (!alone.test(word)) return undefined;
  }
  return undefined;
}
