/**
 * Regular expressions as Python's `re` writes them, and its templates that take groups of a match.
 *
 * Most of the two languages is the same. What differs is translated; what JavaScript cannot say is a problem, told as
 * a reason in words, and so is what would be matched for longer than anybody waits. Knows nothing of what the patterns are for.
 */

import { slownessOf } from './slow-pattern.ts';

/** Half a sentence, such as `it has a condition on a group, which cannot be translated`. */
export interface PatternProblem {
  readonly problem: string;
}

/** A pattern that must match the whole text, as `re.fullmatch` does. `rest`: one more group at the end, of whatever follows. */
export function wholePattern(text: string, rest = ''): RegExp | PatternProblem {
  const translated = translate(text);
  if ('problem' in translated) return translated;
  try {
    // Without the flag `u`, JavaScript forgives the same needless backslashes as Python does.
    const pattern = new RegExp(`^(?:${translated.source})${rest}$`, translated.flags);
    const problem = slownessOf(pattern);
    return problem === undefined ? pattern : { problem };
  } catch (error) {
    return { problem: reasonOf(error) };
  }
}

/** Longer than any path is; a pattern such as `.*.*x` takes a power of the length. */
const longestPath = 1000;

/** Whether a path begins with what one of these matches, as Python's `re.match` has it; what is no pattern matches nothing. */
export function beginningOf(texts: readonly string[]): (path: string) => boolean {
  const patterns = texts.flatMap((text) => {
    const pattern = wholePattern(text, '[^]*');
    return 'problem' in pattern ? [] : [pattern];
  });
  return (path) => path.length <= longestPath && patterns.some((pattern) => pattern.test(path));
}

/** What is wrong with a template for a pattern, or undefined: each group that it names must be one of the pattern's. */
export function templateProblem(template: string, pattern: RegExp): PatternProblem | undefined {
  // An empty alternative matches anything, and tells of all groups.
  const groups = new RegExp(`${pattern.source}|`, pattern.flags).exec('');
  if (groups === null) return undefined;
  for (const [, named, number] of template.matchAll(reference)) {
    const name = named ?? number;
    if (name === undefined) continue;
    const known = /^\d+$/u.test(name)
      ? Number(name) < groups.length
      : groups.groups !== undefined && name in groups.groups;
    if (!known) return { problem: `there is no group ${name} in ${JSON.stringify(pattern.source)}` };
  }
  return undefined;
}

/** A template with `\1` and `\g<name>` put in, as `match.expand` does. A group that did not take part is empty. */
export function expandTemplate(template: string, match: RegExpExecArray): string {
  if (!template.includes('\\')) return template;
  return template.replaceAll(reference, (whole: string, named?: string, number?: string, other?: string) => {
    const name = named ?? number;
    if (name !== undefined) return (/^\d+$/u.test(name) ? match[Number(name)] : match.groups?.[name]) ?? '';
    return other === '\\' ? other : whole;
  });
}

const reference = /\\(?:g<([^>]*)>|([1-9]\d?)|([^]))/gu;

function translate(text: string): { readonly source: string; readonly flags: string } | PatternProblem {
  let source = '';
  let flags = '';
  for (let at = 0; at < text.length;) {
    const piece = pieceAt(text, at);
    if ('problem' in piece) return piece;
    source += piece.source;
    for (const flag of piece.flags ?? '') if (!flags.includes(flag)) flags += flag;
    at = piece.end;
  }
  return { source, flags };
}

interface Piece {
  readonly source: string;
  readonly end: number;
  readonly flags?: string;
}

function pieceAt(text: string, at: number): Piece | PatternProblem {
  const found = (pattern: RegExp): RegExpExecArray | undefined => {
    pattern.lastIndex = at;
    return pattern.exec(text) ?? undefined;
  };
  const escaped = found(/\\([^])/uy);
  if (escaped !== undefined) {
    const end = at + escaped[0].length;
    if (escaped[1] === 'A') return { source: '(?<![^])', end };
    if (escaped[1] === 'Z') return { source: '(?![^])', end };
    return { source: escaped[0], end };
  }
  // A bracket that stands first in a class is meant as itself.
  const set = found(/\[(\^?)(\]?)((?:\\[^]|[^\]\\])*)\]/uy);
  if (set !== undefined) {
    const [whole, not = '', bracket = '', members = ''] = set;
    return { source: `[${not}${bracket === '' ? '' : '\\]'}${members}]`, end: at + whole.length };
  }
  const upTo = found(/\{,(\d+)\}/uy);
  if (upTo !== undefined) return { source: `{0,${upTo[1] ?? ''}}`, end: at + upTo[0].length };
  if (!text.startsWith('(?', at)) return { source: text[at] ?? '', end: at + 1 };
  return groupAt(at, found);
}

function groupAt(
  at: number,
  found: (pattern: RegExp) => RegExpExecArray | undefined,
): Piece | PatternProblem {
  const named = found(/\(\?P<(\w+)>/uy);
  if (named !== undefined) return { source: `(?<${named[1] ?? ''}>`, end: at + named[0].length };
  const again = found(/\(\?P=(\w+)\)/uy);
  // In brackets, so that a digit behind it is a digit.
  if (again !== undefined) return { source: `(?:\\k<${again[1] ?? ''}>)`, end: at + again[0].length };
  const comment = found(/\(\?#[^)]*\)/uy);
  if (comment !== undefined) return { source: '(?:)', end: at + comment[0].length };
  const switches = found(/\(\?([aiLmsux]+)\)/uy);
  if (switches !== undefined) {
    const letters = switches[1] ?? '';
    if (letters.includes('x')) return { problem: 'its verbose form, (?x), cannot be translated' };
    return { source: '', end: at + switches[0].length, flags: letters.replaceAll(/[aLu]/gu, '') };
  }
  if (found(/\(\?\(/uy) !== undefined) {
    return { problem: 'it has a condition on a group, which cannot be translated' };
  }
  return { source: '(?', end: at + 2 };
}

/** What is wrong with a pattern, as a clause about it. */
export function patternClause({ problem }: PatternProblem): string {
  return problem.startsWith('it ') ? problem : `it is no regular expression (${problem})`;
}

/** V8 says `Invalid regular expression: /…/: Unterminated group`. */
function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return message.replace(/^Invalid regular expression: .*: /su, '');
}
