/**
 * Writes the pages that are made from the code: every option, every fault, and the schema for other editors.
 *
 * `node src/build/docs.ts [--check]`: with `--check` it writes nothing and leaves with 1 when a page is not up to date.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { faultsPage } from './faults-page.ts';
import { jsonSchema } from './json-schema.ts';
import { optionsPage } from './options-page.ts';
import { root } from './paths.ts';
import { runtimesPage } from './runtimes-page.ts';
import { supervisordPage } from './supervisord-page.ts';

/** What each generated file should hold, by its path in the repository. */
export function generated(): Readonly<Record<string, string>> {
  return {
    'docs/options.md': optionsPage(),
    'docs/faults.md': faultsPage(),
    'docs/runtimes.md': runtimesPage(),
    'docs/supervisord.md': supervisordPage(),
    'docs/runtimes.schema.json': `${JSON.stringify(jsonSchema(), null, 2)}\n`,
  };
}

/** The generated files that do not hold what the code says. */
export function outdated(): string[] {
  return Object.entries(generated())
    .filter(
      ([path, text]) => !existsSync(join(root, path)) || readFileSync(join(root, path), 'utf8') !== text,
    )
    .map(([path]) => path);
}

if (import.meta.main) {
  const check = process.argv.includes('--check');
  const texts = generated();
  for (const path of outdated()) {
    if (check) console.error(`${path} is not what the code says. "npm run docs" writes it.`);
    else writeFileSync(join(root, path), texts[path] ?? '');
    if (check) process.exitCode = 1;
    else console.log(`wrote ${path}`);
  }
}
