/**
 * The catalogue of faults: one row per failure, and every mouth speaks from the same row.
 *
 * The front door answers with `http`, the command line leaves with `exit`, the editor underlines with
 * `severity`, people read `message` and `hint`. `docs/faults.md` is printed from it.
 */

import { configFaults } from './config-faults.ts';
import { orderFaults } from './order-faults.ts';
import { serviceFaults } from './service-faults.ts';

/** Rows about something that was asked to run. */
export const runFaults = { ...serviceFaults, ...orderFaults };

export const catalogue = { ...configFaults, ...runFaults };

export type ConfigFaultCode = keyof typeof configFaults;
export type RunFaultCode = keyof typeof runFaults;
export type FaultCode = keyof typeof catalogue;
export type FaultParams<C extends FaultCode> = Parameters<(typeof catalogue)[C]['message']>[0];
