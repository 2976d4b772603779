/** In which order a message and the way out of it are read. */

/** More than is taken in at a glance: most often a list of all there are. */
const longMessage = 200;

/** The parts that there are. A short way out comes before a message behind which nobody would find it. */
export function inReadingOrder(told: {
  readonly message: string;
  readonly hint?: string | undefined;
}): readonly string[] {
  const { message, hint } = told;
  if (hint === undefined) return [message];
  return message.length > longMessage && hint.length * 3 < message.length ? [hint, message] : [message, hint];
}
