/**
 * `*`, `?` and `[…]` in one part of a path, as Python's `fnmatch` takes them.
 *
 * A pattern can come from anybody, so matching takes at most the product of both lengths; an expression made of it
 * could take for ever.
 */

type Token = (letter: string) => boolean;

/** Whether a part of a pattern means others than the one name that it spells. */
export function isPattern(part: string): boolean {
  return /[*?[]/.test(part);
}

/** Gives what tells whether a name matches. Names that begin with a dot are no exception here. */
export function nameMatcher(pattern: string): (name: string) => boolean {
  const tokens = tokensOf(Array.from(pattern));
  const shortest = tokens.filter((token) => token !== any).length;
  return (name) => {
    const letters = Array.from(name);
    return letters.length >= shortest && matches(tokens, letters);
  };
}

/** Stands for `*`, and is never asked. */
const any: Token = () => true;
const one: Token = () => true;

function matches(tokens: readonly Token[], letters: readonly string[]): boolean {
  let token = 0;
  let letter = 0;
  /** The last `*` and how far it reaches: only that one may take more, as those before it need not. */
  let star: { readonly token: number; letter: number } | undefined;
  while (letter < letters.length) {
    const asked = tokens[token];
    if (asked === any) {
      star = { token, letter };
      token += 1;
    } else if (asked?.(letters[letter] ?? '') === true) {
      token += 1;
      letter += 1;
    } else if (star === undefined) {
      return false;
    } else {
      star.letter += 1;
      ({ letter } = star);
      token = star.token + 1;
    }
  }
  while (tokens[token] === any) token += 1;
  return token === tokens.length;
}

function tokensOf(pattern: readonly string[]): readonly Token[] {
  const tokens: Token[] = [];
  const last = pattern.lastIndexOf(']');
  for (let at = 0; at < pattern.length; at += 1) {
    const letter = pattern[at] ?? '';
    if (letter === '*') {
      if (tokens.at(-1) !== any) tokens.push(any);
    } else if (letter === '?') {
      tokens.push(one);
    } else {
      const end = letter === '[' && at < last ? endOfSet(pattern, at) : undefined;
      tokens.push(end === undefined ? (each) => each === letter : setOf(pattern.slice(at + 1, end)));
      at = end ?? at;
    }
  }
  return tokens;
}

/** Where the `]` is; one that stands first is a letter. Undefined: the `[` is a letter itself. */
function endOfSet(pattern: readonly string[], start: number): number | undefined {
  const first = pattern[start + 1] === '!' ? start + 2 : start + 1;
  const end = pattern.indexOf(']', pattern[first] === ']' ? first + 1 : first);
  return end === -1 ? undefined : end;
}

function setOf(written: readonly string[]): Token {
  const isNegated = written[0] === '!';
  const letters = isNegated ? written.slice(1) : written;
  const single = new Set<string>();
  const ranges: (readonly [number, number])[] = [];
  for (let at = 0; at < letters.length; at += 1) {
    const letter = letters[at] ?? '';
    const last = letters[at + 2];
    if (letters[at + 1] === '-' && last !== undefined) {
      ranges.push([codeOf(letter), codeOf(last)]);
      at += 2;
    } else {
      single.add(letter);
    }
  }
  return (letter) => {
    const code = codeOf(letter);
    const isIn = single.has(letter) || ranges.some(([from, to]) => from <= code && code <= to);
    return isIn !== isNegated;
  };
}

function codeOf(letter: string): number {
  return letter.codePointAt(0) ?? 0;
}
