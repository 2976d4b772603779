/** The page that lists every key of `runtimes.yaml`, and the same as a JSON schema, from the one schema. */

import { takesInWords } from '../config/check.ts';
import { configShape, serviceShape } from '../config/schema.ts';
import type { Shape } from '../config/schema/parts.ts';
import { notice, page, table } from './markdown.ts';

export function optionsPage(): string {
  return page(
    '# Options',
    notice,
    'What may stand in `runtimes.yaml`, at the top of a folder or in its `.vscode`. Durations are `250ms`, `5s`, `2m` or a ' +
      'number of seconds, sizes are `512KB` or `10MB`; `${NAME}`, `${NAME:-default}` and `$$` expand in texts. A key that ' +
      'is not listed here is an error.',
    ...section('The file', configShape),
    ...section('A service', serviceShape, 'services.NAME'),
  );
}

/** A map's keys as a table, then the maps that stand below single ones of them. */
function section(title: string, shape: Shape, path = ''): string[] {
  const keys = Object.entries(shape.properties ?? {});
  const prefix = path === '' ? '' : `${path}.`;
  return [
    `## ${title}`,
    table(
      ['key', 'takes', 'default', 'meaning'],
      keys.map(([key, each]) => [
        `\`${key}\``,
        takesInWords(each),
        whenAbsent(each, shape.required?.includes(key) ?? false),
        meaning(each),
      ]),
    ),
    ...keys.flatMap(([key, each]) =>
      below(each).flatMap((map) => section(`\`${prefix}${key}\``, map, prefix + key)),
    ),
  ];
}

function whenAbsent(shape: Shape, needed: boolean): string {
  if (needed) return '*needed*';
  return shape.default === undefined ? '' : `\`${asYaml(shape.default)}\``;
}

/** The maps of named keys among the forms that a value may take. */
function below(shape: Shape): Shape[] {
  return [shape, ...(shape.anyOf ?? [])].filter(({ properties }) => properties !== undefined);
}

function meaning(shape: Shape): string {
  const forms = [shape, ...(shape.anyOf ?? [])];
  const words = forms.flatMap(({ enum: values = [], enumDescriptions = [] }) =>
    values.flatMap((value, index) => {
      const does = enumDescriptions[index];
      if (does === undefined) return [];
      const later = shape['x-meanwhile-values']?.[String(value)];
      return [`\`${value}\`: ${does}${later === undefined ? '' : ` *(not yet: ${later})*`}`];
    }),
  );
  const later = shape['x-meanwhile'];
  const example = shape.examples?.[0];
  return [
    shape.description ?? '',
    ...(later === undefined ? [] : [`*Not in this version yet: ${later}.*`]),
    ...words,
    ...(example === undefined ? [] : [`For example \`${asYaml(example)}\`.`]),
  ].join('<br>');
}

/** A value as one would write it on a line of YAML. */
function asYaml(value: unknown): string {
  if (typeof value === 'string') return value;
  if (Array.isArray(value)) return `[${value.map(asYaml).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const pairs = Object.entries(value).map(([key, each]) => `${key}: ${asYaml(each)}`);
  return `{ ${pairs.join(', ')} }`;
}
