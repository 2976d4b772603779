/** One process of a program: what differs between the processes of a section (spec 6.7 and 6.8). */

import type { ProcessSpec } from '../../spec.ts';
import { commandOf } from './command.ts';
import { environmentNames, expand, type Names, over } from './expand.ts';
import { streamOf } from './logs.ts';
import { pairs } from './pairs.ts';
import type { SectionReader } from './reader.ts';
import type { Shared } from './scope.ts';
import { processName } from './types.ts';

/** `names` has `process_num` and `numprocs`. Undefined when something of it is refused. */
export function processOf(
  reader: SectionReader,
  names: Names,
  program: string,
  redirected: boolean,
  shared: Shared,
): ProcessSpec | undefined {
  const own = environmentOf(reader, names);
  const known = over(names, environmentNames(own));
  const text = (option: string): string | undefined => {
    const entry = reader.entry(option);
    return entry && reader.expanded(option, expand(entry, known, `${reader.section.name}.${option}`));
  };
  const name = nameOf(reader, known, program);
  const directory = text('directory');
  const written = text('command');
  const stdout = streamOf('stdout', reader, known, shared.paths, redirected);
  const stderr = streamOf('stderr', reader, known, shared.paths, redirected);
  if (reader.entry('command') === undefined)
    reader.refuse(undefined, `program section ${reader.section.name} does not specify a command`);
  if (written === undefined || name === undefined || reader.failed) return undefined;
  const { words, unrunnable } = commandOf(written);
  if (unrunnable !== undefined) reader.accuse('command', unrunnable, reasonOf(reader));
  // The usual way for a listener in a container to end it all.
  if (/\$(?:PPID\b|\{PPID\})/.test(written)) {
    reader.differ(
      'command',
      'it reaches for its parent, which is no supervisord here: in the editor it is the extension host, and a signal would end every extension',
      'Let it run "supervisorctl shutdown" instead.',
    );
  }
  return {
    name,
    command: words,
    ...(unrunnable === undefined ? {} : { unrunnable }),
    cwd: shared.paths.ofProgram(directory ?? '.'),
    env: { ...shared.environment, ...own },
    stdout,
    stderr,
  };
}

function environmentOf(reader: SectionReader, names: Names): Readonly<Record<string, string>> {
  const entry = reader.entry('environment');
  const text = entry && reader.expanded('environment', expand(entry, names, 'environment'));
  return text === undefined ? {} : (reader.converted('environment', text, pairs) ?? {});
}

function nameOf(reader: SectionReader, names: Names, program: string): string | undefined {
  const entry = reader.entry('process_name');
  if (entry === undefined) return program;
  // Looked at before it is expanded, since that is what Supervisor does.
  const value = reader.converted('process_name', entry.value, processName);
  if (value === undefined) return undefined;
  return reader.expanded('process_name', expand({ ...entry, value }, names, 'process_name'));
}

/** The most common slip: `;` in a quoted script. */
function reasonOf(reader: SectionReader): string | undefined {
  return reader.entry('command')?.cut === true
    ? 'A ; or # after a blank begins a comment, between quotes too. Leave the blank out, or put the script into a file.'
    : undefined;
}
