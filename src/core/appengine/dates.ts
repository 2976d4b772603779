/** Dates as HTTP writes them. */

/** What has always expired (spec 2.5, 4). */
export const longAgo = 'Fri, 01 Jan 1990 00:00:00 GMT';

/** `at`: milliseconds since the epoch. */
export function httpDate(at: number): string {
  return new Date(at).toUTCString();
}
