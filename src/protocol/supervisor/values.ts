/** What can stand in an XML-RPC call or its answer, as far as Supervisor's interface has it. */

export type Value = string | number | boolean | readonly Value[] | Struct;

export interface Struct {
  readonly [member: string]: Value;
}

export function isStruct(value: Value | undefined): value is Struct {
  return typeof value === 'object' && !Array.isArray(value);
}

export interface Call {
  readonly method: string;
  readonly parameters: readonly Value[];
}
