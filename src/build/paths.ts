/** Where things are in this repository. Knows nothing of what is in them. */

import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's top folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** What the extension ships: bundles, made by `npm run build`. */
export const dist = join(root, 'dist');

/** What tests and packaging leave behind: bundled tests, results, screenshots, the packed extension. */
export const out = join(root, 'out');

/** The packed extension, made by `npm run package`. */
export const vsix = join(out, 'local-runtimes.vsix');
