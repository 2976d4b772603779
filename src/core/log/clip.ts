/** Evidence goes with every message about a fault, so it is kept short; the log has all of it. */

const lineChars = 2_000;
const allChars = 16_000;

/** The last lines that fit, each cut at a length that still says what it is. */
export function clipped(lines: readonly string[]): readonly string[] {
  const kept: string[] = [];
  let chars = 0;
  for (const line of lines.toReversed()) {
    const text = line.length > lineChars ? `${line.slice(0, lineChars)} …` : line;
    chars += text.length + 1;
    if (chars > allChars && kept.length > 0) break;
    kept.push(text);
  }
  return kept.toReversed();
}
