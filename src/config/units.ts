/** Durations and sizes as people write them. */

const durationUnits: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };
// A kilobyte has 1024 bytes, as it has for Supervisor, whose files we read too.
const sizeUnits: Readonly<Record<string, number>> = { '': 1, b: 1, kb: 1024, mb: 1024 ** 2, gb: 1024 ** 3 };

/** What the schema says of a text that is a duration or a size. */
export const durationPattern = '^[0-9]+(\\.[0-9]+)?(ms|s|m|h)$';
/** App Engine's own, for caching: numbers with d, h, m or s behind them, with blanks between. */
export const expirationPattern = '^\\s*[0-9]+[dhmsDHMS]?(\\s+[0-9]+[dhmsDHMS]?)*\\s*$';
export const sizePattern = '^[0-9]+(\\.[0-9]+)?([kKmMgG]?[bB])?$';

/** Milliseconds of `250ms`, `5s`, `2m`, `1h` or of a number of seconds; undefined for anything else. */
export function milliseconds(written: string | number): number | undefined {
  if (typeof written === 'number')
    return written >= 0 && Number.isFinite(written) ? Math.round(written * 1000) : undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(written.trim()) ?? [];
  if (number === undefined) return undefined;
  return Math.round(Number(number) * (durationUnits[unit ?? ''] ?? 1));
}

/** Bytes of `10MB`, `512KB`, `1GB` or of a number of bytes; undefined for anything else. */
export function bytes(written: string | number): number | undefined {
  if (typeof written === 'number')
    return written >= 0 && Number.isFinite(written) ? Math.round(written) : undefined;
  const [, number, unit] = /^(\d+(?:\.\d+)?) ?([kmg]?b)?$/i.exec(written.trim()) ?? [];
  if (number === undefined) return undefined;
  return Math.round(Number(number) * (sizeUnits[(unit ?? '').toLowerCase()] ?? 1));
}

/** Seconds of `4d 5h`, `10m` or `30`; undefined for anything else. */
export function expirationSeconds(written: string): number | undefined {
  if (!new RegExp(expirationPattern).test(written)) return undefined;
  const units: Readonly<Record<string, number>> = { d: 86_400, h: 3600, m: 60, s: 1 };
  const parts = written.matchAll(/(\d+)([dhms]?)/gi);
  return [...parts].reduce(
    (sum, [, number, unit = '']) => sum + Number(number) * (units[unit.toLowerCase()] ?? 1),
    0,
  );
}
