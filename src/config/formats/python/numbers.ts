/** Numbers as Python's `int` reads them. */

/** `int(text)`: blanks around it and underscores within it are fine; undefined for what Python refuses. */
export function decimal(text: string): number | undefined {
  const written = text.trim();
  if (!/^[+-]?\d+(?:_\d+)*$/.test(written)) return undefined;
  return Number(written.replaceAll('_', ''));
}

/** `int(text, 8)`: `022` and `0o22` alike. */
export function octal(text: string): number | undefined {
  const written = text.trim();
  if (!/^[+-]?(?:0[oO]_?)?[0-7]+(?:_[0-7]+)*$/.test(written)) return undefined;
  return Number.parseInt(written.replace(/0[oO]/, '').replaceAll('_', ''), 8);
}
