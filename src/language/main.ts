/** Starts the language server on the transport its arguments name: `--node-ipc`, `--stdio`, `--pipe` or `--socket`. */

import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createConnection } from 'vscode-languageserver/node';
import { folderNames } from '../node/folder-names.ts';
import { kindOfPath } from '../node/path-kind.ts';
import { readRegularFile } from '../node/regular-file.ts';
import { serve } from './server.ts';

serve(createConnection(), {
  environment: process.env,
  readFile: readRegularFile,
  kindOf: kindOfPath,
  list: folderNames,
  pathOf(uri) {
    try {
      return uri.startsWith('file:') ? fileURLToPath(uri) : undefined;
    } catch {
      // A file on another host has no path here.
      return undefined;
    }
  },
  folderOf: dirname,
});
