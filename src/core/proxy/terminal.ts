/**
 * Reads what a program wrote for a terminal, so that it can stand on a page or in plain text.
 *
 * Colours and weight become names; everything else that steers a terminal (cursor moves, titles, links, control
 * characters) is dropped.
 */

/** A stretch of text in one style. */
export interface Run {
  readonly text: string;
  /** `bold`, `dim`, `italic`, `underline`, and `fg-0` to `fg-15`, the sixteen colours of a terminal. */
  readonly styles: readonly string[];
}

const escape = '\u001B';
const bell = '\u0007';

/** The text of some lines as runs. A colour that one line sets holds for the next ones until it is reset. */
export function runsOf(lines: readonly string[]): readonly Run[] {
  const runs: Run[] = [];
  const add = (text: string, style: Style): void => {
    const shown = printable(text);
    if (shown === '') return;
    const styles = namesOf(style);
    const last = runs.at(-1);
    if (last !== undefined && last.styles.join() === styles.join()) {
      runs[runs.length - 1] = { text: last.text + shown, styles };
    } else {
      runs.push({ text: shown, styles });
    }
  };
  let style: Style = {};
  const text = lines.map(lastStroke).join('\n').replaceAll('\u009B', `${escape}[`);
  const [first = '', ...rest] = text.split(escape);
  add(first, style);
  for (const piece of rest) {
    const { length, colours } = sequenceAt(piece);
    if (colours !== undefined) style = coloured(style, colours);
    add(piece.slice(length), style);
  }
  return runs;
}

/** The text of some lines with nothing left in it that steers a terminal. */
export function plainText(lines: readonly string[]): string {
  return runsOf(lines)
    .map(({ text }) => text)
    .join('');
}

/** The last lines, each cut to a length that a person may want to read: a page is no place for a megabyte. */
export function clipped(lines: readonly string[], count = 100, length = 2_000): readonly string[] {
  return lines.slice(-count).map((line) => (line.length > length ? `${line.slice(0, length)} …` : line));
}

/** A progress bar writes over its own line with carriage returns: what stands there in the end is what counts. */
function lastStroke(line: string): string {
  const text = line.replace(/[\r\n]+$/u, '');
  return text.slice(text.lastIndexOf('\r') + 1);
}

/** How many characters after an ESC belong to its sequence, and its parameters if it sets colours. */
function sequenceAt(piece: string): { readonly length: number; readonly colours?: string } {
  const csi = /^\[([0-?]*)[ -/]*([@-~])/u.exec(piece);
  if (csi !== null) {
    return { length: csi[0].length, ...(csi[2] === 'm' ? { colours: csi[1] ?? '' } : {}) };
  }
  if (/^[\]PX^_]/u.test(piece)) {
    // A title or a link: it ends with BEL, or with the ESC \ that begins the next piece.
    const end = piece.indexOf(bell);
    return { length: end === -1 ? piece.length : end + 1 };
  }
  return { length: /^[ -/]*[0-~]/u.exec(piece)?.[0].length ?? 0 };
}

interface Style {
  readonly bold?: boolean;
  readonly dim?: boolean;
  readonly italic?: boolean;
  readonly underline?: boolean;
  readonly foreground?: number;
}

function coloured(style: Style, parameters: string): Style {
  const codes = parameters.split(/[;:]/u).map((part) => (part === '' ? 0 : Number(part)));
  let next = style;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      // One of 256 colours (5;n), or red, green and blue (2;r;g;b). The first sixteen have names; the others are
      // left in the colour of the text, which is readable on any background.
      const colour = codes[index + 1] === 5 ? codes[index + 2] : undefined;
      if (code === 38) next = { ...next, foreground: colour !== undefined && colour < 16 ? colour : -1 };
      index += codes[index + 1] === 5 ? 2 : 4;
    } else {
      next = styled(next, code);
    }
  }
  return next;
}

function styled(style: Style, code: number): Style {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return { ...style, bold: false, dim: false };
  if (code === 23) return { ...style, italic: false };
  if (code === 24) return { ...style, underline: false };
  if (code >= 30 && code <= 37) return { ...style, foreground: code - 30 };
  if (code >= 90 && code <= 97) return { ...style, foreground: code - 90 + 8 };
  if (code === 39) return { ...style, foreground: -1 };
  return style;
}

function namesOf(style: Style): readonly string[] {
  const { foreground = -1 } = style;
  return [
    ...(style.bold === true ? ['bold'] : []),
    ...(style.dim === true ? ['dim'] : []),
    ...(style.italic === true ? ['italic'] : []),
    ...(style.underline === true ? ['underline'] : []),
    ...(foreground >= 0 ? [`fg-${foreground}`] : []),
  ];
}

/** Without control characters, and without the marks that turn the direction of the text around them. */
function printable(text: string): string {
  return text.replace(/(?![\t\n])[\p{Cc}\u202A-\u202E\u2066-\u2069]/gu, '');
}
