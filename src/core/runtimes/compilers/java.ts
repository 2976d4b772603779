/** What javac says is wrong, by itself or through Maven or Gradle, and where; and Kotlin's compiler. Pure. */

import type { CompilerMessage } from '../recipe.ts';
import { distinct, linesOf, messageAt, type Said } from './lines.ts';

export function javaMessages(printed: string, cwd: string): readonly CompilerMessage[] {
  const lines = linesOf(printed);
  const all = [...fromJavac(lines), ...fromMaven(lines), ...fromKotlin(lines), ...fromGradle(lines)];
  return distinct(all.map((said) => messageAt(cwd, said)));
}

/** The word for an error is one of the person's language. */
const head = /^(?:\[\w+\] )?(.+\.java):(\d+): (\p{L}[\p{L} ]*): (.+)$/u;
const warning = /^(?:warning|Warnung|avertissement|警告)$/iu;
const caret = /^\s*\^\s*$/u;

/** `A.java:3: error: ';' expected`, the source, a caret below its column, then perhaps what was looked for where. */
function fromJavac(lines: readonly string[]): readonly Said[] {
  return lines.flatMap((line, at): Said[] => {
    const [, file, row, severity, message] = head.exec(line) ?? [];
    if (file === undefined || row === undefined || message === undefined) return [];
    const rest = lines.slice(at + 1, at + 20);
    const next = rest.findIndex((each) => head.test(each) || /^\d+ \p{L}+$/u.test(each));
    const own = next === -1 ? rest : rest.slice(0, next);
    const pointer = own.findIndex((each) => caret.test(each));
    const said = { file, line: row, severity: warning.test(severity ?? '') ? 'warning' : 'error' } as const;
    if (pointer < 1) return [{ ...said, message }];
    // A message may be of several lines; the last one before the caret is the source.
    const more = [...own.slice(0, pointer - 1), ...detailsOf(own.slice(pointer + 1))];
    return [
      {
        ...said,
        column: (own[pointer] ?? '').indexOf('^') + 1,
        message: [message, ...more.map((each) => each.trim())].join('\n'),
      },
    ];
  });
}

function detailsOf(lines: readonly string[]): readonly string[] {
  const end = lines.findIndex((line) => !/^\s{2,}\S/u.test(line));
  return end === -1 ? lines : lines.slice(0, end);
}

/** `[ERROR] /w/A.java:[3,5] cannot find symbol`, and what is wrong with a pom. */
function fromMaven(lines: readonly string[]): readonly Said[] {
  const found: Said[] = [];
  let pom: string | undefined;
  for (const line of lines) {
    const [, level, text = ''] = /^\[(ERROR|FATAL|WARNING)\] ?(.*)$/u.exec(line) ?? [];
    if (level === undefined) continue;
    const severity = level === 'WARNING' ? 'warning' : 'error';
    pom = /((?:\/|[A-Za-z]:[\\/])[^()]*pom\.xml)\b/u.exec(text)?.[1] ?? pom;
    const [, file, row, column, message] = /^(.+\.\w+):\[(\d+),(\d+)\] ?(.+)$/u.exec(text) ?? [];
    const [, wrong, at, across] = /^\s*(.+?) @ .*?line (\d+), column (\d+)/u.exec(text) ?? [];
    const last = found.at(-1);
    if (file !== undefined && row !== undefined && message !== undefined) {
      found.push({ file, line: row, column, message, severity });
    } else if (wrong !== undefined && at !== undefined && pom !== undefined) {
      found.push({ file: pom, line: at, column: across, message: wrong, severity });
    } else if (last !== undefined && /^ {2,}\w+:/u.test(text)) {
      found[found.length - 1] = { ...last, message: `${last.message}\n${text.trim()}` };
    }
  }
  return found;
}

/** `e: file:///w/Main.kt:3:5 Unresolved reference`, and the older `e: /w/Main.kt: (3, 5): …`. */
function fromKotlin(lines: readonly string[]): readonly Said[] {
  return lines.flatMap((line): Said[] => {
    const [, kind, file, row, column, message] =
      /^([ew]): (?:file:\/\/)?(.+\.kts?):(?: \()?(\d+)(?::|, )(\d+)\)?:? (.+)$/u.exec(line) ?? [];
    if (file === undefined || row === undefined || message === undefined) return [];
    return [{ file, line: row, column, message, severity: kind === 'w' ? 'warning' : 'error' }];
  });
}

/** `Build file '/w/build.gradle' line: 12`, and some lines later what went wrong. */
function fromGradle(lines: readonly string[]): readonly Said[] {
  return lines.flatMap((line, at): Said[] => {
    const [, file, row] = /^Build file '(.+)' line: (\d+)$/u.exec(line) ?? [];
    if (file === undefined || row === undefined) return [];
    const reason = lines.indexOf('* What went wrong:', at);
    const message = (reason === -1 ? undefined : lines[reason + 1]) ?? 'The build file is wrong.';
    return [{ file, line: row, message }];
  });
}
