/** What can be wrong with a config file: problems with a place, told before anything has been run. */

import { row } from './row.ts';
import { didYouMean } from './suggestion.ts';

export const configFaults = {
  'file-unreadable': row<{ file: string; reason: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A config file, or a file it names, cannot be read.',
    message: ({ file, reason }) => `Cannot read ${file}: ${reason}.`,
    hint: () => 'Check that the file exists and that you may read it.',
  }),
  'yaml-syntax': row<{ reason: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'The text is not YAML.',
    message: ({ reason }) => reason,
    hint: ({ hint }) => hint,
  }),
  'unknown-key': row<{
    key: string;
    where: string;
    suggestion?: string | undefined;
    /** Where it belongs: a clause. */
    home?: string | undefined;
  }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A key that we do not know, most often a slip of the fingers.',
    message: ({ key, where }) => `"${key}" is not a key of ${where}.`,
    hint: ({ suggestion, home }) =>
      home !== undefined
        ? `It belongs ${home}.`
        : suggestion === undefined
          ? undefined
          : didYouMean(suggestion),
  }),
  'missing-key': row<{
    key: string;
    where: string;
    example: string;
    /** A sentence without its stop, on what else was tried. */
    looked?: string;
  }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A key that must be there is not.',
    message: ({ key, where }) => `${where} needs "${key}".`,
    hint: ({ example, looked }) => `${looked === undefined ? '' : `${looked}. `}For example: ${example}`,
  }),
  'wrong-type': row<{ key: string; expected: string; found: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A value of another kind than its key takes.',
    message: ({ key, expected, found }) => `"${key}" takes ${expected}, not ${found}.`,
    hint: ({ hint }) => hint,
  }),
  'bad-value': row<{ key: string; reason: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A value of the right kind that makes no sense for its key.',
    message: ({ key, reason }) => `"${key}": ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'duplicate-key': row<{ key: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'The same key twice in one map.',
    message: ({ key }) => `"${key}" is here twice.`,
    hint: () => 'Keep one of them; the first one counts.',
  }),
  'unset-variable': row<{ name: string; key: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A `${NAME}` that is set nowhere and has no default.',
    message: ({ name, key }) => `"${key}" uses \${${name}}, which is not set; it is taken as empty.`,
    hint: ({ name }) => `Set it under env or envFile, or write \${${name}:-default}.`,
  }),
  'no-shell': row<{ key: string; word: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A command uses what only a shell understands, and no shell runs it.',
    message: ({ key, word }) =>
      `"${key}": no shell runs this, so "${word}" is handed to the program as it stands.`,
    hint: () => 'Write {port} or ${NAME}, put variables under "env", or set "shell: true".',
  }),
  'unsaid-fastcgi': row<{ program: string; example: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A command is php-cgi, which speaks FastCGI, and the service does not say so.',
    message: ({ program }) =>
      `"command": ${program} speaks FastCGI, and without "fastcgi" it is sent requests in HTTP, which it does not answer.`,
    hint: ({ example }) => `Add "${example}" to the service.`,
  }),
  'unknown-service': row<{ name: string; suggestion?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'A service is named that is not in the file.',
    message: ({ name }) => `There is no service "${name}".`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'env-file-line': row<{ file: string; lines: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Lines of an environment file that are not KEY=VALUE; they are skipped.',
    message: ({ file, lines }) => `In ${file}, ${lines} cannot be read as KEY=VALUE.`,
    hint: () => 'Write KEY=VALUE, with a # before a comment and every quote closed.',
  }),
  'port-overridden': row<{ example: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'PORT is set under env, where the handshake sets it anew at each start.',
    message: () => 'PORT is set by the handshake at each start, so this value does not count.',
    hint: ({ example }) => `Write "${example}" to fix the port, or remove the line.`,
  }),
  'no-effect': row<{ key: string; reason: string; hint: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Something is written that changes nothing, because of what stands beside it.',
    message: ({ key, reason }) => `"${key}": ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'missing-file': row<{ key: string; what: 'file' | 'folder'; path: string; meanwhile: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A file or a folder is to be served, and is not there.',
    message: ({ key, what, path }) => `"${key}": there is no ${what} ${path}.`,
    hint: ({ meanwhile }) => meanwhile,
  }),
  'open-door': row<{ host: string }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'The front door listens on more than this machine.',
    message: ({ host }) =>
      `With "host: ${host}" everybody on the network can reach the services of this file.`,
    hint: () => 'Unless that is meant, remove it: then only programs on this machine can.',
  }),
  'dependency-cycle': row<{ path: readonly string[] }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Services wait for each other in a circle.',
    message: ({ path }) => `These services wait for each other: ${path.join(' → ')}.`,
    hint: () => 'Take one of them out of "dependsOn"; until then, this one is left out.',
  }),
  'supervisord-error': row<{ text: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Something in a supervisord.conf that Supervisor refuses, in its words. What the rest of the file says still runs.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'supervisord-warning': row<{ text: string; hint?: string | undefined }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Something in a supervisord.conf that Supervisor warns of, in its words.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'supervisord-differs': row<{ key: string; reason: string; hint?: string | undefined }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'Something in a supervisord.conf that is done otherwise here, or not at all.',
    message: ({ key, reason }) => `"${key}": ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'unknown-option': row<{ option: string; where: string; suggestion?: string | undefined }>({
    severity: 'warning',
    http: 503,
    exit: 0,
    when: 'A section or an option of a supervisord.conf that Supervisor does not know either; it has no effect.',
    message: ({ option, where }) => `"${option}" is not known in ${where}, so it has no effect.`,
    hint: ({ suggestion }) => (suggestion === undefined ? undefined : didYouMean(suggestion)),
  }),
  'backends-error': row<{ text: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Something said of backends that App Engine refuses, in its words. The other backends still run.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'app-yaml-error': row<{ text: string; hint?: string | undefined }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'Something in an app.yaml that App Engine refuses, in its words. The other services still run.',
    message: ({ text }) => text,
    hint: ({ hint }) => hint,
  }),
  'app-yaml-differs': row<{ key: string; reason: string; hint?: string | undefined }>({
    severity: 'info',
    http: 503,
    exit: 0,
    when: 'Something in an app.yaml that means nothing on a machine of your own, or is done otherwise.',
    message: ({ key, reason }) => `"${key}" means nothing here: ${reason}.`,
    hint: ({ hint }) => hint,
  }),
  'retired-runtime': row<{ runtime: string; because: string; way: string }>({
    severity: 'error',
    http: 503,
    exit: 2,
    when: 'An app.yaml names a runtime that needs a launcher of an SDK that is not to be had any more.',
    message: ({ runtime, because }) => `The runtime "${runtime}" cannot be run: ${because}.`,
    hint: ({ way }) => way,
  }),
  'no-services': row<{ file: string }>({
    severity: 'warning',
    http: 503,
    exit: 2,
    when: 'A config file in which there is nothing to run.',
    message: ({ file }) => `${file} names no service.`,
    hint: ({ file }) =>
      /\.(?:conf|ini)$/i.test(file)
        ? 'Add a section [program:name] with a "command".'
        : 'Add one under "services:", with a name and a "command".',
  }),
};
