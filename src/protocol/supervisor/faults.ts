/** The faults of Supervisor's XML-RPC interface (spec 6.13), by name and code. */

const codes = {
  UNKNOWN_METHOD: 1,
  INCORRECT_PARAMETERS: 2,
  BAD_ARGUMENTS: 3,
  SIGNATURE_UNSUPPORTED: 4,
  SHUTDOWN_STATE: 6,
  BAD_NAME: 10,
  BAD_SIGNAL: 11,
  NO_FILE: 20,
  NOT_EXECUTABLE: 21,
  FAILED: 30,
  ABNORMAL_TERMINATION: 40,
  SPAWN_ERROR: 50,
  ALREADY_STARTED: 60,
  NOT_RUNNING: 70,
  ALREADY_ADDED: 90,
  STILL_RUNNING: 91,
  CANT_REREAD: 92,
} as const;

/** Not a fault: what a list of results says of those that went well. */
export const success = 80;

export type RpcFaultName = keyof typeof codes;

/** What a call is answered with instead of a value. Its message is Supervisor's: `<NAME>` or `<NAME>: <detail>`. */
export class RpcFault extends Error {
  readonly code: number;

  constructor(name: RpcFaultName, detail?: string) {
    super(detail === undefined ? name : `${name}: ${detail}`);
    this.name = 'RpcFault';
    this.code = codes[name];
  }
}
