/** The page that lists every fault, from the catalogue. */

import { runFaults } from '../faults/catalogue.ts';
import { configFaults } from '../faults/config-faults.ts';
import type { FaultRow } from '../faults/row.ts';
import { notice, page, table } from './markdown.ts';

export function faultsPage(): string {
  return page(
    '# Faults',
    notice,
    'Everything that can go wrong has a code. The same code stands in Problems, in the output of `runtimes check`, ' +
      'in the events of `runtimes up --json` and on the page that a service answers with while it cannot.',
    '## In a config file',
    'Each of these is told with its place. What the rest of the file says still runs.',
    table(
      ['code', 'when', 'severity'],
      rows(configFaults, ({ severity, when }) => [when, severity]),
    ),
    '## While running',
    'While such a fault stands, the address of the service answers with the status given here, and `runtimes` ends ' +
      'with the exit code when it is the end of the story.',
    table(
      ['code', 'when', 'severity', 'HTTP', 'exit'],
      rows(runFaults, ({ severity, when, http, exit }) => [when, severity, String(http), String(exit)]),
    ),
  );
}

type Told = Pick<FaultRow<never>, 'severity' | 'when' | 'http' | 'exit'>;

function rows(faults: Readonly<Record<string, Told>>, tell: (fault: Told) => readonly string[]): string[][] {
  return Object.entries(faults).map(([code, fault]) => [`\`${code}\``, ...tell(fault)]);
}
