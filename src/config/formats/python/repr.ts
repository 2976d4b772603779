/** Texts as Python shows them, since Supervisor's messages are made by it. Knows no more of Python. */

const named: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** `repr` of a `str`: in single quotes unless it holds some and no double ones. */
export function repr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  let shown = '';
  for (const letter of text) {
    if (letter === quote) shown += `\\${quote}`;
    else shown += named[letter] ?? (printable(letter) ? letter : escaped(letter.codePointAt(0) ?? 0));
  }
  return `${quote}${shown}${quote}`;
}

function printable(letter: string): boolean {
  return letter === ' ' || !/[\p{C}\p{Z}]/u.test(letter);
}

function escaped(code: number): string {
  if (code < 0x100) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code < 0x1_0000) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
