/** Names as `supervisorctl` writes them: `web`, `group:web`, `group:*` (spec 6.6). Knows no services. */

export interface Namespec {
  readonly group: string;
  /** Absent: every process of the group. */
  readonly process?: string;
}

/** `x` is process `x` of group `x`; `g:` and `g:*` are the whole group. */
export function parseNamespec(text: string): Namespec {
  const colon = text.indexOf(':');
  if (colon === -1) return { group: text, process: text };
  const group = text.slice(0, colon);
  const process = text.slice(colon + 1);
  return process === '' || process === '*' ? { group } : { group, process };
}

/** The shortest name that {@link parseNamespec} reads as this process. */
export function namespecOf(group: string, process: string): string {
  return group === process ? process : `${group}:${process}`;
}
