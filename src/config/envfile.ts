/**
 * Files of `KEY=VALUE` lines.
 *
 * Blank lines and lines that begin with `#` are skipped, `export ` before a key is allowed. A value without quotes
 * ends at ` #` and loses the blanks around it. In single quotes everything stands for itself; in double quotes `\n`,
 * `\t`, `\r`, `\"`, `\$` and `\\` are what they are in a shell or in C. Both may run over several lines. Nothing is expanded.
 */

export interface EnvFile {
  readonly values: Readonly<Record<string, string>>;
  /** Lines (1-based) that are none of this. */
  readonly strange: readonly number[];
}

const start = /[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*=[ \t]*/y;
const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '"': '"',
  '\\': '\\',
  $: '$',
  '`': '`',
  '\n': '',
};

export function parseEnvFile(source: string): EnvFile {
  const text = source.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const values = new Map<string, string>();
  const strange: number[] = [];
  let line = 1;
  for (let at = 0; at < text.length;) {
    const end = lineEnd(text, at);
    const content = text.slice(at, end).trim();
    start.lastIndex = at;
    const [head, key] = start.exec(text) ?? [];
    const read = head === undefined || at + head.length > end ? undefined : valueAt(text, at + head.length);
    if (read !== undefined && key !== undefined) {
      values.set(key, read.value);
    } else if (content !== '' && !content.startsWith('#')) {
      strange.push(line);
    }
    const next = Math.min(read === undefined ? end : read.end, text.length) + 1;
    line += text.slice(at, next).split('\n').length - 1;
    at = next;
  }
  return { values: Object.fromEntries(values), strange };
}

/** The value at an offset, and the end of the line it ends in; undefined for a quote that is never closed. */
function valueAt(text: string, at: number): { readonly value: string; readonly end: number } | undefined {
  const quote = text[at];
  if (quote !== '"' && quote !== "'") {
    const end = lineEnd(text, at);
    const [value = ''] = text.slice(at, end).split(/(?:^|[ \t])#/, 1);
    return { value: value.trim(), end };
  }
  let value = '';
  for (let index = at + 1; index < text.length; index++) {
    const letter = text[index] ?? '';
    if (letter === quote) {
      const end = lineEnd(text, index);
      const rest = text.slice(index + 1, end).trim();
      return rest === '' || rest.startsWith('#') ? { value, end } : undefined;
    }
    if (letter === '\\' && quote === '"') {
      const escaped = text[++index] ?? '';
      value += escapes[escaped] ?? `\\${escaped}`;
    } else {
      value += letter;
    }
  }
  return undefined;
}

function lineEnd(text: string, at: number): number {
  const end = text.indexOf('\n', at);
  return end === -1 ? text.length : end;
}
