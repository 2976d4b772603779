/** How patient to be with a file that cannot be deleted (RP-19). Pure. */

/** What Windows says of a file that somebody has open. */
const sharingViolations = new Set(['EBUSY', 'EPERM', 'EACCES']);

/**
 * The pauses between the attempts, in milliseconds: ten attempts on a platform with sharing violations, and one
 * for any other error and everywhere else.
 */
export function removalWaits(platform: string, code: string | undefined): readonly number[] {
  if (platform !== 'win32' || code === undefined || !sharingViolations.has(code)) return [];
  return Array.from({ length: 9 }, (_, attempt) => 125 * 2 ** attempt);
}
