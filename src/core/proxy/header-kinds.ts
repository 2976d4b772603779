/** Which headers a proxy has to do something about, told from their names at the least cost: most need nothing done. */

import { marker } from './answers.ts';

/**
 * - `hop`: speaks of one connection only, so that each hop has its own (RFC 9110, 7.6.1).
 * - `connection`, `coding` (`Transfer-Encoding`), `te`, `upgrade`: the same, and says something besides.
 * - the others: headers by name. `marker`: our own, on answers of ours.
 */
export type HeaderKind =
  | 'hop'
  | 'connection'
  | 'coding'
  | 'te'
  | 'upgrade'
  | 'host'
  | 'length'
  | 'trailer'
  | 'forwarded'
  | 'forwarded-for'
  | 'forwarded-host'
  | 'forwarded-proto'
  | 'marker';

const ownMark = marker.toLowerCase();

/** The kind of a header; undefined: it is the business of the two ends alone. */
export function kindOf(name: string): HeaderKind | undefined {
  switch (name.length) {
    case 2:
      return name.toLowerCase() === 'te' ? 'te' : undefined;
    case 4:
      return name.toLowerCase() === 'host' ? 'host' : undefined;
    case 7:
      return sevenLetters(name.toLowerCase());
    case 9:
      return name.toLowerCase() === 'forwarded' ? 'forwarded' : undefined;
    case 10:
      // Most names of this length are `User-Agent`.
      return isUserAgent(name) ? undefined : tenLetters(name.toLowerCase());
    case 14:
      return name.toLowerCase() === 'content-length' ? 'length' : undefined;
    case 15:
      return isLetterX(name) && name.toLowerCase() === 'x-forwarded-for' ? 'forwarded-for' : undefined;
    case 16:
      return sixteenLetters(name.toLowerCase());
    case 17:
      return seventeenLetters(name.toLowerCase());
    case 18:
      return name.toLowerCase() === 'proxy-authenticate' ? 'hop' : undefined;
    case 19:
      return name.toLowerCase() === 'proxy-authorization' ? 'hop' : undefined;
    default:
      return undefined;
  }
}

function isUserAgent(name: string): boolean {
  const first = name.charCodeAt(0);
  return first === 0x55 || first === 0x75;
}

function isLetterX(name: string): boolean {
  const first = name.charCodeAt(0);
  return first === 0x58 || first === 0x78;
}

function sevenLetters(key: string): HeaderKind | undefined {
  if (key === 'upgrade') return 'upgrade';
  return key === 'trailer' ? 'trailer' : undefined;
}

function tenLetters(key: string): HeaderKind | undefined {
  if (key === 'connection') return 'connection';
  return key === 'keep-alive' ? 'hop' : undefined;
}

function sixteenLetters(key: string): HeaderKind | undefined {
  if (key === 'x-forwarded-host') return 'forwarded-host';
  if (key === 'proxy-connection') return 'hop';
  return key === ownMark ? 'marker' : undefined;
}

function seventeenLetters(key: string): HeaderKind | undefined {
  if (key === 'transfer-encoding') return 'coding';
  return key === 'x-forwarded-proto' ? 'forwarded-proto' : undefined;
}
