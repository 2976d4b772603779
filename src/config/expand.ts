/**
 * `${NAME}`, `${NAME:-otherwise}` and `$$` in texts.
 *
 * Knows neither where variables come from nor what the text is for. Any other dollar sign stands for itself, so that
 * `$HOME` in the command of a shell reaches the shell.
 */

export type Part =
  | { readonly kind: 'text'; readonly text: string }
  | {
      readonly kind: 'variable';
      readonly name: string;
      readonly otherwise?: readonly Part[];
      readonly source: string;
    }
  /** A `${` that is neither of the two forms. */
  | { readonly kind: 'strange'; readonly source: string };

/** What a variable stands for: a text, nothing, or (for a text that someone else will expand) its own source. */
export type Lookup = (name: string) => string | undefined;

export interface Expanded {
  readonly text: string;
  /** Variables that are set nowhere and have no default; each is taken as empty. */
  readonly unset: readonly string[];
  /** The first `${` that makes no sense. */
  readonly strange?: string;
}

/** Deeper than anyone nests defaults; it keeps a hostile text from costing more than its length. */
const deepest = 16;

export function partsOf(text: string): readonly Part[] {
  const parts: Part[] = [];
  let plain = '';
  let at = 0;
  while (at < text.length) {
    const dollar = text.indexOf('$', at);
    if (dollar === -1) break;
    plain += text.slice(at, dollar);
    if (text[dollar + 1] === '$') {
      plain += '$';
      at = dollar + 2;
      continue;
    }
    if (text[dollar + 1] !== '{') {
      plain += '$';
      at = dollar + 1;
      continue;
    }
    if (plain !== '') parts.push({ kind: 'text', text: plain });
    plain = '';
    const found = variableAt(text, dollar, 0);
    const part: Part = found?.part ?? {
      kind: 'strange',
      source: text.slice(dollar, strangeEnd(text, dollar)),
    };
    parts.push(part);
    at = dollar + part.source.length;
  }
  plain += text.slice(at);
  if (plain !== '') parts.push({ kind: 'text', text: plain });
  return parts;
}

type Variable = Extract<Part, { kind: 'variable' }> & { readonly source: string };

const opening = /\$\{([A-Za-z_][A-Za-z0-9_]*)(\}|:-)/y;

function variableAt(
  text: string,
  start: number,
  depth: number,
): { readonly part: Variable; readonly end: number } | undefined {
  opening.lastIndex = start;
  const [whole, name, follows] = opening.exec(text) ?? [];
  if (whole === undefined || name === undefined || depth > deepest) return undefined;
  let at = start + whole.length;
  if (follows === '}') return { part: { kind: 'variable', name, source: whole }, end: at };
  const otherwise: Part[] = [];
  let plain = '';
  while (at < text.length) {
    if (text[at] === '}') {
      if (plain !== '') otherwise.push({ kind: 'text', text: plain });
      return { part: { kind: 'variable', name, otherwise, source: text.slice(start, at + 1) }, end: at + 1 };
    }
    if (text.startsWith('${', at)) {
      const inner = variableAt(text, at, depth + 1);
      // What is inside makes no sense, so neither does the whole.
      if (inner === undefined) return undefined;
      if (plain !== '') otherwise.push({ kind: 'text', text: plain });
      plain = '';
      otherwise.push(inner.part);
      at = inner.end;
    } else if (text.startsWith('$$', at)) {
      plain += '$';
      at += 2;
    } else {
      plain += text[at] ?? '';
      at++;
    }
  }
  return undefined;
}

/** Up to the brace that seems meant to close it, within a length fit for a message. */
function strangeEnd(text: string, start: number): number {
  const close = text.indexOf('}', start);
  return close === -1 || close - start > 60 ? start + 2 : close + 1;
}

export function expandParts(parts: readonly Part[], lookup: Lookup): Expanded {
  let text = '';
  let strange: string | undefined;
  const unset = new Set<string>();
  for (const part of parts) {
    if (part.kind === 'text') text += part.text;
    else if (part.kind === 'strange') {
      text += part.source;
      strange ??= part.source;
    } else {
      const value = lookup(part.name);
      if (part.otherwise !== undefined && (value === undefined || value === '')) {
        const inner = expandParts(part.otherwise, lookup);
        text += inner.text;
        for (const name of inner.unset) unset.add(name);
      } else if (value === undefined) unset.add(part.name);
      else text += value;
    }
  }
  return { text, unset: [...unset], ...(strange === undefined ? {} : { strange }) };
}

export function expand(text: string, lookup: Lookup): Expanded {
  return text.includes('$') ? expandParts(partsOf(text), lookup) : { text, unset: [] };
}
