/** The methods there are, with their parameters and what they are for: what `system.*` tells, and how calls are checked. */

type Type = 'string' | 'int' | 'boolean' | 'array' | 'struct';

interface Parameter {
  readonly name: string;
  readonly type: Type;
  readonly about: string;
  /** It may be left out. */
  readonly optional?: true;
}

export interface Signature {
  readonly about: string;
  readonly returns: Type;
  readonly parameters: readonly Parameter[];
}

const parameter = (type: Type, name: string, about: string): Parameter => ({ name, type, about });
const method = (about: string, returns: Type, ...parameters: readonly Parameter[]): Signature => ({
  about,
  returns,
  parameters,
});

const process = parameter('string', 'name', 'A process: its name, or group:name.');
const processes = parameter('string', 'name', 'A process, or group:* for all of a group.');
const group = parameter('string', 'name', 'The name of a group.');
const wait: Parameter = {
  ...parameter('boolean', 'wait', 'Answer only when it is done; true unless told otherwise.'),
  optional: true,
};
const signal = parameter('string', 'signal', 'A name such as HUP, or a number.');
const range = [
  parameter('int', 'offset', 'Where to begin, in bytes; negative: so many before the end.'),
  parameter('int', 'length', 'How many bytes; 0: to the end.'),
] as const;
const tail = [
  parameter('int', 'offset', 'Where the last tail ended, in bytes.'),
  parameter('int', 'length', 'At most so many bytes.'),
] as const;

const apiVersion = method('The version of this interface.', 'string');
const readLog = method('Reads a part of the main log.', 'string', ...range);
const readStdout = method('Reads a part of a process’s stdout log.', 'string', process, ...range);
const tailStdout = method(
  'The newest part of a process’s stdout log: the text, where the log ends, and whether something was left out.',
  'array',
  process,
  ...tail,
);
const clearLogs = method('Empties the logs of a process.', 'boolean', process);

export const signatures = {
  'supervisor.getAPIVersion': apiVersion,
  'supervisor.getVersion': apiVersion,
  'supervisor.getSupervisorVersion': method('The version of Supervisor that this behaves as.', 'string'),
  'supervisor.getIdentification': method('The identifier that the config gives.', 'string'),
  'supervisor.getState': method('Whether it runs, restarts or shuts down: statecode, statename.', 'struct'),
  'supervisor.getPID': method('The process id of the host of this workspace.', 'int'),
  'supervisor.readLog': readLog,
  'supervisor.readMainLog': readLog,
  'supervisor.clearLog': method('Empties the main log.', 'boolean'),
  'supervisor.shutdown': method('Stops everything, in order, and ends.', 'boolean'),
  'supervisor.restart': method(
    'Stops everything, reads the config again, and starts what starts by itself.',
    'boolean',
  ),
  'supervisor.reloadConfig': method(
    'Reads the config again and tells which groups were added, changed and removed. Changes nothing that runs.',
    'array',
  ),
  'supervisor.addProcessGroup': method('Takes a group of the config into use.', 'boolean', group),
  'supervisor.removeProcessGroup': method('Takes a stopped group out of use.', 'boolean', group),
  'supervisor.startProcess': method('Starts a process, or all of a group.', 'boolean', processes, wait),
  'supervisor.startProcessGroup': method('Starts all processes of a group.', 'array', group, wait),
  'supervisor.startAllProcesses': method('Starts all processes.', 'array', wait),
  'supervisor.stopProcess': method('Stops a process, or all of a group.', 'boolean', processes, wait),
  'supervisor.stopProcessGroup': method('Stops all processes of a group.', 'array', group, wait),
  'supervisor.stopAllProcesses': method('Stops all processes.', 'array', wait),
  'supervisor.signalProcess': method(
    'Sends a signal to a process, or to all of a group.',
    'boolean',
    processes,
    signal,
  ),
  'supervisor.signalProcessGroup': method(
    'Sends a signal to all processes of a group.',
    'array',
    group,
    signal,
  ),
  'supervisor.signalAllProcesses': method('Sends a signal to all processes.', 'array', signal),
  'supervisor.getAllConfigInfo': method('What the config says of every process.', 'array'),
  'supervisor.getProcessInfo': method('How a process is.', 'struct', process),
  'supervisor.getAllProcessInfo': method('How every process is.', 'array'),
  'supervisor.readProcessStdoutLog': readStdout,
  'supervisor.readProcessLog': readStdout,
  'supervisor.readProcessStderrLog': method(
    'Reads a part of a process’s stderr log.',
    'string',
    process,
    ...range,
  ),
  'supervisor.tailProcessStdoutLog': tailStdout,
  'supervisor.tailProcessLog': tailStdout,
  'supervisor.tailProcessStderrLog': method(
    'The newest part of a process’s stderr log: the text, where the log ends, and whether something was left out.',
    'array',
    process,
    ...tail,
  ),
  'supervisor.clearProcessLogs': clearLogs,
  'supervisor.clearProcessLog': clearLogs,
  'supervisor.clearAllProcessLogs': method('Empties the logs of all processes.', 'array'),
  'supervisor.sendProcessStdin': method(
    'Writes to a process’s stdin, in UTF-8.',
    'boolean',
    process,
    parameter('string', 'chars', 'What to write.'),
  ),
  'supervisor.sendRemoteCommEvent': method(
    'Tells event listeners of a REMOTE_COMMUNICATION event.',
    'boolean',
    parameter('string', 'type', 'What stands behind type: in the event.'),
    parameter('string', 'data', 'The body of the event.'),
  ),
  'system.listMethods': method('The names of all methods.', 'array'),
  'system.methodHelp': method('What a method is for.', 'string', parameter('string', 'name', 'A method.')),
  'system.methodSignature': method(
    'The types of what a method returns and of its parameters.',
    'array',
    parameter('string', 'name', 'A method.'),
  ),
  'system.multicall': method(
    'Makes several calls, one after another.',
    'array',
    parameter('array', 'calls', 'Structs of methodName and params.'),
  ),
} as const satisfies Readonly<Record<string, Signature>>;

export type MethodName = keyof typeof signatures;

/** In the form that tools for Supervisor look for types in. */
export function helpOf({ about, returns, parameters }: Signature): string {
  const told = parameters.map((each) => `@param ${each.type} ${each.name}  ${each.about}`);
  return [about, '', ...told, `@return ${returns} result`].join('\n');
}
