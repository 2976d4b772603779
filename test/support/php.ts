/** The real php-cgi: where FastCGI is tested, nothing stands in for it. */

import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where it is; a machine without it is told how to get it, and the test fails. */
export async function phpCgi(): Promise<string> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const path = join(folder, 'php-cgi');
    const found = await access(path, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return path;
  }
  throw new Error('php-cgi is missing. On Debian: apt-get install php-cgi. On macOS: brew install php.');
}
