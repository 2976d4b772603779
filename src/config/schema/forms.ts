/** What can be read off a shape: its forms, its words, and how a value of it is written. */

import type { Shape } from './parts.ts';

/** The forms a shape allows, itself first. */
export function formsOf(shape: Shape): readonly Shape[] {
  return shape.anyOf === undefined ? [shape] : [shape, ...shape.anyOf.flatMap(formsOf)];
}

/** The words a shape allows, each with what it does. */
export function wordsOf(
  shape: Shape,
): readonly { readonly word: string; readonly does: string | undefined }[] {
  // Where every text is taken as it is, a word is as good as any other.
  if (shape['x-text'] === true) return [];
  return formsOf(shape).flatMap((form) => {
    if (form.enum !== undefined) {
      return form.enum.map((word, index) => ({ word: String(word), does: form.enumDescriptions?.[index] }));
    }
    return form.type === 'boolean'
      ? [
          { word: 'true', does: undefined },
          { word: 'false', does: undefined },
        ]
      : [];
  });
}

/** A value as one writes it behind its colon. */
export function asWritten(value: unknown): string {
  return typeof value === 'string' ? value : flow(value);
}

/** A value as one writes it within a line. */
function flow(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flow).join(', ')}]`;
  if (typeof value === 'object' && value !== null) {
    return `{ ${Object.entries(value)
      .map(([key, each]) => `${key}: ${flow(each)}`)
      .join(', ')} }`;
  }
  if (typeof value === 'string' && /^[\w./][\w./* -]*$/.test(value)) return value;
  return JSON.stringify(value);
}
