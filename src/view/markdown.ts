/** Markdown from texts that are not ours: a child chooses its own words, and none of them becomes markup. */

import { plainText } from './ansi.ts';

/** No link, image or heading comes of a child's words in our tooltip; a text becomes one line. */
export function escapeMarkdown(text: string): string {
  return text.replace(/[\\`*_{}[\]()#+\-!<>|~$&]/g, (character) => `\\${character}`).replace(/\s+/g, ' ');
}

/** A list of names and values; what has no value is left out. */
export function table(rows: readonly (readonly [string, string | undefined])[]): string | undefined {
  return bullets(
    rows.flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${escapeMarkdown(value)}`])),
  );
}

export function bullets(lines: readonly string[]): string | undefined {
  return lines.length === 0 ? undefined : lines.map((line) => `- ${line}`).join('\n');
}

export function paragraphs(parts: readonly (string | undefined)[]): string {
  return parts.filter((part) => part !== undefined).join('\n\n');
}

/** A code block that nothing inside can close. */
export function fenced(lines: readonly string[]): string {
  const text = lines.map(plainText).join('\n');
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(Math.max(3, longest + 1));
  return `${fence}text\n${text}\n${fence}`;
}
