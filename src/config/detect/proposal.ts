/** What detection answers with: a service as somebody might have written it. */

import type { HandshakeName } from '../spec.ts';

export interface Proposal {
  /** What it could be called in a folder where nothing else has that name. */
  readonly name: string;
  readonly runtime: string;
  /** As one types it, `{port}` in it where it takes one. */
  readonly command: string;
  /** `port` without it. */
  readonly handshake?: HandshakeName;
  /** It may be done at once, and that is no failed start. */
  readonly startSeconds?: 0;
  readonly env?: Readonly<Record<string, string>>;
  /** What was seen, as a sentence without its stop: `package.json has a script "dev" (Vite)`. */
  readonly because: string;
  /** Best left unwritten: the recipe then does more than the command says. */
  readonly leaveUnsaid?: true;
  /** It starts what is in other folders, so it is none beside those. */
  readonly startsOthers?: true;
  /** What was seen says how it is served. Without it, that is a guess from the name of a file. */
  readonly sure: boolean;
}

/** How the services of one runtime are proposed: one of them, sure where nothing else is said. */
export function proposing(runtime: string) {
  return (
    name: string,
    command: string,
    because: string,
    more: Partial<Proposal> = {},
  ): readonly Proposal[] => [{ name, runtime, command, because, sure: true, ...more }];
}

/** Whatever the language: a program that names the variable can be expected to read it. */
function readsPort(text: string | undefined): boolean {
  return text !== undefined && /\bPORT\b/.test(text);
}

/**
 * How a program of which no more is known than its text agrees with us on a port.
 *
 * @param isJob It can only do its work and end.
 */
export function handshakeBy(
  text: string | undefined,
  isJob = false,
): Pick<Proposal, 'handshake' | 'startSeconds'> {
  if (readsPort(text)) return {};
  return isJob ? { handshake: 'none', startSeconds: 0 } : { handshake: 'discover' };
}
