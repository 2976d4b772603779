/** `runtimes init`: writes the first `runtimes.yaml` of a folder, and never over one. */

import { existsSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { starterOf } from '../config/detect/starter.ts';
import { findConfig } from '../config/find.ts';
import { codeOf, reasonOf } from '../node/error-words.ts';
import { folderNames } from '../node/folder-names.ts';
import { kindOfPath } from '../node/path-kind.ts';
import { readRegularFile } from '../node/regular-file.ts';

const name = 'runtimes.yaml';

/** What to leave with. */
export function init(folder: string, print: boolean): 0 | 2 {
  const { text, services } = starterOf({
    folder,
    readFile: readRegularFile,
    kindOf: kindOfPath,
    list: folderNames,
    windows: process.platform === 'win32',
  });
  if (print) {
    process.stdout.write(text);
    return 0;
  }
  const present = findConfig(folder, existsSync, folderNames);
  if (present !== undefined) {
    const file = relative(folder, present);
    const why = file.endsWith(name) ? '' : `, and a ${name} would hide it`;
    return refuse(`${file} is here already${why}. "runtimes init --print" shows what would stand in it.`);
  }
  try {
    writeFileSync(join(folder, name), text, { flag: 'wx' });
  } catch (error) {
    return refuse(
      codeOf(error) === 'EEXIST' ? `${name} is here already.` : `Cannot write ${name}: ${reasonOf(error)}.`,
    );
  }
  const lines = services.map((each) => `  ${each.name}: ${each.because}`);
  process.stdout.write(
    services.length === 0
      ? `Wrote ${name}. Nothing was recognised here, so it has an example to fill in.\n`
      : `Wrote ${name}:\n${lines.join('\n')}\n`,
  );
  return 0;
}

function refuse(line: string): 2 {
  process.stderr.write(`${line}\n`);
  return 2;
}
