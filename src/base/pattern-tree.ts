/** A regular expression taken apart, as JavaScript writes it. Takes it for granted that it is one. */

export type PatternTree =
  /** One character, as the pattern says which: `a`, `\d`, `[^/]`. */
  | { readonly kind: 'character'; readonly text: string }
  /** Takes no character, or nobody can tell which: an anchor, a reference back to a group. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'sequence'; readonly parts: readonly PatternTree[] }
  | { readonly kind: 'choice'; readonly ways: readonly PatternTree[] }
  | { readonly kind: 'repeat'; readonly body: PatternTree; readonly least: number; readonly most: number }
  /** Looks ahead or behind, and takes nothing. */
  | { readonly kind: 'look'; readonly body: PatternTree };

export function patternTree(source: string): PatternTree {
  return new Reading(source).choice();
}

const tokens = {
  look: /\(\?<?[=!]/uy,
  group: /\((?:\?(?:<[^>]*>|[a-z-]*:))?/uy,
  taken: /\\k<[^>]*>|\\[1-9]\d*|\\b|\\B|[$^]/uy,
  character:
    /\\(?:x[\dA-Fa-f]{2}|u[\dA-Fa-f]{4}|u\{[\dA-Fa-f]+\}|[pP]\{[^}]*\}|c[A-Za-z]|[^])|\[(?:\\[^]|[^\]\\])*\]|[^)|]/uy,
  repeat: /([*+?]|\{(\d+)(,(\d*))?\})\??/uy,
};

class Reading {
  readonly #source: string;
  #at = 0;

  constructor(source: string) {
    this.#source = source;
  }

  /** Up to the bracket that closes it. */
  choice(): PatternTree {
    const ways = [this.#sequence()];
    while (this.#source[this.#at] === '|') {
      this.#at += 1;
      ways.push(this.#sequence());
    }
    return { kind: 'choice', ways };
  }

  #sequence(): PatternTree {
    const parts: PatternTree[] = [];
    while (this.#at < this.#source.length && !'|)'.includes(this.#source[this.#at] ?? '')) {
      parts.push(this.#repeated(this.#one()));
    }
    return { kind: 'sequence', parts };
  }

  #one(): PatternTree {
    if (this.#take(tokens.look) !== undefined) return { kind: 'look', body: this.#closed() };
    if (this.#take(tokens.group) !== undefined) return this.#closed();
    if (this.#take(tokens.taken) !== undefined) return { kind: 'empty' };
    return { kind: 'character', text: this.#take(tokens.character)?.[0] ?? '' };
  }

  #closed(): PatternTree {
    const body = this.choice();
    this.#at += 1;
    return body;
  }

  #repeated(body: PatternTree): PatternTree {
    const found = this.#take(tokens.repeat);
    if (found === undefined) return body;
    const [, sign = '', least, comma, most] = found;
    if (sign === '?') return { kind: 'repeat', body, least: 0, most: 1 };
    if (sign === '*' || sign === '+') {
      return { kind: 'repeat', body, least: sign === '*' ? 0 : 1, most: Number.POSITIVE_INFINITY };
    }
    const from = Number(least);
    const to = comma === undefined ? from : most === '' ? Number.POSITIVE_INFINITY : Number(most);
    return { kind: 'repeat', body, least: from, most: to };
  }

  #take(token: RegExp): RegExpExecArray | undefined {
    token.lastIndex = this.#at;
    const found = token.exec(this.#source) ?? undefined;
    if (found !== undefined) this.#at += found[0].length;
    return found;
  }
}
