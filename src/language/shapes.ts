/** What the schema says about a place in the file, and how that reads. Knows the schema's language, no single key. */

import { takesInWords } from '../config/check.ts';
import { configShape } from '../config/schema.ts';
import type { Shape } from '../config/schema/parts.ts';

/** The forms a shape allows, itself first. */
export function formsOf(shape: Shape): readonly Shape[] {
  return shape.anyOf === undefined ? [shape] : [shape, ...shape.anyOf.flatMap(formsOf)];
}

/** The shape at a path of keys, `*` for items of lists; undefined where the schema knows nothing. */
export function shapeAt(path: readonly string[]): Shape | undefined {
  let shape: Shape | undefined = configShape;
  for (const key of path) shape = shape && childShape(shape, key);
  return shape;
}

function childShape(shape: Shape, key: string): Shape | undefined {
  for (const form of formsOf(shape)) {
    if (key === '*' && form.items !== undefined) return form.items;
    if (form.properties !== undefined && Object.hasOwn(form.properties, key)) return form.properties[key];
    if (typeof form.additionalProperties === 'object') return form.additionalProperties;
  }
  return undefined;
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
  if (typeof value === 'string' && /^[\w./][\w./ -]*$/.test(value)) return value;
  return JSON.stringify(value);
}

/** The page of a key, in Markdown. */
export function documentation(shape: Shape): string {
  const lines = [shape.description ?? ''];
  if (shape['x-meanwhile'] !== undefined) lines.push(`*Not in this version yet: ${shape['x-meanwhile']}.*`);
  const described = wordsOf(shape).filter(({ does }) => does !== undefined);
  if (described.length > 0) {
    const later = shape['x-meanwhile-values'] ?? {};
    lines.push(
      described
        .map(
          ({ word, does }) =>
            `- \`${word}\`: ${does ?? ''}${later[word] === undefined ? '' : ` *(not yet: ${later[word]})*`}`,
        )
        .join('\n'),
    );
  }
  const facts = [`Takes ${takesInWords(shape)}.`];
  if (shape.default !== undefined) facts.push(`Default: \`${asWritten(shape.default)}\`.`);
  const [example] = shape.examples ?? [];
  if (example !== undefined) facts.push(`Example: \`${asWritten(example)}\`.`);
  lines.push(facts.join(' '));
  return lines.filter((line) => line !== '').join('\n\n');
}
