/** Reads a `supervisord.conf` in a workspace made of texts, and says what is wrong in one line each. */

import { anyMachine, type Machine } from '../../src/config/input.ts';
import { loadConfig } from '../../src/config/load.ts';
import type { Config, ProgramSpec, ServiceSpec } from '../../src/config/spec.ts';
import { lines } from './reading.ts';

export const main = '/w/supervisord.conf';

export interface Around {
  readonly environment?: Readonly<Record<string, string>>;
  /** Other files by path. */
  readonly others?: Readonly<Record<string, string>>;
  readonly machine?: Partial<Machine>;
  /** Further config files, laid over this one. */
  readonly over?: Readonly<Record<string, string>>;
}

/** The text may be indented as a whole. */
export function readConf(text: string, around: Around = {}): Config {
  const { environment = {}, others = {}, machine = {}, over = {} } = around;
  const files = Object.entries({ [main]: lines(text), ...over }).map(([path, each]) => ({
    path,
    text: each,
  }));
  return loadConfig({
    folder: '/w',
    files,
    environment,
    readFile: (path) => others[path],
    machine: { ...anyMachine, hostName: 'box', ...machine },
  });
}

/** One program `p` with these lines, the first of which is line 3. */
export function readProgram(body: string, around: Around = {}): Config {
  return readConf(`[supervisord]\n[program:p]\n${lines(body)}\n`, around);
}

/** `3:1-8 error: text → hint`, with the file before it when it is not the main one. */
export function said(config: Config): readonly string[] {
  return config.problems.map(({ file, line, column, endLine, endColumn, severity, message, hint }) => {
    const at = `${line}:${column}-${endLine === line ? '' : `${endLine}:`}${endColumn}`;
    return `${file === main ? '' : `${file} `}${at} ${severity}: ${message}${hint === undefined ? '' : ` → ${hint}`}`;
  });
}

export function only(config: Config): ServiceSpec & { readonly program: ProgramSpec } {
  const [service] = config.services;
  if (service?.program === undefined) throw new Error(`No service: ${said(config).join('\n')}`);
  return { ...service, program: service.program };
}
