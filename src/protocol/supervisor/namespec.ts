/** Supervisor's full names of processes (spec 6.6, SV-95): `group:process`, or one word when both are equal. */

export interface Namespec {
  readonly group: string;
  /** Absent: the whole group is meant. */
  readonly process?: string;
}

/** `x` is `x:x`; `g:` and `g:*` mean the whole group. Only the first colon parts. */
export function parseNamespec(text: string): Namespec {
  const colon = text.indexOf(':');
  if (colon === -1) return { group: text, process: text };
  const group = text.slice(0, colon);
  const process = text.slice(colon + 1);
  return process === '' || process === '*' ? { group } : { group, process };
}

export function namespecOf(group: string, process: string): string {
  return group === process ? process : `${group}:${process}`;
}
