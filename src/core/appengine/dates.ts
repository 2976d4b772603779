/** Dates as HTTP writes them. */

/** What has always expired (spec 2.5, 4). */
export const longAgo = 'Fri, 01 Jan 1990 00:00:00 GMT';

/** `at`: milliseconds since the epoch. */
export function httpDate(at: number): string {
  return new Date(at).toUTCString();
}

/** Milliseconds since the epoch; undefined: it is no date. A number alone is none, though JavaScript takes it for a year. */
export function dateOf(text: string | undefined): number | undefined {
  if (text === undefined || !/[A-Za-z]{3}/u.test(text)) return undefined;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : date;
}
