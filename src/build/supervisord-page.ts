/** The page about `supervisord.conf`: what is read, what becomes of it, and what differs. */

import {
  beyondPrograms,
  type OptionTable,
  program,
  sectionKinds,
} from '../config/formats/supervisord/options.ts';
import { list, notice, page, table } from './markdown.ts';

export function supervisordPage(): string {
  return page(
    '# supervisord.conf',
    notice,
    'A folder with a `supervisord.conf` needs nothing else. The file is read as it stands: its programs are services, ' +
      'their processes are instances, its groups are groups.',
    'It is looked for beside `runtimes.yaml`, then in `etc/`. A `runtimes.yaml` hides it. Any file that ends in `.conf` ' +
      'or `.ini` can be chosen, by the setting `localRuntimes.file` or with `--file`. With several files of different ' +
      'kinds, a later service takes the place of an earlier one of its name, and a `runtimes.yaml` may name programs in ' +
      '`dependsOn` and FastCGI programs in `frontDoor.routes`.',
    '## Names',
    'A program `web` with two processes is the service `web` with the instances `web.0` and `web.1`. Supervisor’s own ' +
      'names (`web:web_00`) stay what they are for `supervisorctl`, for events and in the environment. A name that cannot ' +
      'be part of an address, or that two programs share, is mended for the service, with a warning at its line.',
    '## What is refused',
    'Supervisor reads a file as a whole or not at all. Here every mistake is told at its line, in Supervisor’s words, and ' +
      'only the program it is in is left out. A command that cannot be split is kept: each start answers as Supervisor would.',
    'What is not done here, or done otherwise, is a warning at its line. So is an option or a section that nobody knows, ' +
      'about which Supervisor is silent.',
    '## Paths',
    'A relative path in a program (its `directory`, its log files) begins at `directory` of `[supervisord]`, which is ' +
      'where a supervisord in the background works. Without one it begins at the workspace folder, where Supervisor would ' +
      'take the folder it was started in. `[supervisord]`’s own files and sockets begin at the workspace folder. ' +
      '`%(here)s` is the folder of the file that it stands in, included files too.',
    '## Sections',
    table(
      ['section', 'what it is here'],
      sectionKinds.map(({ title, here }) => [`\`[${title}]\``, here]),
    ),
    'What stands under `[DEFAULT]` stands in every section that does not say otherwise.',
    ...sectionKinds.flatMap(({ title, prefix, options }) => {
      const own = beyondPrograms[prefix] ?? options;
      return own === undefined ? [] : [`## \`[${title}]\``, optionRows(own)];
    }),
    '## What differs',
    list([
      'Opening a folder starts nothing, and neither does reading the file: a service starts when it is asked to.',
      'What a process leaves behind when it is gone is ended, whatever `stopasgroup` and `killasgroup` say.',
      'Two programs with one name, or two processes of one group with one name, both run. Supervisor runs one of them.',
      'How many processes a program has is `numprocs` in the file; `runtimes scale` and the window scale only services of `runtimes.yaml`.',
      '`supervisorctl` reaches a window only once something was started in it: an editor that merely has the folder open listens nowhere.',
      'A program that is taken over by another group, with `supervisorctl update` or `add` of that group alone, is moved: ' +
        'its old processes are stopped, and the new ones start once they are gone. Supervisor runs both side by side ' +
        'until the old group is removed.',
      'A FastCGI program in a `[group:x]` keeps its socket. In Supervisor 4 it loses it.',
      'In an `environment`, quotes and backslashes between quotes can be escaped, and quotes of the other kind are kept: ' +
        "`A=\"'x'\"` is `'x'`. Supervisor 4.2 strips both.",
      'In log file names and in the environment of `[supervisord]`, which Supervisor expands twice, `%%` is a percent sign ' +
        'as well as `%%%%`.',
      'Servers are opened on this machine only, whatever host is written.',
      'The parent of a process is no supervisord. In the editor it is the extension host, so a listener that ends its ' +
        'parent (`kill $PPID`) ends every extension. It is a warning; `supervisorctl shutdown` does what was meant.',
      'A file that newly matches an `[include]` is seen when the configuration is read again.',
    ]),
    '## To leave it behind',
    'The same service in `runtimes.yaml` has these keys. `autorestart=true` is `restart: always`, `false` is ' +
      '`restart: never`. Expansions become `${NAME}`, and paths begin at the folder of the file.',
    table(
      ['option', 'key'],
      Object.entries(program).flatMap(([option, { key }]) =>
        key === undefined ? [] : [[`\`${option}\``, `\`${key}\``]],
      ),
    ),
    'A program that answers requests then gets `port`, `ready`, `publish` and all else that [options.md](options.md) lists.',
  );
}

function optionRows(options: OptionTable): string {
  return table(
    ['option', 'default', 'here'],
    Object.entries(options).map(([name, { standard, here }]) => [
      `\`${name}\``,
      standard === undefined ? '' : /\s/.test(standard) ? standard : `\`${standard}\``,
      here,
    ]),
  );
}
