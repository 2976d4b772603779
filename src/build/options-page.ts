/** The page that lists every key of `runtimes.yaml`, from the schema, and tells how values are written. */

import { takesInWords } from '../config/check.ts';
import { configShape, serviceShape } from '../config/schema.ts';
import { asWritten } from '../config/schema/forms.ts';
import type { Shape } from '../config/schema/parts.ts';
import { notice, page, table } from './markdown.ts';

export function optionsPage(): string {
  return page(
    '# Options',
    notice,
    'What may stand in `runtimes.yaml`, at the top of a folder or in its `.vscode`. A key that is not listed here is an ' +
      'error. [A JSON schema](runtimes.schema.json) tells other editors the same.',
    '## How values are written',
    howValuesAreWritten.map((each) => `- ${each}`).join('\n'),
    ...section('The file', configShape),
    ...section('A service', serviceShape, 'services.NAME'),
  );
}

const howValuesAreWritten = [
  '**Durations** are `250ms`, `5s`, `2m`, `1h` or a number of seconds; **sizes** are `512KB`, `10MB`, `1GB` (a kilobyte ' +
    'has 1024 bytes) or a number of bytes.',
  '**Variables**: `${NAME}` and `${NAME:-default}` are filled in from the environment a service will have: what it ' +
    'inherits, then the `env` of the file, then `envFile`, then its own `env`. `$$` is one dollar sign, and one before ' +
    'anything else stands for itself. What is not set is empty, with a warning. Left as they are: `debug` (the editor ' +
    'fills in its own), names of services, and what an environment file holds.',
  '**Commands** are split into words as a POSIX shell splits them, and variables are filled in afterwards, so that a ' +
    'value with blanks stays one word. `${PORT}` in a command is the port of the instance, as `{port}` is. With `shell` ' +
    "the text stays one; what is not set, and every form of `${…}` that is the shell's own, is left to the shell.",
  '**Paths** that are relative start at the folder of the file they stand in; a file in `.vscode` counts as standing in ' +
    'the workspace folder.',
  '**Several files** (`--file` more than once) are laid over each other: the later wins key by key, lists are replaced.',
  '**Names** of services are letters, digits, `-` and `_`, at most 63 of them, with a letter or digit at both ends: they ' +
    'become part of an address.',
];

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
    ...keys.flatMap(([key, each]) => [
      ...below(each).flatMap((map) => section(`\`${prefix}${key}\``, map, prefix + key)),
      ...itemsBelow(each).flatMap((map) =>
        section(`An item of \`${prefix}${key}\``, map, `${prefix}${key}[]`),
      ),
    ]),
  ];
}

function whenAbsent(shape: Shape, needed: boolean): string {
  if (needed) return '*needed*';
  return shape.default === undefined ? '' : `\`${asWritten(shape.default)}\``;
}

/** The maps of named keys among the forms that a value may take. */
function below(shape: Shape): Shape[] {
  return [shape, ...(shape.anyOf ?? [])].filter(({ properties }) => properties !== undefined);
}

/** The same for the items of a list. */
function itemsBelow(shape: Shape): Shape[] {
  return [shape, ...(shape.anyOf ?? [])].flatMap(({ items }) =>
    items?.properties === undefined ? [] : [items],
  );
}

function meaning(shape: Shape): string {
  const forms = [shape, ...(shape.anyOf ?? [])];
  const words = forms.flatMap(({ enum: values = [], enumDescriptions = [] }) =>
    values.flatMap((value, index) => {
      const does = enumDescriptions[index];
      return does === undefined ? [] : [`\`${value}\`: ${does}`];
    }),
  );
  const example = shape.examples?.[0];
  return [
    shape.description ?? '',
    ...words,
    ...(example === undefined ? [] : [`For example \`${asWritten(example)}\`.`]),
  ].join('<br>');
}
