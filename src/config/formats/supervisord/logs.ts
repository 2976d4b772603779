/** Where the streams of a process are written (spec 6.9), and what is said of logs that we do not write. */

import { folderOf } from '../../../base/path.ts';
import type { LogTarget, StreamSpec } from '../../spec.ts';
import { expandTwice, type Names } from './expand.ts';
import type { Paths } from './paths.ts';
import type { SectionReader } from './reader.ts';
import { boolean, integer, size } from './types.ts';

export type Stream = 'stdout' | 'stderr';

/** Output of the supervisor's own, or of a container's first process: no file, and here the output channel. */
const device = /^\/(?:dev\/(?!shm\/)|proc\/(?:self|\d+)\/fd\/)/;

export function streamOf(
  stream: Stream,
  reader: SectionReader,
  names: Names,
  paths: Paths,
  redirected: boolean,
): StreamSpec {
  const written = targetOf(stream, reader, names, paths);
  const ignored = redirected && stream === 'stderr';
  if (ignored && written.kind === 'file') {
    const { name } = reader.section;
    reader.warn(
      'stderr_logfile',
      `For [${name}], redirect_stderr=true but stderr_logfile has also been set to a filename, the filename has been ignored`,
    );
  }
  return {
    log: ignored ? { kind: 'none' } : written,
    captureBytes: reader.get(`${stream}_capture_maxbytes`, size, 0),
    events: reader.get(`${stream}_events_enabled`, boolean, false),
  };
}

function targetOf(stream: Stream, reader: SectionReader, names: Names, paths: Paths): LogTarget {
  const option = `${stream}_logfile`;
  const { name } = reader.section;
  const backups = Math.max(reader.get(`${option}_backups`, integer, 10), 0);
  const maxBytes = reader.get(`${option}_maxbytes`, size, 50 * 1024 * 1024);
  if (reader.get(`${stream}_syslog`, boolean, false)) noSyslog(`${stream}_syslog`, reader);
  const entry = reader.entry(option);
  const path =
    entry === undefined ? 'auto' : reader.expanded(option, expandTwice(entry, names, `${name}.${option}`));
  switch (path?.toLowerCase()) {
    case undefined:
    case 'none':
    case 'off':
    case '/dev/null':
      return { kind: 'none' };
    case 'auto':
      if (maxBytes === 0) {
        reader.warn(
          reader.entry(`${option}_maxbytes`) === undefined ? option : `${option}_maxbytes`,
          `For [${name}], AUTO logging used for ${option} without rollover, set maxbytes > 0 to avoid filling up filesystem unintentionally`,
        );
      }
      return { kind: 'auto', maxBytes, backups };
    case 'syslog':
      reader.warn(
        option,
        `For [${name}], ${option}=syslog but this is deprecated and will be removed.  Use ${stream}_syslog=true to enable syslog instead.`,
      );
      noSyslog(option, reader);
      return { kind: 'none' };
    default:
      return fileAt(path ?? '', option, reader, paths, { maxBytes, backups });
  }
}

function fileAt(
  path: string,
  option: string,
  reader: SectionReader,
  paths: Paths,
  rotation: { readonly maxBytes: number; readonly backups: number },
): LogTarget {
  if (device.test(path)) {
    reader.differ(option, 'no file is written; the lines are in the output channel of the service');
    return { kind: 'none' };
  }
  const whole = paths.ofProgram(path);
  if (path.includes('/') && !paths.machine.isFolder(folderOf(whole))) {
    reader.refuse(option, noFolder(path), 'Make the folder; nobody makes it on the way.');
    return { kind: 'none' };
  }
  return { kind: 'file', path: whole, ...rotation };
}

export function noFolder(path: string): string {
  return `The directory named as part of the path ${path} does not exist`;
}

export function isDevice(path: string): boolean {
  return device.test(path);
}

export function noSyslog(option: string, reader: SectionReader): void {
  reader.differ(option, 'nothing is sent to the system log; the lines are in the output channel');
}
