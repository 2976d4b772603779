/** What the schema says about a place in the file, and how that reads. Knows the schema's language, no single key. */

import { isAppYaml } from '../config/app-yaml.ts';
import { takesInWords } from '../config/check.ts';
import { appYamlShape } from '../config/formats/appengine/schema.ts';
import { configShape } from '../config/schema.ts';
import { asWritten, formsOf, wordsOf } from '../config/schema/forms.ts';
import type { Shape } from '../config/schema/parts.ts';

/** What may stand in a file of ours, or in an `app.yaml`; undefined: it is another program's. */
export function shapeOfFile(path: string, text: string): Shape | undefined {
  if (!/\/app\.ya?ml$/i.test(path)) return configShape;
  return isAppYaml(path, text) ? appYamlShape : undefined;
}

/** The shape at a path of keys in a file, `*` for items of lists; undefined where the schema knows nothing. */
export function shapeAt(path: readonly string[], file: Shape = configShape): Shape | undefined {
  let shape: Shape | undefined = file;
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

/** The page of a key, in Markdown. */
export function documentation(shape: Shape): string {
  const lines = [shape.description ?? ''];
  const described = wordsOf(shape).filter(({ does }) => does !== undefined);
  if (described.length > 0) {
    lines.push(described.map(({ word, does }) => `- \`${word}\`: ${does ?? ''}`).join('\n'));
  }
  const facts = [`Takes ${takesInWords(shape)}.`];
  if (shape.default !== undefined) facts.push(`Default: \`${asWritten(shape.default)}\`.`);
  const [example] = shape.examples ?? [];
  if (example !== undefined) facts.push(`Example: \`${asWritten(example)}\`.`);
  lines.push(facts.join(' '));
  return lines.filter((line) => line !== '').join('\n\n');
}
