/**
 * The one obvious fix of a fault, as a change of `runtimes.yaml`. Faults with several ways out, or none in the
 * config, have no fix here.
 *
 * Works on lines and leaves everything else in the file as it stands; a service written in another shape than one
 * key a line is left alone.
 */

export interface Fix {
  /** What the file says afterwards: `handshake: discover`. */
  readonly setting: string;
  /** What is replaced. Counted from one; an empty range is an insertion. */
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
  readonly text: string;
}

/** `line` is where the fault is shown, counted from one. */
export function fixOf(code: string, line: number, text: string): Fix | undefined {
  const lines = text.split(/\r?\n/);
  if (code === 'port-taken') return freePort(lines, line);
  return code === 'wrong-port' ? withSetting(lines, line, 'handshake', 'discover') : undefined;
}

const keyLine = /^(\s*)([\w.-]+|"[^"]*"|'[^']*'):(\s*)(.*?)(\s+#.*)?$/;

function freePort(lines: readonly string[], line: number): Fix | undefined {
  const [, indent = '', key = '', space = '', value = ''] = keyLine.exec(lines[line - 1] ?? '') ?? [];
  if (!/^(?:port|publish|minPort)$/.test(key) || !/^\d+$/.test(value)) return undefined;
  const free = key === 'minPort' ? '0' : 'auto';
  const column = indent.length + key.length + 1 + space.length + 1;
  return { setting: `${key}: ${free}`, line, column, endColumn: column + value.length, text: free };
}

/** Gives a key of the service around a line its value, whether it has one or not. */
function withSetting(lines: readonly string[], line: number, key: string, value: string): Fix | undefined {
  const block = serviceAround(lines, line);
  if (block === undefined) return undefined;
  const setting = `${key}: ${value}`;
  const there = block.keys.find((at) => keyLine.exec(lines[at] ?? '')?.[2] === key);
  if (there === undefined) {
    // Below the command, which every service has, or at the top of its keys.
    const command = block.keys.find((at) => /^\s*command:\s*[^\s|>]/.test(lines[at] ?? ''));
    const after = command ?? block.name;
    const column = (lines[after] ?? '').length + 1;
    const text = `\n${' '.repeat(block.indent)}${setting}`;
    return { setting, line: after + 1, column, endColumn: column, text };
  }
  const [, indent = '', , space = '', old = ''] = keyLine.exec(lines[there] ?? '') ?? [];
  if (old === value) return undefined;
  const column = indent.length + key.length + 1 + space.length + 1;
  return { setting, line: there + 1, column, endColumn: column + old.length, text: value };
}

interface Block {
  /** Index of the line with the service's name. */
  readonly name: number;
  /** Indices of the lines with its keys, and how far they are indented. */
  readonly keys: readonly number[];
  readonly indent: number;
}

function serviceAround(lines: readonly string[], line: number): Block | undefined {
  const top = lines.findIndex((each) => /^services:\s*(?:#.*)?$/.test(each));
  const first = lines.findIndex((each, at) => at > top && isContent(each));
  if (top < 0 || first < 0) return undefined;
  const width = indentOf(lines[first] ?? '');
  let name = Math.min(line, lines.length) - 1;
  while (name > top && !(isContent(lines[name] ?? '') && indentOf(lines[name] ?? '') <= width)) name -= 1;
  if (name <= top || indentOf(lines[name] ?? '') !== width || width === 0) return undefined;
  if (!/:\s*(?:#.*)?$/.test(lines[name] ?? '')) return undefined;
  const rest = lines.slice(name + 1);
  const end = rest.findIndex((each) => isContent(each) && indentOf(each) <= width);
  const within = (end < 0 ? rest : rest.slice(0, end)).map((text, at) => ({ text, at: at + name + 1 }));
  const content = within.filter(({ text }) => isContent(text));
  const indent = indentOf(content[0]?.text ?? '');
  const keys = content.filter(({ text }) => indentOf(text) === indent).map(({ at }) => at);
  return keys.length === 0 ? undefined : { name, keys, indent };
}

function isContent(line: string): boolean {
  return /^\s*[^\s#]/.test(line);
}

function indentOf(line: string): number {
  return /^ */.exec(line)?.[0].length ?? 0;
}
