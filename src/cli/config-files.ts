/** Which config files a command is about: those that were named, or the folder's own. */

import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { configFileNames } from '../config/find.ts';
import { findOwn, readConfig } from '../host/home.ts';

/** Absolute paths; undefined when there are none, which has been said by then. */
export function configFiles(folder: string, named: readonly string[]): readonly string[] | undefined {
  const service = named.find((name) => !existsSync(resolve(folder, name)) && isService(folder, name));
  if (service !== undefined) {
    process.stderr.write(
      `There is no file "${service}"; it is a service. Give config files, or nothing for the folder’s own.\n`,
    );
    return undefined;
  }
  const files = (named.length > 0 ? named : findOwn(folder)).map((file) => resolve(folder, file));
  if (files.length > 0) return files;
  process.stderr.write(`There is no ${configFileNames.join(', ')} or app.yaml in ${folder}.\n`);
  process.stderr.write('Run "runtimes init": it writes one from what is recognised.\n');
  return undefined;
}

function isService(folder: string, name: string): boolean {
  const own = findOwn(folder);
  return own.length > 0 && readConfig(folder, own).services.some((service) => service.name === name);
}
