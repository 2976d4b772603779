/**
 * Words as Python's `shlex` finds them in its POSIX mode.
 *
 * The package `shlex` has the words of a shell, with `$'…'` and lines continued by a backslash, and no way to take
 * punctuation for words of their own; what Supervisor reads must come out as Supervisor reads it.
 */

export interface LexerOptions {
  /** Words end at blanks alone. Otherwise every letter that is no word letter is a word by itself. */
  readonly blanksOnly: boolean;
  /** Letters that belong to words beside letters, digits and `_`. */
  readonly wordLetters?: string;
  /** Begins a comment that reaches to the end of the line. */
  readonly comment?: string;
}

/** The text ended within a quote or after a backslash. Its message is Python's. */
export class UnfinishedText extends Error {}

const accented = /[ßàáâãäåæçèéêëìíîïðñòóôõöøùúûüýþÿÀÁÂÃÄÅÆÇÈÉÊËÌÍÎÏÐÑÒÓÔÕÖØÙÚÛÜÝÞ]/;

/** argv of a command, as `shlex.split` gives it. Throws {@link UnfinishedText}. */
export function splitWords(text: string): readonly string[] {
  return lex(text, { blanksOnly: true });
}

/** All words of a text. Throws {@link UnfinishedText}. */
export function lex(text: string, options: LexerOptions): readonly string[] {
  const words: string[] = [];
  const belongs = (letter: string): boolean =>
    options.blanksOnly ||
    /\w/.test(letter) ||
    (options.wordLetters?.includes(letter) ?? false) ||
    accented.test(letter);
  let word: string | undefined;
  const finish = (): void => {
    if (word !== undefined) words.push(word);
    word = undefined;
  };
  for (let at = 0; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (/[ \t\r\n]/.test(letter)) {
      finish();
    } else if (letter === options.comment) {
      const end = text.indexOf('\n', at);
      finish();
      at = end === -1 ? text.length : end;
    } else if (letter === '\\') {
      at += 1;
      if (at >= text.length) throw new UnfinishedText('No escaped character');
      word = (word ?? '') + (text[at] ?? '');
    } else if (letter === '"' || letter === "'") {
      const quoted = quotedFrom(text, at);
      word = (word ?? '') + quoted.text;
      at = quoted.end;
    } else if (belongs(letter)) {
      word = (word ?? '') + letter;
    } else {
      finish();
      words.push(letter);
    }
  }
  finish();
  return words;
}

/** What stands in the quote that opens at an offset, and where the quote closes. */
function quotedFrom(text: string, start: number): { readonly text: string; readonly end: number } {
  const quote = text[start];
  let inside = '';
  for (let at = start + 1; at < text.length; at++) {
    const letter = text[at] ?? '';
    if (letter === quote) return { text: inside, end: at };
    if (letter !== '\\' || quote === "'") {
      inside += letter;
      continue;
    }
    at += 1;
    if (at >= text.length) throw new UnfinishedText('No escaped character');
    // Between double quotes a backslash is one of its own but before itself and the quote.
    const next = text[at] ?? '';
    inside += next === '\\' || next === quote ? next : `\\${next}`;
  }
  throw new UnfinishedText('No closing quotation');
}
