/** Takes terminal escapes out of a line, for places that show plain text. */

// CSI sequences (colours, cursor), OSC sequences up to BEL or ST (titles, links), and the two-character ones. The
// parameters of a CSI are bounded by its grammar, so no input makes this run longer than once over the text.
const escape = '\u001B';
const sequences = new RegExp(
  [
    `${escape}\\[[0-?]*[ -/]*[@-~]`,
    `${escape}\\][^\\u0007${escape}]*(?:\\u0007|${escape}\\\\)?`,
    `${escape}[PX^_][^${escape}]*(?:${escape}\\\\)?`,
    `${escape}[ -/]*[0-~]`,
  ].join('|'),
  'g',
);

/** The text as a person would read it. A carriage return redraws its line: what it overwrote is left out. */
export function plainText(text: string): string {
  const stripped = text.includes(escape) ? text.replace(sequences, '') : text;
  if (!stripped.includes('\r')) return stripped;
  const ended = stripped.replace(/\r+$/, '');
  return ended.slice(ended.lastIndexOf('\r') + 1);
}
