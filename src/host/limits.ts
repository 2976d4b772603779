/** What a `supervisord.conf` asks of the system's limits (`minfds`, `minprocs`), met before the host begins (SV-97). */

import type { SupervisorSpec } from '../config/spec.ts';

/** Ends the shell when a limit cannot be raised; nothing that a user does gives it otherwise. */
export const limitStatus = 97;

/**
 * A process cannot raise its own limits from within Node, and its children have what it has. So a shell raises them
 * and becomes the host: `sh -c <this> <command …>`.
 *
 * The soft limit is raised as far as it has to be, and the hard one with it where we may.
 */
export function limitScript({ minFds, minProcs }: Pick<SupervisorSpec, 'minFds' | 'minProcs'>): string {
  return [
    'raise() {',
    '  [ "$2" -gt 0 ] || return 0',
    '  now=$(ulimit -S "$1" 2>/dev/null) || return 0',
    '  [ "$now" = unlimited ] || [ "$now" -ge "$2" ] 2>/dev/null && return 0',
    '  ulimit -S "$1" "$2" 2>/dev/null || ulimit "$1" "$2" 2>/dev/null && return 0',
    '  echo "The config asks for at least $2 $3 (\\"$4\\"), and this environment allows $(ulimit -H "$1" 2>/dev/null)." >&2',
    '  echo "Raise the limit where you start from, or lower \\"$4\\" in the [supervisord] section." >&2',
    `  exit ${limitStatus}`,
    '}',
    `raise -n ${minFds} 'open files' minfds`,
    // The shells do not agree on its letter; where -p is the size of a pipe, it cannot be set and reads as small.
    'processes=-u',
    '(ulimit -u) >/dev/null 2>&1 || processes=-p',
    `raise $processes ${minProcs} processes minprocs`,
    'exec "$0" "$@"',
  ].join('\n');
}
